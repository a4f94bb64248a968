//! A finding with its place in its file: in the bytes of a text, or in a cell of a workbook.

use std::ops::Range;

use metricsheet_convert::{Conversion, SheetConversion, WhyLeftOut};
use metricsheet_core::rules::workbook::NO_TABLE;
use metricsheet_core::text::quoted;
use metricsheet_core::{Applicability, Change, Field, Finding, Place, Severity};
use metricsheet_lint::Edit;

/// A finding with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// What was found.
    pub(crate) finding: Finding,
    /// The 1-based number of the column, for findings about one field.
    pub(crate) column: Option<usize>,
    /// The label of the column, or what it holds.
    pub(crate) label: Option<String>,
    /// Where it stands.
    pub(crate) spot: Spot,
}

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// In a text.
    Text(TextSpot),
    /// In a workbook.
    Workbook(WorkbookSpot),
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextSpot {
    /// The bytes of the decoded text.
    pub(crate) span: Range<usize>,
    /// The same bytes in the file.
    pub(crate) in_file: Range<usize>,
    /// The 1-based line and character at which it starts.
    pub(crate) line: usize,
    pub(crate) character: usize,
    /// What its fix changes; where that is every record, perhaps only in those above the rows.
    pub(crate) edits: Vec<Edit>,
    /// Whether it changes every record.
    pub(crate) reaches_every_record: bool,
}

/// A place in a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkbookSpot {
    /// The sheet; `None` for a workbook without any.
    pub(crate) sheet: Option<String>,
    /// The row of the sheet, if it is about one.
    pub(crate) row: Option<u32>,
    /// The cell, such as `B7`, if it is about one.
    pub(crate) cell: Option<String>,
}

impl From<metricsheet_lint::Diagnostic> for Diagnostic {
    fn from(found: metricsheet_lint::Diagnostic) -> Self {
        let reaches_every_record = found.reaches_every_record();
        let metricsheet_lint::Diagnostic {
            finding,
            column,
            label,
            span,
            in_file,
            line,
            character,
            edits,
            ..
        } = found;
        let spot = Spot::Text(TextSpot { span, in_file, line, character, edits, reaches_every_record });
        Self { finding, column: column.map(|column| column + 1), label, spot }
    }
}

impl Diagnostic {
    /// The 1-based row as a spreadsheet program numbers it.
    pub(crate) fn row(&self) -> Option<u32> {
        match &self.spot {
            Spot::Text(_) => self.finding.place.row().map(metricsheet_core::RowNumber::get),
            Spot::Workbook(spot) => spot.row,
        }
    }

    /// The line of a text. For a workbook the row, which is the nearest that forms made for texts can show.
    pub(crate) fn line(&self) -> usize {
        match &self.spot {
            Spot::Text(spot) => spot.line,
            Spot::Workbook(spot) => spot.row.and_then(|row| usize::try_from(row).ok()).unwrap_or(1),
        }
    }

    /// The character of the line; for a workbook the column.
    pub(crate) fn character(&self) -> usize {
        match &self.spot {
            Spot::Text(spot) => spot.character,
            Spot::Workbook(_) => self.column.unwrap_or(1),
        }
    }

    /// Where it stands, behind the name of the file: `:2:7`, or `:KPIs!B7`, as spreadsheet programs write it.
    pub(crate) fn address(&self) -> String {
        match &self.spot {
            Spot::Text(spot) => format!(":{}:{}", spot.line, spot.character),
            Spot::Workbook(WorkbookSpot { sheet: None, .. }) => String::new(),
            Spot::Workbook(WorkbookSpot { sheet: Some(sheet), row, cell }) => {
                let sheet = sheet_name(sheet);
                match (cell, row) {
                    (Some(cell), _) => format!(":{sheet}!{cell}"),
                    (None, Some(row)) => format!(":{sheet}!{row}:{row}"),
                    (None, None) => format!(":{sheet}"),
                }
            }
        }
    }

    /// The place in words, for forms made for texts: `line 2, character 7`, or `KPIs!B7`.
    pub(crate) fn place_in_words(&self) -> String {
        match &self.spot {
            Spot::Text(spot) => format!("line {}, character {}", spot.line, spot.character),
            Spot::Workbook(_) => self.address().trim_start_matches(':').to_owned(),
        }
    }

    /// The place in a text, if it is one.
    pub(crate) const fn text_spot(&self) -> Option<&TextSpot> {
        match &self.spot {
            Spot::Text(spot) => Some(spot),
            Spot::Workbook(_) => None,
        }
    }
}

