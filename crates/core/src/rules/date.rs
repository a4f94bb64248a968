//! Rules for dates.

use crate::finding::Severity;
use crate::rule::{Example, Fixability, Rule};

/// The family, in the order of the codes.
pub const ALL: &[&Rule] = &[
    &MISSING_DATE,
    &ISO_DATE,
    &UNPADDED_DATE,
    &WRITTEN_MONTH,
    &TWO_DIGIT_YEAR,
    &OTHER_ORDER,
    &MIXED_ORDER,
    &SERIAL_DATE,
    &IMPOSSIBLE_DATE,
    &NOT_A_DATE,
    &PERIOD_NOT_DAY,
    &OTHER_SEPARATOR,
    &IMPLAUSIBLE_YEAR,
    &FUTURE_DATE,
    &TIME_OF_DAY,
    &OTHER_FORM,
];

/// `D001`
pub static MISSING_DATE: Rule = Rule {
    code: "D001",
    name: "missing-date",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The row has no date, or only a placeholder.",
    why: "The service cannot tell which day the value stands for.",
    fix: "Enter the date.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,TBD\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,TBD\n",
    }],
};

/// `D002`
pub static ISO_DATE: Rule = Rule {
    code: "D002",
    name: "iso-date",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The date is in a form of ISO 8601: calendar, week or ordinal, basic or extended, with or without a time.",
    why: "The service takes ISO dates; the US form is the one most files use.",
    fix: "The day as written is put into the asked form; a time or an offset does not move it.",
    settings: &["date-format"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,2024-03-31\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D003`
pub static UNPADDED_DATE: Rule = Rule {
    code: "D003",
    name: "unpadded-date",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "Day or month has one digit.",
    why: "Strict readers want two.",
    fix: "A zero is put before it.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,3/4/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/04/2024\n",
    }],
};

/// `D004`
pub static WRITTEN_MONTH: Rule = Rule {
    code: "D004",
    name: "written-month",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The month is written in letters.",
    why: "The service reads numeric dates only.",
    fix: "The date is written in numbers. Unsafe where a day of the week beside it does not fit.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,31-Mar-2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D005`
pub static TWO_DIGIT_YEAR: Rule = Rule {
    code: "D005",
    name: "two-digit-year",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "The year has two digits.",
    why: "The service reads four.",
    fix: "69-99 become 1969-1999, 00-68 become 2000-2068.",
    settings: &["two-digit-years-from"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/24\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D006`
pub static OTHER_ORDER: Rule = Rule {
    code: "D006",
    name: "other-order",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrNever,
    what: "Only one reading of the date is possible, and it is not the declared order.",
    why: "The service would refuse it, and others of its column may have been misread.",
    fix: "It is written in the right order. Not while the column also holds dates that can be read both ways: this date is the proof that they are in doubt.",
    settings: &["date-order"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,31/03/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D007`
pub static MIXED_ORDER: Rule = Rule {
    code: "D007",
    name: "mixed-order",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The date can be read both ways, and another date of the column proves that the declared order is not the only one in use.",
    why: "3 April would be taken for 4 March.",
    fix: "Declare `date-order`, or correct the dates.",
    settings: &["date-order"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,31/03/2024\nKPI-1,6,05/04/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,31/03/2024\nKPI-1,6,05/04/2024\n",
    }],
};

/// `D008`
pub static SERIAL_DATE: Rule = Rule {
    code: "D008",
    name: "serial-date",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Unsafe,
    what: "The date is a spreadsheet program's count of days.",
    why: "The service does not read counts.",
    fix: "The day is written, counted from 1900; some workbooks count from 1904.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,45382\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D009`
pub static IMPOSSIBLE_DATE: Rule = Rule {
    code: "D009",
    name: "impossible-date",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The text has the form of a date, but no calendar has that day.",
    why: "A typing error; nobody but its author knows which day was meant.",
    fix: "Enter the right day.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,02/30/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,02/30/2024\n",
    }],
};

/// `D010`
pub static NOT_A_DATE: Rule = Rule {
    code: "D010",
    name: "not-a-date",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The text is not a date.",
    why: "There is nothing that could be written.",
    fix: "Enter the date as MM/DD/YYYY.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,soon\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,soon\n",
    }],
};

/// `D011`
pub static PERIOD_NOT_DAY: Rule = Rule {
    code: "D011",
    name: "period-not-day",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The text names a month, quarter, half, week, year or fiscal year instead of a day.",
    why: "The service wants one day.",
    fix: "The period's last day is written; certain once `period` is declared, which can also ask for the first.",
    settings: &["period", "fiscal-year-start"],
    examples: &[Example {
        settings: "period=end",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,Q1 2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D012`
pub static OTHER_SEPARATOR: Rule = Rule {
    code: "D012",
    name: "other-separator",
    severity: Severity::Error,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "Other characters than `/` stand between the parts of the date.",
    why: "The service reads slashes.",
    fix: "Slashes are written. Unsafe for `04.03.2024`, read day first, and `04-03-2024`, read in the declared order.",
    settings: &["date-order"],
    examples: &[
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03-31-2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        },
        Example {
            settings: "",
            before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,04.03.2024\n",
            after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/04/2024\n",
        },
    ],
};

/// `D013`
pub static IMPLAUSIBLE_YEAR: Rule = Rule {
    code: "D013",
    name: "implausible-year",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The year is before 1950 or after 2100.",
    why: "Probably a typing error.",
    fix: "Check the year.",
    settings: &["plausible-years"],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/0224\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/0224\n",
    }],
};

/// `D014`
pub static FUTURE_DATE: Rule = Rule {
    code: "D014",
    name: "future-date",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Never,
    what: "The date lies after the latest one expected. Off unless `latest-date` is set.",
    why: "A value cannot be known before its day.",
    fix: "Check the date.",
    settings: &["latest-date"],
    examples: &[Example {
        settings: "latest-date=2024-01-31",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D015`
pub static TIME_OF_DAY: Rule = Rule {
    code: "D015",
    name: "time-of-day",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::Safe,
    what: "A time of day stands behind the date.",
    why: "The service ignores it.",
    fix: "The time is removed.",
    settings: &[],
    examples: &[Example {
        settings: "",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024 12:00\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n",
    }],
};

/// `D016`
pub static OTHER_FORM: Rule = Rule {
    code: "D016",
    name: "other-form",
    severity: Severity::Warning,
    is_opt_in: false,
    fixability: Fixability::SafeOrUnsafe,
    what: "The date is valid, but not in the form asked for by `date-format` or implied by `date-order`.",
    why: "Where days stand first, `03/04/2024` would be read as 3 April next time; an ISO date cannot be misread.",
    fix: "The date is written in that form.",
    settings: &["date-format", "date-order"],
    examples: &[Example {
        settings: "date-order=dmy",
        before: "External ID,Current Metric Value,As Of Date\nKPI-1,5,31/03/2024\n",
        after: "External ID,Current Metric Value,As Of Date\nKPI-1,5,2024-03-31\n",
    }],
};
