//! The report of a conversion: the JSON document of `check`, and what became of the rows.

use std::collections::BTreeMap;
use std::io::Write;

use metricsheet_convert::{Conversion, Counts, SheetConversion};
use metricsheet_core::{Applicability, Finding, Severity};
use serde::Serialize;

use super::json::{Entry, missing_table_entry, workbook_entry};
use super::{Failure, Summary, plain_json};

/// A workbook that was converted.
#[derive(Debug)]
pub(crate) struct Converted {
    /// The name it is reported by.
    pub(crate) name: String,
    /// What it came to; the rows themselves are not needed.
    pub(crate) conversion: Conversion,
    /// Where the rows of each sheet were written to.
    pub(crate) outputs: Vec<String>,
    /// The sheets that should hold a table and hold none.
    pub(crate) missing_tables: Vec<(String, String)>,
    /// The sheets that are left out, and what they are.
    pub(crate) left_out: Vec<(String, &'static str)>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    diagnostics: Vec<Entry<'a>>,
    /// What was mended on the way.
    fixes: Vec<Entry<'a>>,
    summary: Summary,
    counts: Rows,
    sheets: Vec<SheetRows<'a>>,
    /// Sheets without cells, without a table, or hidden and not wanted.
    sheets_left_out: Vec<SheetLeftOut<'a>>,
    failures: Vec<FailedFile<'a>>,
}

/// What became of rows: `read` is the sum of the others.
#[derive(Debug, Default, Serialize)]
struct Rows {
    read: u64,
    written: u64,
    rejected: u64,
    skipped: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct SheetRows<'a> {
    file: &'a str,
    sheet: &'a str,
    output: &'a str,
    counts: Rows,
}

#[derive(Serialize)]
struct SheetLeftOut<'a> {
    file: &'a str,
    sheet: &'a str,
    /// What it is: `a chart`, `hidden`.
    is: &'static str,
}

#[derive(Serialize)]
struct FailedFile<'a> {
    file: Option<&'a str>,
    message: &'a str,
}

impl Rows {
    fn add(&mut self, counts: &Counts) {
        self.read += counts.read;
        self.written += counts.written;
        self.rejected += counts.rejected;
        for (reason, count) in &counts.left_out {
            *self.skipped.entry(reason.label()).or_default() += count;
        }
    }
}

/// Writes the document.
pub(crate) fn render(
    converted: &[Converted],
    failures: &[Failure],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut document = Document {
        version: 1,
        diagnostics: Vec::new(),
        fixes: Vec::new(),
        summary: Summary { files: converted.len(), ..Summary::default() },
        counts: Rows::default(),
        sheets: Vec::new(),
        sheets_left_out: Vec::new(),
        failures: failures
            .iter()
            .map(|failure| FailedFile { file: failure.name.as_deref(), message: &failure.message })
            .collect(),
    };
    for Converted { name, conversion, outputs, missing_tables, left_out } in converted {
        for (sheet, output) in conversion.sheets.iter().zip(outputs) {
            let mut counts = Rows::default();
            counts.add(&sheet.counts);
            document.counts.add(&sheet.counts);
            document.sheets.push(SheetRows { file: name, sheet: &sheet.sheet, output, counts });
            for finding in &sheet.findings {
                document.take(name, sheet, finding);
            }
        }
        for (sheet, message) in missing_tables {
            document.summary.errors += 1;
            document.diagnostics.push(missing_table_entry(name, sheet, message));
        }
        let of_file = left_out.iter().map(|(sheet, is)| SheetLeftOut { file: name, sheet, is });
        document.sheets_left_out.extend(of_file);
    }
    document.summary.rows = usize::try_from(document.counts.read).unwrap_or(usize::MAX);
    plain_json::write_pretty(&document, out)
}

impl<'a> Document<'a> {
    fn take(&mut self, file: &'a str, sheet: &'a SheetConversion, finding: &'a Finding) {
        let entry = workbook_entry(file, sheet, finding);
        if sheet.is_mended(finding) {
            self.summary.fixed += 1;
            self.fixes.push(entry);
            return;
        }
        match finding.severity {
            Severity::Error => self.summary.errors += 1,
            Severity::Warning => self.summary.warnings += 1,
        }
        match finding.suggestion.as_ref().map(|suggestion| suggestion.applicability) {
            Some(Applicability::Safe) => self.summary.fixable_safe += 1,
            Some(Applicability::Unsafe) => self.summary.fixable_unsafe += 1,
            None => {}
        }
        self.diagnostics.push(entry);
    }
}
