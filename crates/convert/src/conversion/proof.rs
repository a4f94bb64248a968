//! Proves rows, and writes those that are done with: all that this takes is the row itself, so that it may happen on any
//! thread.

use metricsheet_core::footprint::{Footprint, Hints};
use metricsheet_core::plain::{DeviatingCell, FinishedRow, IdWidths, LastId, PlainCells};
use metricsheet_core::{Cell, Column, Field, Settings, Suspects, Template, Updated};

use super::{Mended, Options};
use crate::output::{push_bare_record, push_record};

/// What rows of a table are proved by.
#[derive(Debug, Clone)]
pub(super) struct Proof<'o> {
    options: &'o Options,
    cells: PlainCells<'o>,
    columns: Vec<Column>,
    fields: Vec<Field>,
    /// Where among the columns each field of the output is.
    positions: Vec<usize>,
    /// The rows that have to wait because of others; `None` as long as they are not known.
    suspects: Option<&'o Suspects>,
}

/// What written rows leave behind.
#[derive(Debug, Default)]
pub(super) struct Leavings {
    /// Empty where the suspects are known.
    pub(super) footprints: Vec<Footprint>,
    pub(super) hints: Hints,
    pub(super) updated: Updated,
    /// How many rows were written.
    pub(super) written: u64,
    /// How many findings in them were mended.
    pub(super) mended: u64,
    pub(super) last_id: LastId,
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
        let positions = fields.iter().filter_map(|field| template.position(*field)).collect();
        let columns = template.columns.clone();
        Self { options, cells: PlainCells::new(settings), columns, fields, positions, suspects }
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
        if row.has_numeric_id && widths.is_news(text(&0).as_bytes()) {
            return false;
        }
        match self.suspects {
            Some(suspects) if suspects.include(&row.footprint, row.hints) => return false,
            Some(_) => {}
            None => {
                leavings.footprints.push(row.footprint);
                leavings.hints = leavings.hints.and(row.hints);
            }
        }
        if let Some(item) = row.item {
            leavings.updated.add(item);
        }
        leavings.written += 1;
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

    /// Whether a cell is rewritten, and that is all that is wanted.
    fn may_be_mended(&self, cell: &DeviatingCell) -> bool {
        let Options { selection, fixes, mended, .. } = self.options;
        *mended == Mended::Counted && fixes.is_some_and(|most| cell.is_settled_by(selection, most))
    }
}
