//! The rows of an excerpt after their check, and after their fixes where these are wanted: each by itself, so that
//! it can be put back into its file wherever it comes to stand there.

use std::ops::Range;

use super::excerpt::Excerpt;
use crate::check::{Diagnostic, Phase};
use crate::edit::Edit;
use crate::fix::{Level, mend};
use crate::locate::line_ends;

/// The rows of an excerpt.
#[derive(Debug, Default)]
pub(super) struct Treated {
    /// The text of the excerpt as it is now.
    pub(super) text: String,
    /// In their order.
    pub(super) rows: Vec<TreatedRow>,
    /// What remains in the rows, one after the other. Bytes and lines are counted from the start of their row.
    pub(super) found: Vec<Diagnostic>,
    /// What remains and is about no row below the header; with positions in the file.
    pub(super) above: Vec<Diagnostic>,
    /// What was fixed, with positions in the file as it was.
    pub(super) fixed: Vec<Diagnostic>,
}

/// One row.
#[derive(Debug)]
pub(super) struct TreatedRow {
    /// Where it stood in the file, with its line end.
    pub(super) span: Range<usize>,
    /// The line of the file in which it began.
    pub(super) line: usize,
    /// How many lines it had, and has.
    pub(super) lines: (usize, usize),
    /// Where it stands in the text.
    pub(super) text: Range<usize>,
    /// Its part of what remains.
    pub(super) found: Range<usize>,
}

impl Treated {
    /// Takes the findings of an excerpt, which are sorted by row, and mends its cells if asked to.
    pub(super) fn new(excerpt: &Excerpt, diagnostics: Vec<Diagnostic>, level: Option<Level>) -> Self {
        let mut treated = Self::default();
        let mut moved = None;
        if let Some(level) = level {
            let mended = mend(excerpt.text.as_bytes(), diagnostics, Phase::Cells, level, &mut treated.fixed);
            treated.text = String::from_utf8(mended.bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            excerpt.place_in_file(&mut treated.fixed);
            treated.found = mended.rest;
            moved = Some(mended.moved);
        } else {
            treated.text.clone_from(&excerpt.text);
            treated.found = diagnostics;
        }
        let now = |position: usize| moved.as_ref().map_or(position, |moved| moved.position(position));
        let first_row = excerpt.jumps.first().map_or(usize::MAX, |first| now(first.start));
        let is_in_row = |diagnostic: &Diagnostic| {
            diagnostic.finding.place.row().is_some() && diagnostic.span.start >= first_row
        };
        let in_rows = treated.found.iter().position(is_in_row).unwrap_or(treated.found.len());
        let found = treated.found.split_off(in_rows);
        treated.above = std::mem::replace(&mut treated.found, found);
        excerpt.place_in_file(&mut treated.above);
        treated.divide(excerpt, now);
        treated
    }

    /// Divides the text and the findings among the rows.
    fn divide(&mut self, excerpt: &Excerpt, now: impl Fn(usize) -> usize) {
        let ends = excerpt.jumps.iter().skip(1).map(|next| next.start).chain([excerpt.text.len()]);
        // No fix of cells touches what stands above.
        let mut line = excerpt.first_line;
        let mut found = 0;
        for (jump, end) in excerpt.jumps.iter().zip(ends) {
            let is_last = end == excerpt.text.len();
            let text = now(jump.start)..if is_last { self.text.len() } else { now(end) };
            let before = line_ends(excerpt.text.get(jump.start..end).unwrap_or_default());
            let after = line_ends(self.text.get(text.clone()).unwrap_or_default());
            let first = found;
            // An empty field at the very end of the file stands behind the last row's text.
            let is_of_row = |diagnostic: &&mut Diagnostic| is_last || diagnostic.span.start < text.end;
            while let Some(diagnostic) = self.found.get_mut(found).filter(is_of_row) {
                let moved = |span: &Range<usize>| {
                    span.start.saturating_sub(text.start)..span.end.saturating_sub(text.start)
                };
                diagnostic.span = moved(&diagnostic.span);
                diagnostic.line -= line;
                for Edit { span, .. } in &mut diagnostic.edits {
                    *span = moved(span);
                }
                found += 1;
            }
            self.rows.push(TreatedRow {
                span: jump.start_in_file..jump.start_in_file + (end - jump.start),
                line: jump.line_in_file,
                lines: (before, after),
                text,
                found: first..found,
            });
            line += after;
        }
    }

    /// Where the rows that stood in this part of the file are.
    pub(super) fn rows_in(&self, span: &Range<usize>) -> &[TreatedRow] {
        let at = |place: usize| self.rows.partition_point(|row| row.span.start < place);
        self.rows.get(at(span.start)..at(span.end)).unwrap_or_default()
    }

    pub(super) fn text_of(&self, row: &TreatedRow) -> &str {
        self.text.get(row.text.clone()).unwrap_or_default()
    }
}
