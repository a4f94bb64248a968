//! The text shown for numbers, compared with what Excel exported.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use metricsheet_convert::number_format::{DateSystem, NumberFormat};

/// One in a thousand cells may differ; what differs today is less.
const MOST_DIFFERENCES: usize = 10;

#[test]
fn numbers_are_shown_as_excel_shows_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/number_formats.tsv");
    let table = fs::read_to_string(path).unwrap();
    let mut formats: HashMap<&str, NumberFormat> = HashMap::new();
    let mut differences = Vec::new();
    let mut count = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [value, code, is_1904, expected, ..] = fields[..] else { panic!("{line}") };
        let dates = if is_1904 == "1" { DateSystem::From1904 } else { DateSystem::From1900 };
        // The table doubles backslashes.
        let format = formats.entry(code).or_insert_with(|| NumberFormat::new(&code.replace("\\\\", "\\")));
        let shown = format.shown(value.parse().unwrap(), dates);
        count += 1;
        if shown.trim() != expected.trim() {
            differences.push(format!("{value} as {code}: `{shown}` for `{expected}`"));
        }
    }
    assert!(count > 10_000);
    assert!(
        differences.len() <= MOST_DIFFERENCES,
        "{} of {count}:\n{}",
        differences.len(),
        differences.join("\n")
    );
}
