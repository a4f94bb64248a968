//! One file: what is checked, what is sent, what is said, and with which exit status.

use metricsheet_local_service::{Canned, Service, Which};

use crate::desk::{Desk, GOOD, quick, run, stuck};

/// Its only errors are those that a safe fix mends.
const DIRTY: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,20%,03-31-2024\n";
const HOPELESS: &str = "External ID,Current Metric Value,As Of Date\nKPI-1,none,03/31/2024\n";

#[test]
fn exit_statuses_are_those_of_the_manual() {
    type Prepare = fn(&Service);
    let nothing: Prepare = |_| {};
    let refuse: Prepare = |service| service.answer_next(Which::Questions, Canned::new(400, "no such metric"));
    let forbid: Prepare = |service| service.answer_next(Which::Submissions, Canned::new(403, ""));
    let lose: Prepare = |service| service.answer_next(Which::Submissions, Canned::new(504, ""));
    let cases: [(Prepare, &[&str], i32, &str); 13] = [
        (nothing, &["good.csv"], 0, "good.csv: processed (2 rows, job "),
        (nothing, &["hopeless.csv"], 1, "hopeless.csv: not-sent: 1 error; see them with `metricsheet check`"),
        (refuse, &["good.csv"], 1, "it says `no such metric`"),
        (nothing, &["missing.csv"], 2, "missing.csv: not-sent: cannot read `missing.csv`"),
        (nothing, &["good.csv", "--percent", "[", "--dry-run"], 2, ""),
        (nothing, &["--timeout", "1"], 2, ""),
        (forbid, &["good.csv"], 3, "refused the key (403)"),
        (lose, &["good.csv"], 4, "good.csv: unknown (2 rows): a gateway answered"),
        (nothing, &["good.csv", "--no-wait"], 5, "good.csv: queued (2 rows, job "),
        // The worst of several, in the order 2, 3, 4, 1, 5.
        (refuse, &["good.csv", "missing.csv"], 2, "good.csv: failed"),
        (forbid, &["good.csv", "hopeless.csv"], 3, "hopeless.csv: not-sent"),
        (lose, &["good.csv", "hopeless.csv"], 4, "hopeless.csv: not-sent"),
        (nothing, &["good.csv", "hopeless.csv", "--no-wait"], 1, "good.csv: queued"),
    ];
    for (prepare, arguments, status, part) in cases {
        let service = quick();
        prepare(&service);
        let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("hopeless.csv", HOPELESS)]);
        let run = desk.run(&[&["upload"], arguments].concat());
        assert_eq!(run.status, Some(status), "{arguments:?}: {run:?}");
        assert!(run.stdout.contains(part), "{arguments:?}: {run:?}");
    }
    let service = stuck();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let run = desk.run(&["upload", "good.csv", "--timeout", "0"]);
    assert_eq!(run.status, Some(5), "{run:?}");
    assert!(run.stdout.starts_with("good.csv: processing (2 rows, job "), "{run:?}");
}

#[test]
fn a_file_with_errors_is_kept_back_and_a_repaired_copy_is_sent() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("dirty.csv", DIRTY)]);
    let kept = desk.run(&["upload", "dirty.csv"]);
    assert_eq!(kept.status, Some(1));
    assert_eq!(
        kept.stdout,
        "dirty.csv: not-sent: 2 errors; see them with `metricsheet check`, or send a repaired copy with `--fix`, \
         which mends 2\n"
    );
    assert_eq!(service.seen(), []);

    let sent = desk.run(&["upload", "dirty.csv", "--fix"]);
    assert_eq!(sent.status, Some(0), "{sent:?}");
    assert_eq!(
        String::from_utf8_lossy(&service.submissions()[0].body),
        "External ID,Current Metric Value,As Of Date\nKPI-1,.2,03/31/2024\n"
    );
    assert_eq!(desk.read("dirty.csv"), DIRTY, "the file stays as it is");
}

#[test]
fn settings_of_the_check_hold_here_too() {
    let service = quick();
    let count = "External ID,Current Metric Value,As Of Date\nKPI-1,20,03/31/2024\n";
    let desk = Desk::new(&service.base_url(), &[("count.csv", count)]);
    let kept = desk.run(&["upload", "count.csv", "--percent", "KPI-*"]);
    assert_eq!(kept.status, Some(1), "{kept:?}");
    let sent = desk.run(&["upload", "count.csv", "--percent", "KPI-*", "--fix"]);
    assert_eq!(sent.status, Some(0), "{sent:?}");
    assert!(service.submissions()[0].body.ends_with(b"KPI-1,.2,03/31/2024\n"));
}

