//! Rows that are mended as soon as they are read. Where all that deviates in a settled row is taken away by fixes that
//! are wanted, and nobody wants to hear of each of them, what the cells become is all that there is to remember.

use std::ops::Range;

use metricsheet_core::plain::{DeviatingCell, Slip};
use metricsheet_core::{Rule, Selection};

use crate::fields::{FieldSpan, written};
use crate::fix::Level;

/// Which fixes are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mending<'o> {
    pub(super) level: Level,
    pub(super) selection: &'o Selection,
}

impl Mending<'_> {
    fn settles(self, cell: &DeviatingCell) -> bool {
        cell.is_settled_by(self.selection, self.level.most())
    }
}

/// The cells of the mended rows of a piece, in their order.
#[derive(Debug, Default)]
pub(super) struct Mended {
    cells: Vec<Cell>,
    /// What they become, one text after the other.
    contents: String,
    /// The rules that they broke, one cell after the other.
    rules: Vec<&'static Rule>,
}

/// Positions are counted from the start of the piece, which is shorter than 4 GiB.
#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u32,
    start: u32,
    end: u32,
    /// Where its part of the contents and of the rules ends.
    content_end: u32,
    rules_end: u32,
}

/// A cell that was mended.
pub(super) struct MendedCell<'m> {
    /// Where its row started in the piece.
    pub(super) row: usize,
    /// Where it stood itself.
    pub(super) span: Range<usize>,
    /// What it is now.
    pub(super) content: &'m str,
    /// The rules that it broke.
    pub(super) rules: &'m [&'static Rule],
}

impl Mended {
    /// Mends the row that starts here, if that leaves nothing to be said of it; says whether it does. A row of several
    /// lines, which could become one of fewer, is left. Where a cell stands, `field` tells by its column.
    pub(super) fn take<'f>(
        &mut self,
        mending: Mending<'_>,
        row: Range<usize>,
        field: impl Fn(usize) -> Option<&'f FieldSpan>,
        deviating: &[DeviatingCell],
    ) -> bool {
        let rewrites = deviating.iter().filter_map(|cell| cell.rewrite.as_deref());
        if !self.has_room(&row, rewrites) || !deviating.iter().all(|cell| mending.settles(cell)) {
            return false;
        }
        let mut cells: Vec<(&FieldSpan, &DeviatingCell)> =
            deviating.iter().filter_map(|cell| Some((field(cell.at)?, cell))).collect();
        cells.sort_unstable_by_key(|(field, _)| field.raw.start);
        for (field, cell) in cells {
            let Some(rewrite) = &cell.rewrite else { continue };
            let rules = cell.deviations.iter().map(|deviation| deviation.rule);
            self.push(&row, field.raw.clone(), &written(rewrite), rules);
        }
        true
    }

    /// The same of a line with slips.
    pub(super) fn take_slips(&mut self, mending: Mending<'_>, line: Range<usize>, slips: &[Slip]) -> bool {
        let texts = slips.iter().map(|slip| &*slip.text);
        if !self.has_room(&line, texts) || !slips.iter().all(|slip| slip.is_settled_by(mending.selection)) {
            return false;
        }
        for Slip { range, rule, text } in slips {
            let span = line.start + range.start..line.start + range.end;
            self.push(&line, span, text, std::iter::once(*rule));
        }
        true
    }

    /// Whether places can be told in this row, and in what its cells become.
    fn has_room<'t>(&self, row: &Range<usize>, texts: impl Iterator<Item = &'t str>) -> bool {
        // Quoted, a text at most doubles.
        let most = texts.fold(self.contents.len(), |sum, text| sum + 2 * text.len() + 2);
        u32::try_from(row.end.max(most)).is_ok()
    }

    fn push(
        &mut self,
        row: &Range<usize>,
        span: Range<usize>,
        content: &str,
        rules: impl Iterator<Item = &'static Rule>,
    ) {
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.contents.push_str(content);
        self.rules.extend(rules);
        self.cells.push(Cell {
            row: place(row.start),
            start: place(span.start),
            end: place(span.end),
            content_end: place(self.contents.len()),
            rules_end: place(self.rules.len()),
        });
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = MendedCell<'_>> {
        let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let (mut content, mut rules) = (0, 0);
        self.cells.iter().map(move |cell| {
            let content = std::mem::replace(&mut content, place(cell.content_end))..place(cell.content_end);
            let rules = std::mem::replace(&mut rules, place(cell.rules_end))..place(cell.rules_end);
            MendedCell {
                row: place(cell.row),
                span: place(cell.start)..place(cell.end),
                content: self.contents.get(content).unwrap_or_default(),
                rules: self.rules.get(rules).unwrap_or_default(),
            }
        })
    }
}
