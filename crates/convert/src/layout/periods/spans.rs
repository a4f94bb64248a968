//! Texts as periods, each with its first and last day: `Jan-24`, `Q1 FY25`, or `Jan` in the year that another text
//! names. What a period is, `core` decides.

use chrono::NaiveDate;
use metricsheet_core::value::date;
use metricsheet_core::{PeriodDay, Settings};

use crate::layout::headers::YEARS;

/// A period as its first and last day.
pub(super) type Span = (NaiveDate, NaiveDate);

/// Reads texts as periods.
pub(super) struct Spans {
    from_start: Settings,
    from_end: Settings,
    day: PeriodDay,
}

impl Spans {
    pub(super) fn new(settings: &Settings) -> Self {
        let with = |period: PeriodDay| Settings { period, ..settings.clone() };
        Self { from_start: with(PeriodDay::Start), from_end: with(PeriodDay::End), day: settings.period }
    }

    pub(super) fn of_text(&self, text: &str) -> Option<Span> {
        self.read(text).filter(|_| !self.has_open_year(text))
    }

    fn read(&self, text: &str) -> Option<Span> {
        // A long text is no period, and few cells are worth the attempt.
        if text.len() > 40 || !text.chars().any(|it| it.is_ascii_digit()) {
            return None;
        }
        let last = date::read(text, &self.from_end).value?.day;
        let first = date::read(text, &self.from_start).value?.day;
        Some((first, last))
    }

    /// A period without a year, `Jan` or `Q1`, in the year that another text names.
    pub(super) fn within(&self, text: &str, year: &str) -> Option<Span> {
        if let Some(span) = self.of_text(&format!("{text} {year}")) {
            return Some(span);
        }
        // A month of a fiscal year lies in either of two calendar years.
        let (first, last) = self.of_text(year)?;
        let years = [first, last].map(|day| day.format("%Y").to_string());
        let spans = years.iter().filter_map(|year| self.of_text(&format!("{text} {year}")));
        spans.into_iter().find(|span| span.0 >= first && span.1 <= last)
    }

    /// Whether a year is all that a text lacks.
    pub(super) fn lacks_year(&self, text: &str) -> bool {
        text.len() <= 20 && self.of_text(text).is_none() && self.of_text(&format!("{text} 2001")).is_some()
    }

    /// Whether a text names a year over two of the calendar, `FY2024-25` or `2024/25`, while fiscal years are taken to
    /// begin in January.
    pub(super) fn lacks_first_month(&self, text: &str) -> bool {
        self.has_open_year(text) && self.read(text).is_some()
    }

    fn has_open_year(&self, text: &str) -> bool {
        self.from_end.fiscal_year_start <= 1 && years_in(text).any(|year| year.contains(SEPARATORS))
    }

    pub(super) const fn day(&self, span: Span) -> NaiveDate {
        match self.day {
            PeriodDay::Start => span.0,
            PeriodDay::End | PeriodDay::Undeclared => span.1,
        }
    }
}

/// What stands between the two calendar years of a fiscal year.
const SEPARATORS: [char; 3] = ['-', '/', '–'];

/// Years in a text, as they stand: `2024`, `FY25`, `FY2025`, `2024/25`.
pub(super) fn years_in(text: &str) -> impl Iterator<Item = String> {
    let mut words = words(text).into_iter().peekable();
    std::iter::from_fn(move || {
        loop {
            let (word, separator) = words.next()?;
            let Some(year) = year(word) else { continue };
            let Some(separator) = separator else { return Some(word.to_owned()) };
            let ends_in = |next: &str| match next.len() {
                4 => next.parse() == Ok(year + 1),
                // A month of `2024-03` is no year, unless it could be one.
                2 => next.parse() == Ok((year + 1) % 100),
                _ => false,
            };
            return Some(match words.next_if(|(next, _)| ends_in(next)) {
                Some((next, _)) => format!("{word}{separator}{next}"),
                None => word.to_owned(),
            });
        }
    })
}

/// Runs of letters and digits, each with the character behind it if that alone divides it from the next one.
fn words(text: &str) -> Vec<(&str, Option<char>)> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(char::is_alphanumeric) {
        let word = rest.get(start..).unwrap_or_default();
        let end = word.find(|it: char| !it.is_alphanumeric()).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        let mut behind = after.chars();
        let separator = behind.next().filter(|it| SEPARATORS.contains(it));
        words.push((word, separator.filter(|_| behind.next().is_some_and(char::is_alphanumeric))));
        rest = after;
    }
    words
}

/// The year that a word names: `2024`, `FY25`, `FY2025`. Of two digits only the last two count.
fn year(word: &str) -> Option<u32> {
    let is_fiscal = word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("fy"));
    let digits = if is_fiscal { word.get(2..)? } else { word };
    let number: u32 = digits.parse().ok().filter(|_| digits.bytes().all(|it| it.is_ascii_digit()))?;
    let is_year = match digits.len() {
        4 => YEARS.contains(&f64::from(number)),
        2 => is_fiscal,
        _ => false,
    };
    is_year.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_found_in_titles() {
        for (text, expected) in [
            ("Indicators 2024", &["2024"][..]),
            ("FY2024-25, FY25 and 2024/2025", &["FY2024-25", "FY25", "2024/2025"]),
            ("KPIs FY24/25 (2024–25)", &["FY24/25", "2024–25"]),
            ("As of 2024-03-31, 2024-04", &["2024", "2024"]),
            ("1999-00 1999-2000", &["1999-00", "1999-2000"]),
            ("2024 - 25 rows, 24/25, room 12345", &["2024"]),
        ] {
            assert_eq!(years_in(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