#[test]
fn a_dry_run_says_what_would_go_where_and_sends_nothing() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("my file.csv", GOOD), ("dirty.csv", DIRTY)]);
    let mut command = desk.command(&["upload", "my file.csv", "dirty.csv", "--fix", "--dry-run"]);
    let run = run(command.env_remove("ACHIEVEIT_API_KEY"));
    let address = format!("{}/api/metricupdates", service.base_url());
    assert_eq!(
        run.stdout,
        format!(
            "my file.csv: not-sent (2 rows): would go to `{address}/my%20file.csv`\n\
             dirty.csv: not-sent (1 row): would go to `{address}/dirty.csv`\n"
        )
    );
    assert_eq!(
        run.stderr,
        "my file.csv: 2 rows, 2 IDs, of 2024-03-31\ndirty.csv: 1 row, 1 ID, of 2024-03-31, after 2 fixes\n\
         2 files: 2 not-sent\n"
    );
    assert_eq!(run.status, Some(0));
    assert_eq!(service.seen(), []);
    assert!(!desk.path().join("state").exists(), "no journal is made");
}

#[test]
fn environment_template_and_form_decide_where_a_file_goes() {
    let headless = "KPI-1,On Track,,03/31/2024\n";
    let desk = Desk::new("http://127.0.0.1:9", &[("good.csv", GOOD), ("headless.csv", headless)]);
    let cases: [(&[&str], &str); 5] = [
        (&["good.csv"], "https://api.achieveit.com/api/metricupdates/good.csv"),
        (
            &["good.csv", "--environment", "government"],
            "https://gov-api.achieveit.com/api/metricupdates/good.csv",
        ),
        (&["good.csv", "--format", "json"], "https://api.achieveit.com/api/metricupdates/good.json"),
        (
            &["headless.csv", "--template", "progress-updates"],
            "https://api.achieveit.com/api/progressupdates/headless.csv",
        ),
        (
            &["good.csv", "--base-url", "https://x.example/v2/"],
            "https://x.example/v2/api/metricupdates/good.csv",
        ),
    ];
    for (arguments, address) in cases {
        let run = desk.run_alone(&[&["upload", "--dry-run"], arguments].concat());
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.stdout.ends_with(&format!("would go to `{address}`\n")), "{arguments:?}: {run:?}");
    }
    let both = desk.run(&["upload", "good.csv", "--environment", "government"]);
    assert_eq!(both.status, Some(2), "one place at a time: {both:?}");
}

#[cfg(unix)]
#[test]
fn no_name_and_no_answer_leaves_its_line_or_drives_a_terminal() {
    let service = quick();
    let name = "::error::a\u{1b}[31m\n::warning::\u{202e}.csv";
    let desk = Desk::new(&service.base_url(), &[(name, GOOD)]);
    let answer = r#"{"message":"row\u001b[31m 7\n::error::\u202e\u009b31m"}"#;
    service.answer_next(Which::Questions, Canned::new(400, answer));
    let runs = [
        desk.run(&["upload", name, "-v", "--compare"]),
        desk.run(&["upload", name, "--dry-run"]),
        desk.run(&["upload", "missing\n::error::.csv"]),
        desk.run(&["upload", name, "--ca-file", name]),
        desk.run(&["status", "--all"]),
    ];
    for run in runs {
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            assert!(!line.trim_start().starts_with("::"), "{run:?}");
            assert!(!line.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{run:?}");
        }
    }
    let listed = desk.json(&["status", "--all", "--offline"]);
    assert_eq!(listed[0]["file"], name, "JSON has escapes of its own");
}

#[test]
fn json_bodies_are_sent_as_json_and_taken() {
    let service = quick();
    let progress = "External ID,Status,Current Metric Value,As Of Date\nKPI-1,On Track,,03/31/2024\n";
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("progress.csv", progress)]);
    let run = desk.run(&["upload", "good.csv", "progress.csv", "--format", "json", "--concurrency", "1"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let submissions = service.submissions();
    assert_eq!(submissions[0].path, "/api/metricupdates/good.json");
    assert_eq!(submissions[0].header("content-type"), Some("application/json"));
    assert_eq!(
        String::from_utf8_lossy(&submissions[0].body),
        r#"[{"externalId":"KPI-1","metricValue":0.2,"asOfDate":"03/31/2024"},"#.to_owned()
            + r#"{"externalId":"KPI-2","metricValue":7,"asOfDate":"03/31/2024"}]"#
    );
    assert_eq!(submissions[1].path, "/api/progressupdates/progress.json");
    assert_eq!(
        String::from_utf8_lossy(&submissions[1].body),
        r#"[{"externalId":"KPI-1","status":"On Track","asOfDate":"03/31/2024"}]"#
    );
}

#[test]
fn the_result_in_json_is_one_object_for_each_file() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("hopeless.csv", HOPELESS)]);
    let objects = desk.json(&["upload", "hopeless.csv", "good.csv"]);
    let job = objects[1]["job_id"].clone();
    assert!(job.is_string());
    assert_eq!(
        objects,
        [
            serde_json::json!({
                "file": "hopeless.csv", "sha256": null, "rows": null, "job_id": null, "state": "not-sent",
                "http_status": null, "attempts": 0, "message": "1 error; see them with `metricsheet check`",
            }),
            serde_json::json!({
                "file": "good.csv",
                "sha256": "28098b0be54bb7581d5b9db73a7bf01fe4d06cc6df66766a50114070979ca606", "rows": 2, "job_id": job, "state": "processed",
                "http_status": 200, "attempts": 1, "message": "processed",
            }),
        ]
    );
}

