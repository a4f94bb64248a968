//! Settings as people use them: which file counts, who is stronger, and what `config` tells.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use std::path::Path;
use std::process::{Command, Output};

const ROWS: &str = "External ID,Current Metric Value,As Of Date\nRATE-1,20,04/03/2024\n";

fn directory_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metricsheet"));
    command.args(arguments).current_dir(directory).env("NO_COLOR", "1");
    command
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!(
        "exit status: {}\n----- stdout\n{}----- stderr\n{}",
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr)
    )
}

fn run(directory: &Path, arguments: &[&str]) -> String {
    shown(&command(directory, arguments).output().unwrap())
}

/// The codes found in `file`, one after the other.
fn codes(directory: &Path, arguments: &[&str], file: &str) -> String {
    let arguments = [&["check", "--output-format", "jsonl", "-q"], arguments].concat();
    let output = command(directory, &arguments).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", shown(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let findings = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    findings
        .filter(|finding| finding["file"] == file)
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_nearest_file_counts_for_each_input() {
    let directory = directory_with(&[
        ("metricsheet.toml", "percent = ['RATE-*']\n"),
        ("a.csv", ROWS),
        ("day-first/metricsheet.toml", "date-order = 'dmy'\n"),
        ("day-first/b.csv", ROWS),
        ("both/metricsheet.toml", "extend = '../metricsheet.toml'\ndate-order = 'dmy'\n"),
        ("both/deep/er/c.csv", ROWS),
    ]);
    for (file, expected) in
        [("a.csv", "V003"), ("day-first/b.csv", "D016"), ("both/deep/er/c.csv", "V003 D016")]
    {
        assert_eq!(codes(directory.path(), &["a.csv", "day-first", "both"], file), expected, "{file}");
        assert_eq!(
            codes(directory.path(), &["--isolated", "a.csv", "day-first", "both"], file),
            "",
            "{file}"
        );
        let one = ["--config", "both/metricsheet.toml", "a.csv", "day-first", "both"];
        assert_eq!(codes(directory.path(), &one, file), "V003 D016", "{file}");
    }
}

#[test]
fn the_command_line_is_stronger_than_the_environment_and_that_than_files() {
    let directory = directory_with(&[("metricsheet.toml", "date-order = 'dmy'\n"), ("a.csv", ROWS)]);
    let value = |variable: Option<&str>, arguments: &[&str]| {
        let arguments = [&["config", "date-order", "--output-format", "json"], arguments].concat();
        let mut command = command(directory.path(), &arguments);
        if let Some(order) = variable {
            command.env("METRICSHEET_DATE_ORDER", order);
        }
        let document: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let setting = &document["settings"][0];
        format!("{} {} {} {}", setting["value"], setting["origin"], setting["source"], setting["line"])
    };
    let flag = ["--date-order", "mdy"];
    let pair = ["--config", "date-order = ymd"];
    for (variable, arguments, expected) in [
        (None, &[][..], r#""dmy" "file" "metricsheet.toml" 1"#),
        (Some("ymd"), &[], r#""ymd" "environment" "METRICSHEET_DATE_ORDER" null"#),
        (Some("ymd"), &["--isolated"], r#""mdy" "default" null null"#),
        (Some("ymd"), &flag, r#""mdy" "flag" "--date-order" null"#),
        (None, &pair, r#""ymd" "flag" "--config 'date-order = ymd'" null"#),
        (None, &[flag, pair].concat(), r#""mdy" "flag" "--date-order" null"#),
    ] {
        assert_eq!(value(variable, arguments), expected, "{variable:?} {arguments:?}");
    }
}

#[test]
fn what_cannot_be_used_is_named_with_its_place_and_nothing_is_checked() {
    for (settings, expected) in [
        (
            "date-ordr = 'dmy'",
            "metricsheet.toml:1: there is no setting `date-ordr`; did you mean `date-order`?",
        ),
        (
            "\nignore = ['V002', 'percent-sgn']",
            "metricsheet.toml:2: there is no rule `percent-sgn`; did you mean `V002`?",
        ),
        ("[severity]\nV999 = 'error'", "metricsheet.toml:2: there is no rule `V999`"),
        (
            "[severity]\nV002 = 'bad'",
            "metricsheet.toml:2: unknown variant `bad`, expected `error` or `warning`",
        ),
        ("[per-file-ignores]\n'*.csv' = ['Q']", "metricsheet.toml:2: there is no rule `Q`"),
        ("decimal = 'dot'", "metricsheet.toml:1: `dot` is no value of `decimal`: give `point` or `comma`"),
        ("encoding = 'klingon'", "metricsheet.toml:1: `klingon` is no encoding"),
        ("a = ", "metricsheet.toml:1: "),
        ("extend = 'none.toml'", "cannot read the settings file `none.toml`"),
        ("extend = 'metricsheet.toml'", "more than 16 settings files extend one another"),
    ] {
        let directory = directory_with(&[("metricsheet.toml", settings), ("a.csv", ROWS)]);
        let shown = run(directory.path(), &["check", "a.csv"]);
        assert!(shown.starts_with("exit status: 2\n----- stdout\n----- stderr\n"), "{settings}: {shown}");
        assert!(shown.contains(expected), "{settings}: {shown}");
    }
}

#[test]
fn rules_are_ignored_by_file_and_severities_set() {
    let rows = "External ID,Current Metric Value,As Of Date\nA,1,2024-03-31\nB,$2,03/31/2024\n";
    let settings = "[severity]\nV006 = 'warning'\nD = 'error'\n\n[per-file-ignores]\n'archive/**' = ['D']\n'old.csv' = ['V006']\n";
    let directory = directory_with(&[
        ("metricsheet.toml", settings),
        ("now.csv", rows),
        ("archive/2019/q1.csv", rows),
        ("archive/old.csv", rows),
    ]);
    let all = ["check", ".", "--output-format", "concise"];
    insta::assert_snapshot!(run(directory.path(), &all));
    let here = directory.path().join("archive/2019");
    assert!(!run(&here, &["check", "q1.csv"]).contains("D002"), "patterns count from the settings file");
}

#[test]
fn fixes_that_are_not_wanted_are_not_applied_and_hold_back_their_whole_cell() {
    let rows = "External ID,Current Metric Value,As Of Date\nA,\" 20% \",2024-03-31\n";
    let directory = directory_with(&[("metricsheet.toml", "unfixable = ['T001']\n"), ("a.csv", rows)]);
    let mut shown = run(directory.path(), &["check", "a.csv", "--fix", "--output-format", "concise"]);
    shown += &std::fs::read_to_string(directory.path().join("a.csv")).unwrap();
    insta::assert_snapshot!(shown);
}

#[test]
fn config_tells_what_is_in_force_and_what_a_setting_does() {
    let settings = "percent = ['RATE-*']\n[severity]\nV016 = 'error'\n[convert]\nsheet = ['KPIs']\n";
    let directory = directory_with(&[("metricsheet.toml", settings)]);
    insta::assert_snapshot!("config", run(directory.path(), &["config"]));
    insta::assert_snapshot!("config_key", run(directory.path(), &["config", "date-order"]));
    insta::assert_snapshot!("config_table", run(directory.path(), &["config", "convert"]));
    insta::assert_snapshot!("config_unknown", run(directory.path(), &["config", "date_ordr"]));
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let directory = directory_with(&[]);
    let schema = command(directory.path(), &["config", "--schema"]).output().unwrap().stdout;
    let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("settings.json", schema).unwrap();
    let index = compiler.compile("settings.json", &mut schemas).unwrap();
    for (settings, is_valid) in [
        ("", true),
        ("percent = ['A']\npercent-max = 1.5\nfiscal-year-start = 7\ndate-order = 'dmy'", true),
        ("[severity]\nV002 = 'warning'\n[per-file-ignores]\n'*' = ['V']\n[convert]\nheader-row = 3", true),
        ("date-order = 'dym'", false),
        ("date-ordr = 'dmy'", false),
        ("percent = 'A'", false),
        ("[severity]\nV002 = 'bad'", false),
        ("[convert]\ncolour = 'red'", false),
        ("fiscal-year-start = 13", false),
    ] {
        let document = serde_json::to_value(toml::from_str::<toml::Table>(settings).unwrap()).unwrap();
        assert_eq!(schemas.validate(&document, index).is_ok(), is_valid, "{settings}");
        std::fs::write(directory.path().join("metricsheet.toml"), settings).unwrap();
        let status = command(directory.path(), &["config"]).output().unwrap().status;
        assert_eq!(status.success(), is_valid, "{settings}");
    }
}

#[test]
fn a_template_file_says_which_columns_there_are_and_in_which_order() {
    let template = "[[column]]\nfield = 'External ID'\n\n[[column]]\nfield = 'As Of Date'\n\n[[column]]\nfield = 'Current Metric Value'\npresence = 'may-be-empty'\n";
    let rows = "External ID,As Of Date,Current Metric Value\nA,03/31/2024,\nB,03/31/2024,20%\n";
    let directory = directory_with(&[
        ("settings/ours.toml", template),
        ("settings/metricsheet.toml", "template = 'ours.toml'\n"),
        ("settings/data/a.csv", rows),
        ("b.csv", rows),
    ]);
    let here = directory.path();
    assert_eq!(
        codes(here, &["settings"], "settings/data/a.csv"),
        "V002",
        "the path counts from the settings file"
    );
    assert_eq!(codes(here, &["--template", "settings/ours.toml", "b.csv"], "b.csv"), "V002");
    assert_eq!(codes(here, &["b.csv"], "b.csv"), "F007 V001 V002", "the service's order is another");
    let shown = run(here, &["check", "b.csv", "--template", "none.toml"]);
    assert!(shown.starts_with("exit status: 2"), "{shown}");
    assert!(
        shown.contains("--template: cannot read the template `none.toml`; give `metric-updates`"),
        "{shown}"
    );
}

#[test]
fn what_is_converted_under_a_settings_file_reads_the_same_under_it() {
    let rows = "KPI code,Value,Date\nA,5,04/03/2024\n";
    let directory = directory_with(&[("metricsheet.toml", "date-order = 'dmy'\n"), ("in/a.csv", rows)]);
    let here = directory.path();
    let convert = |arguments: &[&str]| {
        let arguments = [&["convert", "in/a.csv", "-o", "out.csv", "--force"], arguments].concat();
        assert!(run(here, &arguments).starts_with("exit status: 0"));
        std::fs::read_to_string(here.join("out.csv")).unwrap()
    };
    assert!(convert(&[]).contains("A,5,2024-03-04"), "4 March, and no order can misread it");
    assert_eq!(codes(here, &["out.csv"], "out.csv"), "");
    let upload = command(here, &["upload", "out.csv", "--dry-run"]).output().unwrap();
    assert!(upload.status.success(), "{}", shown(&upload));
    // A flag is of this run alone: the new file is for the service, and in its form.
    assert!(convert(&["--isolated", "--date-order", "dmy"]).contains("A,5,03/04/2024"));
    std::fs::write(here.join("metricsheet.toml"), "date-order = 'dmy'\ndate-format = 'us'\n").unwrap();
    assert!(convert(&[]).contains("A,5,03/04/2024"), "who asks for US dates gets them");
}

#[test]
fn a_settings_file_narrows_limits_and_only_the_command_line_and_the_environment_widen_them() {
    let workbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks/layers.ods");
    let directory = directory_with(&[("metricsheet.toml", "[limits]\nsheet-count = 1\n")]);
    std::fs::copy(workbook, directory.path().join("layers.ods")).unwrap();
    let arguments = ["convert", "layers.ods", "-o", "-", "--exit-zero", "--force"];
    let narrowed = run(directory.path(), &arguments);
    assert!(
        narrowed.contains("exit status: 2") && narrowed.contains("sheets exceeds the limit of 1"),
        "{narrowed}"
    );
    let widened =
        run(directory.path(), &[&arguments[..], &["--config", "limits.sheet-count = 20000"]].concat());
    assert!(widened.contains("exit status: 0"), "{widened}");
    let mut by_environment = command(directory.path(), &arguments);
    let by_environment =
        shown(&by_environment.env("METRICSHEET_LIMITS_SHEET_COUNT", "20000").output().unwrap());
    assert!(by_environment.contains("exit status: 0"), "{by_environment}");
    std::fs::write(directory.path().join("metricsheet.toml"), "[limits]\nsheet-count = 20000\n").unwrap();
    let refused = run(directory.path(), &arguments);
    let said = "metricsheet.toml:2: a settings file can only narrow limits, and the default of `limits.sheet-count` \
                is 10000; widen it with `--config 'limits.sheet-count = 20000'`";
    assert!(refused.contains("exit status: 2") && refused.contains(said), "{refused}");
}
