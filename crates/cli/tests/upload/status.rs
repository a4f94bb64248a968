//! What the journal knows, listed and brought up to date.

use metricsheet_local_service::{Canned, Service, Settings, Which};

use crate::desk::{Desk, GOOD, run, stuck};

const OTHER: &str = "KPI-9,1,03/31/2024\n";

#[test]
fn open_jobs_are_listed_and_brought_up_to_date() {
    let service = Service::start(Settings { questions_before_verdict: 1, ..Settings::default() }).unwrap();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let sent = desk.json(&["upload", "good.csv", "--no-wait"]);
    let job = sent[0]["job_id"].as_str().unwrap();

    let offline = desk.run(&["status", "--offline"]);
    assert_eq!(offline.status, Some(5), "{offline:?}");
    assert!(offline.stdout.starts_with("good.csv: queued (2 rows, sent 20"), "{offline:?}");
    assert_eq!(service.seen().len(), 1, "nobody was asked");

    let first = desk.run(&["status"]);
    assert_eq!(first.status, Some(5), "{first:?}");
    assert!(first.stdout.starts_with("good.csv: processing (2 rows, sent 20"), "{first:?}");
    assert!(first.stdout.contains(&format!("job {job}): still in process")), "{first:?}");
    let second = desk.run(&["status"]);
    assert_eq!(second.status, Some(0), "{second:?}");
    assert!(second.stdout.starts_with("good.csv: processed (2 rows, sent 20"), "{second:?}");

    let third = desk.run(&["status"]);
    assert_eq!((third.status, third.stdout.as_str()), (Some(0), ""));
    assert_eq!(third.stderr, "no submission is open; `--all` lists those that are settled\n");
    assert_eq!(service.seen().len(), 3, "what is settled is not asked about");
    let all = desk.json(&["status", "--all"]);
    assert_eq!(
        all,
        [serde_json::json!({
            "file": "good.csv", "sha256": sent[0]["sha256"], "rows": 2, "job_id": job,
            "state": "processed", "http_status": 200, "attempts": 1, "message": "processed",
        })]
    );
}

#[test]
fn the_verdict_of_a_job_decides_the_exit_status_and_stays_in_the_journal() {
    let service = stuck();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("other.csv", OTHER)]);
    let sent = desk.json(&["upload", "good.csv", "other.csv", "--no-wait"]);
    let job = sent[0]["job_id"].as_str().unwrap();
    let cases = [
        (Canned::new(503, ""), 5, "queued"),
        (Canned::new(401, ""), 3, "queued"),
        (Canned::new(404, ""), 4, "unknown"),
        (Canned::new(202, ""), 5, "processing"),
        (Canned::new(400, "row 7"), 1, "failed"),
    ];
    for (canned, status, state) in cases {
        service.answer_next(Which::Questions, canned.clone());
        let run = desk.run(&["status", job]);
        assert_eq!(run.status, Some(status), "{canned:?}: {run:?}");
        let listed = desk.json(&["status", "--all", "--offline"]);
        assert_eq!(listed[0]["state"], state, "{canned:?}");
        assert_eq!(listed[1]["state"], "queued", "the other one is not touched");
    }
}

#[test]
fn a_job_that_the_journal_does_not_know_can_be_asked_for() {
    let service = Service::start(Settings { questions_before_verdict: 0, ..Settings::default() }).unwrap();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let sent = desk.json(&["upload", "good.csv", "--no-wait"]);
    let job = sent[0]["job_id"].as_str().unwrap();
    let elsewhere = Desk::new(&service.base_url(), &[]);
    let asked = elsewhere.run(&["status", job]);
    assert_eq!((asked.status, asked.stdout), (Some(0), format!("{job}: processed\n")));
    let wrong_kind = elsewhere.run(&["status", job, "--template", "progress-updates"]);
    assert_eq!(wrong_kind.status, Some(4), "{wrong_kind:?}");
    let offline = elsewhere.run(&["status", job, "--offline"]);
    assert!(offline.stdout.contains("the journal does not know this job"), "{offline:?}");
    let no_job = elsewhere.run(&["status", "../../plans"]);
    assert_eq!(no_job.status, Some(2));
    assert!(no_job.stderr.contains("`../../plans` is not a job ID"), "{no_job:?}");
}

#[test]
fn jobs_of_other_places_are_listed_and_the_key_does_not_go_there() {
    let (home, other) = (stuck(), stuck());
    let desk = Desk::new(&home.base_url(), &[("good.csv", GOOD), ("other.csv", OTHER)]);
    desk.run(&["upload", "good.csv", "--no-wait"]);
    desk.run(&["upload", "other.csv", "--no-wait", "--base-url", &other.base_url()]);
    let (asked, not_asked) = (home.seen().len(), other.seen().len());
    let listed = desk.run(&["status"]);
    assert!(listed.stdout.contains(&format!("it is at `{}`", other.base_url())), "{listed:?}");
    assert_eq!((home.seen().len(), other.seen().len()), (asked + 1, not_asked));
}

#[test]
fn nothing_to_ask_needs_no_key() {
    let service = stuck();
    let desk = Desk::new(&service.base_url(), &[]);
    let empty = run(desk.command(&["status"]).env_remove("ACHIEVEIT_API_KEY"));
    assert_eq!(empty.status, Some(0), "{empty:?}");
}

#[test]
fn a_damaged_journal_is_said_to_be_one_and_nothing_is_sent() {
    let service = stuck();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD), ("other.csv", OTHER)]);
    desk.run(&["upload", "good.csv", "--no-wait", "--journal", "j"]);
    let path = desk.path().join("j");
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page, which says what the file is, stays.
    bytes[4096..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    for arguments in [&["upload", "other.csv", "--journal", "j"][..], &["status", "--journal", "j"]] {
        let run = desk.run(arguments);
        assert_eq!(run.status, Some(2), "{run:?}");
        assert!(format!("{run:?}").contains("the journal is damaged"), "{run:?}");
    }
    assert_eq!(service.submissions().len(), 1);
}
