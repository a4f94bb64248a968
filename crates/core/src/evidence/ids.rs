//! What the IDs of a table show about each other: collisions (I006), inconsistent spelling (I007), lost zeros
//! (I008).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Evidence, Symbol};
use crate::position::RowNumber;
use crate::rule::Fixable;
use crate::rules::id::{COLLIDING_ID, INCONSISTENT_ID, LOST_LEADING_ZEROS};
use crate::settings::Settings;
use crate::template::Field;
use crate::text::quoted;
use crate::value::Deviation;
use crate::value::id::loose_key;

/// So many other IDs must share a width before a shorter one is in doubt.
const FEWEST_OTHERS: usize = 2;

/// The one all-digit ID that is shorter than all others, which share one width; with the width. Where there is a
/// plan, it tells which IDs there are.
fn short_id(evidence: &Evidence, settings: &Settings) -> Option<(Symbol, usize)> {
    if settings.plan.is_some() {
        return None;
    }
    let used: BTreeSet<Symbol> = evidence.rows.iter().filter_map(|facts| facts.id).collect();
    let mut by_width: BTreeMap<usize, Vec<Symbol>> = BTreeMap::new();
    for id in used {
        let text = evidence.ids.text(id);
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            by_width.entry(text.len()).or_default().push(id);
        }
    }
    let mut widths = by_width.iter();
    let (Some((_, short)), Some((width, others)), None) = (widths.next(), widths.next(), widths.next())
    else {
        return None;
    };
    match (short.as_slice(), others.len() >= FEWEST_OTHERS) {
        ([short], true) => Some((*short, *width)),
        (_, _) => None,
    }
}

/// The short ID that may have lost its zeros, and the one that it may have been.
pub(super) fn short_and_padded(evidence: &Evidence, settings: &Settings) -> Option<[String; 2]> {
    let (short, width) = short_id(evidence, settings)?;
    let text = evidence.ids.text(short);
    Some([text.to_owned(), format!("{text:0>width$}")])
}

/// An ID that has lost its zeros, and with them its place among the others.
pub(super) fn lost_leading_zeros(evidence: &mut Evidence, settings: &Settings) {
    let Some((short, width)) = short_id(evidence, settings) else { return };
    let text = evidence.ids.text(short).to_owned();
    let padded = format!("{text:0>width$}");
    let mut message = format!(
        "{} has fewer digits than all other numeric IDs of the file, which have {width}",
        quoted(&text)
    );
    // Padded, its values would be read by another declaration than they are now.
    if settings.percent.maximum(&text) != settings.percent.maximum(&padded) {
        let declared = "is declared otherwise with `percent`, so see to its values too";
        message = format!("{message}; `{padded}` {declared}");
        for (row, typed) in rows_with(evidence, short) {
            let report = evidence.report(row, Field::ExternalId, typed);
            report.deviations.push(Deviation::new(&LOST_LEADING_ZEROS, message.clone(), Fixable::No));
        }
        return;
    }
    let padded_symbol = evidence.ids.intern(&padded);
    for (row, typed) in rows_with(evidence, short) {
        let report = evidence.report(row, Field::ExternalId, typed);
        let because = "it may be an ID of its own";
        report.deviations.push(Deviation::new(
            &LOST_LEADING_ZEROS,
            message.clone(),
            Fixable::unsafe_because(because),
        ));
        report.rewrite = Some(padded.clone());
    }
    // From here on the ID counts as what its fix would make of it.
    for facts in &mut evidence.rows {
        if facts.id == Some(short) {
            facts.id = Some(padded_symbol);
        }
    }
}

/// Different IDs that a fix would make the same: none of them is rewritten.
pub(super) fn collisions(evidence: &mut Evidence) {
    let mut sources: HashMap<Symbol, BTreeMap<Symbol, RowNumber>> = HashMap::new();
    for facts in &evidence.rows {
        if let (Some(id), Some(typed)) = (facts.id, facts.typed_id) {
            sources.entry(id).or_default().entry(typed).or_insert(facts.row);
        }
    }
    let mut collisions = Vec::new();
    for facts in &evidence.rows {
        let (Some(id), Some(typed)) = (facts.id, facts.typed_id) else { continue };
        // What stands as it is collides with nothing; only rewriting would make it the same.
        if id == typed {
            continue;
        }
        let other =
            sources.get(&id).and_then(|typed_forms| typed_forms.iter().find(|(form, _)| **form != typed));
        if let Some((other, row)) = other {
            let message = format!(
                "{} would become `{}`, and so would {} in row {row}; rename one of them",
                quoted(evidence.ids.text(typed)),
                evidence.ids.text(id),
                quoted(evidence.ids.text(*other)),
            );
            collisions.push((facts.row, evidence.ids.text(typed).to_owned(), message));
        }
    }
    for (row, text, message) in collisions {
        evidence.report(row, Field::ExternalId, text).deviations.push(Deviation::new(
            &COLLIDING_ID,
            message,
            Fixable::No,
        ));
    }
}

/// IDs that differ only in capitals or spaces; the most frequent spelling is the one not in doubt.
pub(super) fn inconsistent(evidence: &mut Evidence) {
    let mut counts: BTreeMap<Symbol, (usize, RowNumber)> = BTreeMap::new();
    for facts in &evidence.rows {
        if let Some(id) = facts.id {
            counts.entry(id).or_insert((0, facts.row)).0 += 1;
        }
    }
    let mut spellings: HashMap<String, Vec<Symbol>> = HashMap::new();
    for id in counts.keys() {
        spellings.entry(loose_key(evidence.ids.text(*id))).or_default().push(*id);
    }
    let mut doubtful = Vec::new();
    for forms in spellings.values().filter(|forms| forms.len() > 1) {
        // The earliest of the most frequent: symbols ascend in the order of first use.
        let Some(usual) = forms
            .iter()
            .max_by_key(|id| (counts.get(id).map_or(0, |(count, _)| *count), std::cmp::Reverse(**id)))
        else {
            continue;
        };
        let first_row = counts.get(usual).map(|(_, row)| *row);
        for id in forms.iter().filter(|id| *id != usual) {
            let message = format!(
                "{} differs from {} in row {} only in capitals or spaces; decide on one spelling",
                quoted(evidence.ids.text(*id)),
                quoted(evidence.ids.text(*usual)),
                first_row.unwrap_or(RowNumber::new(1)),
            );
            doubtful
                .extend(rows_with(evidence, *id).into_iter().map(|(row, text)| (row, text, message.clone())));
        }
    }
    for (row, text, message) in doubtful {
        evidence.report(row, Field::ExternalId, text).deviations.push(Deviation::new(
            &INCONSISTENT_ID,
            message,
            Fixable::No,
        ));
    }
}

fn rows_with(evidence: &Evidence, id: Symbol) -> Vec<(RowNumber, String)> {
    evidence
        .rows
        .iter()
        .filter(|facts| facts.id == Some(id))
        .map(|facts| {
            let typed = facts.typed_id.unwrap_or(id);
            (facts.row, evidence.ids.text(typed).to_owned())
        })
        .collect()
}
