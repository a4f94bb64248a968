//! What becomes of each row, given all findings: written with its cells mended, rejected, or removed.

use std::collections::{BTreeMap, HashSet};

use metricsheet_core::{Applicability, Change, Field, Finding, Place, RowNumber, Severity, Template};

use super::provenance::Source;
use super::table::DataRow;
use super::{LeftOut, Reject};

/// What became of the rows of a table.
#[derive(Default)]
pub(super) struct Verdicts {
    /// One text for each column of the template; each row before the line where it belongs.
    pub(super) rows: Vec<(u64, Vec<String>)>,
    /// The numbers and the sources of the rows, where sources were kept.
    pub(super) sources: Vec<(RowNumber, Vec<Option<Source>>)>,
    pub(super) rejects: Vec<Reject>,
    pub(super) rejected: u64,
    pub(super) left_out: BTreeMap<LeftOut, u64>,
    /// The cells that were rewritten, and the rows that were removed.
    pub(super) mended: HashSet<(RowNumber, Option<Field>)>,
}

/// Judges the rows. `allowed` is how certain a fix must be to be applied; `None`: no fix is.
pub(super) fn judge(
    template: &Template,
    rows: Vec<DataRow>,
    findings: &[Finding],
    allowed: Option<Applicability>,
) -> Verdicts {
    let mut by_row: BTreeMap<RowNumber, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(row) = finding.place.row() {
            by_row.entry(row).or_default().push(finding);
        }
    }
    let mut verdicts = Verdicts::default();
    for row in rows {
        let found = by_row.get(&row.number).map(Vec::as_slice).unwrap_or_default();
        judge_row(template, row, found, allowed, &mut verdicts);
    }
    verdicts
}

fn judge_row(
    template: &Template,
    row: DataRow,
    findings: &[&Finding],
    allowed: Option<Applicability>,
    verdicts: &mut Verdicts,
) {
    let is_allowed = |finding: &Finding| {
        finding
            .suggestion
            .as_ref()
            .is_some_and(|suggestion| allowed.is_some_and(|it| suggestion.applicability <= it))
    };
    let removal = findings.iter().find(|finding| {
        is_allowed(finding)
            && finding.suggestion.as_ref().is_some_and(|suggestion| suggestion.change == Change::RemoveRow)
    });
    if let Some(finding) = removal {
        let reason = if finding.rule.code == "R001" { LeftOut::Empty } else { LeftOut::RepeatedRow };
        *verdicts.left_out.entry(reason).or_default() += 1;
        verdicts.mended.insert((row.number, None));
        return;
    }
    let number = row.number;
    let mut texts: Vec<String> = row.cells.into_iter().map(|(text, _)| text).collect();
    let mut unmended: Vec<&Finding> = Vec::new();
    for (column, text) in template.columns.iter().zip(&mut texts) {
        let of_cell = || findings.iter().copied().filter(|it| it.place == Place::Cell(number, column.field));
        // A cell is rewritten as a whole or not at all. A remark on where the cell comes from does not
        // forbid it.
        let about_text = || of_cell().filter(|finding| !finding.rule.code.starts_with('W'));
        if about_text().all(is_allowed) {
            if let Some(rewritten) = about_text().find_map(Finding::rewrite) {
                rewritten.clone_into(text);
                verdicts.mended.insert((number, Some(column.field)));
            }
            unmended.extend(of_cell().filter(|finding| finding.rule.code.starts_with('W')));
        } else {
            unmended.extend(of_cell());
        }
    }
    unmended.extend(findings.iter().filter(|finding| finding.place == Place::Row(number)));
    let errors = unmended.into_iter().filter(|finding| finding.severity == Severity::Error);
    let rejects: Vec<Reject> = errors
        .map(|finding| Reject {
            row: number,
            field: finding.place.field(),
            code: finding.rule.code,
            reason: finding.message.clone(),
            text: finding.text.clone(),
        })
        .collect();
    if rejects.is_empty() {
        verdicts.rows.push((row.before, texts));
        if !row.sources.is_empty() {
            verdicts.sources.push((number, row.sources));
        }
    } else {
        verdicts.rejected += 1;
        verdicts.rejects.extend(rejects);
    }
}