/// The name of a sheet as formulas write it: in apostrophes unless it is a plain word.
fn sheet_name(sheet: &str) -> String {
    let is_plain =
        sheet.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '.'))
            && !sheet.starts_with(|first: char| first.is_ascii_digit());
    if is_plain { sheet.to_owned() } else { format!("'{}'", sheet.replace('\'', "''")) }
}

/// All that a conversion finds in a workbook. Nothing is mended in workbooks: each finding says what to change
/// there, and what `convert` would write.
pub(crate) fn of_workbook(conversion: &Conversion, sheets_were_chosen: bool) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for sheet in &conversion.sheets {
        diagnostics.extend(sheet.findings.iter().map(|finding| of_sheet(sheet, finding)));
    }
    diagnostics.extend(missing_tables(conversion, sheets_were_chosen).into_iter().map(|(sheet, message)| {
        Diagnostic {
            finding: Finding::new(&NO_TABLE, Place::File, message),
            column: None,
            label: None,
            spot: Spot::Workbook(WorkbookSpot { sheet, row: None, cell: None }),
        }
    }));
    diagnostics
}

/// The sheets that should hold a table and do not: those chosen, or all if none does; and why.
pub(crate) fn missing_tables(
    conversion: &Conversion,
    sheets_were_chosen: bool,
) -> Vec<(Option<String>, String)> {
    if conversion.sheets.is_empty() && conversion.without_table.is_empty() {
        let is_hidden = conversion.left_out.iter().any(|sheet| sheet.why == WhyLeftOut::Hidden);
        let message = if is_hidden { "all its sheets with cells are hidden" } else { "it has no cells" };
        return vec![(None, message.to_owned())];
    }
    let is_wanted = conversion.sheets.is_empty() || sheets_were_chosen;
    let doubtful = conversion.without_table.iter().filter(|(_, error)| is_wanted || error.is_doubt());
    doubtful.map(|(sheet, error)| (Some(sheet.clone()), error.to_string())).collect()
}

fn of_sheet(sheet: &SheetConversion, finding: &Finding) -> Diagnostic {
    let (row, field) = (finding.place.row(), finding.place.field());
    let place = row.zip(field).and_then(|(row, field)| sheet.cell(row, field));
    let cell = place.map(|(row, column)| format!("{column}{row}"));
    let row = row.map(|row| sheet.sheet_row(row).get());
    let is_mended = sheet.is_mended(finding);
    let mut finding = finding.clone();
    say_what_to_do(&mut finding, cell.as_deref(), row, is_mended);
    Diagnostic {
        column: place.and_then(|(_, column)| usize::try_from(column.number()).ok()),
        label: field.map(|field: Field| field.label().to_owned()),
        spot: Spot::Workbook(WorkbookSpot { sheet: Some(sheet.sheet.clone()), row, cell }),
        finding,
    }
}

/// What to change in the workbook, and what becomes of the row otherwise.
fn say_what_to_do(finding: &mut Finding, cell: Option<&str>, row: Option<u32>, is_mended: bool) {
    let outcome = |written: String| match finding.suggestion.as_ref().map(|it| it.applicability) {
        Some(Applicability::Safe) if is_mended => format!("`convert` {written}"),
        Some(Applicability::Safe) => {
            "`convert` rejects the row for what else is wrong with the cell".to_owned()
        }
        Some(Applicability::Unsafe) => format!("`convert --unsafe-fixes` {written}"),
        None => String::new(),
    };
    let title = match finding.suggestion.as_ref().map(|suggestion| &suggestion.change) {
        Some(Change::Rewrite(text)) => {
            let outcome = outcome(format!("writes {}", quoted(text)));
            Some(format!("enter {} in {}; {outcome}", quoted(text), cell.unwrap_or("the cell")))
        }
        Some(Change::RemoveRow) => {
            let row = row.map_or_else(|| "the row".to_owned(), |row| format!("row {row}"));
            Some(format!("delete {row}; {}", outcome("leaves it out".to_owned())))
        }
        Some(Change::Bytes) | None => None,
    };
    if let (Some(title), Some(suggestion)) = (title, finding.suggestion.as_mut()) {
        suggestion.title = title;
    } else if finding.severity == Severity::Error && finding.place.row().is_some() && finding.note.is_none() {
        finding.note = Some("`convert` rejects the row".to_owned());
    }
}
