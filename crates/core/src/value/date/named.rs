//! Dates with the month in letters: `31 March 2024`, `March 31st, 2024`, `31-Mar-24`, `31Mar2024`, `Mar '24`.

use chrono::{Datelike, NaiveDate};

use super::period::Period;
use super::{Form, Found, full_year, no_such_day};
use crate::rule::Fixable;
use crate::rules::date as rules;
use crate::settings::Settings;
use crate::text::is_blank;

/// Reads a text that names one month and holds one or two numbers.
pub(super) fn recognise(text: &str, settings: &Settings) -> Option<Form> {
    let words = words(text)?;
    let weekday = words.iter().find_map(Word::weekday);
    let rest: Vec<&Word<'_>> = words.iter().filter(|word| word.weekday().is_none()).collect();
    let place = rest.iter().position(|word| word.month().is_some())?;
    let month = rest.get(place)?.month()?;
    let numbers: Vec<&Word<'_>> =
        rest.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, word)| *word).collect();
    match numbers.as_slice() {
        [number] => {
            let year = number.year(settings)?;
            // `Mar 31st` and `31-Mar` are days without a year.
            if number.is_ordinal || (place > 0 && number.text.len() < 4) || weekday.is_some() {
                return None;
            }
            let period = Period::month(year, month)?;
            // `Mar-24` is a month by custom; `March 24` may as well be a day.
            let may_be_day = number.text.len() == 2 && !number.has_apostrophe && text.contains(' ');
            let doubt = may_be_day
                .then(|| format!("it may be the day {} of a year that is not written", number.text));
            Some(Form::Period(Period { doubt, ..period }))
        }
        [first, second] => {
            let (day, year) =
                if first.text.len() == 4 || first.has_apostrophe { (second, first) } else { (first, second) };
            if year.is_ordinal || day.text.len() > 2 {
                return None;
            }
            let has_two_digit_year = year.text.len() == 2;
            let year = year.year(settings)?;
            let day: u32 = day.text.parse().ok()?;
            let Some(date) = NaiveDate::from_ymd_opt(year, month, day) else {
                return Some(no_such_day(year, month, day));
            };
            let mut found = Found::new(date);
            let is_other_weekday =
                weekday.is_some_and(|weekday| weekday != date.weekday().num_days_from_monday());
            found.deviations.push((
                &rules::WRITTEN_MONTH,
                if is_other_weekday {
                    Fixable::unsafe_because("the day of the week does not fit the date")
                } else {
                    Fixable::Safe
                },
            ));
            Some(Form::Day(found.with_if(has_two_digit_year, &rules::TWO_DIGIT_YEAR)))
        }
        _ => None,
    }
}

/// `1-Jan`, `Mar 31st`, `Mar-05`: a month in letters and a small number, as spreadsheet programs show what
/// they took for a date.
pub(super) fn is_day_without_year(text: &str) -> bool {
    let Some(words) = words(text) else { return false };
    let [first, second] = words.as_slice() else { return false };
    let is_day = |word: &Word<'_>| word.text.parse::<u32>().is_ok_and(|number| (1..=99).contains(&number));
    (first.month().is_some() && is_day(second)) || (is_day(first) && second.month().is_some())
}

/// A run of letters or of digits.
struct Word<'a> {
    text: &'a str,
    has_apostrophe: bool,
    is_ordinal: bool,
}

impl Word<'_> {
    fn month(&self) -> Option<u32> {
        let lower = self.text.to_lowercase();
        let at = MONTHS.iter().position(|names| names.contains(&lower.as_str()))?;
        u32::try_from(at + 1).ok()
    }

    /// Days from Monday.
    fn weekday(&self) -> Option<u32> {
        let lower = self.text.to_lowercase();
        let at = WEEKDAYS.iter().position(|names| names.contains(&lower.as_str()))?;
        u32::try_from(at).ok()
    }

    fn year(&self, settings: &Settings) -> Option<i32> {
        match self.text.len() {
            2 => Some(full_year(self.text.parse().ok()?, settings)),
            4 => self.text.parse().ok(),
            _ => None,
        }
    }
}

/// The words of the text without ordinal endings and fill words; `None` if there is anything else in it.
fn words(text: &str) -> Option<Vec<Word<'_>>> {
    const MOST_WORDS: usize = 6;
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut rest = text;
    let mut has_apostrophe = false;
    let mut touches = false;
    while let Some(first) = rest.chars().next() {
        if is_blank(first) || matches!(first, '-' | '/' | '.' | ',' | '–') {
            rest = &rest[first.len_utf8()..];
            touches = false;
            continue;
        }
        if matches!(first, '\'' | '’') {
            has_apostrophe = true;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let is_digits = first.is_ascii_digit();
        let belongs =
            |character: char| if is_digits { character.is_ascii_digit() } else { character.is_alphabetic() };
        let end = rest.find(|character| !belongs(character)).unwrap_or(rest.len());
        if end == 0 || words.len() == MOST_WORDS {
            return None;
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        let lower = word.to_lowercase();
        if touches && ORDINALS.contains(&lower.as_str()) {
            words.last_mut()?.is_ordinal = true;
        } else if !FILL_WORDS.contains(&lower.as_str()) {
            words.push(Word {
                text: word,
                has_apostrophe: std::mem::take(&mut has_apostrophe),
                is_ordinal: false,
            });
        }
        touches = is_digits;
    }
    Some(words)
}

/// The words that dates with a month in letters are made of, in lower case.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    MONTHS.into_iter().chain(WEEKDAYS).flatten().chain(&ORDINALS).chain(&FILL_WORDS).copied()
}

const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];
const FILL_WORDS: [&str; 4] = ["of", "the", "de", "del"];

/// Month names in lower case: English, German, French, Spanish, Portuguese, Italian, Dutch. None of them
/// names two months.
const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "januar", "jänner", "janv", "janvier", "ene", "enero", "janeiro", "gen", "gennaio",
        "januari",
    ],
    &[
        "feb",
        "february",
        "februar",
        "feber",
        "févr",
        "fév",
        "février",
        "febrero",
        "fev",
        "fevereiro",
        "febbraio",
        "februari",
    ],
    &["mar", "march", "mrz", "mär", "märz", "mars", "marzo", "março", "mrt", "maart"],
    &["apr", "april", "avr", "avril", "abr", "abril", "aprile"],
    &["may", "mai", "mayo", "maio", "mag", "maggio", "mei"],
    &["jun", "june", "juni", "juin", "junio", "junho", "giu", "giugno"],
    &["jul", "july", "juli", "juil", "juillet", "julio", "julho", "lug", "luglio"],
    &["aug", "august", "août", "aout", "ago", "agosto", "augustus"],
    &["sep", "sept", "september", "septembre", "septiembre", "set", "setembro", "settembre"],
    &["oct", "october", "okt", "oktober", "octobre", "octubre", "out", "outubro", "ott", "ottobre"],
    &["nov", "november", "novembre", "noviembre", "novembro"],
    &["dec", "december", "dez", "dezember", "déc", "décembre", "dic", "diciembre", "dezembro", "dicembre"],
];

const WEEKDAYS: [&[&str]; 7] = [
    &["mon", "monday"],
    &["tue", "tues", "tuesday"],
    &["wed", "weds", "wednesday"],
    &["thu", "thur", "thurs", "thursday"],
    &["fri", "friday"],
    &["sat", "saturday"],
    &["sun", "sunday"],
];
