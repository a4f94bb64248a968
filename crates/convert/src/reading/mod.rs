//! Workbooks as rows of stored cells, whatever their format. What a file is, is told by its content, never by
//! its name.
//!
//! Rows are handed on one by one; no grid is built, so cells far away cost nothing. Positions beyond
//! 1,048,576 rows and 16,384 columns are refused, as every spreadsheet program does; so is whatever passes one of
//! the [`Limits`].

mod ahead;
mod area;
mod base64;
mod binary_names;
mod binary_values;
mod cell_range;
mod compound;
mod container;
mod content;
mod decimal;
mod encryption;
mod error;
mod foreign;
mod html;
mod limits;
mod markup;
mod ods;
mod other_sheets;
mod passing;
mod rows;
mod rows_ahead;
mod slot;
mod source;
mod text;
#[cfg(test)]
mod two_ways;
mod window;
mod xls;
mod xlsb;
mod xlsx;
mod xml;
mod xml2003;

use std::io::{Cursor, Read as _, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use encoding_rs::Encoding;
use metricsheet_core::{ColumnIndex, RowNumber};
use metricsheet_delimited::Record;

use crate::cell::StoredRow;
use crate::number_format::DateSystem;
use crate::output::Transcript;

pub use area::{AreaKind, NamedArea};
pub use cell_range::{CellRange, InvalidRange};
pub use content::{Content, WorkbookKind};
pub use encryption::Password;
pub use error::ReadError;
pub use limits::Limits;
pub use other_sheets::{OtherKind, OtherSheet};
pub use source::Input;
pub use text::TextFacts;

pub(crate) use limits::Excess;
pub(crate) use other_sheets::{Tab, tabs};
pub(crate) use text::Text;

use content::Detected;
use limits::Meter;
use source::Source;

/// The rows of a sheet: no spreadsheet program has more.
pub(crate) const MAX_ROWS: u32 = 1_048_576;
/// The columns of a sheet: no spreadsheet program has more.
pub(crate) const MAX_COLUMNS: u32 = 16_384;

/// Whether people see a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// It has a tab.
    Visible,
    /// It is hidden, and a menu entry shows it.
    Hidden,
    /// It is hidden, and only a macro shows it.
    VeryHidden,
}

/// A sheet of cells. Charts, dialogs and macros are [`OtherSheet`]s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Whether people see it.
    pub visibility: Visibility,
}

/// What is known of a sheet beside its cells, once it has been read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetFacts {
    /// Merged cells, in the order of the file.
    pub merged: Vec<CellRange>,
    /// Hidden columns.
    pub hidden_columns: Vec<std::ops::RangeInclusive<ColumnIndex>>,
}

/// What takes the rows of a sheet; breaking off ends the reading. The memory of a row is used for the next one, so
/// whoever keeps it takes it away.
pub type RowSink<'a> = dyn FnMut(&mut StoredRow) -> ControlFlow<()> + 'a;

/// What takes the rows of a sheet, and those of delimited text as they stand there.
pub(crate) trait TakeRows {
    /// What proves records on other threads.
    type Prover: Prove;

    fn take_row(&mut self, row: &mut StoredRow) -> ControlFlow<()>;

    /// Takes a record of delimited text; `None` if it has to come as a row.
    fn take_record(&mut self, record: &Record<'_>) -> Option<ControlFlow<()>>;

    /// Proves the records that come next; `None` if they have to be seen one by one.
    fn prover(&self) -> Option<Self::Prover>;

    /// Whether records may still be proved by it.
    fn trusts(&self, prover: &Self::Prover) -> bool;

    /// Takes lines that the prover wrote for records before this row.
    fn take_lines(&mut self, lines: &[u8], next: RowNumber);

    /// Is told that the row which comes next was proved in vain.
    fn decline(&mut self, row: RowNumber);

    /// Takes what the records left behind, all of whose lines were taken.
    fn take_leavings(&mut self, leavings: <Self::Prover as Prove>::Leavings) -> ControlFlow<()>;
}

/// Proves records that each are a line, and writes their lines.
pub(crate) trait Prove: Sync {
    /// What is remembered of records.
    type Leavings: Default + Send;

    /// Appends the line that starts at this byte, whose fields are divided by commas, if it needs no record. Tells how many
    /// bytes it takes with its line end and what came of it; `None` if that is to be seen in its record.
    fn write_line(
        &self,
        at: usize,
        leavings: &mut Self::Leavings,
        to: &mut Transcript<'_>,
    ) -> Option<(usize, Outcome)>;

