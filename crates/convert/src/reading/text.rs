//! Delimited text as a workbook of one sheet: CSV, TSV and what calls itself so, in any encoding and dialect.
//!
//! Every field is text; what it means, the settings say. Blank lines are no rows, but rows are numbered with
//! them, as spreadsheet programs do. Fields beyond the columns of spreadsheet programs are refused, because a
//! column could not be named; [`crate::raw`] writes them nevertheless.
//!
//! UTF-8 is read as it comes, a stretch at a time, each reading anew. Text of other encodings is held as a whole,
//! and so is, from there on, what a quotation mark swallows that nothing closes.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};
use metricsheet_delimited::{
    Decoded, Detected, Dialect, Progress, Record, Records, Step, Told, detect, looks_like_other_encoding,
};

use super::window::Window;
use super::{
    Excess, Format, MAX_COLUMNS, Opening, ReadError, RowSink, Sheet, SheetFacts, Source, TakeRows, Visibility,
};
use crate::cell::{RecordFacts, StoredCell, StoredRow, StoredValue};
use crate::number_format::{DateSystem, NumberFormat};

/// So many bytes at the beginning show how a text is divided, and more.
const HEAD: usize = 256 << 10;

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
    body: Body,
    detected: Detected,
    facts: TextFacts,
    is_blank: bool,
    /// So many bytes may be held.
    most: u64,
    sheets: [Sheet; 1],
}

/// Where the characters are.
enum Body {
    /// In a file of UTF-8 of so many bytes.
    File { source: Source, length: usize },
    /// In memory.
    Held(String),
}

impl Text {
    pub(super) fn open(mut source: Source, opening: &Opening) -> Result<Self, ReadError> {
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let most = opening.limits.whole_text_bytes;
        let sheet = Sheet { name: opening.sheet_name.clone(), visibility: Visibility::Visible };
        let survey = Utf8Survey::of(&mut source)?;
        source.seek(SeekFrom::Start(0))?;
        if let Some(Utf8Survey { head, is_blank }) = survey {
            let detected = detect(&head);
            let facts = TextFacts {
                encoding: "UTF-8",
                told: None,
                has_broken_bytes: false,
                dialect: detected.dialect.clone(),
                width: detected.width,
            };
            let length = usize::try_from(length).map_err(|_| Excess::bytes("the text", usize::MAX as u64))?;
            let body = Body::File { source, length };
            return Ok(Self { body, detected, facts, is_blank, most, sheets: [sheet] });
        }
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
        let is_blank = content.get(detected.start..).unwrap_or_default().trim().is_empty();
        Ok(Self { body: Body::Held(content), detected, facts, is_blank, most, sheets: [sheet] })
    }

    pub(crate) fn facts(&self) -> &TextFacts {
        &self.facts
    }

    /// Whether it holds nothing but blanks.
    pub(crate) const fn is_empty(&self) -> bool {
        self.is_blank
    }

    /// Hands on the records, blank lines too, until `take` breaks off.
    ///
    /// # Errors
    /// [`ReadError`] if the file cannot be read, or if more of it would have to be held than may be.
    pub(crate) fn each_record(
        &mut self,
        mut take: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let Detected { dialect, start, width } = &self.detected;
        match &mut self.body {
            Body::Held(content) => {
                let mut records = Records::new(content, dialect, *start, *width);
                let mut record = Record::default();
                while records.read_into(&mut record) == Step::Record && take(&record).is_continue() {}
                Ok(())
            }
            Body::File { source, length } => {
                source.seek(SeekFrom::Start(*start as u64))?;
                let stretches = Stretches {
                    progress: Progress::at_beginning(*length),
                    dialect,
                    width: *width,
                    most: self.most,
                };
                stretches.read(source, take)
            }
        }
    }

