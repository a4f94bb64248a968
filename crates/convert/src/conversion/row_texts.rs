//! The texts of one row in memory that is used for one row after the other.

use metricsheet_core::{Cell, CellKind};

/// More columns than any template has: one for each field.
pub(super) const MOST: usize = 6;

/// The texts of a row, as `core` will see them.
#[derive(Debug)]
pub(super) struct RowTexts {
    text: String,
    /// Where each of them ends, and how it came about.
    ends: [(usize, CellKind); MOST],
    count: usize,
}

impl Default for RowTexts {
    fn default() -> Self {
        Self { text: String::new(), ends: [(0, CellKind::Missing); MOST], count: 0 }
    }
}

impl RowTexts {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.count = 0;
    }

    /// Has the next text appended, which tells how it came about.
    #[inline]
    pub(super) fn push(&mut self, write: impl FnOnce(&mut String) -> CellKind) {
        let kind = write(&mut self.text);
        if let Some(end) = self.ends.get_mut(self.count) {
            *end = (self.text.len(), kind);
            self.count += 1;
        }
    }

    /// The bytes of all texts together.
    pub(super) const fn length(&self) -> usize {
        self.text.len()
    }

    /// Does something with the cells.
    #[inline]
    pub(super) fn with_cells<T>(&self, work: impl FnOnce(&[Cell<'_>]) -> T) -> T {
        let mut cells = [Cell::MISSING; MOST];
        let mut count = 0;
        for (place, cell) in cells.iter_mut().zip(self.iter()) {
            *place = cell;
            count += 1;
        }
        work(cells.get(..count).unwrap_or_default())
    }

    pub(super) fn to_owned(&self) -> Vec<(String, CellKind)> {
        self.iter().map(|cell| (cell.text.to_owned(), cell.kind)).collect()
    }

    fn iter(&self) -> impl Iterator<Item = Cell<'_>> {
        let mut start = 0;
        self.ends.iter().take(self.count).map(move |(end, kind)| {
            let text = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            Cell { text, kind: *kind }
        })
    }
}
