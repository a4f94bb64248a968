//! What is in a workbook, and which layout a conversion uses, with the evidence and the alternatives. The layouts
//! are those of a conversion under the same options, so that both never tell different things.

use std::collections::HashSet;
use std::ops::ControlFlow;

use metricsheet_core::{ColumnIndex, Field, RowNumber, Settings};

use crate::cell::StoredRow;
use crate::conversion::{Conversion, ConvertError, Hidden, Options, Provenance, SheetConversion, convert};
use crate::layout::{self, Candidate, Layout, LayoutError};
use crate::reading::{NamedArea, ReadError, Sheet, SheetFacts, Visibility, Workbook};

/// What is on a sheet.
#[derive(Debug)]
pub struct SheetInspection {
    /// The sheet.
    pub sheet: Sheet,
    /// How many rows hold a cell.
    pub rows: u64,
    /// How many of them are hidden.
    pub hidden_rows: u64,
    /// The last row and the last column that hold a cell; `None` for an empty sheet.
    pub end: Option<(RowNumber, ColumnIndex)>,
    /// Merged cells and hidden columns.
    pub facts: SheetFacts,
    /// Its areas that have a name, as far as the format's names are read.
    pub areas: Vec<NamedArea>,
    /// What a conversion finds on it.
    pub found: Found,
}

/// What a conversion finds on a sheet.
#[derive(Debug)]
pub enum Found {
    /// Tables, top to bottom and left to right; none on an empty sheet.
    Tables(Vec<TableInspection>),
    /// No table, and why not.
    NoTable(LayoutError),
    /// The options choose other sheets.
    NotChosen,
    /// It is hidden, and the options leave out what is.
    Hidden,
}

/// A table of a sheet.
#[derive(Debug)]
pub struct TableInspection {
    /// Where it stands.
    pub layout: Layout,
    /// Columns of the header row that could hold a field too, and lost to another.
    pub alternatives: Vec<(Field, Candidate)>,
}

impl SheetInspection {
    /// Its tables; none if there are none for whatever reason.
    #[must_use]
    pub fn tables(&self) -> &[TableInspection] {
        match &self.found {
            Found::Tables(tables) => tables,
            Found::NoTable(_) | Found::NotChosen | Found::Hidden => &[],
        }
    }
}

/// Looks at all sheets of a workbook, and at what a conversion with these options takes of them.
///
/// # Errors
/// [`ConvertError`] if the workbook cannot be read or lacks what the options choose.
pub fn inspect(
    workbook: &mut Workbook,
    options: &Options,
    settings: &Settings,
) -> Result<Vec<SheetInspection>, ConvertError> {
    let plain = Options { provenance: Provenance::Forgotten, fixes: None, ..options.clone() };
    let mut conversion = convert(workbook, &plain, settings)?;
    let areas = workbook.areas()?.unwrap_or_default();
    let sheets = workbook.sheets().to_vec();
    let chosen = chosen(workbook, options)?;
    let sheets = (0..).zip(sheets).map(|(index, sheet)| {
        let found = if chosen.contains(&index) {
            layouts(&mut conversion, &sheet, options)
        } else {
            Err(Found::NotChosen)
        };
        let areas = areas.iter().filter(|area| area.sheet == index).cloned().collect();
        Ok(SheetInspection { areas, ..inspect_sheet(workbook, index, sheet, found)? })
    });
    sheets.collect()
}

/// The positions of the sheets that the options choose.
fn chosen(workbook: &mut Workbook, options: &Options) -> Result<Vec<usize>, ConvertError> {
    Ok(match &options.table {
        Some(name) => {
            crate::table_choice::choose(workbook, name)?.into_iter().map(|(sheet, _)| sheet).collect()
        }
        None => crate::sheet_choice::choose(workbook, &options.sheets)?.cells,
    })
}

/// The layouts that the conversion has found on a sheet, or what else it comes to.
fn layouts(conversion: &mut Conversion, sheet: &Sheet, options: &Options) -> Result<Vec<Layout>, Found> {
    if sheet.visibility != Visibility::Visible && options.hidden == Hidden::Skipped {
        return Err(Found::Hidden);
    }
    if let Some(at) = conversion.without_table.iter().position(|(name, _)| *name == sheet.name) {
        let (_, error) = conversion.without_table.remove(at);
        return Err(Found::NoTable(error));
    }
    let is_its_own = |it: &SheetConversion| it.sheet == sheet.name;
    let (own, others) = conversion.sheets.drain(..).partition::<Vec<_>, _>(is_its_own);
    conversion.sheets = others;
    Ok(own.into_iter().flat_map(|it| it.tables).collect())
}

fn inspect_sheet(
    workbook: &mut Workbook,
    index: usize,
    sheet: Sheet,
    found: Result<Vec<Layout>, Found>,
) -> Result<SheetInspection, ReadError> {
    let layouts = found.as_deref().unwrap_or_default();
    let headers: HashSet<RowNumber> = layouts.iter().filter_map(|layout| layout.header).collect();
    let mut header_rows: Vec<StoredRow> = Vec::new();
    let (mut rows, mut hidden_rows) = (0, 0);
    let mut end: Option<(RowNumber, ColumnIndex)> = None;
    let facts = workbook.read(index, &mut |row| {
        rows += 1;
        hidden_rows += u64::from(row.hidden);
        if let Some(last) = row.cells.last() {
            let (last_row, last_column) = end.unwrap_or((row.number, last.column));
            end = Some((last_row.max(row.number), last_column.max(last.column)));
        }
        if headers.contains(&row.number) {
            header_rows.push(std::mem::take(row));
        }
        ControlFlow::Continue(())
    })?;
    let found = match found {
        Ok(layouts) => Found::Tables(
            layouts
                .into_iter()
                .map(|layout| TableInspection {
                    alternatives: layout::alternatives(&header_rows, &layout),
                    layout,
                })
                .collect(),
        ),
        Err(other) => other,
    };
    Ok(SheetInspection { sheet, rows, hidden_rows, end, facts, areas: Vec::new(), found })
}
