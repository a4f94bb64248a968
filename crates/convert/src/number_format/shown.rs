//! The text shown for a number, through `ssfmt`, with its known gaps closed: spreadsheet programs round the
//! decimal number of 15 digits, half away from zero, and never show a number as nothing by accident.

use ssfmt::FormatOptions;

use super::meaning::{Condition, Section, section_under_conditions};
use super::{DateSystem, Meaning};
use crate::number::plain_text;

/// A format code as `ssfmt` reads it: whole, or each section by itself where sections have conditions, because it loses
/// the sign of numbers under some of them. What it cannot read is missing.
#[derive(Debug)]
pub(super) struct Compiled(Vec<Option<ssfmt::NumberFormat>>);

impl Compiled {
    pub(super) fn new(code: &str, sections: &[Section]) -> Self {
        let compiled = |code: &str| {
            ssfmt::NumberFormat::parse(if code.trim().is_empty() { "General" } else { code }).ok()
        };
        match section_under_conditions(sections, 0.0) {
            None => Self(vec![compiled(code)]),
            Some(_) => Self(without_conditions(code).iter().map(|section| compiled(section)).collect()),
        }
    }
}

/// See [`super::NumberFormat::shown`].
pub(super) fn shown(
    compiled: &Compiled,
    sections: &[Section],
    meaning: Meaning,
    value: f64,
    dates: DateSystem,
) -> String {
    let (index, is_without_sign) = section_under_conditions(sections, value).unwrap_or_default();
    let Some(format) = compiled.0.get(index).and_then(Option::as_ref) else { return plain_text(value) };
    let options = FormatOptions {
        date_system: match dates {
            DateSystem::From1900 => ssfmt::DateSystem::Date1900,
            DateSystem::From1904 => ssfmt::DateSystem::Date1904,
        },
        ..FormatOptions::default()
    };
    let text = match meaning {
        Meaning::Text => return plain_text(value),
        // A length of time below zero is shown as its opposite with a sign in front.
        Meaning::Duration if value < 0.0 => match format.format(-value, &options) {
            text if text.trim().is_empty() => text,
            text => format!("-{}", text.trim_start()),
        },
        Meaning::Date | Meaning::TimeOfDay | Meaning::Duration => format.format(value, &options),
        Meaning::General | Meaning::Number | Meaning::Percent | Meaning::LiteralPercent => {
            let value = decimal(value);
            format.format(if is_without_sign { value.abs() } else { value }, &options)
        }
    };
    if text.trim().is_empty() { plain_text(value) } else { text }
}

/// The sections of a code, without their conditions.
fn without_conditions(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        let Some(section) = sections.last_mut() else { break };
        match character {
            ';' => sections.push(String::new()),
            '"' => {
                section.push('"');
                for quoted in characters.by_ref() {
                    section.push(quoted);
                    if quoted == '"' {
                        break;
                    }
                }
            }
            '\\' | '_' | '*' => {
                section.push(character);
                section.extend(characters.next());
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|next| *next != ']').collect();
                if Condition::read(&inside).is_none() {
                    section.extend(["[", &inside, "]"]);
                }
            }
            other => section.push(other),
        }
    }
    sections
}

/// From here on the nudge would reach the digits before the decimal point.
const NUDGED_BELOW: f64 = 1e14;

/// Twice the distance between 1 and the next number: less than half a unit of the 15th digit, and enough to
/// lift a decimal that binary stores a little too small over the half.
const NUDGE: f64 = 2.0 * f64::EPSILON;

/// The number of 15 digits, so that binary rounding gives what decimal rounding, half away from zero, gives:
/// 2.175 is stored as 2.17499999999999982 and shown as 2.18.
fn decimal(value: f64) -> f64 {
    let decimal: f64 = plain_text(value).parse().unwrap_or(value);
    if decimal.abs() < NUDGED_BELOW { decimal * (1.0 + NUDGE) } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::super::NumberFormat;
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
            (-25.0, "[<=-25]General;[>=25]General;General", "25"),
            (-1.0, "[<-25]General;[>25]General;General", "-1"),
            // The sign stays unless the section is for numbers below zero alone.
            (-500.0, "[<1000]0;[<1000000]0.0,\"K\";0.0,,\"M\"", "-500"),
            (-0.05, "[<1]0.0%;0.0", "-5.0%"),
            (-5.0, "[>=1000]0.0,\"K\";0", "-5"),
            (-5.0, "[>=0]0;\\(0\\)", "(5)"),
            (-1.2, "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "--1"),
            (1500.0, "[>=1000]0.0,\"K\";0", "1.5K"),
            (2.175, "[Red][>1]0.00;0", "2.18"),
            (0.5, "[<1]\"a;[b]\"0.0;0", "a;[b]0.5"),
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
