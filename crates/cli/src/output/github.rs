//! Workflow commands, which GitHub Actions turns into annotations beside the lines they are about. Everything
//! that comes from a file is escaped as the runner unescapes it, so that no cell and no name can end its
//! command or begin another.

use std::fmt::Write as _;
use std::io::Write;

use metricsheet_core::Severity;

use super::{FileReport, harmless_character, message_with_help, path_in_repository};

pub(super) fn render(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    let file = property(path_in_repository(&report.name));
    for diagnostic in &report.diagnostics {
        let rule = diagnostic.finding.rule;
        let command = match diagnostic.finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(
            out,
            "::{command} file={file},line={},col={},title={}::{}",
            diagnostic.line(),
            diagnostic.character(),
            property(&format!("{} {}", rule.code, rule.name)),
            data(&message_with_help(diagnostic)),
        )?;
    }
    Ok(())
}

/// The text of a command. Control characters that have no escape become pictures of themselves.
fn data(text: &str) -> String {
    escaped(text, "%\r\n")
}

/// The value of a command's property.
fn property(text: &str) -> String {
    escaped(text, "%\r\n:,")
}

/// All that the runner unescapes is ASCII, two digits each.
fn escaped(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if special.contains(character) {
            let _ = write!(out, "%{:02X}", u32::from(character));
        } else {
            out.push(harmless_character(character));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_property_or_its_command() {
        let text = "100%,a:b\r\n::error::x\u{1b}[31m\u{2028}";
        assert_eq!(property(text), "100%25%2Ca%3Ab%0D%0A%3A%3Aerror%3A%3Ax␛[31m\u{fffd}");
        assert_eq!(data(text), "100%25,a:b%0D%0A::error::x␛[31m\u{fffd}");
    }
}
