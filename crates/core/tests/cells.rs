//! The table of cells: every case of `fixtures/cells.csv` through the library, and the ISO-8601 strings of
//! public test suites.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_core::{
    Applicability, Cell, DateOrder, Finding, Row, RowNumber, Settings, Template, Validator,
};

fn fixture(name: &str) -> csv::Reader<std::fs::File> {
    let path = format!("{}/../../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap()
}

fn settings(config: &str) -> Settings {
    let mut settings = Settings::default();
    for pair in config.split(';').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap();
        settings.set(key, value).unwrap();
    }
    settings
}

fn findings(column: &str, text: &str, settings: &Settings) -> Vec<Finding> {
    let (template, cells) = match column {
        "id" => (Template::metric_updates(), vec![text, "5", "03/31/2024"]),
        "value" => (Template::metric_updates(), vec!["KPI-1", text, "03/31/2024"]),
        "date" => (Template::metric_updates(), vec!["KPI-1", "5", text]),
        "status" => (Template::progress_updates(), vec!["KPI-1", text, "5", "03/31/2024"]),
        other => panic!("unknown column {other}"),
    };
    let date = if settings.date_order == DateOrder::DayFirst || settings.date_form.is_some() {
        "2024-03-31"
    } else {
        "03/31/2024"
    };
    let cells: Vec<Cell<'_>> = cells
        .into_iter()
        .map(|cell| Cell::text(if cell == "03/31/2024" && column != "date" { date } else { cell }))
        .collect();
    let mut validator = Validator::new(&template, settings);
    validator.read(&Row { number: RowNumber::new(2), cells: &cells });
    validator.finish()
}

/// `valid`, `warn`, `safe`, `unsafe` or `error`, and the text that a fix writes.
fn outcome(findings: &[Finding]) -> (&'static str, Option<String>) {
    let Some(first) = findings.first() else { return ("valid", None) };
    match &first.suggestion {
        Some(suggestion) => (
            match suggestion.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
            },
            first.rewrite().map(ToOwned::to_owned),
        ),
        None if findings.iter().any(|finding| finding.severity.label() == "error") => ("error", None),
        None => ("warn", None),
    }
}

#[test]
fn every_case_of_the_table_holds() {
    let mut failures = Vec::new();
    let mut count = 0;
    for record in fixture("cells.csv").records() {
        let record = record.unwrap();
        let (column, input, config, expected, output, codes) =
            (&record[0], &record[1], &record[2], &record[3], &record[4], &record[5]);
        let findings = findings(column, input, &settings(config));
        let (actual, rewrite) = outcome(&findings);
        let found: Vec<&str> = findings.iter().map(|finding| finding.rule.code).collect();
        let writes = !matches!(expected, "safe" | "unsafe") || rewrite.as_deref() == Some(output);
        let has_codes = codes.split_whitespace().all(|code| found.contains(&code));
        if actual != expected || !writes || !has_codes {
            failures.push(format!(
                "{column} {input:?} [{config}]: expected {expected} {output:?} {codes}, got {actual} {rewrite:?} {found:?}"
            ));
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{} of {count} fail:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(count, 361);
}

/// Blanks around a date are no part of it: they are found as such (T001), and the date is read.
fn has_blanks_around(input: &str) -> bool {
    input.trim().len() < input.len()
}

/// The suites count 24:00 as the beginning of the next day; the date as written is the day that ends then.
fn is_end_of_day(input: &str) -> bool {
    input.contains("T24")
}

#[test]
fn iso_strings_of_public_suites_are_read_as_they_are_written() {
    let mut failures = Vec::new();
    for record in fixture("dates_iso8601.csv").records() {
        let record = record.unwrap();
        let (input, expected, strict, kind, note) =
            (&record[0], &record[1], &record[3], &record[4], &record[5]);
        let findings = findings("date", input, &settings("period=end"));
        let is_iso = findings.iter().any(|finding| finding.rule.code == "D002");
        let rewrite = findings.iter().find_map(Finding::rewrite).unwrap_or_default();
        if expected == "invalid" {
            if is_iso && !has_blanks_around(input) {
                failures.push(format!("{input:?} is no ISO date, but reads as {rewrite}"));
            }
            continue;
        }
        if strict != "yes" || !note.is_empty() || is_end_of_day(input) {
            continue;
        }
        let is_reduced = kind.starts_with("red-");
        let day = expected.trim_start_matches("+00");
        let as_us = || format!("{}/{}/{}", &day[5..7], &day[8..10], &day[..4]);
        let is_implausible = findings.iter().any(|finding| finding.rule.code == "D013");
        let reads = if is_reduced {
            findings.iter().any(|finding| matches!(finding.rule.code, "D011" | "D013"))
        } else if is_implausible {
            is_iso
        } else {
            is_iso && rewrite == as_us()
        };
        if !reads {
            failures.push(format!(
                "{input:?} ({kind}) should read as {expected}, got {:?}",
                findings.first().map(|f| &f.message)
            ));
        }
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}
