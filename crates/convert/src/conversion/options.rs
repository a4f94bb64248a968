//! What to convert, and how: data that callers fill in.

use metricsheet_core::{Applicability, Selection};

use super::Provenance;
use crate::layout::Wanted;
use crate::reading::CellRange;
use crate::sheet_choice::SheetChoice;

/// What to convert, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which sheets; empty: all that hold a table.
    pub sheets: Vec<SheetChoice>,
    /// The table or defined name that is wanted, instead of sheets and a range.
    pub table: Option<String>,
    /// The cells that count; `None`: all.
    pub range: Option<CellRange>,
    /// What is known of the layout.
    pub wanted: Wanted,
    /// The date of every row, as the caller writes it, where the sheet has no column for it.
    pub as_of: Option<String>,
    /// What becomes of hidden sheets, rows and columns.
    pub hidden: Hidden,
    /// What becomes of merged cells.
    pub merged: Merged,
    /// What becomes of periods across.
    pub unpivot: Unpivot,
    /// Whether each cell of the output can be led back to the workbook.
    pub provenance: Provenance,
    /// Which rules count.
    pub selection: Selection,
    /// Which fixes are applied to cells.
    pub fixes: Option<Applicability>,
    /// What is told of the findings that they mend.
    pub mended: Mended,
}

/// What becomes of hidden sheets, rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hidden {
    /// They are used, and reported.
    #[default]
    Used,
    /// They are left out.
    Skipped,
}

/// What becomes of tables with metrics down and periods across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unpivot {
    /// Each metric and period becomes a row, with the period's last day unless the settings say the first.
    #[default]
    Auto,
    /// They are no tables.
    Never,
}

/// What becomes of merged cells, of which only the first one holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Merged {
    /// The others stay empty.
    #[default]
    AsStored,
    /// All of them get the value of the first one.
    Filled,
}

/// What is told of findings that fixes mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mended {
    /// Each of them.
    #[default]
    Told,
    /// How many they are, and of some of them more. Then rows that need nothing else do not wait for the last one.
    Counted,
}