    /// Appends the line of a record if nothing else is to be done.
    fn write(&self, record: &Record<'_>, leavings: &mut Self::Leavings, to: &mut Vec<u8>) -> Outcome;

    /// Puts in order what the records left behind.
    fn end(&self, leavings: &mut Self::Leavings);
}

/// What came of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Written,
    /// It has to wait for others.
    Waits,
    /// It has to become a row.
    NotProved,
    /// What it is may decide about the records below it.
    Unclear,
}

/// A format's reader.
pub(crate) trait Format: Send {
    fn sheets(&self) -> &[Sheet];

    /// The sheets without cells, left to right; a format may know none.
    fn other_sheets(&self) -> &[OtherSheet] {
        &[]
    }

    fn dates(&self) -> DateSystem;
    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError>;

    /// A further reader of the same workbook, which reads at the same time as this one. `None` where all sheets stand in
    /// one part, which would be read from its beginning for each of them, or in memory, which holds no long ones.
    fn another(&self) -> Option<Box<dyn Format>> {
        None
    }

    /// The areas that have a name; `None` for a format whose names are not read.
    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        Ok(None)
    }

    /// The text itself, if the file is no workbook but delimited text.
    fn as_text(&self) -> Option<&Text> {
        None
    }

    /// The same, to be read.
    fn as_text_mut(&mut self) -> Option<&mut Text> {
        None
    }
}

/// What is known of a file before it is opened.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    /// The encoding of text that is neither UTF-8 nor begins with a mark; `None`: told by its look.
    pub encoding: Option<&'static Encoding>,
    /// The name of the one sheet of delimited text, or of a web page that does not name it.
    pub sheet_name: String,
    /// Bounds of what it may ask of memory and time.
    pub limits: Limits,
    /// The password of an encrypted workbook.
    pub password: Option<Password>,
}

/// An open workbook.
pub struct Workbook {
    kind: WorkbookKind,
    format: Box<dyn Format>,
    limits: Limits,
    file_bytes: u64,
}

impl Workbook {
    /// Opens a workbook, from the first byte of its input on.
    ///
    /// # Errors
    /// [`ReadError`] if the input cannot be read, is no workbook, is encrypted, or is broken.
    pub fn open(input: impl Input + 'static) -> Result<Self, ReadError> {
        Self::open_as(input, &Opening::default())
    }

    /// Opens a workbook, or delimited text as a workbook of one sheet, with what is known of it.
    ///
    /// # Errors
    /// [`ReadError`] if the input cannot be read, is no workbook, is encrypted, is broken, or passes a limit.
    pub fn open_as(input: impl Input + 'static, opening: &Opening) -> Result<Self, ReadError> {
        let (mut source, file_bytes) = Source::whole_if_small(input)?;
        let meter = &Meter::new(opening.limits.clone(), file_bytes);
        let password = opening.password.as_ref();
        let kind = match detect(&mut source, meter)? {
            Detected::Workbook(kind) => kind,
            Detected::EncryptedPackage => {
                let most = opening.limits.held_bytes;
                let mut file = Vec::new();
                if source.by_ref().take(most + 1).read_to_end(&mut file)? as u64 > most {
                    return Err(limits::Excess::bytes("the size of an encrypted workbook", most).into());
                }
                let plain = guarded(|| encryption::decrypt_package(&file, password))?;
                source = Source::new(Cursor::new(plain));
                match detect(&mut source, meter)? {
                    Detected::Workbook(kind) => kind,
                    Detected::EncryptedPackage => {
                        return Err(ReadError::broken("the encrypted container", "it holds another one"));
                    }
                }
            }
        };
        let format: Box<dyn Format> = guarded(|| {
            Ok(match kind {
                WorkbookKind::Xlsx => Box::new(xlsx::Xlsx::open(source, meter)?) as Box<dyn Format>,
                WorkbookKind::Xlsb => Box::new(xlsb::Xlsb::open(source, meter)?),
                WorkbookKind::Xls => Box::new(xls::Xls::open(source, meter, password)?),
                WorkbookKind::Ods => Box::new(ods::Ods::open(source, meter)?),
                WorkbookKind::FlatOds => Box::new(ods::Ods::open_flat(source, meter)?),
                WorkbookKind::Xml2003 => Box::new(xml2003::Xml2003::open(source, meter)?),
                WorkbookKind::Html => Box::new(html::Html::open(source, meter, opening)?),
                WorkbookKind::WebArchive => Box::new(html::Html::open_archive(source, meter, opening)?),
                WorkbookKind::Text => Box::new(Text::open(source, opening)?),
            })
        })?;
        Ok(Self { kind, format, limits: opening.limits.clone(), file_bytes })
    }

