//! The short way of a row: one that is proved valid from the bytes of its cells, or of which all can be mended that
//! there is to say, is written as it comes and leaves a footprint. All others wait until the last row has been seen, and
//! so do, in a second reading, those that other rows have something to do with. Both ways come to the same, which
//! `tests/short_way.rs` holds against each other.
//!
//! It refuses tables whose rows are not in order, and those whose output gets further columns on the way.

use std::io;
use std::sync::Arc;

use metricsheet_core::footprint::Hints;
use metricsheet_core::plain::IdWidths;
use metricsheet_core::{Cell, Field, Footprints, RowNumber, Settings, Suspects, Template, Updated};

use super::Options;
use super::proof::{Leavings, Proof};
use super::row_texts::RowTexts;
use crate::output::{Spool, Spooled, Store, header};

/// So many footprints are put in order together.
const STRETCH: usize = 1 << 15;

/// Proves rows and writes them.
pub(super) struct Sweep<'o> {
    options: &'o Options,
    settings: &'o Settings,
    /// The rows that have to wait because of others; `None` as long as they are not known.
    suspects: Option<&'o Suspects>,
    /// What the rows of the current table are proved by.
    proof: Option<Arc<Proof<'o>>>,
    widths: IdWidths,
    leavings: Leavings,
    stretches: Vec<Footprints>,
    last: Option<RowNumber>,
    /// A row that was looked at in vain.
    declined: Option<RowNumber>,
    spool: Spool<'o>,
    is_refused: bool,
    failure: Option<io::Error>,
}

/// What is left of the rows that were written.
pub(super) struct Swept {
    pub(super) footprints: Vec<Footprints>,
    pub(super) updated: Updated,
    pub(super) lines: (Spooled, u64),
    /// How many findings in them were mended.
    pub(super) mended: u64,
}

impl<'o> Sweep<'o> {
    pub(super) fn new(
        options: &'o Options,
        settings: &'o Settings,
        suspects: Option<&'o Suspects>,
        store: Store<'o>,
    ) -> Self {
        Self {
            options,
            settings,
            suspects,
            proof: None,
            widths: IdWidths::default(),
            leavings: Leavings::default(),
            stretches: Vec::new(),
            last: None,
            declined: None,
            spool: Spool::new(store),
            is_refused: false,
            failure: None,
        }
    }

    /// Tells of the columns of the rows that follow.
    pub(super) fn begin(&mut self, template: &Template, fields: Vec<Field>) {
        match &self.proof {
            None => {
                self.spool.begin(header(&fields));
                let proof = Proof::new(self.options, self.settings, self.suspects, template, fields);
                self.proof = Some(Arc::new(proof));
            }
            Some(proof) if proof.is_for(template, &fields) => {}
            Some(_) => self.refuse(),
        }
    }

    /// What the rows of the current table are proved by.
    pub(super) const fn proof(&self) -> Option<&Arc<Proof<'o>>> {
        self.proof.as_ref()
    }

    /// Leaves the table to the long way.
    pub(super) const fn refuse(&mut self) {
        self.is_refused = true;
    }

    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    pub(super) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The rows that have to wait because of others, if they are known.
    pub(super) const fn suspects(&self) -> Option<&'o Suspects> {
        self.suspects
    }

    /// Whether any row has been seen.
    pub(super) const fn has_begun(&self) -> bool {
        self.last.is_some()
    }

    /// Where among the lines a row belongs that comes now.
    pub(super) fn position(&self) -> u64 {
        self.spool.position()
    }

    /// Takes a row; tells whether that was all there is to do. One that is doubtful has to wait in any case.
    pub(super) fn take(&mut self, number: RowNumber, texts: &RowTexts, is_doubtful: bool) -> bool {
        self.pass(number);
        let is_declined = self.declined == Some(number);
        !is_doubtful && !is_declined && texts.with_cells(|cells| self.write(cells))
    }

    /// Takes a row before anything else was asked of it; tells whether that was all there is to do. If not, it has to be
    /// taken once more, and has to wait.
    pub(super) fn take_cells(&mut self, number: RowNumber, cells: &[Cell<'_>]) -> bool {
        let is_taken = self.write(cells);
        if is_taken {
            self.pass(number);
        } else {
            self.decline(number);
        }
        is_taken
    }

    fn pass(&mut self, number: RowNumber) {
        if self.last.is_some_and(|last| last >= number) {
            self.refuse();
        }
        self.last = Some(number);
    }

    /// Takes lines that were written elsewhere, of rows before `next`.
    pub(super) fn take_lines(&mut self, lines: &[u8], next: RowNumber) {
        if lines.is_empty() {
            return;
        }
        self.pass(RowNumber::new(next.get().saturating_sub(1)));
        if let Err(error) = self.spool.append_lines(lines) {
            self.failure.get_or_insert(error);
        }
    }

    /// Takes what their rows left behind.
    pub(super) fn take_leavings(&mut self, leavings: &Leavings, footprints: Footprints) {
        let Leavings { updated, written, mended, .. } = leavings;
        self.leavings.updated.add_all(updated);
        self.leavings.written += written;
        self.leavings.mended += mended;
        self.stretches.push(footprints);
    }

    /// Has a row wait when it comes.
    pub(super) const fn decline(&mut self, number: RowNumber) {
        self.declined = Some(number);
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> bool {
        let Self { proof: Some(proof), widths, leavings, spool, .. } = self else { return false };
        let mut is_written = false;
        let appended = spool.append(|to| is_written = proof.write(cells, widths, leavings, to));
        if let Err(error) = appended {
            self.failure.get_or_insert(error);
        }
        if self.leavings.trail.len() >= STRETCH {
            self.end_stretch();
        }
        is_written
    }

    fn end_stretch(&mut self) {
        let hints = std::mem::replace(&mut self.leavings.hints, Hints::NONE);
        self.stretches.push(Footprints::take(&mut self.leavings.trail, hints));
    }

    /// What is left.
    ///
    /// # Errors
    /// What was refused by the file that keeps the rows.
    pub(super) fn finish(mut self) -> io::Result<Swept> {
        self.end_stretch();
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        let Leavings { updated, written, mended, .. } = self.leavings;
        let lines = (self.spool.finish(), written);
        Ok(Swept { footprints: self.stretches, updated, lines, mended })
    }
}
