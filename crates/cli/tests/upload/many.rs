//! Many files and many processes; Ctrl-C and SIGKILL from outside.

use std::process::Stdio;

use metricsheet_local_service::{Act, End, Line, Point, Service, Settings};

use crate::desk::{Desk, GOOD, outcome, quick, stuck};

/// A file of one row.
fn file(number: usize) -> String {
    format!("External ID,Current Metric Value,As Of Date\nKPI-{number},{number},03/31/2024\n")
}

#[test]
fn many_files_arrive_once_each_and_are_shown_in_their_order() {
    let service = Service::start(Settings { questions_before_verdict: 1, ..Settings::default() }).unwrap();
    let desk = Desk::new(&service.base_url(), &[]);
    let names: Vec<String> = (0..12).map(|number| format!("{number:02}.csv")).collect();
    for (number, name) in names.iter().enumerate() {
        desk.write(name, &file(number));
    }
    let mut arguments = vec!["upload", "missing.csv"];
    arguments.extend(names.iter().map(String::as_str));
    arguments.extend(["--concurrency", "5"]);
    let run = desk.run(&arguments);
    assert_eq!(run.status, Some(2), "the missing one counts: {run:?}");
    let shown: Vec<&str> = run.stdout.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(shown, arguments[1..=names.len() + 1], "{run:?}");
    assert_eq!(run.stdout.matches(": processed (1 row, job ").count(), names.len(), "{run:?}");
    assert_eq!(run.stderr, "13 files: 1 not-sent, 12 processed\n");
    let mut paths: Vec<String> = service.submissions().into_iter().map(|seen| seen.path).collect();
    paths.sort();
    let expected: Vec<String> = names.iter().map(|name| format!("/api/metricupdates/{name}")).collect();
    assert_eq!(paths, expected);
}

#[test]
fn of_two_files_with_one_content_the_second_has_the_fate_of_the_first() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("a.csv", GOOD), ("b.csv", GOOD), ("c.csv", &file(1))]);
    let run = desk.run(&["upload", "a.csv", "b.csv", "c.csv"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[1].starts_with("b.csv: processed"), "{run:?}");
    assert!(lines[1].contains("not sent again: the same content went as `a.csv`"), "{run:?}");
    assert_eq!(service.submissions().len(), 2);
}

#[test]
fn a_pace_is_taken_and_none_at_all_is_refused() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("a.csv", &file(1)), ("b.csv", &file(2))]);
    let run = desk.run(&["upload", "a.csv", "b.csv", "--rate", "6000"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(desk.run(&["upload", "a.csv", "--rate", "0"]).status, Some(2));
}

#[test]
fn of_many_processes_with_one_file_one_sends_it() {
    let service = quick();
    let desk = Desk::new(&service.base_url(), &[("good.csv", GOOD)]);
    let children: Vec<_> = (0..4)
        .map(|_| {
            let mut command = desk.command(&["upload", "good.csv"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let runs: Vec<_> =
        children.into_iter().map(|child| outcome(&child.wait_with_output().unwrap())).collect();
    assert_eq!(service.submissions().len(), 1, "{runs:?}");
    // Whoever comes while it is being sent does not know its fate yet.
    assert!(runs.iter().all(|run| matches!(run.status, Some(0 | 4))), "{runs:?}");
    assert!(runs.iter().any(|run| run.status == Some(0)), "{runs:?}");
    assert_eq!(desk.run(&["status", "--all"]).stdout.lines().count(), 1);
}

#[test]
fn a_reader_that_leaves_does_not_stop_what_is_on_its_way() {
    let service = Service::start(Settings::default()).unwrap();
    let desk = Desk::new(&service.base_url(), &[("a.csv", &file(1)), ("b.csv", &file(2))]);
    for format in ["full", "json"] {
        let arguments =
            ["upload", "a.csv", "b.csv", "-v", "--compare", "--resubmit", "--output-format", format];
        let mut child =
            desk.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let listed = desk.json(&["status", "--all", "--offline"]);
    let states: Vec<&str> = listed.iter().map(|entry| entry["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["processed"; 4]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_waiting_and_says_what_is_where() {
    let service = stuck();
    let line = Line::to(&service, Vec::new()).unwrap();
    let desk = Desk::new(&line.base_url(), &[("a.csv", &file(1)), ("b.csv", &file(2)), ("c.csv", &file(3))]);
    let mut command = desk.command(&["upload", "a.csv", "b.csv", "c.csv", "--concurrency", "2"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Two submissions and a question for each: both files are waited for, and the third waits for its place.
    assert!(line.wait_for(Point::Answered, 4));
    let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let run = outcome(&child.wait_with_output().unwrap());
    assert_eq!(run.status, Some(4), "the third one was not sent: {run:?}");
    assert!(run.stderr.contains("stopping: what is being sent is sent to its end"), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    for (line, name) in lines[..2].iter().zip(["a.csv", "b.csv"]) {
        assert!(line.starts_with(&format!("{name}: processing (1 row, job ")), "{run:?}");
        assert!(line.ends_with("stopped waiting; ask for it later with `metricsheet status`"), "{run:?}");
    }
    assert_eq!(lines[2], "c.csv: not-sent (1 row): stopped before it was sent");
    assert_eq!(service.submissions().len(), 2);
    let listed = desk.run(&["status", "--offline"]);
    assert_eq!(listed.stdout.matches(": processing (1 row, sent ").count(), 2, "{listed:?}");
}

#[test]
fn killed_at_any_point_of_its_requests_the_program_never_sends_twice() {
    // Which connection is held where, how often the file has arrived by then, and what running again says.
    let cases = [
        (0, Point::Accepted, 0, Some(4)),
        (0, Point::HalfBody, 0, Some(4)),
        (0, Point::Body, 0, Some(4)),
        (0, Point::Forwarded, 1, Some(4)),
        (0, Point::HalfAnswer, 1, Some(4)),
        (1, Point::Accepted, 1, Some(0)),
        (1, Point::Forwarded, 1, Some(0)),
    ];
    for (connection, point, arrived, status) in cases {
        let service = quick();
        let mut acts = vec![Act::Forward; connection];
        acts.push(Act::Break(point, End::Hold));
        let line = Line::to(&service, acts).unwrap();
        let desk = Desk::new(&line.base_url(), &[("good.csv", GOOD)]);
        let mut child = desk
            .command(&["upload", "good.csv"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        assert!(line.wait_for(point, connection + 1), "{point:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        for _ in 0..2 {
            let again = desk.run(&["upload", "good.csv"]);
            assert_eq!(again.status, status, "{point:?}: {again:?}");
            assert_eq!(service.submissions().len(), arrived, "{point:?}: {again:?}");
        }
        let listed = desk.json(&["status", "--all", "--offline"]);
        assert_eq!(listed.len(), 1, "{point:?}");
        assert_eq!(listed[0]["job_id"].is_string(), connection == 1, "{point:?}: {listed:?}");
    }
}
