//! The rows of a file that need a look, below what stands above all rows, as if they were a file of their own; and the
//! way back from there to their places in the file.

use metricsheet_core::RowNumber;
use metricsheet_core::rules::file::{MIXED_LINE_ENDINGS, WRONG_DELIMITER};

use super::head::Head;
use super::piece::Piece;
use crate::check::Diagnostic;
use crate::edit::Edit;
use crate::record_facts::{RecordFacts, Spot};

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

/// Row and line of a file, both counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowPlace {
    pub(crate) row: u32,
    pub(super) line: usize,
}

impl RowPlace {
    /// So many rows and lines further.
    pub(super) const fn of(self, row: u32, line: usize) -> Self {
        Self { row: self.row.saturating_add(row), line: self.line + line }
    }
}

/// What stands above the rows, and the rows that were taken out.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// For each row where it stands, ascending.
    pub(crate) jumps: Vec<Jump>,
    /// The line of the first row.
    pub(super) first_line: usize,
    /// How many rows the file has below its header.
    pub(crate) rows: u32,
    /// What all records of the file show.
    pub(crate) facts: RecordFacts,
}

/// Where a row of an excerpt stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Jump {
    /// The first byte and line in the excerpt.
    pub(crate) start: usize,
    line: usize,
    /// The same in the file.
    pub(super) start_in_file: usize,
    pub(super) line_in_file: usize,
    pub(crate) row: RowNumber,
}

impl Excerpt {
    /// No row.
    pub(super) fn new(head: &Head) -> Self {
        Self {
            text: head.text.clone(),
            jumps: Vec::new(),
            first_line: head.first.line,
            rows: 0,
            facts: RecordFacts::default(),
        }
    }

    /// Takes the open rows out of the pieces; `more` are further rows for each of them.
    pub(super) fn of_open(head: &Head, pieces: &[Piece], more: Vec<Vec<Taken>>) -> Self {
        let mut excerpt = Self { facts: facts_of(head, pieces), ..Self::new(head) };
        let mut line = excerpt.first_line;
        let mut more = more.into_iter();
        for piece in pieces {
            let more = more.next().unwrap_or_default();
            let mut taken: Vec<&Taken> = piece.taken.iter().chain(&more).collect();
            taken.sort_by_key(|taken| taken.row);
            taken.dedup_by_key(|taken| taken.row);
            for taken in taken {
                let place = piece.first.of(taken.row, taken.line);
                excerpt.push(place, taken.start, &taken.text, line);
                line += taken.lines;
            }
            excerpt.rows = excerpt.rows.saturating_add(piece.rows);
        }
        excerpt
    }

    /// Adds a row that stands at this place of the file, and in this line of the excerpt.
    pub(super) fn push(&mut self, place: RowPlace, start_in_file: usize, text: &str, line: usize) {
        self.jumps.push(Jump {
            start: self.text.len(),
            line,
            start_in_file,
            line_in_file: place.line,
            row: RowNumber::new(place.row),
        });
        self.text.push_str(text);
    }

    /// Moves findings from the excerpt to the file.
    pub(crate) fn place_in_file(&self, diagnostics: &mut [Diagnostic]) {
        for diagnostic in diagnostics {
            diagnostic.in_file = diagnostic.span.clone();
            // What is about the whole file stands above the rows, or else in one that may not have been taken out.
            if diagnostic.finding.place.row().is_none() {
                if let Some(spot) = self.known_place(diagnostic) {
                    (diagnostic.line, diagnostic.character) = (spot.line, spot.character);
                }
                continue;
            }
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

    /// The place of a finding about the whole file that stands where all records show it first.
    pub(super) fn known_place(&self, diagnostic: &Diagnostic) -> Option<Spot> {
        match diagnostic.finding.rule.code {
            code if code == MIXED_LINE_ENDINGS.code => {
                self.facts.first_unusual_line_end().map(|(spot, _)| spot)
            }
            code if code == WRONG_DELIMITER.code => self.facts.first_delimiter,
            _ => None,
        }
    }
}

/// What all records of a file show.
pub(super) fn facts_of(head: &Head, pieces: &[Piece]) -> RecordFacts {
    let mut facts = head.facts.clone();
    for piece in pieces {
        facts.add(&piece.facts, piece.span.start, piece.first.line);
    }
    facts
}
