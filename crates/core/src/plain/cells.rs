//! The cells of one row, one scanner for each column. Each reads from the start of the bytes as far as a plain
//! cell goes; whether the cell ends there is for the caller to see.

use super::id::{self, PlainId};
use crate::footprint::{Day, IdPrint};
use crate::plan::ItemIndex;
use crate::settings::{DateForm, DateOrder, DecimalMark, Settings};
use crate::value::is_placeholder_ignoring_case;

/// Scanners for the cells of a table under its settings.
#[derive(Debug, Clone)]
pub struct PlainCells<'s> {
    settings: &'s Settings,
    date_form: DateForm,
    point_divides: bool,
    has_percentages: bool,
}

/// An ID that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScannedId {
    /// How many bytes it takes.
    pub length: usize,
    /// What it is compared by.
    pub print: IdPrint,
    /// Whether it is a number, so that it may have lost its zeros (I008).
    pub is_all_digits: bool,
    /// Its place in the plan, if there is a plan.
    pub item: Option<ItemIndex>,
}

/// A number that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScannedNumber {
    /// How many bytes it takes.
    pub length: usize,
    /// Its distance from zero, as [`crate::value::decimal::Decimal::approximate`] has it.
    pub size: f64,
}

/// A date that is valid as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScannedDate {
    /// How many bytes it takes.
    pub length: usize,
    /// The day.
    pub day: Day,
    /// Whether it gives another day when read in the other order.
    pub is_ambiguous: bool,
}

