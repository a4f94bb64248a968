//! `metricsheet convert` and `inspect` as people run them: exit status, files, messages.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory of its own with copies of these fixtures.
fn directory(fixtures: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for fixture in fixtures {
        let source = fixture_path(fixture);
        fs::copy(&source, directory.path().join(source.file_name().unwrap())).unwrap();
    }
    directory
}

fn fixture_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn fixture(name: &str) -> String {
    fs::read_to_string(fixture_path(name)).unwrap()
}

struct Outcome {
    status: Option<i32>,
    output: String,
    errors: String,
}

fn convert(directory: &Path, arguments: &[&str]) -> Outcome {
    metricsheet(directory, &[&["convert"], arguments].concat())
}

fn metricsheet(directory: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    let output = command.current_dir(directory).args(arguments).output().unwrap();
    Outcome {
        status: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_workbook_becomes_a_csv_file_beside_it() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let outcome = convert(directory.path(), &["hospital-kpis.xlsx"]);
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    assert_eq!(outcome.output, "");
    assert_eq!(
        outcome.errors,
        "warning[W008]: `hospital-kpis.xlsx`: `Total` in cell A17 of sheet `KPI report` sums rows up; the row is left \
         out\n\
         warning[W008]: `hospital-kpis.xlsx`: `Source: hospital information system, 2 April 2024` in cell A18 of sheet \
         `KPI report` is a remark on the table; the row is left out\n\
         `hospital-kpis.xlsx`, sheet `KPI report`: 17 rows read, 12 written to `hospital-kpis.csv`, 0 rejected, 5 left \
         out (2 above the table, 1 header, 1 total, 1 note); 0 findings mended\n"
    );
    assert_eq!(names(directory.path()), ["hospital-kpis.csv", "hospital-kpis.xlsx"]);
    let csv = fs::read_to_string(directory.path().join("hospital-kpis.csv")).unwrap();
    assert_eq!(csv, fixture("demo/hospital-kpis.csv"));
}

#[test]
fn what_a_file_is_its_content_tells_and_not_its_name() {
    for (fixture, name) in [
        ("openpyxl-1900.xlsx", "book.xls"),
        ("libreoffice-1900.xls", "BOOK.XLSX"),
        ("libreoffice-1904.ods", "book.xlsb"),
        ("by-hand-2003-xml.xls", "book.xlsx"),
        ("libreoffice-flat.fods", "Book.Xls"),
        ("xlwt-1900.xls", "book.csv"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::copy(fixture_path(&format!("workbooks/{fixture}")), directory.path().join(name)).unwrap();
        let outcome = convert(directory.path(), &["-q", "-o", "-", name]);
        assert_eq!(
            outcome.output,
            self::fixture("workbooks/expected/metrics.csv"),
            "{name}: {}",
            outcome.errors
        );
    }
}

#[test]
fn existing_files_are_written_over_only_if_asked_to() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let csv = directory.path().join("hospital-kpis.csv");
    fs::write(&csv, "mine").unwrap();
    let outcome = convert(directory.path(), &["hospital-kpis.xlsx"]);
    assert_eq!(outcome.status, Some(2));
    assert_eq!(
        outcome.errors,
        "error: cannot write `hospital-kpis.csv`: it exists already; give `--force` to write over it\n"
    );
    assert_eq!(fs::read_to_string(&csv).unwrap(), "mine");
    let outcome = convert(directory.path(), &["hospital-kpis.xlsx", "--force", "--quiet"]);
    assert_eq!((outcome.status, outcome.errors.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&csv).unwrap(), fixture("demo/hospital-kpis.csv"));
}

#[test]
fn the_input_is_never_the_output() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let before = fs::read(directory.path().join("hospital-kpis.xlsx")).unwrap();
    let outcome = convert(directory.path(), &["hospital-kpis.xlsx", "-o", "./hospital-kpis.xlsx", "--force"]);
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.errors.contains("it is an input; name another file"), "{}", outcome.errors);
    assert_eq!(fs::read(directory.path().join("hospital-kpis.xlsx")).unwrap(), before);
}

