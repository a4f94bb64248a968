//! `check` and `rule` as people call them: exit status, standard output and standard error of each case.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const DIRTY: &str = "KPI code,As Of Date,Value\nKPI-1,2024-03-31,20%\n\"Smith, John\",31-Mar-2024,\"1,234.50\"\n,,\nexternal x,04.03.2024,12 days\n";
const CLEAN: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n";

/// Runs the binary in a directory and shows what a caller sees.
fn run_with_input(directory: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args(arguments)
        .current_dir(directory)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut shown =
        format!("$ metricsheet {}\nexit status: {}\n", arguments.join(" "), output.status.code().unwrap());
    write!(shown, "----- stdout\n{}", String::from_utf8(output.stdout).unwrap()).unwrap();
    write!(shown, "----- stderr\n{}", String::from_utf8(output.stderr).unwrap()).unwrap();
    shown
}

fn run(directory: &Path, arguments: &[&str]) -> String {
    run_with_input(directory, arguments, "")
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
fn findings_are_shown_with_their_row_and_their_fix() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    insta::assert_snapshot!(run(directory.path(), &["check", "q1.csv"]));
}

#[test]
fn concise_output_is_a_line_for_each_finding() {
    let directory = directory_with(&[("q1.csv", DIRTY), ("clean.csv", CLEAN)]);
    insta::assert_snapshot!(run(
        directory.path(),
        &["check", "q1.csv", "clean.csv", "--output-format", "concise"]
    ));
}

#[test]
fn json_output_has_positions_edits_and_counts() {
    let text = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03/31/2024\n";
    let directory = directory_with(&[("q1.csv", text)]);
    insta::assert_snapshot!(run(directory.path(), &["check", "q1.csv", "--output-format", "json"]));
}

#[test]
fn json_output_after_fixing_audits_every_change() {
    let text = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03/31/2024\nKPI-2,abc,03/31/2024\n";
    let directory = directory_with(&[("q1.csv", text)]);
    insta::assert_snapshot!(run(directory.path(), &["check", "q1.csv", "--fix", "--output-format", "json"]));
}

#[test]
fn fixing_writes_what_is_certain_and_keeps_the_rest() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    let mut shown = run(directory.path(), &["check", "q1.csv", "--fix", "--output-format", "concise"]);
    write!(shown, "----- q1.csv\n{}", std::fs::read_to_string(directory.path().join("q1.csv")).unwrap())
        .unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn a_diff_is_shown_and_nothing_written() {
    let directory = directory_with(&[("q1.csv", DIRTY)]);
    insta::assert_snapshot!(run(directory.path(), &["check", "q1.csv", "--diff", "--unsafe-fixes"]));
    assert_eq!(std::fs::read_to_string(directory.path().join("q1.csv")).unwrap(), DIRTY);
    let clean = directory_with(&[("q1.csv", CLEAN)]);
    insta::assert_snapshot!(run(clean.path(), &["check", "q1.csv", "--diff"]));
}

#[test]
fn standard_input_is_checked_and_fixed_onto_standard_output() {
    let directory = directory_with(&[]);
    let arguments = ["check", "-", "--fix", "--stdin-filename", "pasted.csv", "--output-format", "concise"];
    insta::assert_snapshot!(run_with_input(directory.path(), &arguments, DIRTY));
}

#[test]
fn directories_are_walked_and_one_unreadable_file_does_not_stop_the_others() {
    let directory = directory_with(&[
        ("a/one.csv", CLEAN),
        ("a/b/two.CSV", DIRTY),
        ("a/~$lock.csv", "x"),
        ("a/note.md", "x"),
    ]);
    let arguments = ["check", "a", "missing.csv", "--output-format", "concise", "--select", "V"];
    insta::assert_snapshot!(run(directory.path(), &arguments));
}

