//! How often each rule was broken, and how much was found in each file: the most first.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::{Diagnostic, FileReport, applicability, harmless, is_error};

/// The counts of a run, by rule and by file. Only rules and files with a finding are in it.
#[derive(Debug, Serialize)]
pub(super) struct Statistics<'a> {
    rules: Vec<OfRule>,
    files: Vec<OfFile<'a>>,
}

#[derive(Debug, Serialize)]
struct OfRule {
    code: &'static str,
    name: &'static str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Serialize)]
struct OfFile<'a> {
    file: &'a str,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    /// Of these, how many have a fix, safe or not.
    fixable: usize,
    fixed: usize,
}

impl Counts {
    fn add(&mut self, diagnostic: &Diagnostic) {
        if is_error(diagnostic) {
            self.errors += 1;
        } else {
            self.warnings += 1;
        }
        self.fixable += usize::from(applicability(diagnostic).is_some());
    }

    /// Ascending order puts the most first.
    const fn order(&self) -> (std::cmp::Reverse<usize>, std::cmp::Reverse<usize>) {
        (std::cmp::Reverse(self.errors + self.warnings), std::cmp::Reverse(self.fixed))
    }
}

impl<'a> Statistics<'a> {
    /// Counts what the reports hold.
    pub(super) fn of(reports: &'a [FileReport]) -> Self {
        let mut rules: BTreeMap<&'static str, OfRule> = BTreeMap::new();
        let mut files = Vec::new();
        for report in reports {
            let mut of_file = Counts::default();
            let mut counts_of = |diagnostic: &Diagnostic, add: fn(&mut Counts, &_)| {
                let (code, name) = (diagnostic.finding.rule.code, diagnostic.finding.rule.name);
                let of_rule = rules.entry(code).or_insert(OfRule { code, name, counts: Counts::default() });
                add(&mut of_rule.counts, diagnostic);
                add(&mut of_file, diagnostic);
            };
            report.diagnostics.iter().for_each(|diagnostic| counts_of(diagnostic, Counts::add));
            report.fixed.iter().for_each(|diagnostic| counts_of(diagnostic, |counts, _| counts.fixed += 1));
            if !(report.diagnostics.is_empty() && report.fixed.is_empty()) {
                files.push(OfFile { file: &report.name, counts: of_file });
            }
        }
        let mut rules: Vec<OfRule> = rules.into_values().collect();
        rules.sort_by_key(|rule| rule.counts.order());
        files.sort_by(|one, two| (one.counts.order(), one.file).cmp(&(two.counts.order(), two.file)));
        Self { rules, files }
    }

    /// Two tables.
    pub(super) fn render(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let rules: Vec<_> =
            self.rules.iter().map(|rule| (rule.counts, format!("{} {}", rule.code, rule.name))).collect();
        let files: Vec<_> = self.files.iter().map(|file| (file.counts, harmless(file.file))).collect();
        table("rule", &rules, out)?;
        if !rules.is_empty() {
            writeln!(out)?;
        }
        table("file", &files, out)
    }
}

/// Nothing at all where nothing was found.
fn table(heading: &str, rows: &[(Counts, String)], out: &mut dyn Write) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "  errors  warnings   fixable     fixed  {heading}")?;
    for (Counts { errors, warnings, fixable, fixed }, name) in rows {
        writeln!(out, "{errors:>8}  {warnings:>8}  {fixable:>8}  {fixed:>8}  {name}")?;
    }
    Ok(())
}
