//! What is in a workbook, and which layout a conversion would use, with the evidence and the alternatives.

use std::ops::ControlFlow;

use metricsheet_core::{ColumnIndex, Field, RowNumber, Settings};

use crate::cell::StoredRow;
use crate::layout::{self, Candidate, HEAD_ROWS, Layout, LayoutError, Wanted};
use crate::reading::{ReadError, Sheet, SheetFacts, Workbook};

/// What is on a sheet.
#[derive(Debug)]
pub struct SheetInspection {
    /// The sheet.
    pub sheet: Sheet,
    /// How many rows hold a cell.
    pub rows: u64,
    /// How many of them are hidden.
    pub hidden_rows: u64,
    /// The last row and the last column that hold a cell; `None` for an empty sheet.
    pub end: Option<(RowNumber, ColumnIndex)>,
    /// Merged cells and hidden columns.
    pub facts: SheetFacts,
    /// Where the table stands, or why none was found.
    pub layout: Result<Layout, LayoutError>,
    /// Columns of the header row that could hold a field too, and lost to another.
    pub alternatives: Vec<(Field, Candidate)>,
}

/// Looks at all sheets of a workbook.
///
/// # Errors
/// [`ReadError`] if a sheet cannot be read.
pub fn inspect(workbook: &mut Workbook, wanted: &Wanted) -> Result<Vec<SheetInspection>, ReadError> {
    let sheets = workbook.sheets().to_vec();
    (0..).zip(sheets).map(|(index, sheet)| inspect_sheet(workbook, index, sheet, wanted)).collect()
}

fn inspect_sheet(
    workbook: &mut Workbook,
    index: usize,
    sheet: Sheet,
    wanted: &Wanted,
) -> Result<SheetInspection, ReadError> {
    let mut head: Vec<StoredRow> = Vec::new();
    let (mut rows, mut hidden_rows) = (0, 0);
    let mut end: Option<(RowNumber, ColumnIndex)> = None;
    let facts = workbook.read(index, &mut |row| {
        rows += 1;
        hidden_rows += u64::from(row.hidden);
        if let Some(last) = row.cells.last() {
            let (last_row, last_column) = end.unwrap_or((row.number, last.column));
            end = Some((last_row.max(row.number), last_column.max(last.column)));
        }
        if head.len() < HEAD_ROWS {
            head.push(row);
        }
        ControlFlow::Continue(())
    })?;
    let dates = workbook.dates();
    let layout = layout::find(&head, wanted)
        .or_else(|error| layout::find_periods(&head, wanted, &Settings::default(), dates).ok_or(error));
    let alternatives = layout.as_ref().map(|layout| layout::alternatives(&head, layout)).unwrap_or_default();
    Ok(SheetInspection { sheet, rows, hidden_rows, end, facts, layout, alternatives })
}
