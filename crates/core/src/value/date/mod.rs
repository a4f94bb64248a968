//! Reads a day: ISO-8601 in all its forms, US dates, other orders and separators, written months, periods,
//! serial numbers. Refuses a day without a year, a time without a day, and days that no calendar has.

mod iso;
mod named;
mod numeric;
mod period;
mod time;

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate};

use crate::rule::{Fixable, Rule};
use crate::rules::date as rules;
use crate::settings::{DateForm, DateOrder, PeriodDay, Settings};
use crate::text::{clean, quoted};
use crate::value::{Deviation, Reading, is_placeholder, is_spreadsheet_error};

/// A day and what its notation proves about the column it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// The day that the text means.
    pub day: NaiveDate,
    /// What the order of its parts proves.
    pub order: OrderEvidence,
}

/// What a numeric date shows about the order of day and month in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    /// Nothing: the year stands first, the month is written, or day and month are the same number.
    None,
    /// Both orders give a day; the other one gives this.
    Either(NaiveDate),
    /// Only the month can stand first.
    MonthFirst,
    /// Only the day can stand first.
    DayFirst,
}

/// What a recogniser made of a text that has its form.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Day(Found),
    Period(period::Period),
    /// The form is right, but no calendar has it; the fragment says why.
    Impossible(String),
}

/// A day as found, with the ways in which its form differs from the declared one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    day: NaiveDate,
    order: OrderEvidence,
    deviations: Vec<(&'static Rule, Fixable)>,
}

impl Found {
    const fn new(day: NaiveDate) -> Self {
        Self { day, order: OrderEvidence::None, deviations: Vec::new() }
    }

    fn with(mut self, rule: &'static Rule) -> Self {
        self.deviations.push((rule, Fixable::Safe));
        self
    }

    fn with_if(self, condition: bool, rule: &'static Rule) -> Self {
        if condition { self.with(rule) } else { self }
    }
}

/// Writes a day as the service wants it.
#[must_use]
pub fn written(day: NaiveDate, form: DateForm) -> String {
    match form {
        DateForm::Us => format!("{:02}/{:02}/{:04}", day.month(), day.day(), day.year()),
        DateForm::Iso => format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
    }
}

/// Reads a cell of the date column.
#[must_use]
pub fn read(text: &str, settings: &Settings) -> Reading<Date> {
    if let Some(date) = plain(text, settings) {
        return Reading::valid(date);
    }
    let cleaned = clean(text);
    let trimmed = cleaned.text.as_ref();
    if trimmed.is_empty() {
        return Reading::refused(&rules::MISSING_DATE, "no date; enter one as MM/DD/YYYY");
    }
    if is_placeholder(trimmed) {
        let message = format!("{} stands for no date; enter one as MM/DD/YYYY", quoted(trimmed));
        return Reading::refused(&rules::MISSING_DATE, message);
    }
    let mut deviations = cleaned.deviations;
    let form = if is_spreadsheet_error(trimmed) { None } else { recognise(trimmed, settings) };
    match form {
        Some(Form::Day(found)) => judge(trimmed, found, settings, deviations),
        Some(Form::Period(period)) => judge_period(trimmed, &period, settings, deviations),
        Some(Form::Impossible(reason)) => {
            let message = format!("{} is no day of the calendar: {reason}", quoted(trimmed));
            deviations.push(Deviation::new(&rules::IMPOSSIBLE_DATE, message, Fixable::No));
            Reading { value: None, deviations, rewrite: None }
        }
        None => {
            let message = format!("{} is not a date; {}", quoted(trimmed), advice(trimmed));
            deviations.push(Deviation::new(&rules::NOT_A_DATE, message, Fixable::No));
            Reading { value: None, deviations, rewrite: None }
        }
    }
}

/// Reads the day that a workbook stores. Its text has the form of [`Settings::written_date_form`]; only the
/// year can be in doubt. A text in any other form is read like a typed one.
#[must_use]
pub fn read_stored(text: &str, settings: &Settings) -> Reading<Date> {
    let form = match settings.written_date_form() {
        DateForm::Us => "%m/%d/%Y",
        DateForm::Iso => "%Y-%m-%d",
    };
    let Ok(day) = NaiveDate::parse_from_str(text, form) else { return read(text, settings) };
    let mut deviations = Vec::new();
    implausible(text, day, settings, &mut deviations);
    Reading { value: Some(Date { day, order: OrderEvidence::None }), deviations, rewrite: None }
}

/// Whether somebody who typed this probably meant a day, or a spreadsheet program made one of it: `Mar-05`,
/// `1-Jan`, `03/31/2024`. Digits alone are not enough.
#[must_use]
pub fn is_date_like(trimmed: &str) -> bool {
    if trimmed.chars().all(|character| character.is_ascii_digit()) {
        return false;
    }
    named::is_day_without_year(trimmed)
        || match recognise(trimmed, &Settings::default()) {
            Some(Form::Day(found)) => !found.deviations.iter().any(|(rule, _)| *rule == &rules::SERIAL_DATE),
            Some(Form::Period(period)) => period.is_month && (1900..=2100).contains(&period.first.year()),
            Some(Form::Impossible(_)) => {
                trimmed.chars().filter(|mark| matches!(mark, '/' | '-' | '.')).count() == 2
            }
            None => false,
        }
}

