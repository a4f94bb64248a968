//! The rows of a table as nearly all programs write them, read from their bytes, a row at a time:
//! `<table:table-row><table:table-cell office:value-type="" office:value="" table:style-name=""><text:p>…`. Whatever is
//! not exactly of this grammar (annotations, drawings, merged cells, comments, CDATA, references by number, single
//! quotation marks) is not understood, and the row is left, as a whole, to the reader of XML events. So nothing is
//! guessed, and the two cannot differ in what they take over from each other: a row ends where the next one begins.

mod form;

use std::borrow::Cow;

use self::form::{Forms, Places};
use super::cell::CellAttributes;
use super::formats::Formats;
use super::text::{MOST_SPANS, push_paragraph};
use crate::cell::StoredCell;
use crate::reading::MAX_COLUMNS;
use crate::reading::markup::{Cursor, Names, Stop, TEXT, VALUE, is_of, whole};
use crate::reading::slot::Slot;

/// So many elements stand inside of each other at most in what is understood: a row, a cell, a paragraph, spans, and
/// blanks.
pub(super) const LEVELS: usize = MOST_SPANS + 4;

/// A cell of which nothing is said.
const EMPTY: &[u8] = b"<table:table-cell/>";

/// A row that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScannedRow {
    /// How many bytes it takes.
    pub(super) length: usize,
    /// How often it is there.
    pub(super) repeated: u32,
    pub(super) is_hidden: bool,
    /// How many of the cells are its own.
    pub(super) count: usize,
    /// How many of them have no bytes of their own.
    pub(super) repeated_cells: u64,
}

/// Reads rows, and remembers how they were written.
#[derive(Default)]
pub(super) struct Scanner {
    forms: Forms,
    /// The start of the last row that said nothing of itself.
    plain_start: Vec<u8>,
    /// The text of a cell that is not as it stands.
    text: String,
}

/// What the start of a row says.
struct RowStart<'b> {
    repeated: u32,
    is_hidden: bool,
    style: Option<&'b str>,
    has_content: bool,
}

/// A row on its way.
struct Row<'b, 'r> {
    cursor: Cursor<'b>,
    /// The style of its cells without one.
    style: Option<&'b str>,
    formats: &'r Formats<'r>,
    /// So many bytes may it have, and so many a text.
    longest: usize,
    cells: &'r mut Vec<StoredCell>,
    scanned: ScannedRow,
}

impl Scanner {
    /// Forgets how cells were written, because what that means has changed.
    pub(super) fn forget(&mut self) {
        self.forms = Forms::default();
    }

    /// Reads the row at the start of the bytes, which may have so many of them. `cells` are those of an earlier row,
    /// whose memory is used again.
    pub(super) fn row(
        &mut self,
        bytes: &[u8],
        longest: usize,
        formats: &Formats<'_>,
        cells: &mut Vec<StoredCell>,
    ) -> Result<ScannedRow, Stop> {
        let mut cursor = Cursor { bytes, at: 0 };
        let RowStart { repeated, is_hidden, style, has_content } = self.start(&mut cursor)?;
        let scanned = ScannedRow { length: 0, repeated, is_hidden, count: 0, repeated_cells: 0 };
        let mut row = Row { cursor, style, formats, longest, cells, scanned };
        if has_content {
            self.cells(&mut row)?;
        }
        row.scanned.length = row.cursor.at;
        if row.scanned.length > longest { Err(Stop::Odd) } else { Ok(row.scanned) }
    }

    /// Reads the cells of a row and passes over its end.
    fn cells(&mut self, row: &mut Row<'_, '_>) -> Result<(), Stop> {
        let mut column = 0;
        loop {
            let (rest, count) = (row.cursor.rest(), &mut row.scanned.count);
            if row.style.is_none()
                && let Some(length) = self.forms.read(rest, column, row.formats, count, row.cells)
            {
                row.cursor.at += length;
                column += 1;
                continue;
            }
            if rest.starts_with(EMPTY) {
                row.cursor.at += EMPTY.len();
                column = column.saturating_add(1);
                continue;
            }
            row.cursor.skip_blanks();
            if row.cursor.is_at(b"</")? {
                return row.cursor.expect(b"</table:table-row>");
            }
            column = self.cell(row, column)?;
        }
    }

