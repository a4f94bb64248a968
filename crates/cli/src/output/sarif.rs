//! SARIF 2.1.0, the interchange format of static analysis: GitHub's code scanning and editors read it. The
//! rules carry their explanation from the registry; the fixes are replacements of bytes, as `--fix` does them.

use std::fmt::Write as _;
use std::io::Write;
use std::ops::Range;

use metricsheet_core::{Rule, Severity, rules};
use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::{Diagnostic, Failure, FileReport, Outcome, path_in_repository, plain_json};

mod position;

use position::LineStarts;

/// The schema of the standard's current text.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: PartialFingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<[Fix; 1]>,
}

#[derive(Serialize)]
struct PartialFingerprints {
    #[serde(rename = "metricsheetFinding/v1")]
    finding: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    /// The sheet and the cell of a workbook.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(flatten)]
    lines: Option<Lines>,
    byte_offset: usize,
    byte_length: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Text,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Text>,
}

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> std::io::Result<()> {
    let broken: Vec<&'static Rule> = rules::all().filter(|rule| is_broken(rule, &outcome.reports)).collect();
    let mut fingerprints = Fingerprints::default();
    let mut results = Vec::new();
    for report in &outcome.reports {
        let lines = LineStarts::new(&report.text);
        for diagnostic in &report.diagnostics {
            let fingerprint = fingerprints.of(path_in_repository(&report.name), diagnostic);
            results.push(finding(report, &lines, diagnostic, &broken, fingerprint));
        }
    }
    let invocation = Invocation {
        execution_successful: outcome.failures.is_empty(),
        tool_execution_notifications: outcome.failures.iter().map(notification).collect(),
    };
    let driver = Driver {
        name: "metricsheet",
        semantic_version: env!("CARGO_PKG_VERSION"),
        rules: broken.iter().map(|rule| descriptor(rule)).collect(),
    };
    let run =
        Run { tool: Tool { driver }, invocations: [invocation], column_kind: "unicodeCodePoints", results };
    plain_json::write_pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }, out)
}

fn is_broken(rule: &Rule, reports: &[FileReport]) -> bool {
    let mut found = reports.iter().flat_map(|report| &report.diagnostics);
    found.any(|diagnostic| diagnostic.finding.rule.code == rule.code)
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn descriptor(rule: &Rule) -> Descriptor {
    let fix = format!("Fix ({}): {}", rule.fixability.label(), rule.fix);
    Descriptor {
        id: rule.code,
        name: rule.name,
        short_description: Text { text: rule.what.to_owned() },
        full_description: Text { text: format!("{} {}", rule.what, rule.why) },
        help: Text { text: format!("{} {}\n\n{fix}", rule.what, rule.why) },
        default_configuration: Configuration { level: level(rule.severity) },
    }
}

fn finding(
    report: &FileReport,
    lines: &LineStarts<'_>,
    diagnostic: &Diagnostic,
    broken: &[&'static Rule],
    fingerprint: String,
) -> Finding {
    let rule = diagnostic.finding.rule;
    let place = diagnostic.text_spot().map(|spot| region(Some(lines_of(lines, &spot.span)), &spot.in_file));
    Finding {
        rule_id: rule.code,
        rule_index: broken.iter().position(|broken| broken.code == rule.code).unwrap_or_default(),
        level: level(diagnostic.finding.severity),
        message: message(&diagnostic.finding.message),
        locations: [Location { logical_locations: logical(diagnostic), ..location(&report.name, place) }],
        partial_fingerprints: PartialFingerprints { finding: fingerprint },
        fixes: fix(report, lines, diagnostic).map(|fix| [fix]),
    }
}

fn fix(report: &FileReport, lines: &LineStarts<'_>, diagnostic: &Diagnostic) -> Option<Fix> {
    let suggestion = diagnostic.finding.suggestion.as_ref()?;
    let replacements: Vec<Replacement> = diagnostic
        .text_spot()?
        .edits
        .iter()
        .map(|edit| Replacement {
            // Edits are in bytes of the file, whose lines are known only where they are the text's.
            deleted_region: region(report.is_utf8.then(|| lines_of(lines, &edit.span)), &edit.span),
            inserted_content: (!edit.content.is_empty()).then(|| Text { text: edit.content.to_string() }),
        })
        .collect();
    if replacements.is_empty() {
        return None;
    }
    Some(Fix {
        description: message(&format!("{} ({} fix)", suggestion.title, suggestion.applicability.label())),
        artifact_changes: [ArtifactChange {
            artifact_location: ArtifactLocation { uri: uri(&report.name) },
            replacements,
        }],
    })
}

fn notification(failure: &Failure) -> Notification {
    Notification {
        level: "error",
        message: message(&failure.message),
        locations: failure.name.iter().map(|name| location(name, None)).collect(),
    }
}

/// A message in which no cell can place a link: SARIF reads `[text](target)` as one.
fn message(text: &str) -> Text {
    Text { text: text.replace("](", "] (") }
}

fn location(file: &str, region: Option<Region>) -> Location {
    let artifact_location = ArtifactLocation { uri: uri(file) };
    Location {
        physical_location: PhysicalLocation { artifact_location, region },
        logical_locations: Vec::new(),
    }
}

fn logical(diagnostic: &Diagnostic) -> Vec<LogicalLocation> {
    let name = if diagnostic.text_spot().is_some() { String::new() } else { diagnostic.place_in_words() };
    (!name.is_empty()).then_some(LogicalLocation { fully_qualified_name: name }).into_iter().collect()
}

/// `lines` and `bytes` are the same place, in the text and in the file.
fn region(lines: Option<Lines>, bytes: &Range<usize>) -> Region {
    Region { lines, byte_offset: bytes.start, byte_length: bytes.len() }
}

fn lines_of(starts: &LineStarts<'_>, span: &Range<usize>) -> Lines {
    let ((start_line, start_column), (end_line, end_column)) =
        (starts.place(span.start), starts.place(span.end));
    Lines { start_line, start_column, end_line, end_column }
}

/// The file's name as a reference: relative as it was given, or with the `file` scheme if it is absolute.
fn uri(name: &str) -> String {
    let name = path_in_repository(name);
    let is_drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes().get(2) == Some(&b'/');
    let mut out = match (name.starts_with('/'), is_drive) {
        (true, _) => "file://".to_owned(),
        (false, true) => "file:///".to_owned(),
        (false, false) => String::new(),
    };
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_references() {
        for (name, expected) in [
            ("./q1.csv", "q1.csv"),
            ("a b/ü%.csv", "a%20b/%C3%BC%25.csv"),
            ("/tmp/x.csv", "file:///tmp/x.csv"),
            ("C:/x.csv", "file:///C%3A/x.csv"),
            ("a:b?c#d\n.csv", "a%3Ab%3Fc%23d%0A.csv"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }

    #[test]
    fn messages_hold_no_links() {
        assert_eq!(message("`[x](http://y)`").text, "`[x] (http://y)`");
    }
}
