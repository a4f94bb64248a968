//! What kind of values a header names: what was reached, or what was planned, expected or compared.

use metricsheet_core::Field;
use metricsheet_core::template::Label;

use crate::cell::{StoredCell, StoredValue};

/// Names of what is planned, expected or compared instead of reached.
const OTHER_MEASURES: &[&str] = &[
    "target",
    "targets",
    "budget",
    "budgeted",
    "plan",
    "planned",
    "goal",
    "goals",
    "forecast",
    "projected",
    "projection",
    "estimate",
    "benchmark",
    "baseline",
    "variance",
    "var",
    "var.",
    "difference",
    "diff",
    "delta",
    "change",
    "prior",
    "previous",
    "threshold",
    "tolerance",
    "trend",
    "rag",
    "status",
    "comment",
    "comments",
    "note",
    "notes",
    "soll",
    "ziel",
];

/// What kind of values a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// What was reached.
    Actual,
    /// What was planned, or the like.
    Other,
}

pub(super) fn measure(cell: &StoredCell) -> Option<Measure> {
    match &cell.value {
        StoredValue::Text(text) => measure_of(text.trim()),
        StoredValue::Number(_)
        | StoredValue::Moment(_)
        | StoredValue::Duration(_)
        | StoredValue::Logical(_)
        | StoredValue::Error(_)
        | StoredValue::NoResult => None,
    }
}

fn measure_of(text: &str) -> Option<Measure> {
    if Label::read(text).field() == Some(Field::MetricValue) {
        return Some(Measure::Actual);
    }
    OTHER_MEASURES.contains(&text.to_lowercase().as_str()).then_some(Measure::Other)
}

/// A header without the word that names the kind of its values: `Jan-24` of `Jan-24 Actual` and `Actual (Jan-24)`.
pub(super) fn without_measure(text: &str) -> (String, Option<Measure>) {
    if let Some(measure) = measure_of(text) {
        return (String::new(), Some(measure));
    }
    let marks = |it: char| matches!(it, '(' | ')' | '-' | '–' | ':' | ',' | '/') || it.is_whitespace();
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [first, rest @ ..] = &words[..]
        && !rest.is_empty()
        && let Some(measure) = measure_of(first.trim_matches(marks))
    {
        return (rest.join(" ").trim_matches(marks).to_owned(), Some(measure));
    }
    if let [rest @ .., last] = &words[..]
        && !rest.is_empty()
        && let Some(measure) = measure_of(last.trim_matches(marks))
    {
        return (rest.join(" ").trim_matches(marks).to_owned(), Some(measure));
    }
    (text.to_owned(), None)
}
