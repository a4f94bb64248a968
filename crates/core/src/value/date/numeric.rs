//! Dates of two or three numbers: `03/31/2024`, `31.03.24`, `2024-3-31`, `03/2024`. Where day and month
//! cannot be told apart, the declared order decides, or the custom of the separator.

use chrono::NaiveDate;

use super::period::{self, Period};
use super::{Form, Found, OrderEvidence, full_year, no_such_day, written};
use crate::rule::Fixable;
use crate::rules::date as rules;
use crate::settings::{DateForm, DateOrder, Settings};
use crate::text::is_blank;

/// Reads a text of two or three numbers with the same separator between them.
pub(super) fn recognise(text: &str, settings: &Settings) -> Option<Form> {
    let (parts, separator) = split(text)?;
    match parts.as_slice() {
        [first, second] => month_and_year(first, second, separator),
        [first, second, third] => {
            let numbers = (first.parse().ok()?, second.parse().ok()?, third.parse().ok()?);
            match (first.len(), second.len(), third.len()) {
                (4, 1..=2, 1..=2) => {
                    let is_padded = second.len() == 2 && third.len() == 2;
                    Some(year_first(numbers.0, numbers.1, numbers.2, is_padded, separator))
                }
                (1..=2, 1..=2, 2 | 4) => {
                    let is_padded = first.len() == 2 && second.len() == 2;
                    let has_two_digit_year = third.len() == 2;
                    Some(year_last(numbers, is_padded, has_two_digit_year, separator, settings))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What day and month prove about their order.
pub(super) fn evidence(year: i32, month: u32, day: u32) -> OrderEvidence {
    match NaiveDate::from_ymd_opt(year, day, month) {
        None => OrderEvidence::MonthFirst,
        Some(_) if day == month => OrderEvidence::None,
        Some(other) => OrderEvidence::Either(other),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Slash,
    Dash,
    Point,
    Other,
}

fn split(text: &str) -> Option<(Vec<&str>, Separator)> {
    let mark = text.chars().find(|character| !character.is_ascii_digit())?;
    let separator = match mark {
        '/' => Separator::Slash,
        '-' => Separator::Dash,
        '.' => Separator::Point,
        '–' | '−' | '‐' | '‑' | '_' | '\\' | '／' => Separator::Other,
        _ if is_blank(mark) => Separator::Other,
        _ => return None,
    };
    // `31. 03. 2024` has a blank behind each point.
    let parts: Vec<&str> = text.split(mark).map(|part| part.trim_matches(is_blank)).collect();
    let are_numbers = parts
        .iter()
        .all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()));
    are_numbers.then_some((parts, separator))
}

fn year_first(year: u32, month: u32, day: u32, is_padded: bool, separator: Separator) -> Form {
    let year = i32::try_from(year).unwrap_or_default();
    let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else { return no_such_day(year, month, day) };
    let has_other_separator = separator != Separator::Dash;
    Form::Day(
        Found::new(date)
            .with_if(has_other_separator, &rules::OTHER_SEPARATOR)
            .with_if(!is_padded, &rules::UNPADDED_DATE),
    )
}

fn year_last(
    numbers: (u32, u32, u32),
    is_padded: bool,
    has_two_digit_year: bool,
    separator: Separator,
    settings: &Settings,
) -> Form {
    let (first, second, last) = numbers;
    let year =
        if has_two_digit_year { full_year(last, settings) } else { i32::try_from(last).unwrap_or_default() };
    let month_first = NaiveDate::from_ymd_opt(year, first, second);
    let day_first = NaiveDate::from_ymd_opt(year, second, first);
    let is_declared_day_first = settings.date_order == DateOrder::DayFirst;
    let is_year_declared_first = settings.date_order == DateOrder::YearFirst;
    if has_two_digit_year
        && (is_year_declared_first || (month_first.is_none() && day_first.is_none()))
        && let Some(day) = NaiveDate::from_ymd_opt(full_year(first, settings), second, last)
    {
        let order = if is_year_declared_first { &rules::OTHER_FORM } else { &rules::OTHER_ORDER };
        return Form::Day(Found::new(day).with(&rules::TWO_DIGIT_YEAR).with(order));
    }
    // Points divide days first by custom, unless another order is declared; the custom is no proof.
    let reads_day_first = is_declared_day_first || separator == Separator::Point;
    let (read, other) = if reads_day_first { (day_first, month_first) } else { (month_first, day_first) };
    let Some(day) = read.or(other) else {
        let (month, day) = if reads_day_first { (second, first) } else { (first, second) };
        return no_such_day(year, month, day);
    };
    let order = match (month_first, day_first) {
        (Some(_), None) => OrderEvidence::MonthFirst,
        (None, Some(_)) => OrderEvidence::DayFirst,
        (Some(one), Some(two)) if one == two => OrderEvidence::None,
        (Some(_), Some(_)) => other.map_or(OrderEvidence::None, OrderEvidence::Either),
        (None, None) => OrderEvidence::None,
    };
    // What is read by custom says nothing about what the declared order means for the column.
    let is_by_custom = separator == Separator::Point && !is_declared_day_first;
    let contradicts = match order {
        OrderEvidence::MonthFirst => is_declared_day_first,
        OrderEvidence::DayFirst => !is_declared_day_first,
        OrderEvidence::None | OrderEvidence::Either(_) => false,
    };
    let is_us = separator == Separator::Slash && !is_declared_day_first && !is_year_declared_first;
    let mut found = Found::new(day)
        .with_if(has_two_digit_year, &rules::TWO_DIGIT_YEAR)
        .with_if(!is_padded && (is_us || contradicts), &rules::UNPADDED_DATE)
        .with_if(contradicts, &rules::OTHER_ORDER);
    found.order = match order {
        OrderEvidence::Either(_) if is_by_custom => OrderEvidence::None,
        order => order,
    };
    let form = settings.written_date_form();
    // `24-03-31` may begin with its year; with slashes that is not the custom.
    let year_first = NaiveDate::from_ymd_opt(full_year(first, settings), second, last);
    if let Some(other) = year_first.filter(|_| has_two_digit_year && separator != Separator::Slash) {
        let because = format!("read year first it is {}", written(other, form));
        found.deviations.push((&rules::OTHER_SEPARATOR, Fixable::unsafe_because(because)));
        return Form::Day(found);
    }
    if contradicts {
        return Form::Day(found);
    }
    let doubt = match order {
        OrderEvidence::Either(other) if !is_declared_day_first && !is_us => Fixable::unsafe_because(format!(
            "it is read {} first; read the other way it is {}",
            if reads_day_first { "day" } else { "month" },
            written(other, form)
        )),
        OrderEvidence::None
        | OrderEvidence::Either(_)
        | OrderEvidence::MonthFirst
        | OrderEvidence::DayFirst => Fixable::Safe,
    };
    if is_declared_day_first || is_year_declared_first {
        found.deviations.push((&rules::OTHER_FORM, doubt));
    } else if separator != Separator::Slash {
        found.deviations.push((&rules::OTHER_SEPARATOR, doubt));
    } else if form == DateForm::Iso && found.deviations.is_empty() {
        found.deviations.push((&rules::OTHER_FORM, Fixable::Safe));
    }
    Form::Day(found)
}

/// `03/2024`, `2024-03`: a month; `2023/24`: a fiscal year.
fn month_and_year(first: &str, second: &str, separator: Separator) -> Option<Form> {
    let (month, year) = match (first.len(), second.len()) {
        (1..=2, 4) => (first, second),
        (4, 1..=2) => (second, first),
        _ => return None,
    };
    let year: i32 = year.parse().ok()?;
    let month: u32 = month.parse().ok()?;
    // `2023-24` names a fiscal year by both of its calendar years.
    if first.len() == 4 && month > 12 && i32::try_from(month).ok() == Some((year + 1) % 100) {
        return None;
    }
    let names_next_year = first.len() == 4 && i32::try_from(month).ok() == Some((year + 1) % 100);
    let doubt = match separator {
        Separator::Slash if names_next_year => {
            Some("it may name a fiscal year by both of its calendar years")
        }
        // A spreadsheet program shows 2024.10 as 2024.1.
        Separator::Point if first.len() == 4 => Some("it may be a number that lost a zero"),
        Separator::Slash | Separator::Dash | Separator::Point | Separator::Other => None,
    };
    Some(match Period::month(year, month) {
        Some(period) => Form::Period(Period { doubt: doubt.map(ToOwned::to_owned), ..period }),
        None => period::no_such_month(month),
    })
}
