//! The mended file, begun while the file is still being read. As long as nothing remains to be said of the rows, and unless
//! rows further down turn out to have something to do with them, what is written then is what the second round would
//! write. It ends before the first piece of which that is not so, and is thrown away if a row in it is a suspect.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::head::Head;
use super::piece::{Piece, Scratch};
use crate::pieces::Listener;
use crate::source::Source;

/// The beginning of the mended file.
pub(super) struct Draft<'d> {
    source: &'d dyn Source,
    head: &'d Head,
    listener: &'d mut dyn Listener,
    /// Whether there was something to mend; before, nothing is written.
    is_begun: &'d AtomicBool,
    /// How many pieces were taken, and where the next one starts.
    pieces: usize,
    position: usize,
    is_over: bool,
}

impl<'d> Draft<'d> {
    pub(super) fn new(
        source: &'d dyn Source,
        head: &'d Head,
        listener: &'d mut dyn Listener,
        is_begun: &'d AtomicBool,
    ) -> Self {
        Self { source, head, listener, is_begun, pieces: 0, position: head.end(), is_over: false }
    }

    /// Takes the next piece, whose mended bytes may be in the memory that it was read with.
    pub(super) fn take(&mut self, piece: &Piece, scratch: &mut Scratch) -> io::Result<()> {
        self.is_over |= piece.span.start != self.position || !piece.is_finished();
        if self.is_over {
            return Ok(());
        }
        if piece.has_rewriting && !self.is_begun.load(Ordering::Relaxed) {
            self.begin(scratch)?;
        }
        if self.is_begun.load(Ordering::Relaxed) {
            if scratch.mended.is_empty() {
                piece.write_mended(
                    self.source.window(piece.span.clone(), &mut scratch.bytes)?,
                    &mut scratch.mended,
                );
            }
            self.listener.write(&scratch.mended)?;
        }
        self.position = piece.span.end;
        self.pieces += 1;
        Ok(())
    }

    /// Writes what stands before the first row that is mended.
    fn begin(&mut self, scratch: &mut Scratch) -> io::Result<()> {
        self.is_begun.store(true, Ordering::Relaxed);
        self.listener.write(self.head.text.as_bytes())?;
        let mut from = self.head.end();
        while from < self.position {
            let end = self.position.min(from.saturating_add(self.source.piece_length().max(1)));
            self.listener.write(self.source.window(from..end, &mut scratch.bytes)?)?;
            from = end;
        }
        Ok(())
    }

    /// How many pieces were written.
    pub(super) fn finish(self) -> usize {
        if self.is_begun.load(Ordering::Relaxed) { self.pieces } else { 0 }
    }
}
