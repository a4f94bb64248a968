//! What a table takes of its sheet: rows, records as they stand, and lines that were proved on other threads.

use std::ops::ControlFlow;
use std::sync::Arc;

use metricsheet_core::plain::IdWidths;
use metricsheet_core::{Footprints, RowNumber};
use metricsheet_delimited::Record;

use super::super::proof::{Leavings, Proof};
use super::Table;
use super::plain_records::Fields;
use crate::cell::StoredRow;
use crate::reading::{Outcome, Prove, TakeRows};

/// Proves records below the current header.
pub(in crate::conversion) struct Prover<'o> {
    fields: Arc<Fields>,
    proof: Arc<Proof<'o>>,
}

/// What the records of a stretch leave behind.
#[derive(Default)]
pub(in crate::conversion) struct StretchLeavings {
    leavings: Leavings,
    footprints: Footprints,
    widths: IdWidths,
    text_bytes: usize,
}

impl<'o> TakeRows for Table<'o> {
    type Prover = Prover<'o>;

    fn take_row(&mut self, row: &mut StoredRow) -> ControlFlow<()> {
        self.read(row);
        self.goes_on()
    }

    fn take_record(&mut self, record: &Record<'_>) -> Option<ControlFlow<()>> {
        self.write_record(record).then(|| self.goes_on())
    }

    fn prover(&self) -> Option<Prover<'o>> {
        let (fields, sweep) = (self.fields.as_ref()?, self.sweep.as_ref()?);
        let prover = Prover { fields: Arc::clone(fields), proof: Arc::clone(sweep.proof()?) };
        self.waiting.is_empty().then_some(prover)
    }

    fn trusts(&self, prover: &Prover<'o>) -> bool {
        self.waiting.is_empty()
            && self.fields.as_ref().is_some_and(|fields| Arc::ptr_eq(fields, &prover.fields))
    }

    fn take_lines(&mut self, lines: &[u8], next: RowNumber) {
        if let Some(sweep) = &mut self.sweep {
            sweep.take_lines(lines, next);
        }
    }

    fn decline(&mut self, row: RowNumber) {
        if let Some(sweep) = &mut self.sweep {
            sweep.decline(row);
        }
    }

    fn take_leavings(&mut self, left: StretchLeavings) -> ControlFlow<()> {
        self.is_text = true;
        self.counts.read += left.leavings.written;
        self.room.write(left.text_bytes);
        if let Some(sweep) = &mut self.sweep {
            sweep.take_leavings(&left.leavings, left.footprints);
        }
        self.goes_on()
    }
}

impl Prove for Prover<'_> {
    type Leavings = StretchLeavings;

    fn write(&self, record: &Record<'_>, left: &mut StretchLeavings, to: &mut Vec<u8>) -> Outcome {
        let Some(cells) = self.fields.cells(record) else {
            return if Fields::may_begin_table(record) { Outcome::Unclear } else { Outcome::NotProved };
        };
        let cells = self.fields.of_template(&cells);
        if !self.proof.write(cells, &mut left.widths, &mut left.leavings, to) {
            return Outcome::Waits;
        }
        left.text_bytes += cells.iter().map(|cell| cell.text.len()).sum::<usize>();
        Outcome::Written
    }

    fn end(&self, left: &mut StretchLeavings) {
        left.footprints = Footprints::take(&mut left.leavings.footprints, left.leavings.hints);
    }
}
