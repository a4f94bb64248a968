//! `metricsheet convert` over CSV and other text, and `--raw` over all that it reads.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

struct Outcome {
    status: Option<i32>,
    output: String,
    errors: String,
}

fn convert(directory: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .current_dir(directory)
        .arg("convert")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

fn directory(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

fn read(directory: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(directory.path().join(name)).unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

const CLEAN: &str =
    "External ID,Current Metric Value,As Of Date\nKPI-1,1234.5,03/31/2024\nKPI-2,.2,03/31/2024\n";

#[test]
fn text_of_any_dialect_becomes_clean_rows() {
    let german = "Monatsbericht;;\n\nKPI code;Actual;Reporting date\nKPI-1;\"1.234,5\";31.03.2024\nKPI-2;20%;31.03.2024\nTotal;99;\n";
    let tabs = "# exported\nExternal ID\tValue\tDate\nKPI-1\t1,234.5\t2024-03-31\nKPI-2\t20%\t2024-03-31\n";
    let other =
        "'External ID'||'Value'||'Date'\n'KPI-1'||'1,234.5'||'2024-03-31'\n'KPI-2'||'20%'||'2024-03-31'\n";
    let european: &[&str] = &["--decimal", "comma", "--date-order", "dmy"];
    for (content, flags) in [
        (german.as_bytes().to_vec(), european),
        (utf16(german), european),
        (german.replace('\n', "\r").into_bytes(), european),
        (tabs.as_bytes().to_vec(), &[]),
        (other.as_bytes().to_vec(), &[]),
    ] {
        let outcome = convert(Path::new("."), &[&["-"], flags].concat(), &content);
        assert_eq!(outcome.output, CLEAN, "{}", outcome.errors);
        assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    }
}

#[test]
fn a_text_is_never_written_over() {
    let rows = b"External ID,Value,Date\nKPI-1,5,2024-03-31\n";
    let directory =
        directory(&[("q1.csv", rows), ("q2.TSV", b"External ID\tValue\tDate\nKPI-1\t5\t2024-03-31\n")]);
    let outcome = convert(directory.path(), &["q1.csv", "q2.TSV"], b"");
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    let expected = "External ID,Current Metric Value,As Of Date\nKPI-1,5,03/31/2024\n";
    assert_eq!(read(&directory, "q1.clean.csv"), expected);
    assert_eq!(read(&directory, "q2.csv"), expected);
    let outcome = convert(directory.path(), &["q1.csv", "-o", "q1.csv", "--force"], b"");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.errors.contains("it is an input; name another file"), "{}", outcome.errors);
    assert_eq!(read(&directory, "q1.csv").as_bytes(), rows);
}

#[test]
fn a_directory_is_converted_without_its_earlier_results() {
    let rows: &[u8] = b"External ID,Value,Date\nKPI-1,5,2024-03-31\n";
    let directory = directory(&[("q1.csv", rows), ("q1.clean.csv", b"old\n"), ("q2.rejects.csv", b"old\n")]);
    let outcome = convert(directory.path(), &[".", "--force"], b"");
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    assert!(outcome.errors.contains("`./q1.clean.csv` is left out"), "{}", outcome.errors);
    assert!(!directory.path().join("q1.clean.clean.csv").exists());
    assert!(read(&directory, "q1.clean.csv").contains("KPI-1"));
}

#[test]
fn doubtful_rows_of_a_text_are_rejected_with_row_and_field() {
    let text = "External ID,Value,Date\nKPI-1,1,234,2024-03-31\nKPI-2,\"5\" pipe,2024-03-31\nKPI-3,x,2024-03-31\nKPI-4,4,2024-03-31\n";
    let directory = directory(&[("q1.csv", text.as_bytes())]);
    let outcome = convert(directory.path(), &["q1.csv"], b"");
    assert_eq!(outcome.status, Some(1), "{}", outcome.errors);
    for message in [
        "error[R003]: `q1.csv`, row 2: the row has 4 fields for 3 columns",
        "error[F011]: `q1.csv`, row 3: the quotation marks of the row are broken",
        "error[V001]: `q1.csv`, row 4, Current Metric Value: `x`",
    ] {
        assert!(outcome.errors.contains(message), "{message}: {}", outcome.errors);
    }
    assert!(read(&directory, "q1.clean.csv").ends_with("KPI-4,4,03/31/2024\n"));
    assert_eq!(read(&directory, "q1.rejects.csv").lines().filter(|line| line.contains("R003")).count(), 1);
}

#[test]
fn an_empty_text_is_an_error_and_raw_an_empty_file() {
    for content in [&b""[..], b"\n \r\n"] {
        let directory = directory(&[("q1.csv", content)]);
        let outcome = convert(directory.path(), &["q1.csv"], b"");
        assert_eq!(outcome.status, Some(2), "{}", outcome.errors);
        assert!(outcome.errors.contains("this is an empty file"), "{}", outcome.errors);
        let outcome = convert(directory.path(), &["q1.csv", "--raw"], b"");
        assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
        assert_eq!(read(&directory, "q1.clean.csv"), "");
    }
}

#[test]
fn raw_text_becomes_clean_records() {
    for (content, flags, expected) in [
        ("a;b\r\n1;\"x;y\"\r\n", &[][..], "a,b\n1,x;y\n"),
        ("a;b\r\n1,5;\"x\"\"y\"\r\n", &[], "a,b\n\"1,5\",\"x\"\"y\"\n"),
        ("'a','b'\n'it''s','c, d'\n", &[], "a,b\nit's,\"c, d\"\n"),
        ("a\tb\n\n1\t2\n\t\n", &[], "a,b\n1,2\n"),
        ("a,b\n1,2\n", &["--delimiter", "tab"], "a\tb\n1\t2\n"),
        ("a,b\n1,2\n", &["--delimiter", ";", "--range", "B1:B2"], "b\n2\n"),
        ("Report of March\n\nName,Value\nx,1\ny,2\n", &[], "Name,Value\nx,1\ny,2\n"),
        (
            "Report of March\n\nName,Value\nx,1\ny,2\n",
            &["--keep-titles"],
            "Report of March\nName,Value\nx,1\ny,2\n",
        ),
        // Without a header below it, nobody can tell what is a title.
        ("Name,\nx,1\ny,2\n", &[], "Name,\nx,1\ny,2\n"),
        (
            "a,b,c\n1,\"5\" pipe\",x\n2,\"b,y\n3,c,z\n",
            &[],
            "a,b,c\n1,\"5\"\" pipe\",x\n2,\"\"\"b\",y\n3,c,z\n",
        ),
    ] {
        let outcome = convert(Path::new("."), &[&["--raw", "-"], flags].concat(), content.as_bytes());
        assert_eq!(outcome.output, expected, "{content:?} {flags:?}");
        assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    }
}

#[test]
fn what_raw_text_leaves_out_is_said() {
    let text = "Report\n\nName,Value\nx,1\ny,2,3\n";
    let outcome = convert(Path::new("."), &["--raw", "-"], text.as_bytes());
    for message in [
        "`Report` stands above the header; it is left out, unless `--keep-titles` is given",
        "empty rows left out: 1",
        "rows with another number of fields than 2: 1 of 3",
        "3 rows written to standard output",
    ] {
        assert!(outcome.errors.contains(message), "{message}: {}", outcome.errors);
    }
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)).unwrap()
}

