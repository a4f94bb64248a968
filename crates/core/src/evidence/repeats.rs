//! Rows that say the same (R004), or the opposite (R005), about one metric and day.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;

use super::{Evidence, RowFacts, Symbol};
use crate::finding::{Applicability, Change, Finding, Place, Suggestion};
use crate::position::RowNumber;
use crate::rule::Fixable;
use crate::rules::date::{MIXED_ORDER, OTHER_ORDER};
use crate::rules::id::COLLIDING_ID;
use crate::rules::row::{CONFLICTING_ROW, REPEATED_ROW};
use crate::template::Field;
use crate::value::decimal::Decimal;

/// Compares all rows of the same ID and day.
pub(super) fn repeats_and_conflicts(evidence: &Evidence) -> Vec<Finding> {
    let mut keys: Vec<(Symbol, NaiveDate, usize)> = evidence
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, facts)| Some((facts.id?, facts.day()?, at)))
        .collect();
    keys.sort_unstable();
    let mut findings = Vec::new();
    for group in keys.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)) {
        if group.len() > 1 {
            let rows: Vec<&RowFacts> = group.iter().filter_map(|(_, _, at)| evidence.rows.get(*at)).collect();
            compare(evidence, &rows, &mut findings);
        }
    }
    findings
}

fn compare(evidence: &Evidence, rows: &[&RowFacts], findings: &mut Vec<Finding>) {
    let mut said: HashMap<Said, &RowFacts> = HashMap::new();
    let mut distinct: Vec<&RowFacts> = Vec::new();
    for facts in rows.iter().filter(|facts| !is_in_doubt(evidence, facts)) {
        match said.entry(Said::by(evidence, facts)) {
            Entry::Occupied(earlier) => findings.push(repeated(evidence, earlier.get(), facts)),
            Entry::Vacant(place) => {
                place.insert(facts);
                distinct.push(facts);
            }
        }
    }
    for facts in &distinct {
        // A row contradicts the first one that has another value, or for the first one itself the second.
        if let Some(other) = distinct.iter().take(LOOKED_AT).find(|other| contradicts(facts, other)) {
            let (own, others) = (shown(evidence, facts), shown(evidence, other));
            let message = format!(
                "{own} contradicts {others} in row {}, which has the same ID and day; remove the wrong row",
                other.row
            );
            let finding = Finding::new(&CONFLICTING_ROW, Place::Row(facts.row), message);
            findings.push(with_id(evidence, facts, finding));
        }
    }
}

/// So many different rows of one metric and day are looked at for a contradiction. Two are enough unless values
/// or statuses are missing; the bound keeps the work linear where thousands are.
const LOOKED_AT: usize = 16;

/// What a row says about its metric and day.
#[derive(PartialEq, Eq, Hash)]
struct Said {
    number: Option<Decimal>,
    /// A value that could not be read says the same only if it was typed the same.
    unread: Option<String>,
    status: Option<Symbol>,
    comment: Option<Symbol>,
}

impl Said {
    fn by(evidence: &Evidence, facts: &RowFacts) -> Self {
        let report = evidence.reports.get(&(facts.row, Field::MetricValue));
        Self {
            number: facts.number.as_ref().map(|number| number.decimal.clone()),
            unread: report.filter(|_| facts.number.is_none()).map(|report| report.text.clone()),
            status: facts.status,
            comment: facts.comment,
        }
    }
}

/// Whether ID or day may mean something else, so that the row cannot be compared by what it means: an ID that
/// would collide with another one, a date that reads both ways.
fn is_in_doubt(evidence: &Evidence, facts: &RowFacts) -> bool {
    let deviates =
        |field, rule| evidence.reports.get(&(facts.row, field)).is_some_and(|report| report.deviates(rule));
    deviates(Field::ExternalId, &COLLIDING_ID) || deviates(Field::AsOfDate, &MIXED_ORDER)
}

