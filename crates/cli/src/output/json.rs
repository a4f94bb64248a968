//! One JSON document, version 1: diagnostics, the audit of what was fixed, and the counts.

use std::io::Write;

use metricsheet_core::Change;
use metricsheet_lint::Diagnostic;
use serde::Serialize;

use super::statistics::Statistics;
use super::{FileReport, Summary, plain_json};

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
    line: usize,
    character: usize,
    byte_start: usize,
    byte_end: usize,
    sheet: Option<&'a str>,
    cell: Option<&'a str>,
    text: &'a str,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    applicability: &'a str,
    title: &'a str,
    replacement: Option<&'a str>,
    edits: Vec<Edit<'a>>,
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
    Entry {
        code: finding.rule.code,
        name: finding.rule.name,
        severity: finding.severity.label(),
        message: &finding.message,
        note: finding.note.as_deref(),
        file,
        row: finding.place.row().map(metricsheet_core::RowNumber::get),
        column: diagnostic.column.map(|column| column + 1),
        field: diagnostic.label.as_deref(),
        external_id: finding.external_id.as_deref(),
        line: diagnostic.line,
        character: diagnostic.character,
        byte_start: diagnostic.in_file.start,
        byte_end: diagnostic.in_file.end,
        sheet: None,
        cell: None,
        text: &finding.text,
        fix: finding.suggestion.as_ref().map(|suggestion| Fix {
            applicability: suggestion.applicability.label(),
            title: &suggestion.title,
            replacement: match &suggestion.change {
                Change::Rewrite(text) => Some(text),
                Change::RemoveRow | Change::Bytes => None,
            },
            edits: diagnostic
                .edits
                .iter()
                .map(|edit| Edit {
                    byte_start: edit.span.start,
                    byte_end: edit.span.end,
                    content: &edit.content,
                })
                .collect(),
        }),
    }
}
