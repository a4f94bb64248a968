//! Days as they are written. A sheet has rows of few days, so that the text of a serial number is mostly known already.

use chrono::{Datelike, NaiveDate};
use metricsheet_core::DateForm;

use crate::number_format::DateSystem;

/// So many days in a row are remembered, five years and a half, each at the place that its serial number tells.
const REMEMBERED: usize = 2048;

/// The serial number of no day.
const NONE: u32 = u32::MAX;

/// The texts of days under the settings of a table.
pub(super) struct DayTexts {
    dates: DateSystem,
    form: DateForm,
    /// Serial numbers; empty as long as there are none.
    known: Vec<u32>,
    /// Their texts, one behind the other.
    texts: String,
}

/// So long is the text of a day in a year of four digits.
const LENGTH: usize = 10;

impl DayTexts {
    pub(super) const fn new(dates: DateSystem, form: DateForm) -> Self {
        Self { dates, form, known: Vec::new(), texts: String::new() }
    }

    pub(super) const fn dates(&self) -> DateSystem {
        self.dates
    }

    pub(super) const fn form(&self) -> DateForm {
        self.form
    }

    /// Appends the day of a serial number; tells whether it is one.
    pub(super) fn push(&mut self, serial: f64, text: &mut String) -> bool {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating")]
        let whole = serial as u32;
        let place = usize::try_from(whole).unwrap_or_default() % REMEMBERED;
        #[expect(clippy::float_cmp, reason = "exactly the same is asked")]
        let is_whole = whole != NONE && f64::from(whole) == serial;
        let slot = place * LENGTH..(place + 1) * LENGTH;
        if is_whole
            && self.known.get(place) == Some(&whole)
            && let Some(day) = self.texts.get(slot.clone())
        {
            text.push_str(day);
            return true;
        }
        let Some(day) = self.dates.day(serial) else { return false };
        let start = text.len();
        push(day, self.form, text);
        if is_whole && let Some(day) = text.get(start..).filter(|day| day.len() == LENGTH) {
            if self.known.is_empty() {
                self.known = vec![NONE; REMEMBERED];
                self.texts = " ".repeat(REMEMBERED * LENGTH);
            }
            if let Some(known) = self.known.get_mut(place) {
                *known = whole;
                self.texts.replace_range(slot, day);
            }
        }
        true
    }
}

/// Appends a day. Formatting by a pattern takes ten times as long, and is left to years of other lengths.
pub(super) fn push(day: NaiveDate, form: DateForm, text: &mut String) {
    let Ok(year @ 0..=9999) = u32::try_from(day.year()) else {
        return text.push_str(&match form {
            DateForm::Us => day.format("%m/%d/%Y").to_string(),
            DateForm::Iso => day.format("%Y-%m-%d").to_string(),
        });
    };
    let (month, day) = (day.month(), day.day());
    match form {
        DateForm::Us => {
            push_pair(month, text);
            text.push('/');
            push_pair(day, text);
            text.push('/');
            push_pair(year / 100, text);
            push_pair(year % 100, text);
        }
        DateForm::Iso => {
            push_pair(year / 100, text);
            push_pair(year % 100, text);
            text.push('-');
            push_pair(month, text);
            text.push('-');
            push_pair(day, text);
        }
    }
}

/// Appends a number below 100 in two digits.
fn push_pair(number: u32, text: &mut String) {
    for digit in [number / 10, number % 10] {
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_remembered_are_those_of_their_serial_numbers() {
        for (dates, form) in [(DateSystem::From1900, DateForm::Us), (DateSystem::From1904, DateForm::Iso)] {
            let mut days = DayTexts::new(dates, form);
            // Twice the same, others at the same place, times, and what is no day.
            for serial in [
                45_382.0,
                45_382.0,
                45_382.75,
                45_894.0,
                45_382.0,
                0.0,
                0.0,
                60.0,
                60.0,
                61.0,
                -1.0,
                511.0,
                2_958_465.0,
                2_958_466.0,
                4_294_967_295.0,
                1e300,
                f64::NAN,
                1.0,
                513.0,
                1.0,
            ] {
                let (mut text, mut expected) = ("before ".to_owned(), "before ".to_owned());
                let day = dates.day(serial);
                if let Some(day) = day {
                    push(day, form, &mut expected);
                }
                assert_eq!(days.push(serial, &mut text), day.is_some(), "{serial}");
                assert_eq!(text, expected, "{serial}");
            }
        }
    }

    #[test]
    fn days_are_written_as_patterns_would() {
        for (year, month, day) in
            [(2024, 3, 31), (1, 1, 1), (999, 12, 31), (9999, 10, 5), (10_000, 1, 2), (-5, 3, 4)]
        {
            let day = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            for (form, pattern) in [(DateForm::Us, "%m/%d/%Y"), (DateForm::Iso, "%Y-%m-%d")] {
                let mut text = String::new();
                push(day, form, &mut text);
                assert_eq!(text, day.format(pattern).to_string());
            }
        }
    }
}
