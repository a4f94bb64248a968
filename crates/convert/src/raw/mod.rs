//! Sheets and texts as they are, without a template: every row and every cell, as CSV.
//!
//! Rows are written as they are read. No grid is built: where a few cells lie far apart, the empty rows and
//! columns between them are left out, and what would still be a giant of empty fields is refused.

mod extent;
mod text;
mod values;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

use metricsheet_core::{ColumnIndex, DateForm, RowNumber};

use crate::cell::{StoredCell, StoredRow};
use crate::conversion::{ConvertError, Filler, Hidden, Merged, SheetLeftOut, WhyLeftOut};
use crate::number_format::DateSystem;
use crate::reading::{CellRange, Excess, ReadError, Visibility, Workbook};
use crate::sheet_choice::{Chosen, SheetChoice, choose};

use extent::{Extent, Grid};

/// What to write, and how.
#[derive(Debug, Clone)]
pub struct RawOptions {
    /// Which sheets; empty: all.
    pub sheets: Vec<SheetChoice>,
    /// The cells that count; `None`: all.
    pub range: Option<CellRange>,
    /// What becomes of hidden sheets, rows and columns.
    pub hidden: Hidden,
    /// What becomes of merged cells.
    pub merged: Merged,
    /// What is written of a cell.
    pub values: Values,
    /// How dates are written; `None`: stored dates in ISO form, shown ones as they are shown.
    pub dates: Option<DateForm>,
    /// What stands between fields.
    pub delimiter: u8,
    /// What becomes of titles above the table of a text.
    pub titles: Titles,
}

impl Default for RawOptions {
    /// All cells of all sheets as they are stored, with commas.
    fn default() -> Self {
        Self {
            sheets: Vec::new(),
            range: None,
            hidden: Hidden::default(),
            merged: Merged::default(),
            values: Values::default(),
            dates: None,
            delimiter: b',',
            titles: Titles::default(),
        }
    }
}

/// What becomes of lines above the header of a text that belong to no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Titles {
    /// They are left out, and reported, so that the first row is the header.
    #[default]
    LeftOut,
    /// They are rows like others.
    Kept,
}

/// What is written of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Values {
    /// The value that the file stores, exactly: `0.123456`, `2024-03-31`.
    #[default]
    Stored,
    /// The text that a spreadsheet program shows: `12.3%`, `31-Mar-24`.
    Shown,
}

/// A sheet that was looked at and can be written.
#[derive(Debug)]
pub struct RawSheet {
    /// Its name; empty for a text.
    pub name: String,
    /// Whether people see it.
    pub visibility: Visibility,
    index: usize,
    extent: Extent,
    filler: Filler,
    hidden_columns: Vec<std::ops::RangeInclusive<ColumnIndex>>,
}

/// The sheets of a workbook that can be written, and the others.
#[derive(Debug, Default)]
pub struct RawSheets {
    /// Those that can be written, left to right.
    pub sheets: Vec<RawSheet>,
    /// Those that cannot, or are not wanted.
    pub left_out: Vec<SheetLeftOut>,
}

/// What was written, and what was not as it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawCounts {
    /// Rows written.
    pub rows: u64,
    /// Empty rows and blank lines left out.
    pub rows_left_out: u64,
    /// Empty columns left out.
    pub columns_left_out: u64,
    /// Formulas for which the file holds no result; their fields are empty.
    pub without_result: u64,
    /// Titles left out.
    pub titles: Vec<String>,
    /// Rows whose quoting was broken, so that their fields are a guess.
    pub mended: Vec<RowNumber>,
    /// Rows with another number of fields than most.
    pub unusual_width: u64,
}

/// Why a sheet cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RawError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] csv::Error),
}

impl RawSheet {
    /// Whether it holds no cell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.extent.is_empty()
    }
}

/// Looks at the chosen sheets, left to right.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks a chosen sheet.
pub fn raw_sheets(workbook: &mut Workbook, options: &RawOptions) -> Result<RawSheets, ConvertError> {
    let Chosen { cells, others } = choose(workbook, &options.sheets)?;
    let left_out = others.into_iter().map(SheetLeftOut::from).collect();
    let mut found = RawSheets { sheets: Vec::new(), left_out };
    for index in cells {
        let Some(sheet) = workbook.sheets().get(index).cloned() else { continue };
        if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
            found.left_out.push(SheetLeftOut { name: sheet.name, why: WhyLeftOut::Hidden });
            continue;
        }
        let mut raw = RawSheet {
            name: sheet.name,
            visibility: sheet.visibility,
            index,
            extent: Extent::default(),
            filler: Filler::default(),
            hidden_columns: Vec::new(),
        };
        if let Some(text) = workbook.as_text() {
            raw.extent = Extent::of_rows(u64::from(!text.is_empty()));
        } else {
            look_at(workbook, &mut raw, options)?;
        }
        found.sheets.push(raw);
    }
    Ok(found)
}

