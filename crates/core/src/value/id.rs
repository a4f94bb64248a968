//! Reads an External ID: the customer's own name of a metric. Refuses commas, quotation marks and the word
//! "external", as the service does, and what spreadsheet programs destroyed.

use crate::plan::{Nearest, Plan};
use crate::rule::Fixable;
use crate::rules::id as rules;
use crate::text::{clean, is_blank, quoted};
use crate::value::{Deviation, Reading, is_placeholder, is_spreadsheet_error};

/// An External ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id {
    /// As it stands after all fixes of the cell.
    pub written: String,
    /// As it was typed, apart from blanks around it and what nobody sees; `None` if that is the same.
    pub typed: Option<String>,
}

/// Reads a cell of the ID column.
#[must_use]
pub fn read(text: &str) -> Reading<Id> {
    let cleaned = clean(text);
    let trimmed = cleaned.text.as_ref();
    let id = without_forbidden(trimmed);
    if trimmed.is_empty() || id.is_empty() {
        return Reading::refused(&rules::MISSING_ID, "no ID; enter the metric's External ID");
    }
    if is_placeholder(&id) && !is_possible_name(&id) {
        let message = format!("{} stands for no ID; enter the metric's External ID", quoted(text));
        return Reading::refused(&rules::MISSING_ID, message);
    }
    let mut deviations = cleaned.deviations;
    let mut note = |rule, message: String, fixable| deviations.push(Deviation::new(rule, message, fixable));
    let shown = quoted(trimmed);
    if has_comma(trimmed) {
        note(&rules::COMMA_IN_ID, format!("comma in {shown}; write `{id}`"), Fixable::Safe);
    }
    if has_double_quote(trimmed) {
        note(&rules::QUOTE_IN_ID, format!("quotation mark in {shown}; write `{id}`"), Fixable::Safe);
    }
    let mut written = id.clone();
    if id.contains("  ") {
        written = single_spaced(&id);
        let because = "the service may know the metric by the ID with both spaces";
        note(
            &rules::REPEATED_SPACE,
            format!("several spaces in a row in {shown}; write one"),
            Fixable::unsafe_because(because),
        );
    }
    if lower_case(&id).contains("external") {
        let message = format!("{shown} contains \"external\", which the service reserves; rename the metric");
        note(&rules::RESERVED_WORD, message, Fixable::No);
    }
    if is_spreadsheet_error(&id) || is_exponent_form(&id) || is_exponent_form(trimmed) {
        let message = format!(
            "{shown} was made by a spreadsheet program out of another ID; restore it from its source"
        );
        note(&rules::MANGLED_ID, message, Fixable::No);
    }
    if is_date_made_of_id(&id) {
        let message = format!(
            "{shown} looks like an ID that a spreadsheet program turned into a date; compare it with its source"
        );
        note(&rules::DATE_LIKE_ID, message, Fixable::No);
    }
    if deviations.is_empty() {
        return Reading::valid(Id { written: id, typed: None });
    }
    let typed = (trimmed != written).then(|| trimmed.to_owned());
    Reading { value: Some(Id { written: written.clone(), typed }), deviations, rewrite: Some(written) }
}

/// Reads a cell of the ID column, given what is known. What the plan knows as it was typed is not in doubt; an
/// ID that it does not know is one that it does if exactly one is near.
#[must_use]
pub fn read_with(text: &str, plan: Option<&Plan>) -> Reading<Id> {
    let mut reading = read(text);
    let (Some(plan), Some(id)) = (plan, &mut reading.value) else { return reading };
    let typed = id.typed.as_ref().unwrap_or(&id.written);
    if plan.find(typed).is_some() {
        let is_doubt = |deviation: &Deviation| {
            deviation.rule == &rules::REPEATED_SPACE || deviation.rule == &rules::DATE_LIKE_ID
        };
        reading.deviations.retain(|deviation| !is_doubt(deviation));
        reading.rewrite = (!reading.deviations.is_empty()).then(|| typed.clone());
        reading.value = Some(Id { written: typed.clone(), typed: None });
        return reading;
    }
    if plan.find(&id.written).is_some() {
        return reading;
    }
    let shown = quoted(&id.written);
    let (message, fixable) = match plan.nearest(&id.written) {
        Nearest::None => {
            (format!("the plan has no {shown}; correct the ID, or add the metric to the plan"), Fixable::No)
        }
        Nearest::One(known) => {
            let typed = id.typed.get_or_insert_with(|| id.written.clone()).clone();
            id.written = known.to_owned();
            // What was typed is not changed by a fix that makes it the same again.
            id.typed = Some(typed).filter(|typed| typed != known);
            reading.rewrite = Some(known.to_owned());
            let because = "it may be a metric that the plan does not have yet";
            (
                format!("the plan has no {shown}; did you mean {}?", quoted(known)),
                Fixable::unsafe_because(because),
            )
        }
        Nearest::OtherNumber(known) => {
            (format!("the plan has no {shown}; did you mean {}?", quoted(known)), Fixable::No)
        }
        Nearest::Several(known) => {
            (format!("the plan has no {shown}; did you mean {}?", either(&known)), Fixable::No)
        }
    };
    reading.deviations.push(Deviation::new(&rules::UNKNOWN_ID, message, fixable));
    reading
}

