//! What was found, in the form that was asked for. One file for each form.

mod concise;
mod full;
mod json;
mod summary;

use std::io::Write;

use clap::ValueEnum;
use metricsheet_core::{Applicability, Severity};
use metricsheet_lint::Diagnostic;

pub(crate) use summary::Summary;

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OutputFormat {
    /// The row under its header, the place marked, the fix as a small patch
    #[default]
    Full,
    /// A line for each finding
    Concise,
    /// One JSON document
    Json,
}

/// What was found in one file.
#[derive(Debug)]
pub(crate) struct FileReport {
    /// The name it is reported by.
    pub(crate) name: String,
    /// Its text as it stands now, to quote rows from.
    pub(crate) text: String,
    /// The bytes of the header's record.
    pub(crate) header: Option<std::ops::Range<usize>>,
    /// What remains.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was fixed.
    pub(crate) fixed: Vec<Diagnostic>,
    /// How many rows it has below the header.
    pub(crate) rows: usize,
}

/// Renders the reports of one run.
pub(crate) fn render(
    format: OutputFormat,
    reports: &[FileReport],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        OutputFormat::Full => reports.iter().try_for_each(|report| full::render(report, out)),
        OutputFormat::Concise => reports.iter().try_for_each(|report| concise::render(report, out)),
        OutputFormat::Json => json::render(reports, out),
    }
}

/// The certainty of a finding's fix, if it has one.
fn applicability(diagnostic: &Diagnostic) -> Option<Applicability> {
    diagnostic.finding.suggestion.as_ref().map(|suggestion| suggestion.applicability)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.finding.severity == Severity::Error
}

/// Text that cannot leave its line or drive a terminal: control characters become visible pictures of
/// themselves.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => '→',
            '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
            '\u{7f}' => '\u{2421}',
            _ if metricsheet_core::text::is_invisible(character)
                || metricsheet_core::text::is_line_break(character) =>
            {
                '\u{fffd}'
            }
            _ => character,
        })
        .collect()
}
