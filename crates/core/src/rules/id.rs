//! Rules for External IDs.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[
    &MISSING_ID,
    &COMMA_IN_ID,
    &QUOTE_IN_ID,
    &RESERVED_WORD,
    &MANGLED_ID,
    &COLLIDING_ID,
    &INCONSISTENT_ID,
    &LOST_LEADING_ZEROS,
    &UNKNOWN_ID,
    &REPEATED_SPACE,
    &DATE_LIKE_ID,
];

/// `I001`
pub static MISSING_ID: Rule = Rule {
    code: "I001",
    name: "missing-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The row has no External ID, or only a placeholder such as `N/A`, `-` or `TBD`.",
    why: "The service cannot tell which metric the value belongs to.",
    fix: "Enter the ID, or remove the row.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nN/A,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nN/A,5,03/31/2024\n",
    }],
};

/// `I002`
pub static COMMA_IN_ID: Rule = Rule {
    code: "I002",
    name: "comma-in-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The ID contains a comma.",
    why: "The service takes no commas in IDs.",
    fix: "The commas are removed: `Smith, John` becomes `Smith John`.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n\"Smith, John\",5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nSmith John,5,03/31/2024\n",
    }],
};

/// `I003`
pub static QUOTE_IN_ID: Rule = Rule {
    code: "I003",
    name: "quote-in-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The ID contains a double quotation mark, straight or typographic.",
    why: "The service takes no quotation marks in IDs.",
    fix: "The marks are removed; apostrophes stay.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n“Q1”,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nQ1,5,03/31/2024\n",
    }],
};

/// `I004`
pub static RESERVED_WORD: Rule = Rule {
    code: "I004",
    name: "reserved-word",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The ID contains the word \"external\", in any case.",
    why: "The service takes such a row for a header and refuses it.",
    fix: "Rename the metric in the service and in the file.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nExternal Rate,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nExternal Rate,5,03/31/2024\n",
    }],
};

/// `I005`
pub static MANGLED_ID: Rule = Rule {
    code: "I005",
    name: "mangled-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The ID is what a spreadsheet program made of another one: `1.23457E+11`, `####`, `#REF!`.",
    why: "The digits that were cut off are lost; two IDs may have become one.",
    fix: "Restore the ID from its source, and format the column as text.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n1.23457E+11,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\n1.23457E+11,5,03/31/2024\n",
    }],
};

/// `I006`
pub static COLLIDING_ID: Rule = Rule {
    code: "I006",
    name: "colliding-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A fix would make two different IDs of this file the same.",
    why: "Two metrics would be mixed into one.",
    fix: "Nothing is rewritten; rename one of the metrics.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n\"A,1\",5,03/31/2024\nA1,6,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\n\"A,1\",5,03/31/2024\nA1,6,03/31/2024\n",
    }],
};

/// `I007`
pub static INCONSISTENT_ID: Rule = Rule {
    code: "I007",
    name: "inconsistent-id",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "Two IDs of the file differ only in capitals or spaces.",
    why: "They are two metrics to the service, and probably one to you.",
    fix: "Decide on one spelling.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI 1,5,03/31/2024\nkpi 1,6,04/30/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI 1,5,03/31/2024\nkpi 1,6,04/30/2024\n",
    }],
};

/// `I008`
pub static LOST_LEADING_ZEROS: Rule = Rule {
    code: "I008",
    name: "lost-leading-zeros",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "The ID has fewer digits than all other numeric IDs of the file, which share one width.",
    why: "A spreadsheet program turns `00123` into 123, which the service does not know.",
    fix: "The zeros are put back.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n00123,5,03/31/2024\n00456,6,03/31/2024\n789,7,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\n00123,5,03/31/2024\n00456,6,03/31/2024\n00789,7,03/31/2024\n",
    }],
};

/// `I009`
pub static UNKNOWN_ID: Rule = Rule {
    code: "I009",
    name: "unknown-id",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::UnsafeOrNever,
    what: "The plan has no metric with this ID.",
    why: "The service refuses the row, or you update another metric than you meant.",
    fix: "If exactly one ID of the plan differs only in capitals, blanks, punctuation or leading zeros, or else only in one letter, that one is written. IDs whose numbers differ are named and not written.",
    settings: &["plan"],
    examples: &[
        Example {
            settings: "plan=KPI-1,KPI-2",
            before: "External ID,Current Metric Value,As Of Date\nkpi 01,5,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        },
        Example {
            settings: "plan=KPI-1,KPI-2",
            before: "External ID,Current Metric Value,As Of Date\nKPI-9,5,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-9,5,03/31/2024\n",
        },
    ],
};

/// `I010`
pub static REPEATED_SPACE: Rule = Rule {
    code: "I010",
    name: "repeated-space",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "The ID has several spaces in a row.",
    why: "It looks like one space, and is another ID.",
    fix: "One space is written.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nBed  days,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nBed days,5,03/31/2024\n",
    }],
};

/// `I011`
pub static DATE_LIKE_ID: Rule = Rule {
    code: "I011",
    name: "date-like-id",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The ID looks like a date: `Mar-05`, `1-Jan`.",
    why: "Spreadsheet programs turn IDs such as `MAR5` into dates.",
    fix: "Compare the ID with its source.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n1-Jan,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\n1-Jan,5,03/31/2024\n",
    }],
};
