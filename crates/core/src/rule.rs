//! What a rule is: static data. The readers and the validator find deviations; a rule says what a deviation
//! means, why it matters and what may be done about it.

use crate::finding::Severity;
use crate::plan::{Item, Plan, Unit};
use crate::settings::{InvalidSetting, Settings};

/// A rule: everything that the listing, the explanation, the documentation and the tests need to know.
#[derive(Debug)]
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

/// No two rules have the same code.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

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
    /// The settings it needs, as `key=value` joined by `;`; usually empty. Where they name a plan, its items
    /// stand there instead of a file: their IDs divided by commas, each with `:` and its unit if it has one.
    pub settings: &'static str,
    /// The CSV file.
    pub before: &'static str,
    /// The file after all safe and unsafe fixes. The same text where there is no fix.
    pub after: &'static str,
}

impl Example {
    /// The settings that the example needs.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read_settings(&self) -> Result<Settings, InvalidSetting> {
        let mut settings = Settings::default();
        for (key, value) in self.pairs() {
            if key == PLAN {
                let mut plan = Plan::default();
                for item in value.split(',') {
                    let (id, unit) = item.split_once(':').map_or((item, None), |(id, unit)| (id, Some(unit)));
                    let item =
                        Item { id: id.to_owned(), unit: unit.map(Unit::read), minimum: None, maximum: None };
                    // Two units for one ID would show in what the example finds.
                    let _ = plan.add(item);
                }
                settings.plan = Some(plan.into());
            } else {
                settings.set(key, value)?;
            }
        }
        Ok(settings)
    }

    /// The settings in words, to stand behind "with"; `None` if it needs none.
    #[must_use]
    pub fn settings_in_words(&self) -> Option<String> {
        let words: Vec<String> = self
            .pairs()
            .map(|(key, value)| match key {
                PLAN => format!("a plan of `{}`", value.replace(',', "`, `").replace(':', "` in `")),
                _ => format!("`{key}={value}`"),
            })
            .collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let pairs = self.settings.split(';').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// The one setting that names a file.
const PLAN: &str = "plan";

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
