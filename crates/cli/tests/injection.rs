//! Cell texts, sheet names and file names are the words of others: in no output can they end their line, drive a
//! terminal, give a build service a command, or break out of the document they stand in.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What clears a screen, sets a title (in the long and the short form), turns text around, and gives commands.
const HOSTILE: &str =
    "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{9d}0;owned\u{9c}\u{202e}\r\n::error::owned\n</testcase>]]>\"'&<script>";
const FORBIDDEN: [&str; 6] = ["\u{1b}[2J", "\u{1b}]0", "\u{7}", "\u{9d}", "\u{9c}", "\u{202e}"];
const NAME: &str = "::warning::a\u{1b}[2J\u{202e}\n::error::b<&\"'%,.csv";

/// A folder with a hostile file: in each column a hostile text, and a hostile name on top.
fn folder() -> TempDir {
    let directory = TempDir::new().unwrap();
    let cell = format!("\"{}\"", HOSTILE.replace('"', "\"\""));
    let text = format!(
        "External ID,Current Metric Value,As Of Date,Comment,{cell}\n{cell},{cell},{cell},{cell},1\n\
         KPI-1,20%,2024-03-31,{cell}\n"
    );
    std::fs::write(directory.path().join(NAME), text).unwrap();
    directory
}

/// Runs the program as on a terminal: what it writes is passed on as it is, and our own colours too.
fn run(directory: &Path, arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(arguments)
        .current_dir(directory)
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    assert!(matches!(output.status.code(), Some(0..=2)), "{arguments:?}: {output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// No forbidden sequence; no line that a build service takes for a command, but those that `allowed` begins.
fn hold(what: &str, text: &str, allowed: Option<&str>) {
    for forbidden in FORBIDDEN {
        assert!(!text.contains(forbidden), "{what} lets {forbidden:?} through:\n{text:?}");
    }
    for line in text.split(['\n', '\r']) {
        let is_ours = allowed.is_some_and(|start| line.starts_with(start));
        assert!(is_ours || !line.trim_start().starts_with("::"), "{what}: {line:?}");
    }
}

#[test]
fn no_form_of_findings_lets_a_cell_or_a_name_out_of_its_place() {
    let directory = folder();
    for format in ["full", "concise", "github"] {
        let (stdout, stderr) = run(directory.path(), &["check", NAME, "--output-format", format]);
        assert!(stdout.contains("owned"), "the text is shown: {stdout}");
        let allowed = (format == "github").then_some("::error file=%3A%3Awarning");
        hold(format, &stdout.replace("::warning file=", "::error file="), allowed);
        hold(format, &stderr, None);
    }
}

#[test]
fn documents_of_findings_are_whole_and_carry_the_name_as_it_is() {
    let directory = folder();
    for format in ["json", "gitlab", "sarif"] {
        let (stdout, stderr) = run(directory.path(), &["check", NAME, "--output-format", format]);
        let value: serde_json::Value =
            serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{format}: {error}"));
        assert!(value.to_string().contains("owned"), "{format}");
        assert!(!stdout.contains(['\u{1b}', '\u{7}']), "{format} escapes control characters");
        hold(format, &stderr, None);
    }
    let (stdout, _) = run(directory.path(), &["check", NAME, "--output-format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(value["diagnostics"][0]["file"], NAME);
    let (stdout, _) = run(directory.path(), &["check", NAME, "--output-format", "jsonl"]);
    for line in stdout.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["file"], NAME);
    }
}

#[test]
fn junit_is_one_document_whatever_it_holds() {
    let directory = folder();
    let (stdout, _) = run(directory.path(), &["check", NAME, "--output-format", "junit"]);
    for forbidden in ["\u{1b}", "\u{7}", "\u{9d}"] {
        assert!(!stdout.contains(forbidden), "{forbidden:?}");
    }
    let mut reader = quick_xml::Reader::from_str(&stdout);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) => {
                names.push(element.name().as_ref().to_owned());
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    let known = ["testsuites", "testsuite", "testcase", "failure", "properties", "property", "system-out"];
    assert!(names.len() > 3 && names.iter().all(|name| known.contains(&name.as_str())), "{names:?}");
}

#[test]
fn errors_and_summaries_keep_names_within_their_line() {
    let directory = folder();
    let missing = "gone\u{1b}[2J\n::error::owned";
    let cases: [&[&str]; 7] = [
        &["check", NAME, "--statistics"],
        &["check", missing],
        &["check", NAME, "--fix"],
        &["check", NAME, "--output-file", "no/such\u{1b}[2J\n::error::owned/f"],
        &["convert", missing],
        &["inspect", missing],
        &["plan", "show", missing],
    ];
    for arguments in cases {
        let (stdout, stderr) = run(directory.path(), arguments);
        hold(&format!("{arguments:?}, standard error"), &stderr, None);
        hold(&format!("{arguments:?}, standard output"), &stdout, None);
    }
}

/// A workbook whose sheet, header, cells and file have hostile names.
fn workbook(path: &Path) {
    let escaped = "x&#x9b;2J&#x202e;&#10;::error::owned&lt;script&gt;_x001B_[2J";
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    part("[Content_Types].xml", "<Types/>");
    let sheet = format!("<workbook><sheets><sheet name='{escaped}' r:id='a'/></sheets></workbook>");
    part("xl/workbook.xml", &sheet);
    let related = "<Relationships><Relationship Id='a' Type='x/worksheet' Target='s.xml'/></Relationships>";
    part("xl/_rels/workbook.xml.rels", related);
    let cell = |text: &str| format!("<c t='inlineStr'><is><t>{text}</t></is></c>");
    let header = ["External ID", "Value", "As Of Date", escaped].map(cell).concat();
    let rows = [escaped; 4].map(cell).concat();
    part(
        "xl/s.xml",
        &format!("<worksheet><sheetData><row>{header}</row><row>{rows}</row></sheetData></worksheet>"),
    );
    zip.finish().unwrap();
}

#[test]
fn workbooks_are_converted_and_inspected_without_letting_their_words_out() {
    let directory = TempDir::new().unwrap();
    let name = "::error::book\u{1b}[2J\n::warning::.xlsx";
    workbook(&directory.path().join(name));
    for arguments in
        [&["convert", name, "-o", "-"][..], &["inspect", name], &["convert", name, "--sheet", "none"]]
    {
        let (stdout, stderr) = run(directory.path(), arguments);
        hold(&format!("{arguments:?}, standard error"), &stderr, None);
        if arguments.first() == Some(&"inspect") {
            hold("inspect", &stdout, None);
        }
    }
}
