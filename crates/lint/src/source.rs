//! Where the bytes of a file come from: memory, or whatever can be read from any place. Holds no more of a file
//! than it is asked for.

use std::io;
use std::ops::Range;

/// What is longer than so many bytes without an end to be seen, such as a field whose quotation mark nothing closes, is left
/// to whoever reads the whole file, within the limits of that.
pub(crate) const LONGEST_ROW: usize = 1 << 26;

/// Bytes that can be read from any place, by several threads at once, and more than once.
pub trait Source: Sync {
    /// How many bytes there are.
    fn length(&self) -> usize;

    /// How many bytes are read at once, at least one. Where one piece ends and the next begins shows in no result.
    ///
    /// The default is small enough that a piece stays in a processor's cache between two looks at it, and large
    /// enough that what is done once for each piece does not count.
    fn piece_length(&self) -> usize {
        1 << 19
    }

    /// The bytes of `range`, which ends within the source. `buffer` may be used to hold them.
    ///
    /// # Errors
    /// Those of reading; also if the source has become shorter.
    fn window<'b>(&'b self, range: Range<usize>, buffer: &'b mut Vec<u8>) -> io::Result<&'b [u8]>;
}

impl Source for &[u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn window<'b>(&'b self, range: Range<usize>, _: &'b mut Vec<u8>) -> io::Result<&'b [u8]> {
        self.get(range).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}
