//! What a conversion comes to: rows, rejects, findings, counts, and where each of them stands in the workbook.

use std::collections::{BTreeMap, HashSet};

use metricsheet_core::{ColumnIndex, Field, Finding, RowNumber, Updated};

use super::LeftOut;
use super::origins::Origins;
use super::provenance::Source;
use super::table::table_of;
use crate::layout::{Layout, LayoutError};
use crate::number_format::DateSystem;
use crate::output::Rows;
use crate::reading::{OtherKind, OtherSheet};

/// A converted workbook.
#[derive(Debug, Default)]
pub struct Conversion {
    /// The sheets that hold a table, left to right.
    pub sheets: Vec<SheetConversion>,
    /// The sheets that hold none, and why not. Sheets without any cell are left out.
    pub without_table: Vec<(String, LayoutError)>,
    /// The sheets of which nothing was read.
    pub left_out: Vec<SheetLeftOut>,
}

/// A sheet of which nothing was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLeftOut {
    /// Its name.
    pub name: String,
    /// The reason.
    pub why: WhyLeftOut,
}

/// Why nothing of a sheet was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyLeftOut {
    /// It holds no cells.
    WithoutCells(OtherKind),
    /// It is hidden, and what is hidden is not wanted.
    Hidden,
}

impl WhyLeftOut {
    /// What the sheet is, to follow its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WithoutCells(kind) => kind.label(),
            Self::Hidden => "hidden",
        }
    }
}

impl From<OtherSheet> for SheetLeftOut {
    fn from(sheet: OtherSheet) -> Self {
        Self { name: sheet.name, why: WhyLeftOut::WithoutCells(sheet.kind) }
    }
}

/// A converted sheet.
#[derive(Debug)]
pub struct SheetConversion {
    /// Its name.
    pub sheet: String,
    /// Where its tables stand, top to bottom and left to right. Their rows are those of one output.
    pub tables: Vec<Layout>,
    /// The rows to be written.
    pub rows: Rows,
    /// The reasons for which rows are not written, by row.
    pub rejects: Vec<Reject>,
    /// All that was found, by row and column, whether or not a fix mends it; where mended findings are counted,
    /// without most of them.
    pub findings: Vec<Finding>,
    /// What became of the rows.
    pub counts: Counts,
    /// Whether its rows are records of delimited text, which have no cells with names.
    pub is_text: bool,
    /// The metrics of the plan that its rows update, written or not.
    pub(super) updated: Updated,
    pub(super) dates: DateSystem,
    pub(super) mended: HashSet<(RowNumber, Option<Field>)>,
    /// How many findings were mended that are none of `findings`.
    pub(super) only_counted: u64,
    /// Where rows come from, as far as there may be something to say of them; nothing is known where they are numbered as
    /// the rows of the sheet.
    pub(super) origins: Origins,
    /// The sources of `rows`; empty unless they were asked for.
    pub(super) written: Vec<Written>,
}

/// A row of the output with its sources.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) number: RowNumber,
    /// One for each field; `None` where no cell gives the text.
    pub(super) sources: Vec<Option<Source>>,
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

    /// How many findings are mended, told or not.
    #[must_use]
    pub fn mended_findings(&self) -> u64 {
        self.only_counted + self.findings.iter().filter(|finding| self.is_mended(finding)).count() as u64
    }

    /// The cell of a finding, as spreadsheet programs name it: `B7`.
    #[must_use]
    pub fn cell_name(&self, row: RowNumber, field: Field) -> Option<String> {
        self.cell(row, field).map(|(row, column)| format!("{column}{row}"))
    }

    /// The cell of a finding, by its row and column on the sheet.
    #[must_use]
    pub fn cell(&self, row: RowNumber, field: Field) -> Option<(RowNumber, ColumnIndex)> {
        let origin = self.origins.of(row);
        let table = origin.map_or_else(|| table_of(&self.tables, row), |origin| origin.table);
        let layout = self.tables.get(table)?;
        let row = origin.map_or(row, |origin| origin.row);
        match (origin.and_then(|origin| origin.value), field) {
            (Some(column), Field::AsOfDate) => layout.period_header(column),
            (Some(column), Field::MetricValue) => Some((row, column)),
            (Some(_) | None, _) => Some((row, layout.column(field)?)),
        }
    }

    /// Takes the rows away, with what they were made from; findings and counts stay.
    pub fn take_rows(&mut self) -> Rows {
        self.written = Vec::new();
        std::mem::take(&mut self.rows)
    }

    /// The row of the sheet that a finding's row was read from: another one where a row of the sheet became
    /// several, because periods stand across or tables side by side.
    #[must_use]
    pub fn sheet_row(&self, row: RowNumber) -> RowNumber {
        self.origins.of(row).map_or(row, |origin| origin.row)
    }
}
