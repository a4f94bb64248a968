//! What the rows of a conversion may take: of memory as long as they wait for the last row to be judged, and of the
//! output. A few bytes of a workbook can ask for either without end: cells share one text of 32 KiB, and one merged area
//! spans the grid.

use crate::reading::{Excess, Limits, Workbook};

/// What is left to the rows of a workbook, all sheets together.
#[derive(Debug, Clone)]
pub(super) struct Room {
    waiting_rows: u64,
    waiting_bytes: u64,
    output_bytes: u64,
    filled_cells: u64,
    limits: Limits,
    most_output: u64,
    excess: Option<Excess>,
}

impl Room {
    pub(super) fn of(workbook: &Workbook) -> Self {
        let limits = workbook.limits().clone();
        let most_output = workbook.file_bytes().saturating_mul(10).saturating_add(limits.output_bytes);
        Self {
            waiting_rows: 0,
            waiting_bytes: 0,
            output_bytes: 0,
            filled_cells: 0,
            limits,
            most_output,
            excess: None,
        }
    }

    /// A row waits, with texts of so many bytes.
    pub(super) fn wait(&mut self, bytes: usize) {
        self.waiting_rows += 1;
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes as u64);
        if self.waiting_rows > self.limits.waiting_rows {
            let most = self.limits.waiting_rows.to_string();
            self.refuse(|| Excess::new("the number of rows of which there is something to say", most));
        }
        if self.waiting_bytes > self.limits.waiting_bytes {
            let most = self.limits.waiting_bytes;
            self.refuse(|| Excess::bytes("the text of the rows of which there is something to say", most));
        }
    }

    /// A row is written, with texts of so many bytes.
    pub(super) fn write(&mut self, bytes: usize) {
        self.output_bytes = self.output_bytes.saturating_add(bytes as u64);
        if self.output_bytes > self.most_output {
            let most = self.most_output;
            self.refuse(|| Excess::bytes("the text of the rows to be written", most));
        }
    }

    /// So many cells got the value of the merged area that they belong to.
    pub(super) fn fill(&mut self, cells: usize) {
        self.filled_cells = self.filled_cells.saturating_add(cells as u64);
        if self.filled_cells > self.limits.repeated_cells {
            let most = self.limits.repeated_cells.to_string();
            self.refuse(|| Excess::new("the number of merged cells to be filled", most));
        }
    }

    /// The limit that was passed first.
    pub(super) const fn excess(&self) -> Option<&Excess> {
        self.excess.as_ref()
    }

    fn refuse(&mut self, excess: impl FnOnce() -> Excess) {
        self.excess.get_or_insert_with(excess);
    }
}
