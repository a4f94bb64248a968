//! The forms of output: that each is what its readers expect, and that neither a cell nor a file name can
//! break out of it.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const DIRTY: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,2024-03-31\n,5,31.03.2024\nKPI-é,\"1,234.50\",03/31/2024\n";
const CLEAN: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n";
const FORMATS: [&str; 8] = ["full", "concise", "json", "jsonl", "github", "gitlab", "sarif", "junit"];

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn run(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn check(directory: &Path, format: &str, arguments: &[&str]) -> Ran {
    run(directory, &[&["check", "--output-format", format], arguments].concat())
}

/// What a caller sees, without the version, which changes with every release.
fn shown(ran: &Ran) -> String {
    let stdout = ran.stdout.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    format!("exit status: {}\n----- stdout\n{stdout}----- stderr\n{}", ran.status, ran.stderr)
}

fn directory_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

#[test]
fn each_form_shows_a_dirty_file_a_clean_one_and_one_that_is_missing() {
    let directory = directory_with(&[("a b/q1.csv", DIRTY), ("clean.csv", CLEAN)]);
    for format in ["jsonl", "github", "gitlab", "sarif", "junit"] {
        let ran = check(directory.path(), format, &["a b", "missing.csv", "./clean.csv"]);
        insta::assert_snapshot!(format!("each_form_{format}"), shown(&ran));
    }
}

#[test]
fn clean_files_leave_each_form_empty_but_whole() {
    let directory = directory_with(&[("clean.csv", CLEAN)]);
    let mut all = String::new();
    for format in FORMATS {
        writeln!(all, "# {format}\n{}", shown(&check(directory.path(), format, &["clean.csv"]))).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn jsonl_is_the_diagnostics_of_json_one_a_line() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    let json: Value = serde_json::from_str(&check(directory.path(), "json", &[]).stdout).unwrap();
    let lines = check(directory.path(), "jsonl", &[]).stdout;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json["diagnostics"], Value::Array(lines.clone()));
    assert!(lines.len() >= 4, "{lines:?}");
}

#[test]
fn gitlab_fingerprints_are_unique_and_survive_a_row_above() {
    let header = "External ID,Current Metric Value,As Of Date\n";
    let fingerprints = |rows: &str| -> Vec<String> {
        let directory = directory_with(&[("q1.csv", &format!("{header}{rows}"))]);
        let report: Value = serde_json::from_str(&check(directory.path(), "gitlab", &[]).stdout).unwrap();
        let fingerprint = |violation: &Value| violation["fingerprint"].as_str().unwrap().to_owned();
        report.as_array().unwrap().iter().map(fingerprint).collect()
    };
    let rows = "KPI-1,20%,03/31/2024\nKPI-2,20%,03/31/2024\n,5,04/30/2024\n,5,04/30/2024\n";
    let before = fingerprints(rows);
    assert!(before.len() >= 4, "{before:?}");
    assert_eq!(before.iter().collect::<HashSet<_>>().len(), before.len(), "{before:?}");
    assert_eq!(fingerprints(&format!("KPI-0,1,03/31/2024\n{rows}")), before);
}

/// The official schema of SARIF 2.1.0.
fn assert_is_sarif(text: &str) -> Value {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schemas/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("sarif.json", schema).unwrap();
    let schema = compiler.compile("sarif.json", &mut schemas).unwrap();
    let log: Value = serde_json::from_str(text).unwrap();
    if let Err(error) = schemas.validate(&log, schema) {
        panic!("{error:#}");
    }
    let mut wrong = log.clone();
    wrong["runs"][0]["tool"]["driver"]["name"] = Value::Null;
    assert!(schemas.validate(&wrong, schema).is_err(), "the schema refuses nothing");
    log
}

#[test]
fn sarif_of_every_rules_examples_is_valid_and_its_replacements_stand_where_they_say() {
    let directory = tempfile::tempdir().unwrap();
    for rule in metricsheet_core::rules::all() {
        for (index, example) in rule.examples.iter().enumerate() {
            let name = format!("{} {index}.csv", rule.code);
            std::fs::write(directory.path().join(name), example.before).unwrap();
        }
    }
    let log = assert_is_sarif(&check(directory.path(), "sarif", &[]).stdout);
    let run = &log["runs"][0];
    let (rules, results) =
        (run["tool"]["driver"]["rules"].as_array().unwrap(), run["results"].as_array().unwrap());
    assert!(rules.len() > 30 && results.len() > 50, "{} rules, {} results", rules.len(), results.len());
    let mut replacements = 0;
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        let name = place["artifactLocation"]["uri"].as_str().unwrap().replace("%20", " ");
        let text = std::fs::read_to_string(directory.path().join(name)).unwrap();
        assert_stands_where_it_says(&place["region"], &text);
        for change in
            result["fixes"][0]["artifactChanges"][0]["replacements"].as_array().into_iter().flatten()
        {
            assert_stands_where_it_says(&change["deletedRegion"], &text);
            replacements += 1;
        }
    }
    assert!(replacements > 40, "{replacements}");
}