/// Whether a text without blanks may be [date-like](is_date_like) at all: `false` where its first word is part of
/// no date that any recogniser knows. Costs no allocation.
pub(crate) fn may_name_date_part(ascii: &[u8]) -> bool {
    let is_letter = u8::is_ascii_alphabetic;
    let start = ascii.iter().position(is_letter).unwrap_or(ascii.len());
    let rest = ascii.get(start..).unwrap_or_default();
    let word = rest.get(..rest.iter().take_while(|byte| is_letter(byte)).count()).unwrap_or_default();
    // A time of day may take letters away from the end of the word before it.
    let may_hold_time = ascii.contains(&b':')
        || ascii.last().is_some_and(|last| matches!(last.to_ascii_lowercase(), b'a' | b'p' | b'm' | b'.'));
    // Single letters are too many things: `T`, `Z`, `W`, `Q`, `H`.
    may_hold_time || word.len() < 2 || is_vocabulary(word)
}

/// Whether the word may be part of a written date, in any case of its letters. Most words are told by their
/// first letter and their length alone.
fn is_vocabulary(word: &[u8]) -> bool {
    /// For each letter the lengths of the words that begin with it, as bits.
    static LENGTHS: LazyLock<[u32; 26]> = LazyLock::new(|| {
        let mut lengths = [0; 26];
        for word in named::vocabulary().chain(period::vocabulary()) {
            let letter = word.bytes().next().and_then(place_of).and_then(|place| lengths.get_mut(place));
            if let Some(lengths) = letter {
                *lengths |= 1 << word.len();
            }
        }
        lengths
    });
    fn place_of(letter: u8) -> Option<usize> {
        letter.to_ascii_lowercase().checked_sub(b'a').map(usize::from)
    }
    let lengths = word.first().copied().and_then(place_of).and_then(|place| LENGTHS.get(place));
    let length = u32::try_from(word.len()).ok();
    let is_possible = lengths
        .zip(length)
        .is_some_and(|(lengths, length)| lengths.checked_shr(length).unwrap_or(0) & 1 == 1);
    is_possible
        && named::vocabulary()
            .chain(period::vocabulary())
            .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// The date, if the text is valid as it stands. Costs one look at ten bytes.
fn plain(text: &str, settings: &Settings) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u32, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let form = settings.written_date_form();
    let (year, month, day) = match (bytes[2], bytes[5], bytes[4], bytes[7]) {
        (b'/', b'/', _, _) if form == DateForm::Us && settings.date_order == DateOrder::MonthFirst => {
            (number(6..10)?, number(0..2)?, number(3..5)?)
        }
        (_, _, b'-', b'-') if form == DateForm::Iso => (number(0..4)?, number(5..7)?, number(8..10)?),
        _ => return None,
    };
    let year = i32::try_from(year).ok()?;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let is_plausible =
        settings.plausible_years.contains(&year) && settings.latest_date.is_none_or(|latest| date <= latest);
    is_plausible.then(|| Date {
        day: date,
        order: match form {
            DateForm::Us => numeric::evidence(year, month, day),
            DateForm::Iso => OrderEvidence::None,
        },
    })
}

fn recognise(text: &str, settings: &Settings) -> Option<Form> {
    iso::recognise(text)
        .or_else(|| with_time(text, settings))
        .or_else(|| period::recognise(text, settings))
        .or_else(|| serial(text, settings))
}

/// Numeric and written dates may carry a time of day behind them.
fn with_time(text: &str, settings: &Settings) -> Option<Form> {
    let (date, time) = time::split(text);
    let form = numeric::recognise(date, settings).or_else(|| named::recognise(date, settings))?;
    Some(match (form, time) {
        (Form::Day(found), Some(time::Time::Valid)) => Form::Day(found.with(&rules::TIME_OF_DAY)),
        (Form::Day(_), Some(time::Time::Impossible)) => {
            Form::Impossible("the time of day does not exist".to_owned())
        }
        // A period has no time of day.
        (Form::Period(_), Some(_)) => return None,
        (form, _) => form,
    })
}

/// Days since the beginning of a spreadsheet program's calendar, as far as they fall into plausible years.
fn serial(text: &str, settings: &Settings) -> Option<Form> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 5 || !only_digits(whole) || !only_digits(fraction) {
        return None;
    }
    let days: u64 = whole.parse().ok()?;
    let in_1900 = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?;
    let in_1904 = NaiveDate::from_ymd_opt(1904, 1, 1)?.checked_add_days(Days::new(days))?;
    if !settings.plausible_years.contains(&in_1900.year()) {
        return None;
    }
    let because = format!(
        "it counts days from 1900; in a workbook that counts from 1904 it is {}",
        written(in_1904, settings.written_date_form())
    );
    let mut found = Found::new(in_1900);
    found.deviations.push((&rules::SERIAL_DATE, Fixable::unsafe_because(because)));
    Some(Form::Day(found))
}

