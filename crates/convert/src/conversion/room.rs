//! What the rows of a conversion may take: of memory as long as they wait for the last row to be judged, and of the
//! output. A few bytes of a workbook can ask for either without end: cells share one text of 32 KiB, and one merged area
//! spans the grid.

use crate::reading::{Excess, Limits, Workbook};

/// What is left to the rows of a workbook, all sheets together.
#[derive(Debug, Clone)]
pub(super) struct Room {
    taken: Taken,
    limits: Limits,
    most_output: u64,
    excess: Option<Excess>,
}

/// What rows have taken.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    waiting_rows: u64,
    waiting_bytes: u64,
    output_bytes: u64,
    filled_cells: u64,
}

impl Taken {
    fn each_with(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            waiting_rows: of(self.waiting_rows, other.waiting_rows),
            waiting_bytes: of(self.waiting_bytes, other.waiting_bytes),
            output_bytes: of(self.output_bytes, other.output_bytes),
            filled_cells: of(self.filled_cells, other.filled_cells),
        }
    }
}

impl Room {
    pub(super) fn of(workbook: &Workbook) -> Self {
        let limits = workbook.limits().clone();
        let most_output = workbook.file_bytes().saturating_mul(10).saturating_add(limits.output_bytes);
        Self { taken: Taken::default(), limits, most_output, excess: None }
    }

    /// A row waits, with texts of so many bytes.
    pub(super) fn wait(&mut self, bytes: usize) {
        let taken = &mut self.taken;
        taken.waiting_rows += 1;
        taken.waiting_bytes = taken.waiting_bytes.saturating_add(bytes as u64);
        if taken.waiting_rows > self.limits.waiting_rows {
            let most = self.limits.waiting_rows.to_string();
            self.refuse(|| Excess::new("the number of rows of which there is something to say", most));
        }
        if self.taken.waiting_bytes > self.limits.waiting_bytes {
            let most = self.limits.waiting_bytes;
            self.refuse(|| Excess::bytes("the text of the rows of which there is something to say", most));
        }
    }

    /// A row is written, with texts of so many bytes.
    pub(super) fn write(&mut self, bytes: usize) {
        self.taken.output_bytes = self.taken.output_bytes.saturating_add(bytes as u64);
        if self.taken.output_bytes > self.most_output {
            let most = self.most_output;
            self.refuse(|| Excess::bytes("the text of the rows to be written", most));
        }
    }

    /// So many cells got the value of the merged area that they belong to.
    pub(super) fn fill(&mut self, cells: usize) {
        self.taken.filled_cells = self.taken.filled_cells.saturating_add(cells as u64);
        if self.taken.filled_cells > self.limits.repeated_cells {
            let most = self.limits.repeated_cells.to_string();
            self.refuse(|| Excess::new("the number of merged cells to be filled", most));
        }
    }

    /// The limit that was passed first.
    pub(super) const fn excess(&self) -> Option<&Excess> {
        self.excess.as_ref()
    }

    /// What is left to each of so many sheets, if none is to take what another one may.
    pub(super) fn part(&self, of: usize) -> Self {
        let part = |most: u64, taken: u64| taken + most.saturating_sub(taken) / of.max(1) as u64;
        let Self { taken, limits, most_output, excess } = self.clone();
        let limits = Limits {
            waiting_rows: part(limits.waiting_rows, taken.waiting_rows),
            waiting_bytes: part(limits.waiting_bytes, taken.waiting_bytes),
            repeated_cells: part(limits.repeated_cells, taken.filled_cells),
            ..limits
        };
        Self { most_output: part(most_output, taken.output_bytes), taken, limits, excess }
    }

    /// What was taken since it was as it is there.
    pub(super) fn taken_since(&self, before: &Self) -> Taken {
        self.taken.each_with(before.taken, u64::saturating_sub)
    }

    /// Takes what the rows of a sheet took elsewhere, if there is room for it.
    pub(super) fn take(&mut self, taken: Taken) -> bool {
        let sum = self.taken.each_with(taken, u64::saturating_add);
        let Limits { waiting_rows, waiting_bytes, repeated_cells, .. } = self.limits;
        let fits = sum.waiting_rows <= waiting_rows
            && sum.waiting_bytes <= waiting_bytes
            && sum.output_bytes <= self.most_output
            && sum.filled_cells <= repeated_cells;
        if fits {
            self.taken = sum;
        }
        fits
    }

    fn refuse(&mut self, excess: impl FnOnce() -> Excess) {
        self.excess.get_or_insert_with(excess);
    }
}
