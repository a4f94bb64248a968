//! What a conversion comes to: rows, rejects, findings, counts, and where each of them stands in the workbook.

use std::collections::{BTreeMap, HashSet};

use metricsheet_core::{ColumnIndex, Field, Finding, RowNumber};

use super::LeftOut;
use crate::layout::{Layout, LayoutError};

/// A converted workbook.
#[derive(Debug)]
pub struct Conversion {
    /// The sheets that hold a table, left to right.
    pub sheets: Vec<SheetConversion>,
    /// The sheets that hold none, and why not. Sheets without any cell are left out.
    pub without_table: Vec<(String, LayoutError)>,
}

/// A converted sheet.
#[derive(Debug)]
pub struct SheetConversion {
    /// Its name.
    pub sheet: String,
    /// Where its table stands.
    pub layout: Layout,
    /// The fields of the output, left to right.
    pub fields: Vec<Field>,
    /// The rows to be written: one text for each field.
    pub rows: Vec<Vec<String>>,
    /// The reasons for which rows are not written, by row.
    pub rejects: Vec<Reject>,
    /// All that was found, by row and column, whether or not a fix mends it.
    pub findings: Vec<Finding>,
    /// What became of the rows.
    pub counts: Counts,
    pub(super) mended: HashSet<(RowNumber, Option<Field>)>,
    /// Of a table with periods across: where the value of each row stands, by number from 1.
    pub(super) origins: Vec<(RowNumber, ColumnIndex)>,
}

/// A reason for which a row is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The row, numbered as in the findings.
    pub row: RowNumber,
    /// The cell's field, if the reason is about one cell.
    pub field: Option<Field>,
    /// The rule's code.
    pub code: &'static str,
    /// What is wrong.
    pub reason: String,
    /// The cell's text.
    pub text: String,
}

/// What became of the rows that hold at least one cell: `read` is the sum of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the sheet.
    pub read: u64,
    /// Rows of the output.
    pub written: u64,
    /// Rows with an error that no allowed fix mends.
    pub rejected: u64,
    /// Rows left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
}

impl SheetConversion {
    /// Whether a fix mends what was found, so that the row is written or rightly removed.
    #[must_use]
    pub fn is_mended(&self, finding: &Finding) -> bool {
        finding.place.row().is_some_and(|row| self.mended.contains(&(row, finding.place.field())))
            && !finding.rule.code.starts_with('W')
    }

    /// The cell of a finding, as spreadsheet programs name it: `B7`.
    #[must_use]
    pub fn cell_name(&self, row: RowNumber, field: Field) -> Option<String> {
        let (row, column) = match (self.origin(row), field) {
            (Some((_, column)), Field::AsOfDate) => self.layout.period_header(column)?,
            (Some(cell), Field::MetricValue) => cell,
            (Some((row, _)), _) => (row, self.layout.column(field)?),
            (None, _) => (row, self.layout.column(field)?),
        };
        Some(format!("{column}{row}"))
    }

    /// The row of the sheet that a finding's row was read from: another one where periods stand across and
    /// each gave a row of its own.
    #[must_use]
    pub fn sheet_row(&self, row: RowNumber) -> RowNumber {
        self.origin(row).map_or(row, |(row, _)| row)
    }

    fn origin(&self, row: RowNumber) -> Option<(RowNumber, ColumnIndex)> {
        let index = usize::try_from(row.get()).ok()?.checked_sub(1)?;
        self.origins.get(index).copied()
    }
}
