//! Which named area of a workbook to convert.

use metricsheet_core::text::quoted;

use crate::reading::{AreaKind, CellRange, NamedArea, ReadError, Workbook};

/// Why a table cannot be chosen by its name.
#[derive(Debug, thiserror::Error)]
pub enum TableChoiceError {
    /// The workbook has none of this name.
    #[error("no table or defined name is called {}; there {}", quoted(choice), there_is(areas))]
    Unknown {
        /// What was asked for.
        choice: String,
        /// What there is.
        areas: Vec<String>,
    },
    /// A text or a web page, which has none.
    #[error("this file has no names for areas of its cells; choose with `--range`")]
    NotRead,
    /// The workbook is broken.
    #[error(transparent)]
    Read(#[from] ReadError),
}

fn there_is(areas: &[String]) -> String {
    match areas {
        [] => "is none for an area of cells".to_owned(),
        [area] => format!("is {area}"),
        areas => format!("are {}", areas.join(", ")),
    }
}

/// The sheets and cells of the areas with this name; several sheets may have one of their own.
pub(crate) fn choose(
    workbook: &mut Workbook,
    choice: &str,
) -> Result<Vec<(usize, CellRange)>, TableChoiceError> {
    let areas = workbook.areas()?.ok_or(TableChoiceError::NotRead)?;
    // Names differ by more than capitals.
    let fitting = areas.iter().filter(|area| area.name.to_lowercase() == choice.to_lowercase());
    let mut chosen: Vec<(usize, CellRange)> = fitting.map(|area| (area.sheet, area.range)).collect();
    chosen.sort_by_key(|(sheet, _)| *sheet);
    chosen.dedup();
    if chosen.is_empty() {
        let areas = areas.iter().map(|area| shown(area, workbook)).collect();
        return Err(TableChoiceError::Unknown { choice: choice.to_owned(), areas });
    }
    Ok(chosen)
}

/// `` `Sales` (table, A4:F20 of sheet `Q1`) ``
fn shown(area: &NamedArea, workbook: &Workbook) -> String {
    let NamedArea { name, kind, sheet, range } = area;
    let kind = match kind {
        AreaKind::Table => "table",
        AreaKind::Name => "name",
    };
    let sheet = workbook.sheets().get(*sheet).map(|sheet| sheet.name.as_str()).unwrap_or_default();
    let CellRange { first_row, last_row, first_column, last_column } = range;
    format!(
        "{} ({kind}, {first_column}{first_row}:{last_column}{last_row} of sheet {})",
        quoted(name),
        quoted(sheet)
    )
}
