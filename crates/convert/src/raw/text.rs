//! The records of a text as they are: nothing is padded, and nothing is dropped but blank lines, rows of delimiters
//! alone and, if the caller wants it so, titles above the header.

use std::io::Write;
use std::ops::ControlFlow;

use metricsheet_core::{ColumnIndex, RowNumber};
use metricsheet_delimited::Record;

use super::{RawCounts, RawError, RawOptions, Titles};
use crate::reading::{ReadError, Text};

/// More lines above a header are no titles.
const MAX_TITLES: usize = 64;

/// Writes the records.
///
/// # Errors
/// [`RawError`] if the text cannot be read or written.
pub(super) fn write(
    text: &mut Text,
    options: &RawOptions,
    writer: &mut csv::Writer<impl Write>,
) -> Result<RawCounts, RawError> {
    text.survey()?;
    let range = options.range.as_ref();
    let mut counts = RawCounts::default();
    let mut titles = match options.titles {
        Titles::LeftOut => titles(text)?,
        Titles::Kept => 0,
    };
    let usual = text.facts().width;
    let mut refused = None;
    text.each_record(|record| {
        let row = RowNumber::new(record.row);
        let is_chosen = |column: u32| range.is_none_or(|range| range.contains(row, ColumnIndex::new(column)));
        if is_empty(record) {
            counts.rows_left_out += 1;
            return ControlFlow::Continue(());
        }
        let mut fields = (0..).zip(&record.fields).filter(|(column, _)| is_chosen(*column)).peekable();
        if fields.peek().is_none() {
            return ControlFlow::Continue(());
        }
        if titles > 0 {
            titles -= 1;
            counts.titles.push(fields.map(|(_, field)| field.trim()).collect());
            return ControlFlow::Continue(());
        }
        if let Err(error) = write_record(fields.map(|(_, field)| field.as_bytes()), writer) {
            refused = Some(error);
            return ControlFlow::Break(());
        }
        counts.rows += 1;
        counts.unusual_width += u64::from(record.fields.len() != usual);
        if record.is_mended {
            counts.mended.push(row);
        }
        ControlFlow::Continue(())
    })?;
    refused.map_or(Ok(counts), |error| Err(error.into()))
}

fn write_record<'f>(
    fields: impl Iterator<Item = &'f [u8]>,
    writer: &mut csv::Writer<impl Write>,
) -> csv::Result<()> {
    for field in fields {
        writer.write_field(field)?;
    }
    writer.write_record(None::<&[u8]>)
}

fn is_empty(record: &Record<'_>) -> bool {
    record.fields.iter().all(|field| field.trim().is_empty())
}

/// How many rows that are not empty stand above the header, each with text in one field alone. Where no row below
/// them looks like a header, there is no telling, and none is a title.
fn titles(text: &mut Text) -> Result<usize, ReadError> {
    let width = text.facts().width;
    let mut count = 0;
    let mut has_header = false;
    text.each_record(|record| {
        if is_empty(record) {
            return ControlFlow::Continue(());
        }
        let filled: Vec<&str> =
            record.fields.iter().map(|field| field.trim()).filter(|field| !field.is_empty()).collect();
        if let [_] = filled[..] {
            count += 1;
            return if count < MAX_TITLES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        }
        // Labels name at least half of the columns, and none is a number.
        has_header = width >= 2 && filled.len() * 2 >= width && !filled.iter().any(|text| is_numeric(text));
        ControlFlow::Break(())
    })?;
    Ok(if has_header { count } else { 0 })
}

/// Whether the text has as many digits as other characters.
fn is_numeric(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && digits * 2 >= text.chars().count()
}
