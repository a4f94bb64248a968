//! The short way of a row: one that is proved valid from the bytes of its cells, or of which all can be mended that
//! there is to say, is written as it comes and leaves a footprint. All others wait until the last row has been seen, and so do, in a second reading, those that other rows
//! have something to do with. Both ways come to the same, which `tests/short_way.rs` holds against each other.
//!
//! It refuses tables whose rows are not in order, and those whose output gets further columns on the way.

use std::io;

use metricsheet_core::footprint::{Footprint, Hints};
use metricsheet_core::plain::{FinishedRow, IdWidths, PlainCells};
use metricsheet_core::value::{Deviation, combined_applicability};
use metricsheet_core::{Cell, Column, Field, Footprints, RowNumber, Settings, Suspects, Template, Updated};

use super::row_texts::RowTexts;
use super::{Mended, Options};
use crate::output::{Spool, Spooled, Store, push_record};

/// So many footprints are put in order together.
const STRETCH: usize = 1 << 15;

/// Proves rows and writes them.
pub(super) struct Sweep<'o> {
    options: &'o Options,
    cells: PlainCells<'o>,
    columns: Vec<Column>,
    fields: Vec<Field>,
    /// Where among the columns each field of the output is.
    positions: Vec<usize>,
    /// The rows that have to wait because of others; `None` as long as they are not known.
    suspects: Option<&'o Suspects>,
    widths: IdWidths,
    gathered: Vec<Footprint>,
    hints: Hints,
    stretches: Vec<Footprints>,
    updated: Updated,
    last: Option<RowNumber>,
    /// A row that was looked at in vain.
    declined: Option<RowNumber>,
    spool: Spool<'o>,
    written: u64,
    mended: u64,
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
            cells: PlainCells::new(settings),
            columns: Vec::new(),
            fields: Vec::new(),
            positions: Vec::new(),
            suspects,
            widths: IdWidths::default(),
            gathered: Vec::new(),
            hints: Hints::NONE,
            stretches: Vec::new(),
            updated: Updated::default(),
            last: None,
            declined: None,
            spool: Spool::new(store),
            written: 0,
            mended: 0,
            is_refused: false,
            failure: None,
        }
    }

    /// Tells of the columns of the rows that follow.
    pub(super) fn begin(&mut self, template: &Template, fields: Vec<Field>) {
        if self.columns.is_empty() {
            self.positions = fields.iter().filter_map(|field| template.position(*field)).collect();
            self.columns.clone_from(&template.columns);
            self.fields = fields;
        } else if self.fields != fields || self.columns != template.columns {
            self.refuse();
        }
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
            self.declined = Some(number);
        }
        is_taken
    }

    fn pass(&mut self, number: RowNumber) {
        if self.last.is_some_and(|last| last >= number) {
            self.refuse();
        }
        self.last = Some(number);
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> bool {
        let may_be_mended = |deviations: &[Deviation]| may_be_mended(self.options, deviations);
        let finished = self.cells.row(&self.columns, cells, may_be_mended);
        let Some(FinishedRow { row, rewrites, mended }) = finished else { return false };
        let text = |at: &usize| match rewrites.iter().find(|(rewritten, _)| rewritten == at) {
            Some((_, text)) => text,
            None => cells.get(*at).map_or("", |cell| cell.text),
        };
        if row.has_numeric_id && self.widths.is_news(text(&0).as_bytes()) {
            return false;
        }
        match self.suspects {
            Some(suspects) if suspects.include(&row.footprint, row.hints) => return false,
            Some(_) => {}
            None => {
                self.gathered.push(row.footprint);
                self.hints = self.hints.and(row.hints);
                if self.gathered.len() >= STRETCH {
                    self.end_stretch();
                }
            }
        }
        if let Some(item) = row.item {
            self.updated.add(item);
        }
        self.written += 1;
        self.mended += mended;
        let fields = self.positions.iter().map(text);
        if let Err(error) = self.spool.append(|to| push_record(fields, to)) {
            self.failure.get_or_insert(error);
        }
        true
    }

    fn end_stretch(&mut self) {
        self.stretches.push(Footprints::take(&mut self.gathered, self.hints));
        self.hints = Hints::NONE;
    }

    /// What is left.
    ///
    /// # Errors
    /// What was refused by the file that keeps the rows.
    pub(super) fn finish(mut self) -> io::Result<Swept> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.end_stretch();
        let lines = (self.spool.finish(), self.written);
        Ok(Swept { footprints: self.stretches, updated: self.updated, lines, mended: self.mended })
    }
}

/// Whether the cell is rewritten, and that is all that is wanted.
fn may_be_mended(options: &Options, deviations: &[Deviation]) -> bool {
    let Options { selection, fixes, mended, .. } = options;
    let is_chosen =
        |deviation: &Deviation| selection.contains(deviation.rule) && selection.may_fix(deviation.rule);
    *mended == Mended::Counted
        && fixes.is_some_and(|most| combined_applicability(deviations).is_some_and(|it| it <= most))
        && deviations.iter().all(is_chosen)
}
