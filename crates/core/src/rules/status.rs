//! Rules for the status of progress updates.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[&UNKNOWN_STATUS, &MISSPELLED_STATUS, &MISSING_STATUS];

/// `S001`
pub static UNKNOWN_STATUS: Rule = Rule {
    code: "S001",
    name: "unknown-status",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::UnsafeOrNever,
    what: "The status is none of the service's.",
    why: "The service refuses the row.",
    fix: "Enter a status of the service. If exactly one is near, it is suggested.",
    settings: &["statuses"],
    examples: &[
        Example {
            settings: "",
            before: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,Ontrak,5,03/31/2024\n",
            after: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,On Track,5,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,Green,5,03/31/2024\n",
            after: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,Green,5,03/31/2024\n",
        },
    ],
};

/// `S002`
pub static MISSPELLED_STATUS: Rule = Rule {
    code: "S002",
    name: "misspelled-status",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The status differs from one of the service's only in spaces, hyphens or underscores, or is `Cancelled`.",
    why: "Capitals do not matter to the service, spelling does.",
    fix: "The service's spelling is written.",
    settings: &["statuses"],
    examples: &[Example {
        settings: "",
        before: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,On-Track,5,03/31/2024\n",
        after: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,On Track,5,03/31/2024\n",
    }],
};

/// `S003`
pub static MISSING_STATUS: Rule = Rule {
    code: "S003",
    name: "missing-status",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The row has no status.",
    why: "The service refuses the row.",
    fix: "Enter a status.",
    settings: &["statuses"],
    examples: &[Example {
        settings: "",
        before: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,,5,03/31/2024\n",
        after: "External ID,Status,Current Metric Value,As Of Date\nKPI-1,,5,03/31/2024\n",
    }],
};
