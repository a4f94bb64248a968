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
}

impl Filler {
    pub(crate) fn new(mut merged: Vec<CellRange>) -> Self {
        merged.sort_by_key(|range| std::cmp::Reverse(range.first_row));
        Self { waiting: merged, active: Vec::new() }
    }

    /// Fills the merged cells of this row, and says how many.
    pub(crate) fn fill(&mut self, row: &mut StoredRow) -> usize {
        if self.active.is_empty() && self.waiting.is_empty() {
            row.filled.clear();
            return 0;
        }
        self.active.retain(|(range, _)| range.last_row >= row.number);
        self.begin_ranges(row);
        row.filled.clear();
        let mut filled = Vec::new();
        for (range, first) in &self.active {
            let columns = (range.first_column.get()..=range.last_column.get()).map(ColumnIndex::new);
            let empty = columns.filter(|column| row.cell(*column).is_none());
            filled.extend(empty.map(|column| StoredCell { column, ..first.clone() }));
            let origin = (range.first_row, range.first_column);
            let new = filled.iter().skip(row.filled.len());
            row.filled.extend(new.map(|cell| (cell.column, origin)));
        }
        let count = filled.len();
        if count > 0 {
            row.cells.append(&mut filled);
            row.cells.sort_by_key(|cell| cell.column);
            // Areas that overlap are broken; of two values the first one counts.
            row.cells.dedup_by_key(|cell| cell.column);
            row.filled.sort_by_key(|(column, _)| *column);
            row.filled.dedup_by_key(|(column, _)| *column);
        }
        count
    }

    /// Takes the areas that begin in this row, with their first cells.
    fn begin_ranges(&mut self, row: &StoredRow) {
        // Areas that do not overlap span no more columns than the grid has; of broken ones the first are enough.
        let width = |range: &CellRange| range.last_column.get().saturating_sub(range.first_column.get()) + 1;
        let mut spanned: u32 = self.active.iter().map(|(range, _)| width(range)).sum();
        while self.waiting.last().is_some_and(|range| range.first_row <= row.number) {
            let Some(range) = self.waiting.pop() else { return };
            if range.first_row == row.number
                && range.last_row >= row.number
                && spanned + width(&range) <= MAX_COLUMNS
                && let Some(first) = row.cell(range.first_column)
            {
                spanned += width(&range);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cell::StoredValue;
    use crate::number_format::NumberFormat;

    #[test]
    fn areas_that_lie_over_each_other_fill_no_more_than_the_grid() {
        let (first, last) = (ColumnIndex::new(0), ColumnIndex::new(MAX_COLUMNS - 1));
        let (first_row, last_row) = (RowNumber::new(1), RowNumber::new(1_048_576));
        let area = CellRange { first_row, last_row, first_column: first, last_column: last };
        let mut filler = Filler::new(vec![area; 100_000]);
        let cell = StoredCell {
            column: first,
            value: StoredValue::Number(1.0),
            format: Arc::new(NumberFormat::general()),
            from_other_workbook: false,
        };
        let mut row = StoredRow { cells: vec![cell], ..StoredRow::default() };
        assert_eq!(filler.fill(&mut row), MAX_COLUMNS as usize - 1);
        assert_eq!(filler.active.len(), 1);
    }

    #[test]
    fn filled_cells_know_where_their_value_is_from_and_others_are_their_own() {
        let (a, b, c) = (ColumnIndex::new(0), ColumnIndex::new(1), ColumnIndex::new(2));
        let row = |number: u32, texts: &[(ColumnIndex, &str)]| StoredRow {
            number: RowNumber::new(number),
            cells: texts
                .iter()
                .map(|(column, text)| StoredCell {
                    column: *column,
                    value: StoredValue::Text((*text).into()),
                    format: Arc::new(NumberFormat::general()),
                    from_other_workbook: false,
                })
                .collect(),
            ..StoredRow::default()
        };
        let area = CellRange {
            first_row: RowNumber::new(1),
            last_row: RowNumber::new(2),
            first_column: a,
            last_column: c,
        };
        let mut filler = Filler::new(vec![area]);
        let mut first = row(1, &[(a, "first")]);
        assert_eq!(filler.fill(&mut first), 2);
        // A cell that the area covers and that holds a value of its own keeps it.
        let mut second = row(2, &[(b, "own")]);
        assert_eq!(filler.fill(&mut second), 2);
        let at = |row: &StoredRow, column| (row.cell(column).unwrap().value.clone(), row.origin(column));
        let text = |text: &str| StoredValue::Text(text.into());
        let origin = (RowNumber::new(1), a);
        assert_eq!(at(&first, c), (text("first"), origin));
        assert_eq!(at(&second, a), (text("first"), origin));
        assert_eq!(at(&second, b), (text("own"), (RowNumber::new(2), b)));
        assert_eq!(at(&second, c), (text("first"), origin));
        // Below the area nothing is filled, and what was is forgotten.
        second.number = RowNumber::new(3);
        second.cells.retain(|cell| cell.column == b);
        assert_eq!(filler.fill(&mut second), 0);
        assert_eq!(second.origin(a), (RowNumber::new(3), a));
    }
}