#[test]
fn the_same_content_is_sent_again_only_if_that_is_wanted() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("copy.csv", GOOD)]);
    assert_eq!(desk.run(&["upload", "good.csv"]).status, Some(0));
    let again = desk.run(&["upload", "copy.csv"]);
    assert_eq!(again.status, Some(0), "{again:?}");
    assert!(again.stdout.contains("not sent again: the same content went as `good.csv` on "), "{again:?}");
    assert_eq!(service.submissions().len(), 1);
    let wanted = desk.run(&["upload", "copy.csv", "--resubmit"]);
    assert_eq!(wanted.status, Some(0), "{wanted:?}");
    assert_eq!(service.submissions().len(), 2);
}

#[test]
fn a_comparison_shows_what_changes_and_flags_jumps() {
    let service = quick();
    let next = "External ID,Current Metric Value,As Of Date\nKPI-1,21,04/30/2024\nKPI-2,7,04/30/2024\n\
                KPI-3,1,04/30/2024\n";
    let desk = Desk::new(&service.base_url(), &[("march.csv", GOOD), ("april.csv", next)]);
    assert_eq!(desk.run(&["upload", "march.csv"]).status, Some(0));
    let run = desk.run(&["upload", "april.csv", "--compare", "--dry-run"]);
    assert_eq!(
        run.stderr,
        "april.csv: 3 rows, 3 IDs, of 2024-04-30\n  \
         KPI-1: .2 (03/31/2024) → 21 (04/30/2024), about 100 times; is one of them a percentage in the wrong \
         form?\n  1 changed, 1 the same, 1 new, 1 jump of about 100 times\n"
    );
    assert_eq!(service.submissions().len(), 1);
}

#[test]
fn steps_are_told_if_wanted() {
    let service = quick();
    service.answer_next(Which::Submissions, Canned::new(500, "failed to be queued"));
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let run = desk.run(&["upload", "good.csv", "-v"]);
    let told: Vec<&str> = run.stderr.lines().map(|line| line.split(" as job").next().unwrap()).collect();
    assert_eq!(
        told,
        [
            "good.csv: 2 rows, 2 IDs, of 2024-03-31",
            "good.csv: recorded in the journal",
            "good.csv: sending, try 1",
            "good.csv: answered with 500",
            "good.csv: the service failed to queue the file (500, it says `failed to be queued`); try again later; \
             next try in 1 s",
            "good.csv: sending, try 2",
            "good.csv: answered with 200",
            "good.csv: queued",
            "good.csv: asked for the job: processed",
        ]
    );
}

/// A proxy that writes down the head of the first request it gets, and refuses it.
fn proxy() -> (String, std::thread::JoinHandle<String>) {
    use std::io::{BufRead, BufReader, Write};

    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").unwrap();
        head.join("\n")
    });
    (address, heard)
}

#[test]
fn the_proxy_of_the_environment_is_asked_for_a_tunnel_and_never_sees_the_key() {
    let (address, heard) = proxy();
    let desk = Desk::new("https://api.achieveit.com", &[("good.csv", GOOD)]);
    let mut command = desk.command(&["plan", "pull", "p", "-o", "-"]);
    let mut child = command
        .env("HTTPS_PROXY", &address)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let request = heard.join().unwrap();
    // The next tries would find nobody; one tunnel has told all there is to tell.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(request.starts_with("CONNECT api.achieveit.com:443 HTTP/1.1"), "{request}");
    assert!(
        !request.contains("local-key") && !request.to_lowercase().contains("\nauthorization"),
        "{request}"
    );
}

#[test]
fn what_is_meant_for_this_machine_goes_to_no_proxy() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let mut command = desk.command(&["upload", "good.csv"]);
    // Nobody listens there: a client that used the proxy would fail.
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let run = run(&mut command);
    assert_eq!(run.status, Some(0), "{run:?}");
}
