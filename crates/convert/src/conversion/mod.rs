//! From a workbook to the rows of a metric update: the table is found, its cells become texts with their
//! meaning, `core` judges them, and each row is written, rejected with its reasons, or left out with a reason.
//!
//! The counts add up, or the conversion is wrong: every row with a cell in it is counted once.

mod at_once;
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

use std::num::NonZeroUsize;
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

use at_once::AtOnce;
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

/// What is done with each sheet.
#[derive(Clone, Copy)]
struct Work<'a> {
    way: Way<'a>,
    options: &'a Options,
    settings: &'a Settings,
}

/// A sheet that is to be converted.
struct ChosenSheet {
    /// Its place among the sheets with cells.
    index: usize,
    sheet: Sheet,
    /// The cells that count; `None`: all.
    range: Option<CellRange>,
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
    convert_into(Store::Memory, NonZeroUsize::MIN, workbook, options, settings)
}

/// Converts the chosen sheets of a workbook, and keeps in memory only the rows of which there is something to say. Up to
/// so many sheets are converted at the same time if the file is large and its format has a part for each; what comes of
/// them does not depend on it.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet, or if the store fails.
pub fn convert_into(
    store: Store<'_>,
    sheets_at_once: NonZeroUsize,
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Conversion, ConvertError> {
    // What each cell was made from is told at the end.
    let way = match options.provenance {
        Provenance::Forgotten => Way::Short(store),
        Provenance::Kept => Way::Long,
    };
    convert_by(Work { way, options, settings }, sheets_at_once, workbook)
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
    convert_by(Work { way: Way::Long, options, settings }, NonZeroUsize::MIN, workbook)
}

fn convert_by(
    work: Work<'_>,
    sheets_at_once: NonZeroUsize,
    workbook: &mut Workbook,
) -> Result<Conversion, ConvertError> {
    let converted = convert_once(work, sheets_at_once, workbook);
    if converted.is_err()
        && let Some(text) = workbook.as_text_mut()
        && text.survey()?
    {
        // Some of it was read in the wrong encoding, and none of that has gone out.
        return convert_once(work, sheets_at_once, workbook);
    }
    converted
}

fn convert_once(
    work: Work<'_>,
    sheets_at_once: NonZeroUsize,
    workbook: &mut Workbook,
) -> Result<Conversion, ConvertError> {
    if let Some((found, advice)) = workbook.as_text().and_then(no_table) {
        return Err(ReadError::NotAWorkbook { found, advice }.into());
    }
    let mut conversion = Conversion::default();
    let sheets = choose(workbook, work.options, &mut conversion.left_out)?;
    let mut room = Room::of(workbook);
    let mut at_once = AtOnce::convert(work, workbook, &sheets, sheets_at_once, &room);
    for (place, sheet) in sheets.into_iter().enumerate() {
        let outcome = match at_once.take(place, &mut room) {
            Some(outcome) => outcome,
            None => convert_sheet(work, &mut room, workbook, &sheet),
        };
        match outcome? {
            None => {}
            Some(Ok(sheet)) => conversion.sheets.push(*sheet),
            Some(Err(error)) => conversion.without_table.push((sheet.sheet.name, error)),
        }
    }
    not_updated(&mut conversion, work);
    Ok(conversion)
}

/// The sheets to be converted, left to right; those of which nothing is read are added to the ones left out.
fn choose(
    workbook: &mut Workbook,
    options: &Options,
    left_out: &mut Vec<SheetLeftOut>,
) -> Result<Vec<ChosenSheet>, ConvertError> {
    let chosen: Vec<(usize, Option<CellRange>)> = if let Some(name) = &options.table {
        let areas = crate::table_choice::choose(workbook, name)?;
        areas.into_iter().map(|(sheet, range)| (sheet, Some(range))).collect()
    } else {
        let Chosen { cells, others } = crate::sheet_choice::choose(workbook, &options.sheets)?;
        left_out.extend(others.into_iter().map(SheetLeftOut::from));
        cells.into_iter().map(|sheet| (sheet, options.range)).collect()
    };
    let mut sheets = Vec::new();
    for (index, range) in chosen {
        let Some(sheet) = workbook.sheets().get(index).cloned() else { continue };
        if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
            left_out.push(SheetLeftOut { name: sheet.name, why: WhyLeftOut::Hidden });
            continue;
        }
        sheets.push(ChosenSheet { index, sheet, range });
    }
    Ok(sheets)
}

/// What a sheet comes to; `None` for one without any cell.
type SheetOutcome = Option<Result<Box<SheetConversion>, LayoutError>>;

fn convert_sheet(
    work: Work<'_>,
    room: &mut Room,
    workbook: &mut Workbook,
    chosen: &ChosenSheet,
) -> Result<SheetOutcome, ConvertError> {
    let Work { mut way, options, settings } = work;
    let ChosenSheet { index, sheet, range } = chosen;
    let options = &Options { range: *range, ..options.clone() };
    let told_at_end = options.hidden == Hidden::Skipped || options.merged == Merged::Filled;
    // Files tell of merged cells after the rows.
    let facts =
        if told_at_end { Some(workbook.read(*index, &mut |_| ControlFlow::Continue(()))?) } else { None };
    let mut suspects: Option<Suspects> = None;
    let before = room.clone();
    loop {
        // No reading takes less than the one before it, so what the last one took is all that counts.
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
        let facts = workbook.read_into(*index, &mut table)?;
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
fn not_updated(conversion: &mut Conversion, work: Work<'_>) {
    let Work { options, settings, .. } = work;
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
