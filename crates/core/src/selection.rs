//! Which rules count: codes and prefixes to select and to ignore.

use std::collections::HashSet;

use crate::finding::{Finding, Place};
use crate::rule::Rule;
use crate::rules;

/// A code or prefix that begins no rule's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{code}`{}", suggestion.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownCode {
    /// The text given.
    pub code: String,
    /// The code of the rule whose code or name is nearest, if one is near.
    pub suggestion: Option<String>,
}

/// The rules that are in force. The longest prefix that fits a rule decides; of two equally long ones,
/// ignoring wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
}

impl Selection {
    /// A selection of codes and prefixes (`V`, `D002`), in either case. Nothing selected means all rules.
    ///
    /// # Errors
    /// [`UnknownCode`] for the first text that begins no code.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, UnknownCode> {
        let known = |codes: &[String]| codes.iter().map(|code| prefix(code)).collect::<Result<Vec<_>, _>>();
        Ok(Self { select: known(select)?, ignore: known(ignore)? })
    }

    /// Whether the rule is in force.
    #[must_use]
    pub fn contains(&self, rule: &Rule) -> bool {
        let longest = |prefixes: &[String]| {
            prefixes.iter().filter(|prefix| rule.code.starts_with(prefix.as_str())).map(String::len).max()
        };
        match (longest(&self.select), longest(&self.ignore)) {
            (selected, Some(ignored)) => selected > Some(ignored),
            (Some(_), None) => true,
            (None, None) => self.select.is_empty(),
        }
    }

    /// Keeps the findings of rules in force. A cell that also breaks an ignored rule is not rewritten at all:
    /// half a rewriting could change its meaning.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let half_ignored: HashSet<Place> = findings
            .iter()
            .filter(|finding| matches!(finding.place, Place::Cell(..)) && !self.contains(finding.rule))
            .map(|finding| finding.place)
            .collect();
        let mut kept: Vec<Finding> =
            findings.into_iter().filter(|finding| self.contains(finding.rule)).collect();
        for finding in kept.iter_mut().filter(|finding| half_ignored.contains(&finding.place)) {
            if finding.suggestion.take().is_some() {
                finding.note =
                    Some("there is no fix, because the cell also breaks a rule that is ignored".to_owned());
            }
        }
        kept
    }
}

fn prefix(text: &str) -> Result<String, UnknownCode> {
    let code = text.trim().to_uppercase();
    if code == "ALL" {
        return Ok(String::new());
    }
    if !code.is_empty() && rules::all().any(|rule| rule.code.starts_with(&code)) {
        return Ok(code);
    }
    let lower = text.trim().to_lowercase();
    let distance = |rule: &&Rule| {
        strsim::osa_distance(rule.name, &lower)
            .min(2 * strsim::osa_distance(&rule.code.to_lowercase(), &lower))
    };
    let nearest = rules::all().min_by_key(distance).filter(|rule| distance(rule) <= 4);
    Err(UnknownCode { code: text.to_owned(), suggestion: nearest.map(|rule| rule.code.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::value::{DECIMAL_COMMA, PERCENT_SIGN};

    fn selection(select: &[&str], ignore: &[&str]) -> Result<Selection, UnknownCode> {
        let owned = |codes: &[&str]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        Selection::new(&owned(select), &owned(ignore))
    }

    #[test]
    fn the_longest_prefix_decides() {
        for (select, ignore, percent, comma) in [
            (&[][..], &[][..], true, true),
            (&["V"], &[], true, true),
            (&["D"], &[], false, false),
            (&[], &["v002"], false, true),
            (&["V002"], &["V"], true, false),
            (&["V"], &["V"], false, false),
        ] {
            let selection = selection(select, ignore).unwrap();
            assert_eq!(
                (selection.contains(&PERCENT_SIGN), selection.contains(&DECIMAL_COMMA)),
                (percent, comma)
            );
        }
    }

    #[test]
    fn an_unknown_code_is_an_error_that_names_the_nearest() {
        let error = selection(&["percent-sgn"], &[]).unwrap_err();
        assert_eq!(error.to_string(), "there is no rule `percent-sgn`; did you mean `V002`?");
        assert_eq!(selection(&[], &["X999"]).unwrap_err().suggestion, None);
    }
}
