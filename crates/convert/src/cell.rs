//! What a cell of a workbook stores, before anybody asks what it means for a metric: typed values with their
//! number formats, in sparse rows.
//!
//! No text is interpreted here; `20%` typed as text stays text.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use metricsheet_core::{ColumnIndex, RowNumber};

use crate::number_format::{DateSystem, Meaning, NumberFormat};

pub use crate::cell_text::CellText;
pub(crate) use crate::cell_text::{SharedText, SharedTexts};

/// What a cell stores.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredValue {
    /// Text, exactly as stored; cells that share a text share its memory.
    Text(CellText),
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

/// What is known of a record of delimited text beside its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordFacts {
    /// How many fields it has, empty ones too.
    pub fields: u32,
    /// Whether its quoting was broken, so that its fields are a guess.
    pub is_mended: bool,
}

/// A row with at least one cell that is not empty.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow {
    /// Where it stands; rows usually come in order, but a file may store them in any.
    pub number: RowNumber,
    /// Whether the row is hidden, by hand or by a filter.
    pub hidden: bool,
    /// The record of delimited text that it is; `None` in a workbook.
    pub record: Option<RecordFacts>,
    /// The cells that are not empty, by column, each column once.
    pub cells: Vec<StoredCell>,
    /// The cells among them that were filled from a merged area, with the row and the column of its first cell, by column.
    pub filled: Vec<(ColumnIndex, (RowNumber, ColumnIndex))>,
}

impl Default for StoredRow {
    fn default() -> Self {
        Self { number: RowNumber::new(1), hidden: false, record: None, cells: Vec::new(), filled: Vec::new() }
    }
}

impl StoredCell {
    /// The text that a spreadsheet program shows, in a column wide enough.
    #[must_use]
    pub fn shown(&self, dates: DateSystem) -> String {
        match &self.value {
            StoredValue::Text(text) => text.to_string(),
            StoredValue::Error(text) => text.clone(),
            StoredValue::Number(number) => self.format.shown(*number, dates),
            StoredValue::Logical(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            StoredValue::Duration(days) => match self.format.meaning(*days) {
                Meaning::Duration | Meaning::TimeOfDay => self.format.shown(*days, dates),
                _ => NumberFormat::new("[h]:mm:ss").shown(*days, dates),
            },
            StoredValue::Moment(moment) => {
                let serial = serial_from_1900(*moment);
                match self.format.meaning(serial) {
                    Meaning::Date | Meaning::TimeOfDay | Meaning::Duration => {
                        self.format.shown(serial, DateSystem::From1900)
                    }
                    _ if moment.time() == NaiveTime::MIN => moment.format("%Y-%m-%d").to_string(),
                    _ => moment.format("%Y-%m-%d %H:%M:%S").to_string(),
                }
            }
            StoredValue::NoResult => String::new(),
        }
    }
}

/// The serial number of a moment in the 1900 date system.
fn serial_from_1900(moment: NaiveDateTime) -> f64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default().and_time(NaiveTime::MIN);
    #[expect(clippy::cast_precision_loss, reason = "some ten thousand years in milliseconds have 15 digits")]
    let milliseconds = (moment - epoch).num_milliseconds() as f64;
    let days = milliseconds / 86_400_000.0;
    // Before 1 March 1900 the serial numbers run one behind, because of the 29 February 1900 that never was.
    if (1.0..61.0).contains(&days) { days - 1.0 } else { days }
}

impl StoredRow {
    /// The cell in this column, unless it is empty.
    #[must_use]
    #[inline]
    pub fn cell(&self, column: ColumnIndex) -> Option<&StoredCell> {
        // Where no cell before it is empty, it stands in its own place, and never behind that.
        let place = usize::try_from(column.get()).unwrap_or(usize::MAX);
        if let Some(cell) = self.cells.get(place)
            && cell.column == column
        {
            return Some(cell);
        }
        self.searched_cell(column)
    }

    fn searched_cell(&self, column: ColumnIndex) -> Option<&StoredCell> {
        let index = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(index)
    }

    /// Where the cell of this column has its value from: the first cell of the merged area from which it was filled, or
    /// itself.
    #[must_use]
    pub fn origin(&self, column: ColumnIndex) -> (RowNumber, ColumnIndex) {
        let index = self.filled.binary_search_by_key(&column, |(column, _)| *column).ok();
        index.and_then(|index| self.filled.get(index)).map_or((self.number, column), |(_, first)| *first)
    }
}