    /// The format of the file.
    #[must_use]
    pub const fn kind(&self) -> WorkbookKind {
        self.kind
    }

    /// The sheets of cells, left to right.
    #[must_use]
    pub fn sheets(&self) -> &[Sheet] {
        self.format.sheets()
    }

    /// The sheets without cells, left to right.
    #[must_use]
    pub fn other_sheets(&self) -> &[OtherSheet] {
        self.format.other_sheets()
    }

    /// The number of a sheet of cells as people count, from 1 and with all sheets.
    #[must_use]
    pub fn tab_number(&self, sheet: usize) -> usize {
        let is_it = |tab: &Tab<'_>| matches!(tab, Tab::Cells(index, _) if *index == sheet);
        tabs(self.sheets(), self.other_sheets()).iter().position(is_it).map_or(sheet + 1, |tab| tab + 1)
    }

    /// The date system of the workbook's serial numbers.
    #[must_use]
    pub fn dates(&self) -> DateSystem {
        self.format.dates()
    }

    /// The areas of cells that have a name, in the order of the file; `None` for a format whose names are not read
    /// (text).
    ///
    /// # Errors
    /// [`ReadError`] if a part that tells of them is broken.
    pub fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        guarded(|| self.format.areas())
    }

    /// Bounds of what it may ask of memory and time.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A further reader of the same workbook, under the same limits and the same meter, which reads at the same time as
    /// this one; `None` where none can be had, or the file is too small to be worth one.
    pub(crate) fn another(&self) -> Option<Self> {
        if self.file_bytes < rows_ahead::WORTHWHILE {
            return None;
        }
        let format = self.format.another()?;
        Some(Self { kind: self.kind, format, limits: self.limits.clone(), file_bytes: self.file_bytes })
    }

    /// The size of the file.
    pub(crate) const fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// How the text was read, if the file is no workbook but delimited text. Before it was, this is what its beginning
    /// shows.
    #[must_use]
    pub fn text_facts(&self) -> Option<&TextFacts> {
        self.as_text().map(Text::facts)
    }

    pub(crate) fn as_text(&self) -> Option<&Text> {
        self.format.as_text()
    }

    pub(crate) fn as_text_mut(&mut self) -> Option<&mut Text> {
        self.format.as_text_mut()
    }

    /// Hands the rows of the sheet at this 0-based position to `sink`, in the order of the file, until it
    /// breaks off. Empty rows are left out.
    ///
    /// # Errors
    /// [`ReadError`] if the sheet is broken; rows before the break have been handed on.
    pub fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        guarded(|| self.format.read(sheet, sink))
    }

    /// The same, the records of delimited text as they stand, and the rows of another large file read on another thread.
    /// Whoever breaks off is told neither of errors behind the break nor, then, of what is known beside the cells.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_into(
        &mut self,
        sheet: usize,
        taker: &mut impl TakeRows,
    ) -> Result<SheetFacts, ReadError> {
        if let Some(text) = self.format.as_text_mut() {
            return guarded(|| text.each_row(taker)).map(|()| SheetFacts::default());
        }
        if self.file_bytes < rows_ahead::WORTHWHILE {
            return self.read(sheet, &mut |row| taker.take_row(row));
        }
        rows_ahead::reading(|sink| self.read(sheet, sink), &mut |row| taker.take_row(row))
    }
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Workbook")
            .field("kind", &self.kind)
            .field("sheets", &self.sheets())
            .finish_non_exhaustive()
    }
}

impl Content {
    /// Tells what a file holds, from its content alone.
    pub fn of(input: impl Input + 'static, limits: &Limits) -> Self {
        let mut source = Source::new(input);
        let detected = source.seek(SeekFrom::End(0)).map_err(ReadError::from);
        match detected.and_then(|bytes| detect(&mut source, &Meter::new(limits.clone(), bytes))) {
            Ok(Detected::Workbook(WorkbookKind::Text)) => Self::Text,
            Ok(Detected::Workbook(_) | Detected::EncryptedPackage) => Self::Workbook,
            Err(_) => Self::Other,
        }
    }
}

/// Tells what the source is, and leaves it at its beginning.
fn detect(source: &mut Source, meter: &std::sync::Arc<Meter>) -> Result<Detected, ReadError> {
    container::refuse_too_many_parts(source, meter)?;
    source.seek(SeekFrom::Start(0))?;
    let detected = content::detect(source)?;
    source.seek(SeekFrom::Start(0))?;
    Ok(detected)
}

/// A library that panics on a broken file spoils that file alone.
fn guarded<T>(work: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(ReadError::Broken {
            part: "the workbook".to_owned(),
            reason: "its reader gave up on it".to_owned(),
        })
    })
}
