//! The short way through a file, in two rounds. In the first, rows that are proved valid leave a footprint and are
//! forgotten; so do settled ones, whose findings are those of their cells. All other rows, which are open, and the
//! few that these have something to do with, are set together in an excerpt, which is then checked the long way.
//! In the second round the settled rows of each piece are checked the long way, by themselves, and what was found
//! is handed on in the order of the file, with the mended text where that is wanted. Pieces of a large file are read
//! at the same time, and a file is never held as a whole.
//!
//! It refuses a file that lacks a column, one in another encoding, and one in which only some lines end in a lone `\r`.
//! Such a file is read the long way as a whole. What both ways report is the same, which the tests hold against each
//! other.

mod draft;
mod excerpt;
mod head;
mod mended;
mod piece;
mod telling;
mod treated;
mod turns;

use std::io;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::AtomicBool;

use metricsheet_core::{AMONG_VALID_ROWS, Footprints, Suspects, Updated, Validator};

use self::draft::Draft;
use self::excerpt::Taken;
pub(crate) use self::excerpt::{Excerpt, Jump};
pub(crate) use self::head::Head;
use self::piece::{Piece, Reader, Scratch, Wanted};
pub(crate) use self::turns::in_turn;
use crate::check::{Beside, Checker, Diagnostic, Options};
use crate::fix::Level;
use crate::pieces::Listener;
use crate::source::Source;

/// What the first round through a file shows.
pub(crate) struct Survey<'o> {
    source: &'o dyn Source,
    options: &'o Options,
    threads: NonZeroUsize,
    head: Head,
    pieces: Vec<Piece>,
    suspects: Suspects,
    /// The metrics of the plan that rows update which are not in the excerpt.
    updated: Updated,
    /// The open rows, and the suspects among the others.
    excerpt: Excerpt,
    /// How many pieces of the mended file have been written already.
    drafted: usize,
}

impl<'o> Survey<'o> {
    /// Goes through a file with this head; `None` if something in it asks for the long way. With a level, settled rows of
    /// which its fixes leave nothing to say are mended at once; what was fixed in them is only counted, and the listener
    /// may be handed the beginning of the mended file.
    pub(crate) fn read(
        source: &'o dyn Source,
        head: Head,
        options: &'o Options,
        threads: NonZeroUsize,
        mending: Option<(Level, &mut dyn Listener)>,
    ) -> io::Result<Option<Self>> {
        let is_drafting = AtomicBool::new(false);
        let level = mending.as_ref().map(|(level, _)| *level);
        let reader = Reader::new(source, options, &head, level, &is_drafting);
        let all = |wanted, draft| all_pieces(&reader, &head, &wanted, threads, draft);
        let needs_footprints = AMONG_VALID_ROWS.iter().any(|rule| options.selection.contains(rule));
        let clean = if needs_footprints { None } else { all(Wanted::Nothing, None)? };
        let mut draft = mending.map(|(_, listener)| Draft::new(source, &head, listener, &is_drafting));
        let pieces = match clean {
            Some(pieces) => Some(pieces),
            None => all(Wanted::Open, draft.as_mut())?,
        };
        let drafted = draft.map_or(0, Draft::finish);
        let Some(mut pieces) = pieces else { return Ok(None) };
        let footprints: Vec<Footprints> =
            pieces.iter_mut().map(|piece| std::mem::take(&mut piece.footprints)).collect();
        let mut updated = Updated::default();
        for piece in &pieces {
            updated.add_all(&piece.updated);
        }
        let mut excerpt = Excerpt::of_open(&head, &pieces, Vec::new());
        let [lf, crlf, cr] = excerpt.facts.line_ends();
        if cr > 0 && lf + crlf > 0 {
            // Taken out, a row that ends in `\r` would come to stand before an empty one that ends in `\n`.
            return Ok(None);
        }
        let template = head.layout.columns.present();
        let mut validator = Validator::new(&template, &options.settings);
        // Only what the rows mean for each other is looked at here, so it does not matter that totals and remarks
        // below the rows are read too.
        Checker::of_excerpt(&excerpt, options, &head).read_rows(&mut validator);
        let suspects = validator.suspects(&footprints, threads);
        drop((validator, footprints));
        if !suspects.is_empty() {
            let Some(taken) = second_look(&reader, &pieces, &suspects, threads)? else { return Ok(None) };
            excerpt = Excerpt::of_open(&head, &pieces, taken);
        }
        for piece in &mut pieces {
            // The excerpt holds them now.
            piece.taken = Vec::new();
        }
        Ok(Some(Self { source, options, threads, head, pieces, suspects, updated, excerpt, drafted }))
    }

    /// Checks the rows of the excerpt, together with what is known of all others. Positions are those in the
    /// excerpt.
    pub(crate) fn check_open(&self) -> Vec<Diagnostic> {
        let beside = Beside::Valid(&self.suspects, &self.updated);
        Checker::of_excerpt(&self.excerpt, self.options, &self.head).run(beside).diagnostics
    }

