//! Columns whose cells are hidden one by one, as scripts do it: a column is hidden if all its cells are.

use std::ops::RangeInclusive;

use metricsheet_core::ColumnIndex;

use crate::reading::MAX_COLUMNS;

/// What was seen of each column so far.
#[derive(Debug, Default)]
pub(super) struct HiddenColumns(Vec<Seen>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Nothing,
    OnlyHidden,
    Shown,
}

impl HiddenColumns {
    /// Takes a cell in.
    pub(super) fn add(&mut self, column: u32, is_hidden: bool) {
        let Some(at) = usize::try_from(column).ok().filter(|_| column < MAX_COLUMNS) else { return };
        if self.0.len() <= at {
            self.0.resize(at + 1, Seen::Nothing);
        }
        if let Some(seen) = self.0.get_mut(at) {
            *seen = match (*seen, is_hidden) {
                (Seen::Nothing | Seen::OnlyHidden, true) => Seen::OnlyHidden,
                (Seen::Shown, true) | (_, false) => Seen::Shown,
            };
        }
    }

    /// The hidden columns, left to right.
    pub(super) fn ranges(self) -> Vec<RangeInclusive<ColumnIndex>> {
        let hidden = (0..).zip(self.0).filter(|(_, seen)| *seen == Seen::OnlyHidden);
        hidden.map(|(column, _)| ColumnIndex::new(column)..=ColumnIndex::new(column)).collect()
    }
}
