//! How much was found and fixed in one file, by rule: all that is kept of findings that were told already.

use std::collections::BTreeMap;

use metricsheet_core::{Applicability, Rule};

use super::{Diagnostic, FileReport, applicability, is_error};

/// Counts by the codes of the rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    rules: BTreeMap<&'static str, (&'static Rule, Counts)>,
}

/// How often a rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    /// Of these, how many a safe fix mends. Nothing is mended in workbooks.
    pub(crate) fixable_safe: usize,
    /// And how many an unsafe one does.
    pub(crate) fixable_unsafe: usize,
    /// How many have a fix, be it one for somebody to make in a workbook.
    pub(crate) with_fix: usize,
    pub(crate) fixed: usize,
}

impl Counts {
    pub(crate) const fn add(&mut self, other: &Self) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.fixable_safe += other.fixable_safe;
        self.fixable_unsafe += other.fixable_unsafe;
        self.with_fix += other.with_fix;
        self.fixed += other.fixed;
    }
}

impl Tally {
    /// Counts all that a report holds, and what was told before.
    pub(crate) fn of(report: &FileReport) -> Self {
        let mut tally = report.told.clone();
        report.diagnostics.iter().for_each(|diagnostic| tally.add(diagnostic));
        report.fixed.iter().for_each(|diagnostic| tally.add_fixed(diagnostic.finding.rule, 1));
        tally
    }

    /// Counts a finding that remains.
    pub(crate) fn add(&mut self, diagnostic: &Diagnostic) {
        let counts = self.counts(diagnostic.finding.rule);
        if is_error(diagnostic) {
            counts.errors += 1;
        } else {
            counts.warnings += 1;
        }
        let Some(applicability) = applicability(diagnostic) else { return };
        counts.with_fix += 1;
        match applicability {
            _ if diagnostic.text_spot().is_none() => {}
            Applicability::Safe => counts.fixable_safe += 1,
            Applicability::Unsafe => counts.fixable_unsafe += 1,
        }
    }

    /// Counts findings that were fixed.
    pub(crate) fn add_fixed(&mut self, rule: &'static Rule, count: usize) {
        self.counts(rule).fixed += count;
    }

    /// The rules with a finding, and their counts.
    pub(crate) fn rules(&self) -> impl Iterator<Item = (&'static Rule, &Counts)> {
        self.rules.values().map(|(rule, counts)| (*rule, counts))
    }

    fn counts(&mut self, rule: &'static Rule) -> &mut Counts {
        let (_, counts) = self.rules.entry(rule.code).or_insert((rule, Counts::default()));
        counts
    }
}
