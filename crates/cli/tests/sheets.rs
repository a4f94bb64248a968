//! The sheets of one workbook: none is passed over without a word, and however many are converted at the same time, all
//! is as if they were converted one after the other.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;

use zip::write::SimpleFileOptions;

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

/// A workbook of sheets with so many rows, of which one in a hundred cannot be mended.
fn workbook(sheets: &[usize]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let (mut list, mut related) = (String::new(), String::new());
    for (at, rows) in sheets.iter().enumerate() {
        write!(list, "<sheet name='S{at}' r:id='r{at}'/>").unwrap();
        write!(related, "<Relationship Id='r{at}' Type='x/worksheet' Target='s{at}.xml'/>").unwrap();
        let mut xml = "<worksheet><sheetData>".to_owned();
        let mut row = |cells: [&str; 4]| {
            xml.push_str("<row>");
            for cell in cells {
                write!(xml, "<c t='str'><v>{cell}</v></c>").unwrap();
            }
            xml.push_str("</row>");
        };
        row(["External ID", "Current Metric Value", "As Of Date", "Comment"]);
        for number in 0..*rows {
            let value = if number % 100 == 99 { "n/a" } else { "0.5" };
            row([&format!("KPI-{number}"), value, "03/31/2024", &format!("remark {number} on it").repeat(4)]);
        }
        xml.push_str("</sheetData></worksheet>");
        part(&format!("xl/s{at}.xml"), &xml);
    }
    part("xl/workbook.xml", &format!("<workbook><sheets>{list}</sheets></workbook>"));
    part("xl/_rels/workbook.xml.rels", &format!("<Relationships>{related}</Relationships>"));
    zip.finish().unwrap().into_inner()
}

#[test]
fn sheets_give_the_same_on_any_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    // The first one comes to more than is kept in memory, and is the last one to be finished.
    fs::write(directory.path().join("book.xlsx"), workbook(&[24_000, 2_000, 0, 3_000, 1])).unwrap();
    let run = |jobs: &str, command: &[&str]| {
        let mut metricsheet = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
        let arguments = [command, &["book.xlsx", "-j", jobs]].concat();
        let outcome = metricsheet.current_dir(directory.path()).args(arguments).output().unwrap();
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(directory.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension != "xlsx") {
                files.insert(path.clone(), fs::read(&path).unwrap());
                fs::remove_file(path).unwrap();
            }
        }
        (outcome, files)
    };
    for (command, written) in [
        (&["convert"][..], 6),
        (&["convert", "--report", "report.json"], 7),
        (&["convert", "-o", "-", "--rejects", "all.csv"], 1),
        (&["convert", "--check"], 0),
        (&["check", "--output-format", "json"], 0),
    ] {
        let one = run("1", command);
        assert_eq!(one.0.status.code(), Some(1), "{command:?}");
        assert_eq!(one.1.len(), written, "{command:?}: {:?}", one.1.keys());
        assert!(run("4", command) == one, "{command:?}");
    }
}
