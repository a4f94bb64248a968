//! Reads a status of a progress update. Capitals do not matter to the service, spelling does.

use crate::rule::Fixable;
use crate::rules::status as rules;
use crate::text::{LineBreaks, clean, quoted};
use crate::value::{Deviation, Reading, is_placeholder};

/// The statuses of every organisation that has not defined its own.
pub const BUILT_IN: [&str; 7] =
    ["On Track", "Off Track", "At Risk", "Achieved", "Not Achieved", "Canceled", "Not Started"];

/// Reads a cell of the status column. The value is the status as it is listed.
#[must_use]
pub fn read(text: &str, statuses: &[String]) -> Reading<String> {
    let cleaned = clean(text, LineBreaks::Joined);
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
    let near: Vec<&String> = statuses.iter().filter(|status| is_near(&self::key(status), &key)).collect();
    let [status] = near.as_slice() else {
        let message =
            format!("{} is no status of the service; enter one of {}", quoted(trimmed), listed(statuses));
        deviations.push(Deviation::new(&rules::UNKNOWN_STATUS, message, Fixable::No));
        return Reading { value: None, deviations, rewrite: None };
    };
    let message = format!("{} is no status of the service; did you mean `{status}`?", quoted(trimmed));
    let fixable = Fixable::unsafe_because("it is the nearest status, not the same");
    deviations.push(Deviation::new(&rules::UNKNOWN_STATUS, message, fixable));
    Reading { value: Some((*status).clone()), deviations, rewrite: Some((*status).clone()) }
}

/// Letters and digits in lower case, with one spelling of the word that has two.
fn key(status: &str) -> String {
    let key: String =
        status.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if key == "cancelled" { "canceled".to_owned() } else { key }
}

/// One slip for each four letters, two at the most.
fn is_near(status: &str, typed: &str) -> bool {
    let slips = (typed.chars().count() / 4).min(2);
    strsim::osa_distance(status, typed) <= slips
}

fn listed(statuses: &[String]) -> String {
    statuses.iter().map(|status| format!("`{status}`")).collect::<Vec<_>>().join(", ")
}
