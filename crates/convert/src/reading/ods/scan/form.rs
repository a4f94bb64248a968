//! The cells of a column are written alike: all that differs from one row to the next is a formula, a value, and the text
//! that shows it. So how a cell was written is remembered, and the next one of its column compared with it, byte for
//! byte. Whatever differs is left to the scanner, which reads the same from these.

use std::ops::Range;
use std::sync::Arc;

use super::super::cell::{CellAttributes, duration_in_days};
use super::super::formats::Formats;
use super::{formula, plain_paragraph};
use crate::cell::{CellText, StoredCell, StoredValue};
use crate::number_format::NumberFormat;
use crate::reading::decimal::leading;
use crate::reading::markup::{TEXT, VALUE, is_of};
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
    /// Empty if there is none.
    pub(super) formula: Range<usize>,
    /// What the attribute of the value says.
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
    /// Up to the formula; else up to the value, or up to the text if that is the value.
    start: Vec<u8>,
    /// From the formula on up to there.
    between: Option<Vec<u8>>,
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
    Time,
    Logical,
    Text,
}

impl Kind {
    /// That of a cell which says its value once.
    fn of(attributes: &CellAttributes<'_>) -> Option<Self> {
        let CellAttributes { number, date, time, logical, text, .. } = attributes;
        let is_said = |value: bool| {
            value && [number, date, time, logical].iter().filter(|it| it.is_some()).count() == 1
        };
        match attributes.kind.as_deref()? {
            "float" | "currency" if is_said(number.is_some()) => Some(Self::Number),
            "percentage" if is_said(number.is_some()) => Some(Self::Percentage),
            "date" if is_said(date.is_some()) => Some(Self::Date),
            "time" if is_said(time.is_some()) => Some(Self::Time),
            "boolean" if is_said(logical.is_some()) => Some(Self::Logical),
            "string" if text.is_none() => Some(Self::Text),
            _ => None,
        }
    }
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
        let Some(kind) = Kind::of(attributes) else { return };
        let is_shown = places.text > 0;
        let end = if is_shown { places.text } else { places.end };
        let value = if kind == Kind::Text { places.text..places.text } else { places.value.clone() };
        let Some(form) = form_of(bytes, places, value, end) else { return };
        let Some(column) = usize::try_from(column).ok().filter(|column| *column < COLUMNS) else { return };
        if self.columns.len() <= column {
            self.columns.resize_with(column + 1, Vec::new);
        }
        let Some(forms) = self.columns.get_mut(column) else { return };
        let (start, between, middle) = form;
        forms.retain(|form| form.start != start);
        forms.truncate(MOST - 1);
        let of_style = Arc::clone(of_style);
        forms.insert(0, Form { kind, start, between, middle, is_shown, of_style, text: "".into() });
    }
}

/// What stands before the formula, between it and the value, and behind that.
type Parts = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

/// The parts of a cell whose value stands there, and which has a text or ends there.
fn form_of(bytes: &[u8], places: &Places, value: Range<usize>, end: usize) -> Option<Parts> {
    let part = |range: Range<usize>| {
        let part = bytes.get(range).filter(|part| part.len() <= LONGEST);
        part.map(<[u8]>::to_vec)
    };
    let middle = part(value.end..end)?;
    if places.formula.is_empty() {
        return Some((part(places.start..value.start)?, None, middle));
    }
    // A formula behind the value is none that is expected.
    let between = part(places.formula.end..value.start)?;
    Some((part(places.start..places.formula.start)?, Some(between), middle))
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
        if let Some(between) = &self.between {
            at += formula(bytes.get(at..)?).ok()?;
            at += bytes.get(at..)?.starts_with(between).then_some(between.len())?;
        }
        let rest = bytes.get(at..)?;
        let mut slot = Slot { cells, count, column, format: &self.of_style };
        let value = match self.kind {
            Kind::Number | Kind::Percentage => {
                let (number, behind) = number(bytes, at)?;
                slot.format = match self.kind {
                    Kind::Percentage => formats.of_percentage(number, &self.of_style),
                    _ => formats.of_number(number, &self.of_style),
                };
                let end = self.end(bytes, behind)?;
                slot.put_number(number);
                return Some(end);
            }
            Kind::Text => {
                let text = plain_paragraph(rest).filter(|text| !text.is_empty())?;
                at += text.len();
                let end = bytes.get(at..)?.starts_with(END).then_some(at + END.len())?;
                if self.may_be_error(text.as_bytes()) {
                    return None;
                }
                let shared = if &*self.text == text { self.text.clone() } else { CellText::from(text) };
                if text.len() <= LONGEST {
                    self.text.clone_from(&shared);
                }
                slot.put(StoredValue::Text(shared));
                return Some(end);
            }
            Kind::Date | Kind::Time | Kind::Logical => plain_value(rest)?,
        };
        let end = self.end(bytes, at + value.len())?;
        slot.put(match self.kind {
            Kind::Date => StoredValue::Moment(moment(value)?),
            Kind::Time => StoredValue::Duration(duration_in_days(value)?),
            _ => StoredValue::Logical(value == "true"),
        });
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
        if self.may_be_error(rest) {
            return None;
        }
        let mut length = rest.iter().position(|byte| !is_of(*byte, TEXT))?;
        if rest.get(length)? >= &0x80 {
            length = rest.iter().position(|byte| *byte < b' ' || matches!(byte, b'<' | b'&'))?;
            std::str::from_utf8(rest.get(..length)?).ok()?;
        }
        rest.get(length..)?.starts_with(END).then_some(at + length + END.len())
    }

    /// Whether the text may be the error of a formula.
    fn may_be_error(&self, text: &[u8]) -> bool {
        self.between.is_some() && matches!(text.first(), Some(b'#' | b'E'))
    }
}

/// The plain value at the start, up to a quotation mark.
#[inline]
fn plain_value(rest: &[u8]) -> Option<&str> {
    let length = rest.iter().take(64).position(|byte| !is_of(*byte, VALUE))?;
    let value = rest.get(..length).filter(|_| rest.get(length) == Some(&b'"'))?;
    std::str::from_utf8(value).ok()
}

/// The number at a place, and where it ends: at a quotation mark.
#[inline]
fn number(bytes: &[u8], at: usize) -> Option<(f64, usize)> {
    if let Some((number, end)) = leading(bytes, at)
        && bytes.get(end) == Some(&b'"')
    {
        return Some((number, end));
    }
    let value = plain_value(bytes.get(at..)?)?;
    let number: f64 = value.parse().ok()?;
    number.is_finite().then_some((number, at + value.len()))
}