/// Whether the rows were typed the same, cell by cell.
fn is_typed_the_same(one: &RowFacts, two: &RowFacts) -> bool {
    one.typed_id == two.typed_id
        && one.value_text() == two.value_text()
        && one.date == two.date
        && one.date_text == two.date_text
}

fn contradicts(one: &RowFacts, two: &RowFacts) -> bool {
    let numbers = one.number.as_ref().zip(two.number.as_ref());
    let differ = numbers.is_some_and(|(one, two)| one.decimal != two.decimal);
    let statuses_differ = one.status.is_some() && two.status.is_some() && one.status != two.status;
    one.row != two.row && (differ || statuses_differ)
}

fn repeated(evidence: &Evidence, earlier: &RowFacts, later: &RowFacts) -> Finding {
    let is_certain = is_certainly_the_same(evidence, earlier, later);
    let message = format!("the row says the same as row {}; remove it", earlier.row);
    let mut finding = Finding::new(&REPEATED_ROW, Place::Row(later.row), message);
    if !is_certain {
        finding.note = Some("the rows are equal only after an unsafe fix".to_owned());
    }
    // A date that proves the order of others must stay, however often its row is said.
    let is_proof = evidence.reports.get(&(later.row, Field::AsOfDate)).is_some_and(|report| {
        report
            .deviations
            .iter()
            .any(|deviation| deviation.rule == &OTHER_ORDER && deviation.fixable == Fixable::No)
    });
    if is_proof && !is_typed_the_same(earlier, later) {
        finding.note = Some("it holds the date that puts others of the column in doubt".to_owned());
        return with_id(evidence, later, finding);
    }
    finding.suggestion = Some(Suggestion {
        applicability: if is_certain { Applicability::Safe } else { Applicability::Unsafe },
        title: "remove the row".to_owned(),
        change: Change::RemoveRow,
    });
    with_id(evidence, later, finding)
}

/// Whether the rows say the same without any doubtful fix. Each cell is judged by itself, as each is mended by
/// itself: where the value is in doubt but typed the same, and the date certain, the rows are equal for certain.
fn is_certainly_the_same(evidence: &Evidence, one: &RowFacts, two: &RowFacts) -> bool {
    let is_typed_the_same = |field| match field {
        Field::ExternalId => one.typed_id == two.typed_id,
        Field::MetricValue => one.value_text() == two.value_text(),
        Field::AsOfDate => one.date == two.date && one.date_text == two.date_text,
        // What is plain has no report, and says the same: otherwise the rows would not be compared.
        Field::Status | Field::Comment => typed(evidence, one, field) == typed(evidence, two, field),
    };
    Field::ALL.into_iter().all(|field| {
        is_typed_the_same(field)
            || [one, two].iter().all(|facts| reads_for_certain(evidence, facts.row, field))
    })
}

fn typed<'evidence>(evidence: &'evidence Evidence, facts: &RowFacts, field: Field) -> Option<&'evidence str> {
    evidence.reports.get(&(facts.row, field)).map(|report| report.text.as_str())
}

/// Whether the cell does not owe its reading to a doubtful fix.
fn reads_for_certain(evidence: &Evidence, row: RowNumber, field: Field) -> bool {
    let Some(report) = evidence.reports.get(&(row, field)) else { return true };
    report.deviations.iter().all(|deviation| match deviation.fixable {
        Fixable::Unsafe { .. } => false,
        Fixable::No | Fixable::Safe => true,
    })
}

fn shown(evidence: &Evidence, facts: &RowFacts) -> String {
    match (facts.status, facts.number.is_some()) {
        (Some(status), false) => format!("`{}`", evidence.texts.text(status)),
        (Some(status), true) => format!("`{}`, `{}`", evidence.texts.text(status), facts.value_text()),
        (None, _) => format!("`{}`", facts.value_text()),
    }
}

fn with_id(evidence: &Evidence, facts: &RowFacts, mut finding: Finding) -> Finding {
    finding.external_id = facts.typed_id.map(|id| evidence.ids.text(id).to_owned());
    finding
}
