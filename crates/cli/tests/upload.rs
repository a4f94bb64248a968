//! `upload` and `status` as a user runs them, against the local service: exit status, output, and what the
//! service saw.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::Path;
use std::process::{Command, Output};

use metricsheet_local_service::{Service, Settings};
use tempfile::TempDir;

const GOOD: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\nKPI-2,7,03/31/2024\n";
const BAD: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03/31/2024\n";

/// Runs the binary in a directory of its own, with nothing of the caller's environment that it reads.
fn metricsheet(directory: &Path, service: &Service, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .current_dir(directory)
        .env_clear()
        .env("ACHIEVEIT_API_KEY", "local-key")
        .env("OTHER_KEY", "wr0ng-key")
        .args(arguments)
        .args(["--base-url", &service.base_url()])
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

#[test]
fn exit_statuses_are_those_of_the_manual() {
    let service = Service::start(Settings::default()).unwrap();
    let stuck =
        Service::start(Settings { questions_before_verdict: u32::MAX, ..Settings::default() }).unwrap();
    let directory = directory(&[("good.csv", GOOD), ("bad.csv", BAD), ("empty.csv", "")]);
    let cases: [(&Service, &[&str], i32, &str); 9] = [
        (&service, &["upload", "good.csv"], 0, "good.csv: processed (2 rows, job "),
        (&service, &["upload", "bad.csv"], 1, "`Row 2: '20%' is not a number`"),
        (&service, &["upload", "missing.csv"], 2, "missing.csv: not-sent: cannot read `missing.csv`"),
        (&service, &["upload", "empty.csv"], 2, "empty.csv: not-sent: the file has no rows"),
        (&service, &["upload", "good.csv", "--api-key-env", "OTHER_KEY"], 3, "refused the key (401"),
        (&stuck, &["upload", "good.csv", "--timeout", "0"], 5, "good.csv: processing (2 rows, job "),
        (&stuck, &["upload", "good.csv", "--no-wait"], 5, "good.csv: queued (2 rows, job "),
        (&service, &["upload", "good.csv", "bad.csv"], 1, "good.csv: processed"),
        (&service, &["upload", "missing.csv", "bad.csv", "good.csv"], 2, "good.csv: processed"),
    ];
    for (service, arguments, status, part) in cases {
        let output = metricsheet(directory.path(), service, arguments);
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {shown}{}", text(&output.stderr));
        assert!(shown.contains(part), "{arguments:?}: {shown}");
        assert!(!shown.contains("local-key") && !shown.contains("wr0ng"), "{shown}");
    }
}

#[test]
fn a_job_can_be_asked_for_later() {
    let service = Service::start(Settings::default()).unwrap();
    let directory = directory(&[("good.csv", GOOD)]);
    let sent = metricsheet(
        directory.path(),
        &service,
        &["upload", "good.csv", "--no-wait", "--output-format", "json"],
    );
    let delivery: serde_json::Value = serde_json::from_slice(&sent.stdout).unwrap();
    let job = delivery["job_id"].as_str().unwrap();
    let mut states = Vec::new();
    for (arguments, status) in [(["status", job], 5), (["status", job], 0)] {
        let output = metricsheet(directory.path(), &service, &arguments);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output.stdout));
        states.push(text(&output.stdout));
    }
    assert!(states[0].starts_with(&format!("{job}: processing")), "{states:?}");
    assert_eq!(states[1], format!("{job}: processed\n"));
}

#[test]
fn json_is_one_object_for_each_file() {
    let service = Service::start(Settings { questions_before_verdict: 0, ..Settings::default() }).unwrap();
    let directory = directory(&[("good.csv", GOOD), ("empty.csv", "")]);
    let arguments = ["upload", "good.csv", "empty.csv", "--output-format", "json"];
    let output = metricsheet(directory.path(), &service, &arguments);
    let objects: Vec<serde_json::Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    let job = objects[0]["job_id"].clone();
    assert!(job.is_string());
    assert_eq!(
        objects,
        [
            serde_json::json!({
                "file": "good.csv",
                "sha256": "28098b0be54bb7581d5b9db73a7bf01fe4d06cc6df66766a50114070979ca606", "rows": 2, "job_id": job, "state": "processed",
                "http_status": 200, "attempts": 1, "message": "processed",
            }),
            serde_json::json!({
                "file": "empty.csv", "sha256": null, "rows": null, "job_id": null, "state": "not-sent",
                "http_status": null, "attempts": 0, "message": "the file has no rows",
            }),
        ]
    );
}

#[test]
fn a_dry_run_sends_nothing_and_needs_no_key() {
    let service = Service::start(Settings::default()).unwrap();
    let directory = directory(&[("my file.csv", GOOD)]);
    let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
        .current_dir(directory.path())
        .env_clear()
        .args(["upload", "my file.csv", "--dry-run", "--base-url", &service.base_url()])
        .output()
        .unwrap();
    let expected = format!(
        "my file.csv: not-sent (2 rows): would go to `{}/api/metricupdates/my%20file.csv`\n",
        service.base_url()
    );
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), expected));
    assert!(service.seen().is_empty());
}

#[test]
fn unusable_places_and_keys_are_usage_errors() {
    let directory = directory(&[("good.csv", GOOD)]);
    let cases: [(&str, &[&str], &str); 5] = [
        ("", &[], "there is no API key: set the environment variable `ACHIEVEIT_API_KEY`"),
        ("", &["--api-key-env", "MY_KEY"], "set the environment variable `MY_KEY`"),
        ("API-KEY s3cret", &[], "give the key alone"),
        ("s3cret", &["--base-url", "http://api.achieveit.com"], "unencrypted; use https"),
        ("s3cret", &["--base-url", "api"], "`api` is not a base URL"),
    ];
    for (key, arguments, part) in cases {
        let output = Command::new(env!("CARGO_BIN_EXE_metricsheet"))
            .current_dir(directory.path())
            .env_clear()
            .envs((!key.is_empty()).then_some(("ACHIEVEIT_API_KEY", key)))
            .args(["upload", "good.csv"])
            .args(arguments)
            .output()
            .unwrap();
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(shown.starts_with("error: ") && shown.contains(part), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
