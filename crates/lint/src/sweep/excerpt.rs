//! The rows of a file that need a look, below its header, as if they were a file of their own; and the way back
//! from there to their places in the file.

use metricsheet_core::RowNumber;

use super::head::Head;
use super::piece::Piece;
use crate::check::Diagnostic;
use crate::edit::Edit;

/// A row taken out of a piece.
#[derive(Debug)]
pub(super) struct Taken {
    /// The number of rows of the piece before it.
    pub(super) row: u32,
    /// The number of lines of the piece before it.
    pub(super) line: usize,
    /// How many lines it has.
    pub(super) lines: usize,
    /// Where it starts in the file.
    pub(super) start: usize,
    /// The row with its line end.
    pub(super) text: String,
}

/// The header and the rows that were taken out.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// For each row where it stands, ascending.
    pub(crate) jumps: Vec<Jump>,
    /// How many rows the file has below its header.
    pub(crate) rows: u32,
}

/// Where a row of an excerpt stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jump {
    /// The first byte and line in the excerpt.
    pub(crate) start: usize,
    line: usize,
    /// The same in the file.
    start_in_file: usize,
    line_in_file: usize,
    pub(crate) row: RowNumber,
}

impl Excerpt {
    /// Takes the rows out of the pieces; `more` are further rows for each of them.
    pub(super) fn new(head: &Head, pieces: &[Piece], more: Vec<Vec<Taken>>) -> Self {
        let mut excerpt = Self { text: head.text.clone(), jumps: Vec::new(), rows: 0 };
        // The header is the first row, in the first line.
        let (mut row, mut line, mut line_in_file) = (2_u32, 2, 2);
        let mut more = more.into_iter();
        for piece in pieces {
            let more = more.next().unwrap_or_default();
            let mut taken: Vec<&Taken> = piece.taken.iter().chain(&more).collect();
            taken.sort_by_key(|taken| taken.row);
            taken.dedup_by_key(|taken| taken.row);
            for taken in taken {
                excerpt.jumps.push(Jump {
                    start: excerpt.text.len(),
                    line,
                    start_in_file: taken.start,
                    line_in_file: line_in_file + taken.line,
                    row: RowNumber::new(row.saturating_add(taken.row)),
                });
                excerpt.text.push_str(&taken.text);
                line += taken.lines;
            }
            row = row.saturating_add(piece.rows);
            line_in_file += piece.lines;
        }
        excerpt.rows = row - 2;
        excerpt
    }

    /// Moves findings from the excerpt to the file.
    pub(crate) fn place_in_file(&self, diagnostics: &mut [Diagnostic]) {
        for diagnostic in diagnostics {
            diagnostic.in_file = diagnostic.span.clone();
            let behind = self.jumps.partition_point(|jump| jump.start <= diagnostic.span.start);
            // What stands above the rows stands in the file where it does in the excerpt.
            let Some(jump) = behind.checked_sub(1).and_then(|at| self.jumps.get(at)) else { continue };
            // No finding, and no edit of one, reaches beyond its row.
            let moved = |span: &std::ops::Range<usize>| {
                let place = |at: usize| at.saturating_sub(jump.start) + jump.start_in_file;
                place(span.start)..place(span.end)
            };
            diagnostic.span = moved(&diagnostic.span);
            diagnostic.in_file = diagnostic.span.clone();
            for Edit { span, .. } in &mut diagnostic.edits {
                *span = moved(span);
            }
            diagnostic.line = diagnostic.line + jump.line_in_file - jump.line;
        }
    }
}
