//! Rules for workbooks, found while converting or checking one.

use crate::finding::Severity;
use crate::rule::{Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[
    &FORMULA_WITHOUT_VALUE,
    &ERROR_CELL,
    &HIDDEN_DATA,
    &MERGED_CELL,
    &PRECISION_LOSS,
    &NUMBER_AS_TEXT,
    &NO_TABLE,
    &TEXT_AFTER_TABLE,
    &REPEATED_HEADER,
    &EXTERNAL_LINK_VALUE,
];

/// `W001`
pub static FORMULA_WITHOUT_VALUE: Rule = Rule {
    code: "W001",
    name: "formula-without-value",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A formula has no stored result.",
    why: "The program that saved the workbook did not calculate it.",
    fix: "Open the workbook in a spreadsheet program, calculate and save it.",
    settings: &[],
    examples: &[],
};

/// `W002`
pub static ERROR_CELL: Rule = Rule {
    code: "W002",
    name: "error-cell",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The cell holds an error such as `#DIV/0!`.",
    why: "The value is not known.",
    fix: "Mend the formula.",
    settings: &[],
    examples: &[],
};

/// `W003`
pub static HIDDEN_DATA: Rule = Rule {
    code: "W003",
    name: "hidden-data",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A hidden sheet, row or column, or a filtered row, holds data that is used.",
    why: "Nobody looking at the workbook sees it.",
    fix: "Unhide it and look, or leave it out with `--skip-hidden`.",
    settings: &[],
    examples: &[],
};

/// `W004`
pub static MERGED_CELL: Rule = Rule {
    code: "W004",
    name: "merged-cell",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The cell is part of a merged area, of which only the first cell holds the text.",
    why: "The other rows or columns of the area are empty.",
    fix: "Take the merging apart and fill the cells, or use `--fill-merged`.",
    settings: &[],
    examples: &[],
};

/// `W005`
pub static PRECISION_LOSS: Rule = Rule {
    code: "W005",
    name: "precision-loss",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "An ID of more than 15 digits is stored as a number.",
    why: "Workbooks keep 15 digits; the others are lost.",
    fix: "Restore the ID from its source, and format the column as text.",
    settings: &[],
    examples: &[],
};

/// `W006`
pub static NUMBER_AS_TEXT: Rule = Rule {
    code: "W006",
    name: "number-as-text",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A number is stored as text.",
    why: "Formulas leave it out.",
    fix: "Turn the cells into numbers.",
    settings: &[],
    examples: &[],
};

/// `W007`
pub static NO_TABLE: Rule = Rule {
    code: "W007",
    name: "no-table",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "No header was recognised on the sheet.",
    why: "Where the rows begin is not known.",
    fix: "Name the columns with `--map`, or correct the labels.",
    settings: &[],
    examples: &[],
};

/// `W008`
pub static TEXT_AFTER_TABLE: Rule = Rule {
    code: "W008",
    name: "text-after-table",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "Text stands below the table: totals, notes, sources.",
    why: "It is no row of the table.",
    fix: "It is left out; move it if it is a row.",
    settings: &[],
    examples: &[],
};

/// `W009`
pub static REPEATED_HEADER: Rule = Rule {
    code: "W009",
    name: "repeated-header",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The header is repeated amid the rows.",
    why: "It is no row of the table.",
    fix: "It is left out.",
    settings: &[],
    examples: &[],
};

/// `W010`
pub static EXTERNAL_LINK_VALUE: Rule = Rule {
    code: "W010",
    name: "external-link-value",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The value comes from another workbook and may be old.",
    why: "The stored result is used as it is.",
    fix: "Update the links and save the workbook.",
    settings: &[],
    examples: &[],
};
