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

    pub(super) const fn day(&self, span: Span) -> NaiveDate {
        match self.day {
            PeriodDay::Start => span.0,
            PeriodDay::End | PeriodDay::Undeclared => span.1,
        }
    }
}

/// Years in a text, as they stand: `2024`, `FY25`, `FY2025`.
pub(super) fn years_in(text: &str) -> impl Iterator<Item = String> {
    text.split(|it: char| !it.is_alphanumeric()).filter_map(|word| {
        let is_fiscal = word.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("fy"));
        let digits = if is_fiscal { word.get(2..)? } else { word };
        let number: f64 = digits.parse().ok().filter(|_| digits.bytes().all(|it| it.is_ascii_digit()))?;
        let is_year = match digits.len() {
            4 => YEARS.contains(&number),
            2 => is_fiscal,
            _ => false,
        };
        is_year.then(|| word.to_owned())
    })
}
