//! Converted rows as CSV: comma, `\n`, quotes only where they are needed.

use std::io::Write;

use metricsheet_core::Field;

use crate::conversion::SheetConversion;

/// Rows of the output: one text for each of the fields.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// What the texts are, left to right.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

/// Writes the rows under the service's header.
///
/// # Errors
/// What the writer refuses.
pub fn write_rows(conversion: &SheetConversion, to: impl Write) -> csv::Result<()> {
    write(&conversion.fields, &[(&conversion.fields, &conversion.rows)], to)
}

/// Writes the rows of several sheets under one header, which has the fields of them all.
///
/// # Errors
/// What the writer refuses.
pub fn write_all_rows(all: &[Rows], to: impl Write) -> csv::Result<()> {
    let mut fields: Vec<Field> = all.iter().flat_map(|it| it.fields.iter().copied()).collect();
    // Fields are ordered as every template has them.
    fields.sort_unstable();
    fields.dedup();
    let parts: Vec<Part<'_>> = all.iter().map(|it| (&it.fields[..], &it.rows[..])).collect();
    write(&fields, &parts, to)
}

type Part<'r> = (&'r [Field], &'r [Vec<String>]);

fn write(fields: &[Field], parts: &[Part<'_>], to: impl Write) -> csv::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(to);
    writer.write_record(fields.iter().map(|field| field.label()))?;
    for (own, rows) in parts {
        let positions: Vec<Option<usize>> =
            fields.iter().map(|field| own.iter().position(|it| it == field)).collect();
        for row in *rows {
            let text =
                |position: &Option<usize>| position.and_then(|at| row.get(at)).map_or("", String::as_str);
            writer.write_record(positions.iter().map(text))?;
        }
    }
    writer.flush()?;
    Ok(())
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