fn look_at(workbook: &mut Workbook, raw: &mut RawSheet, options: &RawOptions) -> Result<(), ReadError> {
    if options.hidden == Hidden::Skipped || options.merged == Merged::Filled {
        // Files tell of merged cells and hidden columns after the rows.
        let facts = workbook.read(raw.index, &mut |_| ControlFlow::Continue(()))?;
        if options.hidden == Hidden::Skipped {
            raw.hidden_columns = facts.hidden_columns;
        }
        if options.merged == Merged::Filled {
            raw.filler = Filler::new(facts.merged);
        }
    }
    let mut extent = Extent::default();
    let mut filter = Filter::new(raw, options);
    let (most_filled, most_held) = (workbook.limits().repeated_cells, workbook.limits().held_bytes);
    workbook.read(raw.index, &mut |row| {
        if filter.admits(row) {
            extent.add(row);
        }
        if filter.filled > most_filled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    if filter.filled > most_filled {
        return Err(Excess::new("the number of merged cells to be filled", most_filled.to_string()).into());
    }
    // Such rows are put in order in memory.
    if !extent.is_in_order() && extent.bytes() > most_held {
        return Err(Excess::bytes("the memory of rows that come out of order", most_held).into());
    }
    raw.extent = extent;
    Ok(())
}

/// Writes a sheet.
///
/// # Errors
/// [`RawError`] if it cannot be read or written, or spans too many empty fields.
pub fn write_raw(
    workbook: &mut Workbook,
    sheet: &RawSheet,
    options: &RawOptions,
    to: impl Write,
) -> Result<RawCounts, RawError> {
    let mut writer = csv::WriterBuilder::new().delimiter(options.delimiter).flexible(true).from_writer(to);
    let counts = if let Some(text) = workbook.as_text_mut() {
        text::write(text, options, &mut writer)?
    } else {
        write_cells(workbook, sheet, options, &mut writer)?
    };
    writer.flush().map_err(csv::Error::from)?;
    Ok(counts)
}

fn write_cells(
    workbook: &mut Workbook,
    sheet: &RawSheet,
    options: &RawOptions,
    writer: &mut csv::Writer<impl Write>,
) -> Result<RawCounts, RawError> {
    let Some(grid) = sheet.extent.grid(options.range.as_ref())? else { return Ok(RawCounts::default()) };
    let mut filter = Filter::new(sheet, options);
    let mut output = Output {
        grid: &grid,
        options,
        dates: workbook.dates(),
        next: grid.first_row,
        counts: RawCounts::default(),
        text: String::new(),
    };
    let mut failure = None;
    let mut disordered: Vec<StoredRow> = Vec::new();
    workbook.read(sheet.index, &mut |row| {
        if !filter.admits(row) {
            return ControlFlow::Continue(());
        }
        if !sheet.extent.is_in_order() {
            disordered.push(std::mem::take(row));
            return ControlFlow::Continue(());
        }
        match output.write(row, writer) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failure {
        return Err(error.into());
    }
    for row in in_order(disordered) {
        output.write(&row, writer)?;
    }
    let mut counts = output.counts;
    counts.rows_left_out = grid.rows_left_out;
    counts.columns_left_out = grid.columns_left_out();
    Ok(counts)
}

/// Each row once, in order; of two cells at one place the later one counts.
fn in_order(rows: Vec<StoredRow>) -> impl Iterator<Item = StoredRow> {
    let mut all: BTreeMap<RowNumber, StoredRow> = BTreeMap::new();
    for mut row in rows {
        let known = all.entry(row.number).or_default();
        known.number = row.number;
        known.record = row.record;
        // The later ones come first, and the first of a column stays.
        row.cells.append(&mut known.cells);
        row.cells.sort_by_key(|cell| cell.column);
        row.cells.dedup_by_key(|cell| cell.column);
        known.cells = row.cells;
    }
    all.into_values()
}

/// Leaves of a row what the options ask for.
struct Filter<'o> {
    range: Option<&'o CellRange>,
    skips_hidden: bool,
    hidden_columns: &'o [std::ops::RangeInclusive<ColumnIndex>],
    filler: Filler,
    /// How many cells were filled from merged areas.
    filled: u64,
}

impl<'o> Filter<'o> {
    fn new(sheet: &'o RawSheet, options: &'o RawOptions) -> Self {
        Self {
            range: options.range.as_ref(),
            skips_hidden: options.hidden == Hidden::Skipped,
            hidden_columns: &sheet.hidden_columns,
            filler: sheet.filler.clone(),
            filled: 0,
        }
    }

    /// Whether anything of the row is wanted; what is not is taken out of it.
    fn admits(&mut self, row: &mut StoredRow) -> bool {
        self.filled += self.filler.fill(row) as u64;
        if self.skips_hidden && row.hidden {
            return false;
        }
        row.cells.retain(|cell| {
            self.range.is_none_or(|range| range.contains(row.number, cell.column))
                && !self.hidden_columns.iter().any(|columns| columns.contains(&cell.column))
        });
        !row.cells.is_empty()
    }
}

/// Writes rows in order, the empty ones between them too.
struct Output<'o> {
    grid: &'o Grid,
    options: &'o RawOptions,
    dates: DateSystem,
    /// The next row to be written.
    next: RowNumber,
    counts: RawCounts,
    text: String,
}

impl Output<'_> {
    fn write(&mut self, row: &StoredRow, writer: &mut csv::Writer<impl Write>) -> csv::Result<()> {
        while self.grid.has_empty_rows && self.next < row.number {
            for _ in 0..self.grid.width() {
                writer.write_field(b"")?;
            }
            self.end_row(writer)?;
        }
        self.next = row.number;
        let mut cells = row.cells.iter().peekable();
        for column in self.grid.columns() {
            match cells.next_if(|cell| cell.column == column) {
                Some(cell) => self.write_cell(cell, writer)?,
                None => writer.write_field(b"")?,
            }
        }
        self.end_row(writer)
    }

    fn write_cell(&mut self, cell: &StoredCell, writer: &mut csv::Writer<impl Write>) -> csv::Result<()> {
        self.text.clear();
        let is_known = values::write(cell, self.options, self.dates, &mut self.text);
        self.counts.without_result += u64::from(!is_known);
        writer.write_field(self.text.as_bytes())
    }

    fn end_row(&mut self, writer: &mut csv::Writer<impl Write>) -> csv::Result<()> {
        self.counts.rows += 1;
        self.next = self.next.next();
        writer.write_record(None::<&[u8]>)
    }
}
