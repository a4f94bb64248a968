//! What is in a workbook, and which layout a conversion would use, with the evidence and the alternatives.

use std::ops::ControlFlow;

use metricsheet_core::{ColumnIndex, Field, RowNumber, Settings};

use crate::cell::StoredRow;
use crate::layout::{self, Candidate, Finder, HEAD_ROWS, Layout, LayoutError, Wanted};
use crate::reading::{NamedArea, ReadError, Sheet, SheetFacts, Workbook};

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
    /// Its areas that have a name, as far as the format's names are read.
    pub areas: Vec<NamedArea>,
    /// Where its tables stand, or why none was found.
    pub tables: Result<Vec<TableInspection>, LayoutError>,
}

/// A table of a sheet.
#[derive(Debug)]
pub struct TableInspection {
    /// Where it stands.
    pub layout: Layout,
    /// Columns of the header row that could hold a field too, and lost to another.
    pub alternatives: Vec<(Field, Candidate)>,
}

/// Looks at all sheets of a workbook.
///
/// # Errors
/// [`ReadError`] if a sheet cannot be read.
pub fn inspect(workbook: &mut Workbook, wanted: &Wanted) -> Result<Vec<SheetInspection>, ReadError> {
    let sheets = workbook.sheets().to_vec();
    let areas = workbook.areas()?.unwrap_or_default();
    let sheets = (0..).zip(sheets).map(|(index, sheet)| {
        let inspection = inspect_sheet(workbook, index, sheet, wanted)?;
        let areas = areas.iter().filter(|area| area.sheet == index).cloned().collect();
        Ok(SheetInspection { areas, ..inspection })
    });
    sheets.collect()
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
            head.push(std::mem::take(row));
        }
        ControlFlow::Continue(())
    })?;
    let finder = Finder {
        wanted,
        settings: &Settings::default(),
        dates: workbook.dates(),
        with_periods: true,
        sheet: &sheet.name,
    };
    let tables = finder.headers(&head).and_then(|headers| {
        if headers.is_empty() {
            return Err(finder.reason(&head));
        }
        let layouts = headers.into_iter().flat_map(|header| header.layouts);
        Ok(layouts
            .map(|layout| TableInspection { alternatives: layout::alternatives(&head, &layout), layout })
            .collect())
    });
    Ok(SheetInspection { sheet, rows, hidden_rows, end, facts, areas: Vec::new(), tables })
}