    /// Reads the start of a row.
    fn start<'b>(&mut self, cursor: &mut Cursor<'b>) -> Result<RowStart<'b>, Stop> {
        let mut start = RowStart { repeated: 1, is_hidden: false, style: None, has_content: true };
        if !self.plain_start.is_empty() && cursor.rest().starts_with(&self.plain_start) {
            cursor.at += self.plain_start.len();
            return Ok(start);
        }
        cursor.skip_blanks();
        let first = cursor.at;
        cursor.expect(b"<table:table-row")?;
        let mut names = Names::default();
        let mut is_plain = true;
        while let Some((name, value)) = cursor.attribute()? {
            names.add(name)?;
            match name {
                b"table:number-rows-repeated" => start.repeated = whole(value).ok_or(Stop::Odd)?.max(1),
                b"table:visibility" => start.is_hidden = hides(value),
                b"table:default-cell-style-name" => {
                    start.style = Some(std::str::from_utf8(value).map_err(|_| Stop::Odd)?);
                }
                _ => continue,
            }
            is_plain = false;
        }
        start.has_content = cursor.ends_element()?;
        if is_plain && start.has_content {
            self.plain_start.clear();
            self.plain_start.extend_from_slice(cursor.bytes.get(first..cursor.at).unwrap_or_default());
        }
        Ok(start)
    }

    /// Reads a cell; tells the column of the next one.
    fn cell(&mut self, row: &mut Row<'_, '_>, column: u32) -> Result<u32, Stop> {
        let Row { cursor, style, formats, longest, cells, scanned } = row;
        let mut places = Places { start: cursor.at, ..Places::default() };
        cursor.expect(b"<table:")?;
        let is_covered = !cursor.is_at(b"table-cell")?;
        let end: &[u8] = if is_covered { b"</table:covered-table-cell>" } else { b"</table:table-cell>" };
        cursor.expect(end.get(b"</table:".len()..end.len() - 1).unwrap_or_default())?;
        let attributes = attributes(cursor, &mut places)?;
        let repeated = count(attributes.columns_repeated.as_deref())?;
        if count(attributes.columns_spanned.as_deref())? > 1 || count(attributes.rows_spanned.as_deref())? > 1
        {
            return Err(Stop::Odd);
        }
        let next = column.saturating_add(repeated);
        self.text.clear();
        let mut plain = None;
        if cursor.ends_element()? {
            plain = self.content(cursor, end, &mut places)?;
        }
        let text = plain.unwrap_or(&self.text);
        if text.len() > *longest {
            return Err(Stop::Odd);
        }
        let Some(value) = attributes.value(text) else { return Ok(next) };
        if next > MAX_COLUMNS {
            return Err(Stop::Odd);
        }
        let of_style = formats.of_style(attributes.style.as_deref(), *style, column);
        let format = formats.of_value(&value, attributes.kind.as_deref(), of_style);
        for column in column..next {
            Slot { cells, count: &mut scanned.count, column, format }.put(value.clone());
        }
        scanned.repeated_cells += u64::from(next - column - 1);
        places.end = cursor.at;
        if !is_covered && repeated == 1 && style.is_none() {
            self.forms.learn(cursor.bytes, column, &places, &attributes, of_style);
        }
        Ok(next)
    }

    /// Reads the paragraphs of a cell and passes over its end. The text is returned if it is one plain paragraph.
    fn content<'b>(
        &mut self,
        cursor: &mut Cursor<'b>,
        end: &[u8],
        places: &mut Places,
    ) -> Result<Option<&'b str>, Stop> {
        let mut plain = None;
        let mut paragraphs = 0;
        loop {
            let has_blanks = cursor.skip_blanks();
            if cursor.is_at(b"</")? {
                cursor.expect(end)?;
                places.is_unusual = has_blanks || plain.is_none();
                return Ok(plain);
            }
            cursor.expect(b"<text:p")?;
            while cursor.attribute()?.is_some() {}
            let has_content = cursor.ends_element()?;
            if paragraphs > 0 {
                self.text.push_str(plain.take().unwrap_or_default());
                self.text.push('\n');
            }
            if has_content
                && paragraphs == 0
                && let Some(text) = plain_paragraph(cursor.rest())
            {
                places.text = cursor.at;
                cursor.at += text.len() + b"</text:p>".len();
                plain = Some(text);
            } else if has_content {
                push_paragraph(cursor, &mut self.text)?;
            }
            paragraphs += 1;
        }
    }
}

