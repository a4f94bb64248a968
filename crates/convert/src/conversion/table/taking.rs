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
use crate::layout::is_value;
use crate::output::Transcript;
use crate::reading::{Outcome, Prove, TakeRows};

/// Proves records below the current header.
pub(in crate::conversion) struct Prover<'o> {
    fields: Arc<Fields>,
    proof: Arc<Proof<'o>>,
    /// Whether the fields of a line are those of the output, as they stand.
    has_output_lines: bool,
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
        let (fields, proof) = (Arc::clone(fields), Arc::clone(sweep.proof()?));
        let has_output_lines = fields.are_all(|places| proof.fits_lines(places));
        self.waiting.is_empty().then_some(Prover { fields, proof, has_output_lines })
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

/// Whether a plain number of so many bytes and this size may be a year, or a year and a month: `2024`, `3.2024`,
/// `2024.03`. Hardly any is.
const fn may_label_period(length: usize, size: f64) -> bool {
    matches!(length, 4 | 6 | 7) && size >= 1.0
}

impl Prove for Prover<'_> {
    type Leavings = StretchLeavings;

    fn write_line(
        &self,
        at: usize,
        left: &mut StretchLeavings,
        to: &mut Transcript<'_>,
    ) -> Option<(usize, Outcome)> {
        if !self.has_output_lines {
            return None;
        }
        let lines = to.lines_from(at);
        let scanned = self.proof.scan_line(lines, &mut left.leavings)?;
        let (line, behind) = lines.split_at_checked(scanned.length)?;
        let line_end = match behind {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [..] => return None,
        };
        let value = line.get(scanned.value.clone())?;
        let is_bare = value.last().is_some_and(u8::is_ascii_digit) && value.first() != Some(&b' ');
        let is_doubtful = !is_bare || may_label_period(value.len(), scanned.size);
        if is_doubtful && !is_value(std::str::from_utf8(value).ok()?) {
            return None;
        }
        let length = line.len() + line_end;
        let id = line.get(..scanned.id_length)?;
        if !self.proof.may_go(&scanned.row, id, &mut left.widths, &mut left.leavings) {
            return Some((length, Outcome::Waits));
        }
        let end = at + line.len();
        left.leavings.write_line(at..end, to);
        match line_end {
            1 => to.copy(end..end + 1),
            _ => to.written().push(b'\n'),
        }
        left.text_bytes += line.len();
        Some((length, Outcome::Written))
    }

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
        left.footprints = Footprints::take(&mut left.leavings.trail, left.leavings.hints);
    }
}
