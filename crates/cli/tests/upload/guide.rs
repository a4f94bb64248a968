//! The guide to uploading does what it says: each of its commands is run, in order, against the service that it
//! names, and brings what stands below it.

use std::path::Path;
use std::process::Command;

use metricsheet_local_service::{Service, Settings};

/// A command and what the guide says it brings, both streams as they come.
struct Shown {
    command: String,
    output: String,
}

/// The commands in the `console` blocks of a page, from the one that starts the service on.
fn commands(page: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => is_inside = true,
            ("```", _) => is_inside = false,
            (_, Some(command)) if is_inside => {
                shown.push(Shown { command: command.to_owned(), output: String::new() });
            }
            _ if is_inside => {
                let last = shown.last_mut().unwrap();
                last.output.push_str(line);
                last.output.push('\n');
            }
            _ => {}
        }
    }
    shown.into_iter().filter(|it| !it.command.starts_with("cargo run")).collect()
}

/// The text without what differs from run to run: job IDs, the address, the time.
fn lasting(text: &str, base_url: &str) -> String {
    let is_time = |word: &str| {
        let bytes = word.as_bytes();
        bytes.len() == 16
            && bytes[10] == b' '
            && bytes[13] == b':'
            && bytes[4] == b'-'
            && word.starts_with("20")
    };
    let is_job = |word: &str| {
        word.len() == 36
            && word.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    let text = text.replace(base_url, "http://ADDRESS").replace("http://127.0.0.1:33619", "http://ADDRESS");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if rest.get(..36).is_some_and(is_job) {
            out.push_str("JOB");
            rest = &rest[36..];
        } else if rest.get(..16).is_some_and(is_time) {
            out.push_str("TIME");
            rest = &rest[16..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

#[test]
fn every_command_of_the_guide_brings_what_stands_below_it() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/upload.md")).unwrap();
    let service = Service::start(Settings::of_the_guide()).unwrap();
    let base_url = service.base_url();
    let desk = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_metricsheet")).parent().unwrap();
    let shown = commands(&page);
    assert!(shown.len() > 15, "only {} commands were found", shown.len());
    for Shown { command, output } in shown {
        let run = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(desk.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
            .env("HOME", desk.path())
            .env("BASE_URL", &base_url)
            .env("ACHIEVEIT_API_KEY", service.key())
            .output()
            .unwrap();
        let is = String::from_utf8(run.stdout).unwrap();
        assert_eq!(lasting(&is, &base_url), lasting(&output, &base_url), "$ {command}");
    }
}
