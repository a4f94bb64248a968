//! Which rules count, how bad what they find is, and which fixes are wanted: codes and prefixes.

use std::collections::{BTreeMap, HashMap};

use crate::finding::{Finding, Place, Severity};
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

/// What people say of rules, by codes and prefixes (`V`, `D002`) in either case; `ALL` is every rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleChoices {
    /// Only these rules count; none named means all that are not opt-in.
    pub select: Vec<String>,
    /// These rules count too.
    pub extend_select: Vec<String>,
    /// These rules do not.
    pub ignore: Vec<String>,
    /// Only the fixes of these rules are wanted; none named means all.
    pub fixable: Vec<String>,
    /// The fixes of these rules are not wanted.
    pub unfixable: Vec<String>,
    /// How bad what these rules find is, instead of what the rules say themselves.
    pub severity: BTreeMap<String, Severity>,
}

/// The rules that are in force. The longest prefix that fits a rule decides; of two equally long ones,
/// ignoring and not fixing win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    select: Vec<String>,
    extend_select: Vec<String>,
    ignore: Vec<String>,
    /// Ignored whatever was selected.
    ignore_here: Vec<String>,
    fixable: Vec<String>,
    unfixable: Vec<String>,
    severity: Vec<(String, Severity)>,
}

impl Selection {
    /// The selection that the choices make.
    ///
    /// # Errors
    /// [`UnknownCode`] for the first text that begins no code.
    pub fn new(choices: &RuleChoices) -> Result<Self, UnknownCode> {
        let severity = choices.severity.iter().map(|(code, severity)| Ok((prefix(code)?, *severity)));
        Ok(Self {
            select: prefixes(&choices.select)?,
            extend_select: prefixes(&choices.extend_select)?,
            ignore: prefixes(&choices.ignore)?,
            ignore_here: Vec::new(),
            fixable: prefixes(&choices.fixable)?,
            unfixable: prefixes(&choices.unfixable)?,
            severity: severity.collect::<Result<_, _>>()?,
        })
    }

    /// The same selection without these rules, whatever was selected: for a file in which they do not count.
    ///
    /// # Errors
    /// [`UnknownCode`] for the first text that begins no code.
    pub fn also_ignoring(mut self, codes: &[String]) -> Result<Self, UnknownCode> {
        self.ignore_here.extend(prefixes(codes)?);
        Ok(self)
    }

    /// Whether the rule is in force.
    #[must_use]
    pub fn contains(&self, rule: &Rule) -> bool {
        let by_default = (self.select.is_empty() && !rule.is_opt_in).then_some(0);
        let selected = by_default.max(longest(&self.select, rule)).max(longest(&self.extend_select, rule));
        selected.is_some()
            && selected > longest(&self.ignore, rule)
            && longest(&self.ignore_here, rule).is_none()
    }

    /// Whether fixes of the rule may be applied.
    #[must_use]
    pub fn may_fix(&self, rule: &Rule) -> bool {
        let by_default = self.fixable.is_empty().then_some(0);
        let wanted = by_default.max(longest(&self.fixable, rule));
        wanted.is_some() && wanted > longest(&self.unfixable, rule)
    }

    /// Whether the finding counts. If it does, it gets the severity asked for, and loses a fix that is not
    /// wanted.
    pub fn admit(&self, finding: &mut Finding) -> bool {
        if !self.contains(finding.rule) {
            return false;
        }
        let asked = self.severity.iter().filter(|(prefix, _)| finding.rule.code.starts_with(prefix.as_str()));
        if let Some((_, severity)) = asked.max_by_key(|(prefix, _)| prefix.len()) {
            finding.severity = *severity;
        }
        if !self.may_fix(finding.rule) {
            withhold(finding, "there is no fix, because fixes of this rule are not wanted (`unfixable`)");
        }
        true
    }

