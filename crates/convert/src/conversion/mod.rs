//! From a workbook to the rows of a metric update: the table is found, its cells become texts with their
//! meaning, `core` judges them, and each row is written, rejected with its reasons, or left out with a reason.
//!
//! The counts add up, or the conversion is wrong: every row with a cell in it is counted once.

mod day_texts;
mod judge;
mod leave_out;
mod merging;
mod options;
mod origins;
mod outcome;
mod proof;
mod provenance;
mod records;
mod room;
mod row_texts;
mod surroundings;
mod sweep;
mod table;
mod texts;

use std::ops::ControlFlow;

use metricsheet_core::{Settings, Suspects, Updated, plan};

use crate::layout::LayoutError;
use crate::output::Store;
use crate::reading::{CellRange, ReadError, Sheet, Text, Visibility, Workbook};
use crate::sheet_choice::{Chosen, SheetChoiceError};
use crate::table_choice::TableChoiceError;

pub use leave_out::LeftOut;
pub(crate) use merging::Filler;
pub use options::{Hidden, Mended, Merged, Options, Unpivot};
pub use outcome::{Conversion, Counts, Reject, SheetConversion, SheetLeftOut, WhyLeftOut};
pub use provenance::{OutputCell, Provenance};

use room::Room;
use sweep::Sweep;
use table::{Finished, Table};

/// Why a workbook cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has no such sheet, or none with cells.
    #[error(transparent)]
    Sheet(#[from] SheetChoiceError),
    /// It has no such table or name.
    #[error(transparent)]
    Table(#[from] TableChoiceError),
    /// Its rows cannot be kept until they are written.
    #[error("the rows cannot be kept in a temporary file until they are written")]
    Keep(#[source] std::io::Error),
}

/// Which way rows go.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// Those that need nothing else are written as they come, to this place.
    Short(Store<'a>),
    /// All wait until the last one is judged.
    Long,
}

/// Converts the chosen sheets of a workbook, and keeps the rows in memory.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet.
pub fn convert(
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    convert_into(Store::Memory, workbook, options, settings)
}

/// Converts the chosen sheets of a workbook, and keeps in memory only the rows of which there is something to say.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet, or if the store fails.
pub fn convert_into(
    store: Store<'_>,
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    // What each cell was made from is told at the end.
    let way = match options.provenance {
        Provenance::Forgotten => Way::Short(store),
        Provenance::Kept => Way::Long,
    };
    convert_by(way, workbook, options, settings)
}

/// The same as [`convert`], with all rows judged at the end: slower, and the reference for it.
///
/// # Errors
/// As [`convert`].
pub fn convert_row_by_row(
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    convert_by(Way::Long, workbook, options, settings)
}

fn convert_by(
    way: Way<'_>,
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    let converted = convert_once(way, workbook, options, settings);
    if converted.is_err()
        && let Some(text) = workbook.as_text_mut()
        && text.survey()?
    {
        // Some of it was read in the wrong encoding, and none of that has gone out.
        return convert_once(way, workbook, options, settings);
    }
    converted
}

fn convert_once(
    way: Way<'_>,
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    if let Some((found, advice)) = workbook.as_text().and_then(no_table) {
        return Err(ReadError::NotAWorkbook { found, advice }.into());
    }
    let mut conversion = Conversion::default();
    let chosen: Vec<(usize, Option<CellRange>)> = if let Some(name) = &options.table {
        let areas = crate::table_choice::choose(workbook, name)?;
        areas.into_iter().map(|(sheet, range)| (sheet, Some(range))).collect()
    } else {
        let Chosen { cells, others } = crate::sheet_choice::choose(workbook, &options.sheets)?;
        conversion.left_out.extend(others.into_iter().map(SheetLeftOut::from));
        cells.into_iter().map(|sheet| (sheet, options.range)).collect()
    };
    let mut room = Room::of(workbook);
    for (index, range) in chosen {
        let options = &Options { range, ..options.clone() };
        let Some(sheet) = workbook.sheets().get(index).cloned() else { continue };
        if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
            conversion.left_out.push(SheetLeftOut { name: sheet.name, why: WhyLeftOut::Hidden });
            continue;
        }
        match convert_sheet((way, &mut room), workbook, (index, &sheet), options, settings)? {
            None => {}
            Some(Ok(sheet)) => conversion.sheets.push(*sheet),
            Some(Err(error)) => conversion.without_table.push((sheet.name, error)),
        }
    }
    not_updated(&mut conversion, options, settings);
    Ok(conversion)
}

/// What a sheet comes to; `None` for one without any cell.
type SheetOutcome = Option<Result<Box<SheetConversion>, LayoutError>>;

fn convert_sheet(
    (mut way, room): (Way<'_>, &mut Room),
    workbook: &mut Workbook,
    (index, sheet): (usize, &Sheet),
    options: &Options,
    settings: &Settings,
) -> Result<SheetOutcome, ConvertError> {
    let told_at_end = options.hidden == Hidden::Skipped || options.merged == Merged::Filled;
    // Files tell of merged cells after the rows.
    let facts =
        if told_at_end { Some(workbook.read(index, &mut |_| ControlFlow::Continue(()))?) } else { None };
    let mut suspects: Option<Suspects> = None;
    let before = room.clone();
    loop {
        room.clone_from(&before);
        let sweep = match way {
            Way::Short(store) => Some(Sweep::new(options, settings, suspects.as_ref(), store)),
            Way::Long => None,
        };
        let mut table = Table::new(sheet, options, settings, workbook.dates(), sweep, room);
        table.has_typed_cells = workbook.kind().has_typed_cells();
        if let Some(facts) = &facts {
            table.prepare(facts);
        }
        let facts = workbook.read_into(index, &mut table)?;
        let finished = table.finish(&facts).map_err(ConvertError::Keep)?;
        if let Some(excess) = room.excess() {
            return Err(ReadError::from(excess.clone()).into());
        }
        match finished {
            None => return Ok(None),
            Some(Err(error)) => return Ok(Some(Err(error))),
            Some(Ok(Finished::Sheet(sheet))) => return Ok(Some(Ok(sheet))),
            Some(Ok(Finished::Again(found))) => suspects = Some(found),
            Some(Ok(Finished::LongWay)) => way = Way::Long,
        }
    }
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
