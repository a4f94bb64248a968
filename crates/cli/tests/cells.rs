//! The table of cells through the binary: what `check` reports, and what `--fix` and `--unsafe-fixes` write.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::path::Path;
use std::process::{Command, Output};

/// A file of one header and one row, with the case's text in its column and valid text in the others.
fn file(column: &str, input: &str, config: &str) -> Vec<u8> {
    let date = if config.contains("date-order=dmy") || config.contains("date-format") {
        "2024-03-31"
    } else {
        "03/31/2024"
    };
    let (header, row) = match column {
        "id" => (&["External ID", "Current Metric Value", "As Of Date"][..], vec![input, "5", date]),
        "value" => (&["External ID", "Current Metric Value", "As Of Date"][..], vec!["KPI-1", input, date]),
        "date" => (&["External ID", "Current Metric Value", "As Of Date"][..], vec!["KPI-1", "5", input]),
        "status" => (
            &["External ID", "Status", "Current Metric Value", "As Of Date"][..],
            vec!["KPI-1", input, "5", date],
        ),
        other => panic!("unknown column {other}"),
    };
    // Values other than the percentage under test must stay valid where every metric is declared one.
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    writer
        .write_record(
            row.iter().map(|cell| if config.contains("percent") && *cell == "5" { ".5" } else { cell }),
        )
        .unwrap();
    writer.into_inner().unwrap()
}

fn run(path: &Path, config: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    command.args(["check", "--isolated", "--output-format", "json"]).arg(path).args(flags);
    for pair in config.split(';').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap();
        command.args([format!("--{key}"), value.to_owned()]);
    }
    command.output().unwrap()
}

fn cell(path: &Path, column: &str) -> String {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let row = reader.records().next().unwrap().unwrap();
    let at = match column {
        "id" => 0,
        "value" | "status" => 1,
        _ => 2,
    };
    row[at].to_owned()
}

#[test]
fn every_case_of_the_table_holds_through_the_binary() {
    let fixture = format!("{}/../../fixtures/cells.csv", env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for (at, record) in csv::Reader::from_path(fixture).unwrap().records().enumerate() {
        let record = record.unwrap();
        let (column, input, config, expected, output, codes) =
            (&record[0], &record[1], &record[2], &record[3], &record[4], &record[5]);
        let path = directory.path().join(format!("{at}.csv"));
        let original = file(column, input, config);
        std::fs::write(&path, &original).unwrap();
        let mut fail =
            |what: String| failures.push(format!("{column} {input:?} [{config}] {expected}: {what}"));

        let checked = run(&path, config, &[]);
        let document: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
        let found: Vec<&str> = document["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["code"].as_str().unwrap())
            .collect();
        if !codes.split_whitespace().all(|code| found.contains(&code)) {
            fail(format!("codes {found:?}, not {codes}"));
        }
        if (expected == "valid") != found.is_empty() {
            fail(format!("codes {found:?}"));
        }
        let errors = document["summary"]["errors"].as_u64().unwrap() > 0;
        if checked.status.code() != Some(i32::from(errors)) {
            fail(format!("exit status {:?} with errors: {errors}", checked.status.code()));
        }

        let fixed = run(&path, config, &["--fix"]);
        let safely = std::fs::read(&path).unwrap();
        match expected {
            "safe" if cell(&path, column) != output => {
                fail(format!("--fix writes {:?}", cell(&path, column)));
            }
            "safe" if fixed.status.code() != Some(0) => {
                fail(format!("--fix exits with {:?}", fixed.status.code()));
            }
            "safe" => {}
            _ if safely != original => fail("--fix writes something".to_owned()),
            _ => {}
        }
        let fixed = run(&path, config, &["--fix", "--unsafe-fixes"]);
        match expected {
            "unsafe" if cell(&path, column) != output => {
                fail(format!("--unsafe-fixes writes {:?}", cell(&path, column)));
            }
            "unsafe" if fixed.status.code() != Some(0) => {
                fail(format!("--unsafe-fixes exits with {:?}", fixed.status.code()));
            }
            "valid" | "warn" | "error" if std::fs::read(&path).unwrap() != original => {
                fail("--unsafe-fixes writes something".to_owned());
            }
            _ => {}
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(count, 361);
}
