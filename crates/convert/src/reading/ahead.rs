//! A long part is inflated on a thread of its own, ahead of whoever reads it.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Parts of fewer bytes are read before a thread has begun.
pub(super) const WORTHWHILE: u64 = 64 << 10;

/// So much is handed over at once.
const PIECE: usize = 256 << 10;
/// So many pieces wait at most.
const WAITING: usize = 2;

/// Hands the bytes to `work`, read by another thread if they are many.
pub(super) fn reading<T>(
    bytes: impl BufRead + Send,
    are_many: bool,
    work: impl FnOnce(Box<dyn BufRead + '_>) -> T,
) -> T {
    if !are_many {
        return work(Box::new(bytes));
    }
    std::thread::scope(|scope| {
        let (full, pieces) = sync_channel(WAITING);
        let (emptied, empty) = channel();
        scope.spawn(move || fill(bytes, &full, &empty));
        // Once the reader is dropped, the thread finds nobody to take its next piece.
        work(Box::new(Ahead { pieces, emptied, piece: Vec::new(), at: 0 }))
    })
}

/// Reads piece by piece until the end, an error, or nobody takes them.
fn fill(mut bytes: impl Read, full: &SyncSender<io::Result<Vec<u8>>>, empty: &Receiver<Vec<u8>>) {
    loop {
        let mut piece = empty.try_recv().unwrap_or_default();
        piece.resize(PIECE, 0);
        let mut length = 0;
        let outcome = loop {
            match bytes.read(piece.get_mut(length..).unwrap_or_default()) {
                Ok(0) => break Ok(()),
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        let is_last = length < PIECE;
        piece.truncate(length);
        // What was read before an error counts.
        let is_taken = full.send(Ok(piece)).is_ok();
        if let Err(error) = outcome {
            let _ = full.send(Err(error));
            return;
        }
        if is_last || !is_taken {
            return;
        }
    }
}

/// The bytes that the other thread has read.
struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    emptied: Sender<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.piece.len() {
            // The other thread may have gone already.
            let _ = self.emptied.send(std::mem::take(&mut self.piece));
            self.at = 0;
            // The channel closes behind the last piece.
            if let Ok(piece) = self.pieces.recv() {
                self.piece = piece?;
            }
        }
        Ok(self.piece.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.piece.len().min(self.at + amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some bytes, then an error.
    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0);
            self.0 -= count;
            if count == 0 { Err(io::Error::other("broken")) } else { Ok(count) }
        }
    }

    #[test]
    fn bytes_come_as_they_are() {
        let bytes: Vec<u8> = (0..3 * PIECE + 5).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
        for are_many in [false, true] {
            let read = reading(&bytes[..], are_many, |mut reader| {
                let mut all = Vec::new();
                reader.read_to_end(&mut all).map(|_| all)
            });
            assert!(read.unwrap() == bytes);
        }
    }

    #[test]
    fn errors_come_behind_what_was_read() {
        reading(io::BufReader::new(Broken(PIECE + 9)), true, |mut reader| {
            let mut all = Vec::new();
            assert_eq!(reader.read_to_end(&mut all).unwrap_err().to_string(), "broken");
            assert_eq!(all.len(), PIECE + 9);
        });
    }

    #[test]
    fn nobody_has_to_read_to_the_end() {
        let first = reading(io::BufReader::new(io::repeat(b'x')), true, |mut reader| {
            reader.fill_buf().map(|bytes| bytes.first().copied())
        });
        assert_eq!(first.unwrap(), Some(b'x'));
    }
}
