//! Where on a sheet cells are, and how much of the space between them is written.

use metricsheet_core::{ColumnIndex, RowNumber};

use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::reading::{CellRange, MAX_COLUMNS, ReadError};

/// So many fields are written without asking how many of them are empty.
const MODEST: u64 = 4_000_000;
/// So many fields for each cell are no waste.
const FIELDS_PER_CELL: u64 = 64;
/// More fields are never written: most of them would be empty.
const MAX_FIELDS: u64 = 1 << 28;

/// Where the cells of a sheet are.
#[derive(Debug, Default)]
pub(super) struct Extent {
    /// By column: whether any cell is in it.
    columns: Vec<bool>,
    first: Option<RowNumber>,
    last: Option<RowNumber>,
    rows: u64,
    cells: u64,
    /// Of their texts.
    bytes: u64,
    is_disordered: bool,
}

/// What is written of a sheet.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) first_row: RowNumber,
    /// Whether the empty rows between others are written.
    pub(super) has_empty_rows: bool,
    pub(super) rows_left_out: u64,
    first_column: u32,
    columns: Vec<bool>,
    has_empty_columns: bool,
}

impl Extent {
    pub(super) fn add(&mut self, row: &StoredRow) {
        let Some(last) = row.cells.last() else { return };
        let width = last.column.get().min(MAX_COLUMNS) as usize + 1;
        if self.columns.len() < width {
            self.columns.resize(width, false);
        }
        for cell in &row.cells {
            if let Some(column) = self.columns.get_mut(cell.column.get() as usize) {
                *column = true;
            }
        }
        self.is_disordered |= self.last.is_some_and(|last| last >= row.number);
        self.first = Some(self.first.map_or(row.number, |first| first.min(row.number)));
        self.last = self.last.max(Some(row.number));
        self.rows += 1;
        self.cells += row.cells.len() as u64;
        let texts = row.cells.iter().map(|cell| match &cell.value {
            StoredValue::Text(text) => text.len() as u64,
            StoredValue::Error(text) => text.len() as u64,
            StoredValue::Number(_)
            | StoredValue::Moment(_)
            | StoredValue::Duration(_)
            | StoredValue::Logical(_)
            | StoredValue::NoResult => 0,
        });
        self.bytes += texts.sum::<u64>();
    }

    /// An extent of rows that were not looked at.
    pub(super) fn of_rows(rows: u64) -> Self {
        Self { rows, ..Self::default() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The memory that all cells would take at once.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes + self.cells * size_of::<StoredCell>() as u64
    }

    /// Whether the file stores its rows in order, each once.
    pub(super) const fn is_in_order(&self) -> bool {
        !self.is_disordered
    }

    /// What is written: from the first row and column with a cell on, as spreadsheet programs export, or from the
    /// first cell of the range; `None` for a sheet without cells.
    ///
    /// # Errors
    /// [`ReadError::TooLarge`] if even without empty rows and columns nearly all fields would be empty.
    pub(super) fn grid(&self, range: Option<&CellRange>) -> Result<Option<Grid>, ReadError> {
        let (Some(first), Some(last)) = (self.first, self.last) else { return Ok(None) };
        let first_used =
            (0..).zip(&self.columns).find(|(_, is_used)| **is_used).map_or(0, |(index, _)| index);
        let first_row = range.map_or(first, |range| range.first_row);
        let first_column = range.map_or(first_used, |range| range.first_column.get());
        let rows = u64::from(last.get().saturating_sub(first_row.get())) + 1;
        let width = (self.columns.len() as u64).saturating_sub(u64::from(first_column));
        let used = self.columns.iter().filter(|is_used| **is_used).count() as u64;
        let bound = MODEST.max(self.cells.saturating_mul(FIELDS_PER_CELL));
        let has_empty = rows.saturating_mul(width) <= bound;
        // A file with a row twice has no more rows than it has cells.
        if !has_empty && self.rows.saturating_mul(used) > MAX_FIELDS {
            return Err(ReadError::TooLarge {
                what: format!(
                    "the sheet, whose {} cells lie scattered over {used} columns and {rows} rows,",
                    self.cells
                ),
                limit: format!("{MAX_FIELDS} fields; choose a part of it with `--range`"),
            });
        }
        Ok(Some(Grid {
            first_row,
            has_empty_rows: has_empty,
            rows_left_out: if has_empty { 0 } else { rows.saturating_sub(self.rows) },
            first_column,
            columns: self.columns.clone(),
            has_empty_columns: has_empty,
        }))
    }
}

impl Grid {
    /// The columns that are written.
    pub(super) fn columns(&self) -> impl Iterator<Item = ColumnIndex> {
        (0..)
            .zip(&self.columns)
            .skip(self.first_column as usize)
            .filter(|(_, is_used)| **is_used || self.has_empty_columns)
            .map(|(index, _)| ColumnIndex::new(index))
    }

    pub(super) fn width(&self) -> usize {
        self.columns().count()
    }

    pub(super) fn columns_left_out(&self) -> u64 {
        let all = self.columns.len().saturating_sub(self.first_column as usize);
        all.saturating_sub(self.width()) as u64
    }
}
