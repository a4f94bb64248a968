//! The second round through a file: checks, and mends if asked to, the settled rows of each piece, puts them together
//! with those that are mended already and the rows of the excerpt, and hands on what was found and the mended text in the order of the file.

use std::io;
use std::iter::Peekable;
use std::ops::{ControlFlow, Range};
use std::vec::IntoIter;

use metricsheet_core::Rule;

use super::Survey;
use super::excerpt::Excerpt;
use super::head::Head;
use super::mended::MendedCell;
use super::piece::Piece;
use super::treated::{Treated, TreatedRow};
use super::turns::in_turn;
use crate::check::{Beside, Checker, Diagnostic};
use crate::edit::Edit;
use crate::fix::Level;
use crate::locate::line_ends;
use crate::pieces::{Extent, Listener, RowsFound};
use crate::record_facts::Spot;
use crate::reshaped::list_edits;

/// What the second round makes of a piece.
struct Told<'s> {
    piece: &'s Piece,
    settled: Treated,
    /// Whether its mended bytes are wanted.
    is_written: bool,
}

/// Memory that is used for one piece after the other.
#[derive(Debug, Default)]
struct Buffers {
    window: Vec<u8>,
    /// The bytes of the piece as they are now, where they are wanted.
    mended: Vec<u8>,
}

/// A stretch of a piece that was looked at by itself, and what it is now.
struct Stretch<'t> {
    /// Where it stood in the file.
    span: Range<usize>,
    text: &'t str,
    /// The row, if it was checked the long way.
    row: Option<(&'t Treated, &'t TreatedRow)>,
}

/// How far the rows have moved so far.
#[derive(Debug, Clone, Copy, Default)]
struct Shift {
    bytes: isize,
    lines: isize,
}

impl Shift {
    fn add(&mut self, stretch: &Stretch<'_>) {
        let Stretch { span, text, row } = stretch;
        self.bytes = self.bytes.saturating_add_unsigned(text.len()).saturating_sub_unsigned(span.len());
        if let Some((_, TreatedRow { lines: (before, after), .. })) = row {
            self.lines = self.lines.saturating_add_unsigned(*after).saturating_sub_unsigned(*before);
        }
    }
}

