//! ISO 8601: calendar, week and ordinal dates, basic and extended, with six-digit years behind a sign, with
//! or without a time. The date as written counts: neither an offset nor 24:00 moves it.
//! Refuses reduced dates (`2024-03`), which are periods.

use chrono::{NaiveDate, Weekday};

use super::time::{Time, iso_time};
use super::{Form, Found, no_such_day};
use crate::rules::date as rules;

/// Reads a text that is an ISO date as a whole.
pub(super) fn recognise(text: &str) -> Option<Form> {
    let (date, rest) = parse_date(text)?;
    if !rest.is_empty() {
        match iso_time(rest.strip_prefix(['T', 't', ' '])?)? {
            Time::Valid => {}
            Time::Impossible => return Some(Form::Impossible("the time of day does not exist".to_owned())),
        }
    }
    Some(match date {
        Written::Day(day) => Form::Day(Found::new(day).with(&rules::ISO_DATE)),
        Written::Impossible(form) => form,
    })
}

enum Written {
    Day(NaiveDate),
    Impossible(Form),
}

impl Written {
    fn new(day: Option<NaiveDate>, otherwise: impl FnOnce() -> Form) -> Self {
        day.map_or_else(|| Self::Impossible(otherwise()), Self::Day)
    }
}

/// Digits so many years around our own that an eight- or seven-digit number is a date and not a count.
const YEARS_OF_BASIC_FORMS: std::ops::RangeInclusive<i32> = 1583..=2299;

fn parse_date(text: &str) -> Option<(Written, &str)> {
    let expanded = text.strip_prefix(['+', '-']);
    let is_expanded = expanded.is_some();
    let (year, rest) = expanded.map_or_else(|| digits(text, 4), |unsigned| digits(unsigned, 6))?;
    let year = i32::try_from(year).ok()?;
    let year = if text.starts_with('-') { -year } else { year };
    if let Some(week_rest) = rest.strip_prefix("-W") {
        let (week, rest) = digits(week_rest, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 1)?;
        return Some((week_day(year, week, day), rest));
    }
    if let Some(week_rest) = rest.strip_prefix('W') {
        let (week, rest) = digits(week_rest, 2)?;
        let (day, rest) = digits(rest, 1)?;
        return Some((week_day(year, week, day), rest));
    }
    if let Some(extended) = rest.strip_prefix('-') {
        if let Some((ordinal, rest)) = digits(extended, 3) {
            return Some((ordinal_day(year, ordinal), rest));
        }
        let (month, rest) = digits(extended, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        return Some((calendar_day(year, month, day), rest));
    }
    // Digits in a row: a date only if the year says so, because a count has the same form.
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (written, rest) = match length {
        4 => {
            let (month, after) = digits(rest, 2)?;
            let (day, after) = digits(after, 2)?;
            (calendar_day(year, month, day), after)
        }
        3 => {
            let (ordinal, after) = digits(rest, 3)?;
            (ordinal_day(year, ordinal), after)
        }
        _ => return None,
    };
    let is_date = is_expanded
        || YEARS_OF_BASIC_FORMS.contains(&year)
        || (matches!(written, Written::Day(..)) && (length == 4 || !rest.is_empty()));
    is_date.then_some((written, rest))
}

fn calendar_day(year: i32, month: u32, day: u32) -> Written {
    Written::new(NaiveDate::from_ymd_opt(year, month, day), || no_such_day(year, month, day))
}

fn ordinal_day(year: i32, ordinal: u32) -> Written {
    Written::new(NaiveDate::from_yo_opt(year, ordinal), || {
        Form::Impossible(format!("{year} has no day {ordinal}"))
    })
}

fn week_day(year: i32, week: u32, day: u32) -> Written {
    let weekday = match day {
        1 => Some(Weekday::Mon),
        2 => Some(Weekday::Tue),
        3 => Some(Weekday::Wed),
        4 => Some(Weekday::Thu),
        5 => Some(Weekday::Fri),
        6 => Some(Weekday::Sat),
        7 => Some(Weekday::Sun),
        _ => None,
    };
    let date = weekday.and_then(|weekday| NaiveDate::from_isoywd_opt(year, week, weekday));
    Written::new(date, || {
        Form::Impossible(if weekday.is_none() {
            format!("a week has no day {day}")
        } else {
            format!("{year} has no week {week}")
        })
    })
}

/// Exactly `count` ASCII digits, not followed by another one, and the text behind them. In the basic forms
/// the count decides where a part ends, so a further digit is allowed there.
fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let bytes = text.as_bytes().get(..count)?;
    if !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (number, rest) = text.split_at(count);
    Some((number.parse().ok()?, rest))
}
