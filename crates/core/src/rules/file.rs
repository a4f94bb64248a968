//! Rules for CSV files as a whole: bytes, dialect, header.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[
    &WRONG_ENCODING,
    &BYTE_ORDER_MARK,
    &WRONG_DELIMITER,
    &MIXED_LINE_ENDINGS,
    &TEXT_BEFORE_HEADER,
    &MISLABELLED_HEADER,
    &MISORDERED_COLUMNS,
    &MISSING_COLUMN,
    &UNKNOWN_COLUMN,
    &NO_ROWS,
    &BROKEN_QUOTING,
    &NOT_A_CSV,
    &AWKWARD_FILE_NAME,
    &TEXT_AFTER_TABLE,
];

/// `F001`
pub static WRONG_ENCODING: Rule = Rule {
    code: "F001",
    name: "wrong-encoding",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The text is not encoded as UTF-8.",
    why: "Letters beyond ASCII arrive as other letters, and IDs that hold them are unknown.",
    fix: "The file is written as UTF-8. Certain where a byte order mark tells the encoding or it is declared; unsafe where it is guessed.",
    settings: &["encoding"],
    // Its bytes are no text of this file: the tests of the linter hold them.
    examples: &[],
};

/// `F002`
pub static BYTE_ORDER_MARK: Rule = Rule {
    code: "F002",
    name: "byte-order-mark",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The file begins with a byte order mark.",
    why: "Some readers take it for a part of the first label.",
    fix: "The mark is removed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "\u{feff}External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `F003`
pub static WRONG_DELIMITER: Rule = Rule {
    code: "F003",
    name: "wrong-delimiter",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "Semicolons, tabs or bars stand between the fields.",
    why: "The service splits at commas only.",
    fix: "Commas are written, and fields that hold a comma are quoted.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID;Current Metric Value;As Of Date\nKPI-1;5;03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `F004`
pub static MIXED_LINE_ENDINGS: Rule = Rule {
    code: "F004",
    name: "mixed-line-endings",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The lines do not all end the same way, or end in a lone carriage return.",
    why: "Some readers take the file for a single line.",
    fix: "The ending that most lines have is written; a lone carriage return always goes.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\r\nKPI-1,5,03/31/2024\r\nKPI-2,6,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\r\nKPI-1,5,03/31/2024\r\nKPI-2,6,03/31/2024\r\n",
    }],
};

/// `F005`
pub static TEXT_BEFORE_HEADER: Rule = Rule {
    code: "F005",
    name: "text-before-header",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "Text stands above the header: a `sep=` line, or titles.",
    why: "The service takes the first line for the header.",
    fix: "A `sep=` line is removed. Titles are removed as an unsafe fix.",
    settings: &[],
    examples: &[
        Example {
            settings: "",
            before: "sep=,\nExternal ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "Monthly report\nExternal ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        },
    ],
};

/// `F006`
pub static MISLABELLED_HEADER: Rule = Rule {
    code: "F006",
    name: "mislabelled-header",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "A column has another label than the service's.",
    why: "The service wants the first column labelled `External ID`.",
    fix: "The service's label is written, where the present one is a known alias or spelling. Unsafe where only the position tells what the column is.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "KPI code,Value,As Of Date\nKPI-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `F007`
pub static MISORDERED_COLUMNS: Rule = Rule {
    code: "F007",
    name: "misordered-columns",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The columns are not in the order of the template.",
    why: "The service reads columns by position.",
    fix: "The columns are moved, header and all.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "As Of Date,External ID,Current Metric Value\n03/31/2024,KPI-1,5\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `F008`
pub static MISSING_COLUMN: Rule = Rule {
    code: "F008",
    name: "missing-column",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A column of the template is missing.",
    why: "The service refuses the file.",
    fix: "Add the column, or name the one that holds it.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,As Of Date\nKPI-1,03/31/2024\n",
        after: "External ID,As Of Date\nKPI-1,03/31/2024\n",
    }],
};

/// `F009`
pub static UNKNOWN_COLUMN: Rule = Rule {
    code: "F009",
    name: "unknown-column",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "A column belongs to no column of the template.",
    why: "The service reads columns by position and refuses further ones.",
    fix: "The column is dropped.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date,Owner\nKPI-1,5,03/31/2024,Ann\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `F010`
pub static NO_ROWS: Rule = Rule {
    code: "F010",
    name: "no-rows",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The file has no rows below its header.",
    why: "There is nothing to submit.",
    fix: "Check where the rows went.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\n",
        after: "External ID,Current Metric Value,As Of Date\n",
    }],
};

/// `F011`
pub static BROKEN_QUOTING: Rule = Rule {
    code: "F011",
    name: "broken-quoting",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "A quotation mark stands where none can: unterminated, behind text, or before text.",
    why: "Readers disagree on where the field ends; rows may be swallowed.",
    fix: "Correct the line by hand.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,\"5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,\"5,03/31/2024\n",
    }],
};

/// `F012`
pub static NOT_A_CSV: Rule = Rule {
    code: "F012",
    name: "not-a-csv",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The file is not a CSV file: a workbook, a web page, a PDF, binary data, or empty.",
    why: "The service reads CSV files only.",
    fix: "Save the data as a CSV file, or convert the workbook.",
    settings: &[],
    examples: &[Example { settings: "", before: "%PDF-1.7\n", after: "%PDF-1.7\n" }],
};

/// `F013`
pub static AWKWARD_FILE_NAME: Rule = Rule {
    code: "F013",
    name: "awkward-file-name",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The file's name holds other characters than letters, digits, `.`, `-` and `_`, or does not end in `.csv`.",
    why: "The name becomes a part of the address that the file is sent to.",
    fix: "Rename the file.",
    settings: &[],
    // It is about the name, which no example has.
    examples: &[],
};

/// `F014`
pub static TEXT_AFTER_TABLE: Rule = Rule {
    code: "F014",
    name: "text-after-table",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "Totals or remarks stand below the rows.",
    why: "The service takes them for updates and refuses the file.",
    fix: "They are removed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\nTotal,5,\nSource: annual report\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};
