//! Reads a status of a progress update. Capitals do not matter to the service, spelling does.

use crate::rule::Fixable;
use crate::rules::status as rules;
use crate::text::{clean, is_blank, quoted};
use crate::value::{Deviation, Reading, is_placeholder};

/// The statuses of every organisation that has not defined its own.
pub const BUILT_IN: [&str; 7] =
    ["On Track", "Off Track", "At Risk", "Achieved", "Not Achieved", "Canceled", "Not Started"];

/// Reads a cell of the status column. The value is the status as it is listed.
#[must_use]
pub fn read(text: &str, statuses: &[String]) -> Reading<String> {
    let cleaned = clean(text);
    let trimmed = cleaned.text.as_ref();
    if trimmed.is_empty() || is_placeholder(trimmed) {
        return Reading::refused(
            &rules::MISSING_STATUS,
            format!("no status; enter one of {}", listed(statuses)),
        );
    }
    let mut deviations = cleaned.deviations;
    let lower = trimmed.to_lowercase();
    if let Some(status) = statuses.iter().find(|status| status.to_lowercase() == lower) {
        let rewrite = (!deviations.is_empty()).then(|| trimmed.to_owned());
        return Reading { value: Some(status.clone()), deviations, rewrite };
    }
    let key = key(trimmed);
    if let Some(status) = statuses.iter().find(|status| self::key(status) == key) {
        let message = format!("{} is not spelled as the service does; write `{status}`", quoted(trimmed));
        deviations.push(Deviation::new(&rules::MISSPELLED_STATUS, message, Fixable::Safe));
        return Reading { value: Some(status.clone()), deviations, rewrite: Some(status.clone()) };
    }
    let Some(status) = nearest(statuses, trimmed) else {
        let message =
            format!("{} is no status of the service; enter one of {}", quoted(trimmed), listed(statuses));
        deviations.push(Deviation::new(&rules::UNKNOWN_STATUS, message, Fixable::No));
        return Reading { value: None, deviations, rewrite: None };
    };
    let message = format!("{} is no status of the service; did you mean `{status}`?", quoted(trimmed));
    let fixable = Fixable::unsafe_because("it is the nearest status, not the same");
    deviations.push(Deviation::new(&rules::UNKNOWN_STATUS, message, fixable));
    Reading { value: Some(status.clone()), deviations, rewrite: Some(status.clone()) }
}

/// Lower case without spaces, hyphens and underscores, with one spelling of the word that has two.
fn key(status: &str) -> String {
    let is_spacing =
        |character: char| is_blank(character) || matches!(character, '-' | '‐' | '‑' | '–' | '—' | '_');
    let key: String =
        status.chars().filter(|character| !is_spacing(*character)).flat_map(char::to_lowercase).collect();
    if key == "cancelled" { "canceled".to_owned() } else { key }
}

/// The one status that is nearest to what was typed, within a slip for each four letters, two at the most.
/// Another first letter (`Unachieved`) or a number beside it (`On Track 60%`) says something else.
fn nearest<'a>(statuses: &'a [String], typed: &str) -> Option<&'a String> {
    if typed.contains(|character: char| character.is_numeric()) {
        return None;
    }
    let typed = key(typed);
    let slips = (typed.chars().count() / 4).min(2);
    let mut near: Vec<(usize, &String)> = statuses
        .iter()
        .map(|status| (key(status), status))
        .filter(|(key, _)| key.chars().next() == typed.chars().next())
        .map(|(key, status)| (strsim::osa_distance(&key, &typed), status))
        .filter(|(distance, _)| *distance <= slips)
        .collect();
    near.sort();
    match near.as_slice() {
        [(_, status)] => Some(status),
        [(first, status), (second, _), ..] if first < second => Some(status),
        _ => None,
    }
}

fn listed(statuses: &[String]) -> String {
    statuses.iter().map(|status| format!("`{status}`")).collect::<Vec<_>>().join(", ")
}
