//! `metricsheet inspect --save-settings` and `metricsheet init`: what was found is written down, leads to the same
//! output, and takes nothing away that people wrote.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// A directory of its own with this fixture.
fn directory_with(name: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let source = fixture(name);
    fs::copy(&source, directory.path().join(source.file_name().unwrap())).unwrap();
    directory
}

/// The exit status, and what is said.
fn metricsheet(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    let output = command.current_dir(directory).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The names and contents of what a conversion writes.
fn converted(directory: &Path, workbook: &str, flags: &[&str]) -> Vec<(String, String)> {
    let (status, ..) = metricsheet(directory, &[&["convert", workbook, "-q", "-o", "out/"], flags].concat());
    assert!(status < 2, "{workbook}");
    let out = directory.join("out");
    let mut files: Vec<(String, String)> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    fs::remove_dir_all(out).unwrap();
    files
}

fn settings(directory: &Path) -> String {
    fs::read_to_string(directory.join("metricsheet.toml")).unwrap()
}

#[test]
fn saved_settings_lead_to_the_same_output_and_saving_again_changes_nothing() {
    for (name, flags, keys) in [
        ("demo/hospital-kpis.xlsx", &[][..], &["sheet", "header-row", "map"][..]),
        ("demo/hospital-kpis.xlsx", &["--map", "Current Metric Value=Target"], &["header-row", "map"]),
        (
            "demo/hospital-kpis.xlsx",
            &["--range", "A4:F16", "--as-of", "2024-05-31"],
            &["range", "as-of", "header-row"],
        ),
        ("workbooks/messy.xlsx", &[], &["sheet", "header-row", "map"]),
        (
            "workbooks/layers.xlsx",
            &["--skip-hidden", "--fill-merged"],
            &["skip-hidden", "fill-merged", "map"],
        ),
        ("workbooks/across.xlsx", &[], &["sheet"]),
        ("workbooks/odfpy.ods", &[], &["header-row", "map"]),
        ("workbooks/xlwt-1900.xls", &[], &["header-row", "map"]),
        ("workbooks/named.xlsx", &["--table", "North"], &["table", "header-row"]),
    ] {
        let directory = directory_with(name);
        let (directory, workbook) =
            (directory.path(), Path::new(name).file_name().unwrap().to_str().unwrap());
        let before = converted(directory, workbook, flags);
        let save = [&["inspect", workbook, "--save-settings"], flags].concat();
        let (status, _, said) = metricsheet(directory, &save);
        assert_eq!(status, 0, "{said}");
        assert!(said.starts_with("saved in `metricsheet.toml`: "), "{said}");
        let saved = settings(directory);
        for key in keys {
            assert!(saved.lines().any(|line| line.starts_with(&format!("{key} = "))), "{name}: {saved}");
        }
        assert_eq!(converted(directory, workbook, &[]), before, "{name}: {saved}");
        let (_, shown, said) = metricsheet(directory, &["inspect", workbook, "--save-settings"]);
        assert_eq!(said, "`metricsheet.toml` says all of this already\n", "{name}: {saved}");
        assert_eq!(settings(directory), saved);
        assert!(!keys.contains(&"map") || shown.contains("(mapped)"), "{shown}");
    }
}

#[test]
fn a_text_is_frozen_without_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let text = "Monthly report;;\n\nKPI code;Actual;Reporting date\nKPI-1;1;03/31/2024\n";
    fs::write(directory.path().join("q1.csv"), text).unwrap();
    fs::write(directory.path().join("q2.csv"), text).unwrap();
    let before = converted(directory.path(), "q2.csv", &[]);
    assert_eq!(metricsheet(directory.path(), &["inspect", "q1.csv", "--save-settings"]).0, 0);
    assert_eq!(
        settings(directory.path()),
        "[convert]\nheader-row = 3\nmap = [\n    \"External ID=KPI code\", # column A (alias)\n    \
         \"Current Metric Value=Actual\", # column B (alias)\n    \"As Of Date=Reporting date\", # column C (alias)\n]\n"
    );
    assert_eq!(converted(directory.path(), "q2.csv", &[]), before);
}

