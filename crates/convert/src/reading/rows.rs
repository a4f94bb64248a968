//! Cells gathered into rows, as they come from the file.
//!
//! Refuses cells beyond the grid of spreadsheet programs. Cells of a row may come in any order; rows that come apart or
//! backwards are put in order by [`in_order`], for formats that can tell beforehand.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};

use super::limits::Tally;
use super::{MAX_COLUMNS, MAX_ROWS, ReadError, RowSink, SheetFacts};
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::NumberFormat;

/// Gathers cells into rows and hands each row on when the next one begins.
pub(super) struct RowAssembler<'s, 'r> {
    sink: &'s mut RowSink<'r>,
    /// 0-based.
    row: u32,
    gathered: StoredRow,
    /// Cells of a row that was handed on, for their memory.
    spare: Vec<StoredCell>,
    /// Whether the cells of the row do not come by column, each column once.
    is_disordered: bool,
    hidden: HashSet<u32>,
    is_done: bool,
    error: Option<ReadError>,
}

impl<'s, 'r> RowAssembler<'s, 'r> {
    pub(super) fn new(sink: &'s mut RowSink<'r>) -> Self {
        Self {
            sink,
            row: 0,
            gathered: StoredRow::default(),
            spare: Vec::new(),
            is_disordered: false,
            hidden: HashSet::new(),
            is_done: false,
            error: None,
        }
    }

    /// Marks a 0-based row as hidden, before its cells come.
    pub(super) fn hide(&mut self, row: u32) {
        if row < MAX_ROWS {
            self.hidden.insert(row);
        }
    }

    /// Takes a cell at 0-based indices. Of two cells at one place the later one counts.
    pub(super) fn push(&mut self, row: u32, column: u32, value: StoredValue, format: &Arc<NumberFormat>) {
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            self.is_done = true;
            self.error.get_or_insert_with(|| ReadError::TooLarge {
                what: format!("a cell in row {}, column {}", u64::from(row) + 1, u64::from(column) + 1),
                limit: format!("{MAX_ROWS} rows and {MAX_COLUMNS} columns"),
            });
        }
        if self.is_done {
            return;
        }
        if row != self.row {
            self.hand_on();
        }
        self.row = row;
        let column = ColumnIndex::new(column);
        let cell = StoredCell { column, value, format: Arc::clone(format), from_other_workbook: false };
        let cells = &mut self.gathered.cells;
        self.is_disordered |= cells.last().is_some_and(|last| last.column >= column);
        // However often a file says a cell, a row has no more of them than the grid has columns.
        if self.is_disordered && cells.len() >= 2 * MAX_COLUMNS as usize {
            put_in_order(cells);
        }
        cells.push(cell);
    }

    /// Marks the cell taken last as read from another workbook.
    pub(super) fn mark_external(&mut self) {
        if let Some(cell) = self.gathered.cells.last_mut() {
            cell.from_other_workbook = true;
        }
    }

    /// Whether nobody takes further rows.
    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// The cells of an earlier row, to be written over by those of a row that is scanned.
    pub(super) const fn spare(&mut self) -> &mut Vec<StoredCell> {
        &mut self.spare
    }

    /// Takes a 0-based row that was scanned: the first `count` of the spare cells, which are in order and within the
    /// grid.
    pub(super) fn take_spare(&mut self, row: u32, count: usize) {
        if self.is_done || count == 0 {
            return;
        }
        self.spare.truncate(count);
        if row == self.row && !self.gathered.cells.is_empty() {
            // The file says the row twice; the later cells count.
            self.is_disordered = true;
            self.gathered.cells.append(&mut self.spare);
            put_in_order(&mut self.gathered.cells);
            return;
        }
        self.emit();
        std::mem::swap(&mut self.spare, &mut self.gathered.cells);
        self.row = row;
    }

    /// Hands on what is left.
    ///
    /// # Errors
    /// [`ReadError::TooLarge`] if there was a cell beyond the grid.
    pub(super) fn finish(mut self) -> Result<(), ReadError> {
        self.hand_on();
        self.error.map_or(Ok(()), Err)
    }

    fn hand_on(&mut self) {
        self.emit();
        self.gathered.cells.clear();
    }

    /// Hands on the row, and leaves its cells where they are.
    fn emit(&mut self) {
        let row = &mut self.gathered;
        if row.cells.is_empty() || self.is_done {
            return;
        }
        if std::mem::take(&mut self.is_disordered) {
            put_in_order(&mut row.cells);
        }
        row.number = RowNumber::new(self.row + 1);
        row.hidden = self.hidden.contains(&self.row);
        self.is_done = (self.sink)(row).is_break();
    }
}

/// Reads a sheet whole and hands its rows on in order, each once, however they come. Of two cells at one place the later
/// one counts; cells may take so many bytes.
///
/// # Errors
/// [`ReadError`] if the reading fails or the cells take more.
pub(super) fn in_order(
    most_bytes: usize,
    sink: &mut RowSink<'_>,
    read: impl FnOnce(&mut RowSink<'_>) -> Result<SheetFacts, ReadError>,
) -> Result<SheetFacts, ReadError> {
    let mut rows: BTreeMap<RowNumber, StoredRow> = BTreeMap::new();
    let mut tally = Tally::new("the memory of cells that come out of order", most_bytes);
    let mut excess = None;
    let facts = read(&mut |row| {
        if let Err(error) = tally.add(row.cells.len() * size_of::<StoredCell>()) {
            excess = Some(error);
            return ControlFlow::Break(());
        }
        let known = rows.entry(row.number).or_default();
        known.number = row.number;
        known.hidden |= row.hidden;
        known.cells.append(&mut row.cells);
        ControlFlow::Continue(())
    })?;
    if let Some(excess) = excess {
        return Err(excess.into());
    }
    for row in rows.values_mut() {
        put_in_order(&mut row.cells);
        if sink(row).is_break() {
            break;
        }
    }
    Ok(facts)
}

/// Sorts cells by column; of several in one column the last one stays.
fn put_in_order(cells: &mut Vec<StoredCell>) {
    cells.reverse();
    cells.sort_by_key(|cell| cell.column);
    cells.dedup_by_key(|cell| cell.column);
}
