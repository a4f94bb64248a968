//! Delimited text as a workbook of one sheet: CSV, TSV and what calls itself so, in any encoding and dialect.
//!
//! Every field is text; what it means, the settings say. Blank lines are no rows, but rows are numbered with
//! them, as spreadsheet programs do. Fields beyond the columns of spreadsheet programs are refused, because a
//! column could not be named; [`crate::raw`] writes them nevertheless.
//!
//! Text is read as it comes, a stretch at a time, each reading anew, of other encodings than UTF-8 too. What a quotation
//! mark swallows that nothing closes is held from there on. One byte far down can tell that a text
//! is not UTF-8. Before what is read may go out, the text is read once for that; a conversion, which can begin again,
//! finds it on its way.

mod proving;
mod stretches;
mod survey;
mod transcribed;

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::sync::Arc;

use encoding_rs::Encoding;
use metricsheet_core::{ColumnIndex, RowNumber};
use metricsheet_delimited::{Decoded, Detected, Dialect, Record, Records, Step, Told, detect};

use self::stretches::Stretches;
use self::survey::{Head, Survey};
use self::transcribed::{Transcribed, encoding_of, transcription_of};
use super::{
    Excess, Format, MAX_COLUMNS, Opening, ReadError, RowSink, Sheet, SheetFacts, Source, TakeRows, Visibility,
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

impl TextFacts {
    /// Those of UTF-8.
    fn of(detected: &Detected) -> Self {
        Self {
            encoding: "UTF-8",
            told: None,
            has_broken_bytes: false,
            dialect: detected.dialect.clone(),
            width: detected.width,
        }
    }
}

/// A text, told apart into fields on demand.
pub(crate) struct Text {
    body: Body,
    detected: Detected,
    facts: TextFacts,
    is_blank: bool,
    /// Whether it is certain that all of it is of its encoding.
    is_surveyed: bool,
    /// The encoding that was named for text that is not UTF-8.
    named: Option<&'static Encoding>,
    /// So many bytes may be held.
    most: u64,
    sheets: [Sheet; 1],
}

/// Where the characters are.
enum Body {
    /// In a file, in so many bytes of UTF-8.
    File { source: Source, length: usize },
    /// In memory.
    Held(String),
}

impl Text {
    pub(super) fn open(mut source: Source, opening: &Opening) -> Result<Self, ReadError> {
        let length = source.seek(SeekFrom::End(0))?;
        source.seek(SeekFrom::Start(0))?;
        let length = usize::try_from(length).map_err(|_| Excess::bytes("the text", usize::MAX as u64))?;
        let head = Head::of(&mut source)?;
        let detected = detect(head.as_ref().map_or("", |head| &head.text));
        let mut text = Self {
            facts: TextFacts::of(&detected),
            detected,
            is_blank: head.as_ref().is_some_and(Head::is_blank),
            is_surveyed: head.as_ref().is_some_and(|head| head.is_all),
            named: opening.encoding,
            most: opening.limits.whole_text_bytes,
            sheets: [Sheet { name: opening.sheet_name.clone(), visibility: Visibility::Visible }],
            body: Body::File { source, length },
        };
        if head.is_none() {
            text.decode()?;
        } else if text.is_blank {
            text.survey()?;
        }
        Ok(text)
    }

    /// Reads all of it, unless that was done, to be certain of its encoding. Tells whether that turned out to be another
    /// one, so that what was read before is void.
    pub(crate) fn survey(&mut self) -> Result<bool, ReadError> {
        if std::mem::replace(&mut self.is_surveyed, true) {
            return Ok(false);
        }
        let Body::File { source, .. } = &mut self.body else { return Ok(false) };
        source.seek(SeekFrom::Start(0))?;
        match Survey::of(source)? {
            Some(Survey { is_blank }) => {
                self.is_blank = is_blank;
                Ok(false)
            }
            None => self.decode().map(|()| true),
        }
    }

    /// Reads it as text of another encoding than UTF-8 from now on.
    fn decode(&mut self) -> Result<(), ReadError> {
        let Body::File { source, .. } = &mut self.body else { return Ok(()) };
        let encoding = encoding_of(source, self.named)?;
        let Some(transcription) = transcription_of(source, encoding, self.most)? else { return self.hold() };
        let Body::File { source, .. } = std::mem::replace(&mut self.body, Body::Held(String::new())) else {
            return Ok(());
        };
        let length = transcription.text_length();
        let has_broken_bytes = transcription.has_broken_bytes();
        let mut source = Source::new(Transcribed::new(source, transcription));
        let Some(head) = Head::of_utf8(&mut source)? else {
            return Err(io::Error::other("the file was changed while it was read").into());
        };
        self.detected = detect(&head.text);
        self.facts = TextFacts {
            encoding: encoding.name(),
            told: encoding.told,
            has_broken_bytes,
            ..TextFacts::of(&self.detected)
        };
        let rows = head.text.get(self.detected.start..).unwrap_or_default();
        source.seek(SeekFrom::Start(0))?;
        self.is_blank = rows.trim().is_empty()
            && (head.is_all || Survey::of(&mut source)?.is_some_and(|survey| survey.is_blank));
        self.is_surveyed = true;
        self.body = Body::File { source, length };
        Ok(())
    }

    /// Brings all of it to memory.
    fn hold(&mut self) -> Result<(), ReadError> {
        let Body::File { source, length } = &mut self.body else { return Ok(()) };
        if *length as u64 > self.most {
            return Err(Excess::bytes("the text", self.most).into());
        }
        source.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        source.take(self.most).read_to_end(&mut bytes)?;
        let decoded = Decoded::read(&bytes, self.named);
        let (encoding, told) = (decoded.encoding.name(), decoded.encoding.told);
        let has_broken_bytes = decoded.has_broken_bytes;
        let content = decoded.text.into_owned();
        self.detected = detect(&content);
        self.facts = TextFacts { encoding, told, has_broken_bytes, ..TextFacts::of(&self.detected) };
        self.is_blank = content.get(self.detected.start..).unwrap_or_default().trim().is_empty();
        self.is_surveyed = true;
        self.body = Body::Held(content);
        Ok(())
    }

    /// How it is read; certain once it was surveyed.
    pub(crate) const fn facts(&self) -> &TextFacts {
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
        take: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.survey()?;
        self.each_record_so_far(take)
    }

    /// The same before it is certain that all of it is of its encoding. If an error ends it, a survey shows whether that
    /// was why.
    fn each_record_so_far(
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
                let mut stretches = Stretches::of(source, *length, &self.detected, self.most)?;
                while stretches.next(&mut take)?.is_continue() {}
                Ok(())
            }
        }
    }

    /// Hands on the rows, as records where those are taken, and those of a large file proved on other threads. If an error
    /// ends it, a [survey](Self::survey) shows whether rows were read in the wrong encoding.
    pub(super) fn each_row<T: TakeRows>(&mut self, taker: &mut T) -> Result<(), ReadError> {
        let mut rows = Rows::default();
        match &mut self.body {
            Body::File { source, length } if *length >= proving::WORTHWHILE => {
                let mut stretches = Stretches::of(source, *length, &self.detected, self.most)?;
                proving::read(&mut stretches, taker, &mut rows)?;
            }
            Body::File { .. } | Body::Held(_) => {
                self.each_record_so_far(|record| rows.hand_on(record, taker))?;
            }
        }
        rows.refused.map_or(Ok(()), Err)
    }
}

