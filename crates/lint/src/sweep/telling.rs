//! The second round through a file: checks, and mends if asked to, the settled rows of each piece, puts them together
//! with the rows of the excerpt, and hands on what was found and the mended text in the order of the file.

use std::io;
use std::iter::Peekable;
use std::ops::{ControlFlow, Range};
use std::vec::IntoIter;

use super::Survey;
use super::excerpt::{Excerpt, FIRST_LINE};
use super::piece::Piece;
use super::treated::{Treated, TreatedRow};
use super::turns::in_turn;
use crate::check::{Beside, Checker, Diagnostic};
use crate::edit::Edit;
use crate::fix::Level;
use crate::pieces::{Extent, Listener, RowsFound};

/// What the second round makes of a piece.
struct Told<'s> {
    piece: &'s Piece,
    settled: Treated,
    /// Its bytes as they are now, where they are wanted.
    bytes: Vec<u8>,
}

/// How far the rows have moved so far.
#[derive(Debug, Clone, Copy, Default)]
struct Shift {
    bytes: isize,
    lines: isize,
}

impl Shift {
    fn add(&mut self, row: &TreatedRow) {
        let (before, after) = row.lines;
        self.bytes =
            self.bytes.saturating_add_unsigned(row.text.len()).saturating_sub_unsigned(row.span.len());
        self.lines = self.lines.saturating_add_unsigned(after).saturating_sub_unsigned(before);
    }
}