impl Survey<'_> {
    /// Tells all that is to be said, given the findings of the excerpt; with a level, cells are mended, and unless
    /// there is nothing to mend and nothing was fixed before, the whole text is written. `None` if the file has to be
    /// mended as a whole; then nothing was told.
    pub(crate) fn tell(
        self,
        diagnostics: Vec<Diagnostic>,
        level: Option<Level>,
        fixed_before: Vec<Diagnostic>,
        listener: &mut dyn Listener,
    ) -> io::Result<Option<Extent>> {
        let mut open = Treated::new(&self.excerpt, diagnostics, level);
        if level.is_some() && !self.keeps_layout(&open, level)? {
            return Ok(None);
        }
        let was_mended = !fixed_before.is_empty();
        if was_mended {
            listener.fixed(fixed_before)?;
        }
        let is_written = level.is_some()
            && (was_mended || !open.fixed.is_empty() || self.pieces.iter().any(|piece| piece.has_rewriting));
        let drafted = if is_written && self.stands(&open) { self.drafted } else { 0 };
        if drafted < self.drafted {
            listener.restart()?;
        }
        if is_written && drafted == 0 {
            listener.write(self.head.text.as_bytes())?;
        }
        for found in self.found_above(std::mem::take(&mut open.above), listener.wants_each_edit())? {
            listener.found(found)?;
        }
        let (mut shift, mut is_mended) = (Shift::default(), was_mended);
        let mut open_fixed = std::mem::take(&mut open.fixed).into_iter().peekable();
        let work = |at: usize, buffers: &mut Buffers| match self.pieces.get(at) {
            Some(piece) => self.piece(piece, &open, level, is_written && at >= drafted, buffers),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        };
        in_turn(self.pieces.len(), self.threads, work, |mut told: Told<'_>, buffers| {
            for (rule, count) in told.fixed_beside(&open) {
                is_mended = true;
                listener.fixed_beside(rule, count)?;
            }
            let fixed = fixed_in(&mut told, &mut open_fixed);
            if !fixed.is_empty() {
                is_mended = true;
                listener.fixed(fixed)?;
            }
            if let Some(found) = self.found_in(&told, &open, &mut shift) {
                listener.found(found)?;
            }
            if told.is_written {
                listener.write(&buffers.mended)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let rows = usize::try_from(self.excerpt.rows).unwrap_or(usize::MAX);
        Ok(Some(Extent { rows, header: self.header(), is_mended }))
    }

    /// Whether the mended text is divided as before, though no header says how.
    fn keeps_layout(&self, open: &Treated, level: Option<Level>) -> io::Result<bool> {
        if self.head.layout.columns.header.is_some() {
            return Ok(true);
        }
        let mut text = self.head.text.clone().into_bytes();
        let mut buffers = Buffers::default();
        let mut pieces = self.pieces.iter();
        while let Some(piece) = pieces.next().filter(|_| text.len() < Head::LENGTH) {
            self.piece(piece, open, level, true, &mut buffers)?;
            text.extend_from_slice(&buffers.mended);
        }
        let is_whole = pieces.as_slice().is_empty();
        let mended = Head::of(&text, is_whole, self.options);
        Ok(mended.is_some_and(|mended| mended.layout.reads_as(&self.head.layout)))
    }

    /// Whether what was drafted is what has to be written, now that all rows have been seen.
    fn stands(&self, open: &Treated) -> bool {
        let Some(last) = self.drafted.checked_sub(1).and_then(|last| self.pieces.get(last)) else {
            return true;
        };
        let drafted = self.head.end()..last.span.end;
        open.rows_in(&drafted).is_empty() && open.fixed.iter().all(|fixed| fixed.span.start >= drafted.end)
    }

    fn header(&self) -> Option<Range<usize>> {
        self.head.layout.columns.header.as_ref().map(|header| header.record.span.clone())
    }

    /// What was found that is about no row, with the text in which it stands.
    fn found_above(&self, mut above: Vec<Diagnostic>, wants_each_edit: bool) -> io::Result<Vec<RowsFound>> {
        if wants_each_edit {
            let parts = self.parts();
            let delimiter = self.head.layout.dialect.delimiter;
            above.iter_mut().try_for_each(|it| list_edits(self.source, delimiter, &parts, it))?;
        }
        let mut found: Vec<RowsFound> = Vec::new();
        for diagnostic in above {
            match (self.place_in_rows(&diagnostic), found.last_mut()) {
                (None, Some(last)) if last.starts.len() == 1 => last.diagnostics.push(diagnostic),
                (None, _) => found.push(RowsFound { diagnostics: vec![diagnostic], ..self.nothing_found() }),
                (Some(spot), _) => {
                    let mut in_row = RowsFound { diagnostics: vec![diagnostic], ..self.nothing_found() };
                    in_row.starts.push((in_row.text.len(), spot.start));
                    let mut bytes = Vec::new();
                    let end = self.source.length().min(spot.at + "\r\n".len());
                    let row = self.source.window(spot.start..end, &mut bytes)?;
                    in_row.text.push_str(&String::from_utf8_lossy(row));
                    found.push(in_row);
                }
            }
        }
        Ok(found)
    }

    /// Where among the rows a finding stands that is about the whole file.
    pub(crate) fn place_in_rows(&self, diagnostic: &Diagnostic) -> Option<Spot> {
        self.excerpt.known_place(diagnostic).filter(|spot| spot.start >= self.head.end())
    }

    /// What stands above the rows.
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
        Buffers { window, mended }: &mut Buffers,
    ) -> io::Result<Told<'s>> {
        let mut told = Told { piece, settled: Treated::default(), is_written };
        if piece.settled.is_empty() && !is_written {
            return Ok(told);
        }
        let window = self.source.window(piece.span.clone(), window)?;
        if !piece.settled.is_empty() {
            let excerpt = self.settled(piece, open, window)?;
            let findings = Checker::of_excerpt(&excerpt, self.options, &self.head).run(Beside::Anything);
            told.settled = Treated::new(&excerpt, findings.diagnostics, level);
        }
        if is_written {
            mended.clear();
            let mut at = 0;
            for Stretch { span, text, .. } in told.stretches(open) {
                let span = span.start - piece.span.start..span.end - piece.span.start;
                mended.extend_from_slice(window.get(at..span.start).unwrap_or_default());
                mended.extend_from_slice(text.as_bytes());
                at = span.end;
            }
            mended.extend_from_slice(window.get(at..).unwrap_or_default());
        }
        Ok(told)
    }

    /// The settled rows of a piece, without the suspects, which are in the excerpt of the open ones.
    fn settled(&self, piece: &Piece, open: &Treated, window: &[u8]) -> io::Result<Excerpt> {
        let mut excerpt = Excerpt::new(&self.head);
        let mut suspects = open.rows_in(&piece.span).iter().peekable();
        let mut line = excerpt.first_line;
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
            line += line_ends(text);
        }
        Ok(excerpt)
    }

    /// What was found in a piece, at its place in the mended file.
    fn found_in(&self, told: &Told<'_>, open: &Treated, shift: &mut Shift) -> Option<RowsFound> {
        let mut found = self.nothing_found();
        for stretch in told.stretches(open) {
            let Shift { bytes, lines } = *shift;
            shift.add(&stretch);
            let Some((treated, row)) = stretch.row else { continue };
            let start = row.span.start.saturating_add_signed(bytes);
            let line = row.line.saturating_add_signed(lines);
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

impl<'s> Told<'s> {
    /// All that was looked at by itself, in its order.
    fn stretches<'t>(&'t self, open: &'t Treated) -> impl Iterator<Item = Stretch<'t>> {
        let of_row = |treated: &'t Treated, row: &'t TreatedRow| Stretch {
            span: row.span.clone(),
            text: treated.text_of(row),
            row: Some((treated, row)),
        };
        let settled = self.settled.rows.iter().map(move |row| of_row(&self.settled, row));
        let open_rows = open.rows_in(&self.piece.span).iter().map(move |row| of_row(open, row));
        let place = |at: usize| self.piece.span.start + at;
        let cells = self.mended(open).map(move |cell| Stretch {
            span: place(cell.span.start)..place(cell.span.end),
            text: cell.content,
            row: None,
        });
        in_order(in_order(settled, open_rows), cells)
    }

    /// The cells that were mended when they were read, but for those of suspects, which are among the open rows.
    fn mended(&self, open: &Treated) -> impl Iterator<Item = MendedCell<'s>> {
        let (open, start) = (open.rows_in(&self.piece.span), self.piece.span.start);
        let is_open = move |cell: &MendedCell<'_>| {
            open.binary_search_by_key(&(start + cell.row), |row| row.span.start).is_ok()
        };
        self.piece.mended.cells().filter(move |cell| !is_open(cell))
    }

    /// The rules that these cells broke, and how often.
    fn fixed_beside(&self, open: &Treated) -> Vec<(&'static Rule, usize)> {
        let mut counts: Vec<(&'static Rule, usize)> = Vec::new();
        for rule in self.mended(open).flat_map(|cell| cell.rules) {
            match counts.iter_mut().find(|(counted, _)| counted == rule) {
                Some((_, count)) => *count += 1,
                None => counts.push((rule, 1)),
            }
        }
        counts
    }
}

/// Two sequences as one, all three in the order of the file.
fn in_order<'t>(
    one: impl Iterator<Item = Stretch<'t>>,
    other: impl Iterator<Item = Stretch<'t>>,
) -> impl Iterator<Item = Stretch<'t>> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(of_one), Some(of_other)) if of_other.span.start < of_one.span.start => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
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
