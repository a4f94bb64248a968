//! The short way through a file: rows that are proved valid leave a footprint and are forgotten; all others, and
//! the few that these have something to do with, are set together in an excerpt, which is then checked the long
//! way. Pieces of a large file are read at the same time, and a file is never held as a whole.
//!
//! It refuses a file whose shape is not plain: another delimiter, order of columns or encoding, titles, mixed
//! line ends. Such a file is read the long way as a whole. What both ways report is the same, which the tests
//! hold against each other.

mod excerpt;
mod head;
mod piece;
mod rows;

use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use metricsheet_core::{Footprints, Suspects, Updated, Validator};

use self::excerpt::Taken;
pub(crate) use self::excerpt::{Excerpt, Jump};
pub(crate) use self::head::Head;
use self::piece::{Piece, Reader, Wanted};
use crate::check::{Checker, Options, Report};
use crate::fields::LineEnd;
use crate::source::Source;

/// Checks a file the short way; `None` if its shape asks for the long one.
pub(crate) fn sweep(
    source: &(impl Source + ?Sized),
    options: &Options,
    threads: NonZeroUsize,
) -> io::Result<Option<Report>> {
    let Some(head) = Head::read(source, options)? else { return Ok(None) };
    let reader = Reader::new(source, options, &head);
    let Some(mut pieces) = all_pieces(&reader, head.end, source.length(), threads)? else { return Ok(None) };
    if !have_one_line_end(head.line_end, &pieces) {
        return Ok(None);
    }
    let footprints: Vec<Footprints> =
        pieces.iter_mut().map(|piece| std::mem::take(&mut piece.footprints)).collect();
    let mut updated = Updated::default();
    for piece in &pieces {
        updated.add_all(&piece.updated);
    }
    let mut excerpt = Excerpt::new(&head, &pieces, Vec::new());
    let template = head.columns.present();
    let mut validator = Validator::new(&template, &options.settings);
    // Only what the rows mean for each other is looked at here, so it does not matter that totals and remarks
    // below the rows are read too.
    Checker::of_excerpt(&excerpt, options, &head).read_rows(&mut validator);
    let suspects = validator.suspects(&footprints, threads);
    drop((validator, footprints));
    if !suspects.is_empty() {
        let Some(taken) = second_look(&reader, &pieces, &suspects, threads)? else { return Ok(None) };
        excerpt = Excerpt::new(&head, &pieces, taken);
    }
    let mut report = Checker::of_excerpt(&excerpt, options, &head).run(Some((&suspects, updated)));
    excerpt.place_in_file(&mut report.diagnostics);
    report.rows = usize::try_from(excerpt.rows).unwrap_or(usize::MAX);
    Ok(Some(report))
}

/// Reads all pieces of the bytes from `start` on. Where a piece begins is guessed: behind the first line end.
/// If that turns out to be in the middle of a quoted field, because the piece before ends elsewhere, it is read
/// again from there.
fn all_pieces(
    reader: &Reader<'_, impl Source + ?Sized>,
    start: usize,
    end: usize,
    threads: NonZeroUsize,
) -> io::Result<Option<Vec<Piece>>> {
    let length = reader.source.piece_length().max(1);
    let borders: Vec<Range<usize>> =
        (start..end).step_by(length).map(|from| from..end.min(from.saturating_add(length))).collect();
    let wanted = Wanted::NotPlain;
    let read = |at: usize, scratch: &mut piece::Scratch| match borders.get(at) {
        Some(border) if at == 0 => reader.read(border.clone(), &wanted, scratch),
        Some(border) => reader.read_behind_line_end(border.clone(), &wanted, scratch),
        None => Ok(None),
    };
    let Some(guessed) = each(borders.len(), threads, read)? else { return Ok(None) };
    let mut pieces: Vec<Piece> = Vec::with_capacity(guessed.len());
    let mut scratch = piece::Scratch::default();
    for (piece, border) in guessed.into_iter().zip(&borders) {
        let from = pieces.last().map_or(start, |before| before.span.end);
        let piece = if piece.span.start == from {
            piece
        } else {
            // A field that swallows the whole border leaves nothing to read.
            match reader.read(from..border.end.max(from), &wanted, &mut scratch)? {
                Some(piece) => piece,
                None => return Ok(None),
            }
        };
        pieces.push(piece);
    }
    Ok(Some(pieces))
}

/// Reads the suspects among the rows that are valid by themselves.
fn second_look(
    reader: &Reader<'_, impl Source + ?Sized>,
    pieces: &[Piece],
    suspects: &Suspects,
    threads: NonZeroUsize,
) -> io::Result<Option<Vec<Vec<Taken>>>> {
    let wanted = Wanted::Suspects(suspects);
    let read = |at: usize, scratch: &mut piece::Scratch| match pieces.get(at) {
        Some(piece) => reader.read(piece.span.clone(), &wanted, scratch),
        None => Ok(None),
    };
    let looked = each(pieces.len(), threads, read)?;
    Ok(looked.map(|pieces| pieces.into_iter().map(|piece| piece.taken).collect()))
}

/// Does the work for each number below `count`, several at a time. `None` if there is no result for one of them.
fn each(
    count: usize,
    threads: NonZeroUsize,
    work: impl Fn(usize, &mut piece::Scratch) -> io::Result<Option<Piece>> + Sync,
) -> io::Result<Option<Vec<Piece>>> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Piece)>> = Mutex::new(Vec::with_capacity(count));
    let refused = AtomicUsize::new(0);
    let run = || -> io::Result<()> {
        let mut scratch = piece::Scratch::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count || refused.load(Ordering::Relaxed) > 0 {
                return Ok(());
            }
            match work(at, &mut scratch)? {
                Some(piece) => results.lock().unwrap_or_else(PoisonError::into_inner).push((at, piece)),
                None => {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    let helpers = threads.get().min(count).saturating_sub(1);
    if helpers == 0 {
        run()?;
    } else {
        std::thread::scope(|scope| {
            let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(run)).collect();
            let mut outcome = run();
            for helper in helpers {
                match helper.join() {
                    Ok(other) => outcome = outcome.and(other),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            outcome
        })?;
    }
    if refused.into_inner() > 0 {
        return Ok(None);
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(at, _)| *at);
    Ok(Some(results.into_iter().map(|(_, piece)| piece).collect()))
}

fn have_one_line_end(first: LineEnd, pieces: &[Piece]) -> bool {
    let ends = std::iter::once(Some(first)).chain(pieces.iter().map(|piece| piece.line_end));
    let mut ends = ends.flatten().filter(|end| *end != LineEnd::None);
    let first = ends.next();
    ends.all(|end| Some(end) == first)
}