/// So many digits are exact in binary floating point, and never noise.
const MOST_DIGITS: usize = 15;
/// The powers of ten that are exact in binary floating point, as far as they are needed.
const POWERS: [f64; MOST_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const DAYS_OF_MONTHS: [u8; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl<'s> PlainCells<'s> {
    /// Scanners under these settings.
    #[must_use]
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            date_form: settings.written_date_form(),
            point_divides: settings.decimal == DecimalMark::Point,
            has_percentages: settings.has_percentages(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &'s Settings {
        self.settings
    }

    /// An ID.
    #[must_use]
    pub fn id(&self, bytes: &[u8]) -> Option<ScannedId> {
        let PlainId { length, print, is_all_digits } = id::scan(bytes)?;
        let item = match &self.settings.plan {
            Some(plan) => Some(plan.find(std::str::from_utf8(bytes.get(..length)?).ok()?)?),
            None => None,
        };
        Some(ScannedId { length, print, is_all_digits, item })
    }

    /// A number, of the metric with this ID.
    #[must_use]
    pub fn number(&self, bytes: &[u8], id: &[u8]) -> Option<ScannedNumber> {
        let number = digits(bytes, self.point_divides)?;
        (!self.has_percentages || self.is_below_maximum(number.size, id)).then_some(number)
    }

    /// A number that a workbook stores, whose text has a decimal point whatever the settings say.
    #[must_use]
    pub fn stored_number(&self, bytes: &[u8], id: &[u8]) -> Option<ScannedNumber> {
        let number = digits(bytes, true)?;
        (!self.has_percentages || self.is_below_maximum(number.size, id)).then_some(number)
    }

    /// A number that a workbook stores and shows as a percentage.
    #[must_use]
    pub fn stored_fraction(bytes: &[u8]) -> Option<ScannedNumber> {
        digits(bytes, true)
    }

    /// Whether the metric is no percentage, or the value is certainly below its maximum.
    fn is_below_maximum(&self, size: f64, id: &[u8]) -> bool {
        let Ok(id) = std::str::from_utf8(id) else { return false };
        let maximum = self.settings.percent_maximum(id);
        maximum.is_none_or(|maximum| size < maximum.approximate() * (1.0 - 1e-9))
    }

    /// A date in the form that is written.
    #[must_use]
    pub fn date(&self, bytes: &[u8]) -> Option<ScannedDate> {
        let is_us = match (self.date_form, self.settings.date_order) {
            (DateForm::Us, DateOrder::MonthFirst) => true,
            (DateForm::Us, DateOrder::DayFirst | DateOrder::YearFirst) => return None,
            (DateForm::Iso, _) => false,
        };
        self.date_of_form(bytes, is_us)
    }

    /// A day that a workbook stores, in the form that is written, whose order is not in doubt.
    #[must_use]
    pub fn stored_date(&self, bytes: &[u8]) -> Option<ScannedDate> {
        let date = self.date_of_form(bytes, self.date_form == DateForm::Us)?;
        Some(ScannedDate { is_ambiguous: false, ..date })
    }

    fn date_of_form(&self, bytes: &[u8], is_us: bool) -> Option<ScannedDate> {
        let text: &[u8; 10] = bytes.first_chunk()?;
        let digit = |at: usize| u32::from(text[at].wrapping_sub(b'0'));
        // Where the eight digits and the two marks stand.
        let (places, marks, mark) = if is_us {
            ([6, 7, 8, 9, 0, 1, 3, 4], [2, 5], b'/')
        } else {
            ([0, 1, 2, 3, 5, 6, 8, 9], [4, 7], b'-')
        };
        if places.iter().any(|at| digit(*at) > 9) || marks.iter().any(|at| text[*at] != mark) {
            return None;
        }
        let pair = |first: usize| digit(places[first]) * 10 + digit(places[first + 1]);
        let year = i32::try_from(pair(0) * 100 + pair(2)).ok()?;
        let (month, day) = (pair(4), pair(6));
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let most = *DAYS_OF_MONTHS.get(usize::try_from(month).ok()?)?;
        let most = u32::from(most) + u32::from(is_leap && month == 2);
        if day == 0 || day > most || !self.settings.plausible_years.contains(&year) {
            return None;
        }
        if let Some(latest) = self.settings.latest_date
            && chrono::NaiveDate::from_ymd_opt(year, month, day)? > latest
        {
            return None;
        }
        Some(ScannedDate {
            length: text.len(),
            day: Day::new(year, month, day)?,
            is_ambiguous: is_us && day <= 12 && day != month,
        })
    }

    /// A comment, empty or not.
    #[must_use]
    pub fn comment(&self, bytes: &[u8]) -> Option<usize> {
        let is_plain = |byte: &&u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'"');
        let length = bytes.iter().take_while(is_plain).count();
        let comment = bytes.get(..length)?;
        let is_suspicious = matches!(comment.first(), Some(b' ' | b'=' | b'+' | b'-' | b'@'));
        (!is_suspicious && comment.last() != Some(&b' ')).then_some(length)
    }

    /// A status in the spelling in which it is listed.
    #[must_use]
    pub fn status(&self, bytes: &[u8]) -> Option<usize> {
        let length = bytes.iter().take_while(|byte| matches!(byte, b' '..=b'~') && **byte != b',').count();
        let status = bytes.get(..length)?;
        let is_listed = self.settings.statuses.iter().any(|listed| listed.as_bytes() == status);
        let has_blanks = status.starts_with(b" ") || status.ends_with(b" ");
        (is_listed && !has_blanks && !status.contains(&b'"') && !is_placeholder_ignoring_case(status))
            .then_some(length)
    }
}

/// Plain digits, with a decimal point if that divides.
fn digits(bytes: &[u8], point_divides: bool) -> Option<ScannedNumber> {
    let is_negative = bytes.first() == Some(&b'-');
    let start = usize::from(is_negative);
    let unsigned = bytes.get(start..)?;
    let mut digits = 0_u64;
    let mut count = 0;
    let mut point = None;
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => {
                // Wrapping does not matter: more digits than fit are refused below.
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                count += 1;
            }
            b'.' if point.is_none() && point_divides => point = Some(count),
            _ => break,
        }
    }
    let decimals = count - point.unwrap_or(count);
    if count == 0 || count > MOST_DIGITS || (point.is_some() && decimals == 0) || (is_negative && digits == 0)
    {
        return None;
    }
    // Both are exact, so their quotient is the nearest to the decimal number.
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits are exact")]
    let size = digits as f64 / POWERS.get(decimals)?;
    Some(ScannedNumber { length: start + count + usize::from(point.is_some()), size })
}
