//! Converted rows as CSV: comma, `\n`, quotes only where they are needed.

mod fields;
mod spool;
mod transcript;

use std::io::{self, Write};

use metricsheet_core::Field;
use tempfile::NamedTempFile;

use crate::conversion::SheetConversion;

pub use spool::Store;

pub(crate) use fields::{push_bare_record, push_record};
pub(crate) use spool::{Spool, Spooled};
pub(crate) use transcript::Transcript;

/// Rows of the output: one text for each of the fields.
#[derive(Debug, Default)]
pub struct Rows {
    /// What the texts are, left to right.
    pub fields: Vec<Field>,
    /// Most of the rows, as lines of CSV.
    lines: Spooled,
    line_count: u64,
    /// The other rows, each before the line that begins at this byte.
    between: Vec<(u64, Vec<String>)>,
}

impl Rows {
    pub(crate) fn new(
        fields: Vec<Field>,
        (lines, line_count): (Spooled, u64),
        between: Vec<(u64, Vec<String>)>,
    ) -> Self {
        Self { fields, lines, line_count, between }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.line_count + self.between.len() as u64
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The texts of all rows, in memory.
    ///
    /// # Errors
    /// If they were kept nowhere, or the file that keeps them cannot be read.
    pub fn texts(&self) -> io::Result<Vec<Vec<String>>> {
        let mut lines = Vec::new();
        self.write(&self.fields, &mut lines)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&lines[..]);
        let record = |record: csv::Result<csv::StringRecord>| -> io::Result<Vec<String>> {
            Ok(record?.iter().map(str::to_owned).collect())
        };
        reader.records().map(record).collect()
    }

    /// Takes away the file that holds just what [`write_rows`] would write, if there is one already. The rows are then
    /// kept nowhere else.
    ///
    /// # Errors
    /// What the file refuses.
    pub fn take_file(&mut self) -> io::Result<Option<NamedTempFile>> {
        if self.between.is_empty() { self.lines.take_file(&header(&self.fields)) } else { Ok(None) }
    }

    /// The rows that are no lines yet: all, where rows were converted one by one.
    pub(crate) fn single(&self) -> impl Iterator<Item = &[String]> {
        self.between.iter().map(|(_, row)| &row[..])
    }

    /// Writes the rows with these fields, which may be more than their own.
    fn write(&self, fields: &[Field], mut to: impl Write) -> io::Result<()> {
        let position = |field: &Field| self.fields.iter().position(|it| it == field);
        let positions: Vec<Option<usize>> = fields.iter().map(position).collect();
        let are_own = fields == self.fields;
        let mut record = Vec::new();
        let mut written = 0;
        for (before, row) in
            self.between.iter().map(|(before, row)| (*before, Some(row))).chain([(u64::MAX, None)])
        {
            let before = before.min(self.lines.length());
            if before > written {
                let lines = self.lines.read(written, before)?;
                if are_own {
                    copy(lines, &mut to)?;
                } else {
                    widen(lines, &positions, &mut to)?;
                }
                written = before;
            }
            if let Some(row) = row {
                record.clear();
                let text = |at: &Option<usize>| at.and_then(|at| row.get(at)).map_or("", String::as_str);
                push_record(positions.iter().map(text), &mut record);
                to.write_all(&record)?;
            }
        }
        Ok(())
    }
}

fn copy(mut lines: impl io::BufRead, to: &mut impl Write) -> io::Result<()> {
    loop {
        let bytes = lines.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        to.write_all(bytes)?;
        let count = bytes.len();
        lines.consume(count);
    }
}

/// Writes lines with more fields than they have.
fn widen(lines: impl io::Read, positions: &[Option<usize>], to: &mut impl Write) -> io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(lines);
    let mut line = csv::StringRecord::new();
    let mut record = Vec::new();
    while reader.read_record(&mut line)? {
        record.clear();
        let text = |at: &Option<usize>| at.and_then(|at| line.get(at)).unwrap_or_default();
        push_record(positions.iter().map(text), &mut record);
        to.write_all(&record)?;
    }
    Ok(())
}

/// Writes the rows under the service's header.
///
/// # Errors
/// What the writer refuses.
pub fn write_rows(conversion: &SheetConversion, to: impl Write) -> io::Result<()> {
    write(&conversion.rows.fields, std::slice::from_ref(&conversion.rows), to)
}

/// Writes the rows of several sheets under one header, which has the fields of them all.
///
/// # Errors
/// What the writer refuses.
pub fn write_all_rows(all: &[Rows], to: impl Write) -> io::Result<()> {
    let mut fields: Vec<Field> = all.iter().flat_map(|it| it.fields.iter().copied()).collect();
    // Fields are ordered as every template has them.
    fields.sort_unstable();
    fields.dedup();
    write(&fields, all, to)
}

fn write(fields: &[Field], all: &[Rows], mut to: impl Write) -> io::Result<()> {
    to.write_all(&header(fields))?;
    for rows in all {
        rows.write(fields, &mut to)?;
    }
    to.flush()
}

/// The service's header.
pub(crate) fn header(fields: &[Field]) -> Vec<u8> {
    let mut header = Vec::new();
    push_record(fields.iter().map(|field| field.label()), &mut header);
    header
}

/// Writes the reasons why rows were rejected, one a line; several conversions share one file.
#[derive(Debug)]
pub struct RejectsWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> RejectsWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// What the writer refuses.
    pub fn new(to: W) -> csv::Result<Self> {
        let mut writer = csv::WriterBuilder::new().from_writer(to);
        writer.write_record(["File", "Sheet", "Row", "Cell", "Code", "Reason", "Text"])?;
        Ok(Self { writer })
    }

    /// Writes the rejects of a sheet of the file with this name.
    ///
    /// # Errors
    /// What the writer refuses.
    pub fn write(&mut self, file: &str, conversion: &SheetConversion) -> csv::Result<()> {
        for reject in &conversion.rejects {
            let cell =
                reject.field.and_then(|field| conversion.cell_name(reject.row, field)).unwrap_or_default();
            let row = conversion.sheet_row(reject.row).to_string();
            self.writer.write_record([
                file,
                &conversion.sheet,
                &row,
                &cell,
                reject.code,
                &reject.reason,
                &reject.text,
            ])?;
        }
        Ok(())
    }

    /// Ends the file and gives back what it was written to.
    ///
    /// # Errors
    /// What the writer refuses.
    pub fn into_inner(self) -> std::io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
