//! Delimited text as a workbook of one sheet: CSV, TSV and what calls itself so, in any encoding and dialect.
//!
//! Every field is text; what it means, the settings say. Blank lines are no rows, but rows are numbered with
//! them, as spreadsheet programs do. Fields beyond the columns of spreadsheet programs are refused, because a
//! column could not be named; [`crate::raw`] writes them nevertheless.

use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};
use metricsheet_delimited::{Decoded, Detected, Dialect, Record, Records, Told, detect};

use super::{
    Excess, Format, MAX_COLUMNS, Opening, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility,
};
use crate::cell::{RecordFacts, StoredCell, StoredRow, StoredValue};
use crate::number_format::{DateSystem, NumberFormat};

/// How a text was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFacts {
    /// The name of its encoding.
    pub encoding: &'static str,
    /// How the encoding was told; `None` for UTF-8.
    pub told: Option<Told>,
    /// Whether some of its bytes stand for no character, so that U+FFFD stands in their place.
    pub has_broken_bytes: bool,
    /// How it is divided into fields.
    pub dialect: Dialect,
    /// How many fields most of its records have.
    pub width: usize,
}

/// A text, told apart into fields on demand.
pub(crate) struct Text {
    content: String,
    detected: Detected,
    facts: TextFacts,
    sheets: [Sheet; 1],
}

impl Text {
    pub(super) fn open(mut source: Source, opening: &Opening) -> Result<Self, ReadError> {
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let most = opening.limits.whole_text_bytes;
        if length > most {
            return Err(Excess::bytes("the text", most).into());
        }
        let mut bytes = Vec::new();
        source.take(most).read_to_end(&mut bytes)?;
        let decoded = Decoded::read(&bytes, opening.encoding);
        let (encoding, told, has_broken_bytes) = (decoded.name(), decoded.told, decoded.has_broken_bytes);
        let content = decoded.text.into_owned();
        let detected = detect(&content);
        let facts = TextFacts {
            encoding,
            told,
            has_broken_bytes,
            dialect: detected.dialect.clone(),
            width: detected.width,
        };
        let sheet = Sheet { name: opening.sheet_name.clone(), visibility: Visibility::Visible };
        Ok(Self { content, detected, facts, sheets: [sheet] })
    }

    pub(crate) fn facts(&self) -> &TextFacts {
        &self.facts
    }

    /// Whether it holds nothing but blanks.
    pub(crate) fn is_empty(&self) -> bool {
        let Detected { start, .. } = self.detected;
        self.content.get(start..).unwrap_or_default().trim().is_empty()
    }

    /// The records, blank lines too.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let Detected { dialect, start, width } = &self.detected;
        let mut records = Records::new(&self.content, dialect, *start, *width);
        std::iter::from_fn(move || records.read())
    }
}

impl Format for Text {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        DateSystem::From1900
    }

    fn read(&mut self, _sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let format = Arc::new(NumberFormat::general());
        let mut row = StoredRow::default();
        for record in self.records() {
            row.cells.clear();
            for (column, field) in (0..).zip(&record.fields) {
                if field.is_empty() {
                    continue;
                }
                if column >= MAX_COLUMNS {
                    return Err(ReadError::TooLarge {
                        what: format!("the number of fields in row {}", record.row),
                        limit: format!("{MAX_COLUMNS} columns"),
                    });
                }
                row.cells.push(StoredCell {
                    column: ColumnIndex::new(column),
                    value: StoredValue::Text(field.as_ref().into()),
                    format: Arc::clone(&format),
                    from_other_workbook: false,
                });
            }
            row.number = RowNumber::new(record.row);
            let fields = u32::try_from(record.fields.len()).unwrap_or(u32::MAX);
            row.record = Some(RecordFacts { fields, is_mended: record.is_mended });
            if !row.cells.is_empty() && sink(&mut row).is_break() {
                break;
            }
        }
        Ok(SheetFacts::default())
    }

    fn as_text(&self) -> Option<&Text> {
        Some(self)
    }
}
