//! The counts of a run.

use std::fmt;

use serde::Serialize;

use super::{FileReport, Tally};

/// What a run found and fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Summary {
    pub(crate) files: usize,
    pub(crate) rows: usize,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) fixed: usize,
    pub(crate) fixable_safe: usize,
    pub(crate) fixable_unsafe: usize,
}

impl Summary {
    /// Counts what the reports hold.
    pub(crate) fn of(reports: &[FileReport]) -> Self {
        let mut summary = Self { files: reports.len(), ..Self::default() };
        for report in reports {
            summary.rows += report.rows;
            for (_, counts) in Tally::of(report).rules() {
                summary.errors += counts.errors;
                summary.warnings += counts.warnings;
                summary.fixed += counts.fixed;
                summary.fixable_safe += counts.fixable_safe;
                summary.fixable_unsafe += counts.fixable_unsafe;
            }
        }
        summary
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

impl Summary {
    /// The summary of a run that shows what it would fix and fixes nothing.
    pub(crate) const fn of_diff(&self) -> Sentence<'_> {
        Sentence { summary: self, fixed: "would fix" }
    }

    /// The summary of a run that may have fixed files.
    pub(crate) const fn of_run(&self) -> Sentence<'_> {
        Sentence { summary: self, fixed: "fixed" }
    }
}

/// The summary in words.
pub(crate) struct Sentence<'a> {
    summary: &'a Summary,
    fixed: &'static str,
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { summary, fixed } = self;
        let place = format!("{} of {}", counted(summary.rows, "row"), counted(summary.files, "file"));
        if summary.fixed > 0 {
            write!(formatter, "{fixed} {}; ", counted(summary.fixed, "finding"))?;
        }
        if summary.errors + summary.warnings == 0 {
            return write!(
                formatter,
                "nothing {}found in {place}",
                if summary.fixed > 0 { "more " } else { "" }
            );
        }
        let (errors, warnings) = (counted(summary.errors, "error"), counted(summary.warnings, "warning"));
        write!(formatter, "found {errors} and {warnings} in {place}")?;
        match (summary.fixable_safe, summary.fixable_unsafe) {
            (0, 0) => Ok(()),
            (safe, 0) => write!(formatter, "; `--fix` mends {safe}"),
            (0, doubtful) => write!(formatter, "; `--fix --unsafe-fixes` mends {doubtful}"),
            (safe, doubtful) => write!(formatter, "; `--fix` mends {safe}, `--unsafe-fixes` {doubtful} more"),
        }
    }
}
