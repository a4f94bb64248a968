//! The registry: every rule that exists, as static data, a file for each family. Adding a rule means a
//! `static` in its family's file and its name in that file's list; the documentation, the listing and the
//! tests of the examples follow from it.

pub mod date;
pub mod file;
pub mod id;
pub mod plan;
pub mod row;
pub mod status;
pub mod text;
pub mod value;
pub mod workbook;

use crate::rule::Rule;

/// All rules, by family and code.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [text::ALL, id::ALL, value::ALL, date::ALL, status::ALL, row::ALL, file::ALL, workbook::ALL, plan::ALL]
        .into_iter()
        .flatten()
        .copied()
}

/// The rule with this code, in either case.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// The families: the letter and what its rules are about.
pub const FAMILIES: &[(char, &str)] = &[
    ('T', "text, any column"),
    ('I', "External ID"),
    ('V', "Current Metric Value"),
    ('D', "As Of Date"),
    ('S', "Status (progress updates)"),
    ('R', "rows"),
    ('F', "the file (CSV)"),
    ('W', "workbooks"),
    ('P', "the plan"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_sorted_within_their_family() {
        let codes: Vec<&str> = all().map(|rule| rule.code).collect();
        for (one, two) in codes.iter().zip(codes.iter().skip(1)) {
            assert!(one < two || one.as_bytes()[0] != two.as_bytes()[0], "{one} before {two}");
        }
        let mut names: Vec<_> = all().map(|rule| (rule.name, rule.code.as_bytes()[0])).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_family_has_a_heading() {
        for rule in all() {
            let letter = rule.code.chars().next().unwrap();
            assert!(FAMILIES.iter().any(|(family, _)| *family == letter), "{}", rule.code);
        }
    }
}
