//! Where on a sheet the table stands: its header row, and the column of each field of the template.
//!
//! Labels decide, in any order and amid other columns: the service's own label before a known alias, an alias
//! before a near spelling. Where two columns have an equal claim, the cells below are asked; where that does
//! not tell either, the layout is ambiguous, and an error shows the candidates. Nothing is guessed.

mod candidates;
mod error;
mod headers;
mod mapping;
mod periods;

use std::ops::RangeInclusive;

use metricsheet_core::{ColumnIndex, Field, RowNumber, Template};

use crate::cell::{StoredRow, StoredValue};

pub use candidates::{Candidate, Claim};
pub use error::LayoutError;
pub use mapping::{InvalidMapping, Mapping, MappingSource};
pub use periods::{PassedOver, PassedOverReason, PeriodColumn, YearFrom};

pub(crate) use headers::{Finder, is_value, may_begin_table};

use candidates::Labels;

/// How many rows that are not empty are looked at together to find the first header.
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

/// Where a table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The template of its columns.
    pub template: Template,
    /// The header row, if it has one: the last one where it has several.
    pub header: Option<RowNumber>,
    /// The rows above it that complete its labels, such as one of years over months.
    pub rows_above: Vec<RowNumber>,
    /// The columns found, in the template's order.
    pub columns: Vec<LayoutColumn>,
    /// Columns that hold one period each, where the table has no column of dates.
    pub periods: Vec<PeriodColumn>,
    /// Columns amid the periods that are none of those asked for.
    pub passed_over: Vec<PassedOver>,
    /// Where the year of the periods was found, if it stands neither in the header nor directly above it.
    pub year_from: Option<YearFrom>,
    /// The columns of the sheet that belong to the table, if others stand beside it.
    pub extent: Option<RangeInclusive<ColumnIndex>>,
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

    /// Whether a column of the sheet belongs to the table, whether or not its cells count.
    #[must_use]
    pub fn covers(&self, column: ColumnIndex) -> bool {
        self.extent.as_ref().is_none_or(|extent| extent.contains(&column))
    }

    /// Whether cells of this column count.
    pub(crate) fn reads(&self, column: ColumnIndex) -> bool {
        self.columns.iter().any(|it| it.column == column) || self.periods.iter().any(|it| it.column == column)
    }

    /// Whether a row has what a row of data has: an ID, and a value or a date.
    pub(crate) fn is_data(&self, row: &StoredRow) -> bool {
        let has = |field: Field| self.column(field).is_some_and(|column| row.cell(column).is_some());
        has(Field::ExternalId)
            && (has(Field::MetricValue)
                || has(Field::AsOfDate)
                || self.periods.iter().any(|period| row.cell(period.column).is_some()))
    }

    /// Whether the fields stand in the same columns.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let columns = |it: &Self| it.columns.iter().map(|it| (it.field, it.column)).collect::<Vec<_>>();
        let periods = |it: &Self| it.periods.iter().map(|it| (it.column, it.day)).collect::<Vec<_>>();
        columns(self) == columns(other) && periods(self) == periods(other)
    }

    /// Whether this row repeats the header.
    pub(crate) fn is_repeated_by(&self, row: &StoredRow) -> bool {
        // Values and dates stand last, and are seldom texts.
        self.header.is_some()
            && self.columns.iter().rev().all(|column| {
                row.cell(column.column).is_some_and(|cell| {
                    matches!(&cell.value, StoredValue::Text(text) if text.trim() == column.header.trim())
                })
            })
    }
}

/// The columns of a layout's header row that claim a field and lost to another column.
pub(crate) fn alternatives(head: &[StoredRow], layout: &Layout) -> Vec<(Field, Candidate)> {
    let Some(row) = head.iter().find(|row| Some(row.number) == layout.header) else { return Vec::new() };
    let labels = Labels::of(row);
    let taken = |candidate: &Candidate| layout.columns.iter().any(|column| column.column == candidate.column);
    let fields = layout.template.columns.iter().map(|column| column.field);
    // Where periods stand across, they give values and dates.
    let is_open =
        |field: &Field| layout.periods().is_empty() || !matches!(field, Field::MetricValue | Field::AsOfDate);
    fields
        .filter(is_open)
        .flat_map(|field| labels.candidates(field).into_iter().map(move |candidate| (field, candidate)))
        .filter(|(_, candidate)| !taken(candidate))
        .collect()
}

#[cfg(test)]
mod tests;
