//! A wish to stop ends waiting, loses nothing, and leaves the rest unsent; a limited pace is kept.

use std::sync::Arc;
use std::time::Duration;

use metricsheet_local_service::{Canned, Service, Settings, Which};
use metricsheet_upload::{State, Step};

use crate::bench::{Bench, GOOD, options, patience, run, service, shipment};

type Moment = fn(&Step) -> bool;

#[test]
fn stopping_ends_waiting_at_any_step_and_the_journal_knows() {
    let stuck =
        || Service::start(Settings { questions_before_verdict: u32::MAX, ..Settings::default() }).unwrap();
    let cases: [(Moment, State, &str, usize); 4] = [
        (|step| matches!(step, Step::Pausing(..)), State::NotSent, "stopped; the service failed to queue", 1),
        (
            |step| matches!(step, Step::Answered(200)),
            State::Processing,
            "stopped waiting; ask for it later",
            2,
        ),
        (|step| matches!(step, Step::Queued(_)), State::Processing, "stopped waiting; ask for it later", 2),
        (|step| matches!(step, Step::Asked(_)), State::Processing, "stopped waiting; ask for it later", 2),
    ];
    for (moment, state, says, submissions) in cases {
        let service = stuck();
        service.answer_next(Which::Submissions, Canned::new(500, ""));
        let bench = Bench::new(&service.base_url());
        let stop = bench.stop.clone();
        let uploader = bench.uploader.watched(Arc::new(move |step| {
            if moment(step) {
                stop.request();
            }
        }));
        let report = run(uploader.deliver(&shipment(GOOD), &patience())).unwrap();
        assert_eq!(report.state, state, "{report:?}");
        assert!(report.message.contains(says), "{}", report.message);
        assert_eq!(service.submissions().len(), submissions);
        let entry = bench.journal.entries(metricsheet_upload::Which::All).unwrap().pop().unwrap();
        assert_eq!((entry.report.state, entry.report.job), (state, report.job));

        // Nothing starts after that, and nothing new is recorded.
        let next = run(uploader.deliver(&shipment("KPI-2,1,03/31/2024\n"), &patience())).unwrap();
        assert_eq!((next.state, next.attempts), (State::NotSent, 0));
        assert_eq!(bench.journal.entries(metricsheet_upload::Which::All).unwrap().len(), 1);
    }
}

#[test]
fn a_limited_pace_counts_every_request() {
    let service = service();
    let bench = Bench::with(&service.base_url(), "local-key", options(), Some(6));
    assert_eq!(bench.deliver(GOOD).state, State::Processed);
    let requests = u32::try_from(service.seen().len()).unwrap();
    assert!(requests >= 3);
    // Six a minute: ten seconds from one to the next, the pauses of polling included.
    assert_eq!(bench.clock.slept(), Duration::from_secs(10) * (requests - 1));
}
