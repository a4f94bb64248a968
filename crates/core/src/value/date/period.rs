//! Months, quarters, halves, weeks, years and fiscal years: spans of days that stand for one of their days.

use chrono::{Days, Months, NaiveDate, Weekday};

use super::{Form, full_year};
use crate::settings::Settings;
use crate::text::is_blank;

/// A span of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) is_month: bool,
    /// What else the text may mean, even where it is declared which day stands for a period.
    pub(super) doubt: Option<String>,
}

impl Period {
    /// A calendar month; `None` if there is no such month.
    pub(super) fn month(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        Self::months(first, 1).map(|period| Self { is_month: true, ..period })
    }

    fn months(first: NaiveDate, count: u32) -> Option<Self> {
        let last = first.checked_add_months(Months::new(count))?.pred_opt()?;
        Some(Self { first, last, is_month: false, doubt: None })
    }

    fn week(year: i32, week: u32) -> Option<Self> {
        let first = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?;
        Some(Self { first, last: first.checked_add_days(Days::new(6))?, is_month: false, doubt: None })
    }
}

/// Why there is no such month.
pub(super) fn no_such_month(month: u32) -> Form {
    Form::Impossible(format!("there is no month {month}"))
}

/// Reads a quarter, half, week, year or fiscal year, and `YYYYMM`.
pub(super) fn recognise(text: &str, settings: &Settings) -> Option<Form> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return year_and_month(text, settings);
    }
    let marks = Marks::read(text, settings)?;
    let (part, count) = match marks.part {
        Some(part) => part,
        None if marks.is_fiscal || marks.is_bare_year => (Part::Year, 1),
        None => return None,
    };
    // A fiscal year is named after the calendar year in which it ends.
    let shift =
        if marks.is_fiscal && settings.fiscal_year_start > 1 { settings.fiscal_year_start } else { 1 };
    let first_year = if shift > 1 { marks.year - 1 } else { marks.year };
    let year_start = NaiveDate::from_ymd_opt(first_year, shift, 1)?;
    let span = |length: u32, number: u32| {
        let first = year_start.checked_add_months(Months::new(length * (number - 1)))?;
        Period::months(first, length)
    };
    let period = match part {
        Part::Year => span(12, 1),
        Part::Half if (1..=2).contains(&count) => span(6, count),
        Part::Quarter if (1..=4).contains(&count) => span(3, count),
        Part::Week => match Period::week(marks.year, count) {
            Some(week) => Some(week),
            None => return Some(Form::Impossible(format!("{} has no week {count}", marks.year))),
        },
        Part::Half => return Some(Form::Impossible(format!("a year has no half {count}"))),
        Part::Quarter => return Some(Form::Impossible(format!("a year has no quarter {count}"))),
    };
    let mut period = period?;
    let may_be_fiscal = matches!(part, Part::Half | Part::Quarter) && !marks.is_fiscal;
    if may_be_fiscal && settings.fiscal_year_start > 1 {
        period.doubt = Some(
            "it is read as a part of the calendar year; write FY with the year if the fiscal year is meant"
                .to_owned(),
        );
    }
    if marks.is_double && shift == 1 {
        let because = "a year over two calendar years does not begin in January; declare `fiscal-year-start`";
        period.doubt = Some(because.to_owned());
    }
    Some(Form::Period(period))
}

/// `202403`; a count of six digits looks the same, so it is never certain.
fn year_and_month(text: &str, settings: &Settings) -> Option<Form> {
    let (year, month) = text.split_at(4);
    let year: i32 = year.parse().ok().filter(|year| settings.plausible_years.contains(year))?;
    let mut period = Period::month(year, month.parse().ok()?)?;
    period.doubt = Some("six digits are read as year and month; they may be a number".to_owned());
    Some(Form::Period(period))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    Half,
    Quarter,
    Week,
}

/// What the words and numbers of a text say.
struct Marks {
    year: i32,
    is_fiscal: bool,
    /// The year is named by both of its calendar years.
    is_double: bool,
    is_bare_year: bool,
    part: Option<(Part, u32)>,
}

