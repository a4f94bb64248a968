//! Where the rows of the output come from, once they are numbered by themselves: a row of the sheet may become several,
//! because periods stand across or tables side by side.

use std::collections::HashMap;

use metricsheet_core::{ColumnIndex, RowNumber};

/// Where a row of the output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// The row of the sheet.
    pub(super) row: RowNumber,
    /// The table, by its position.
    pub(super) table: usize,
    /// The column of the value, where periods stand across.
    pub(super) value: Option<ColumnIndex>,
}

/// The origins of rows with numbers from 1 on. Those of rows of which nothing is said are forgotten, but for the first
/// one of each row of the sheet.
#[derive(Debug, Default)]
pub(super) struct Origins {
    remembers_all: bool,
    count: usize,
    last: Option<RowNumber>,
    /// By number.
    known: Vec<(RowNumber, Origin)>,
}

impl Origins {
    pub(super) fn new(remembers_all: bool) -> Self {
        Self { remembers_all, ..Self::default() }
    }

    /// The number of the next row.
    pub(super) fn push(&mut self, origin: Origin) -> RowNumber {
        self.count += 1;
        let number = nth(self.count);
        if self.remembers_all || self.last != Some(origin.row) {
            self.known.push((number, origin));
        }
        self.last = Some(origin.row);
        number
    }

    /// Remembers the row that was numbered last.
    pub(super) fn remember(&mut self, number: RowNumber, origin: Origin) {
        if self.known.last().is_none_or(|(last, _)| *last != number) {
            self.known.push((number, origin));
        }
    }

    /// The origin of the row with this number; `None` if rows are numbered as those of the sheet.
    pub(super) fn of(&self, number: RowNumber) -> Option<Origin> {
        let at = self.known.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.known.get(at).map(|(_, origin)| *origin)
    }

    /// The first row of the output for each row of the sheet.
    pub(super) fn first_of_rows(&self) -> HashMap<RowNumber, RowNumber> {
        self.known.iter().rev().map(|(number, origin)| (origin.row, *number)).collect()
    }
}

/// The number of the row at a 1-based place of its own.
pub(super) fn nth(place: usize) -> RowNumber {
    RowNumber::new(u32::try_from(place).unwrap_or(u32::MAX))
}
