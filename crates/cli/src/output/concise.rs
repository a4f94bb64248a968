//! A line for each finding: file, line, character, severity, code, message.

use std::io::Write;

use super::{FileReport, applicability, harmless};

pub(super) fn render(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    // A line of a build's log that begins with `::` would be taken for a command.
    let forges_commands = report.name.trim_start().starts_with("::");
    let directory = if forges_commands { "./" } else { "" };
    for diagnostic in &report.diagnostics {
        let finding = &diagnostic.finding;
        let fix = applicability(diagnostic)
            .map_or(String::new(), |applicability| format!(" [{} fix]", applicability.label()));
        writeln!(
            out,
            "{directory}{}:{}:{}: {} {}: {}{fix}",
            harmless(&report.name),
            diagnostic.line,
            diagnostic.character,
            finding.severity.label(),
            finding.rule.code,
            harmless(&finding.message),
        )?;
    }
    Ok(())
}