/// Says how the found day's form deviates, and writes the day.
fn judge(text: &str, found: Found, settings: &Settings, mut deviations: Vec<Deviation>) -> Reading<Date> {
    let form = settings.written_date_form();
    let output = written(found.day, form);
    for (rule, fixable) in found.deviations {
        // US dates are asked for and this is one, whatever order is declared for the others.
        if rule == &rules::OTHER_FORM && output == text {
            continue;
        }
        let message = match &fixable {
            Fixable::Unsafe { because } => format!("{}, but {because}", message(rule, text, &output)),
            Fixable::No | Fixable::Safe => message(rule, text, &output),
        };
        deviations.push(Deviation::new(rule, message, fixable));
    }
    implausible(text, found.day, settings, &mut deviations);
    // The service's forms have no room for other years.
    let rewrite = (0..=9999).contains(&found.day.year()).then_some(output);
    Reading { value: Some(Date { day: found.day, order: found.order }), deviations, rewrite }
}

fn judge_period(
    text: &str,
    period: &period::Period,
    settings: &Settings,
    mut deviations: Vec<Deviation>,
) -> Reading<Date> {
    let form = settings.written_date_form();
    let day = match settings.period {
        PeriodDay::Undeclared | PeriodDay::End => period.last,
        PeriodDay::Start => period.first,
    };
    let fixable = match (settings.period, &period.doubt) {
        (_, Some(doubt)) => Fixable::unsafe_because(doubt.clone()),
        (PeriodDay::Undeclared, None) => Fixable::unsafe_because(
            "the period's last day is assumed; declare `period = \"end\"` or `\"start\"` to make it certain",
        ),
        (PeriodDay::End | PeriodDay::Start, None) => Fixable::Safe,
    };
    let output = written(day, form);
    let message = format!("{} is a period; write the day it stands for, `{output}`", quoted(text));
    deviations.push(Deviation::new(&rules::PERIOD_NOT_DAY, message, fixable));
    implausible(text, day, settings, &mut deviations);
    Reading { value: Some(Date { day, order: OrderEvidence::None }), deviations, rewrite: Some(output) }
}

fn implausible(text: &str, day: NaiveDate, settings: &Settings, deviations: &mut Vec<Deviation>) {
    let years = &settings.plausible_years;
    if !years.contains(&day.year()) {
        let message = format!(
            "{} lies outside of the years {} to {}; check the year",
            quoted(text),
            years.start(),
            years.end()
        );
        deviations.push(Deviation::new(&rules::IMPLAUSIBLE_YEAR, message, Fixable::No));
    }
    if let Some(latest) = settings.latest_date.filter(|latest| day > *latest) {
        let latest = written(latest, settings.written_date_form());
        let message = format!("{} lies after `{latest}`, the latest date expected; check it", quoted(text));
        deviations.push(Deviation::new(&rules::FUTURE_DATE, message, Fixable::No));
    }
}

fn message(rule: &'static Rule, text: &str, output: &str) -> String {
    let problem: Cow<'_, str> = match rule.code {
        "D002" => "is an ISO date".into(),
        "D003" => "has a day or month of one digit".into(),
        "D004" => "has its month in letters".into(),
        "D005" => "has a year of two digits".into(),
        "D006" => "has its parts in another order".into(),
        "D008" => "is a spreadsheet program's count of days".into(),
        "D012" => "has other separators than `/`".into(),
        "D015" => "carries a time of day".into(),
        "D016" => "is not in the form asked for".into(),
        _ => rule.name.replace('-', " ").into(),
    };
    [&quoted(text), " ", &problem, "; write `", output, "`"].concat()
}

/// What to do about a text that is no date at all.
fn advice(text: &str) -> &'static str {
    if named::is_day_without_year(text) {
        "it has no year; enter one as MM/DD/YYYY"
    } else if text.contains(" to ") || text.contains(" - ") || text.contains('–') {
        "it may be a range; enter its last day as MM/DD/YYYY"
    } else {
        "enter one as MM/DD/YYYY"
    }
}

/// The year that two digits stand for.
fn full_year(two_digits: u32, settings: &Settings) -> i32 {
    let century = if two_digits >= u32::from(settings.two_digit_years_from) { 1900 } else { 2000 };
    century + i32::try_from(two_digits).unwrap_or_default()
}

/// Why a day does not exist, for the message.
fn no_such_day(year: i32, month: u32, day: u32) -> Form {
    Form::Impossible(if !(1..=12).contains(&month) && !(1..=12).contains(&day) {
        format!("neither {month} nor {day} is a month")
    } else if !(1..=12).contains(&month) {
        format!("there is no month {month}")
    } else if day == 0 || day > 31 {
        format!("no month has a day {day}")
    } else {
        format!("month {month} of {year} has no day {day}")
    })
}
