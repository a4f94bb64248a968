//! Proves rows, and writes those that are done with: all that this takes is the row itself, so that it may happen on any
//! thread.

use std::ops::Range;

use metricsheet_core::footprint::Hints;
use metricsheet_core::plain::{
    DeviatingCell, FinishedRow, IdWidths, LastId, PlainCells, PlainLines, PlainRow, ScannedLine, Slip,
};
use metricsheet_core::{Cell, Column, Field, Settings, Suspects, Template, Trail, Updated};

use super::{Mended, Options};
use crate::output::{Transcript, push_bare_record, push_record};

/// What rows of a table are proved by.
#[derive(Debug, Clone)]
pub(super) struct Proof<'o> {
    options: &'o Options,
    cells: PlainCells<'o>,
    columns: Vec<Column>,
    fields: Vec<Field>,
    /// Where among the columns each field of the output is.
    positions: Vec<usize>,
    /// What scans lines as they are written.
    lines: PlainLines<'o>,
    /// The rows that have to wait because of others; `None` as long as they are not known.
    suspects: Option<&'o Suspects>,
}

/// What written rows leave behind.
#[derive(Debug, Default)]
pub(super) struct Leavings {
    /// Empty where the suspects are known.
    pub(super) trail: Trail,
    pub(super) hints: Hints,
    pub(super) updated: Updated,
    /// How many rows were written.
    pub(super) written: u64,
    /// How many findings in them were mended.
    pub(super) mended: u64,
    pub(super) last_id: LastId,
    /// Those of the line that was scanned last.
    slips: Vec<Slip>,
}

impl Leavings {
    /// Appends the line that was scanned last, with its slips mended.
    pub(super) fn write_line(&mut self, line: Range<usize>, to: &mut Transcript<'_>) {
        let mut at = line.start;
        for Slip { range, text, .. } in &self.slips {
            to.copy(at..line.start + range.start);
            to.written().extend_from_slice(text.as_bytes());
            at = line.start + range.end;
        }
        to.copy(at..line.end);
        self.mended += self.slips.len() as u64;
    }
}

impl<'o> Proof<'o> {
    /// Proves rows whose cells are in the order of the template.
    pub(super) fn new(
        options: &'o Options,
        settings: &'o Settings,
        suspects: Option<&'o Suspects>,
        template: &Template,
        fields: Vec<Field>,
    ) -> Self {
        let positions: Vec<usize> = fields.iter().filter_map(|field| template.position(*field)).collect();
        let columns = template.columns.clone();
        let cells = PlainCells::new(settings);
        let written = positions.iter().filter_map(|at| columns.get(*at).cloned()).collect();
        let lines = PlainLines::with_all(cells.clone(), written);
        Self { options, cells, columns, fields, positions, lines, suspects }
    }

    /// Whether it is one for such rows, written with these fields.
    pub(super) fn is_for(&self, template: &Template, fields: &[Field]) -> bool {
        self.fields == fields && self.columns == template.columns
    }

    /// Appends the line of a row, if that is all there is to do; tells whether it is. `widths` are those of the numeric
    /// IDs before it.
    pub(super) fn write(
        &self,
        cells: &[Cell<'_>],
        widths: &mut IdWidths,
        leavings: &mut Leavings,
        to: &mut Vec<u8>,
    ) -> bool {
        let may_be_mended = |cell: &DeviatingCell| self.may_be_mended(cell);
        let finished = self.cells.row(&self.columns, cells, &mut leavings.last_id, may_be_mended);
        let Some(FinishedRow { row, rewrites, mended, is_bare }) = finished else { return false };
        let text = |at: &usize| match rewrites.iter().find(|(rewritten, _)| rewritten == at) {
            Some((_, text)) => text,
            None => cells.get(*at).map_or("", |cell| cell.text),
        };
        if !self.may_go(&row, text(&0).as_bytes(), widths, leavings) {
            return false;
        }
        leavings.mended += mended;
        let fields = self.positions.iter();
        if is_bare {
            // Nothing is rewritten.
            push_bare_record(fields.map(|at| cells.get(*at).map_or("", |cell| cell.text)), to);
        } else {
            push_record(fields.map(text), to);
        }
        true
    }

    /// What the line at the start of these lines is, if it is a valid row whose fields are those of the output, but for
    /// slips that are mended.
    pub(super) fn scan_line(&self, lines: &[u8], leavings: &mut Leavings) -> Option<ScannedLine> {
        let Leavings { last_id, slips, .. } = leavings;
        if let Some(scanned) = self.lines.scan(lines, last_id) {
            slips.clear();
            return Some(scanned);
        }
        let scanned = self.lines.scan_slipped(lines, last_id, slips)?;
        slips.iter().all(|slip| self.mends(slip)).then_some(scanned)
    }

    /// Whether the fields of such a line stand in these places.
    pub(super) fn fits_lines(&self, places: &[Option<usize>]) -> bool {
        let place = |position: &usize| places.get(*position).copied().flatten();
        self.positions.iter().map(place).eq((0..self.positions.len()).map(Some))
    }

    /// Whether nothing keeps a valid row back; then it has left what it leaves behind.
    pub(super) fn may_go(
        &self,
        row: &PlainRow,
        id: &[u8],
        widths: &mut IdWidths,
        leavings: &mut Leavings,
    ) -> bool {
        if row.has_numeric_id && widths.is_news(id) {
            return false;
        }
        match self.suspects {
            Some(suspects) if suspects.include(&row.footprint, row.hints) => return false,
            Some(_) => {}
            None => {
                leavings.trail.push(&row.footprint);
                leavings.hints = leavings.hints.and(row.hints);
            }
        }
        if let Some(item) = row.item {
            leavings.updated.add(item);
        }
        leavings.written += 1;
        true
    }

    /// Whether a cell is rewritten, and that is all that is wanted.
    fn may_be_mended(&self, cell: &DeviatingCell) -> bool {
        let Options { selection, fixes, mended, .. } = self.options;
        *mended == Mended::Counted && fixes.is_some_and(|most| cell.is_settled_by(selection, most))
    }

    /// The same of a slip.
    fn mends(&self, slip: &Slip) -> bool {
        let Options { selection, fixes, mended, .. } = self.options;
        *mended == Mended::Counted && fixes.is_some() && slip.is_settled_by(selection)
    }
}
