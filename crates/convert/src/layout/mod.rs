//! Where on a sheet the table stands: its header row, and the column of each field of the template.
//!
//! Labels decide, in any order and amid other columns: the service's own label before a known alias, an alias
//! before a near spelling. Where two columns have an equal claim, the cells below are asked; where that does
//! not tell either, the layout is ambiguous, and an error shows the candidates. Nothing is guessed.

mod candidates;
mod error;
mod mapping;
mod periods;

use metricsheet_core::template::Label;
use metricsheet_core::{ColumnIndex, Field, Presence, RowNumber, Template};

use crate::cell::{StoredRow, StoredValue};

pub use candidates::{Candidate, Claim};
pub use error::LayoutError;
pub use mapping::{InvalidMapping, Mapping, MappingSource};
pub use periods::PeriodColumn;

pub(crate) use periods::find as find_periods;

use candidates::Labels;

/// How many rows that are not empty are looked at to find the header.
pub const HEAD_ROWS: usize = 200;

/// What the caller knows of the layout.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The template; `None`: told by the header, else metric updates.
    pub template: Option<Template>,
    /// Columns named by the caller.
    pub map: Vec<Mapping>,
    /// Where the header stands.
    pub header_row: HeaderRow,
    /// Whether the date comes from elsewhere, so that no column is needed for it.
    pub date_given: bool,
}

/// Where the header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeaderRow {
    /// To be found.
    #[default]
    Auto,
    /// In this row.
    At(RowNumber),
    /// Nowhere: every row is data, and the columns are mapped by their letters.
    Absent,
}

/// Where the table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The template of its columns.
    pub template: Template,
    /// The header row, if it has one.
    pub header: Option<RowNumber>,
    /// The columns found, in the template's order.
    pub columns: Vec<LayoutColumn>,
    /// Columns that hold one period each, where the table has no column of dates.
    pub periods: Vec<PeriodColumn>,
    /// Columns amid the periods that are none, and their headers.
    pub passed_over: Vec<(ColumnIndex, String)>,
}

/// A column of the sheet that holds a field of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutColumn {
    /// What it holds.
    pub field: Field,
    /// Where it is.
    pub column: ColumnIndex,
    /// Its header cell, as it stands; empty without a header row.
    pub header: String,
    /// Why this column.
    pub claim: Claim,
}

impl Layout {
    /// The column of a field.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<ColumnIndex> {
        self.columns.iter().find(|column| column.field == field).map(|column| column.column)
    }

    /// Whether cells of this column count.
    pub(crate) fn reads(&self, column: ColumnIndex) -> bool {
        self.columns.iter().any(|it| it.column == column) || self.periods.iter().any(|it| it.column == column)
    }

    /// Whether this row repeats the header.
    pub(crate) fn is_repeated_by(&self, row: &StoredRow) -> bool {
        self.header.is_some()
            && self.columns.iter().all(|column| {
                row.cell(column.column).is_some_and(|cell| {
                    matches!(&cell.value, StoredValue::Text(text) if text.trim() == column.header.trim())
                })
            })
    }
}

/// Finds the table by the first rows of a sheet.
///
/// # Errors
/// [`LayoutError`] if no row labels all columns that must be there, if a mapping names a column that is not
/// there, or if two columns have an equal claim to a field.
pub fn find(head: &[StoredRow], wanted: &Wanted) -> Result<Layout, LayoutError> {
    match wanted.header_row {
        HeaderRow::Absent => without_header(wanted),
        HeaderRow::At(number) => {
            let index = head.iter().position(|row| row.number == number);
            let index = index.ok_or(LayoutError::NoSuchRow { row: number })?;
            try_row(head, index, wanted).map(|found| found.layout).map_err(|error| error.0)
        }
        HeaderRow::Auto => automatic(head, wanted),
    }
}

/// The columns of a layout's header row that claim a field and lost to another column.
pub(crate) fn alternatives(head: &[StoredRow], layout: &Layout) -> Vec<(Field, Candidate)> {
    let Some(row) = head.iter().find(|row| Some(row.number) == layout.header) else { return Vec::new() };
    let labels = Labels::of(row);
    let taken = |candidate: &Candidate| layout.columns.iter().any(|column| column.column == candidate.column);
    let fields = layout.template.columns.iter().map(|column| column.field);
    fields
        .flat_map(|field| labels.candidates(field).into_iter().map(move |candidate| (field, candidate)))
        .filter(|(_, candidate)| !taken(candidate))
        .collect()
}

