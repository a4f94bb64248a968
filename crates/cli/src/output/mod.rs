//! What was found, in the form that was asked for. One file for each form.

mod concise;
pub(crate) mod conversion;
mod diagnostic;
mod fingerprint;
mod full;
mod github;
mod gitlab;
mod json;
mod jsonl;
mod junit;
mod left_out;
mod plain_json;
pub(crate) mod provenance;
mod sarif;
mod statistics;
mod summary;
mod tally;

use std::fmt::Write as _;
use std::io::Write;

use clap::ValueEnum;
use metricsheet_core::{Applicability, Severity};

pub(crate) use diagnostic::{Diagnostic, Spot, missing_tables, of_workbook};
pub(crate) use left_out::{left_out, note};
use statistics::Statistics;
pub(crate) use summary::Summary;
pub(crate) use tally::Tally;

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
    /// A JSON object for each finding, one a line
    Jsonl,
    /// Commands that GitHub Actions turns into annotations
    Github,
    /// A Code Quality report for GitLab
    Gitlab,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// JUnit XML: a suite for each file, a failed case for each finding
    Junit,
}

impl OutputFormat {
    /// Whether the form shows or measures the text around a finding.
    pub(crate) const fn needs_text(self) -> bool {
        match self {
            Self::Full | Self::Sarif => true,
            Self::Concise | Self::Json | Self::Jsonl | Self::Github | Self::Gitlab | Self::Junit => false,
        }
    }

    /// Whether the form tells each edit of a fix.
    pub(crate) const fn tells_edits(self) -> bool {
        match self {
            Self::Json | Self::Jsonl | Self::Sarif => true,
            Self::Full | Self::Concise | Self::Github | Self::Gitlab | Self::Junit => false,
        }
    }

    /// Whether the form is told file by file, one finding after the other, and not as one document.
    pub(crate) const fn is_told_by_file(self) -> bool {
        match self {
            Self::Full | Self::Concise | Self::Jsonl | Self::Github => true,
            Self::Json | Self::Gitlab | Self::Sarif | Self::Junit => false,
        }
    }

    /// Whether the form has a place for counts by rule and by file.
    pub(crate) const fn has_statistics(self) -> bool {
        match self {
            Self::Full | Self::Concise | Self::Json => true,
            Self::Jsonl | Self::Github | Self::Gitlab | Self::Sarif | Self::Junit => false,
        }
    }
}

/// What was found in one file.
#[derive(Debug)]
pub(crate) struct FileReport {
    /// The name it is reported by.
    pub(crate) name: String,
    /// Its text as it stands now, to quote rows from.
    pub(crate) text: String,
    /// Whether the bytes of the text are those of the file.
    pub(crate) is_utf8: bool,
    /// The bytes of the header's record.
    pub(crate) header: Option<std::ops::Range<usize>>,
    /// What remains.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was fixed.
    pub(crate) fixed: Vec<Diagnostic>,
    /// How many rows it has below the header.
    pub(crate) rows: usize,
    /// What remained and was fixed beside that, and was told already.
    pub(crate) told: Tally,
}

impl FileReport {
    /// A file of which nothing is known yet.
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            text: String::new(),
            is_utf8: false,
            header: None,
            diagnostics: Vec::new(),
            fixed: Vec::new(),
            rows: 0,
            told: Tally::default(),
        }
    }

    /// Forgets what was told, and keeps the counts.
    pub(crate) fn told(self) -> Self {
        let told = Tally::of(&self);
        Self { rows: self.rows, told, ..Self::new(self.name) }
    }
}

/// A file that could not be checked.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The file's name; `None` where a directory could not be walked.
    pub(crate) name: Option<String>,
    /// The error and its causes.
    pub(crate) message: String,
}

/// All that one run has to say.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The files that were checked, in the order in which they were named or found.
    pub(crate) reports: Vec<FileReport>,
    /// The files that could not be.
    pub(crate) failures: Vec<Failure>,
}

/// Renders what was found in one file, in a form that is told by file. The forms that are documents say nothing yet.
pub(crate) fn render_file(
    format: OutputFormat,
    report: &FileReport,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match format {
        OutputFormat::Full => full::render(report, out),
        OutputFormat::Concise => concise::render(report, out),
        OutputFormat::Jsonl => jsonl::render(report, out),
        OutputFormat::Github => github::render(report, out),
        OutputFormat::Json | OutputFormat::Gitlab | OutputFormat::Sarif | OutputFormat::Junit => Ok(()),
    }
}

/// Renders what is told at the end of a run: the documents. With `counted`, the forms made of text hold counts
/// instead of findings, and the JSON document has a `statistics` key.
pub(crate) fn render_end(
    format: OutputFormat,
    outcome: &Outcome,
    counted: bool,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let reports = &outcome.reports;
    let statistics = counted.then(|| Statistics::of(reports));
    match (format, statistics) {
        (OutputFormat::Json, statistics) => json::render(reports, statistics, out),
        (OutputFormat::Full | OutputFormat::Concise, Some(statistics)) => statistics.render(out),
        (OutputFormat::Full | OutputFormat::Concise, None)
        | (OutputFormat::Jsonl | OutputFormat::Github, _) => Ok(()),
        (OutputFormat::Gitlab, _) => gitlab::render(reports, out),
        (OutputFormat::Sarif, _) => sarif::render(outcome, out),
        (OutputFormat::Junit, _) => junit::render(outcome, out),
    }
}

/// The certainty of a finding's fix, if it has one.
fn applicability(diagnostic: &Diagnostic) -> Option<Applicability> {
    diagnostic.finding.suggestion.as_ref().map(|suggestion| suggestion.applicability)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.finding.severity == Severity::Error
}

/// The name as the services of repositories know it: they refuse a leading `./`.
fn path_in_repository(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name)
}

/// The message with the fix and the doubt below it, a line each.
fn message_with_help(diagnostic: &Diagnostic) -> String {
    let finding = &diagnostic.finding;
    let mut text = finding.message.clone();
    if let Some(suggestion) = &finding.suggestion {
        let _ = write!(text, "\nhelp: {} ({} fix)", suggestion.title, suggestion.applicability.label());
    }
    if let Some(note) = &finding.note {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    text
}

/// A line that a build service cannot take for a command: those begin with `::`.
pub(crate) fn harmless_line(text: &str) -> String {
    let line = harmless(text);
    if line.trim_start().starts_with("::") { format!("./{line}") } else { line }
}

/// Text that cannot leave its line or drive a terminal: control characters become visible pictures of
/// themselves.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(harmless_character).collect()
}

fn harmless_character(character: char) -> char {
    match character {
        '\t' => '→',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ if metricsheet_core::text::is_invisible(character)
            || metricsheet_core::text::is_line_break(character) =>
        {
            '\u{fffd}'
        }
        _ => character,
    }
}