    /// Hands on the rows, as records where those are taken.
    pub(super) fn each_row(&mut self, taker: &mut dyn TakeRows) -> Result<(), ReadError> {
        let format = Arc::new(NumberFormat::general());
        let mut row = StoredRow::default();
        let mut refused = None;
        self.each_record(|record| {
            if let Some(flow) = taker.take_record(record) {
                return flow;
            }
            if let Err(error) = fill_row(&mut row, record, &format) {
                refused = Some(error);
                return ControlFlow::Break(());
            }
            if row.cells.is_empty() { ControlFlow::Continue(()) } else { taker.take_row(&mut row) }
        })?;
        refused.map_or(Ok(()), Err)
    }
}

/// Makes the row of a record.
fn fill_row(row: &mut StoredRow, record: &Record<'_>, format: &Arc<NumberFormat>) -> Result<(), ReadError> {
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
            format: Arc::clone(format),
            from_other_workbook: false,
        });
    }
    row.number = RowNumber::new(record.row);
    let fields = u32::try_from(record.fields.len()).unwrap_or(u32::MAX);
    row.record = Some(RecordFacts { fields, is_mended: record.is_mended });
    Ok(())
}

impl Format for Text {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        DateSystem::From1900
    }

    fn read(&mut self, _sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        self.each_row(&mut AsRows(sink))?;
        Ok(SheetFacts::default())
    }

    fn as_text(&self) -> Option<&Text> {
        Some(self)
    }

    fn as_text_mut(&mut self) -> Option<&mut Text> {
        Some(self)
    }
}

/// Takes no records.
struct AsRows<'a, 'b>(&'a mut RowSink<'b>);

impl TakeRows for AsRows<'_, '_> {
    fn take_row(&mut self, row: &mut StoredRow) -> ControlFlow<()> {
        self.0(row)
    }

    fn take_record(&mut self, _record: &Record<'_>) -> Option<ControlFlow<()>> {
        None
    }
}

/// What is seen in a first reading of a file of UTF-8.
struct Utf8Survey {
    head: String,
    is_blank: bool,
}

impl Utf8Survey {
    /// `None` for a file in another encoding.
    fn of(source: &mut impl Read) -> io::Result<Option<Self>> {
        let mut window = Window::new(source);
        while window.ahead().len() < HEAD && window.widen()? {}
        if looks_like_other_encoding(window.ahead()) {
            return Ok(None);
        }
        let head = whole_characters(window.ahead(), window.is_at_end()).map(str::to_owned);
        let Some(head) = head else { return Ok(None) };
        let mut is_blank = true;
        loop {
            let Some(text) = whole_characters(window.ahead(), window.is_at_end()) else { return Ok(None) };
            is_blank = is_blank && text.trim_start_matches('\u{feff}').trim().is_empty();
            let length = text.len();
            if window.is_at_end() {
                return Ok(Some(Self { head, is_blank }));
            }
            window.consume(length);
            window.widen()?;
        }
    }
}

/// The bytes as text, without the beginning of a character that more bytes would complete. `None` if they are none.
fn whole_characters(bytes: &[u8], is_end: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() && !is_end => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

/// Reads a file of UTF-8 one stretch after the other.
struct Stretches<'d> {
    progress: Progress,
    dialect: &'d Dialect,
    width: usize,
    /// So many bytes may be held.
    most: u64,
}

impl Stretches<'_> {
    fn read(
        mut self,
        source: impl Read,
        mut take: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let mut window = Window::with_room(source, usize::try_from(self.most).unwrap_or(usize::MAX));
        loop {
            if !window.widen()? && !window.is_at_end() {
                return Err(
                    Excess::bytes("the text behind a quotation mark that nothing closes", self.most).into()
                );
            }
            let changed = || io::Error::other("the file was changed while it was read");
            let text = whole_characters(window.ahead(), window.is_at_end()).ok_or_else(changed)?;
            let mut records =
                Records::of_stretch(text, self.dialect, self.width, self.progress, window.is_at_end());
            let mut record = Record::default();
            let step = loop {
                match records.read_into(&mut record) {
                    Step::Record if take(&record).is_continue() => {}
                    Step::Record => return Ok(()),
                    step @ (Step::CutOff | Step::End) => break step,
                }
            };
            if step == Step::End {
                return Ok(());
            }
            let length = records.position();
            self.progress = records.into_progress();
            window.consume(length);
        }
    }
}