fn without_header(wanted: &Wanted) -> Result<Layout, LayoutError> {
    let template = wanted.template.clone().unwrap_or_else(Template::metric_updates);
    let mut columns = Vec::new();
    for field in template.columns.iter().map(|column| column.field) {
        let Some(mapping) = wanted.map.iter().find(|mapping| mapping.field == field) else { continue };
        let Some(column) = mapping.source.letters() else {
            return Err(LayoutError::HeaderNeeded { field, source: mapping.source.to_string() });
        };
        columns.push(LayoutColumn { field, column, header: String::new(), claim: Claim::Mapped });
    }
    let missing = missing_fields(&template, &columns, wanted);
    if !missing.is_empty() {
        return Err(LayoutError::NotFound { missing, nearest: None });
    }
    Ok(Layout { template, header: None, columns, periods: Vec::new(), passed_over: Vec::new() })
}

fn automatic(head: &[StoredRow], wanted: &Wanted) -> Result<Layout, LayoutError> {
    let mut best: Option<Found> = None;
    let mut nearest: Option<(LayoutError, usize)> = None;
    for index in 0..head.len() {
        match try_row(head, index, wanted) {
            // Of equal rows the first is the header; the others repeat it.
            Ok(found) if best.as_ref().is_none_or(|best| found.strength > best.strength) => {
                best = Some(found);
            }
            Ok(_) => {}
            Err((error, fields)) => {
                if fields > 0 && nearest.as_ref().is_none_or(|(_, most)| fields > *most) {
                    nearest = Some((error, fields));
                }
            }
        }
    }
    if let Some(found) = best {
        return Ok(found.layout);
    }
    if let Some((error, _)) = nearest {
        return Err(error);
    }
    let template = wanted.template.clone().unwrap_or_else(Template::metric_updates);
    let widest = head.iter().map(Labels::of).max_by_key(|labels| labels.texts().len());
    let nearest =
        widest.filter(|labels| !labels.texts().is_empty()).map(|labels| (labels.row, labels.texts()));
    Err(LayoutError::NotFound { missing: missing_fields(&template, &[], wanted), nearest })
}

struct Found {
    layout: Layout,
    strength: u32,
}

/// Reads a row as the header. The error comes with how many fields the row labels.
fn try_row(head: &[StoredRow], index: usize, wanted: &Wanted) -> Result<Found, (LayoutError, usize)> {
    let (Some(row), below) = (head.get(index), head.get(index + 1..).unwrap_or_default()) else {
        return Err((LayoutError::NotFound { missing: Vec::new(), nearest: None }, 0));
    };
    let labels = Labels::of(row);
    let template = wanted.template.clone().unwrap_or_else(|| told_by(&labels));
    let mut columns: Vec<LayoutColumn> = Vec::new();
    let mut strength = 0;
    let mut ambiguous = None;
    for column in &template.columns {
        let field = column.field;
        let mapping = wanted.map.iter().find(|mapping| mapping.field == field);
        let found = match mapping {
            Some(mapping) => labels.mapped(mapping).map(Some).ok_or_else(|| LayoutError::UnknownSource {
                field,
                source: mapping.source.to_string(),
                row: row.number,
                seen: labels.texts(),
            }),
            None if field == Field::AsOfDate && wanted.date_given => Ok(None),
            None => labels.choose(field, below, &columns),
        };
        match found {
            Ok(Some(candidate)) => {
                strength += candidate.claim.strength();
                columns.push(candidate.into_column(field));
            }
            Ok(None) => {}
            Err(error) => ambiguous = ambiguous.or(Some(error)),
        }
    }
    let fields = columns.len() + usize::from(ambiguous.is_some());
    let missing = missing_fields(&template, &columns, wanted);
    match ambiguous {
        // A doubt about a column does not matter in a row that is no header.
        Some(error) if missing.len() <= 1 => return Err((error, fields)),
        Some(_) | None if !missing.is_empty() => {
            let nearest = Some((row.number, labels.texts()));
            return Err((LayoutError::NotFound { missing, nearest }, fields));
        }
        Some(error) => return Err((error, fields)),
        None => {}
    }
    Ok(Found {
        layout: Layout {
            template,
            header: Some(row.number),
            columns,
            periods: Vec::new(),
            passed_over: Vec::new(),
        },
        strength,
    })
}

/// Progress updates only where all their columns bear the service's own labels: a status beside a metric is
/// common in workbooks that update metrics.
fn told_by(labels: &Labels) -> Template {
    let progress = Template::progress_updates();
    let required = progress.columns.iter().filter(|column| column.presence != Presence::Optional);
    let mut required = required.map(|column| Label::Exact(column.field));
    if required.all(|label| labels.has(label)) { progress } else { Template::metric_updates() }
}

fn missing_fields(template: &Template, columns: &[LayoutColumn], wanted: &Wanted) -> Vec<Field> {
    let required = template.columns.iter().filter(|column| column.presence != Presence::Optional);
    required
        .map(|column| column.field)
        .filter(|field| !(*field == Field::AsOfDate && wanted.date_given))
        .filter(|field| columns.iter().all(|column| column.field != *field))
        .collect()
}

#[cfg(test)]
mod tests;
