//! JUnit XML, for services that show tests: a suite for each file, a failed case for each finding, and one
//! case that passes for a file without any. Text is escaped, and what XML forbids is replaced.

use std::io::Write;

use super::{FileReport, Outcome, harmless_character, message_with_help};

pub(super) fn render(outcome: &Outcome, out: &mut dyn Write) -> std::io::Result<()> {
    let failures: usize = outcome.reports.iter().map(|report| report.diagnostics.len()).sum();
    let passes = outcome.reports.iter().filter(|report| report.diagnostics.is_empty()).count();
    let errors = outcome.failures.len();
    let tests = failures + passes + errors;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"metricsheet\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    )?;
    outcome.reports.iter().try_for_each(|report| suite(report, out))?;
    for failure in &outcome.failures {
        let name = xml(failure.name.as_deref().unwrap_or("directories"));
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">")?;
        writeln!(out, "    <testcase name=\"check\" classname=\"{name}\">")?;
        writeln!(out, "      <error message=\"{}\"/>", xml(&failure.message))?;
        writeln!(out, "    </testcase>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    let file = xml(&report.name);
    let failures = report.diagnostics.len();
    let tests = failures.max(1);
    writeln!(out, "  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    if failures == 0 {
        writeln!(out, "    <testcase name=\"check\" classname=\"{file}\" file=\"{file}\"/>")?;
    }
    for diagnostic in &report.diagnostics {
        let (finding, line) = (&diagnostic.finding, diagnostic.line());
        let (code, name) = (finding.rule.code, finding.rule.name);
        let place = xml(&diagnostic.place_in_words());
        let severity = finding.severity.label();
        writeln!(
            out,
            "    <testcase name=\"{code} {name} ({place})\" classname=\"{file}\" file=\"{file}\" line=\"{line}\">"
        )?;
        let text: Vec<String> = message_with_help(diagnostic).lines().map(xml).collect();
        writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{}\">{file}, {place}: {severity} {code}: {}</failure>",
            xml(&finding.message),
            text.join("\n"),
        )?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// Text for an attribute or an element. Control characters, which XML forbids even as references, become
/// pictures of themselves.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(harmless_character(character)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_stays_text() {
        let nasty = "]]>\u{0}\u{1b}[31m\n\t<script>\"'&\u{ffff}\u{2028}";
        assert_eq!(super::xml(nasty), "]]&gt;␀␛[31m␊→&lt;script&gt;&quot;&apos;&amp;\u{fffd}\u{fffd}");
    }
}
