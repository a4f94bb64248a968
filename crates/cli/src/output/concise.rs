//! A line for each finding: file, line, character, severity, code, message.

use std::io::Write;

use super::{FileReport, applicability, harmless, harmless_line};

pub(super) fn render(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    let name = harmless_line(&report.name);
    for diagnostic in &report.diagnostics {
        let finding = &diagnostic.finding;
        let fix = applicability(diagnostic)
            .map_or(String::new(), |applicability| format!(" [{} fix]", applicability.label()));
        writeln!(
            out,
            "{name}{}: {} {}: {}{fix}",
            harmless(&diagnostic.address()),
            finding.severity.label(),
            finding.rule.code,
            harmless(&finding.message),
        )?;
    }
    Ok(())
}
