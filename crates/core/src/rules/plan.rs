//! Rules for what a file and the plan have to do with each other.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[&METRIC_NOT_UPDATED];

/// `P001`
pub static METRIC_NOT_UPDATED: Rule = Rule {
    code: "P001",
    name: "metric-not-updated",
    severity: Severity::Warning,
    is_opt_in: true,
    fixability: Fixability::Never,
    what: "A metric of the plan has no row in this file.",
    why: "Its value stays what it was, which nobody notices.",
    fix: "Add a row for it, unless another file updates it.",
    settings: &["plan"],
    examples: &[Example {
        settings: "plan=KPI-1,KPI-2",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};
