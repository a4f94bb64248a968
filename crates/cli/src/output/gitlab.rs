//! GitLab's Code Quality report: an array of what it calls violations.

use std::io::Write;

use metricsheet_core::Severity;
use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::{FileReport, message_with_help, path_in_repository, plain_json};

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn render(reports: &[FileReport], out: &mut dyn Write) -> std::io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let mut violations = Vec::new();
    for report in reports {
        let path = path_in_repository(&report.name);
        violations.extend(report.diagnostics.iter().map(|diagnostic| Violation {
            description: message_with_help(diagnostic),
            check_name: format!("{} {}", diagnostic.finding.rule.code, diagnostic.finding.rule.name),
            fingerprint: fingerprints.of(path, diagnostic),
            severity: match diagnostic.finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
            },
            location: Location { path, lines: Lines { begin: diagnostic.line() } },
        }));
    }
    plain_json::write_pretty(&violations, out)
}