impl Survey<'_> {
    /// Tells all that is to be said, given the findings of the excerpt; with a level, cells are mended, and unless
    /// there is nothing to mend, or with `must_write` in any case, the whole text is written.
    pub(crate) fn tell(
        self,
        diagnostics: Vec<Diagnostic>,
        level: Option<Level>,
        must_write: bool,
        listener: &mut dyn Listener,
    ) -> io::Result<Extent> {
        let mut open = Treated::new(&self.excerpt, diagnostics, level);
        let is_written = level.is_some()
            && (must_write || !open.fixed.is_empty() || self.pieces.iter().any(|piece| piece.has_rewriting));
        if is_written {
            listener.write(self.head.text.as_bytes())?;
        }
        let above = std::mem::take(&mut open.above);
        if !above.is_empty() {
            listener.found(RowsFound { diagnostics: above, ..self.nothing_found() })?;
        }
        let (mut shift, mut is_mended) = (Shift::default(), false);
        let mut open_fixed = std::mem::take(&mut open.fixed).into_iter().peekable();
        let work = |at: usize, bytes: &mut Vec<u8>| match self.pieces.get(at) {
            Some(piece) => self.piece(piece, &open, level, is_written, bytes),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        in_turn(self.pieces.len(), self.threads, work, |mut told: Told<'_>| {
            let fixed = fixed_in(&mut told, &mut open_fixed);
            if !fixed.is_empty() {
                is_mended = true;
                listener.fixed(fixed)?;
            }
            if let Some(found) = self.found_in(&told, &open, &mut shift) {
                listener.found(found)?;
            }
            if is_written {
                listener.write(&told.bytes)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let rows = usize::try_from(self.excerpt.rows).unwrap_or(usize::MAX);
        Ok(Extent { rows, header: self.header(), is_mended })
    }

    fn header(&self) -> Range<usize> {
        self.head.columns.header.as_ref().map_or(0..0, |header| header.record.span.clone())
    }

    /// The header alone.
    fn nothing_found(&self) -> RowsFound {
        let (text, header) = (self.head.text.clone(), self.header());
        RowsFound { diagnostics: Vec::new(), text, header, starts: vec![(0, 0)] }
    }

    fn piece<'s>(
        &'s self,
        piece: &'s Piece,
        open: &Treated,
        level: Option<Level>,
        is_written: bool,
        buffer: &mut Vec<u8>,
    ) -> io::Result<Told<'s>> {
        let mut told = Told { piece, settled: Treated::default(), bytes: Vec::new() };
        if piece.settled.is_empty() && !is_written {
            return Ok(told);
        }
        let window = self.source.window(piece.span.clone(), buffer)?;
        if !piece.settled.is_empty() {
            let excerpt = self.settled(piece, open, window)?;
            let findings = Checker::of_excerpt(&excerpt, self.options, &self.head).run(Beside::Anything);
            told.settled = Treated::new(&excerpt, findings.diagnostics, level);
        }
        if is_written {
            told.bytes.reserve(window.len() + window.len() / 16);
            let mut at = 0;
            for (treated, row) in all_rows(&told.settled, open, &piece.span) {
                let span = row.span.start - piece.span.start..row.span.end - piece.span.start;
                told.bytes.extend_from_slice(window.get(at..span.start).unwrap_or_default());
                told.bytes.extend_from_slice(treated.text_of(row).as_bytes());
                at = span.end;
            }
            told.bytes.extend_from_slice(window.get(at..).unwrap_or_default());
        }
        Ok(told)
    }

    /// The settled rows of a piece, without the suspects, which are in the excerpt of the open ones.
    fn settled(&self, piece: &Piece, open: &Treated, window: &[u8]) -> io::Result<Excerpt> {
        let mut excerpt = Excerpt::new(&self.head);
        let mut suspects = open.rows_in(&piece.span).iter().peekable();
        let mut line = FIRST_LINE;
        for settled in &piece.settled {
            let range = settled.range();
            let start = piece.span.start + range.start;
            while suspects.next_if(|suspect| suspect.span.start < start).is_some() {}
            if suspects.peek().is_some_and(|suspect| suspect.span.start == start) {
                continue;
            }
            let text = window.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok());
            let text = text.ok_or_else(|| io::Error::other("the file changed while it was read"))?;
            excerpt.push(piece.first.of(settled.row, settled.line()), start, text, line);
            line += super::treated::line_ends(text);
        }
        Ok(excerpt)
    }

    /// What was found in a piece, at its place in the mended file.
    fn found_in(&self, told: &Told<'_>, open: &Treated, shift: &mut Shift) -> Option<RowsFound> {
        let mut found = self.nothing_found();
        for (treated, row) in all_rows(&told.settled, open, &told.piece.span) {
            let start = row.span.start.saturating_add_signed(shift.bytes);
            let line = row.line.saturating_add_signed(shift.lines);
            shift.add(row);
            let diagnostics = treated.found.get(row.found.clone()).unwrap_or_default();
            if diagnostics.is_empty() {
                continue;
            }
            found.starts.push((found.text.len(), start));
            found.text.push_str(treated.text_of(row));
            let placed = |span: &Range<usize>| start + span.start..start + span.end;
            found.diagnostics.extend(diagnostics.iter().map(|diagnostic| {
                let mut diagnostic = diagnostic.clone();
                diagnostic.span = placed(&diagnostic.span);
                diagnostic.in_file = diagnostic.span.clone();
                diagnostic.line += line;
                for Edit { span, .. } in &mut diagnostic.edits {
                    *span = placed(span);
                }
                diagnostic
            }));
        }
        (!found.diagnostics.is_empty()).then_some(found)
    }
}

/// The rows of a piece that were checked the long way, in their order.
fn all_rows<'t>(
    settled: &'t Treated,
    open: &'t Treated,
    span: &Range<usize>,
) -> impl Iterator<Item = (&'t Treated, &'t TreatedRow)> {
    let mut settled_rows = settled.rows.iter().map(move |row| (settled, row)).peekable();
    let mut open_rows = open.rows_in(span).iter().map(move |row| (open, row)).peekable();
    std::iter::from_fn(move || match (settled_rows.peek(), open_rows.peek()) {
        (Some((_, one)), Some((_, other))) if other.span.start < one.span.start => open_rows.next(),
        (Some(_), _) => settled_rows.next(),
        (None, _) => open_rows.next(),
    })
}

/// What was fixed in a piece, in its order. Takes it: it is told once, and there is much of it.
fn fixed_in(told: &mut Told<'_>, open: &mut Peekable<IntoIter<Diagnostic>>) -> Vec<Diagnostic> {
    let mut fixed = std::mem::take(&mut told.settled.fixed);
    let settled = fixed.len();
    while let Some(of_open) = open.next_if(|fixed| fixed.span.start < told.piece.span.end) {
        fixed.push(of_open);
    }
    if fixed.len() > settled {
        fixed.sort_by_key(|fixed| fixed.finding.place.row());
    }
    fixed
}
