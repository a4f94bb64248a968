//! Rules for whole rows, alone and against each other.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[&EMPTY_ROW, &MISSING_FIELD, &EXTRA_FIELD, &REPEATED_ROW, &CONFLICTING_ROW];

/// `R001`
pub static EMPTY_ROW: Rule = Rule {
    code: "R001",
    name: "empty-row",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "A blank line, or a row of separators alone; blanks and invisible characters between them count as nothing.",
    why: "The service refuses files with empty rows.",
    fix: "The row is removed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n,,\n\nKPI-2,6,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\nKPI-2,6,03/31/2024\n",
    }],
};

/// `R002`
pub static MISSING_FIELD: Rule = Rule {
    code: "R002",
    name: "missing-field",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The row has fewer fields than the header.",
    why: "Which field is missing cannot be known.",
    fix: "Complete the row.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5\n",
    }],
};

/// `R003`
pub static EXTRA_FIELD: Rule = Rule {
    code: "R003",
    name: "extra-field",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The row has more fields than the header.",
    why: "The fields behind the extra one may be in the wrong column.",
    fix: "Empty fields at the end are removed. A comma in an unquoted ID is removed, as an unsafe fix, where exactly one joining of fields gives a valid row.",
    settings: &[],
    examples: &[
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024,,\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nSmith, John,5,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nSmith John,5,03/31/2024\n",
        },
    ],
};

/// `R004`
pub static REPEATED_ROW: Rule = Rule {
    code: "R004",
    name: "repeated-row",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The row says the same as an earlier one: same ID, day and value.",
    why: "Nothing goes wrong, but somebody copied a row and may have meant to change it.",
    fix: "The later row is removed. Unsafe where the two are equal only after an unsafe fix.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\nKPI-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `R005`
pub static CONFLICTING_ROW: Rule = Rule {
    code: "R005",
    name: "conflicting-row",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "Two rows have the same ID and day, and different values.",
    why: "Which one the service keeps depends on chance.",
    fix: "Remove the wrong one.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\nKPI-1,6,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\nKPI-1,6,03/31/2024\n",
    }],
};
