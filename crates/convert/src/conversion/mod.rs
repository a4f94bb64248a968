//! From a workbook to the rows of a metric update: the table is found, its cells become texts with their
//! meaning, `core` judges them, and each row is written, rejected with its reasons, or left out with a reason.
//!
//! The counts add up, or the conversion is wrong: every row with a cell in it is counted once.

mod judge;
mod leave_out;
mod merging;
mod options;
mod outcome;
mod provenance;
mod records;
mod surroundings;
mod table;
mod texts;

use std::ops::ControlFlow;

use metricsheet_core::{Settings, Updated, plan};

use crate::reading::{CellRange, ReadError, Text, Visibility, Workbook};
use crate::sheet_choice::UnknownSheet;
use crate::table_choice::TableChoiceError;

pub use leave_out::LeftOut;
pub(crate) use merging::Filler;
pub use options::{Hidden, Merged, Options, Unpivot};
pub use outcome::{Conversion, Counts, Reject, SheetConversion};
pub use provenance::{OutputCell, Provenance};

use table::{MAX_TEXT_BYTES, Table};

/// Why a workbook cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has no such sheet.
    #[error(transparent)]
    UnknownSheet(#[from] UnknownSheet),
    /// It has no such table or name.
    #[error(transparent)]
    Table(#[from] TableChoiceError),
}

/// Converts the chosen sheets of a workbook.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet.
pub fn convert(
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    if let Some((found, advice)) = workbook.as_text().and_then(no_table) {
        return Err(ReadError::NotAWorkbook { found, advice }.into());
    }
    let chosen: Vec<(usize, Option<CellRange>)> = if let Some(name) = &options.table {
        let areas = crate::table_choice::choose(workbook, name)?;
        areas.into_iter().map(|(sheet, range)| (sheet, Some(range))).collect()
    } else {
        let sheets = crate::sheet_choice::choose(workbook.sheets(), &options.sheets)?;
        sheets.into_iter().map(|sheet| (sheet, options.range)).collect()
    };
    let mut conversion = Conversion { sheets: Vec::new(), without_table: Vec::new() };
    for (index, range) in chosen {
        let options = &Options { range, ..options.clone() };
        let Some(sheet) = workbook.sheets().get(index).cloned() else { continue };
        if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
            continue;
        }
        let mut table = Table::new(&sheet, options, settings, workbook.dates());
        if options.hidden == Hidden::Skipped || options.merged == Merged::Filled {
            // Files tell of merged cells after the rows.
            let facts = workbook.read(index, &mut |_| ControlFlow::Continue(()))?;
            table.prepare(&facts);
        }
        let facts = workbook.read(index, &mut |row| table.read(row))?;
        let name = sheet.name.clone();
        if table.is_too_large() {
            let limit = format!("{} MiB", MAX_TEXT_BYTES >> 20);
            return Err(ReadError::TooLarge { what: format!("the text of sheet `{name}`"), limit }.into());
        }
        match table.finish(&facts) {
            None => {}
            Some(Ok(sheet)) => conversion.sheets.push(sheet),
            Some(Err(error)) => conversion.without_table.push((name, error)),
        }
    }
    not_updated(&mut conversion, options, settings);
    Ok(conversion)
}

/// The metrics of the plan that no sheet updates are told of once, with the first sheet.
fn not_updated(conversion: &mut Conversion, options: &Options, settings: &Settings) {
    let Some(plan) = &settings.plan else { return };
    let mut updated = Updated::default();
    for sheet in &conversion.sheets {
        updated.add_all(&sheet.updated);
    }
    if let Some(sheet) = conversion.sheets.first_mut() {
        let findings = options.selection.apply(plan::not_updated(plan, &updated));
        sheet.findings.splice(0..0, findings);
    }
}

/// Why a text cannot hold a table, and what to do.
fn no_table(text: &Text) -> Option<(&'static str, &'static str)> {
    match text.facts().width {
        _ if text.is_empty() => Some(("an empty file", "export it again")),
        0 | 1 => Some(("a text without columns", "export the table from its source as CSV")),
        _ => None,
    }
}