#[test]
fn what_people_wrote_stays_and_files_further_up_count_on() {
    let directory = directory_with("demo/hospital-kpis.xlsx");
    let text = "# Ours.\ndate-order = 'dmy' # as in the wards\n\n[convert]\nskip-hidden = true\n";
    fs::write(directory.path().join("metricsheet.toml"), text).unwrap();
    assert_eq!(metricsheet(directory.path(), &["inspect", "hospital-kpis.xlsx", "--save-settings"]).0, 0);
    let saved = settings(directory.path());
    assert!(
        saved.starts_with(&format!("{text}sheet = [\"KPI report\"]\nheader-row = 4\nmap = [\n")),
        "{saved}"
    );
    // A folder further down gets a file of its own.
    let deep = directory.path().join("2024/march");
    fs::create_dir_all(&deep).unwrap();
    fs::copy(directory.path().join("hospital-kpis.xlsx"), deep.join("k.xlsx")).unwrap();
    fs::write(directory.path().join("metricsheet.toml"), "date-order = 'dmy'\n").unwrap();
    let (status, _, said) =
        metricsheet(directory.path(), &["inspect", "2024/march/k.xlsx", "--save-settings"]);
    assert_eq!(
        (status, said.as_str()),
        (0, "saved in `2024/march/metricsheet.toml`: `sheet`, `header-row`, `map`\n")
    );
    assert!(
        settings(&deep).starts_with("extend = \"../../metricsheet.toml\"\n\n[convert]\n"),
        "{}",
        settings(&deep)
    );
    let (_, shown, _) = metricsheet(&deep, &["config", "date-order"]);
    assert!(shown.starts_with("date-order = \"dmy\""), "{shown}");
    // A file that is named gets it instead.
    let arguments =
        ["inspect", "k.xlsx", "--isolated", "--save-settings", "--config", "convert.skip-hidden = true"];
    assert_eq!(metricsheet(&deep, &arguments).0, 0);
    fs::write(deep.join("other.toml"), "").unwrap();
    let arguments = ["inspect", "k.xlsx", "--save-settings", "--config", "other.toml"];
    assert_eq!(metricsheet(&deep, &arguments).0, 0);
    assert!(fs::read_to_string(deep.join("other.toml")).unwrap().starts_with("[convert]\nsheet = "));
}

#[test]
fn a_frozen_layout_fails_aloud_when_the_workbook_changes() {
    let directory = tempfile::tempdir().unwrap();
    let write = |header: &str| {
        fs::write(directory.path().join("k.csv"), format!("{header}\nKPI-1,1,2,03/31/2024\n")).unwrap();
    };
    write("KPI code,Target,Actual,Date");
    assert_eq!(metricsheet(directory.path(), &["inspect", "k.csv", "--save-settings"]).0, 0);
    write("KPI code,Target,Value,Date");
    let (status, _, said) = metricsheet(directory.path(), &["convert", "k.csv", "-o", "-"]);
    assert_eq!(status, 1);
    assert!(said.contains("no column is headed `Actual` for `Current Metric Value`"), "{said}");
}

#[test]
fn nothing_is_saved_where_nothing_is_found() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("notes.csv"), "a,b\n1,2\n").unwrap();
    let (status, shown, said) = metricsheet(directory.path(), &["inspect", "notes.csv", "--save-settings"]);
    assert_eq!((status, said.as_str()), (1, ""));
    assert!(shown.contains("no table: no header row labels"), "{shown}");
    let (status, _, said) = metricsheet(directory.path(), &["init", "notes.csv"]);
    assert_eq!(status, 2);
    assert!(said.contains("no sheet of `notes.csv` holds a table"), "{said}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let (status, _, said) = metricsheet(directory.path(), &["inspect", "-", "--save-settings"]);
    assert_eq!(status, 2);
    assert!(said.contains("name a settings file with `--config FILE`"), "{said}");
}

#[test]
fn init_writes_a_file_that_sets_nothing_and_never_writes_over_one() {
    let directory = directory_with("demo/hospital-kpis.xlsx");
    let before = converted(directory.path(), "hospital-kpis.xlsx", &[]);
    let (status, _, said) = metricsheet(directory.path(), &["init"]);
    assert_eq!((status, said.as_str()), (0, "wrote `metricsheet.toml`: every setting, as a comment\n"));
    let (status, set, _) = metricsheet(directory.path(), &["config"]);
    assert_eq!(status, 0);
    assert!(!set.contains("metricsheet.toml"), "{set}");
    assert_eq!(converted(directory.path(), "hospital-kpis.xlsx", &[]), before);
    let (status, _, said) = metricsheet(directory.path(), &["init", "hospital-kpis.xlsx"]);
    assert_eq!(status, 2);
    assert!(said.starts_with("error: `metricsheet.toml` exists already and is left as it is; "), "{said}");
    // In a folder below, with the layout of a workbook.
    let deep = directory.path().join("deep");
    fs::create_dir(&deep).unwrap();
    fs::copy(directory.path().join("hospital-kpis.xlsx"), deep.join("k.xlsx")).unwrap();
    let arguments = ["init", "deep/k.xlsx", "--map", "Current Metric Value=Target"];
    let (status, _, said) = metricsheet(directory.path(), &arguments);
    assert_eq!(status, 0, "{said}");
    let saved = settings(&deep);
    assert!(saved.starts_with("extend = \"../metricsheet.toml\"\n"), "{saved}");
    assert!(saved.contains("\n[convert]\nsheet = [\"KPI report\"]\nheader-row = 4\nmap = [\n"), "{saved}");
    let (_, shown, _) = metricsheet(&deep, &["inspect", "k.xlsx"]);
    assert!(shown.contains("column D   `Target` (mapped)"), "{shown}");
}
