//! The rows of a sheet as nearly all programs write them: `<row r=""><c r="" s="" t=""><v>…</v></c></row>`, read from
//! their bytes, a row at a time and without an allocation for a cell. Whatever is not exactly of this grammar (entities,
//! comments, CDATA, prefixes, cells out of order, rich text, other scripts) is not understood, and the row is left, as a
//! whole, to the reader of XML events. So nothing is guessed, and the two cannot differ in what they take over from each
//! other: a row ends where the next one begins.

mod usual;

use std::sync::Arc;

use self::usual::{RowEnd, UsualCell, UsualValue};
use super::sheet::Book;
use crate::cell::{StoredCell, StoredValue};
use crate::number_format::NumberFormat;
use crate::reading::markup::{Cursor, Names, Stop, TEXT, is_of, whole};
use crate::reading::slot::Slot;
use crate::reading::{MAX_COLUMNS, MAX_ROWS, decimal};

/// A row that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScannedRow {
    /// How many bytes it takes.
    pub(super) length: usize,
    /// 0-based.
    pub(super) row: u32,
    pub(super) is_hidden: bool,
    /// How many of the cells are its own.
    pub(super) count: usize,
}

/// What the cells of a row are read with.
pub(super) struct Scanner<'w> {
    pub(super) book: Book<'w>,
    pub(super) general: &'w Arc<NumberFormat>,
    /// Whether a formula that several cells share reads another workbook.
    pub(super) knows_shared_formulas: bool,
}

impl Scanner<'_> {
    /// Reads the row at the start of the bytes; `next` is its 0-based place if it does not say so itself. `cells` are
    /// those of an earlier row, whose memory is used again.
    pub(super) fn row(
        &self,
        bytes: &[u8],
        next: u32,
        cells: &mut Vec<StoredCell>,
    ) -> Result<ScannedRow, Stop> {
        let mut cursor = Cursor { bytes, at: 0 };
        let (digits, is_hidden, has_content) = cursor.row_start()?;
        let row = if digits.is_empty() {
            next
        } else {
            whole(digits).ok_or(Stop::Odd)?.checked_sub(1).ok_or(Stop::Odd)?
        };
        if row >= MAX_ROWS {
            return Err(Stop::Odd);
        }
        let mut scanned = ScannedRow { length: 0, row, is_hidden, count: 0 };
        if has_content {
            let row_end = RowEnd::of(digits);
            let mut column = 0;
            loop {
                let rest = bytes.get(cursor.at..).unwrap_or_default();
                let usual = row_end.as_ref().and_then(|row| usual::cell(rest, row));
                if let Some(cell) = usual.filter(|cell| cell.column >= column && cell.column < MAX_COLUMNS) {
                    self.put_usual(&cell, &mut scanned.count, cells);
                    cursor.at += cell.length;
                    column = cell.column + 1;
                    continue;
                }
                cursor.skip_blanks();
                if cursor.is_at(b"</")? {
                    cursor.expect(b"</row>")?;
                    break;
                }
                column = self.cell(&mut cursor, digits, column, &mut scanned.count, cells)? + 1;
            }
        }
        scanned.length = cursor.at;
        Ok(scanned)
    }

    #[inline]
    fn put_usual(&self, cell: &UsualCell, count: &mut usize, cells: &mut Vec<StoredCell>) {
        let mut slot = Slot { cells, count, column: cell.column, format: self.format(cell.style) };
        match cell.value {
            UsualValue::Shared(index) => self.put_shared(index, &mut slot),
            UsualValue::Number(number) => slot.put_number(number),
        }
    }

    #[inline]
    fn format(&self, style: u32) -> &Arc<NumberFormat> {
        let at = usize::try_from(style).unwrap_or(usize::MAX);
        self.book.formats.get(at).unwrap_or(self.general)
    }

    /// A text that does not exist is no cell.
    #[inline]
    fn put_shared(&self, index: u32, slot: &mut Slot<'_>) {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(text) = self.book.strings.get(index) {
            slot.put_shared(text);
        }
    }

    /// Reads a cell, which must not stand before `next`, and tells its column.
    #[inline]
    fn cell(
        &self,
        cursor: &mut Cursor<'_>,
        row: &[u8],
        next: u32,
        count: &mut usize,
        cells: &mut Vec<StoredCell>,
    ) -> Result<u32, Stop> {
        cursor.expect(b"<c")?;
        let (mut column, mut style, mut kind) = (None, None, None);
        while let Some((name, value)) = cursor.attribute()? {
            match name {
                b"r" if column.is_none() => column = Some(column_of(value, row).ok_or(Stop::Odd)?),
                b"s" if style.is_none() => style = Some(whole(value).ok_or(Stop::Odd)?),
                b"t" if kind.is_none() => kind = Some(value),
                b"r" | b"s" | b"t" => return Err(Stop::Odd),
                _ => {}
            }
        }
        let column = column.unwrap_or(next);
        if column < next || column >= MAX_COLUMNS {
            return Err(Stop::Odd);
        }
        if !cursor.ends_element()? {
            return Ok(column);
        }
        let content = self.content(cursor)?;
        let format = self.format(style.unwrap_or_default());
        let mut slot = Slot { cells, count, column, format };
        if let Some(text) = content.inline {
            // It counts whatever the kind says, but then something is odd.
            if kind != Some(b"inlineStr") {
                return Err(Stop::Odd);
            }
            slot.put_text(ascii(text));
            return Ok(column);
        }
        let Some(text) = content.value.filter(|text| !text.is_empty()) else {
            // An empty text is a result; nothing is none.
            if kind != Some(b"str") && content.has_formula {
                slot.put(StoredValue::NoResult);
            }
            return Ok(column);
        };
        match kind {
            Some(b"s") => self.put_shared(whole(text).ok_or(Stop::Odd)?, &mut slot),
            None | Some(b"n") => slot.put_number(number(text).ok_or(Stop::Odd)?),
            Some(b"str") => slot.put_text(ascii(text)),
            Some(b"b") if matches!(text, b"0" | b"1") => slot.put(StoredValue::Logical(text == b"1")),
            Some(b"e") if !text.contains(&b' ') => {
                slot.put(StoredValue::Error(ascii(text).to_owned()));
            }
            Some(_) => return Err(Stop::Odd),
        }
        Ok(column)
    }

    /// Reads what stands in a cell, up to its end.
    fn content<'b>(&self, cursor: &mut Cursor<'b>) -> Result<Content<'b>, Stop> {
        let mut content = Content::default();
        loop {
            if cursor.is_at(b"<v>")? {
                cursor.at += b"<v>".len();
                if content.value.is_some() {
                    return Err(Stop::Odd);
                }
                content.value = Some(cursor.text(b"</v>")?);
            } else if cursor.is_at(b"</c>")? {
                cursor.at += b"</c>".len();
                return Ok(content);
            } else if cursor.is_at(b"<f")? {
                if content.value.is_some() || content.has_formula || self.knows_shared_formulas {
                    return Err(Stop::Odd);
                }
                content.has_formula = true;
                cursor.formula()?;
            } else if cursor.is_at(b"<is><t>")? {
                cursor.at += b"<is><t>".len();
                if content.inline.is_some() {
                    return Err(Stop::Odd);
                }
                content.inline = Some(cursor.text(b"</t></is>")?);
            } else if !cursor.skip_blanks() {
                return Err(Stop::Odd);
            }
        }
    }
}

