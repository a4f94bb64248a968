//! Everything that can go wrong between here and the service, one case each: what is reported, how often it
//! was sent, and what really arrived.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use metricsheet_local_service::{Act, Canned, End, Line, Point, Service, Settings, Which};
use metricsheet_upload::{Options, State, Timeouts};

use crate::bench::{Bench, GOOD, options, service};

/// One way to go wrong.
struct Case {
    name: &'static str,
    /// What the line does with the connections, one after the other.
    acts: Vec<Act>,
    /// What the service answers to submissions, and to questions, before it answers as it should.
    submissions: Vec<Canned>,
    questions: Vec<Canned>,
    /// What is known at the end, and from which HTTP status.
    state: State,
    http_status: Option<u16>,
    /// A part of the message.
    says: &'static str,
    /// How often the file was tried to be sent, and how often it arrived whole.
    attempts: u32,
    arrived: usize,
    /// The pauses of whole seconds: those between two tries, and those that the service asks for.
    pauses: Option<Vec<u64>>,
}

impl Case {
    fn new(name: &'static str, state: State, http_status: Option<u16>, says: &'static str) -> Self {
        Self {
            name,
            acts: Vec::new(),
            submissions: Vec::new(),
            questions: Vec::new(),
            state,
            http_status,
            says,
            attempts: 1,
            arrived: 1,
            pauses: None,
        }
    }

    fn line(self, acts: &[Act]) -> Self {
        Self { acts: acts.to_vec(), ..self }
    }

    fn submissions(self, answers: &[Canned]) -> Self {
        Self { submissions: answers.to_vec(), ..self }
    }

    fn questions(self, answers: &[Canned]) -> Self {
        Self { questions: answers.to_vec(), ..self }
    }

    fn sent(self, attempts: u32, arrived: usize) -> Self {
        Self { attempts, arrived, ..self }
    }

    fn pauses(self, seconds: &[u64]) -> Self {
        Self { pauses: Some(seconds.to_vec()), ..self }
    }
}

fn cut(point: Point, end: End) -> [Act; 1] {
    [Act::Break(point, end)]
}

/// A whole answer, as it goes over the line.
fn raw(text: &str) -> [Act; 1] {
    [Act::Answer(text.replace('\n', "\r\n").into_bytes())]
}

