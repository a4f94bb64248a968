//! One JSON document, version 1: diagnostics, the audit of what was fixed, and the counts.

use std::io::Write;

use metricsheet_convert::SheetConversion;
use metricsheet_core::rules::workbook::NO_TABLE;
use metricsheet_core::{Change, Field, Finding};
use serde::Serialize;

use super::diagnostic::{Spot, TextSpot, WorkbookSpot};
use super::statistics::Statistics;
use super::{Diagnostic, FileReport, Summary, plain_json};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    diagnostics: Vec<Entry<'a>>,
    /// What was changed, with positions in the text as it stood when it was changed.
    fixes: Vec<Entry<'a>>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics<'a>>,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    note: Option<&'a str>,
    file: &'a str,
    row: Option<u32>,
    column: Option<usize>,
    field: Option<&'a str>,
    external_id: Option<&'a str>,
    line: Option<usize>,
    character: Option<usize>,
    byte_start: Option<usize>,
    byte_end: Option<usize>,
    sheet: Option<&'a str>,
    cell: Option<String>,
    text: &'a str,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    applicability: &'a str,
    title: &'a str,
    replacement: Option<&'a str>,
    edits: Option<Vec<Edit<'a>>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    byte_start: usize,
    byte_end: usize,
    content: &'a str,
}

pub(super) fn render(
    reports: &[FileReport],
    statistics: Option<Statistics<'_>>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let entries = |of: fn(&FileReport) -> &[Diagnostic]| {
        reports
            .iter()
            .flat_map(|report| of(report).iter().map(|diagnostic| entry(&report.name, diagnostic)))
            .collect()
    };
    let document = Document {
        version: 1,
        diagnostics: entries(|report| &report.diagnostics),
        fixes: entries(|report| &report.fixed),
        summary: Summary::of(reports),
        statistics,
    };
    plain_json::write_pretty(&document, out)
}

/// One finding as an object.
pub(super) fn entry<'a>(file: &'a str, diagnostic: &'a Diagnostic) -> Entry<'a> {
    let finding = &diagnostic.finding;
    let entry = Entry {
        row: diagnostic.row(),
        column: diagnostic.column,
        field: diagnostic.label.as_deref(),
        ..entry_of(file, finding)
    };
    match &diagnostic.spot {
        Spot::Text(TextSpot { in_file, line, character, edits, .. }) => {
            let edits = edits.iter().map(|edit| Edit {
                byte_start: edit.span.start,
                byte_end: edit.span.end,
                content: &edit.content,
            });
            Entry {
                line: Some(*line),
                character: Some(*character),
                byte_start: Some(in_file.start),
                byte_end: Some(in_file.end),
                fix: fix(finding, Some(edits.collect())),
                ..entry
            }
        }
        Spot::Workbook(WorkbookSpot { sheet, cell, .. }) => {
            Entry { sheet: sheet.as_deref(), cell: cell.clone(), fix: fix(finding, None), ..entry }
        }
    }
}

/// One finding in a workbook as an object: it has a sheet and a cell, and no place in a text.
pub(super) fn workbook_entry<'a>(
    file: &'a str,
    sheet: &'a SheetConversion,
    finding: &'a Finding,
) -> Entry<'a> {
    let (row, field) = (finding.place.row(), finding.place.field());
    let place = row.zip(field).and_then(|(row, field)| sheet.cell(row, field));
    Entry {
        row: row.map(|row| sheet.sheet_row(row).get()),
        column: place.and_then(|(_, column)| usize::try_from(column.number()).ok()),
        field: field.map(Field::label),
        sheet: Some(&sheet.sheet),
        cell: place.map(|(row, column)| format!("{column}{row}")),
        fix: fix(finding, None),
        ..entry_of(file, finding)
    }
}

/// A sheet that should hold a table and holds none.
pub(super) fn missing_table_entry<'a>(file: &'a str, sheet: &'a str, message: &'a str) -> Entry<'a> {
    Entry {
        code: NO_TABLE.code,
        name: NO_TABLE.name,
        severity: NO_TABLE.severity.label(),
        message,
        note: None,
        file,
        row: None,
        column: None,
        field: None,
        external_id: None,
        line: None,
        character: None,
        byte_start: None,
        byte_end: None,
        sheet: Some(sheet).filter(|sheet| !sheet.is_empty()),
        cell: None,
        text: "",
        fix: None,
    }
}

/// What is said of a finding wherever it stands.
fn entry_of<'a>(file: &'a str, finding: &'a Finding) -> Entry<'a> {
    Entry {
        code: finding.rule.code,
        name: finding.rule.name,
        severity: finding.severity.label(),
        message: &finding.message,
        note: finding.note.as_deref(),
        file,
        row: finding.place.row().map(metricsheet_core::RowNumber::get),
        column: None,
        field: None,
        external_id: finding.external_id.as_deref(),
        line: None,
        character: None,
        byte_start: None,
        byte_end: None,
        sheet: None,
        cell: None,
        text: &finding.text,
        fix: None,
    }
}

fn fix<'a>(finding: &'a Finding, edits: Option<Vec<Edit<'a>>>) -> Option<Fix<'a>> {
    let suggestion = finding.suggestion.as_ref()?;
    Some(Fix {
        applicability: suggestion.applicability.label(),
        title: &suggestion.title,
        replacement: match &suggestion.change {
            Change::Rewrite(text) => Some(text),
            Change::RemoveRow | Change::Bytes => None,
        },
        edits,
    })
}
