//! The beginning of a file, which tells its shape.

use std::io;

use metricsheet_core::plain::{LastId, PlainCells, PlainLines};
use metricsheet_core::{Column, Field};
use metricsheet_delimited::looks_like_other_encoding;

use crate::check::{BYTE_ORDER_MARK, Options};
use crate::columns::{ColumnLabel, Columns, DEEPEST_HEADER};
use crate::dialect::{self, SAMPLE};
use crate::fields::{LineEnd, Records};
use crate::sniff;
use crate::source::Source;

/// So much of a file is read to tell its shape; usually far more than it takes.
const LENGTH: usize = 1 << 16;

/// The header of a file of plain shape.
#[derive(Debug)]
pub(crate) struct Head {
    /// The header's record with its line end, and the byte order mark if the file begins with one.
    pub(crate) text: String,
    /// Where the header's record starts.
    pub(crate) start: usize,
    pub(crate) columns: Columns,
    pub(super) line_end: LineEnd,
    /// Where the rows begin.
    pub(super) end: usize,
}

impl Head {
    /// `None` if the shape is not plain, or the beginning too short to tell.
    pub(super) fn read(source: &dyn Source, options: &Options) -> io::Result<Option<Self>> {
        let length = source.length().min(LENGTH);
        let mut buffer = Vec::new();
        let bytes = source.window(0..length, &mut buffer)?;
        Ok(Self::of(bytes, length == source.length(), options))
    }

    fn of(bytes: &[u8], is_whole: bool, options: &Options) -> Option<Self> {
        if sniff::not_a_csv(bytes).is_some() || looks_like_other_encoding(bytes) {
            return None;
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            // A character may be cut off at the end of what was read.
            Err(error) if !is_whole && error.error_len().is_none() => {
                std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
            }
            Err(_) => return None,
        };
        let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let columns = match plain_columns(text, start, options) {
            Some(columns) => columns,
            None if !is_enough(text, is_whole) => return None,
            None => {
                let dialect = dialect::detect(text, start);
                if dialect.delimiter != b',' || dialect.declaration.is_some() {
                    return None;
                }
                Columns::find(text, b',', start, 1, options.template.as_ref(), &options.settings)
            }
        };
        let header = columns.header.as_ref().filter(|_| columns.above.is_empty())?;
        let are_exact = columns.labels.iter().all(|label| matches!(label, ColumnLabel::Exact(_)));
        let in_order = columns.template.columns.iter().map(|column| Some(column.field));
        let are_in_order = in_order.take(columns.fields.len()).eq(columns.fields.iter().copied());
        if !are_exact || !are_in_order || !columns.missing().is_empty() || header.fields.is_empty() {
            return None;
        }
        let end = header.record.next();
        Some(Self {
            text: text.get(..end)?.to_owned(),
            start,
            line_end: header.record.line_end,
            end,
            columns,
        })
    }
}

/// Whether all records that tell the shape are there, whole, whichever character divides their fields.
fn is_enough(text: &str, is_whole: bool) -> bool {
    // The last record that can be read may be cut off.
    let needed = SAMPLE.max(DEEPEST_HEADER) + 1;
    is_whole
        || dialect::DELIMITERS.iter().all(|delimiter| {
            let mut records = Records::new(text, *delimiter, 0, 1);
            let mut fields = Vec::new();
            (0..needed).all(|_| records.read(&mut fields).is_some())
        })
}

/// The columns of a file that begins with the labels of a template and goes on with rows that cannot be taken for
/// another header: looking at all of them for labels would take longer than checking a small file.
fn plain_columns(text: &str, start: usize, options: &Options) -> Option<Columns> {
    let mut records = Records::new(text, b',', start, 1);
    let mut fields = Vec::new();
    let record = records.read(&mut fields)?;
    let columns = Columns::of_header(text, &record, &fields, options.template.as_ref());
    let are_exact = columns.labels.iter().all(|label| matches!(label, ColumnLabel::Exact(_)));
    // A valid row may hold labels too, but not in place of its number and its date.
    let may_be_label = |column: &&Column| !matches!(column.field, Field::MetricValue | Field::AsOfDate);
    let most_in_a_row = columns.template.columns.iter().filter(may_be_label).count();
    if !are_exact || columns.labels.len() <= most_in_a_row {
        return None;
    }
    let lines = PlainLines::new(PlainCells::new(&options.settings), columns.template.columns.clone());
    let bytes = text.as_bytes();
    let mut at = record.next();
    let mut last_id = LastId::default();
    for _ in 0..SAMPLE.max(DEEPEST_HEADER) {
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { break };
        let length = lines.scan(rest, &mut last_id)?.length;
        at += length;
        at += match rest.get(length..)? {
            [] => 0,
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [_, ..] => return None,
        };
    }
    memchr::memchr3(b';', b'\t', b'|', bytes.get(..at)?).is_none().then_some(columns)
}
