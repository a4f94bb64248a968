//! Which order of day and month the column proves (D007).

use chrono::{Datelike, NaiveDate};

use super::{Evidence, RowFacts};
use crate::position::RowNumber;
use crate::rule::Fixable;
use crate::rules::date::{MIXED_ORDER, OTHER_ORDER};
use crate::settings::{DateForm, DateOrder, Settings};
use crate::template::Field;
use crate::text::quoted;
use crate::value::Deviation;
use crate::value::date::{OrderEvidence, written};

/// Whether a date proves that the column has another order than the declared one.
pub(super) fn is_contrary(order: OrderEvidence, settings: &Settings) -> bool {
    match settings.date_order {
        DateOrder::DayFirst => order == OrderEvidence::MonthFirst,
        DateOrder::MonthFirst | DateOrder::YearFirst => order == OrderEvidence::DayFirst,
    }
}

/// Dates that read both ways are in doubt as soon as one date of the column can only be read the other way.
pub(super) fn mixed_order(evidence: &mut Evidence, settings: &Settings) {
    let is_day_first = settings.date_order == DateOrder::DayFirst;
    let is_proof = |facts: &&RowFacts| is_contrary(facts.order(), settings);
    let Some(proof) = evidence.rows.iter().find(is_proof) else { return };
    let proof_row = proof.row;
    let proof_text = quoted(&proof.date_text(settings));
    let doubtful: Vec<(RowNumber, String, String)> = evidence
        .rows
        .iter()
        .filter_map(|facts| {
            let OrderEvidence::Either(other) = facts.order() else { return None };
            let day = facts.day()?;
            let (month_first, day_first) = if is_day_first { (other, day) } else { (day, other) };
            let text = facts.date_text(settings);
            let advice = if is_day_first { "correct the dates" } else { "declare `date-order` or correct the dates" };
            let message = format!(
                "{} is {} read month first and {} read day first, and {proof_text} in row {proof_row} is {} first; {advice}",
                quoted(&text),
                written(month_first, DateForm::Iso),
                written(day_first, DateForm::Iso),
                if is_day_first { "month" } else { "day" },
            );
            Some((facts.row, text, message))
        })
        .collect();
    if doubtful.is_empty() {
        return;
    }
    let proofs: Vec<RowNumber> = evidence.rows.iter().filter(is_proof).map(|facts| facts.row).collect();
    for row in proofs {
        let Some(report) = evidence.reports.get_mut(&(row, Field::AsOfDate)) else { continue };
        for deviation in report.deviations.iter_mut().filter(|deviation| deviation.rule == &OTHER_ORDER) {
            // Rewriting the proof would make the doubtful dates look certain in the next run.
            deviation.fixable = Fixable::No;
            deviation.message = format!(
                "{} is {} first; it stays as it is, because other dates of the column read both ways and it is the proof that they are in doubt",
                quoted(&report.text),
                if is_day_first { "month" } else { "day" }
            );
        }
    }
    if settings.written_date_form() == DateForm::Us {
        ambiguous_once_written(evidence);
    }
    for (row, text, message) in doubtful {
        let report = evidence.report(row, Field::AsOfDate, text);
        report.deviations.push(Deviation::new(&MIXED_ORDER, message, Fixable::No));
    }
}

/// Whether the day gives another one when its month and day are taken for each other.
pub(super) fn reads_both_ways(day: NaiveDate) -> bool {
    day.day() <= 12 && day.day() != day.month()
}

/// Dates that are certain as they stand stay so: written with the month first they would read both ways too,
/// in a column whose order is not settled.
fn ambiguous_once_written(evidence: &mut Evidence) {
    let rows: Vec<RowNumber> = evidence
        .rows
        .iter()
        .filter(|facts| {
            facts.day().is_some_and(reads_both_ways) && !matches!(facts.order(), OrderEvidence::Either(_))
        })
        .map(|facts| facts.row)
        .collect();
    for row in rows {
        let Some(report) = evidence.reports.get_mut(&(row, Field::AsOfDate)) else { continue };
        for deviation in &mut report.deviations {
            deviation.fixable = Fixable::No;
            deviation.message.push_str(", once the order of the column's dates is settled");
        }
    }
}