#[test]
fn sarif_of_a_file_in_another_encoding_gives_bytes_of_the_file_and_lines_of_its_text() {
    let directory = tempfile::tempdir().unwrap();
    let text = "External ID,Current Metric Value,As Of Date\r\nKPI-é,20%,03/31/2024\r\n";
    let mut bytes = b"\xff\xfe".to_vec();
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    std::fs::write(directory.path().join("q1.csv"), &bytes).unwrap();
    let log = assert_is_sarif(&check(directory.path(), "sarif", &[]).stdout);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let percent = results.iter().find(|result| result["ruleId"] == "V002").unwrap();
    let region = &percent["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&Value::from(2), &Value::from(7)));
    let offset = usize::try_from(region["byteOffset"].as_u64().unwrap()).unwrap();
    assert_eq!(&bytes[offset..offset + 6], b"2\x000\x00%\x00");
    let encoding = results.iter().find(|result| result["ruleId"] == "F001").unwrap();
    let deleted = &encoding["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"];
    assert_eq!((deleted["byteLength"].as_u64(), deleted.get("startLine")), (Some(bytes.len() as u64), None));
}

/// Lines and characters of a region lead to the same bytes as its offset and length.
fn assert_stands_where_it_says(region: &Value, text: &str) {
    let number = |key: &str| usize::try_from(region[key].as_u64().unwrap()).unwrap();
    let byte_of = |line: usize, column: usize| {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            if bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        let start = starts[line - 1];
        let mark = usize::from(text[start..].starts_with('\u{feff}'));
        let width = text[start..].chars().take(column - 1 + mark).map(char::len_utf8).sum::<usize>();
        start + width
    };
    let (start, length) = (number("byteOffset"), number("byteLength"));
    // The mark itself is no character: a region that begins with it begins at character 1 too.
    let after_mark = |byte: usize| if byte == 0 && text.starts_with('\u{feff}') { 3 } else { byte };
    assert_eq!(
        byte_of(number("startLine"), number("startColumn")),
        after_mark(start),
        "{region} in {text:?}"
    );
    assert_eq!(
        byte_of(number("endLine"), number("endColumn")),
        after_mark(start + length),
        "{region} in {text:?}"
    );
}

/// Cell text and, where the system allows it, a file name that try to break out of every form.
const NASTY: &str =
    "\u{1b}[31m\n::error::x\r\n##[error]]>]]><script>'\"&%0A\u{2028}\u{85}\u{9b}2J\u{202e}\u{0}[x](http://y)";

fn nasty_directory() -> (tempfile::TempDir, String) {
    let cell = format!("\"{}\"", NASTY.replace('"', "\"\""));
    let text =
        format!("External ID,Current Metric Value,As Of Date\n{cell},{cell},{cell}\nK,1,\"a\n::error::x\"\n");
    let name = if cfg!(unix) { NASTY.replace(['\0', '/'], "") + ".csv" } else { "nasty.csv".to_owned() };
    (directory_with(&[(&name, &text)]), name)
}

#[test]
fn neither_cells_nor_names_drive_a_terminal_or_leave_their_line() {
    let (directory, name) = nasty_directory();
    for format in FORMATS {
        for statistics in [false, true] {
            let mut arguments = vec![name.as_str()];
            if statistics {
                arguments.push("--statistics");
            }
            let ran = check(directory.path(), format, &arguments);
            if ran.status == 2 {
                assert!(statistics, "{format}: {}", ran.stderr);
                continue;
            }
            assert!(!ran.stdout.is_empty(), "{format}");
            let is_dangerous = |character: char| {
                (character.is_control() && character != '\n')
                    || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')
            };
            assert_eq!(ran.stdout.chars().find(|character| is_dangerous(*character)), None, "{format}");
            for line in ran.stdout.lines() {
                let is_own_command = format == "github" && line.starts_with("::error file=")
                    || line.starts_with("::warning file=");
                assert!(is_own_command || !line.trim_start().starts_with("::"), "{format}: {line}");
            }
        }
    }
}

#[test]
fn a_name_that_begins_like_a_command_does_not_begin_a_line() {
    let directory = directory_with(&[("::error::x.csv", DIRTY)]);
    for format in ["full", "concise", "jsonl"] {
        let ran = check(directory.path(), format, &["::error::x.csv"]);
        assert_eq!(ran.status, 1, "{}", ran.stderr);
        assert_eq!(ran.stdout.lines().find(|line| line.starts_with("::")), None, "{format}");
    }
}

#[test]
fn github_commands_unescape_to_the_name_of_the_file() {
    let directory = directory_with(&[("a,b:c%2C.csv", DIRTY)]);
    let ran = check(directory.path(), "github", &["a,b:c%2C.csv"]);
    assert!(ran.stdout.lines().count() >= 4, "{}", ran.stdout);
    for line in ran.stdout.lines() {
        let (command, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (_, properties) = command.split_once(' ').unwrap();
        let properties: Vec<(&str, &str)> =
            properties.split(',').map(|property| property.split_once('=').unwrap()).collect();
        let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["file", "line", "col", "title"]);
        let unescaped = properties[0].1.replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        assert_eq!(unescaped, "a,b:c%2C.csv");
    }
}

#[test]
fn nasty_text_comes_back_whole_from_json_and_sarif_stays_valid() {
    let (directory, name) = nasty_directory();
    for line in check(directory.path(), "jsonl", &[&name]).stdout.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["file"], name.as_str());
    }
    let json: Value = serde_json::from_str(&check(directory.path(), "json", &[&name]).stdout).unwrap();
    let texts = json["diagnostics"].as_array().unwrap().iter().map(|entry| &entry["text"]);
    assert!(texts.filter(|text| **text == NASTY).count() >= 3, "{json:#}");
    let log = assert_is_sarif(&check(directory.path(), "sarif", &[&name]).stdout);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        assert!(!result["message"]["text"].as_str().unwrap().contains("]("), "{result}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)), "{uri}");
    }
    let gitlab: Value = serde_json::from_str(&check(directory.path(), "gitlab", &[&name]).stdout).unwrap();
    assert!(gitlab.as_array().unwrap().iter().all(|entry| entry["location"]["path"] == name.as_str()));
}

