//! Converted rows as CSV: comma, `\n`, quotes only where they are needed.

use std::io::Write;

use crate::conversion::SheetConversion;

/// Writes the rows under the service's header.
///
/// # Errors
/// What the writer refuses.
pub fn write_rows(conversion: &SheetConversion, to: impl Write) -> csv::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(to);
    writer.write_record(conversion.fields.iter().map(|field| field.label()))?;
    for row in &conversion.rows {
        writer.write_record(row)?;
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
