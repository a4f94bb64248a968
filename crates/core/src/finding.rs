//! What was found, where, and what may be done about it.

use crate::position::RowNumber;
use crate::rule::Rule;
use crate::template::Field;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The service takes the cell, but it is probably not what was meant.
    Warning,
    /// The service refuses the cell or would take it for something else.
    Error,
}

impl Severity {
    /// The lower-case word that all outputs use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How certain a suggested change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Keeps the meaning for certain; `--fix` applies it.
    Safe,
    /// Probably right; only `--fix --unsafe-fixes` applies it.
    Unsafe,
}

impl Applicability {
    /// The lower-case word that all outputs use.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// Where a finding stands in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The file as a whole.
    File,
    /// A whole row.
    Row(RowNumber),
    /// One cell, by the row and the template column it was read as.
    Cell(RowNumber, Field),
}

impl Place {
    /// The row, unless the finding is about the whole file.
    #[must_use]
    pub const fn row(self) -> Option<RowNumber> {
        match self {
            Self::File => None,
            Self::Row(row) | Self::Cell(row, _) => Some(row),
        }
    }

    /// The template column, if the finding is about one cell.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::File | Self::Row(_) => None,
            Self::Cell(_, field) => Some(field),
        }
    }
}

/// A change that a finding suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// How certain it is. All findings of a cell share one rewriting and its applicability.
    pub applicability: Applicability,
    /// What the change does, as an order: "write `.2`".
    pub title: String,
    /// The change itself.
    pub change: Change,
}

/// What a suggestion changes in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The cell's text becomes this.
    Rewrite(String),
    /// The row is removed.
    RemoveRow,
    /// Only the bytes around the cells change, or their order, as the file's edits say.
    Bytes,
}

/// One thing that is wrong or doubtful at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was broken.
    pub rule: &'static Rule,
    /// How bad it is here: the rule's severity, except for line breaks in comments.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong, with the offending text in backticks, and what to do.
    pub message: String,
    /// Why the fix is unsafe, or why there is none though the rule usually has one.
    pub note: Option<String>,
    /// The text of the cell as it stands; empty for findings about rows and files.
    pub text: String,
    /// The row's External ID as it stands, if it has one.
    pub external_id: Option<String>,
    /// What may be done about it.
    pub suggestion: Option<Suggestion>,
}

impl Finding {
    /// A finding about a row or a file, without a fix.
    #[must_use]
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            place,
            message: message.into(),
            note: None,
            text: String::new(),
            external_id: None,
            suggestion: None,
        }
    }

    /// The text that the fix would put into the cell.
    #[must_use]
    pub fn rewrite(&self) -> Option<&str> {
        match &self.suggestion.as_ref()?.change {
            Change::Rewrite(text) => Some(text),
            Change::RemoveRow | Change::Bytes => None,
        }
    }
}
