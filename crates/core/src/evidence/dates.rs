//! Which order of day and month the column proves (D007).

use super::Evidence;
use crate::position::RowNumber;
use crate::rule::Fixable;
use crate::rules::date::{MIXED_ORDER, OTHER_ORDER};
use crate::settings::{DateForm, DateOrder, Settings};
use crate::template::Field;
use crate::text::quoted;
use crate::value::Deviation;
use crate::value::date::{OrderEvidence, written};

/// Dates that read both ways are in doubt as soon as one date of the column can only be read the other way.
pub(super) fn mixed_order(evidence: &mut Evidence, settings: &Settings) {
    let is_day_first = settings.date_order == DateOrder::DayFirst;
    let contrary = if is_day_first { OrderEvidence::MonthFirst } else { OrderEvidence::DayFirst };
    let Some(proof) = evidence.rows.iter().find(|facts| facts.order() == contrary) else { return };
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
            let message = format!(
                "{} is {} read month first and {} read day first, and {proof_text} in row {proof_row} is {} first; declare `date-order` or correct the dates",
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
    let proofs: Vec<RowNumber> =
        evidence.rows.iter().filter(|facts| facts.order() == contrary).map(|facts| facts.row).collect();
    for row in proofs {
        let Some(report) = evidence.reports.get_mut(&(row, Field::AsOfDate)) else { continue };
        for deviation in report.deviations.iter_mut().filter(|deviation| deviation.rule == &OTHER_ORDER) {
            // Rewriting the proof would make the doubtful dates look certain in the next run.
            deviation.fixable = Fixable::No;
            deviation.message.push_str(", once the dates that read both ways are settled: this one is the proof that they are in doubt");
        }
    }
    for (row, text, message) in doubtful {
        let report = evidence.report(row, Field::AsOfDate, text);
        report.deviations.push(Deviation::new(&MIXED_ORDER, message, Fixable::No));
    }
}
