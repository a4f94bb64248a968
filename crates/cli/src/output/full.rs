//! The row under its header, the place marked with carets, and the fix as a small patch.

use std::io::Write;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use metricsheet_core::{Place, Severity};
use unicode_width::UnicodeWidthStr;

use super::diagnostic::TextSpot;
use super::{Diagnostic, FileReport, harmless};

const BOLD: Style = Style::new().bold();
const FRAME: Style = AnsiColor::Blue.on_default().bold();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// A line is shown this wide; a longer one is cut around its marked place.
const WIDEST: usize = 100;

pub(super) fn render(report: &FileReport, out: &mut dyn Write) -> std::io::Result<()> {
    report.diagnostics.iter().try_for_each(|diagnostic| one(report, diagnostic, out))
}

fn one(report: &FileReport, diagnostic: &Diagnostic, out: &mut dyn Write) -> std::io::Result<()> {
    let finding = &diagnostic.finding;
    let colour = match finding.severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
    };
    let (severity, code) = (finding.severity.label(), finding.rule.code);
    writeln!(out, "{colour}{severity}[{code}]{colour:#}{BOLD}: {}{BOLD:#}", harmless(&finding.message))?;
    let spot = diagnostic.text_spot();
    // The cell of a workbook names its row.
    let place = match (diagnostic.row().filter(|_| spot.is_some()), &diagnostic.label) {
        (Some(row), Some(label)) => format!(" (row {row}, {})", harmless(label)),
        (Some(row), None) => format!(" (row {row})"),
        (None, Some(label)) => format!(" ({})", harmless(label)),
        (None, None) => String::new(),
    };
    let line = diagnostic.line();
    let margin = spot.map_or(1, |_| line.to_string().len());
    let name = harmless(&report.name);
    writeln!(out, "{:margin$}{FRAME}-->{FRAME:#} {name}{}{place}", "", harmless(&diagnostic.address()))?;
    let snippet = spot.and_then(|spot| Snippet::new(&report.text, finding.place, spot));
    if let Some(snippet) = &snippet {
        writeln!(out, "{:margin$} {FRAME}|{FRAME:#}", "")?;
        if let Some(header) = report.header.as_ref().filter(|header| header.end <= snippet.line_span.start) {
            let header =
                report.text.get(header.clone()).unwrap_or_default().lines().next().unwrap_or_default();
            writeln!(out, "{:margin$} {FRAME}|{FRAME:#} {}", "", cut(&harmless(header), 0).0)?;
        }
        let (shown, before) = cut(&snippet.shown, snippet.before);
        writeln!(out, "{FRAME}{line:>margin$} |{FRAME:#} {shown}")?;
        let carets = "^".repeat(snippet.width.clamp(1, WIDEST.saturating_sub(before).max(1)));
        writeln!(out, "{:margin$} {FRAME}|{FRAME:#} {:before$}{colour}{carets}{colour:#}", "", "")?;
    }
    if let Some(suggestion) = &finding.suggestion {
        writeln!(
            out,
            "{:margin$} {FRAME}={FRAME:#} help: {} ({} fix)",
            "",
            harmless(&suggestion.title),
            suggestion.applicability.label()
        )?;
    }
    if let Some(note) = &finding.note {
        writeln!(out, "{:margin$} {FRAME}={FRAME:#} note: {}", "", harmless(note))?;
    }
    if let Some((old, new)) = snippet.zip(spot).and_then(|(snippet, spot)| snippet.patch(&report.text, spot))
    {
        writeln!(out, "{:margin$} {FRAME}|{FRAME:#}", "")?;
        writeln!(out, "{FRAME}{line:>margin$}{FRAME:#} {REMOVED}- {}{REMOVED:#}", cut(&harmless(&old), 0).0)?;
        if let Some(new) = new {
            writeln!(out, "{FRAME}{line:>margin$}{FRAME:#} {ADDED}+ {}{ADDED:#}", cut(&harmless(&new), 0).0)?;
        }
    }
    writeln!(out)
}

/// The line in which a finding starts.
struct Snippet {
    line_span: Range<usize>,
    shown: String,
    /// The columns on the terminal before the marked place, and of it.
    before: usize,
    width: usize,
}

impl Snippet {
    /// `None` if there is no text to show.
    fn new(text: &str, place: Place, spot: &TextSpot) -> Option<Self> {
        // What is wrong with a file as a whole, and stands nowhere in it, has no line to show.
        if place == Place::File && spot.span.is_empty() {
            return None;
        }
        let start = spot.span.start;
        let head = text.get(..start)?;
        let is_line_end = |character: char| matches!(character, '\n' | '\r');
        let line_start = head.rfind(is_line_end).map_or(0, |at| at + 1);
        let line_end = text.get(start..)?.find(is_line_end).map_or(text.len(), |at| start + at);
        let line = text.get(line_start..line_end)?;
        if line.is_empty() && spot.span.is_empty() && text.get(line_end..)?.is_empty() {
            return None;
        }
        let marked = text.get(start..spot.span.end.clamp(start, line_end)).unwrap_or_default();
        Some(Self {
            line_span: line_start..line_end,
            shown: harmless(line),
            before: harmless(text.get(line_start..start)?).width(),
            width: harmless(marked).width(),
        })
    }

    /// The line before and after the fix, where the fix touches this line alone. A removed line has no after.
    fn patch(&self, text: &str, spot: &TextSpot) -> Option<(String, Option<String>)> {
        let first = spot.edits.first().filter(|_| !spot.reaches_every_record)?;
        let line = text.get(self.line_span.clone())?;
        let removes_line = first.content.is_empty()
            && first.span.start == self.line_span.start
            && first.span.end > self.line_span.end.saturating_sub(1).max(self.line_span.start);
        if removes_line && spot.edits.len() == 1 {
            return Some((line.to_owned(), None));
        }
        let is_inside = |edit: &metricsheet_lint::Edit| {
            edit.span.start >= self.line_span.start
                && edit.span.end <= self.line_span.end
                && !edit.content.contains('\n')
        };
        if !spot.edits.iter().all(is_inside) {
            return None;
        }
        let mut new = line.to_owned();
        for edit in spot.edits.iter().rev() {
            let span = edit.span.start - self.line_span.start..edit.span.end - self.line_span.start;
            new.replace_range(span, &edit.content);
        }
        Some((line.to_owned(), Some(new)))
    }
}

/// Cuts a long line so that the place `before` columns in is seen; returns where it is then.
fn cut(line: &str, before: usize) -> (String, usize) {
    if line.width() <= WIDEST {
        return (line.to_owned(), before);
    }
    let skipped = before.saturating_sub(WIDEST / 2);
    let mut out = String::new();
    let mut column = 0;
    if skipped > 0 {
        out.push('…');
    }
    for character in line.chars() {
        let width = unicode_width::UnicodeWidthChar::width(character).unwrap_or(0);
        if column >= skipped && column + width < skipped + WIDEST {
            out.push(character);
        }
        column += width;
    }
    if column > skipped + WIDEST {
        out.push('…');
    }
    (out, before - skipped + usize::from(skipped > 0))
}
