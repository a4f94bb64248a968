//! Sheets of which nothing is converted: none is passed over without a word.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::path::Path;
use std::process::Command;

/// Exit status, standard output and standard error of a command on `tabs.xlsx`: the sheets are a chart, March, a
/// hidden February, remarks, and an empty one.
fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let workbooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks");
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    let outcome = command.current_dir(workbooks).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (outcome.status.code(), text(outcome.stdout), text(outcome.stderr))
}

const CHART: &str = "note: `tabs.xlsx`: sheet `Overview` is a chart; it is left out\n";
const REMARKS: &str = "note: `tabs.xlsx`: sheet `Read me` is a sheet without a table; it is left out\n";
const HIDDEN: &str = "note: `tabs.xlsx`: sheet `February` is hidden; it is left out\n";
const EMPTY: &str = "note: `tabs.xlsx`: sheet `Scratch` is empty; it is left out\n";

#[test]
fn sheets_that_are_left_out_are_named() {
    for (arguments, status, expected, others) in [
        (&["convert", "-o", "-"][..], 0, &[CHART, REMARKS][..], &[HIDDEN][..]),
        (&["convert", "-o", "-", "--skip-hidden"], 0, &[CHART, HIDDEN, REMARKS], &[]),
        (&["convert", "-o", "-", "--sheet", "March"], 0, &[], &[CHART, REMARKS]),
        // By its place among all tabs.
        (&["convert", "-o", "-", "--sheet", "2"], 0, &["sheet `March`: 3 rows read"], &[CHART, REMARKS]),
        (&["convert", "-o", "-", "--sheet", "O*", "--sheet", "m*"], 2, &["sheet `Overview` is a chart"], &[]),
        (&["convert", "-o", "-", "--sheet", "*r*"], 0, &[CHART, "`February`"], &[REMARKS]),
        (&["convert", "-o", "-", "-q"], 0, &[], &[CHART, REMARKS]),
        (&["convert", "-o", "-", "--sheet", "overview"], 2, &["is a chart, which holds no cells"], &[]),
        (&["convert", "--raw", "-o", "-", "--skip-hidden"], 2, &["has 2 sheets"], &[]),
        (&["convert", "--raw", "-o", "-", "--sheet", "[!R]*a*"], 2, &["has 2 sheets"], &[]),
        (&["convert", "--raw", "-o", "-", "--sheet", "4"], 0, &["1 rows written"], &[CHART, EMPTY]),
        (&["check"], 0, &[CHART, REMARKS], &[HIDDEN]),
        (&["check", "-q"], 0, &[], &[CHART, REMARKS]),
    ] {
        let (got, _, errors) = run(&[arguments, &["tabs.xlsx"]].concat());
        assert_eq!(got, Some(status), "{arguments:?}: {errors}");
        for line in expected {
            assert!(errors.contains(line), "{arguments:?} says {line:?}: {errors}");
        }
        for line in others {
            assert!(!errors.contains(line), "{arguments:?} does not say {line:?}: {errors}");
        }
    }
}

#[test]
fn raw_conversions_name_them_too() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("out/").display().to_string() + "/";
    let (status, _, errors) = run(&["convert", "--raw", "tabs.xlsx", "--skip-hidden", "-o", &output]);
    assert_eq!(status, Some(0), "{errors}");
    assert!([CHART, HIDDEN, EMPTY].iter().all(|line| errors.contains(line)), "{errors}");
}

#[test]
fn reports_and_inspections_name_them_too() {
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report.json");
    let arguments = ["convert", "tabs.xlsx", "-q", "-o", "-", "--skip-hidden", "--report"];
    let (status, _, errors) = run(&[&arguments[..], &[report.to_str().unwrap()]].concat());
    assert_eq!(status, Some(0), "{errors}");
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let left_out = report["sheets_left_out"].as_array().unwrap().iter();
    let left_out: Vec<_> = left_out.map(|it| (it["sheet"].as_str(), it["is"].as_str())).collect();
    assert_eq!(
        left_out,
        [
            (Some("Overview"), Some("a chart")),
            (Some("February"), Some("hidden")),
            (Some("Read me"), Some("a sheet without a table"))
        ]
    );

    let (_, text, _) = run(&["inspect", "tabs.xlsx"]);
    assert!(
        text.contains("\nsheet 1 `Overview`: a chart, without cells to convert\n\nsheet 2 `March`: "),
        "{text}"
    );
    let (_, json, _) = run(&["inspect", "tabs.xlsx", "--output-format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (json["sheets"][0]["number"].as_u64(), json["other_sheets"][0]["number"].as_u64()),
        (Some(2), Some(1))
    );
}
