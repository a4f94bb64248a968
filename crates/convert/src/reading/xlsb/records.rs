//! BIFF12 records of an xlsb part: a kind and a length of up to two and four bytes, seven bits each, then the
//! data. Source: MS-XLSB 2.1.4.
//!
//! Records longer than [`MAX_RECORD`] are refused; nothing in a sheet comes near it.

use std::io::{BufRead as _, ErrorKind, Read};

use crate::reading::ReadError;
use crate::reading::window::Window;

/// The longest text of a cell takes 64 KiB; rich text and formulas add some more.
const MAX_RECORD: u32 = 16 << 20;
/// A kind of two bytes and a length of four.
const MAX_HEADER: usize = 6;

/// Walks over the records of a part, where they stand in memory.
pub(super) struct Records<R> {
    window: Window<R>,
    part: String,
    /// How many bytes the last record takes, which is still in the window.
    last: usize,
}

/// The start of a record.
struct Header {
    kind: u16,
    /// Of the data.
    length: u32,
    /// How many bytes the start takes.
    bytes: usize,
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R, part: impl Into<String>) -> Self {
        let room = MAX_RECORD as usize + MAX_HEADER;
        Self { window: Window::with_room(reader, room), part: part.into(), last: 0 }
    }

    /// The next record: its kind and its data.
    pub(super) fn next(&mut self) -> Result<Option<(u16, Data<'_>)>, ReadError> {
        self.window.consume(std::mem::take(&mut self.last));
        let Header { kind, length, bytes } = loop {
            let header = header(self.window.ahead());
            let has_header = header.is_some();
            if let Some(header) = header {
                self.refuse_if_long(&header)?;
                if self.window.ahead().len() - header.bytes >= header.length as usize {
                    break header;
                }
            }
            match self.window.widen() {
                Ok(true) => {}
                Ok(false) if self.window.ahead().is_empty() => return Ok(None),
                Ok(false) => return Err(ReadError::broken(&self.part, "it ends inside a record")),
                // Between records a stream that breaks off is at its end.
                Err(error) if !has_header && error.kind() == ErrorKind::UnexpectedEof => {
                    if self.window.ahead().is_empty() {
                        return Ok(None);
                    }
                    return Err(ReadError::broken(&self.part, "it ends inside a record"));
                }
                Err(error) => return Err(ReadError::failed(&self.part, &error)),
            }
        };
        self.last = bytes + length as usize;
        let data = self.window.ahead().get(bytes..self.last).unwrap_or_default();
        Ok(Some((kind, Data { bytes: data })))
    }

    fn refuse_if_long(&self, header: &Header) -> Result<(), ReadError> {
        if header.length > MAX_RECORD {
            return Err(ReadError::TooLarge {
                what: format!("a record of {}", self.part),
                limit: format!("{} MiB", MAX_RECORD >> 20),
            });
        }
        Ok(())
    }
}

/// The start of the record that begins here, if it is there as a whole.
#[inline]
fn header(bytes: &[u8]) -> Option<Header> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut kind = u16::from(first);
    if first & 0x80 != 0 {
        let (&second, behind) = rest.split_first()?;
        kind = (kind & 0x7F) | (u16::from(second) << 7);
        rest = behind;
    }
    let mut length = 0_u32;
    for shift in [0, 7, 14, 21] {
        let (&byte, behind) = rest.split_first()?;
        length |= u32::from(byte & 0x7F) << shift;
        rest = behind;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(Header { kind, length, bytes: bytes.len() - rest.len() })
}

/// The data of a record; what is beyond its end is missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'b> {
    bytes: &'b [u8],
}

impl Data<'_> {
    pub(super) fn u8(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }

    pub(super) fn f64(self, at: usize) -> Option<f64> {
        Some(f64::from_le_bytes(self.bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
    }

    /// So many bytes.
    pub(super) fn bytes(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// A text with a length of four bytes in front, and how many bytes it takes.
    pub(super) fn text(self, at: usize) -> Option<(String, usize)> {
        let length = self.u32(at)?;
        // A missing text is stored with the greatest length.
        let length = if length == u32::MAX { 0 } else { usize::try_from(length).ok()?.checked_mul(2)? };
        let start = at.checked_add(4)?;
        let bytes = self.bytes.get(start..start.checked_add(length)?)?;
        let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let text = char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        Some((text, 4 + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes behind which a stream breaks off.
    struct Broken<'b>(&'b [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::Error::new(ErrorKind::UnexpectedEof, "the end")),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn kinds_and_lengths_take_as_many_bytes_as_they_need() {
        let mut bytes = vec![0x01, 0x02, 7, 8, 0x85, 0x02, 0x81, 0x01];
        bytes.extend([9; 129]);
        let mut records = Records::new(&bytes[..], "a part");
        let (kind, data) = records.next().unwrap().unwrap();
        assert_eq!((kind, data.u16(0), data.u8(2)), (1, Some(0x0807), None));
        let (kind, data) = records.next().unwrap().unwrap();
        assert_eq!((kind, data.u8(128), data.u8(129)), (0x105, Some(9), None));
        assert!(records.next().unwrap().is_none());
        let mut odd = Records::new(Broken(&[0x01, 0x01, 7, 0x01]), "a part");
        assert_eq!(odd.next().unwrap().unwrap().1.u8(0), Some(7));
        assert_eq!(odd.next().unwrap_err().to_string(), "a part is broken: it ends inside a record");
        assert!(Records::new(Broken(&[]), "a part").next().unwrap().is_none());
        let mut odd = Records::new(Broken(&[0x01, 0x02, 7]), "a part");
        assert_eq!(odd.next().unwrap_err().to_string(), "a part is broken: the end");
        let mut long = vec![0x01, 0x80, 0x80, 0x80, 0x08];
        long.resize(5 + (16 << 20), 3);
        let mut records = Records::new(&long[..], "a part");
        assert_eq!(records.next().unwrap().unwrap().1.u8((16 << 20) - 1), Some(3));
        assert!(records.next().unwrap().is_none());
        let mut cut = Records::new(&[0x01, 0x05, 7][..], "a part");
        assert_eq!(cut.next().unwrap_err().to_string(), "a part is broken: it ends inside a record");
        let mut huge = Records::new(&[0x01, 0xFF, 0xFF, 0xFF, 0x7F][..], "a part");
        assert_eq!(huge.next().unwrap_err().to_string(), "a record of a part exceeds the limit of 16 MiB");
    }
}
