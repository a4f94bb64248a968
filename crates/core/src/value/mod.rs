//! From text to typed values. Each reader takes a cell's text once and returns the value together with
//! everything that deviates from the form the service wants, and the text that would not deviate.

pub mod comment;
pub mod date;
pub mod decimal;
pub mod id;
pub mod number;
pub mod status;

use crate::finding::{Applicability, Severity};
use crate::rule::{Fixable, Rule};

/// What a reader makes of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    /// The value, if the text has one.
    pub value: Option<T>,
    /// How the text deviates. Empty for valid text, and then nothing was allocated for it.
    pub deviations: Vec<Deviation>,
    /// The text that says the same without the deviations; `None` where there is nothing to rewrite or
    /// nothing certain to write.
    pub rewrite: Option<String>,
}

impl<T> Reading<T> {
    /// Valid text.
    #[must_use]
    pub const fn valid(value: T) -> Self {
        Self { value: Some(value), deviations: Vec::new(), rewrite: None }
    }

    /// Text without a value, for one reason.
    #[must_use]
    pub fn refused(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self { value: None, deviations: vec![Deviation::new(rule, message, Fixable::No)], rewrite: None }
    }

    /// How certain the rewriting is: as certain as its most doubtful part. `None` where it must not happen.
    #[must_use]
    pub fn applicability(&self) -> Option<Applicability> {
        self.rewrite.as_ref()?;
        combined_applicability(&self.deviations)
    }
}

/// As certain as the most doubtful of these; `None` if one of them cannot be fixed at all.
#[must_use]
pub fn combined_applicability(deviations: &[Deviation]) -> Option<Applicability> {
    let mut combined = Applicability::Safe;
    for deviation in deviations {
        match deviation.fixable {
            Fixable::No => return None,
            Fixable::Safe => {}
            Fixable::Unsafe { .. } => combined = Applicability::Unsafe,
        }
    }
    Some(combined)
}

/// One way in which a text is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The rule it breaks.
    pub rule: &'static Rule,
    /// How bad it is in this column.
    pub severity: Severity,
    /// What is wrong, with the offending text in backticks, and what to do.
    pub message: String,
    /// Whether rewriting takes it away.
    pub fixable: Fixable,
}

impl Deviation {
    /// Makes a certain fix doubtful.
    pub(crate) fn demote(&mut self, because: &str) {
        if self.fixable == Fixable::Safe {
            self.message = format!("{}, but {because}", self.message);
            self.fixable = Fixable::unsafe_because(because);
        }
    }

    /// One deviation.
    pub fn new(rule: &'static Rule, message: impl Into<String>, fixable: Fixable) -> Self {
        Self { rule, severity: rule.severity, message: message.into(), fixable }
    }
}

/// Texts that stand for "nothing here", in lower case without surrounding blanks.
const PLACEHOLDERS: &[&str] = &[
    "-",
    "--",
    "---",
    "–",
    "—",
    "−",
    ".",
    "..",
    "...",
    "…",
    "?",
    "??",
    "???",
    "*",
    "_",
    "/",
    "\\",
    "n/a",
    "n\\a",
    "na",
    "n.a.",
    "n.a",
    "n a",
    "n / a",
    "n/a.",
    "nd",
    "n.d.",
    "nr",
    "n.r.",
    "not measured",
    "suppressed",
    "nil",
    "null",
    "(null)",
    "none",
    "(none)",
    "tbd",
    "t.b.d.",
    "tba",
    "tbc",
    "to be determined",
    "to be confirmed",
    "to be announced",
    "pending",
    "not available",
    "not applicable",
    "not reported",
    "not yet available",
    "no data",
    "no value",
    "missing",
    "unknown",
    "blank",
    "(blank)",
    "empty",
    "undefined",
    "x",
    "xx",
    "xxx",
];

/// Whether trimmed text only says that there is no value. A single `x` says so in value and date columns,
/// but is a possible ID.
fn is_placeholder(trimmed: &str) -> bool {
    // None of them has a digit, and nearly all cells that deviate do.
    let may_be_one = trimmed.len() <= 24 && !trimmed.bytes().any(|byte| byte.is_ascii_digit());
    may_be_one && PLACEHOLDERS.contains(&trimmed.to_lowercase().as_str())
}

/// [`is_placeholder`] for ASCII, without allocation.
pub(crate) fn is_placeholder_ignoring_case(trimmed: &[u8]) -> bool {
    PLACEHOLDERS.iter().any(|placeholder| placeholder.as_bytes().eq_ignore_ascii_case(trimmed))
}

/// The errors that spreadsheet programs show in a cell.
const SPREADSHEET_ERRORS: &[&str] = &[
    "#DIV/0!",
    "#N/A",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#REF!",
    "#VALUE!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
    "#PYTHON!",
    "#EXTERNAL!",
    "#TIMEOUT!",
    "#ERROR!",
    "#DIV/0",
    "#REF",
    "#NV",
    "#WERT!",
    "#BEZUG!",
    "#ZAHL!",
    "#VALEUR!",
    "#NOM?",
    "#NOMBRE!",
    "#¡VALOR!",
    "#¡REF!",
    "ERR:501",
    "ERR:502",
    "ERR:503",
    "ERR:504",
    "ERR:507",
    "ERR:508",
    "ERR:509",
    "ERR:510",
    "ERR:511",
    "ERR:512",
    "ERR:513",
    "ERR:518",
    "ERR:519",
    "ERR:520",
    "ERR:521",
    "ERR:522",
    "ERR:523",
    "ERR:524",
    "ERR:525",
    "ERR:526",
    "ERR:527",
];

/// Whether trimmed text is a spreadsheet program's error, or the `####` of a column too narrow to show it.
fn is_spreadsheet_error(trimmed: &str) -> bool {
    if trimmed.len() >= 2 && trimmed.bytes().all(|byte| byte == b'#') {
        return true;
    }
    trimmed.len() <= 16
        && trimmed.starts_with(['#', 'E', 'e'])
        && SPREADSHEET_ERRORS.contains(&trimmed.to_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_has_a_digit() {
        for placeholder in PLACEHOLDERS {
            assert!(is_placeholder(placeholder), "{placeholder}");
        }
        assert!(is_placeholder("N/A") && !is_placeholder("n/a 2"));
    }
}