#[test]
fn rows_that_cannot_be_mended_go_to_the_rejects() {
    let directory = directory(&["workbooks/messy.xlsx"]);
    let outcome = convert(directory.path(), &["messy.xlsx", "-o", "-"]);
    assert_eq!(outcome.status, Some(1));
    assert_eq!(outcome.output, fixture("workbooks/expected/messy.csv"));
    let rejects = fs::read_to_string(directory.path().join("messy.rejects.csv")).unwrap();
    assert_eq!(rejects.lines().count(), 9, "{rejects}");
    assert!(
        rejects.starts_with("File,Sheet,Row,Cell,Code,Reason,Text\nmessy.xlsx,\"Data, 2024\",3,B3,V001,")
    );
}

#[test]
fn one_bad_workbook_does_not_stop_the_others() {
    let directory =
        directory(&["workbooks/xlwt-1900.xls", "workbooks/odfpy.ods", "workbooks/openpyxl-1904.xlsx"]);
    fs::write(directory.path().join("broken.xlsx"), "PK\x03\x04 and nothing more").unwrap();
    fs::write(directory.path().join("page.xls"), "<html><body>no workbook</body></html>").unwrap();
    let outcome = convert(directory.path(), &[".", "-o", "out/", "--quiet"]);
    assert_eq!(outcome.status, Some(2));
    assert_eq!(outcome.errors.lines().count(), 2, "{}", outcome.errors);
    assert!(outcome.errors.contains("error: cannot convert `./broken.xlsx`: the zip container is broken"));
    assert!(
        outcome.errors.contains(
            "error: cannot convert `./page.xls`: this is a web page without a table, not a workbook"
        )
    );
    assert_eq!(names(&directory.path().join("out")), ["odfpy.csv", "openpyxl-1904.csv", "xlwt-1900.csv"]);
    for name in names(&directory.path().join("out")) {
        let csv = fs::read_to_string(directory.path().join("out").join(&name)).unwrap();
        assert_eq!(csv, fixture("workbooks/expected/metrics.csv"), "{name}");
    }
}

#[test]
fn two_inputs_do_not_share_an_output() {
    let directory = directory(&["workbooks/libreoffice-1900.xls", "workbooks/libreoffice-1900.ods"]);
    let outcome = convert(directory.path(), &[".", "--force", "--quiet"]);
    assert_eq!(outcome.status, Some(2));
    assert_eq!(
        outcome.errors,
        "error: cannot write `./libreoffice-1900.xls` to `./libreoffice-1900.csv`: another input was just written to \
         it\n"
    );
}

#[test]
fn what_is_wanted_and_not_there_is_named() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    for (arguments, status, expected) in [
        (
            &["--sheet", "Q3"][..],
            2,
            "error: cannot convert `hospital-kpis.xlsx`: no sheet is called `Q3`; there is `KPI report`\n",
        ),
        (
            &["--map", "Value=Outcome"],
            1,
            "error[W007]: `hospital-kpis.xlsx`, sheet `KPI report`: no column is headed `Outcome` for `Current Metric \
             Value`; row 4 has `KPI code`, `Indicator`, `Owner`, `Target`, `Actual`, `Reporting date` and `Comment`\n",
        ),
    ] {
        let outcome = convert(directory.path(), &[&["hospital-kpis.xlsx"], arguments].concat());
        assert_eq!((outcome.status, outcome.errors.as_str()), (Some(status), expected));
    }
    assert_eq!(names(directory.path()), ["hospital-kpis.xlsx"]);
}

#[test]
fn columns_and_the_date_can_be_given() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let outcome = convert(
        directory.path(),
        &["hospital-kpis.xlsx", "-o", "-", "--map", "Value=Target", "--as-of", "2024-06-30", "--quiet"],
    );
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    assert!(
        outcome
            .output
            .starts_with("External ID,Current Metric Value,As Of Date,Comment\nED-001,.95,06/30/2024,\n")
    );
}

#[test]
fn only_the_range_asked_for_counts() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let outcome = convert(directory.path(), &["hospital-kpis.xlsx", "-o", "-", "--range", "A4:F6"]);
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    assert_eq!(
        outcome.output,
        "External ID,Current Metric Value,As Of Date\nED-001,.912,03/31/2024\nED-002,.0134,03/31/2024\n"
    );
    assert_eq!(
        outcome.errors,
        "`hospital-kpis.xlsx`, sheet `KPI report`: 17 rows read, 2 written to standard output, 0 rejected, 15 left \
         out (1 header, 14 outside the range); 0 findings mended\n"
    );
}

