//! The process killed (SIGKILL) at every step between recording a file and its verdict, then run again: the
//! content arrives once at most, a job that was recorded is never lost, and the journal opens.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use metricsheet_local_service::{Act, Canned, End, IdForm, Line, Point, Service, Settings};
use metricsheet_upload::{Report, State, Step, Which};
use tempfile::TempDir;

use crate::bench::{Bench, GOOD, options, patience, run, service, shipment};

/// Set for the child: where to send, where its journal is, and whether it asks before each step.
const BASE_URL: &str = "METRICSHEET_TEST_BASE_URL";
const DIRECTORY: &str = "METRICSHEET_TEST_DIRECTORY";
const STEPWISE: &str = "METRICSHEET_TEST_STEPWISE";

/// How many values its file has; one unless said.
const VALUES: &str = "METRICSHEET_TEST_VALUES";

const STEP: &str = "step: ";

/// The steps of a delivery in order. With the child's variables set, this is the process that is killed: it
/// names each step and goes on when it is told to.
#[test]
fn the_steps_of_a_delivery_are_these() {
    if let (Ok(base_url), Ok(directory)) = (std::env::var(BASE_URL), std::env::var(DIRECTORY)) {
        return deliver_as_child(&base_url, Path::new(&directory));
    }
    let service = service();
    let bench = Bench::new(&service.base_url());
    let steps = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&steps);
    let watched = bench.uploader.watched(Arc::new(move |step| told.lock().unwrap().push(step.clone())));
    let report = run(watched.deliver(&shipment(GOOD), &patience())).unwrap();
    let expected = [
        Step::Recorded,
        Step::Trying(1),
        Step::Answered(200),
        Step::Queued(report.job.unwrap()),
        Step::Asked(State::Processing),
        Step::Asked(State::Processed),
        Step::Settled(State::Processed),
    ];
    assert_eq!(*steps.lock().unwrap(), expected);
}

fn deliver_as_child(base_url: &str, directory: &Path) {
    let bench = Bench::open(directory, base_url, "local-key", options(), None);
    let stepwise = std::env::var_os(STEPWISE).is_some();
    let watched = bench.uploader.watched(Arc::new(move |step| {
        if stepwise {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{STEP}{step:?}").and_then(|()| out.flush()).unwrap();
            std::io::stdin().read_exact(&mut [0]).unwrap();
        }
    }));
    let mut shipment = shipment(GOOD);
    let values = std::env::var(VALUES).map_or(1, |count| count.parse().unwrap());
    shipment.values = vec![shipment.values[0].clone(); values];
    run(watched.deliver(&shipment, &patience())).unwrap();
}

/// Starts this very test again, as a process that can be killed.
fn child(base_url: &str, directory: &Path, stepwise: bool) -> Child {
    let mut command = command(base_url, directory);
    if stepwise {
        command.env(STEPWISE, "1");
    }
    command.spawn().unwrap()
}

/// The same with a file of many values, which takes the journal a while to write.
fn child_with_values(base_url: &str, directory: &Path, values: usize) -> Child {
    command(base_url, directory).env(VALUES, values.to_string()).spawn().unwrap()
}