    /// Keeps the findings that count. A cell that also breaks an ignored rule, or one whose fixes are not
    /// wanted, is not rewritten at all: half a rewriting could change its meaning.
    #[must_use]
    pub fn apply(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let half = |finding: &Finding| match (self.contains(finding.rule), self.may_fix(finding.rule)) {
            (false, _) => Some("there is no fix, because the cell also breaks a rule that is ignored"),
            (true, false) => {
                Some("there is no fix, because the cell also breaks a rule whose fixes are not wanted")
            }
            (true, true) => None,
        };
        let not_whole: HashMap<Place, &'static str> = findings
            .iter()
            .filter(|finding| matches!(finding.place, Place::Cell(..)))
            .filter_map(|finding| Some((finding.place, half(finding)?)))
            .collect();
        let mut kept: Vec<Finding> = findings;
        kept.retain_mut(|finding| self.admit(finding));
        for finding in &mut kept {
            if let Some(note) = not_whole.get(&finding.place) {
                withhold(finding, note);
            }
        }
        kept
    }
}

/// Takes the finding's fix away and says why.
fn withhold(finding: &mut Finding, note: &str) {
    if finding.suggestion.take().is_some() {
        finding.note = Some(note.to_owned());
    }
}

/// How long the longest prefix of the rule's code is, if one of the texts is one.
fn longest(prefixes: &[String], rule: &Rule) -> Option<usize> {
    prefixes.iter().filter(|prefix| rule.code.starts_with(prefix.as_str())).map(String::len).max()
}

fn prefixes(codes: &[String]) -> Result<Vec<String>, UnknownCode> {
    codes.iter().map(|code| prefix(code)).collect()
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

    fn codes(codes: &[&str]) -> Vec<String> {
        codes.iter().map(ToString::to_string).collect()
    }

    fn selection(select: &[&str], ignore: &[&str]) -> Result<Selection, UnknownCode> {
        let choices = RuleChoices { select: codes(select), ignore: codes(ignore), ..RuleChoices::default() };
        Selection::new(&choices)
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
            (&["ALL"], &["V"], false, false),
        ] {
            let selection = selection(select, ignore).unwrap();
            assert_eq!(
                (selection.contains(&PERCENT_SIGN), selection.contains(&DECIMAL_COMMA)),
                (percent, comma)
            );
        }
    }

    #[test]
    fn rules_can_be_added_and_taken_away_for_a_file() {
        let choices =
            RuleChoices { select: codes(&["D"]), extend_select: codes(&["V002"]), ..RuleChoices::default() };
        let selection = Selection::new(&choices).unwrap();
        assert_eq!((selection.contains(&PERCENT_SIGN), selection.contains(&DECIMAL_COMMA)), (true, false));
        let here = selection.also_ignoring(&codes(&["V"])).unwrap();
        assert!(!here.contains(&PERCENT_SIGN), "however long the selecting prefix is");
    }

    #[test]
    fn fixes_can_be_unwanted() {
        for (fixable, unfixable, percent, comma) in [
            (&[][..], &[][..], true, true),
            (&["V002"], &[], true, false),
            (&[], &["V"], false, false),
            (&["V002"], &["V"], true, false),
            (&["V"], &["V002"], false, true),
        ] {
            let choices = RuleChoices {
                fixable: codes(fixable),
                unfixable: codes(unfixable),
                ..RuleChoices::default()
            };
            let selection = Selection::new(&choices).unwrap();
            assert_eq!(
                (selection.may_fix(&PERCENT_SIGN), selection.may_fix(&DECIMAL_COMMA)),
                (percent, comma)
            );
        }
    }

    #[test]
    fn severity_follows_the_longest_prefix() {
        let severity = [("V".to_owned(), Severity::Warning), ("v005".to_owned(), Severity::Error)].into();
        let selection = Selection::new(&RuleChoices { severity, ..RuleChoices::default() }).unwrap();
        for (rule, severity) in [(&PERCENT_SIGN, Severity::Warning), (&DECIMAL_COMMA, Severity::Error)] {
            let mut finding = Finding::new(rule, Place::File, "x");
            assert!(selection.admit(&mut finding));
            assert_eq!(finding.severity, severity, "{}", rule.code);
        }
    }

    #[test]
    fn an_unknown_code_is_an_error_that_names_the_nearest() {
        let error = selection(&["percent-sgn"], &[]).unwrap_err();
        assert_eq!(error.to_string(), "there is no rule `percent-sgn`; did you mean `V002`?");
        assert_eq!(selection(&[], &["X999"]).unwrap_err().suggestion, None);
    }
}