/// Reads the attributes of a cell.
fn attributes<'b>(cursor: &mut Cursor<'b>, places: &mut Places) -> Result<CellAttributes<'b>, Stop> {
    let mut attributes = CellAttributes::default();
    let mut names = Names::default();
    while let Some(name) = cursor.attribute_name()? {
        let start = cursor.at;
        let rest = cursor.rest();
        let length = if name == b"table:formula" { formula(rest)? } else { value_length(rest)? };
        let value = std::str::from_utf8(rest.get(..length).unwrap_or_default()).map_err(|_| Stop::Odd)?;
        cursor.at += length + 1;
        match name {
            b"office:value" | b"office:date-value" | b"office:time-value" | b"office:boolean-value" => {
                places.value = start..start + length;
            }
            b"table:formula" => places.formula = start..start + length,
            _ => {}
        }
        match attributes.slot(name) {
            Some(slot @ None) => *slot = Some(Cow::Borrowed(value)),
            Some(Some(_)) => return Err(Stop::Odd),
            None => names.add(name)?,
        }
    }
    Ok(attributes)
}

/// The length of a value without references, up to the quotation mark.
#[inline]
fn value_length(rest: &[u8]) -> Result<usize, Stop> {
    let is_inside = |byte: u8| is_of(byte, VALUE) || byte >= 0x80;
    let length = rest.iter().position(|byte| !is_inside(*byte)).ok_or(Stop::Short)?;
    if rest.get(length) == Some(&b'"') { Ok(length) } else { Err(Stop::Odd) }
}

/// The length of a formula up to the quotation mark. Of a formula nothing counts but that there is one, unless it reads
/// a file; that can be written in many ways, of which none is understood.
#[inline]
fn formula(rest: &[u8]) -> Result<usize, Stop> {
    let mut is_ascii = true;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'"' => {
                let is_text = is_ascii || std::str::from_utf8(rest.get(..at).unwrap_or_default()).is_ok();
                // One that is empty has no place.
                return if is_text && at > 0 { Ok(at) } else { Err(Stop::Odd) };
            }
            b':' if rest.get(..at).unwrap_or_default().ends_with(b"file") => return Err(Stop::Odd),
            b'&' if rest.get(at + 1).ok_or(Stop::Short)? == &b'#' => return Err(Stop::Odd),
            ..b' ' | b'<' => return Err(Stop::Odd),
            _ => is_ascii &= byte.is_ascii(),
        }
    }
    Err(Stop::Short)
}

/// How often something is said to be there, at least once.
fn count(text: Option<&str>) -> Result<u32, Stop> {
    text.map_or(Ok(1), |text| whole(text.as_bytes()).ok_or(Stop::Odd).map(|count| count.max(1)))
}

/// The text of a paragraph that is shown as it stands, if its end follows.
#[inline]
fn plain_paragraph(rest: &[u8]) -> Option<&str> {
    let mut after_blank = true;
    let mut is_plain = true;
    let mut is_ascii = true;
    let length = rest.iter().position(|byte| {
        let is_blank = *byte == b' ';
        is_plain &= !(is_blank && after_blank);
        after_blank = is_blank;
        is_ascii &= *byte < 0x80;
        !is_of(*byte, TEXT) && *byte < 0x80
    })?;
    let (text, rest) = rest.split_at(length);
    if !is_plain || !rest.starts_with(b"</text:p>") {
        return None;
    }
    std::str::from_utf8(text).ok()
}

/// Whether a row or a column of this visibility is hidden.
pub(super) fn hides(visibility: &[u8]) -> bool {
    matches!(visibility, b"collapse" | b"filter")
}

#[cfg(test)]
mod tests;
