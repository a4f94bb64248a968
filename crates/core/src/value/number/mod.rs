//! Reads a metric value: percent signs, groups, decimal commas, currencies, signs, exponents, units. Refuses
//! whatever is not one number. Nothing here is rounded, except where V016 says so.

mod digits;
mod judge;
mod parts;

use std::cmp::Ordering;

use crate::rule::Fixable;
use crate::rules::text::LINE_BREAK_IN_CELL;
use crate::rules::value as rules;
use crate::settings::DecimalMark;
use crate::text::{clean, quoted};
use crate::value::decimal::Decimal;
use crate::value::{Deviation, Reading, is_placeholder, is_spreadsheet_error};

use self::judge::judge;
use self::parts::Parts;

pub use self::digits::Marks;
pub(crate) use self::digits::unmistakable;

/// What a number's reading depends on beside its text.
#[derive(Debug, Clone, Copy)]
pub struct NumberSettings<'a> {
    /// The character between whole and fraction.
    pub decimal: DecimalMark,
    /// The maximum, as a fraction, if the metric is known to be a percentage.
    pub percent_maximum: Option<&'a Decimal>,
    /// Whether an empty cell is valid.
    pub may_be_empty: bool,
}

/// A metric value and what its notation proves about the column it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The number that the text means.
    pub decimal: Decimal,
    /// Whether it was written with a percent sign.
    pub has_percent_sign: bool,
    /// What the text shows about commas and points.
    pub marks: Marks,
}

/// More significant digits than this are beyond what spreadsheet programs and binary floating point keep.
const EXACT_DIGITS: usize = 15;
/// Rounded noise is short: `0.30000000000000004` has one digit left. A measured value has more.
const SHORT_DIGITS: usize = 12;
/// Beyond sixteen digits before the point, binary floating point has none behind it.
const LARGEST_WITH_FRACTION: i32 = 15;

/// Reads a cell of the value column.
#[must_use]
pub fn read(text: &str, settings: &NumberSettings<'_>) -> Reading<Option<Number>> {
    if let Some(decimal) = plain(text, settings) {
        let marks = if text.contains('.') { Marks::DECIMAL_POINT } else { Marks::NONE };
        return Reading::valid(Some(Number { decimal, has_percent_sign: false, marks }));
    }
    let cleaned = clean(text);
    let trimmed = cleaned.text.as_ref();
    if trimmed.is_empty() && settings.may_be_empty {
        let rewrite = (!cleaned.deviations.is_empty()).then(String::new);
        return Reading { value: Some(None), deviations: cleaned.deviations, rewrite };
    }
    if trimmed.is_empty() {
        return Reading::refused(&rules::MISSING_VALUE, "no value; enter a number or remove the row");
    }
    if is_placeholder(trimmed) {
        let message = format!("{} stands for no value; enter a number or remove the row", quoted(trimmed));
        return Reading::refused(&rules::MISSING_VALUE, message);
    }
    if is_spreadsheet_error(trimmed) {
        let message = format!("{} is a spreadsheet error; mend the formula it comes from", quoted(trimmed));
        return Reading::refused(&rules::SPREADSHEET_ERROR, message);
    }
    match Parts::split(trimmed, settings.decimal) {
        // A line break between digits divides two numbers, not groups of one.
        Ok(parts)
            if parts.is_grouped_by_blanks()
                && cleaned.deviations.iter().any(|found| found.rule == &LINE_BREAK_IN_CELL) =>
        {
            let mut deviations = cleaned.deviations;
            let message = format!("{} is not a number: it holds more than one; enter one", quoted(trimmed));
            deviations.push(Deviation::new(&rules::NOT_A_NUMBER, message, Fixable::No));
            Reading { value: None, deviations, rewrite: None }
        }
        Ok(parts) => judge(trimmed, &parts, settings, cleaned.deviations),
        Err(refusal) => {
            let mut deviations = cleaned.deviations;
            deviations.push(if crate::value::date::is_date_like(trimmed) {
                let message = format!("{} is a date; enter the number that was meant", quoted(trimmed));
                Deviation::new(&rules::DATE_AS_VALUE, message, Fixable::No)
            } else {
                let message = format!("{} is not a number: {}", quoted(trimmed), refusal.advice());
                Deviation::new(&rules::NOT_A_NUMBER, message, Fixable::No)
            });
            Reading { value: None, deviations, rewrite: None }
        }
    }
}

/// The number, if the text is valid as it stands. Costs one look at the text.
fn plain(text: &str, settings: &NumberSettings<'_>) -> Option<Decimal> {
    let decimal = Decimal::from_plain(text)?;
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_negative_zero = unsigned.len() < text.len() && decimal.is_zero();
    let reads_as_group = settings.decimal == DecimalMark::Comma && digits::reads_as_group(unsigned);
    let may_be_noise = text.len() > EXACT_DIGITS && text.contains('.');
    let is_scaled =
        settings.percent_maximum.is_none_or(|maximum| decimal.compare_absolute(maximum) != Ordering::Greater);
    let deviates =
        is_negative_zero || reads_as_group || !is_scaled || (may_be_noise && is_float_noise(&decimal));
    (!deviates).then_some(decimal)
}

/// Whether a number with a fraction has digits that only a calculation in binary floating point leaves behind.
pub(crate) fn is_float_noise(decimal: &Decimal) -> bool {
    decimal.significant_digits() > EXACT_DIGITS
        && decimal.magnitude() <= LARGEST_WITH_FRACTION
        && decimal.rounded(EXACT_DIGITS).significant_digits() <= SHORT_DIGITS
}
