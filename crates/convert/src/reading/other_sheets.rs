//! Sheets that hold no cells: charts, dialogs, macros. They are not read, and never passed over without a word.

use super::Sheet;

/// What a sheet without cells is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherKind {
    /// A chart that takes a whole sheet.
    Chart,
    /// A dialog of Excel 5 and 95.
    Dialog,
    /// Macros in cells, as before Visual Basic; their cells are no data.
    Macro,
    /// A module of Visual Basic.
    Module,
    /// The workbook lists it, and holds no part for it.
    Missing,
}

impl OtherKind {
    /// What it is, with its article.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Chart => "a chart",
            Self::Dialog => "a dialog",
            Self::Macro => "a sheet of macros",
            Self::Module => "a module of macros",
            Self::Missing => "a sheet that the file lists and does not hold",
        }
    }

    /// The kind of a part, by the last step of its relationship's type.
    pub(super) fn of_relationship(kind: Option<&str>) -> Self {
        match kind {
            Some("chartsheet") => Self::Chart,
            Some("dialogsheet") => Self::Dialog,
            Some("xlMacrosheet" | "xlIntlMacrosheet" | "macrosheet") => Self::Macro,
            Some(_) | None => Self::Missing,
        }
    }
}

/// A sheet without cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSheet {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: OtherKind,
    /// Its 0-based place among all sheets.
    pub tab: usize,
}

/// A sheet at its place among all of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tab<'a> {
    /// It holds cells; its 0-based place among those that do.
    Cells(usize, &'a Sheet),
    /// It holds none.
    Other(&'a OtherSheet),
}

impl Tab<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Cells(_, sheet) => &sheet.name,
            Self::Other(sheet) => &sheet.name,
        }
    }
}

/// All sheets, left to right. The `others` are in this order, too.
pub(crate) fn tabs<'a>(sheets: &'a [Sheet], others: &'a [OtherSheet]) -> Vec<Tab<'a>> {
    let mut tabs = Vec::with_capacity(sheets.len() + others.len());
    let mut others = others.iter().peekable();
    for (index, sheet) in sheets.iter().enumerate() {
        while let Some(other) = others.next_if(|other| other.tab <= tabs.len()) {
            tabs.push(Tab::Other(other));
        }
        tabs.push(Tab::Cells(index, sheet));
    }
    tabs.extend(others.map(Tab::Other));
    tabs
}
