//! The places of cells in a row that is read into the memory of an earlier one.

use std::sync::Arc;

use metricsheet_core::ColumnIndex;

use crate::cell::{SharedText, StoredCell, StoredValue};
use crate::number_format::NumberFormat;

/// The place of the next cell of a row. What was there is an old cell, most of which is probably the same in this row:
/// what is the same is not counted anew by those who share it.
pub(super) struct Slot<'c> {
    pub(super) cells: &'c mut Vec<StoredCell>,
    pub(super) count: &'c mut usize,
    pub(super) column: u32,
    pub(super) format: &'c Arc<NumberFormat>,
}

impl Slot<'_> {
    pub(super) fn put(&mut self, value: StoredValue) {
        if let Some(cell) = self.old() {
            cell.value = value;
        } else {
            self.push(value);
        }
    }

    pub(super) fn put_number(&mut self, number: f64) {
        match self.old() {
            Some(StoredCell { value: StoredValue::Number(old), .. }) => *old = number,
            Some(cell) => cell.value = StoredValue::Number(number),
            None => self.push(StoredValue::Number(number)),
        }
    }

    /// An empty text is no cell.
    pub(super) fn put_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.put(StoredValue::Text(text.into()));
        }
    }

    pub(super) fn put_shared(&mut self, text: SharedText<'_>) {
        if text.is_empty() {
            return;
        }
        match self.old() {
            Some(StoredCell { value: StoredValue::Text(old), .. }) => old.become_shared(text),
            Some(cell) => cell.value = StoredValue::Text(text.into()),
            None => self.push(StoredValue::Text(text.into())),
        }
    }

    /// The old cell in this place, which has become this one but for its value.
    fn old(&mut self) -> Option<&mut StoredCell> {
        let cell = self.cells.get_mut(*self.count)?;
        *self.count += 1;
        cell.column = ColumnIndex::new(self.column);
        cell.from_other_workbook = false;
        if !Arc::ptr_eq(&cell.format, self.format) {
            cell.format = Arc::clone(self.format);
        }
        Some(cell)
    }

    fn push(&mut self, value: StoredValue) {
        let (column, format) = (ColumnIndex::new(self.column), Arc::clone(self.format));
        self.cells.push(StoredCell { column, value, format, from_other_workbook: false });
        *self.count += 1;
    }
}