/// So many near IDs are named.
const MOST_NAMED: usize = 3;

/// `A`, `B` or `C`, or another one
fn either(ids: &[&str]) -> String {
    let named: Vec<String> = ids.iter().take(MOST_NAMED).map(|id| quoted(id)).collect();
    match named.split_last() {
        Some((last, first)) if ids.len() <= MOST_NAMED => format!("{} or {last}", first.join(", ")),
        Some(_) | None => format!("{} or another one", named.join(", ")),
    }
}

/// An ID as a plan knows it: without what the service takes in no ID. `None` if it is none.
pub(crate) fn known_form(text: &str) -> Option<String> {
    let id = read(text).value?;
    let cleaned = clean(text);
    Some(without_forbidden(&cleaned.text)).filter(|form| !form.is_empty() && !id.written.is_empty())
}

/// Letters that stand for nothing in other columns, and may well name a metric.
fn is_possible_name(id: &str) -> bool {
    let is_x = id.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x'));
    is_x || ["nd", "nr", "pending", "suppressed", "not measured"].contains(&id.to_lowercase().as_str())
}

/// Whether two IDs differ only in how they are typed: capitals and spaces.
#[must_use]
pub fn loose_key(id: &str) -> String {
    if id.is_ascii() {
        let mut key = id.to_ascii_lowercase();
        if key.contains(is_blank) {
            key.retain(|character| !is_blank(character));
        }
        return key;
    }
    id.chars().filter(|character| !is_blank(*character)).flat_map(char::to_lowercase).collect()
}

/// The ID without commas and double quotation marks. Where one stood between two spaces, one space stays.
fn without_forbidden(text: &str) -> String {
    if !has_comma(text) && !has_double_quote(text) {
        return text.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut was_removed = false;
    for character in text.chars() {
        if is_comma(character) || is_double_quote(character) {
            was_removed = true;
            continue;
        }
        let is_doubled = was_removed && character == ' ' && (kept.is_empty() || kept.ends_with(' '));
        if !is_doubled {
            kept.push(character);
            was_removed = false;
        }
    }
    kept.trim_matches(is_blank).to_owned()
}

/// The same as `to_lowercase`, which takes a while for a long text.
fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

fn has_comma(text: &str) -> bool {
    text.as_bytes().contains(&b',') || (!text.is_ascii() && text.contains(is_comma))
}

fn has_double_quote(text: &str) -> bool {
    text.as_bytes().contains(&b'"') || (!text.is_ascii() && text.contains(is_double_quote))
}

/// Commas of all scripts that a CSV reader or the service could take for one.
const fn is_comma(character: char) -> bool {
    matches!(character, ',' | '，' | '﹐')
}

/// Straight and typographic double quotation marks; apostrophes and single marks are part of names.
const fn is_double_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂' | '″')
}

fn single_spaced(text: &str) -> String {
    text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `1.23457E+11`: spreadsheet programs always write the sign of the exponent.
fn is_exponent_form(id: &str) -> bool {
    if !id.strip_prefix('-').unwrap_or(id).starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let Some((mantissa, exponent)) = id.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let mantissa_is_number = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => whole.len() == 1 && is_number(whole) && is_number(fraction),
        None => mantissa.len() == 1 && is_number(mantissa),
    };
    mantissa_is_number
        && exponent.strip_prefix(['+', '-']).is_some_and(|digits| digits.len() >= 2 && is_number(digits))
}

/// `Mar-05`, `1-Jan`, `03/05/2024`: what `MAR5`, `1-1` and `3/5` are turned into.
fn is_date_made_of_id(id: &str) -> bool {
    let starts_or_ends_with_digit =
        id.starts_with(|c: char| c.is_ascii_digit()) || id.ends_with(|c: char| c.is_ascii_digit());
    let is_short = id.len() <= 11 && starts_or_ends_with_digit;
    let has_mark = id.contains(['-', '/']) && !id.contains(' ');
    is_short && has_mark && crate::value::date::is_date_like(id)
}
