//! How often each rule was broken, and how much was found in each file: the most first.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::{FileReport, Tally, harmless, tally};

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

#[derive(Debug, Clone, Copy, Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    /// Of these, how many have a fix, safe or not.
    fixable: usize,
    fixed: usize,
}

impl Counts {
    const fn of(counts: &tally::Counts) -> Self {
        let tally::Counts { errors, warnings, with_fix, fixed, .. } = *counts;
        Self { errors, warnings, fixable: with_fix, fixed }
    }

    /// Ascending order puts the most first.
    const fn order(&self) -> (std::cmp::Reverse<usize>, std::cmp::Reverse<usize>) {
        (std::cmp::Reverse(self.errors + self.warnings), std::cmp::Reverse(self.fixed))
    }
}

impl<'a> Statistics<'a> {
    /// Counts what the reports hold.
    pub(super) fn of(reports: &'a [FileReport]) -> Self {
        let mut rules: BTreeMap<&'static str, (&'static str, tally::Counts)> = BTreeMap::new();
        let mut files = Vec::new();
        for report in reports {
            let mut of_file = None;
            for (rule, counts) in Tally::of(report).rules() {
                of_file.get_or_insert_with(tally::Counts::default).add(counts);
                rules.entry(rule.code).or_insert((rule.name, tally::Counts::default())).1.add(counts);
            }
            files.extend(of_file.map(|counts| OfFile { file: &report.name, counts: Counts::of(&counts) }));
        }
        let rules = rules.into_iter();
        let rules = rules.map(|(code, (name, counts))| OfRule { code, name, counts: Counts::of(&counts) });
        let mut rules: Vec<OfRule> = rules.collect();
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
