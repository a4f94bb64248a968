//! The counts of a run.

use std::fmt;

use metricsheet_core::Applicability;
use serde::Serialize;

use super::{FileReport, applicability, is_error};

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
            summary.fixed += report.fixed.len();
            for diagnostic in &report.diagnostics {
                if is_error(diagnostic) {
                    summary.errors += 1;
                } else {
                    summary.warnings += 1;
                }
                match applicability(diagnostic) {
                    Some(Applicability::Safe) => summary.fixable_safe += 1,
                    Some(Applicability::Unsafe) => summary.fixable_unsafe += 1,
                    None => {}
                }
            }
        }
        summary
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = format!("{} of {}", counted(self.rows, "row"), counted(self.files, "file"));
        if self.fixed > 0 {
            write!(formatter, "fixed {}; ", counted(self.fixed, "finding"))?;
        }
        if self.errors + self.warnings == 0 {
            return write!(
                formatter,
                "nothing {}found in {place}",
                if self.fixed > 0 { "more " } else { "" }
            );
        }
        let (errors, warnings) = (counted(self.errors, "error"), counted(self.warnings, "warning"));
        write!(formatter, "found {errors} and {warnings} in {place}")?;
        match (self.fixable_safe, self.fixable_unsafe) {
            (0, 0) => Ok(()),
            (safe, 0) => write!(formatter, "; `--fix` mends {safe}"),
            (0, doubtful) => write!(formatter, "; `--fix --unsafe-fixes` mends {doubtful}"),
            (safe, doubtful) => write!(formatter, "; `--fix` mends {safe}, `--unsafe-fixes` {doubtful} more"),
        }
    }
}
