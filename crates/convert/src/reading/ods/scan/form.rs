//! The cells of a column are written alike: all that differs from one row to the next is a value and the text that shows
//! it. So how a cell was written is remembered, and the next one of its column compared with it, byte for byte. Whatever
//! differs is left to the scanner, which reads the same from these.

use std::ops::Range;
use std::sync::Arc;

use super::super::cell::CellAttributes;
use super::super::formats::Formats;
use super::plain_paragraph;
use crate::cell::{CellText, StoredCell, StoredValue};
use crate::number_format::NumberFormat;
use crate::reading::decimal::leading;
use crate::reading::markup::{TEXT, is_of};
use crate::reading::slot::Slot;
use crate::reading::xml::moment;

/// So many ways are remembered of each column.
const MOST: usize = 4;
/// Longer ones are not remembered, and no longer texts.
const LONGEST: usize = 256;
/// Of columns behind these nothing is remembered.
const COLUMNS: usize = 1024;
/// Behind the text of a cell.
const END: &[u8] = b"</text:p></table:table-cell>";

/// Where the parts of a cell stand.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) start: usize,
    pub(super) value: Range<usize>,
    /// 0 if there is no text.
    pub(super) text: usize,
    pub(super) end: usize,
    /// Whether it is written in a way that is not remembered.
    pub(super) is_unusual: bool,
}

/// The ways cells were written, by column.
#[derive(Default)]
pub(super) struct Forms {
    columns: Vec<Vec<Form>>,
}

/// A way to write a cell.
struct Form {
    kind: Kind,
    /// Up to the value, or up to the text if that is the value.
    start: Vec<u8>,
    /// From the value on up to the text, or to the end of a cell without one.
    middle: Vec<u8>,
    /// Whether there is a text behind the value, which is passed over.
    is_shown: bool,
    of_style: Arc<NumberFormat>,
    /// The last text: many stand in several rows.
    text: CellText,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Percentage,
    Date,
    Text,
}

impl Forms {
    /// Reads the cell at the start of the bytes, if it is written as one of this column before; tells its length.
    #[inline]
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        column: u32,
        formats: &Formats<'_>,
        count: &mut usize,
        cells: &mut Vec<StoredCell>,
    ) -> Option<usize> {
        let forms = self.columns.get_mut(usize::try_from(column).ok()?)?;
        let known = forms.iter().position(|form| bytes.starts_with(&form.start))?;
        let length = forms.get_mut(known)?.read(bytes, column, formats, count, cells)?;
        if known > 0 {
            forms.swap(0, known);
        }
        Some(length)
    }

    /// Remembers how a cell was written that has a value.
    pub(super) fn learn(
        &mut self,
        bytes: &[u8],
        column: u32,
        places: &Places,
        attributes: &CellAttributes<'_>,
        of_style: &Arc<NumberFormat>,
    ) {
        if places.is_unusual || attributes.extended_kind.as_deref() == Some("error") {
            return;
        }
        let kind = match attributes.kind.as_deref() {
            Some("float" | "currency") if attributes.number.is_some() && attributes.date.is_none() => {
                Kind::Number
            }
            Some("percentage") if attributes.number.is_some() && attributes.date.is_none() => {
                Kind::Percentage
            }
            Some("date") if attributes.date.is_some() && attributes.number.is_none() => Kind::Date,
            Some("string") if attributes.text.is_none() && places.text > 0 => Kind::Text,
            Some(_) | None => return,
        };
        let is_shown = places.text > 0;
        let (start, middle) = if kind == Kind::Text {
            (places.start..places.text, 0..0)
        } else {
            let end = if is_shown { places.text } else { places.end };
            (places.start..places.value.start, places.value.end..end)
        };
        let bytes = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        let (start, middle) = (bytes(start), bytes(middle));
        if start.len() > LONGEST || middle.len() > LONGEST {
            return;
        }
        let Some(column) = usize::try_from(column).ok().filter(|column| *column < COLUMNS) else { return };
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, Vec::new);
        }
        let Some(forms) = self.columns.get_mut(column) else { return };
        forms.retain(|form| form.start != start);
        forms.truncate(MOST - 1);
        forms.insert(
            0,
            Form {
                kind,
                start: start.to_vec(),
                middle: middle.to_vec(),
                is_shown,
                of_style: Arc::clone(of_style),
                text: "".into(),
            },
        );
    }
}

impl Form {
    /// Reads a cell that starts as this one did.
    #[inline]
    fn read(
        &mut self,
        bytes: &[u8],
        column: u32,
        formats: &Formats<'_>,
        count: &mut usize,
        cells: &mut Vec<StoredCell>,
    ) -> Option<usize> {
        let mut at = self.start.len();
        let rest = bytes.get(at..)?;
        let of_style = &self.of_style;
        if self.kind == Kind::Text {
            let text = plain_paragraph(rest).filter(|text| !text.is_empty())?;
            at += text.len();
            let end = bytes.get(at..)?.starts_with(END).then_some(at + END.len())?;
            let shared = if &*self.text == text { self.text.clone() } else { CellText::from(text) };
            if text.len() <= LONGEST {
                self.text.clone_from(&shared);
            }
            Slot { cells, count, column, format: of_style }.put(StoredValue::Text(shared));
            return Some(end);
        }
        if self.kind == Kind::Date {
            let length = rest.iter().take(32).position(|byte| *byte == b'"')?;
            let moment = moment(std::str::from_utf8(rest.get(..length)?).ok()?)?;
            let end = self.end(bytes, at + length)?;
            Slot { cells, count, column, format: of_style }.put(StoredValue::Moment(moment));
            return Some(end);
        }
        let (number, behind) = number(bytes, at)?;
        let format = if self.kind == Kind::Percentage {
            formats.of_percentage(number, of_style)
        } else {
            formats.of_number(number, of_style)
        };
        let end = self.end(bytes, behind)?;
        Slot { cells, count, column, format }.put_number(number);
        Some(end)
    }

    /// Where the cell ends whose value ends here.
    #[inline]
    fn end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?.strip_prefix(self.middle.as_slice())?;
        let at = at + self.middle.len();
        if !self.is_shown {
            return Some(at);
        }
        let mut length = rest.iter().position(|byte| !is_of(*byte, TEXT))?;
        if rest.get(length)? >= &0x80 {
            length = rest.iter().position(|byte| *byte < b' ' || matches!(byte, b'<' | b'&'))?;
            std::str::from_utf8(rest.get(..length)?).ok()?;
        }
        rest.get(length..)?.starts_with(END).then_some(at + length + END.len())
    }
}

/// The number at a place, and where it ends: at a quotation mark.
#[inline]
fn number(bytes: &[u8], at: usize) -> Option<(f64, usize)> {
    if let Some((number, end)) = leading(bytes, at)
        && bytes.get(end) == Some(&b'"')
    {
        return Some((number, end));
    }
    let rest = bytes.get(at..)?;
    let length = rest.iter().take(64).position(|byte| *byte == b'"')?;
    let number: f64 = std::str::from_utf8(rest.get(..length)?).ok()?.parse().ok()?;
    number.is_finite().then_some((number, at + length))
}