#[test]
fn other_encodings_are_repaired_if_they_are_certain() {
    let text = "External ID;Current Metric Value;As Of Date\r\nGr\u{f6}\u{df}e;1,5;31.03.2024\r\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin: Vec<u8> = text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let expected = "External ID,Current Metric Value,As Of Date\r\nGr\u{f6}\u{df}e,1.5,2024-03-31\r\n";
    for (bytes, flags, fixes) in [
        (&utf16, &[][..], true),
        (&latin, &[], false),
        (&latin, &["--unsafe-fixes"], true),
        (&latin, &["--encoding", "latin1"], true),
    ] {
        let directory = directory_with(&[]);
        let path = directory.path().join("q1.csv");
        std::fs::write(&path, bytes).unwrap();
        let german = ["check", "q1.csv", "--decimal", "comma", "--date-order", "dmy", "--fix"];
        let arguments = [&german, flags].concat();
        let shown = run(directory.path(), &arguments);
        let after = std::fs::read(&path).unwrap();
        assert_eq!(after == expected.as_bytes(), fixes, "{flags:?} {shown}");
        assert!(fixes || (after == *bytes && shown.contains("[F001]")), "{shown}");
        run(directory.path(), &arguments);
        assert_eq!(std::fs::read(&path).unwrap(), after, "the second run changes something");
    }
}

#[test]
fn ignoring_a_rule_keeps_its_cells_as_they_are() {
    let directory = directory_with(&[(
        "q1.csv",
        "External ID,Current Metric Value,As Of Date\nKPI-1,\"20,5 %\",03/31/2024\n",
    )]);
    let arguments = ["check", "q1.csv", "--ignore", "V005", "--fix", "--unsafe-fixes"];
    insta::assert_snapshot!(run(directory.path(), &arguments));
}

#[test]
fn exit_statuses_follow_the_flags() {
    let warning = "External ID,Current Metric Value,As Of Date\nKPI-1,1,2024-03-31\n";
    for (text, flags, status) in [
        (CLEAN, &[][..], 0),
        (DIRTY, &[], 1),
        (DIRTY, &["--exit-zero"], 0),
        (warning, &[], 0),
        (warning, &["--deny-warnings"], 1),
        (warning, &["--fix"], 0),
        (warning, &["--fix", "--exit-non-zero-on-fix"], 1),
        (warning, &["--diff"], 1),
        (DIRTY, &["--select", "V999"], 2),
        (DIRTY, &["--date-order", "dym"], 2),
        (DIRTY, &["--date-order", "dmy", "--date-format", "us", "--fix"], 2),
        (DIRTY, &["--percent", "[a"], 2),
        (DIRTY, &["--no-such-flag"], 2),
    ] {
        let directory = directory_with(&[("q1.csv", text)]);
        let shown = run(directory.path(), &[&["check", "q1.csv"], flags].concat());
        assert!(shown.contains(&format!("exit status: {status}\n")), "{flags:?}: {shown}");
    }
}

