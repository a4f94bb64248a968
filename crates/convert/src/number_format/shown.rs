//! The text shown for a number, through `ssfmt`, with its known gaps closed: spreadsheet programs round the
//! decimal number of 15 digits, half away from zero, and never show a number as nothing by accident.

use ssfmt::FormatOptions;

use super::{DateSystem, Meaning, NumberFormat};
use crate::number::plain_text;

/// See [`super::NumberFormat::shown`].
pub(super) fn shown(
    format: Option<&ssfmt::NumberFormat>,
    meaning: Meaning,
    value: f64,
    dates: DateSystem,
    has_conditions: bool,
) -> String {
    let Some(format) = format else { return plain_text(value) };
    let value = match meaning {
        Meaning::Text => return plain_text(value),
        Meaning::Date | Meaning::TimeOfDay | Meaning::Duration => value,
        Meaning::General | Meaning::Number | Meaning::Percent | Meaning::LiteralPercent => {
            decimal(value, has_conditions)
        }
    };
    let options = FormatOptions {
        date_system: match dates {
            DateSystem::From1900 => ssfmt::DateSystem::Date1900,
            DateSystem::From1904 => ssfmt::DateSystem::Date1904,
        },
        ..FormatOptions::default()
    };
    let text = match meaning {
        // A length of time below zero is shown as its opposite with a sign in front.
        Meaning::Duration if value < 0.0 => match format.format(-value, &options) {
            text if text.trim().is_empty() => text,
            text => format!("-{}", text.trim_start()),
        },
        Meaning::General if has_conditions => with_decimals(format.format(value, &options), value),
        Meaning::General
        | Meaning::Date
        | Meaning::TimeOfDay
        | Meaning::Duration
        | Meaning::Number
        | Meaning::Percent
        | Meaning::LiteralPercent
        | Meaning::Text => format.format(value, &options),
    };
    if text.trim().is_empty() { plain_text(value) } else { text }
}

/// The text of a number under `[<-25]General` and the like, of which `ssfmt` shows the whole part alone.
fn with_decimals(text: String, value: f64) -> String {
    let (size, whole) = (value.abs(), value.abs().trunc());
    if size > whole && text == plain_text(whole) {
        return NumberFormat::general().shown(size, DateSystem::From1900);
    }
    text
}

/// From here on the nudge would reach the digits before the decimal point.
const NUDGED_BELOW: f64 = 1e14;

/// Twice the distance between 1 and the next number: less than half a unit of the 15th digit, and enough to
/// lift a decimal that binary stores a little too small over the half.
const NUDGE: f64 = 2.0 * f64::EPSILON;

/// The number of 15 digits, so that binary rounding gives what decimal rounding, half away from zero, gives:
/// 2.175 is stored as 2.17499999999999982 and shown as 2.18.
///
/// Under conditions the number is not nudged: `[=50]` would no longer hold for 50.
fn decimal(value: f64, has_conditions: bool) -> f64 {
    let decimal: f64 = plain_text(value).parse().unwrap_or(value);
    if decimal.abs() < NUDGED_BELOW && !has_conditions { decimal * (1.0 + NUDGE) } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_closed() {
        for (value, code, expected) in [
            (2.175, "0.00", "2.18"),
            (-2.175, "0.00", "-2.18"),
            (2.174_999, "0.00", "2.17"),
            (1_250_000.0, "0.0,,\"M\"", "1.3M"),
            (1_150_000.0, "0.0,,\"M\"", "1.2M"),
            (0.5, "0", "1"),
            (9_007_199_254_740_993.0, "0", "9007199254740990"),
            // A format that shows nothing would lose the number.
            (5.0, ";;;", "5"),
            (5.0, "\"\"", "5"),
            // A format that cannot be parsed shows the number as it is.
            (1.5, "0.0[", "1.5"),
            (0.1 + 0.2, "General", "0.3"),
            (42.0, "00000", "00042"),
            (42.0, "@", "42"),
            (50.0, "[=50]General;000", "50"),
            (51.0, "[=50]General;000", "051"),
            (-25.0, "[<-25]General;[>25]General;General", "-25"),
            (25.0, "[<=25]General;000", "25"),
            (-50.1, "[<-25]General;[>25]General;General", "50.1"),
            (50.1, "[<-25]General;[>25]General;General", "50.1"),
            (-1.2, "[hh]", "-28"),
            (-1.2, "[h]:mm", "-28:48"),
            (-1234.5678, "[s]", "-106666658"),
            (-0.25, "[h]:mm;[Red]-[h]:mm", "-6:00"),
            (1.234_567_89e22, "General", "1.23457E+22"),
            (1.234_567_89e22, "", "1.23457E+22"),
        ] {
            assert_eq!(
                NumberFormat::new(code).shown(value, DateSystem::From1900),
                expected,
                "{value} as {code}"
            );
        }
    }
}
