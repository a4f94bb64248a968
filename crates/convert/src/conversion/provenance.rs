//! From each cell of the output back to the cell of the workbook that it was made from.

use std::collections::BTreeMap;

use metricsheet_core::{ColumnIndex, Field, Finding, RowNumber};

use super::SheetConversion;
use crate::cell::StoredCell;

/// Whether a conversion keeps what each cell of its output was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provenance {
    /// It does not, which takes less time and memory.
    #[default]
    Forgotten,
    /// [`SheetConversion::output_cells`] leads back to the workbook.
    Kept,
}

/// The cell of the workbook that a cell of the output was made from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    pub(super) row: RowNumber,
    pub(super) column: ColumnIndex,
    /// What it stores; `None` for an empty cell.
    pub(super) cell: Option<StoredCell>,
}

/// A cell of the output, and where it comes from.
#[derive(Debug)]
pub struct OutputCell<'c> {
    /// The record of the output, 1-based; the header is 1.
    pub record: u64,
    /// What it holds.
    pub field: Field,
    /// The cell of the sheet, such as `B7`; `None` for what no cell gives, as the caller's date for all rows.
    pub cell: Option<String>,
    /// What that cell stores; `None` if it is empty.
    pub stored: Option<&'c StoredCell>,
    /// The text that a spreadsheet program shows there.
    pub shown: String,
    /// The text of the output.
    pub output: &'c str,
    /// What was found in the cell and mended on the way.
    pub fixes: Vec<&'c Finding>,
}

impl SheetConversion {
    /// The cells of the output in its order. There are none unless [`Provenance::Kept`] was asked for.
    pub fn output_cells(&self) -> impl Iterator<Item = OutputCell<'_>> {
        let mut mended: BTreeMap<(RowNumber, Field), Vec<&Finding>> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| self.is_mended(finding)) {
            if let (Some(row), Some(field)) = (finding.place.row(), finding.place.field()) {
                mended.entry((row, field)).or_default().push(finding);
            }
        }
        let rows = (2..).zip(self.rows.single().zip(&self.written));
        rows.flat_map(move |(record, (texts, written))| {
            let cells = self.rows.fields.iter().zip(texts).zip(&written.sources);
            let cells: Vec<OutputCell<'_>> = cells
                .map(|((field, output), source)| {
                    let stored = source.as_ref().and_then(|source| source.cell.as_ref());
                    OutputCell {
                        record,
                        field: *field,
                        cell: source.as_ref().map(|source| format!("{}{}", source.column, source.row)),
                        stored,
                        shown: stored.map(|stored| stored.shown(self.dates)).unwrap_or_default(),
                        output,
                        fixes: mended.get(&(written.number, *field)).cloned().unwrap_or_default(),
                    }
                })
                .collect();
            cells
        })
    }
}