/// The names of the elements of a well-formed document, in order.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut open, mut all) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) => {
                assert!(tag.attributes().all(|attribute| attribute.is_ok()), "{tag:?}");
                open.push(tag.name().as_ref().to_owned());
                all.extend(open.last().cloned());
            }
            quick_xml::events::Event::Empty(tag) => {
                all.push(tag.name().as_ref().to_owned());
            }
            quick_xml::events::Event::End(tag) => {
                assert_eq!(open.pop().unwrap(), tag.name().as_ref());
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, Vec::<String>::new());
    all
}

#[test]
fn junit_is_well_formed_and_its_counts_are_true() {
    let (directory, name) = nasty_directory();
    std::fs::write(directory.path().join("clean.csv"), CLEAN).unwrap();
    let ran = check(directory.path(), "junit", &[&name, "clean.csv", "]]><missing>.csv"]);
    let elements = elements(&ran.stdout);
    let count = |name: &str| elements.iter().filter(|element| *element == name).count();
    assert_eq!((count("testsuites"), count("testsuite"), count("error"), count("script")), (1, 3, 1, 0));
    let (tests, failures) = (count("testcase"), count("failure"));
    assert_eq!(tests, failures + 2, "one case passes, one has an error");
    let totals =
        format!("<testsuites name=\"metricsheet\" tests=\"{tests}\" failures=\"{failures}\" errors=\"1\">");
    assert!(ran.stdout.contains(&totals), "{}", ran.stdout);
    // Nothing that XML 1.0 forbids.
    let is_allowed = |character: char| character >= ' ' || matches!(character, '\n' | '\t' | '\r');
    assert!(ran.stdout.chars().all(is_allowed));
}