fn command(base_url: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "crash::the_steps_of_a_delivery_are_these", "--nocapture", "--test-threads=1"])
        .env(BASE_URL, base_url)
        .env(DIRECTORY, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Kills without warning: SIGKILL where there are signals.
fn kill(mut child: Child) {
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was still running");
}

/// Runs again after the kill, twice, and checks what must hold whatever happened.
fn run_again(
    name: &str,
    service: &Service,
    base_url: &str,
    directory: &Path,
    arrived_before: usize,
) -> Report {
    let bench = Bench::open(directory, base_url, "local-key", options(), None);
    let before = bench.journal.entries(Which::All).unwrap();
    let report = bench.deliver(GOOD);
    let again = bench.deliver(GOOD);
    assert_eq!((again.state, &again.job), (report.state, &report.job), "{name}");
    assert_eq!(bench.journal.entries(Which::All).unwrap().len(), 1, "{name}: recorded once");
    if let Some(entry) = before.first() {
        assert_eq!(service.submissions().len(), arrived_before, "{name}: sent again");
        if entry.report.job.is_some() {
            assert_eq!((report.state, &report.job), (State::Processed, &entry.report.job), "{name}");
        } else if entry.unread.is_some() {
            assert!(report.state == State::Processed && report.job.is_some(), "{name}: {report:?}");
        } else {
            assert_eq!(report.state, State::Unknown, "{name}: {report:?}");
            assert!(report.message.contains("`--resubmit`"), "{name}: {}", report.message);
        }
    }
    report
}

#[test]
fn killed_between_any_two_steps_nothing_is_sent_twice_and_no_job_is_lost() {
    let mut steps = Vec::new();
    for kill_at in 0.. {
        let service = service();
        let directory = TempDir::new().unwrap();
        let mut child = child(&service.base_url(), directory.path(), true);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = lines
            .by_ref()
            .map(Result::unwrap)
            .filter_map(|line| line.find(STEP).map(|at| line[at + STEP.len()..].to_owned()));
        for _ in 0..kill_at {
            if told.next().is_some() {
                child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
            }
        }
        let Some(step) = told.next() else {
            assert!(child.wait().unwrap().success());
            break;
        };
        kill(child);
        let arrived = service.submissions().len();
        let report = run_again(&step, &service, &service.base_url(), directory.path(), arrived);
        // What has been received is never lost, read or not.
        let known = !matches!(step.as_str(), "Recorded" | "Trying(1)");
        let expected = if known { State::Processed } else { State::Unknown };
        assert_eq!(report.state, expected, "killed at {step}");
        steps.push(step);
    }
    assert_eq!(steps.len(), 7, "{steps:?}");
}

#[test]
fn killed_while_the_answer_arrives_the_job_that_has_come_is_not_lost() {
    let service = Service::start(Settings { id_form: IdForm::Object, ..Settings::default() }).unwrap();
    let line = Line::to(&service, vec![Act::HoldLastByte]).unwrap();
    let directory = TempDir::new().unwrap();
    let mut child = child(&line.base_url(), directory.path(), true);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    for step in lines.filter(|line| line.contains(STEP)) {
        if step.contains("Answered(200)") {
            break;
        }
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
    kill(child);
    let report = run_again("all but the last byte", &service, &line.base_url(), directory.path(), 1);
    assert_eq!(report.state, State::Processed, "{report:?}");
}

#[test]
fn killed_with_a_refusal_in_hand_it_is_sent_again_only_if_nobody_else_may_be_at_it() {
    // A refused key is the last word; after "failed to be queued" the killed process would have tried again,
    // and nobody can tell that it is dead.
    let cases = [(401, 2, State::Processed), (500, 1, State::Unknown)];
    for (status, submissions, state) in cases {
        let service = service();
        service.answer_next(metricsheet_local_service::Which::Submissions, Canned::new(status, "no"));
        let directory = TempDir::new().unwrap();
        let mut child = child(&service.base_url(), directory.path(), true);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        for step in lines.filter(|line| line.contains(STEP)) {
            if step.contains("Answered") {
                break;
            }
            child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        }
        kill(child);
        let bench = Bench::open(directory.path(), &service.base_url(), "local-key", options(), None);
        for _ in 0..2 {
            let report = bench.deliver(GOOD);
            assert_eq!(report.state, state, "{status}: {report:?}");
            assert_eq!(service.submissions().len(), submissions, "{status}");
        }
    }
}

#[test]
fn killed_in_the_middle_of_a_request_nothing_is_sent_twice() {
    // Where the line holds the submission, and how often it has arrived by then.
    let cases = [
        (Point::Accepted, 0),
        (Point::Head, 0),
        (Point::HalfBody, 0),
        (Point::Body, 0),
        (Point::Forwarded, 1),
        (Point::HalfAnswer, 1),
    ];
    for (point, arrived) in cases {
        let service = service();
        let line = Line::to(&service, vec![Act::Break(point, End::Hold)]).unwrap();
        let directory = TempDir::new().unwrap();
        let child = child(&line.base_url(), directory.path(), false);
        assert!(line.wait_for(point, 1), "{point:?}");
        kill(child);
        let name = format!("{point:?}");
        let report = run_again(&name, &service, &line.base_url(), directory.path(), arrived);
        assert_eq!(report.state, State::Unknown, "{point:?}");
        assert_eq!(service.submissions().len(), arrived, "{point:?}");
    }
}

#[test]
fn killed_while_asking_for_the_job_it_is_found_again() {
    for point in [Point::Accepted, Point::Head, Point::Forwarded, Point::HalfAnswer] {
        let service = service();
        let line = Line::to(&service, vec![Act::Forward, Act::Break(point, End::Hold)]).unwrap();
        let directory = TempDir::new().unwrap();
        let child = child(&line.base_url(), directory.path(), false);
        // The first connection reaches every point; the second one stops at its own.
        assert!(line.wait_for(point, 2), "{point:?}");
        kill(child);
        let report = run_again(&format!("{point:?}"), &service, &line.base_url(), directory.path(), 1);
        assert_eq!(report.state, State::Processed, "{point:?}");
    }
}

#[test]
fn killed_while_the_journal_is_written_it_opens_again() {
    // SQLite keeps a file beside the journal while it writes: making the tables, then recording the submission.
    for writing in [1, 2, 3] {
        let service = service();
        let directory = TempDir::new().unwrap();
        let beside = directory.path().join("journal.sqlite-journal");
        let mut child = child_with_values(&service.base_url(), directory.path(), 50_000);
        let (mut seen, mut was_there) = (0, false);
        while seen < writing && child.try_wait().unwrap().is_none() {
            let is_there = beside.exists();
            seen += usize::from(is_there && !was_there);
            was_there = is_there;
        }
        // It may have come to its end while nobody looked; then there is nothing to kill, and all must hold too.
        let _ = child.kill();
        child.wait().unwrap();

        let bench = Bench::open(directory.path(), &service.base_url(), "local-key", options(), None);
        let known = bench.journal.entries(Which::All).unwrap();
        let sent = service.submissions().len();
        let report = bench.deliver(GOOD);
        assert_eq!(known.len().max(1), bench.journal.entries(Which::All).unwrap().len(), "{writing}");
        assert_eq!(service.submissions().len(), if known.is_empty() { 1 } else { sent }, "{writing}");
        assert!(matches!(report.state, State::Processed | State::Unknown), "{writing}: {report:?}");
    }
}
