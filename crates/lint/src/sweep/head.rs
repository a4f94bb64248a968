//! The beginning of a file, which tells where its table is.

use std::io;

use metricsheet_core::plain::{LastId, PlainCells, PlainLines};
use metricsheet_core::{Column, Field};
use metricsheet_delimited::looks_like_other_encoding;

use super::excerpt::RowPlace;
use crate::check::Options;
use crate::columns::{ColumnLabel, Columns, DEEPEST_HEADER};
use crate::dialect::{DELIMITERS, SAMPLE};
use crate::fields::Records;
use crate::layout::{Layout, mark_length};
use crate::record_facts::{RecordFacts, Spot};
use crate::sniff;
use crate::source::Source;

/// What stands above the rows of a file.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// All of it, with the line end of the header, if there is one.
    pub(crate) text: String,
    pub(crate) layout: Layout,
    /// What its records show.
    pub(super) facts: RecordFacts,
    /// The place of the first row.
    pub(crate) first: RowPlace,
}

impl Head {
    /// So much of a file is read to tell where its table is; usually far more than it takes.
    pub(super) const LENGTH: usize = 1 << 16;

    /// `None` if the table lacks a column, or if the beginning is too short to tell.
    pub(crate) fn read(source: &dyn Source, options: &Options) -> io::Result<Option<Self>> {
        let length = source.length().min(Self::LENGTH);
        let mut buffer = Vec::new();
        let bytes = source.window(0..length, &mut buffer)?;
        Ok(Self::of(bytes, length == source.length(), options))
    }

    /// Whether the file calls itself a text and is none.
    pub(crate) fn is_of_no_text(source: &dyn Source) -> io::Result<bool> {
        let mut buffer = Vec::new();
        let bytes = source.window(0..source.length().min(Self::LENGTH), &mut buffer)?;
        Ok(sniff::not_a_csv(bytes).is_some())
    }

    /// The same of a file that begins with these bytes, or is them.
    pub(super) fn of(bytes: &[u8], is_whole: bool, options: &Options) -> Option<Self> {
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
        let layout = match plain_columns(text, options) {
            Some(columns) => Layout::of_first_record(text, columns),
            None => Some(Layout::find(text, options)).filter(|it| is_whole || tells_layout(text, it))?,
        };
        let header = layout.columns.header.as_ref();
        if header.is_some_and(|header| header.fields.is_empty()) || !layout.columns.missing().is_empty() {
            return None;
        }
        let (delimiter, start) = (layout.dialect.delimiter, layout.start);
        let mut facts = RecordFacts::default();
        let mut first_row = layout.header_row;
        if header.is_some() {
            first_row = first_row.next();
        } else if delimiter != b',' {
            facts.first_delimiter = Some(first_delimiter(text, &layout)?);
        }
        let text = text.get(..header.map_or(start, |header| header.record.next()))?.to_owned();
        let mut records = Records::new(&text, delimiter, start, layout.start_line);
        let mut fields = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            facts.count(&text, &record.span, record.line_end, record.line);
        }
        let first = RowPlace { row: first_row.get(), line: records.line() };
        Some(Self { text, layout, facts, first })
    }

    /// Where the rows begin.
    pub(super) const fn end(&self) -> usize {
        self.text.len()
    }

    /// Whether nothing in it is to be fixed, as far as it shows by itself.
    pub(crate) fn is_plain(&self) -> bool {
        let Layout { dialect, start, columns, .. } = &self.layout;
        let are_exact = columns.labels.iter().all(|label| matches!(label, ColumnLabel::Exact(_)));
        *start == 0
            && dialect.delimiter == b','
            && columns.above.is_empty()
            && are_exact
            && columns.are_in_order()
    }
}

/// Where the first delimiter of a text stands, if that is in its beginning.
fn first_delimiter(text: &str, layout: &Layout) -> Option<Spot> {
    let mut records = Records::new(text, layout.dialect.delimiter, layout.start, layout.start_line);
    let mut fields = Vec::new();
    while let Some(record) = records.read(&mut fields) {
        if let [first, _, ..] = &*fields {
            return Some(Spot::of(text, record.span.start, first.raw.end, record.line));
        }
    }
    None
}

/// Whether all records that tell the layout are there, whole, whichever character divides their fields.
fn tells_layout(text: &str, layout: &Layout) -> bool {
    let delimiter = layout.dialect.delimiter;
    // What is declared may divide fields further down.
    let declaration = layout.dialect.declaration.clone().and_then(|line| text.get(line));
    let is_as_declared = declaration.is_none_or(|line| line.contains(char::from(delimiter)));
    // A declaration stands above them, and the last record that can be read may be cut off.
    let needed = SAMPLE.max(DEEPEST_HEADER) + 2;
    is_as_declared
        && DELIMITERS.iter().chain([&delimiter]).all(|delimiter| {
            let mut records = Records::new(text, *delimiter, 0, 1);
            let mut fields = Vec::new();
            (0..needed).all(|_| records.read(&mut fields).is_some())
        })
}

/// The columns of a file that begins with the labels of a template and goes on with rows that cannot be taken for
/// another header: looking at all of them for labels would take longer than checking a small file.
fn plain_columns(text: &str, options: &Options) -> Option<Columns> {
    let mut records = Records::new(text, b',', mark_length(text), 1);
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