#[test]
fn statistics_count_by_rule_and_by_file() {
    let directory = directory_with(&[
        ("a.csv", DIRTY),
        ("b.csv", &format!("{DIRTY}KPI-7,7%,03/31/2024\n")),
        ("clean.csv", CLEAN),
    ]);
    insta::assert_snapshot!("statistics_text", shown(&check(directory.path(), "full", &["--statistics"])));
    let json = check(directory.path(), "json", &["--statistics"]).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    insta::assert_snapshot!("statistics_json", serde_json::to_string_pretty(&json["statistics"]).unwrap());
    let sum = |key: &str| -> u64 {
        json["statistics"][key]
            .as_array()
            .unwrap()
            .iter()
            .map(|counts| counts["errors"].as_u64().unwrap() + counts["warnings"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(sum("rules"), sum("files"));
    assert_eq!(sum("rules"), json["diagnostics"].as_array().unwrap().len() as u64);
    for format in ["jsonl", "github", "gitlab", "sarif", "junit"] {
        let ran = check(directory.path(), format, &["--statistics"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    }
    let fixed = check(directory.path(), "concise", &["--statistics", "--fix"]);
    insta::assert_snapshot!("statistics_after_fixing", shown(&fixed));
}

#[test]
fn an_output_file_holds_what_standard_output_would() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    for format in FORMATS {
        let expected = check(directory.path(), format, &["q1.csv"]);
        let ran = check(directory.path(), format, &["q1.csv", "--output-file", "reports/out"]);
        assert_eq!((ran.status, ran.stdout.as_str(), &ran.stderr), (1, "", &expected.stderr), "{format}");
        let written = std::fs::read_to_string(directory.path().join("reports/out")).unwrap();
        assert_eq!(written, expected.stdout, "{format}");
    }
    let expected = run(directory.path(), &["check", "--diff", "q1.csv"]).stdout;
    let ran = run(directory.path(), &["check", "--diff", "q1.csv", "--output-file", "reports/out"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    assert!(expected.contains("\n-KPI-1,20%"), "{expected}");
    assert_eq!(std::fs::read_to_string(directory.path().join("reports/out")).unwrap(), expected);
    let names = std::fs::read_dir(directory.path().join("reports")).unwrap().count();
    assert_eq!(names, 1, "a temporary file is left");
}

#[test]
fn an_output_file_has_no_colours_even_where_they_are_forced() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(["check", "q1.csv", "--output-file", "out.txt"])
        .current_dir(directory.path())
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let written = std::fs::read_to_string(directory.path().join("out.txt")).unwrap();
    assert!(written.contains("error[V002]") && !written.contains('\u{1b}'), "{written}");
}

#[test]
fn an_output_file_that_cannot_be_is_told_and_nothing_is_mended() {
    let directory = directory_with(&[("q1.csv", DIRTY), ("folder/x", "")]);
    let link = directory.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink("q1.csv", &link).unwrap();
    #[cfg(not(unix))]
    std::fs::hard_link(directory.path().join("q1.csv"), &link).unwrap();
    let inputs = if cfg!(unix) { &["q1.csv", "./q1.csv", "link"][..] } else { &["q1.csv", "./q1.csv"] };
    for output in inputs {
        let ran = check(directory.path(), "full", &["q1.csv", "--fix", "--output-file", output]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains("is an input"), "{output}: {}", ran.stderr);
        assert_eq!(std::fs::read_to_string(directory.path().join("q1.csv")).unwrap(), DIRTY, "{output}");
    }
    let ran = check(directory.path(), "full", &["q1.csv", "--output-file", "folder"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("`folder` is a directory"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn an_output_file_keeps_its_link_its_permissions_and_its_kind() {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let directory = directory_with(&[("q1.csv", DIRTY), ("real/old", "old")]);
    let real = directory.path().join("real/old");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o604)).unwrap();
    std::os::unix::fs::symlink(&real, directory.path().join("link")).unwrap();
    let expected = check(directory.path(), "concise", &["q1.csv"]).stdout;
    check(directory.path(), "concise", &["q1.csv", "--output-file", "link"]);
    assert!(directory.path().join("link").is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap(), expected);
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o604);

    let pipe = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    check(directory.path(), "concise", &["q1.csv", "--output-file", "pipe"]);
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(reader.join().unwrap(), expected);
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let rows: String = (0..3_000).fold(String::new(), |mut rows, row| {
        writeln!(rows, "KPI-{row},20%,03/31/2024").unwrap();
        rows
    });
    let text = format!("External ID,Current Metric Value,As Of Date\n{rows}");
    let directory = directory_with(&[("large.csv", &text)]);
    for format in FORMATS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
            .args(["check", "large.csv", "--output-format", format])
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        // The pipe closes with the reader, long before all is written.
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""), "{format}");
        assert!(!first.is_empty(), "{format}");
    }
}

#[test]
fn many_files_come_out_in_order_whatever_the_number_of_jobs() {
    let directory = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for number in 0..120_u32 {
        let name = format!("{:03}.csv", (number * 37) % 120);
        // The sizes differ, so that files overtake each other.
        let rows = (0..(number * 53) % 200).fold(String::new(), |mut rows, row| {
            writeln!(rows, "K{row},{row}%,03/31/2024").unwrap();
            rows
        });
        let text = format!("External ID,Current Metric Value,As Of Date\n{rows}");
        std::fs::write(directory.path().join(&name), text).unwrap();
        names.push(name);
    }
    // One of them is gone when its turn comes, and one never was.
    std::fs::remove_file(directory.path().join("050.csv")).unwrap();
    names.insert(60, "missing.csv".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for format in ["concise", "sarif", "junit"] {
        let expected = check(directory.path(), format, &[&["-j", "1"], &names[..]].concat());
        assert_eq!(expected.status, 2, "{}", expected.stderr);
        assert_eq!(expected.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 2);
        assert!(expected.stdout.contains("119.csv") && expected.stdout.contains("000.csv"));
        for jobs in [&["-j", "2"][..], &["--jobs", "16"], &[]] {
            let ran = check(directory.path(), format, &[jobs, &names[..]].concat());
            assert_eq!(ran.stdout, expected.stdout, "{format} {jobs:?}");
            assert_eq!(ran.stderr, expected.stderr, "{format} {jobs:?}");
        }
    }
    let ran = check(directory.path(), "concise", &["-j", "0"]);
    assert_eq!(ran.status, 2, "{}", ran.stdout);
}

#[test]
fn many_files_are_mended_at_the_same_time_each_once() {
    let directory = tempfile::tempdir().unwrap();
    let text = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,2024-03-31\n";
    for number in 0..60 {
        std::fs::write(directory.path().join(format!("{number}.csv")), text).unwrap();
    }
    // The same files under two names: the second would find the first one's work half done.
    let ran = check(directory.path(), "concise", &["-j", "8", "--fix", ".", "7.csv", "./8.csv"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr, "fixed 120 findings; nothing more found in 60 rows of 60 files\n");
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        assert_eq!(std::fs::read_to_string(entry.unwrap().path()).unwrap(), CLEAN);
    }
}
