//! Cells as nearly all of them are written, to the byte: `<c r="B7" s="1" t="s"><v>45</v></c>`, a number or the place of
//! a shared text. They are compared with what is expected eight bytes at a time. Whatever differs in any byte, or stands
//! within eight bytes of the end, is no usual cell, and left to the scanner, which would read the same from these.

use crate::reading::decimal::{digits, leading};

/// What every reference to a cell of a row ends with: the number of the row, and a quotation mark.
#[derive(Clone, Copy)]
pub(super) struct RowEnd {
    word: u64,
    mask: u64,
    length: usize,
}

/// What a usual cell stores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum UsualValue {
    /// The text of this number.
    Shared(u32),
    Number(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct UsualCell {
    /// How many bytes it takes.
    pub(super) length: usize,
    /// 0-based, not necessarily within the grid.
    pub(super) column: u32,
    pub(super) style: u32,
    pub(super) value: UsualValue,
}

impl RowEnd {
    /// Of the row with these digits; `None` if they are none, or more than any row has.
    pub(super) fn of(digits: &[u8]) -> Option<Self> {
        if digits.is_empty() {
            return None;
        }
        let mut bytes = [0; 8];
        bytes.get_mut(..digits.len())?.copy_from_slice(digits);
        *bytes.get_mut(digits.len())? = b'"';
        let length = digits.len() + 1;
        Some(Self { word: u64::from_le_bytes(bytes), mask: mask(length), length })
    }
}

/// Reads the cell of this row at the start of the bytes.
#[inline]
pub(super) fn cell(bytes: &[u8], row: &RowEnd) -> Option<UsualCell> {
    if !begins(word(bytes, 0)?, b"<c r=\"") {
        return None;
    }
    let mut at = b"<c r=\"".len();
    let mut column = 0;
    while let place @ 0..26 = bytes.get(at)?.wrapping_sub(b'A')
        && column <= 26 * 27
    {
        column = column * 26 + u32::from(place) + 1;
        at += 1;
    }
    if word(bytes, at)? & row.mask != row.word {
        return None;
    }
    at += row.length;
    let mut next = word(bytes, at)?;
    let mut style = 0;
    if begins(next, b" s=\"") {
        (style, at) = whole(bytes, at + b" s=\"".len())?;
        if *bytes.get(at)? != b'"' {
            return None;
        }
        at += 1;
        next = word(bytes, at)?;
    }
    let is_shared = begins(next, b" t=\"s\"");
    if is_shared {
        at += b" t=\"s\"".len();
        next = word(bytes, at)?;
    }
    if !begins(next, b"><v>") {
        return None;
    }
    at += b"><v>".len();
    let value;
    if is_shared {
        let index;
        (index, at) = whole(bytes, at)?;
        value = UsualValue::Shared(index);
    } else {
        let number;
        (number, at) = leading(bytes, at)?;
        value = UsualValue::Number(number);
    }
    (word(bytes, at)? == u64::from_le_bytes(*END)).then_some(())?;
    Some(UsualCell { length: at + END.len(), column: column.checked_sub(1)?, style, value })
}

const END: &[u8; 8] = b"</v></c>";

/// The number of a row that says no more than that, and how many bytes its start takes.
#[inline]
pub(super) fn row_start(bytes: &[u8]) -> Option<(&[u8], usize)> {
    const START: &[u8; 8] = b"<row r=\"";
    if word(bytes, 0)? != u64::from_le_bytes(*START) {
        return None;
    }
    let rest = bytes.get(START.len()..)?;
    let length = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    rest.get(length..)?.starts_with(b"\">").then_some((rest.get(..length)?, START.len() + length + 2))
}

/// The eight bytes from a place on.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

/// What is left of a word if only so many bytes count.
#[inline]
const fn mask(length: usize) -> u64 {
    u64::MAX >> (64 - 8 * length)
}

/// Whether the first bytes of a word are these.
#[inline]
const fn begins<const LENGTH: usize>(word: u64, bytes: &[u8; LENGTH]) -> bool {
    let mut expected = 0;
    let mut at = LENGTH;
    while at > 0 {
        at -= 1;
        expected = expected << 8 | bytes[at] as u64;
    }
    word & mask(LENGTH) == expected
}

/// A whole number of a few digits, and where it ends.
#[inline]
fn whole(bytes: &[u8], start: usize) -> Option<(u32, usize)> {
    let (number, end) = digits(0, bytes, start)?;
    let count = end - start;
    ((1..=9).contains(&count)).then_some((u32::try_from(number).ok()?, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_cells_are_read_and_no_others() {
        let number = |column, style, number| Some((column, style, UsualValue::Number(number)));
        let shared = |column, style, index| Some((column, style, UsualValue::Shared(index)));
        for (xml, expected) in [
            ("<c r=\"A12\"><v>5</v></c>", number(0, 0, 5.0)),
            ("<c r=\"XFD12\" s=\"13\"><v>-0.25</v></c>", number(16_383, 13, -0.25)),
            ("<c r=\"AZ12\"><v>0</v></c>", number(51, 0, 0.0)),
            ("<c r=\"ZZ12\"><v>0</v></c>", number(701, 0, 0.0)),
            ("<c r=\"ZZZ12\"><v>0</v></c>", number(18_277, 0, 0.0)),
            ("<c r=\"B12\" t=\"s\"><v>45</v></c>", shared(1, 0, 45)),
            ("<c r=\"B12\" s=\"1\" t=\"s\"><v>0</v></c>", shared(1, 1, 0)),
            ("<c r=\"B12\"><v>123456789012.345</v></c>", number(1, 0, 123_456_789_012.345)),
            ("<c r=\"B12\"><v>1234567890123.456</v></c>", None),
            ("<c r=\"B12\"><v>99999999999999999999999</v></c>", None),
            ("<c r=\"AAAA12\"><v>5</v></c>", None),
            ("<c r=\"12\"><v>5</v></c>", None),
            ("<c r=\"A123\"><v>5</v></c>", None),
            ("<c r=\"A1\"><v>5</v></c>", None),
            ("<c r=\"B12\" s=\"\"><v>5</v></c>", None),
            ("<c r=\"B12\" s=\"1234567890\"><v>5</v></c>", None),
            ("<c r=\"B12\" t=\"s\"><v>1234567890</v></c>", None),
            ("<c r=\"B12\" t=\"s\" s=\"1\"><v>5</v></c>", None),
            ("<c r=\"B12\" t=\"str\"><v>5</v></c>", None),
            ("<c r=\"B12\" t=\"s\"><v></v></c>", None),
            ("<c r=\"B12\"><v>1.</v></c>", None),
            ("<c r=\"B12\"><v>.5</v></c>", None),
            ("<c r=\"B12\"><v>-</v></c>", None),
            ("<c r=\"B12\"><v>1e5</v></c>", None),
            ("<c r=\"B12\"><v> 5</v></c>", None),
            ("<c r=\"B12\"><v>5</v> </c>", None),
            ("<c r=\"B12\"/>", None),
        ] {
            let row = RowEnd::of(b"12").unwrap();
            let expected =
                expected.map(|(column, style, value)| UsualCell { length: xml.len(), column, style, value });
            assert_eq!(cell(xml.as_bytes(), &row), expected, "{xml}");
            for cut in 0..xml.len() {
                assert_eq!(cell(&xml.as_bytes()[..cut], &row), None, "{}", &xml[..cut]);
            }
        }
        assert!(RowEnd::of(b"").is_none());
        assert!(RowEnd::of(b"1234567").is_some());
        assert!(RowEnd::of(b"12345678").is_none());
    }

    #[test]
    fn rows_say_their_number() {
        for (xml, expected) in [
            ("<row r=\"12\"><c", Some((&b"12"[..], 12))),
            ("<row r=\"\"><c", Some((&b""[..], 10))),
            ("<row r=\"12\" s=\"1\">", None),
            ("<row r=\"12\"/>", None),
            ("<row r=\"12\"", None),
        ] {
            assert_eq!(row_start(xml.as_bytes()), expected, "{xml}");
        }
    }
}