#[test]
fn raw_workbooks_are_written_sheet_by_sheet() {
    let directory = directory(&[("layers.xlsx", &fixture("workbooks/layers.xlsx"))]);
    let outcome = convert(directory.path(), &["--raw", "layers.xlsx"], b"");
    assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
    let written: Vec<_> = outcome.errors.lines().filter(|line| line.contains("rows written to")).collect();
    assert!(written.len() > 1, "{}", outcome.errors);
    assert!(outcome.errors.contains("the sheet is hidden; it is written all the same"), "{}", outcome.errors);
    let outcome = convert(directory.path(), &["--raw", "layers.xlsx", "-o", "-"], b"");
    assert_eq!(outcome.status, Some(2));
    assert!(outcome.errors.contains("choose one with `--sheet`"), "{}", outcome.errors);
    let outcome = convert(directory.path(), &["--raw", "layers.xlsx", "--force", "--skip-hidden"], b"");
    let fewer: Vec<_> = outcome.errors.lines().filter(|line| line.contains("rows written to")).collect();
    assert!(fewer.len() < written.len(), "{}", outcome.errors);
}

#[test]
fn raw_values_are_stored_or_shown() {
    let directory = directory(&[("q1.xlsx", &fixture("workbooks/openpyxl-1900.xlsx"))]);
    let raw = |flags: &[&str]| {
        let outcome = convert(
            directory.path(),
            &[&["--raw", "q1.xlsx", "--sheet", "1", "-o", "-"], flags].concat(),
            b"",
        );
        assert_eq!(outcome.status, Some(0), "{}", outcome.errors);
        outcome.output
    };
    insta::assert_snapshot!(format!(
        "stored\n{}\nus dates\n{}\nshown\n{}",
        raw(&[]),
        raw(&["--date-format", "us"]),
        raw(&["--values", "shown"])
    ));
}

/// What is too much for memory is gathered in a file, which becomes the output.
#[test]
fn a_large_output_gets_to_its_place_whole() {
    let rows: Vec<String> = (0..120_000).map(|row| format!("KPI-{row:06},.25,03/31/2024\n")).collect();
    let text = format!("External ID,Current Metric Value,As Of Date\n{}", rows.concat());
    assert!(text.len() > 2 << 20);
    let folder = directory(&[("all.txt", text.as_bytes()), ("older.csv", b"older"), ("other.txt", b"other")]);
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    let to = |arguments: &[&str]| convert(folder.path(), arguments, b"");
    for (arguments, written) in [
        (&["all.txt", "-o", "new.csv"][..], Some("new.csv")),
        (&["all.txt"], Some("all.csv")),
        (&["all.txt", "-o", "made/"], Some("made/all.csv")),
        (&["all.txt", "-o", "older.csv", "--force"], Some("older.csv")),
        (&["all.txt", "-o", "/dev/null", "--force"], None),
    ] {
        let outcome = to(arguments);
        assert_eq!(outcome.status, Some(0), "{arguments:?}: {}", outcome.errors);
        assert!(written.is_none_or(|written| read(&folder, written) == text), "{arguments:?}");
    }
    assert!(to(&["all.txt", "-o", "-"]).output == text);
    for (arguments, status, refused) in [
        (&["all.txt", "-o", "new.csv"][..], 2, "exists already"),
        (&["all.txt", "-o", "all.txt", "--force"], 2, "is an input"),
        // A comparison makes nothing.
        (&["all.txt", "-o", "nowhere/", "--check"], 1, "nowhere/all.csv"),
    ] {
        let outcome = to(arguments);
        assert_eq!(outcome.status, Some(status), "{arguments:?}");
        assert!(outcome.errors.contains(refused), "{}", outcome.errors);
    }
    assert_eq!(names(), ["all.csv", "all.txt", "made", "new.csv", "older.csv", "other.txt"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("new.csv"), mode("other.txt"), "as any file that is made");
    }
}
