//! Reads a metric value: percent signs, groups, decimal commas, currencies, signs, exponents, units. Refuses
//! whatever is not one number. Nothing here is rounded, except where V016 says so.

mod digits;
mod parts;

use std::cmp::Ordering;

use crate::rule::Fixable;
use crate::rules::value as rules;
use crate::settings::DecimalMark;
use crate::text::{LineBreaks, clean, quoted};
use crate::value::decimal::Decimal;
use crate::value::{Deviation, Reading, is_placeholder, is_spreadsheet_error};

use self::digits::CommaUse;
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
/// The powers of ten between which spreadsheet programs can have written an exponent.
const EXPONENTS: std::ops::RangeInclusive<i32> = -324..=308;

/// Reads a cell of the value column.
#[must_use]
pub fn read(text: &str, settings: &NumberSettings<'_>) -> Reading<Option<Number>> {
    if let Some(decimal) = plain(text, settings) {
        let marks = if text.contains('.') { Marks::DECIMAL_POINT } else { Marks::NONE };
        return Reading::valid(Some(Number { decimal, has_percent_sign: false, marks }));
    }
    let cleaned = clean(text, LineBreaks::Kept);
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
    (!is_negative_zero && !reads_as_group && is_scaled && !(may_be_noise && is_float_noise(&decimal)))
        .then_some(decimal)
}

fn is_float_noise(decimal: &Decimal) -> bool {
    decimal.significant_digits() > EXACT_DIGITS
        && decimal.rounded(EXACT_DIGITS).significant_digits() <= SHORT_DIGITS
}

/// Says how the parts deviate, and writes the number that they mean.
fn judge(
    text: &str,
    parts: &Parts,
    settings: &NumberSettings<'_>,
    mut deviations: Vec<Deviation>,
) -> Reading<Option<Number>> {
    let shown = quoted(text);
    let mut note = |rule, message: String, fixable| deviations.push(Deviation::new(rule, message, fixable));

    let body = &parts.body;
    let mut decimal = Decimal::from_digits(parts.is_negative, &body.whole, &body.fraction);
    let is_noise = !body.fraction.is_empty() && is_float_noise(&decimal);
    if is_noise {
        let rounded = decimal.rounded(EXACT_DIGITS);
        note(
            &rules::FLOAT_NOISE,
            format!("{shown} carries rounding noise of a calculation; write `{rounded}`"),
            Fixable::unsafe_because(format!("it drops the digits after the {EXACT_DIGITS}th")),
        );
        decimal = rounded;
    }
    if body.has_foreign_digits {
        note(
            &rules::NON_ASCII_DIGIT,
            format!("{shown} is written in other digits than 0-9; write them"),
            Fixable::Safe,
        );
    }
    if let Some(group) = body.group {
        note(
            &rules::GROUPED_DIGITS,
            format!("{shown} has {} between its digits; remove them", group.plural()),
            Fixable::Safe,
        );
    }
    match body.comma {
        CommaUse::None => {}
        CommaUse::Certain => {
            note(&rules::DECIMAL_COMMA, format!("{shown} has a decimal comma; write a point"), Fixable::Safe);
        }
        CommaUse::Likely => note(
            &rules::DECIMAL_COMMA,
            format!("{shown} has a decimal comma; write a point"),
            Fixable::unsafe_because(
                "a comma may also be a slip in grouping; declare `decimal = \"comma\"` to make this certain",
            ),
        ),
    }
    if parts.has_currency {
        note(
            &rules::CURRENCY_SYMBOL,
            format!("{shown} has a currency symbol; remove it, the metric's unit says what it is"),
            Fixable::Safe,
        );
    }
    if parts.has_odd_sign || (parts.has_sign && decimal.is_zero()) {
        let advice = if decimal.is_negative() { "write a leading `-`" } else { "write no sign" };
        note(
            &rules::NONSTANDARD_SIGN,
            format!("{shown} has a sign in another form; {advice}"),
            Fixable::Safe,
        );
    }
    if let Some(exponent) = parts.exponent {
        if !EXPONENTS.contains(&decimal.magnitude().saturating_add(exponent)) {
            let message = format!("{shown} is not a number: it is out of the range of any metric");
            return Reading {
                value: None,
                deviations: vec![Deviation::new(&rules::NOT_A_NUMBER, message, Fixable::No)],
                rewrite: None,
            };
        }
        decimal = decimal.shifted(exponent);
        note(
            &rules::EXPONENT,
            format!("{shown} is in exponent form; write it out"),
            Fixable::unsafe_because("digits may have been lost when it was brought into this form"),
        );
    }
    if let Some(unit) = &parts.unit {
        decimal = decimal.shifted(unit.shift);
        let because = if unit.shift == 0 {
            format!("{} is dropped; the metric must be counted in it", quoted(&unit.text))
        } else {
            format!("{} is read as a multiple of 10^{}", quoted(&unit.text), unit.shift)
        };
        note(
            &rules::UNIT_SUFFIX,
            format!("{shown} has the unit {} behind it; write the number alone", quoted(&unit.text)),
            Fixable::unsafe_because(because),
        );
    }
    let mut is_scaled = parts.exponent.is_some() || parts.unit.as_ref().is_some_and(|unit| unit.shift != 0);
    if let Some(shift) = parts.percent_shift {
        decimal = decimal.shifted(shift);
        is_scaled = true;
        let mut message = format!("{shown} has a percent sign; write the fraction `{decimal}`");
        if let Some(maximum) = settings.percent_maximum
            && decimal.compare_absolute(maximum) == Ordering::Greater
        {
            // The written fraction would be taken for a whole percentage by the next reader.
            message.push_str(&format!(" and raise the metric's maximum, `{maximum}`, which it exceeds"));
        }
        note(&rules::PERCENT_SIGN, message, Fixable::Safe);
    } else if let Some(maximum) = settings.percent_maximum
        && decimal.compare_absolute(maximum) == Ordering::Greater
    {
        if decimal.compare_absolute(&maximum.clone().shifted(2)) == Ordering::Greater {
            note(
                &rules::UNSCALED_PERCENT,
                format!(
                    "{shown} is above 100 times the maximum `{maximum}` of this percentage; enter a fraction, 20% as `.2`"
                ),
                Fixable::No,
            );
        } else {
            decimal = decimal.shifted(-2);
            is_scaled = true;
            let fixable = if parts.has_currency || parts.unit.is_some() {
                Fixable::unsafe_because("a percentage has no unit; the number may be of another metric")
            } else {
                Fixable::Safe
            };
            note(
                &rules::UNSCALED_PERCENT,
                format!(
                    "{shown} is a whole percentage of a metric with the maximum `{maximum}`; write the fraction `{decimal}`"
                ),
                fixable,
            );
        }
    }
    let written = if is_scaled {
        decimal.to_string()
    } else if is_noise {
        // Only the zero before the point stays as it was typed.
        let zero = if body.whole.is_empty() { "" } else { "0" };
        let shortest = decimal.to_string();
        match shortest.split_once('.') {
            Some((sign @ ("" | "-"), fraction)) => format!("{sign}{zero}.{fraction}"),
            Some(_) | None => shortest,
        }
    } else {
        body.written(decimal.is_negative())
    };
    let rewrite = (!deviations.is_empty()).then(|| digits::unmistakable(written, settings.decimal));
    let number = Number { decimal, has_percent_sign: parts.percent_shift.is_some(), marks: body.marks };
    Reading { value: Some(Some(number)), deviations, rewrite }
}
