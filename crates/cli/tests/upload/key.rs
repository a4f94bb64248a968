//! The key: where it may come from, and that it comes out nowhere.

use metricsheet_local_service::{Canned, Service, Settings, Which};

use crate::desk::{Desk, GOOD, quick, run};

#[test]
fn unusable_places_and_keys_are_usage_errors_that_do_not_repeat_the_key() {
    let desk = Desk::new("https://127.0.0.1:9", &[("good.csv", GOOD), ("key.txt", "s3cret")]);
    let cases: [(&str, &[&str], &str); 8] = [
        ("", &[], "there is no API key: set the environment variable `ACHIEVEIT_API_KEY`"),
        ("", &["--api-key-env", "MY_KEY"], "the environment variable `MY_KEY` is not set"),
        ("API-KEY s3cret", &[], "give the key alone"),
        ("s3cr\u{e9}t", &[], "not printable ASCII"),
        ("s3cret", &["--base-url", "http://api.achieveit.com"], "unencrypted; use https"),
        ("s3cret", &["--base-url", "api"], "`api` is not a base URL"),
        ("s3cret", &["--ca-file", "good.csv"], "a PEM file is wanted"),
        ("s3cret", &["--journal", "good.csv"], "not a journal of metricsheet"),
    ];
    for (key, arguments, part) in cases {
        let mut command = desk.command(&[&["upload", "good.csv"], arguments].concat());
        command.env_remove("ACHIEVEIT_API_KEY").envs((!key.is_empty()).then_some(("ACHIEVEIT_API_KEY", key)));
        let run = run(&mut command);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(part), "{run:?}");
        assert!(!format!("{run:?}").contains("s3cr"), "{run:?}");
    }
}

#[cfg(all(target_os = "linux", feature = "keyring"))]
#[test]
fn a_keyring_that_cannot_be_reached_is_said_and_nothing_is_sent() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let saved = desk.run(&["upload", "--save-key", "good.csv"]);
    assert_eq!(saved.status, Some(2), "{saved:?}");
    assert!(saved.stderr.contains("the system keyring cannot be reached"), "{saved:?}");
    let mut command = desk.command(&["upload", "good.csv"]);
    let sent = run(command.env_remove("ACHIEVEIT_API_KEY"));
    assert_eq!(sent.status, Some(2), "{sent:?}");
    assert!(
        sent.stderr.contains("there is no API key") && sent.stderr.contains("(the system keyring"),
        "{sent:?}"
    );
    assert!(!format!("{saved:?}{sent:?}").contains("local-key"));
    assert_eq!(service.seen(), []);
}

#[cfg(unix)]
#[test]
fn a_key_file_must_be_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("key", "local-key\n")]);
    for (mode, readable) in
        [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false), (0o602, false)]
    {
        std::fs::set_permissions(desk.path().join("key"), PermissionsExt::from_mode(mode)).unwrap();
        let mut command = desk.command(&["upload", "good.csv", "--api-key-file", "key"]);
        let run = run(command.env_remove("ACHIEVEIT_API_KEY"));
        if readable {
            assert_eq!(run.status, Some(0), "{mode:o}: {run:?}");
        } else {
            assert_eq!(run.status, Some(2), "{mode:o}: {run:?}");
            assert!(run.stderr.contains(&format!("its mode is {mode:03o}")), "{run:?}");
            assert!(run.stderr.contains("chmod 600"), "{run:?}");
        }
    }
    assert_eq!(service.submissions().len(), 1);
}

#[test]
fn key_files_that_hold_no_key_are_refused() {
    let service = quick();
    let big = "x".repeat(5000);
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("empty", ""), ("two", "s3cret one")]);
    desk.write("big", &format!("{big} {big}"));
    for (name, part) in [("none", "No such file"), ("empty", "is empty"), ("two", "holds a space")] {
        own(&desk, name);
        let run = desk.run(&["upload", "good.csv", "--api-key-file", name]);
        assert_eq!(run.status, Some(2), "{name}: {run:?}");
        assert!(run.stderr.contains(part) && run.stderr.contains(&format!("`{name}`")), "{name}: {run:?}");
        assert!(!run.stderr.contains("s3cret"), "{run:?}");
    }
    assert_eq!(service.seen(), []);
}

/// Makes a file readable for its owner alone, if it is there and the system knows such a thing.
fn own(desk: &Desk, name: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = std::fs::set_permissions(desk.path().join(name), PermissionsExt::from_mode(0o600));
    }
    #[cfg(not(unix))]
    let _ = (desk, name);
}

#[test]
fn no_output_and_no_file_ever_holds_the_key() {
    const KEY: &str = "k3y-that-must-not-show";
    let service = Service::start(Settings { key: KEY.to_owned(), ..Settings::default() }).unwrap();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let echo = || format!("<html>Authorization: API-KEY {KEY}</html>");
    let elsewhere = format!("https://other.example/?key={KEY}");
    let answers = [
        (Which::Submissions, Canned::new(400, &echo())),
        (Which::Submissions, Canned::new(401, &format!("\"{KEY}\""))),
        (Which::Submissions, Canned::new(403, &format!("{{\"message\":\"{KEY}\"}}"))),
        (Which::Submissions, Canned::new(500, &echo()).with("retry-after", "999")),
        (Which::Submissions, Canned::new(502, &echo())),
        (Which::Submissions, Canned::new(307, "").with("location", &elsewhere)),
        (Which::Submissions, Canned::new(200, &echo())),
        (Which::Questions, Canned::new(400, &echo())),
        (Which::Questions, Canned::new(404, &echo())),
        (Which::Questions, Canned::new(418, &echo())),
    ];
    let mut shown = String::new();
    let mut run_with = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        let run =
            run(command.env("ACHIEVEIT_API_KEY", KEY).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace"));
        shown.push_str(&run.stdout);
        shown.push_str(&run.stderr);
    };
    for (which, canned) in answers {
        service.answer_next(which, canned);
        for format in ["full", "json"] {
            run_with(&[
                "upload",
                "good.csv",
                "--resubmit",
                "-vvv",
                "--timeout",
                "0",
                "--output-format",
                format,
            ]);
        }
    }
    run_with(&["upload", "good.csv", "--resubmit", "-vvv"]);
    run_with(&["upload", "good.csv", "--base-url", "https://127.0.0.1:9", "--ca-file", "good.csv"]);
    run_with(&["upload", "good.csv", "--dry-run", "--compare"]);
    run_with(&["status", "--all"]);
    run_with(&["status"]);

    assert!(service.submissions().iter().any(|seen| seen.header("authorization").unwrap().contains(KEY)));
    assert!(shown.contains("API-KEY ***"), "the echo is shown without the key: {shown}");
    assert!(!shown.contains(KEY), "{shown}");
    let journal = std::fs::read(desk.path().join("state/metricsheet/journal.sqlite")).unwrap();
    assert!(journal.windows(11).any(|bytes| bytes == b"API-KEY ***"), "the journal keeps the messages");
    assert!(!journal.windows(KEY.len()).any(|bytes| bytes == KEY.as_bytes()));
}
