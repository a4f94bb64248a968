//! BIFF12 records of an xlsb part: a kind and a length of up to two and four bytes, seven bits each, then the
//! data. Source: MS-XLSB 2.1.4.
//!
//! Records longer than [`MAX_RECORD`] are refused; nothing in a sheet comes near it.

use std::io::Read;

use crate::reading::ReadError;

/// The longest text of a cell takes 64 KiB; rich text and formulas add some more.
const MAX_RECORD: u32 = 16 << 20;

/// Walks over the records of a part, one record in memory at a time.
pub(super) struct Records<R> {
    reader: R,
    part: String,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    pub(super) fn new(reader: R, part: impl Into<String>) -> Self {
        Self { reader, part: part.into(), data: Vec::new() }
    }

    /// The next record: its kind and its data.
    pub(super) fn next(&mut self) -> Result<Option<(u16, Data<'_>)>, ReadError> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            kind = (kind & 0x7F) | (u16::from(self.byte_within()?) << 7);
        }
        let mut length = 0_u32;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte_within()?;
            length |= u32::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > MAX_RECORD {
            return Err(ReadError::TooLarge {
                what: format!("a record of {}", self.part),
                limit: format!("{} MiB", MAX_RECORD >> 20),
            });
        }
        self.data.clear();
        let read = self.reader.by_ref().take(u64::from(length)).read_to_end(&mut self.data);
        if read.map_err(|error| ReadError::failed(&self.part, &error))? < length as usize {
            return Err(ReadError::broken(&self.part, "it ends inside a record"));
        }
        Ok(Some((kind, Data { bytes: &self.data })))
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let mut byte = [0];
        match self.reader.read_exact(&mut byte) {
            Ok(()) => Ok(Some(byte[0])),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(ReadError::failed(&self.part, &error)),
        }
    }

    fn byte_within(&mut self) -> Result<u8, ReadError> {
        self.byte()?.ok_or_else(|| ReadError::broken(&self.part, "it ends inside a record"))
    }
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
        let mut cut = Records::new(&[0x01, 0x05, 7][..], "a part");
        assert_eq!(cut.next().unwrap_err().to_string(), "a part is broken: it ends inside a record");
        let mut huge = Records::new(&[0x01, 0xFF, 0xFF, 0xFF, 0x7F][..], "a part");
        assert_eq!(huge.next().unwrap_err().to_string(), "a record of a part exceeds the limit of 16 MiB");
    }
}