/// Makes rows of records, one in the memory of the other.
struct Rows {
    format: Arc<NumberFormat>,
    row: StoredRow,
    /// Why a record cannot be a row.
    refused: Option<ReadError>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { format: Arc::new(NumberFormat::general()), row: StoredRow::default(), refused: None }
    }
}

impl Rows {
    /// Hands on a record as it stands, or else as a row.
    fn hand_on(&mut self, record: &Record<'_>, taker: &mut impl TakeRows) -> ControlFlow<()> {
        match taker.take_record(record) {
            Some(flow) => flow,
            None => self.hand_on_as_row(record, &mut |row| taker.take_row(row)),
        }
    }

    fn hand_on_as_row(&mut self, record: &Record<'_>, sink: &mut RowSink<'_>) -> ControlFlow<()> {
        if let Err(error) = fill_row(&mut self.row, record, &self.format) {
            self.refused = Some(error);
            return ControlFlow::Break(());
        }
        if self.row.cells.is_empty() { ControlFlow::Continue(()) } else { sink(&mut self.row) }
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
        let mut rows = Rows::default();
        self.each_record(|record| rows.hand_on_as_row(record, sink))?;
        rows.refused.map_or(Ok(SheetFacts::default()), Err)
    }

    fn as_text(&self) -> Option<&Text> {
        Some(self)
    }

    fn as_text_mut(&mut self) -> Option<&mut Text> {
        Some(self)
    }
}
