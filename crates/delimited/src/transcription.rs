//! A text of another encoding in parts, each of which can be decoded by itself: where they stand in the file and where in
//! the text. Holds neither of both.
//!
//! It refuses encodings in which a line depends on those before it.

use std::borrow::Cow;
use std::ops::Range;

use crate::encoding::{Decoded, TextEncoding};

/// Where the parts of a text stand.
#[derive(Debug, Clone)]
pub struct Transcription {
    encoding: TextEncoding,
    /// In their order; each reaches to the next one.
    parts: Vec<Part>,
    /// Where the last one ends.
    end: Part,
    has_broken_bytes: bool,
}

/// A place between two lines.
#[derive(Debug, Clone, Copy)]
struct Part {
    in_file: usize,
    in_text: usize,
}

impl Transcription {
    /// Before any part is known. `None` if parts of this encoding cannot be decoded each by itself.
    #[must_use]
    pub fn begin(encoding: TextEncoding) -> Option<Self> {
        let end = Part { in_file: encoding.mark, in_text: 0 };
        let begun =
            Self { encoding: encoding.behind_mark(), parts: Vec::new(), end, has_broken_bytes: false };
        encoding.begins_anew_in_each_line().then_some(begun)
    }

    /// Makes a part of the whole lines among the next bytes of the file, which start at [`file_length`](Self::file_length),
    /// and returns how many bytes these are; of the last bytes, all. Without a line end among them more bytes are needed.
    pub fn take(&mut self, bytes: &[u8], is_last: bool) -> usize {
        let length = if is_last { bytes.len() } else { self.encoding.end_of_lines(bytes) };
        let bytes = bytes.get(..length).unwrap_or_default();
        if !bytes.is_empty() {
            let (text, has_broken_bytes) = self.encoding.decode(bytes);
            self.parts.push(self.end);
            self.end.in_file += length;
            self.end.in_text += text.len();
            self.has_broken_bytes |= has_broken_bytes;
        }
        length
    }

    /// The encoding of the file.
    #[must_use]
    pub const fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// Whether some bytes stand for no character of the encoding.
    #[must_use]
    pub const fn has_broken_bytes(&self) -> bool {
        self.has_broken_bytes
    }

    /// How many bytes of the file were taken, its mark among them.
    #[must_use]
    pub const fn file_length(&self) -> usize {
        self.end.in_file
    }

    /// How many bytes the text has, in UTF-8.
    #[must_use]
    pub const fn text_length(&self) -> usize {
        self.end.in_text
    }

    /// The part in which this byte of the text stands; behind the last part, that one.
    #[must_use]
    pub fn part_at(&self, in_text: usize) -> usize {
        self.parts.partition_point(|part| part.in_text <= in_text).saturating_sub(1)
    }

    fn start(&self, part: usize) -> Part {
        self.parts.get(part).copied().unwrap_or(self.end)
    }

    /// The bytes of a part in the file.
    #[must_use]
    pub fn in_file(&self, part: usize) -> Range<usize> {
        self.start(part).in_file..self.start(part + 1).in_file
    }

    /// Its bytes in the text.
    #[must_use]
    pub fn in_text(&self, part: usize) -> Range<usize> {
        self.start(part).in_text..self.start(part + 1).in_text
    }

    /// The text of the bytes of a part.
    #[must_use]
    pub fn decode<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        self.encoding.decode(bytes).0
    }

    /// Where in the file the bytes of a part's text stand, given the part's bytes. The positions ascend; they are replaced
    /// one by one.
    pub fn to_file(&self, part: usize, bytes: &[u8], positions: &mut [usize]) {
        let Part { in_file, in_text } = self.start(part);
        let decoded = Decoded { text: self.decode(bytes), encoding: self.encoding, has_broken_bytes: false };
        for position in &mut *positions {
            *position -= in_text;
        }
        decoded.to_file(bytes, positions);
        for position in positions {
            *position += in_file;
        }
    }
}