fn cases() -> Vec<Case> {
    use State::{Failed, NotSent, Processed, Unknown};
    let busy = Canned::new(500, "failed to be queued");
    let slow_down = |after: &str| Canned::new(429, "").with("retry-after", after);
    let gateway = |status| Canned::new(status, "<html><title>Bad Gateway</title></html>");
    let look = "look in the service";
    vec![
        // The connection breaks. Once the body may have left, the file is not sent again.
        Case::new("reset before the body", Unknown, None, look)
            .line(&cut(Point::Head, End::Reset))
            .sent(1, 0),
        Case::new("reset within the body", Unknown, None, look)
            .line(&cut(Point::HalfBody, End::Reset))
            .sent(1, 0),
        Case::new("reset after the body", Unknown, None, look).line(&cut(Point::Body, End::Reset)).sent(1, 0),
        Case::new("reset after the service took it", Unknown, None, look)
            .line(&cut(Point::Forwarded, End::Reset)),
        Case::new("closed after the service took it", Unknown, None, look)
            .line(&cut(Point::Forwarded, End::Close)),
        // The answer is broken or strange.
        Case::new("answer cut within the job ID", Unknown, Some(200), "named no job")
            .line(&cut(Point::HalfAnswer, End::Close)),
        Case::new("answer reset within the job ID", Unknown, Some(200), "named no job")
            .line(&cut(Point::HalfAnswer, End::Reset)),
        Case::new("answer comes byte by byte", Processed, Some(200), "processed")
            .line(&[Act::Drip, Act::Drip]),
        Case::new("no HTTP at all", Unknown, None, look).line(&raw("SSH-2.0-OpenSSH_9.6\n")).sent(1, 0),
        Case::new("a body of garbage", Unknown, Some(200), "named no job")
            .submissions(&[Canned::new(200, "\u{1}\u{2}\u{fffd}")]),
        Case::new("an empty body", Unknown, Some(200), "named no job").submissions(&[Canned::new(200, "")]),
        Case::new("a body that never ends", Unknown, Some(200), "named no job")
            .submissions(&[Canned::new(200, &"x".repeat(1_000_000))]),
        Case::new("a body shorter than announced", Processed, Some(200), "processed")
            .line(&raw("HTTP/1.1 429 x\nContent-Length: 99\n\nwait"))
            .sent(2, 1),
        // The service says no.
        Case::new("400", Failed, Some(400), "it says `no header`")
            .submissions(&[Canned::new(400, "no header")]),
        Case::new("401", NotSent, Some(401), "check the key").submissions(&[Canned::new(401, "")]),
        Case::new("403", NotSent, Some(403), "check the key").submissions(&[Canned::new(403, "")]),
        Case::new("404", NotSent, Some(404), "`--base-url`").submissions(&[Canned::new(404, "")]),
        // The service says not now.
        Case::new("429 without a time", Processed, Some(200), "processed")
            .submissions(&[Canned::new(429, "")])
            .sent(2, 2)
            .pauses(&[1]),
        Case::new("429 with seconds", Processed, Some(200), "processed")
            .submissions(&[slow_down("7"), slow_down("2")])
            .sent(3, 3)
            .pauses(&[7, 2]),
        Case::new("429 with a date", Processed, Some(200), "processed")
            // Ten seconds after the moment at which the test's clock starts.
            .submissions(&[slow_down("Tue, 14 Nov 2023 22:13:30 GMT")])
            .sent(2, 2)
            .pauses(&[10]),
        Case::new("429 with an hour", NotSent, Some(429), "try again later")
            .submissions(&[slow_down("3600")])
            .pauses(&[]),
        Case::new("429 for ever", NotSent, Some(429), "try again later")
            .submissions(&[slow_down("1"), slow_down("1"), slow_down("1"), slow_down("1"), slow_down("1")])
            .sent(5, 5)
            .pauses(&[1, 2, 4, 8]),
        Case::new("failed to be queued, then success", Processed, Some(200), "processed")
            .submissions(&[busy.clone(), busy.clone()])
            .sent(3, 3)
            .pauses(&[1, 2]),
        Case::new("failed to be queued for ever", NotSent, Some(500), "it says `failed to be queued`")
            .submissions(&[busy.clone(), busy.clone(), busy.clone(), busy.clone(), busy])
            .sent(5, 5),
        // A gateway answers.
        Case::new("502", Unknown, Some(502), "it says `Bad Gateway`").submissions(&[gateway(502)]),
        Case::new("503", Unknown, Some(503), look).submissions(&[gateway(503)]),
        Case::new("504", Unknown, Some(504), look).submissions(&[gateway(504)]),
        // The file is there, and asking for its job goes wrong: ask again, and never send again.
        Case::new("questions break", Processed, Some(200), "processed").line(&[
            Act::Forward,
            Act::Break(Point::Accepted, End::Reset),
            Act::Break(Point::Forwarded, End::Close),
            Act::Break(Point::Head, End::Reset),
        ]),
        Case::new("questions meet gateways", Processed, Some(200), "processed")
            .questions(&[gateway(502), gateway(503), gateway(504), Canned::new(408, "")])
            .pauses(&[]),
        Case::new("questions are too many", Processed, Some(200), "processed")
            .questions(&[slow_down("40")])
            .pauses(&[40]),
        Case::new("the job is not known at first", Processed, Some(200), "processed")
            .questions(&[Canned::new(404, ""), Canned::new(404, "")]),
        Case::new("processing failed with 400", Failed, Some(400), "it says `row 7: no such metric`")
            .questions(&[Canned::new(400, r#"{"message":"row 7: no such metric"}"#)]),
        Case::new("processing failed with 500", Failed, Some(500), "could not process")
            .questions(&[Canned::new(500, "")]),
    ]
}

#[test]
fn each_fault_has_its_state_and_the_file_arrives_once_at_most() {
    for case in cases() {
        let name = case.name;
        let service = service();
        for canned in case.submissions {
            service.answer_next(Which::Submissions, canned);
        }
        for canned in case.questions {
            service.answer_next(Which::Questions, canned);
        }
        let line = Line::to(&service, case.acts).unwrap();
        let bench = Bench::new(&line.base_url());
        let report = bench.deliver(GOOD);
        assert_eq!((report.state, report.http_status), (case.state, case.http_status), "{name}: {report:?}");
        assert!(report.message.contains(case.says), "{name}: {}", report.message);
        assert_eq!(report.attempts, case.attempts, "{name}: {report:?}");
        assert_eq!(service.submissions().len(), case.arrived, "{name}");
        if let Some(seconds) = case.pauses {
            // The pauses between questions are no whole seconds until they are long.
            let whole = bench.clock.pauses().into_iter().filter(|pause| pause.subsec_nanos() == 0);
            let pauses: Vec<u64> = whole.map(|pause| pause.as_secs()).collect();
            assert_eq!(pauses, seconds, "{name}");
        }
        let entry = bench.journal.entries(metricsheet_upload::Which::All).unwrap().pop().unwrap();
        assert_eq!((entry.report.state, entry.report.attempts), (report.state, case.attempts), "{name}");
        assert_eq!(entry.report.job, report.job, "{name}");
    }
}

#[test]
fn a_connection_that_is_reset_at_once_is_tried_again_only_if_the_body_is_still_here() {
    let service = service();
    let line = Line::to(&service, cut(Point::Accepted, End::Reset).to_vec()).unwrap();
    let bench = Bench::new(&line.base_url());
    let report = bench.deliver(GOOD);
    // Which of the two it is depends on who is faster; both are right, and nothing else is.
    let outcome = (report.state, report.attempts, service.submissions().len());
    assert!(matches!(outcome, (State::Unknown, 1, 0) | (State::Processed, 2, 1)), "{outcome:?}: {report:?}");
}

#[test]
fn a_refused_connection_is_tried_again_and_reported_as_not_sent() {
    // A port that was free a moment ago.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let bench = Bench::new(&format!("http://{address}"));
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.http_status, report.attempts), (State::NotSent, None, 5), "{report:?}");
    assert!(report.message.contains(&format!("no connection to `{address}`")), "{}", report.message);
    assert_eq!(bench.clock.slept(), Duration::from_secs(1 + 2 + 4 + 8));
}

#[test]
fn an_answer_that_never_comes_leaves_it_unknown() {
    let limit = Duration::from_millis(100);
    let quick = |timeouts| Options { timeouts, ..options() };
    let silent = quick(Timeouts { answer: limit, ..options().timeouts });
    let unread = quick(Timeouts { connect: limit, send: limit, ..options().timeouts });
    let cases = [
        // The service has it and says nothing.
        (Point::Forwarded, &silent, GOOD.to_owned(), "did not answer within 0.1 s", 1),
        // The line has it; whether the service does, nobody can tell.
        (Point::Body, &silent, GOOD.to_owned(), "did not answer within 0.1 s", 0),
        // More than the buffers of two sockets hold, and nobody reads it.
        (Point::Head, &unread, "x".repeat(32 * 1024 * 1024), "did not take the file within 0.2 s", 0),
    ];
    for (point, options, text, says, arrived) in cases {
        let service = service();
        let line = Line::to(&service, vec![Act::Break(point, End::Hold)]).unwrap();
        let bench = Bench::with(&line.base_url(), "local-key", options.clone(), None);
        let report = bench.deliver(&text);
        assert_eq!((report.state, report.attempts), (State::Unknown, 1), "{point:?}: {report:?}");
        assert!(report.message.contains(says), "{point:?}: {}", report.message);
        assert!(line.points().contains(&point));
        assert_eq!(service.submissions().len(), arrived, "{point:?}");
    }
}

#[test]
fn an_answer_that_breaks_off_in_silence_is_read_as_far_as_it_came() {
    let service = service();
    let line = Line::to(&service, vec![Act::Break(Point::HalfAnswer, End::Hold)]).unwrap();
    let timeouts = Timeouts { answer: Duration::from_millis(100), ..options().timeouts };
    let bench = Bench::with(&line.base_url(), "local-key", Options { timeouts, ..options() }, None);
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.http_status), (State::Unknown, Some(200)), "{report:?}");
}

#[test]
fn a_job_id_that_came_whole_is_kept_though_the_answer_did_not() {
    let answer =
        "HTTP/1.1 200 OK\nContent-Length: 999\n\n{\"jobId\":\"2bf2dda7-2aa4-4345-b6a8-8070d6ceec39\",";
    let service = service();
    let line = Line::to(&service, raw(answer).to_vec()).unwrap();
    let bench = Bench::new(&line.base_url());
    let report = bench.deliver(GOOD);
    assert_eq!(report.job.unwrap().as_str(), "2bf2dda7-2aa4-4345-b6a8-8070d6ceec39");
}

#[test]
fn a_job_that_stays_in_process_past_the_timeout_is_in_process() {
    let service =
        Service::start(Settings { questions_before_verdict: u32::MAX, ..Settings::default() }).unwrap();
    let bench = Bench::new(&service.base_url());
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.http_status), (State::Processing, Some(202)), "{report:?}");
    assert_eq!(bench.clock.slept(), Duration::from_secs(900));
}