/// What stands in a cell.
#[derive(Default)]
struct Content<'b> {
    value: Option<&'b [u8]>,
    inline: Option<&'b [u8]>,
    has_formula: bool,
}

impl<'b> Cursor<'b> {
    /// Passes over the start of a row; tells the digits of its number, whether it is hidden, and whether it has a
    /// content.
    #[inline]
    fn row_start(&mut self) -> Result<(&'b [u8], bool, bool), Stop> {
        if let Some((digits, length)) = usual::row_start(self.bytes.get(self.at..).unwrap_or_default()) {
            self.at += length;
            return Ok((digits, false, true));
        }
        self.skip_blanks();
        self.expect(b"<row")?;
        let mut digits: &[u8] = b"";
        let mut is_hidden = false;
        let mut seen = Names::default();
        while let Some((name, value)) = self.attribute()? {
            seen.add(name)?;
            match name {
                b"r" => digits = value,
                b"hidden" => is_hidden = matches!(value, b"1" | b"true" | b"on"),
                _ => {}
            }
        }
        Ok((digits, is_hidden, self.ends_element()?))
    }

    /// The plain text up to this end, without entities and escapes.
    #[inline]
    fn text(&mut self, end: &[u8]) -> Result<&'b [u8], Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_of(*byte, TEXT)).ok_or(Stop::Short)?;
        let (text, rest) = rest.split_at(length);
        if rest.first() != Some(&b'<') || text.windows(2).any(|pair| pair == b"_x") {
            return Err(Stop::Odd);
        }
        self.at += length;
        self.expect(end)?;
        Ok(text)
    }

    /// Passes over a formula that reads no other workbook for certain: one without brackets.
    fn formula(&mut self) -> Result<(), Stop> {
        self.expect(b"<f")?;
        while self.attribute()?.is_some() {}
        if !self.ends_element()? {
            return Ok(());
        }
        loop {
            match self.peek()? {
                b'<' => return self.expect(b"</f>"),
                b'&' => {
                    let known: [&[u8]; 5] = [b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"];
                    let mut length = 0;
                    for entity in known {
                        if self.is_at(entity)? {
                            length = entity.len();
                        }
                    }
                    if length == 0 {
                        return Err(Stop::Odd);
                    }
                    self.at += length;
                }
                b'[' | ..b' ' | 0x7f.. => return Err(Stop::Odd),
                _ => self.at += 1,
            }
        }
    }
}

/// Bytes that are known to be ASCII.
fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

/// The 0-based column of a reference such as `AB12`, which must be to the row with these digits.
#[inline]
fn column_of(reference: &[u8], row: &[u8]) -> Option<u32> {
    let letters = reference.strip_suffix(row).filter(|_| !row.is_empty())?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut number = 0;
    for letter in letters {
        if !letter.is_ascii_uppercase() {
            return None;
        }
        number = number * 26 + u32::from(letter - b'A') + 1;
    }
    Some(number - 1)
}

/// The number, as the standard library reads it, if it is finite.
#[inline]
fn number(text: &[u8]) -> Option<f64> {
    if let Some(number) = decimal::short(text) {
        return Some(number);
    }
    // Words such as `inf` are no numbers of a workbook, and blanks are for the other reader to judge.
    let is_numeric = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E');
    let text = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| is_numeric(&byte)))?;
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests;
