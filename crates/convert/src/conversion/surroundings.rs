//! What is doubtful about where cells stand: in hidden sheets, rows and columns, and in merged areas.

use std::collections::HashSet;

use metricsheet_core::rules::workbook::{HIDDEN_DATA, MERGED_CELL};
use metricsheet_core::text::quoted;
use metricsheet_core::{Finding, Place, RowNumber};

use super::merging::covered_rows;
use crate::layout::{Layout, LayoutColumn};
use crate::reading::{SheetFacts, Visibility};

/// The findings about a sheet with these tables. `rows` are its data rows and `hidden` those
/// of them that are hidden, both in order.
pub(super) fn findings(
    sheet: &str,
    visibility: Visibility,
    layouts: &[Layout],
    facts: &SheetFacts,
    rows: &[RowNumber],
    hidden: &[RowNumber],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = quoted(sheet);
    if visibility != Visibility::Visible {
        let message = format!("sheet {name} is hidden; its rows are used");
        findings.push(Finding::new(&HIDDEN_DATA, Place::File, message));
    }
    for column in columns(layouts) {
        if facts.hidden_columns.iter().any(|columns| columns.contains(&column.column)) {
            let message = format!(
                "column {} ({}) of sheet {name} is hidden; its cells are used",
                column.column,
                quoted(&column.header)
            );
            findings.push(Finding::new(&HIDDEN_DATA, Place::File, message));
        }
    }
    for (first, last) in runs(rows, hidden) {
        let rows = if first == last { format!("row {first}") } else { format!("rows {first} to {last}") };
        let is = if first == last { "is hidden; it is" } else { "are hidden; they are" };
        let message = format!("{rows} of sheet {name} {is} used");
        findings.push(Finding::new(&HIDDEN_DATA, Place::Row(first), message));
    }
    for range in &facts.merged {
        for column in columns(layouts) {
            for row in covered_rows(range, column.column, rows) {
                let message = format!(
                    "cell {}{row} of sheet {name} is merged with {}{}, which holds the value; use `--fill-merged` if \
                     it counts here too",
                    column.column, range.first_column, range.first_row
                );
                findings.push(Finding::new(&MERGED_CELL, Place::Cell(row, column.field), message));
            }
        }
    }
    findings
}

/// The columns of all tables, each once.
fn columns(layouts: &[Layout]) -> impl Iterator<Item = &LayoutColumn> {
    let mut seen = HashSet::new();
    layouts
        .iter()
        .flat_map(|layout| &layout.columns)
        .filter(move |column| seen.insert((column.field, column.column)))
}

/// Hidden rows that follow each other among the data rows, as first and last.
fn runs(rows: &[RowNumber], hidden: &[RowNumber]) -> Vec<(RowNumber, RowNumber)> {
    let mut runs: Vec<(RowNumber, RowNumber)> = Vec::new();
    let mut continues = false;
    let mut hidden = hidden.iter().copied().peekable();
    for row in rows.iter().copied() {
        if hidden.next_if_eq(&row).is_none() {
            continues = false;
            continue;
        }
        match runs.last_mut() {
            Some((_, last)) if continues => *last = row,
            Some(_) | None => runs.push((row, row)),
        }
        continues = true;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_are_reported_in_runs() {
        let rows = |numbers: &[u32]| numbers.iter().map(|number| RowNumber::new(*number)).collect::<Vec<_>>();
        let found = runs(&rows(&[2, 3, 4, 6, 7, 9]), &rows(&[3, 4, 6, 9]));
        let expected = [(3, 6), (9, 9)].map(|(first, last)| (RowNumber::new(first), RowNumber::new(last)));
        assert_eq!(found, expected);
    }
}
