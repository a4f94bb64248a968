//! Every example of every rule that a CSV file can break: the rule is found, and the fixes write what the
//! documentation says they write.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_core::rule::{Example, Rule};
use metricsheet_core::{RuleChoices, Selection, rules};
use metricsheet_lint::{Level, Options, check, fix};

/// The settings of the example, and its rule in force even if it is not for everybody.
fn options(rule: &Rule, example: &Example) -> Options {
    let choices = RuleChoices { extend_select: vec![rule.code.to_owned()], ..RuleChoices::default() };
    let selection = Selection::new(&choices).unwrap();
    Options { settings: example.read_settings().unwrap(), selection, ..Options::default() }
}

#[test]
fn every_example_breaks_its_rule_and_is_fixed_as_documented() {
    let mut failures = Vec::new();
    for rule in rules::all() {
        for example in rule.examples {
            let options = options(rule, example);
            let report = check(example.before.as_bytes(), &options);
            let codes: Vec<&str> =
                report.diagnostics.iter().map(|diagnostic| diagnostic.finding.rule.code).collect();
            if !codes.contains(&rule.code) {
                failures.push(format!("{} is not found in {:?}, but {codes:?}", rule.code, example.before));
            }
            let fixed = fix(example.before.as_bytes(), &options, Level::Unsafe).unwrap();
            let after = String::from_utf8(fixed.bytes).unwrap();
            if after != example.after {
                failures.push(format!(
                    "{}: {:?} becomes {after:?}, not {:?}",
                    rule.code, example.before, example.after
                ));
            }
            let again = fix(after.as_bytes(), &options, Level::Unsafe).unwrap();
            if String::from_utf8(again.bytes).unwrap() != after {
                failures.push(format!("{}: the fixed example is not stable", rule.code));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_of_csv_files_has_an_example() {
    // F001 is about bytes and F013 about a name; neither fits into a text.
    let shown = |code: &str| !code.starts_with('W') && !matches!(code, "F001" | "F013");
    for rule in rules::all().filter(|rule| shown(rule.code)) {
        assert!(!rule.examples.is_empty(), "{}", rule.code);
    }
}