#[test]
fn an_inspection_shows_the_layout_and_its_alternatives() {
    let directory = directory(&["workbooks/layers.xlsx"]);
    let outcome = metricsheet(directory.path(), &["inspect", "layers.xlsx"]);
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    assert_eq!(
        outcome.output,
        "\
`layers.xlsx`: xlsx, date system 1900

sheet 1 `Layers`: 9 rows with cells, up to D9
  2 of the rows are hidden
  column D is hidden
  1 merged area
  table with its header in row 1, template metric-updates
    External ID           column A   `KPI code` (alias)
    Current Metric Value  column B   `Value` (alias)
    As Of Date            column C   `Date` (alias)
    Comment               column D   `Comment` (exact label)

sheet 2 `Old`, hidden: 2 rows with cells, up to C2
  table with its header in row 1, template metric-updates
    External ID           column A   `KPI code` (alias)
    Current Metric Value  column B   `Value` (alias)
    As Of Date            column C   `Date` (alias)
"
    );
    let outcome = metricsheet(directory.path(), &["inspect", "layers.xlsx", "--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&outcome.output).unwrap();
    assert_eq!(document["sheets"][0]["merged"], serde_json::json!(["A2:A4"]));
    assert_eq!(document["sheets"][0]["tables"][0]["columns"][1]["column"], "B");
    assert_eq!(document["sheets"][1]["visibility"], "hidden");
}

#[test]
fn periods_across_are_converted_and_shown() {
    let directory = directory(&["workbooks/across.xlsx"]);
    let outcome = convert(directory.path(), &["across.xlsx", "--sheet", "Months", "-o", "-"]);
    assert_eq!(outcome.status, Some(1), "{}", outcome.errors);
    assert!(outcome.output.starts_with("External ID,Current Metric Value,As Of Date\nM-1,.9,01/31/2024\n"));
    assert!(
        outcome.errors.contains("error[V001]: `across.xlsx`, sheet `Months`, cell F4: "),
        "{}",
        outcome.errors
    );
    assert!(
        outcome.errors.contains(
            "note: `across.xlsx`: column H (`2024 YTD`) of sheet `Months` is no single period; it is left out\n"
        ),
        "{}",
        outcome.errors
    );
    let outcome = metricsheet(directory.path(), &["inspect", "across.xlsx"]);
    assert!(
        outcome.output.contains("column D   `Jan-24` (period, stands for 2024-01-31)"),
        "{}",
        outcome.output
    );
    let outcome = convert(directory.path(), &["across.xlsx", "--quiet", "--force"]);
    assert_eq!(outcome.status, Some(1));
    let written = ["across.Months.csv", "across.Pairs.csv", "across.Year above.csv", "across.rejects.csv"];
    assert_eq!(names(directory.path())[..4], written);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let workbook = format!("{}/../../fixtures/demo/hospital-kpis.xlsx", env!("CARGO_MANIFEST_DIR"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(["convert", &workbook, "-o", "/dev/null", "--force", "--rejects", "/dev/null"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn provenance_leads_from_the_output_to_the_workbook() {
    let directory = directory(&["demo/hospital-kpis.xlsx", "workbooks/messy.xlsx"]);
    let arguments = [".", "-o", "out/", "--quiet", "--provenance", "p.jsonl"];
    assert_eq!(convert(directory.path(), &arguments).status, Some(1));
    let text = fs::read_to_string(directory.path().join("p.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[1],
        serde_json::json!({
            "file": "./hospital-kpis.xlsx", "sheet": "KPI report", "cell": "E5", "stored": 0.912,
            "stored_type": "number", "number_format": "0.0%", "shown": "91.2%", "output": ".912",
            "output_file": "out/hospital-kpis.csv", "output_row": 2, "output_column": "Current Metric Value",
            "fixes": [],
        })
    );
    let mended = lines.iter().find(|line| line["stored"] == "$1,234.50").unwrap();
    assert_eq!(mended["fixes"].as_array().unwrap().len(), 2, "{mended}");
    // Each line names the cell of the output that it is about.
    for line in &lines {
        let csv = directory.path().join(line["output_file"].as_str().unwrap());
        let mut reader = csv::Reader::from_path(csv).unwrap();
        let column = reader.headers().unwrap().iter().position(|it| it == line["output_column"]).unwrap();
        let record = usize::try_from(line["output_row"].as_u64().unwrap()).unwrap() - 2;
        let record = reader.records().nth(record).unwrap().unwrap();
        assert_eq!(record[column], *line["output"].as_str().unwrap(), "{line}");
    }
    assert_eq!(lines.len(), 12 * 4 + 3 * 3);
}

#[test]
fn the_report_tells_all_findings_and_what_became_of_the_rows() {
    let directory = directory(&["workbooks/messy.xlsx", "workbooks/across.xlsx"]);
    fs::write(directory.path().join("broken.xlsx"), "no workbook").unwrap();
    let arguments = [".", "-o", "out/", "--quiet", "--report", "report.json", "-j", "3"];
    assert_eq!(convert(directory.path(), &arguments).status, Some(2));
    let text = fs::read_to_string(directory.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let counts = |counts: &serde_json::Value| -> [u64; 4] {
        let skipped = counts["skipped"].as_object().unwrap().values().map(|it| it.as_u64().unwrap()).sum();
        let count = |name: &str| counts[name].as_u64().unwrap();
        [count("read"), count("written"), count("rejected"), skipped]
    };
    let sheets = report["sheets"].as_array().unwrap();
    let mut total = [0; 4];
    for sheet in sheets {
        let [read, written, rejected, skipped] = counts(&sheet["counts"]);
        assert_eq!(read, written + rejected + skipped, "{sheet}");
        total = [total[0] + read, total[1] + written, total[2] + rejected, total[3] + skipped];
        let csv = fs::read_to_string(directory.path().join(sheet["output"].as_str().unwrap())).unwrap();
        assert_eq!(csv.lines().count() as u64, written + 1, "{sheet}");
    }
    assert_eq!(counts(&report["counts"]), total);
    assert_eq!(sheets.len(), 4);
    let found = report["diagnostics"].as_array().unwrap();
    let error = found.iter().find(|it| it["cell"] == "B3" && it["code"] == "V001").unwrap();
    assert_eq!(
        (&error["sheet"], &error["row"], &error["column"]),
        (&"Data, 2024".into(), &3.into(), &2.into())
    );
    assert!(error["line"].is_null() && error["byte_start"].is_null(), "{error}");
    // A row of a sheet with periods across is told by its place on the sheet.
    let across = found.iter().find(|it| it["file"] == "./across.xlsx" && it["code"] == "V001").unwrap();
    assert_eq!((&across["cell"], &across["row"]), (&"F4".into(), &4.into()));
    assert!(report["fixes"].as_array().unwrap().iter().any(|it| it["text"] == "$1,234.50"));
    assert_eq!(report["summary"]["errors"], found.iter().filter(|it| it["severity"] == "error").count());
    assert_eq!(report["summary"]["files"], 2);
    assert_eq!(report["failures"][0]["file"], "./broken.xlsx");
}

#[test]
fn many_workbooks_give_the_same_on_any_number_of_threads() {
    let directory = directory(&["workbooks/messy.xlsx", "workbooks/across.xlsx", "workbooks/layers.xls"]);
    for number in 0..20 {
        let name = format!("copy-{number}.xlsx");
        fs::copy(fixture_path("demo/hospital-kpis.xlsx"), directory.path().join(name)).unwrap();
    }
    let run = |jobs: &str| {
        convert(directory.path(), &[".", "-o", "-", "--rejects", "/dev/null", "--force", "-j", jobs])
    };
    let (one, many) = (run("1"), run("8"));
    assert_eq!((one.status, &one.output, &one.errors), (many.status, &many.output, &many.errors));
    // Standard output is one CSV file: it has one header.
    assert_eq!(one.output.lines().filter(|line| line.starts_with("External ID")).count(), 1);
    let mut records = csv::Reader::from_reader(one.output.as_bytes());
    assert!(records.records().all(|record| record.unwrap().len() == 4));
}

#[test]
fn warnings_count_only_if_asked_to_and_nothing_if_asked_to() {
    let directory = directory(&["demo/hospital-kpis.xlsx", "workbooks/messy.xlsx"]);
    for (arguments, status) in [
        (&["hospital-kpis.xlsx"][..], 0),
        (&["hospital-kpis.xlsx", "--deny-warnings"], 1),
        (&["messy.xlsx"], 1),
        (&["messy.xlsx", "--exit-zero"], 0),
    ] {
        let all = [arguments, &["-o", "out/", "--force", "--quiet"]].concat();
        assert_eq!(convert(directory.path(), &all).status, Some(status), "{arguments:?}");
    }
}

#[test]
fn a_password_comes_from_the_environment_and_shows_nowhere() {
    let directory =
        directory(&["workbooks/encrypted/standard.xlsx", "workbooks/encrypted/agile-built-in.xlsx"]);
    let run = |password: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
        command.current_dir(directory.path()).env("BOOK", password).args(arguments);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        (output.status.code(), text[0].clone(), text[1].clone())
    };
    let convert = ["convert", ".", "-o", "-", "--quiet"];
    let (status, _, errors) = run("Blau-42", &convert);
    assert_eq!(status, Some(2));
    assert_eq!(
        errors,
        "error: cannot convert `./standard.xlsx`: the workbook is encrypted; put its password into a variable and name \
         that with `--password-env NAME`\n"
    );
    let with_password = [&convert[..], &["--password-env", "BOOK"]].concat();
    let (status, output, errors) = run("Blau-42", &with_password);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert_eq!(output.lines().count(), 21, "{output}");
    let (status, _, errors) = run("Gelb-7", &with_password);
    assert_eq!(status, Some(2));
    assert!(
        errors.contains("the password does not open the workbook") && !errors.contains("Gelb-7"),
        "{errors}"
    );
    let (status, output, _) = run("Blau-42", &["inspect", "standard.xlsx", "--password-env", "BOOK"]);
    assert_eq!((status, output.contains("table with its header in row 4")), (Some(0), true));
    let (status, _, errors) = run("", &with_password);
    assert_eq!((status, errors.contains("is empty")), (Some(2), true), "{errors}");
}

#[test]
fn a_table_or_a_name_can_be_chosen() {
    let directory = directory(&["workbooks/named.xlsx", "workbooks/named.ods", "workbooks/named.xls"]);
    for workbook in ["named.xlsx", "named.ods"] {
        for (table, ids) in [("North", ["N-1", "N-2"]), ("middle", ["M-1", "M-2"])] {
            let outcome = convert(directory.path(), &[workbook, "-o", "-", "--table", table]);
            assert_eq!(outcome.status, Some(0), "{workbook}, {table}: {}", outcome.errors);
            let mut records = csv::Reader::from_reader(outcome.output.as_bytes());
            let found: Vec<String> = records.records().map(|it| it.unwrap()[0].to_owned()).collect();
            assert_eq!(found, ids, "{workbook}, {table}");
        }
    }
    let outcome = convert(directory.path(), &["named.xls", "-o", "-", "--table", "MIDDLE"]);
    assert!(outcome.output.contains("\nM-1,10,03/31/2024\n"), "{}", outcome.errors);
    fs::write(directory.path().join("page.xls"), "<table><tr><td>KPI code<td>Value<td>Date</table>").unwrap();
    fs::write(directory.path().join("text.csv"), "KPI code,Value,Date\n").unwrap();
    for (workbook, expected) in [
        (
            "named.xlsx",
            "no table or defined name is called `South`; there are `North` (table, A1:C3 of sheet `It's Q1`), `Middle` \
             (name, E1:G3 of sheet `It's Q1`)",
        ),
        (
            "named.xls",
            "no table or defined name is called `South`; there is `Middle` (name, E1:G3 of sheet `It's Q1`)",
        ),
        ("page.xls", "no table or defined name is called `South`; there is none for an area of cells"),
        ("text.csv", "this file has no names for areas of its cells; choose with `--range`"),
    ] {
        let outcome = convert(directory.path(), &[workbook, "-o", "-", "--table", "South"]);
        assert_eq!(outcome.status, Some(2));
        assert_eq!(outcome.errors, format!("error: cannot convert `{workbook}`: {expected}\n"));
    }
    let outcome = metricsheet(directory.path(), &["inspect", "named.xlsx"]);
    assert!(
        outcome.output.contains("  `North` is the table A1:C3; `--table` takes it\n"),
        "{}",
        outcome.output
    );
    assert!(outcome.output.contains("table from column E on with its header in row 1"), "{}", outcome.output);
}

#[test]
fn what_a_workbook_converts_to_can_be_checked_without_writing() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let csv = directory.path().join("hospital-kpis.csv");
    let check = || {
        let before = names(directory.path());
        let outcome = convert(directory.path(), &["--check", "--quiet", "hospital-kpis.xlsx"]);
        assert_eq!(names(directory.path()), before);
        (outcome.status, outcome.errors)
    };
    let missing = "error: `hospital-kpis.csv` is missing, which `hospital-kpis.xlsx` converts to; run `metricsheet \
                   convert hospital-kpis.xlsx` with the same settings\n";
    assert_eq!(check(), (Some(1), missing.to_owned()));
    assert_eq!(convert(directory.path(), &["hospital-kpis.xlsx"]).status, Some(0));
    assert_eq!(check(), (Some(0), String::new()));

    let current = fs::read_to_string(&csv).unwrap();
    let stale = current.replacen(".912", ".913", 1);
    fs::write(&csv, &stale).unwrap();
    let differs = "error: `hospital-kpis.csv` is not what `hospital-kpis.xlsx` converts to: line 2 is \
                   `ED-001,.913,03/31/2024,` and would be `ED-001,.912,03/31/2024,`; run `metricsheet convert --force \
                   hospital-kpis.xlsx` with the same settings\n";
    assert_eq!(check(), (Some(1), differs.to_owned()));
    assert_eq!(fs::read_to_string(&csv).unwrap(), stale);
    assert_eq!(convert(directory.path(), &["--force", "hospital-kpis.xlsx"]).status, Some(0));
    assert_eq!(check(), (Some(0), String::new()));
}

#[test]
fn a_check_looks_where_the_output_would_go_and_fails_as_a_conversion_does() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    fs::create_dir(directory.path().join("out")).unwrap();
    fs::write(directory.path().join("broken.xlsx"), "PK\u{3}\u{4} broken").unwrap();
    let status = |arguments: &[&str]| convert(directory.path(), arguments).status;
    assert_eq!(status(&["hospital-kpis.xlsx", "-o", "out"]), Some(0));
    for (arguments, expected) in [
        (&["--check", "hospital-kpis.xlsx", "-o", "out"][..], 0),
        (&["--check", "hospital-kpis.xlsx", "-o", "out/hospital-kpis.csv"], 0),
        (&["--check", "hospital-kpis.xlsx", "-o", "other.csv"], 1),
        (&["--check", "hospital-kpis.xlsx"], 1),
        (&["--check", "hospital-kpis.xlsx", "--exit-zero"], 0),
        // The other input is compared all the same.
        (&["--check", "broken.xlsx", "hospital-kpis.xlsx"], 2),
        (&["--check", "hospital-kpis.xlsx", "-o", "-"], 2),
        (&["--check", "--force", "hospital-kpis.xlsx"], 2),
    ] {
        assert_eq!(status(arguments), Some(expected), "{arguments:?}");
    }
    let outcome = convert(directory.path(), &["--check", "hospital-kpis.xlsx", "-o", "my file.csv"]);
    let remedy =
        "run `metricsheet convert --output 'my file.csv' hospital-kpis.xlsx` with the same settings\n";
    assert!(outcome.errors.ends_with(remedy), "{}", outcome.errors);
    assert_eq!(names(directory.path()), ["broken.xlsx", "hospital-kpis.xlsx", "out"]);
}

#[test]
fn what_can_be_told_before_reading_is_refused_at_once() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    for (arguments, expected) in [
        (["--as-of", "nonsense"], "error: --as-of: `nonsense` is no day; give one as MM/DD/YYYY\n"),
        (["--as-of", "2024-02-30"], "error: --as-of: `2024-02-30` is no day; give one as MM/DD/YYYY\n"),
        (
            ["--report", "-"],
            "error: rejects, provenance and reports go to files: give a name instead of `-`\n",
        ),
        (
            ["--rejects", "-"],
            "error: rejects, provenance and reports go to files: give a name instead of `-`\n",
        ),
    ] {
        let outcome =
            convert(directory.path(), &[&["hospital-kpis.xlsx", "-o", "-"], &arguments[..]].concat());
        assert_eq!((outcome.status, outcome.errors.as_str()), (Some(2), expected));
        assert_eq!(names(directory.path()), ["hospital-kpis.xlsx"]);
    }
}

#[cfg(unix)]
#[test]
fn a_workbook_may_come_through_a_pipe() {
    let directory = directory(&["demo/hospital-kpis.xlsx"]);
    let script = format!(
        "mkfifo pipe && (cat hospital-kpis.xlsx > pipe & {} convert -q pipe -o -)",
        env!("CARGO_BIN_EXE_metricsheet")
    );
    let output = Command::new("sh").current_dir(directory.path()).args(["-c", &script]).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), fixture("demo/hospital-kpis.csv"), "{errors}");
}