impl Marks {
    fn read(text: &str, settings: &Settings) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut part = None;
        let mut is_fiscal = false;
        let mut is_calendar = false;
        let mut numbers: Vec<&str> = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token.to_lowercase().as_str() {
                word if FISCAL.contains(&word) => is_fiscal = true,
                word if CALENDAR.contains(&word) => is_calendar = true,
                word if FILL_WORDS.contains(&word) => {}
                letters if part_of(letters).is_some() => {
                    if part.is_some() {
                        return None;
                    }
                    // `Q1` or `1Q`: the number stands on the side where it has one digit, or two for weeks.
                    let kind = part_of(letters)?;
                    let next = tokens.get(at).filter(|next| is_count(next, kind));
                    let count = if let Some(next) = next {
                        at += 1;
                        *next
                    } else {
                        numbers.pop().filter(|number| is_count(number, kind))?
                    };
                    part = Some((kind, count.parse().ok()?));
                }
                digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => numbers.push(token),
                _ => return None,
            }
        }
        if is_fiscal && is_calendar {
            return None;
        }
        let has_words = is_fiscal || is_calendar || part.is_some();
        let (year, is_double) = year_of(&numbers, has_words, settings)?;
        let is_bare_year = !has_words || is_calendar;
        Some(Self { year, is_fiscal: is_fiscal || is_double, is_double, is_bare_year, part })
    }
}

const FISCAL: [&str; 4] = ["fy", "fye", "fiscal", "financial"];
const CALENDAR: [&str; 2] = ["cy", "calendar"];
const FILL_WORDS: [&str; 7] = ["year", "the", "of", "st", "nd", "rd", "th"];
const PARTS: [(&str, Part); 11] = [
    ("q", Part::Quarter),
    ("qtr", Part::Quarter),
    ("quarter", Part::Quarter),
    ("h", Part::Half),
    ("hy", Part::Half),
    ("half", Part::Half),
    ("w", Part::Week),
    ("wk", Part::Week),
    ("week", Part::Week),
    ("cw", Part::Week),
    ("kw", Part::Week),
];

/// The words that periods are made of, in lower case.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    FISCAL.into_iter().chain(CALENDAR).chain(FILL_WORDS).chain(PARTS.map(|(word, _)| word))
}

fn part_of(letters: &str) -> Option<Part> {
    PARTS.iter().find(|(word, _)| *word == letters).map(|(_, part)| *part)
}

fn is_count(token: &str, part: Part) -> bool {
    let longest = if part == Part::Week { 2 } else { 1 };
    (1..=longest).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// The year that one number names, or two consecutive ones (`2023/24`: the year in which it ends), and
/// whether there were two.
fn year_of(numbers: &[&str], has_words: bool, settings: &Settings) -> Option<(i32, bool)> {
    let full = |number: &str| -> Option<i32> {
        match number.len() {
            4 => number.parse().ok(),
            2 => Some(full_year(number.parse().ok()?, settings)),
            _ => None,
        }
    };
    match numbers {
        // Two digits alone are no year, and four digits alone only if they are of our time.
        [number] => {
            let year = full(number)?;
            let is_plain = has_words || (number.len() == 4 && settings.plausible_years.contains(&year));
            is_plain.then_some((year, false))
        }
        [first, second] => {
            let year = full(first)?;
            let names_next =
                second.parse::<i32>().ok()? == if second.len() == 4 { year + 1 } else { (year + 1) % 100 };
            let is_written = first.len() == 4 || has_words;
            (names_next && is_written && matches!(second.len(), 2 | 4)).then_some((year + 1, true))
        }
        _ => None,
    }
}

/// Runs of letters and of digits; `None` if there is anything else than blanks and separators between them.
fn tokens(text: &str) -> Option<Vec<&str>> {
    const MOST_TOKENS: usize = 8;
    let is_cut_off = |end: Option<char>| end.is_none_or(|character| !character.is_ascii_alphanumeric());
    if is_cut_off(text.chars().next()) || is_cut_off(text.chars().next_back()) {
        return None;
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_blank(first) || matches!(first, '-' | '/' | '.' | ',' | '\'' | '’' | '–' | '_') {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let is_digits = first.is_ascii_digit();
        let belongs = |byte: &u8| if is_digits { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
        let end = rest.bytes().take_while(belongs).count();
        if end == 0 || tokens.len() == MOST_TOKENS {
            return None;
        }
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    Some(tokens)
}
