//! What a cell of a workbook stores, before anybody asks what it means for a metric: typed values with their
//! number formats, in sparse rows.
//!
//! No text is interpreted here; `20%` typed as text stays text.

use std::sync::Arc;

use chrono::NaiveDateTime;
use metricsheet_core::{ColumnIndex, RowNumber};

use crate::number_format::NumberFormat;

/// What a cell stores.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredValue {
    /// Text, exactly as stored.
    Text(String),
    /// A number: finite, as binary floating point, the only form spreadsheet programs have.
    Number(f64),
    /// A day, with or without a time, that the file stores as such (OpenDocument, ISO cells of xlsx).
    Moment(NaiveDateTime),
    /// A length of time that the file stores as such (OpenDocument), in days.
    Duration(f64),
    /// `TRUE` or `FALSE`.
    Logical(bool),
    /// An error such as `#DIV/0!`, as the spreadsheet program shows it.
    Error(String),
    /// A formula for which the file holds no result.
    NoResult,
}

/// A cell that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCell {
    /// Its column.
    pub column: ColumnIndex,
    /// What it stores.
    pub value: StoredValue,
    /// How the workbook shows it.
    pub format: Arc<NumberFormat>,
    /// Whether the value is the stored result of a formula that reads another workbook.
    pub from_other_workbook: bool,
}

/// A row with at least one cell that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow {
    /// Where it stands; rows usually come in order, but a file may store them in any.
    pub number: RowNumber,
    /// Whether the row is hidden, by hand or by a filter.
    pub hidden: bool,
    /// The cells that are not empty, by column, each column once.
    pub cells: Vec<StoredCell>,
}

impl StoredRow {
    /// The cell in this column, unless it is empty.
    #[must_use]
    pub fn cell(&self, column: ColumnIndex) -> Option<&StoredCell> {
        let index = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(index)
    }
}