#[test]
fn wrong_usage_says_what_there_is() {
    let directory = directory_with(&[("q1.csv", CLEAN)]);
    let cases = [
        &["check", "q1.csv", "--select", "percent-sgn"][..],
        &["check", "q1.csv", "--date-order", "dym"],
        &["check", "q1.csv", "--config", "date-ordr = dmy"],
        &["check", "q1.csv", "--date-order", "dmy", "--date-format", "us", "--fix"],
        &["check", "missing.csv"],
        &["rule", "V999"],
        &["rule", "V0"],
    ];
    let shown: Vec<String> = cases.iter().map(|arguments| run(directory.path(), arguments)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_rule_is_explained() {
    let directory = directory_with(&[]);
    insta::assert_snapshot!(run(directory.path(), &["rule", "V003"]));
    insta::assert_snapshot!(run(directory.path(), &["rule"]));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_permissions_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory_with(&[("real/q1.csv", DIRTY)]);
    let real = directory.path().join("real/q1.csv");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, directory.path().join("link.csv")).unwrap();
    run(directory.path(), &["check", "link.csv", "--fix"]);
    assert!(
        std::fs::read_to_string(&real).unwrap().starts_with("External ID,Current Metric Value,As Of Date\n")
    );
    assert!(directory.path().join("link.csv").is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(
        std::fs::read_dir(directory.path().join("real")).unwrap().count(),
        1,
        "a temporary file is left"
    );
}

#[test]
fn the_seeds_of_the_mission_hold() {
    let text = "As Of Date,ID,Value\n03-31-2024,RATE-1,20%\n2024-03-31,RATE-2,20\n31-Mar-2024,\"a,\"\"b\"\"\",5\n,,\n03/31/2024,External x,1\n";
    let directory = directory_with(&[("q1.csv", text)]);
    let shown = run(
        directory.path(),
        &["check", "q1.csv", "--percent", "RATE-*", "--fix", "--output-format", "concise"],
    );
    assert!(shown.contains("exit status: 1\n") && shown.contains("error I004"), "{shown}");
    let fixed = std::fs::read_to_string(directory.path().join("q1.csv")).unwrap();
    assert_eq!(
        fixed,
        "External ID,Current Metric Value,As Of Date\nRATE-1,.2,03/31/2024\nRATE-2,.2,03/31/2024\nab,5,03/31/2024\nExternal x,1,03/31/2024\n"
    );
}

#[test]
fn a_baseline_accepts_what_stands_today_and_tells_what_is_gone() {
    let dirty =
        "External ID,Current Metric Value,As Of Date\nA,abc,03/31/2024\nB,def,03/31/2024\nB,def,04/30/2024\n";
    let directory = directory_with(&[("data/q1.csv", dirty)]);
    let mut shown = run(directory.path(), &["check", "data", "--write-baseline", "accepted.json"]);
    shown += &std::fs::read_to_string(directory.path().join("accepted.json")).unwrap();
    // Rows move, one accepted finding is mended, and a new one comes.
    let moved = "External ID,Current Metric Value,As Of Date\nC,5,03/31/2024\nB,def,04/30/2024\nB,def,03/31/2024\nA,7,03/31/2024\nD,xyz,03/31/2024\n";
    std::fs::write(directory.path().join("data/q1.csv"), moved).unwrap();
    let concise = ["check", "data/q1.csv", "--output-format", "concise", "--baseline", "accepted.json"];
    shown += &run(directory.path(), &concise);
    std::fs::write(directory.path().join("metricsheet.toml"), "baseline = 'accepted.json'\n").unwrap();
    let from_settings =
        run(&directory.path().join("data"), &["check", "q1.csv", "--output-format", "concise"]);
    assert!(from_settings.contains("the baseline accepts 2 more"), "{from_settings}");
    std::fs::write(directory.path().join("accepted.json"), "{}").unwrap();
    shown += &run(directory.path(), &concise);
    insta::assert_snapshot!(shown);
}

#[test]
fn workbooks_are_checked_where_they_lie() {
    let workbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks/messy.xlsx");
    let directory = directory_with(&[("clean.csv", CLEAN)]);
    let copy = directory.path().join("messy.xlsx");
    std::fs::copy(&workbook, &copy).unwrap();
    let shown = |arguments: &[&str]| run(directory.path(), arguments);
    insta::assert_snapshot!("workbook_full", shown(&["check", ".", "--fix"]));
    insta::assert_snapshot!("workbook_concise", shown(&["check", ".", "--output-format", "concise"]));
    insta::assert_snapshot!(
        "workbook_jsonl",
        shown(&["check", "messy.xlsx", "--output-format", "jsonl", "--select", "V006,W002,R004"])
    );
    for (format, place) in [
        ("github", "::error file=messy.xlsx,line=9,col=2,title=V006 currency-symbol::"),
        ("gitlab", "\"begin\": 9"),
        ("junit", "(&apos;Data, 2024&apos;!B9)"),
        ("sarif", "\"fullyQualifiedName\": \"'Data, 2024'!B9\""),
    ] {
        let shown = shown(&["check", "messy.xlsx", "--output-format", format, "--select", "V006"]);
        assert!(shown.contains(place), "{format}: {shown}");
    }
    assert_eq!(
        std::fs::read(&copy).unwrap(),
        std::fs::read(&workbook).unwrap(),
        "workbooks are never written"
    );
}

#[test]
fn workbooks_of_every_kind_are_told_of_alike() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks");
    let found = |name: &str| {
        let shown = run(&fixtures, &["check", name, "--output-format", "concise"]);
        shown.lines().filter_map(|line| line.strip_prefix(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = found("openpyxl-1900.xlsx");
    assert_eq!(expected.len(), 6, "{expected:?}");
    for name in [
        "openpyxl-1904.xlsx",
        "libreoffice-1904.xls",
        "libreoffice-1900.ods",
        "odfpy.ods",
        "xlwt-1900.xls",
        "by-hand.xlsb",
    ] {
        assert_eq!(found(name), expected, "{name}");
    }
}

/// More than a mebibyte, so that the file is read piece by piece; with slips of many kinds, some without a fix.
fn large_and_dirty() -> String {
    let slips = [
        "KPI-1,20%,03/31/2024",
        "KPI-2, 5,2024-02-31,\"two\nlines \"",
        "KPI-3,12 days,31-Mar-2024",
        "\"Smith, J\",1,03/31/2024",
        ",,",
        "KPI-00001,.5,01/01/2023",
        "KPI-4,$5,03/31/2024, x\u{200b}",
        "KPI-5,n/a,03/31/2024",
    ];
    let mut text = "External ID,Current Metric Value,As Of Date,Comment\n".to_owned();
    for row in 0..40_000 {
        let (metric, day) = (row / 300, row % 300);
        writeln!(text, "KPI-{metric:05},.5,{:02}/{:02}/2023,as reported", 1 + day / 25, 1 + day % 25)
            .unwrap();
        if row % 400 == 7 {
            let at = row / 400;
            writeln!(text, "{}", slips[at % slips.len()].replace("KPI-", &format!("KPI-{at}"))).unwrap();
        }
    }
    text
}

#[test]
fn a_large_file_is_told_of_and_mended_as_a_small_one_is() {
    let text = large_and_dirty();
    let directory = directory_with(&[("big.csv", &text)]);
    let told = |arguments: &[&str], input: &str| {
        let shown = run_with_input(directory.path(), arguments, input);
        shown.split_once('\n').unwrap().1.to_owned()
    };
    for form in ["full", "concise", "jsonl", "github", "json", "sarif", "junit", "gitlab"] {
        let from_input = ["check", "--output-format", form, "--stdin-filename", "big.csv", "-"];
        let whole = told(&from_input, &text);
        assert!(whole.contains("exit status: 1") && whole.contains("D0"), "{form}");
        for jobs in ["1", "3"] {
            assert_eq!(told(&["check", "--output-format", form, "-j", jobs, "big.csv"], ""), whole, "{form}");
        }
        let in_file = ["check", "--output-format", form, "--output-file", "found.txt", "big.csv"];
        told(&in_file, "");
        let found = std::fs::read_to_string(directory.path().join("found.txt")).unwrap();
        assert!(whole.contains(&found), "{form}");
    }
    let from_input = ["check", "--statistics", "--stdin-filename", "big.csv", "-"];
    assert_eq!(told(&["check", "--statistics", "big.csv"], ""), told(&from_input, &text));
    for (form, unsafe_fixes) in [("full", false), ("json", true)] {
        std::fs::write(directory.path().join("big.csv"), &text).unwrap();
        let mut arguments = vec!["check", "--fix", "--output-format", form, "big.csv"];
        arguments.extend(unsafe_fixes.then_some("--unsafe-fixes"));
        let by_pieces = told(&arguments, "");
        let mended = std::fs::read_to_string(directory.path().join("big.csv")).unwrap();
        arguments.splice(4.., ["--stdin-filename", "big.csv", "-"]);
        arguments.extend(unsafe_fixes.then_some("--unsafe-fixes"));
        // Of standard input the mended text is printed, and what was found is told beside it.
        let whole = told(&arguments, &text);
        let (printed, found) = whole.split_once("----- stderr\n").unwrap();
        assert!(printed.ends_with(&format!("----- stdout\n{mended}")), "{form}");
        assert_eq!(
            by_pieces.replace("exit status: 1\n----- stdout\n", "").replace("----- stderr\n", ""),
            found
        );
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn what_a_file_is_its_content_tells_unless_it_is_called_delimited_text() {
    let page = "<table><tr><th>KPI code<th>Actual<th>Date<tr><td>007<td>20%<td>03/31/2024</table>";
    let flat = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks/by-hand-2003-xml.xls"),
    );
    let flat = flat.unwrap();
    let directory = directory_with(&[
        ("report.html", page),
        ("report.xls", page),
        ("kpis.xml", &flat),
        ("kpis.csv", &flat),
        ("delimited.xls", DIRTY),
        ("delimited", DIRTY),
        ("slides.xls", "%PDF-1.7"),
        ("slides", "%PDF-1.7"),
    ]);
    for (name, expected) in [
        ("report.html", ":report!B2: error V002"),
        ("report.xls", ":report!B2: error V002"),
        ("kpis.xml", ":Q1!B11: error I002"),
        ("kpis.csv", ":1:1: error F012"),
        ("delimited.xls", ":2:"),
        ("delimited", ":2:"),
        ("slides.xls", "this is a PDF document, not a workbook"),
        ("slides", ":1:1: error F012"),
    ] {
        let told = run(directory.path(), &["check", name, "--output-format", "concise"]);
        assert!(
            told.contains(&format!("{name}{expected}")) || told.contains(&format!("`{name}`: {expected}")),
            "{name}: {told}"
        );
    }
    // Standard input has a name only if it is given one.
    for (flags, input, expected) in [
        (&[][..], page, "-:stdin!B2: error V002"),
        (&["--stdin-filename", "page.csv"], page, "page.csv:1:1: error F012"),
        (&["--stdin-filename", "page.xls"], page, "page.xls:page!B2: error V002"),
        (&[], DIRTY, "-:2:"),
    ] {
        let arguments = [&["check", "-", "--output-format", "concise"], flags].concat();
        let told = run_with_input(directory.path(), &arguments, input);
        assert!(told.contains(expected), "{flags:?}: {told}");
    }
    let fixed = run(directory.path(), &["check", "--fix", "delimited.xls", "report.html"]);
    assert_ne!(std::fs::read_to_string(directory.path().join("delimited.xls")).unwrap(), DIRTY, "{fixed}");
    assert_eq!(std::fs::read_to_string(directory.path().join("report.html")).unwrap(), page);
}

#[test]
fn a_text_that_has_to_be_held_as_a_whole_is_refused_beyond_the_limit_and_left_as_it_is() {
    let rows = "KPI-1,20%,03/31/2024\n".repeat(60_000);
    let plain = format!("External ID,Current Metric Value,As Of Date\n{rows}");
    // Without dates there is no telling which rows have something to do with each other.
    let dateless = format!("External ID,Current Metric Value\n{}", "KPI-1,20%\n".repeat(120_000));
    let directory = directory_with(&[("plain.csv", &plain), ("dateless.csv", &dateless)]);
    let narrow = ["--config", "limits.whole-text-mebibytes=1", "--quiet", "--fix"];
    let told = "exceeds the limit of 1 MiB; split it, or widen the limit with `--config \
                'limits.whole-text-mebibytes = 2'`";
    let shown = run(directory.path(), &[&["check", "dateless.csv"], &narrow[..]].concat());
    assert!(shown.contains("exit status: 2") && shown.contains(told), "{shown}");
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .args([&["check", "-"], &narrow[..]].concat())
        .stdin(std::fs::File::open(directory.path().join("plain.csv")).unwrap())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && shown.contains(told), "{shown}");
    assert_eq!(std::fs::read_to_string(directory.path().join("dateless.csv")).unwrap(), dateless);
}

#[test]
fn large_files_of_any_shape_are_not_held_as_a_whole() {
    let rows: Vec<String> = (0..60_000).map(|row| format!("KPI-{row},20%,03/31/2024\n")).collect();
    let plain = format!("External ID,Current Metric Value,As Of Date\n{}", rows.concat());
    let moved: Vec<String> = (0..60_000).map(|row| format!("20%,03/31/2024,KPI-{row}\n")).collect();
    let shapes = [
        ("plain.csv", plain.clone()),
        ("headless.csv", rows.concat()),
        ("marked.csv", format!("\u{feff}{plain}")),
        ("renamed.csv", plain.replacen("External ID", "ID", 1)),
        ("semicolons.csv", plain.replace(',', ";")),
        ("declared.csv", format!("sep=^\r\n{}", plain.replace(',', "^"))),
        ("moved.csv", format!("Current Metric Value,As Of Date,External ID\n{}", moved.concat())),
        ("mixed.csv", plain.replacen("20%,03/31/2024\n", "20%,03/31/2024\r\n", 3)),
    ];
    let mended = plain.replace("20%", ".2");
    let shapes = shapes.each_ref().map(|(name, text)| (*name, text.as_str()));
    let directory = directory_with(&shapes);
    let units = format!("\u{feff}{}", plain.replace(',', "\t"));
    let units: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(directory.path().join("unicode.csv"), units).unwrap();
    for name in shapes.map(|(name, _)| name).into_iter().chain(["unicode.csv"]) {
        let narrow = ["--config", "limits.whole-text-mebibytes=1", "--output-format", "concise"];
        let checked = run(directory.path(), &[&["check", name, "-q"], &narrow[..]].concat());
        assert!(checked.contains("exit status: 1") && checked.contains(":60000:"), "{name}");
        let fixed = run(directory.path(), &[&["check", name, "--fix"], &narrow[..]].concat());
        assert!(fixed.contains("exit status: 0"), "{name}: {fixed}");
        let found = std::fs::read_to_string(directory.path().join(name)).unwrap();
        assert!(found.ends_with('\n') && mended.ends_with(&found), "{name}");
        assert_eq!(found.lines().count(), if name == "headless.csv" { 60_000 } else { 60_001 }, "{name}");
    }
}
