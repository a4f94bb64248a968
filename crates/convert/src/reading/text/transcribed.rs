//! A text of another encoding, read as UTF-8. Holds where its parts stand, and one of them.
//!
//! It refuses encodings in which a line depends on those before it.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::Encoding;
use metricsheet_delimited::{EncodingClues, TextEncoding, Transcription};

use super::super::Source;
use super::super::window::Window;

/// The text of a file.
pub(super) struct Transcribed {
    source: Source,
    transcription: Transcription,
    position: usize,
    /// The part of the text that was read last, and where it starts.
    part: String,
    part_start: usize,
}

/// The encoding of a file, told by all its bytes.
pub(super) fn encoding_of(
    source: &mut Source,
    declared: Option<&'static Encoding>,
) -> io::Result<TextEncoding> {
    source.seek(SeekFrom::Start(0))?;
    let mut window = Window::new(source);
    let mut clues = EncodingClues::default();
    while window.widen()? {
        let length = window.ahead().len();
        clues.feed(window.ahead());
        window.pass(length);
    }
    Ok(clues.tell(declared))
}

/// Where the parts of the text stand; `None` if it has to be read as a whole, because of its encoding, or because a line
/// is longer than may be held.
pub(super) fn transcription_of(
    source: &mut Source,
    encoding: TextEncoding,
    most: u64,
) -> io::Result<Option<Transcription>> {
    let Some(mut transcription) = Transcription::begin(encoding) else { return Ok(None) };
    source.seek(SeekFrom::Start(transcription.file_length() as u64))?;
    let mut window = Window::with_room(source, usize::try_from(most).unwrap_or(usize::MAX));
    loop {
        if !window.widen()? && !window.is_at_end() {
            return Ok(None);
        }
        let taken = transcription.take(window.ahead(), window.is_at_end());
        window.pass(taken);
        if window.is_at_end() {
            return Ok(Some(transcription));
        }
    }
}

impl Transcribed {
    pub(super) const fn new(source: Source, transcription: Transcription) -> Self {
        Self { source, transcription, position: 0, part: String::new(), part_start: 0 }
    }

    /// What stands at the position; nothing at the end.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        let is_in_part = (self.part_start..self.part_start + self.part.len()).contains(&self.position);
        if !is_in_part && self.position < self.transcription.text_length() {
            let part = self.transcription.part_at(self.position);
            let in_file = self.transcription.in_file(part);
            self.source.seek(SeekFrom::Start(in_file.start as u64))?;
            let mut bytes = vec![0; in_file.len()];
            self.source.read_exact(&mut bytes)?;
            self.part = self.transcription.decode(&bytes).into_owned();
            self.part_start = self.transcription.in_text(part).start;
            if self.part.len() != self.transcription.in_text(part).len() {
                return Err(io::Error::other("the file was changed while it was read"));
            }
        }
        let at = self.position.saturating_sub(self.part_start);
        Ok(self.part.as_bytes().get(at..).unwrap_or_default())
    }
}

impl Read for Transcribed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.ahead()?.read(buffer)?;
        self.position += count;
        Ok(count)
    }
}

impl Seek for Transcribed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.transcription.text_length() as u64;
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => length.checked_add_signed(offset),
            SeekFrom::Current(offset) => (self.position as u64).checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        self.position = usize::try_from(position).map_err(|_| io::ErrorKind::InvalidInput)?;
        Ok(position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn any_stretch_of_the_text_can_be_read() {
        let rows: Vec<String> = (0..60_000).map(|row| format!("Gr\u{f6}\u{df}e \u{1f600} {row}\n")).collect();
        let text = rows.concat();
        let bytes: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut source = Source::new(Cursor::new(bytes));
        let encoding = encoding_of(&mut source, None).unwrap();
        let transcription = transcription_of(&mut source, encoding, 1 << 20).unwrap().unwrap();
        let last = transcription.part_at(text.len());
        assert!(last > 2, "there are several parts");
        let borders: Vec<usize> = (0..last).map(|part| transcription.in_text(part).end).collect();
        let mut transcribed = Transcribed::new(source, transcription);
        assert_eq!(transcribed.seek(SeekFrom::End(0)).unwrap(), text.len() as u64);
        assert_eq!(transcribed.read(&mut [0; 10]).unwrap(), 0);
        for start in
            borders.into_iter().rev().chain([0]).flat_map(|border| [border, border.saturating_sub(7)])
        {
            transcribed.seek(SeekFrom::Start(start as u64)).unwrap();
            let mut read = vec![0; 100_000.min(text.len() - start)];
            transcribed.read_exact(&mut read).unwrap();
            assert!(read == text.as_bytes()[start..start + read.len()], "{start}");
        }
    }
}
