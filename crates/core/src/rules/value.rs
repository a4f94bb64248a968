//! Rules for metric values.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[
    &MISSING_VALUE,
    &PERCENT_SIGN,
    &UNSCALED_PERCENT,
    &GROUPED_DIGITS,
    &DECIMAL_COMMA,
    &CURRENCY_SYMBOL,
    &NONSTANDARD_SIGN,
    &EXPONENT,
    &UNIT_SUFFIX,
    &NOT_A_NUMBER,
    &SPREADSHEET_ERROR,
    &NON_ASCII_DIGIT,
    &DATE_AS_VALUE,
    &SCALE_OUTLIER,
    &FLOAT_NOISE,
];

/// `V001`
pub static MISSING_VALUE: Rule = Rule {
    code: "V001",
    name: "missing-value",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The row has no value, or only a placeholder such as `n/a` or `TBD`.",
    why: "The service refuses a row without a number.",
    fix: "Enter the number, or remove the row. In progress updates an empty value is allowed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,TBD,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,TBD,03/31/2024\n",
    }],
};

/// `V002`
pub static PERCENT_SIGN: Rule = Rule {
    code: "V002",
    name: "percent-sign",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The value has a percent sign, or the word percent.",
    why: "The service takes percentages as fractions: 20% is `.2`, and `20` would be 2,000%.",
    fix: "The number is divided by 100 exactly (per mille by 1000) and the sign removed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n",
    }],
};

/// `V003`
pub static UNSCALED_PERCENT: Rule = Rule {
    code: "V003",
    name: "unscaled-percent",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The metric is declared a percentage and the number is above its maximum, 1 unless declared.",
    why: "`20` is 20 times everything there is; `.2` is 20%.",
    fix: "A number up to a hundred times the maximum is divided by 100. Above that only a person can know. Where a percent sign elsewhere in the file is the only evidence, the fix is unsafe.",
    settings: &["percent", "percent-max"],
    examples: &[Example {
        settings: "percent=*",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,20,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n",
    }],
};

/// `V004`
pub static GROUPED_DIGITS: Rule = Rule {
    code: "V004",
    name: "grouped-digits",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "Commas, apostrophes, spaces or underscores group the digits.",
    why: "The service reads plain digits only, and a comma ends the field.",
    fix: "The marks of well-formed groups are removed, Indian ones included. Where the file also holds decimal commas, `1,234` may mean 1.234 and the fix is unsafe.",
    settings: &["decimal"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,\"1,234.50\",03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,1234.50,03/31/2024\n",
    }],
};

/// `V005`
pub static DECIMAL_COMMA: Rule = Rule {
    code: "V005",
    name: "decimal-comma",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "A comma divides whole and fraction.",
    why: "The service reads decimal points only, and a comma ends the field.",
    fix: "A point is written. Certain for `1.234,5` and where commas are declared; else unsafe.",
    settings: &["decimal"],
    examples: &[
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,\"1.234,5\",03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,1234.5,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,\"12,5\",03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,12.5,03/31/2024\n",
        },
    ],
};

/// `V006`
pub static CURRENCY_SYMBOL: Rule = Rule {
    code: "V006",
    name: "currency-symbol",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The value has a currency symbol or code.",
    why: "The service takes numbers only; the unit belongs to the metric.",
    fix: "The symbol or code is removed. Signs of a hundredth, such as `¢`, are no currency.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,$5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `V007`
pub static NONSTANDARD_SIGN: Rule = Rule {
    code: "V007",
    name: "nonstandard-sign",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The sign is not one leading `-`: parentheses, a trailing minus, a typographic minus, `+`, `-0`.",
    why: "The service reads a leading hyphen only.",
    fix: "The number is written with a leading `-`, or without a sign.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,(5),03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,-5,03/31/2024\n",
    }],
};

/// `V008`
pub static EXPONENT: Rule = Rule {
    code: "V008",
    name: "exponent",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "The value is in exponent form.",
    why: "The service reads plain digits only.",
    fix: "The number is written out. Digits may have been lost when it was brought into this form, so compare it with its source.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,1E+05,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,100000,03/31/2024\n",
    }],
};

/// `V009`
pub static UNIT_SUFFIX: Rule = Rule {
    code: "V009",
    name: "unit-suffix",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "A unit or a magnitude stands behind the number.",
    why: "The service reads plain digits only.",
    fix: "A magnitude is multiplied in (`1.2M` is `1200000`), any other unit removed (`12 days` is `12`).",
    settings: &[],
    examples: &[
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,1.2M,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,1200000,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,12 days,03/31/2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,12,03/31/2024\n",
        },
    ],
};

/// `V010`
pub static NOT_A_NUMBER: Rule = Rule {
    code: "V010",
    name: "not-a-number",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The value is not one number: text, a range, a limit (`>95%`), `TRUE`, contradicting marks.",
    why: "There is nothing that could be written.",
    fix: "Enter the number.",
    settings: &["decimal"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,> 95%,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,> 95%,03/31/2024\n",
    }],
};

/// `V011`
pub static SPREADSHEET_ERROR: Rule = Rule {
    code: "V011",
    name: "spreadsheet-error",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The value is an error of a spreadsheet program.",
    why: "The formula behind it failed; the number is not known.",
    fix: "Mend the formula.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,#DIV/0!,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,#DIV/0!,03/31/2024\n",
    }],
};

/// `V012`
pub static NON_ASCII_DIGIT: Rule = Rule {
    code: "V012",
    name: "non-ascii-digit",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The digits are of another script, or of full width.",
    why: "The service reads the digits 0-9 only.",
    fix: "The same digits are written as 0-9.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,２０,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,20,03/31/2024\n",
    }],
};

/// `V014`
pub static DATE_AS_VALUE: Rule = Rule {
    code: "V014",
    name: "date-as-value",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The value is a date.",
    why: "The columns may be swapped, or a spreadsheet program made a date of a number.",
    fix: "Enter the number that was meant.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,Mar-05,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,Mar-05,03/31/2024\n",
    }],
};

/// `V015`
pub static SCALE_OUTLIER: Rule = Rule {
    code: "V015",
    name: "scale-outlier",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "The value is about 100 times the other values of its metric, and a hundredth of it fits them.",
    why: "Somebody probably typed 20 for .2.",
    fix: "The number is divided by 100.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,.2,01/31/2024\nKPI-1,.22,02/29/2024\nKPI-1,21,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,.2,01/31/2024\nKPI-1,.22,02/29/2024\nKPI-1,.21,03/31/2024\n",
    }],
};

/// `V016`
pub static FLOAT_NOISE: Rule = Rule {
    code: "V016",
    name: "float-noise",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "More than 15 significant digits that round to a short decimal.",
    why: "The last digits come from a calculation in binary and mean nothing.",
    fix: "The number is rounded to 15 significant digits.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,0.30000000000000004,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,0.3,03/31/2024\n",
    }],
};
