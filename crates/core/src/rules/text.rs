//! Rules for the text of any cell.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] =
    &[&SURROUNDING_WHITESPACE, &INVISIBLE_CHARACTER, &LINE_BREAK_IN_CELL, &FORMULA_LIKE_TEXT];

/// `T001`
pub static SURROUNDING_WHITESPACE: Rule = Rule {
    code: "T001",
    name: "surrounding-whitespace",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "Blanks, tabs or line ends stand before or after the text of a cell.",
    why: "An ID with a blank behind it is another ID to the service, and nobody sees the difference.",
    fix: "The blanks are removed, no-break spaces included.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1 ,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `T002`
pub static INVISIBLE_CHARACTER: Rule = Rule {
    code: "T002",
    name: "invisible-character",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The cell holds characters that nobody sees: zero-width spaces, byte order marks, soft hyphens, control characters.",
    why: "The text looks right and is not: the service knows no such ID, and no such number.",
    fix: "The characters are removed; a tab inside a text becomes a space. Joiners in comments stay, because scripts and emoji need them.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI\u{200b}-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `T003`
pub static LINE_BREAK_IN_CELL: Rule = Rule {
    code: "T003",
    name: "line-break-in-cell",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrNever,
    what: "A line break stands inside of a cell.",
    why: "Many readers of CSV files end the row there.",
    fix: "One space is written instead. In a comment the finding is a warning without a fix.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n\"KPI\n1\",5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI 1,5,03/31/2024\n",
    }],
};

/// `T004`
pub static FORMULA_LIKE_TEXT: Rule = Rule {
    code: "T004",
    name: "formula-like-text",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A comment begins with `=`, `+`, `-` or `@`.",
    why: "It runs as a formula when the file is opened in a spreadsheet program.",
    fix: "Begin the comment with a word.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date,Comment\nKPI-1,5,03/31/2024,=SUM(A1)\n",
        after: "External ID,Current Metric Value,As Of Date,Comment\nKPI-1,5,03/31/2024,=SUM(A1)\n",
    }],
};
