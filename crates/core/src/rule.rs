//! What a rule is: static data. The readers and the validator find deviations; a rule says what a deviation
//! means, why it matters and what may be done about it.

use crate::finding::Severity;

/// A rule: everything that the listing, the explanation, the documentation and the tests need to know.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// A letter for the family and three digits: `V002`.
    pub code: &'static str,
    /// The problem in lower-case words with hyphens: `percent-sign`.
    pub name: &'static str,
    /// How bad an occurrence is.
    pub severity: Severity,
    /// Whether it counts only where it is selected by name: most people would not want to hear of it.
    pub is_opt_in: bool,
    /// Which fixes the rule can offer. A finding says which one it has.
    pub fixability: Fixability,
    /// What the rule finds, in a sentence or two.
    pub what: &'static str,
    /// What goes wrong if it stays.
    pub why: &'static str,
    /// What the fix does, or what a person has to do where there is none.
    pub fix: &'static str,
    /// The settings that change what the rule says.
    pub settings: &'static [&'static str],
    /// Documentation and test at once: each is run through the linter by the tests.
    pub examples: &'static [Example],
}

/// Which fixes a rule can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixability {
    /// Never: only a person can know.
    Never,
    /// Always certain.
    Safe,
    /// Always with a stated doubt.
    Unsafe,
    /// Certain in most cases; a finding with a doubt says which.
    SafeOrUnsafe,
    /// With a doubt in some cases, absent in the others.
    UnsafeOrNever,
    /// Certain in some cases, absent in the others.
    SafeOrNever,
}

impl Fixability {
    /// The word for listings.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Never => "none",
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::SafeOrUnsafe => "safe or unsafe",
            Self::UnsafeOrNever => "unsafe or none",
            Self::SafeOrNever => "safe or none",
        }
    }
}

/// A small file that breaks the rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    /// The settings it needs, as `key = value` lines joined by `;`; usually empty.
    pub settings: &'static str,
    /// The CSV file.
    pub before: &'static str,
    /// The file after all safe and unsafe fixes. The same text where there is no fix.
    pub after: &'static str,
}

/// What may be done about one deviation. An unsafe fix cannot be written down without its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fixable {
    /// Nothing: only a person can know what was meant.
    No,
    /// The rewriting is certain.
    Safe,
    /// The rewriting is likely; the reason says what else could have been meant or lost.
    Unsafe {
        /// A lower-case fragment, shown as `note:`.
        because: String,
    },
}

impl Fixable {
    /// An unsafe fix and the reason for the doubt.
    pub fn unsafe_because(reason: impl Into<String>) -> Self {
        Self::Unsafe { because: reason.into() }
    }
}