    /// Where the rows can be divided.
    pub(crate) fn parts(&self) -> Vec<Range<usize>> {
        self.pieces.iter().map(|piece| piece.span.clone()).collect()
    }

    /// Moves findings from the excerpt to the file.
    pub(crate) fn place_in_file(&self, diagnostics: &mut [Diagnostic]) {
        self.excerpt.place_in_file(diagnostics);
    }
}

/// The shape of a file.
pub(crate) struct Shape {
    /// What is to be said of it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where the rows can be divided.
    pub(crate) parts: Vec<Range<usize>>,
}

impl Shape {
    /// That of a file with this head; `None` if something in it asks for the long way.
    pub(crate) fn of(
        source: &dyn Source,
        head: &Head,
        options: &Options,
        threads: NonZeroUsize,
    ) -> io::Result<Option<Self>> {
        let is_drafting = AtomicBool::new(false);
        let reader = Reader::new(source, options, head, None, &is_drafting);
        let Some(pieces) = all_pieces(&reader, head, &Wanted::Shape, threads, None)? else { return Ok(None) };
        let excerpt = Excerpt::of_open(head, &pieces, Vec::new());
        let mut diagnostics = Checker::of_excerpt(&excerpt, options, head).run_shape();
        excerpt.place_in_file(&mut diagnostics);
        Ok(Some(Self { diagnostics, parts: pieces.iter().flat_map(Piece::parts).collect() }))
    }
}

/// Reads all pieces of the rows. Where a piece begins is guessed: behind the first line end.
/// If that turns out to be in the middle of a quoted field, because the piece before ends elsewhere, it is read
/// again from there.
fn all_pieces(
    reader: &Reader<'_>,
    head: &Head,
    wanted: &Wanted<'_>,
    threads: NonZeroUsize,
    draft: Option<&mut Draft<'_>>,
) -> io::Result<Option<Vec<Piece>>> {
    let (start, end) = (head.end(), reader.source.length());
    let length = reader.source.piece_length().max(1);
    let borders: Vec<Range<usize>> =
        (start..end).step_by(length).map(|from| from..end.min(from.saturating_add(length))).collect();
    let read = |at: usize, scratch: &mut Scratch| match borders.get(at) {
        Some(border) if at == 0 => reader.read(border.clone(), wanted, scratch),
        Some(border) => reader.read_behind_line_end(border.clone(), wanted, scratch),
        None => Ok(None),
    };
    let Some(guessed) = each(borders.len(), threads, read, draft)? else { return Ok(None) };
    let mut pieces: Vec<Piece> = Vec::with_capacity(guessed.len());
    let mut scratch = Scratch::default();
    let mut first = head.first;
    for (piece, border) in guessed.into_iter().zip(&borders) {
        let from = pieces.last().map_or(start, |before| before.span.end);
        let mut piece = if piece.span.start == from {
            piece
        } else {
            // A field that swallows the whole border leaves nothing to read.
            match reader.read(from..border.end.max(from), wanted, &mut scratch)? {
                Some(piece) => piece,
                None => return Ok(None),
            }
        };
        piece.first = first;
        first = first.of(piece.rows, piece.lines);
        pieces.push(piece);
    }
    Ok(Some(pieces))
}

/// Reads the suspects among the rows that are valid by themselves.
fn second_look(
    reader: &Reader<'_>,
    pieces: &[Piece],
    suspects: &Suspects,
    threads: NonZeroUsize,
) -> io::Result<Option<Vec<Vec<Taken>>>> {
    let wanted = Wanted::Suspects(suspects);
    let read = |at: usize, scratch: &mut Scratch| match pieces.get(at) {
        Some(piece) => reader.read(piece.span.clone(), &wanted, scratch),
        None => Ok(None),
    };
    let looked = each(pieces.len(), threads, read, None)?;
    Ok(looked.map(|pieces| pieces.into_iter().map(|piece| piece.taken).collect()))
}

/// Does the work for each number below `count`, several at a time, and shows what comes of it to a draft. `None` if there is
/// no result for one of them.
fn each(
    count: usize,
    threads: NonZeroUsize,
    work: impl Fn(usize, &mut Scratch) -> io::Result<Option<Piece>> + Sync,
    mut draft: Option<&mut Draft<'_>>,
) -> io::Result<Option<Vec<Piece>>> {
    let mut pieces = Vec::with_capacity(count);
    in_turn(count, threads, work, |piece, scratch| {
        let Some(piece) = piece else { return Ok(ControlFlow::Break(())) };
        if let Some(draft) = &mut draft {
            draft.take(&piece, scratch)?;
        }
        pieces.push(piece);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Some(pieces).filter(|pieces| pieces.len() == count))
}
