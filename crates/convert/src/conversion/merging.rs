//! Merged cells filled with the value of their first cell, as rows come along.

use metricsheet_core::{ColumnIndex, RowNumber};

use crate::cell::{StoredCell, StoredRow};
use crate::reading::{CellRange, MAX_COLUMNS};

/// Fills merged cells. Rows are expected in order; where they are not, cells stay as they are stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filler {
    /// By their first rows, the last one first.
    waiting: Vec<CellRange>,
    active: Vec<(CellRange, StoredCell)>,
    all: Vec<CellRange>,
}

impl Filler {
    pub(crate) fn new(mut merged: Vec<CellRange>) -> Self {
        merged.sort_by_key(|range| std::cmp::Reverse(range.first_row));
        Self { all: merged.clone(), waiting: merged, active: Vec::new() }
    }

    /// The cell that a cell has its value from: the first one of its merged area, or the cell itself.
    pub(super) fn origin(&self, row: RowNumber, column: ColumnIndex) -> (RowNumber, ColumnIndex) {
        let area = self.all.iter().find(|area| area.contains(row, column));
        area.map_or((row, column), |area| (area.first_row, area.first_column))
    }

    /// Fills the merged cells of this row, and says how many.
    pub(crate) fn fill(&mut self, row: &mut StoredRow) -> usize {
        self.begin_ranges(row);
        self.active.retain(|(range, _)| range.last_row >= row.number);
        let mut filled = Vec::new();
        for (range, first) in &self.active {
            // Bounded by the grid: a merged area has at most 16,384 columns.
            let columns = (range.first_column.get()..=range.last_column.get()).map(ColumnIndex::new);
            let empty = columns.filter(|column| row.cell(*column).is_none());
            filled.extend(empty.map(|column| StoredCell { column, ..first.clone() }));
        }
        let count = filled.len();
        if count > 0 {
            row.cells.append(&mut filled);
            row.cells.sort_by_key(|cell| cell.column);
            // Areas that overlap are broken; of two values the first one counts.
            row.cells.dedup_by_key(|cell| cell.column);
        }
        count
    }

    /// Takes the areas that begin in this row, with their first cells.
    fn begin_ranges(&mut self, row: &StoredRow) {
        while self.waiting.last().is_some_and(|range| range.first_row <= row.number) {
            let Some(range) = self.waiting.pop() else { return };
            // Areas that do not overlap are no more than columns; of broken ones the first are enough.
            if range.first_row == row.number
                && self.active.len() < MAX_COLUMNS as usize
                && let Some(first) = row.cell(range.first_column)
            {
                self.active.push((range, first.clone()));
            }
        }
    }
}

/// The cells of an area other than its first one, as far as they are in these rows and this column.
pub(super) fn covered_rows(
    range: &CellRange,
    column: ColumnIndex,
    rows: &[RowNumber],
) -> impl Iterator<Item = RowNumber> {
    let is_first_column = column == range.first_column;
    let covers = (range.first_column..=range.last_column).contains(&column);
    let start = rows.partition_point(|row| *row < range.first_row);
    let end = rows.partition_point(|row| *row <= range.last_row);
    let rows = if covers { rows.get(start..end).unwrap_or_default() } else { &[] };
    let first_row = range.first_row;
    rows.iter().copied().filter(move |row| !(is_first_column && *row == first_row))
}
