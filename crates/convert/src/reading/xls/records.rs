//! BIFF records and the strings in them. Source: MS-XLS 2.1.4 and 2.5.293 to 2.5.296.
//!
//! A record cut off by the end of the stream ends the iteration; texts cut off keep what there is.

use encoding_rs::Encoding;

use crate::reading::compound::u16_at;

pub(super) const CONTINUE: u16 = 0x003C;

/// A record of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'b> {
    pub(super) kind: u16,
    pub(super) data: &'b [u8],
}

/// Walks over records.
#[derive(Debug, Clone)]
pub(super) struct Records<'b> {
    rest: &'b [u8],
}

impl<'b> Records<'b> {
    /// The records from this byte of the stream on.
    pub(super) fn new(stream: &'b [u8], from: usize) -> Self {
        Self { rest: stream.get(from..).unwrap_or_default() }
    }

    /// The data of the records that continue the one just handed out.
    pub(super) fn continued(&mut self) -> Vec<&'b [u8]> {
        let mut parts = Vec::new();
        while u16_at(self.rest, 0) == Some(CONTINUE) {
            let Some(record) = self.next() else { break };
            parts.push(record.data);
        }
        parts
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Record<'b>> {
        let kind = u16_at(self.rest, 0)?;
        let length = usize::from(u16_at(self.rest, 2)?);
        let data = self.rest.get(4..4 + length)?;
        self.rest = &self.rest[4 + length..];
        Some(Record { kind, data })
    }
}

/// How texts are stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Texts {
    /// Excel 97 and later: one or two bytes a character, as each text says.
    Unicode,
    /// Excel 5 and 95: bytes of the workbook's code page.
    Bytes(&'static Encoding),
}

impl Texts {
    /// A text with a length of two bytes in front.
    pub(super) fn long(self, data: &[u8]) -> String {
        let length = u16_at(data, 0).unwrap_or_default();
        self.read(usize::from(length), data.get(2..).unwrap_or_default())
    }

    /// A text with a length of one byte in front.
    pub(super) fn short(self, data: &[u8]) -> String {
        let length = data.first().copied().unwrap_or_default();
        self.read(usize::from(length), data.get(1..).unwrap_or_default())
    }

    /// The same, in a record and its continuations.
    pub(super) fn continued(self, parts: Vec<&[u8]>) -> String {
        match self {
            Self::Unicode => Parts::new(parts).text().unwrap_or_default(),
            Self::Bytes(_) => self.long(&parts.concat()),
        }
    }

    /// A text of this many characters, and the bytes behind it. It has no formatting.
    pub(super) fn leading(self, length: usize, data: &[u8]) -> Option<(String, &[u8])> {
        let bytes = match self {
            Self::Bytes(_) => length,
            Self::Unicode => 1 + length * if data.first()? & 1 == 1 { 2 } else { 1 },
        };
        let (text, rest) = data.split_at_checked(bytes)?;
        Some((self.read(length, text), rest))
    }

    fn read(self, length: usize, data: &[u8]) -> String {
        match self {
            Self::Bytes(encoding) => {
                encoding.decode_without_bom_handling(&data[..length.min(data.len())]).0.into_owned()
            }
            Self::Unicode => {
                let mut parts = Parts::new(vec![data]);
                parts.text_of(length).unwrap_or_default()
            }
        }
    }
}

/// A record and its continuations, read as one.
#[derive(Debug)]
pub(super) struct Parts<'b> {
    all: Vec<&'b [u8]>,
    part: usize,
    at: usize,
}

impl<'b> Parts<'b> {
    pub(super) fn new(parts: Vec<&'b [u8]>) -> Self {
        Self { all: parts, part: 0, at: 0 }
    }

    /// The bytes left in the current part, moving on to the next part if there are none.
    fn available(&mut self) -> Option<&'b [u8]> {
        loop {
            let part = self.all.get(self.part)?;
            match part.get(self.at..) {
                Some(rest) if !rest.is_empty() => return Some(rest),
                _ => {
                    self.part += 1;
                    self.at = 0;
                }
            }
        }
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.available()?.first()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | (u32::from(self.u16()?) << 16))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let step = self.available()?.len().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    /// A text with a length of two bytes in front.
    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.u16()?;
        self.text_of(usize::from(length))
    }

    /// A text of this many characters: flags, counts of what follows, the characters, what follows. Where the
    /// characters run into the next part, that begins with new flags.
    fn text_of(&mut self, length: usize) -> Option<String> {
        let mut flags = self.byte()?;
        let runs = if flags & 0x08 == 0 { 0 } else { usize::from(self.u16()?) };
        let extra = if flags & 0x04 == 0 { 0 } else { usize::try_from(self.u32()?).ok()? };
        let mut units: Vec<u16> = Vec::new();
        let mut left = length;
        while left > 0 {
            let part = self.part;
            let Some(available) = self.available() else { break };
            if self.part != part {
                flags = self.byte()?;
                continue;
            }
            let wide = flags & 1 == 1;
            let width = if wide { 2 } else { 1 };
            let count = (available.len() / width).min(left);
            if count == 0 {
                // Half a character at the end of a part: nothing that Excel writes.
                self.at += 1;
                continue;
            }
            let bytes = &available[..count * width];
            if wide {
                units.extend(bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])));
            } else {
                units.extend(bytes.iter().map(|byte| u16::from(*byte)));
            }
            self.at += bytes.len();
            left -= count;
        }
        // What follows may be cut off without harm to the text.
        let _ = self.skip(runs.saturating_mul(4)).and_then(|()| self.skip(extra));
        Some(String::from_utf16_lossy(&units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_run_across_continued_records() {
        // "abcd" narrow, then wide; with formatting runs that are skipped.
        let first = [4, 0, 0x08, 1, 0, b'a', b'b'];
        let second = [1, b'c', 0, b'd', 0, 0xAA, 0xAA, 0xAA, 0xAA];
        let third = [1, 0, 0, b'e'];
        let mut parts = Parts::new(vec![&first, &second, &third]);
        assert_eq!(parts.text().as_deref(), Some("abcd"));
        assert_eq!(parts.text().as_deref(), Some("e"));
        assert_eq!(parts.text(), None);
        // The characters begin with the next part.
        let mut parts = Parts::new(vec![&[2, 0, 0], &[0, b'h', b'i']]);
        assert_eq!(parts.text().as_deref(), Some("hi"));
    }

    #[test]
    fn wide_labels_are_read_wide() {
        assert_eq!(Texts::Unicode.long(&[2, 0, 1, b'w', 0, b't', 0]), "wt");
        assert_eq!(Texts::Unicode.short(&[2, 0, b'w', b't']), "wt");
        assert_eq!(Texts::Bytes(encoding_rs::WINDOWS_1252).long(&[2, 0, 0x80, b't']), "€t");
    }
}
