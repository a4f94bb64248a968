//! The text of a cell that no template asks about: the stored value, exactly, or what is shown.

use std::fmt::Write;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use metricsheet_core::DateForm;

use super::{RawOptions, Values};
use crate::cell::{StoredCell, StoredValue};
use crate::number_format::{DateSystem, Meaning};

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// Appends the text of the cell; tells whether the file holds a value for it.
pub(super) fn write(cell: &StoredCell, options: &RawOptions, dates: DateSystem, text: &mut String) -> bool {
    match (options.values, options.dates) {
        (Values::Stored, form) => write_stored(cell, form.unwrap_or(DateForm::Iso), dates, text),
        (Values::Shown, Some(form)) if is_date(cell) => write_stored(cell, form, dates, text),
        (Values::Shown, Some(_) | None) => text.push_str(&cell.shown(dates)),
    }
    cell.value != StoredValue::NoResult
}

fn is_date(cell: &StoredCell) -> bool {
    match &cell.value {
        StoredValue::Number(number) => cell.format.meaning(*number) == Meaning::Date,
        StoredValue::Moment(_) => true,
        StoredValue::Text(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult => false,
    }
}

fn write_stored(cell: &StoredCell, form: DateForm, dates: DateSystem, text: &mut String) {
    match &cell.value {
        StoredValue::Text(value) => text.push_str(value),
        StoredValue::Error(value) => text.push_str(value),
        StoredValue::Logical(value) => text.push_str(if *value { "TRUE" } else { "FALSE" }),
        StoredValue::NoResult => {}
        StoredValue::Moment(moment) => write_moment(*moment, form, text),
        StoredValue::Duration(days) => write_duration(*days, text),
        StoredValue::Number(number) => match cell.format.meaning(*number) {
            Meaning::General
            | Meaning::Number
            | Meaning::Percent
            | Meaning::LiteralPercent
            | Meaning::Text => {
                write_number(*number, text);
            }
            // A moment of which the time alone is shown is still a moment.
            Meaning::TimeOfDay if *number < 1.0 => write_duration(*number, text),
            Meaning::Date | Meaning::TimeOfDay => match moment(*number, dates) {
                Some(moment) => write_moment(moment, form, text),
                None => write_number(*number, text),
            },
            Meaning::Duration => write_duration(*number, text),
        },
    }
}

/// The shortest text that reads back as the same number; with an exponent only where zeros would fill a line.
fn write_number(number: f64, text: &mut String) {
    let size = number.abs();
    // Writing to a text cannot fail.
    let _ = if size != 0.0 && !(1e-9..1e21).contains(&size) {
        write!(text, "{number:E}")
    } else {
        write!(text, "{}", if number == 0.0 { 0.0 } else { number })
    };
}

fn moment(serial: f64, dates: DateSystem) -> Option<NaiveDateTime> {
    let day = dates.day(serial)?;
    // The day is the one that a time just before midnight belongs to, as the file means it.
    let fraction = (serial - serial.floor()) * DAY;
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a day in milliseconds")]
    let milliseconds = fraction.round() as i64;
    let time = if milliseconds >= 86_400_000 { 0 } else { milliseconds };
    day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::milliseconds(time))
}

fn write_moment(moment: NaiveDateTime, form: DateForm, text: &mut String) {
    write_day(moment.date(), form, text);
    if moment.time() != NaiveTime::MIN {
        let _ = write!(text, " {}", moment.time());
    }
}

fn write_day(day: NaiveDate, form: DateForm, text: &mut String) {
    let _ = match form {
        DateForm::Us => write!(text, "{}", day.format("%m/%d/%Y")),
        DateForm::Iso => write!(text, "{}", day.format("%Y-%m-%d")),
    };
}

/// A length of time, or a time of day, as hours, minutes and seconds, exact to the millisecond.
fn write_duration(days: f64, text: &mut String) {
    let milliseconds = (days.abs() * DAY).round();
    // Beyond, a length of time is none that anybody measures, and its milliseconds are not exact.
    if milliseconds >= 1e15 {
        return write_number(days, text);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above, positive")]
    let milliseconds = milliseconds as u64;
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let sign = if days < 0.0 && milliseconds > 0 { "-" } else { "" };
    let _ = write!(text, "{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest > 0 {
        let _ = write!(text, ".{rest:03}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use metricsheet_core::ColumnIndex;

    use super::*;
    use crate::number_format::NumberFormat;

    fn stored(number: f64, code: &str, form: DateForm) -> String {
        let cell = StoredCell {
            column: ColumnIndex::new(0),
            value: StoredValue::Number(number),
            format: Arc::new(NumberFormat::new(code)),
            from_other_workbook: false,
        };
        let mut text = String::new();
        write_stored(&cell, form, DateSystem::From1900, &mut text);
        text
    }

    #[test]
    fn stored_values_are_exact() {
        for (number, code, expected) in [
            (0.123_456, "0.0%", "0.123456"),
            (0.1 + 0.2, "General", "0.30000000000000004"),
            (1_250_000.0, "0.0,,\"M\"", "1250000"),
            (-0.0, "General", "0"),
            (1e300, "General", "1E300"),
            (1.5e-12, "General", "1.5E-12"),
            (123_456_789_012_345_680.0, "0", "123456789012345680"),
            (45_382.0, "d-mmm-yy", "2024-03-31"),
            (45_382.75, "m/d/yy h:mm", "2024-03-31 18:00:00"),
            (45_381.999_999_999_9, "m/d/yy h:mm", "2024-03-31"),
            (45_382.000_5, "yyyy-mm-dd", "2024-03-31 00:00:43.200"),
            (0.75, "h:mm", "18:00:00"),
            (42_213.291_666_666_664, "h:mm", "2015-07-28 07:00:00"),
            (1.5, "h:mm", "1900-01-01 12:00:00"),
            (1.5, "[h]:mm", "36:00:00"),
            (-0.25, "[h]:mm", "-06:00:00"),
            (60.0, "d-mmm-yy", "60"),
        ] {
            assert_eq!(stored(number, code, DateForm::Iso), expected, "{number} as {code}");
        }
        assert_eq!(stored(45_382.75, "m/d/yy", DateForm::Us), "03/31/2024 18:00:00");
    }
}
