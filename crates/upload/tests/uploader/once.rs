//! The same content goes to the same place once, whoever sends it and however often.

use metricsheet_local_service::{Canned, Service, Settings, Which};
use metricsheet_upload::{Format, Parcel, Resubmit, Shipment, State, Updates, Wait};

use crate::bench::{BAD, Bench, GOOD, patience, run, service, shipment};

#[test]
fn sent_content_is_reported_and_not_sent_again() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    for (text, state) in [(GOOD, State::Processed), (BAD, State::Failed)] {
        let first = bench.deliver(text);
        let sent = service.submissions().len();
        let again = bench.deliver(text);
        assert_eq!((first.state, again.state), (state, state));
        assert_eq!((again.attempts, &again.job), (0, &first.job));
        assert!(
            again.message.contains("not sent again: the same content went as `a.csv` on 2023-11-14"),
            "{}",
            again.message
        );
        assert_eq!(service.submissions().len(), sent);
    }
    // Another name makes no other content.
    let parcel = Parcel::new(Updates::Metric, Format::Csv, "b.csv", GOOD).unwrap();
    let renamed = run(bench.uploader.deliver(&Shipment { parcel, ..shipment(GOOD) }, &patience())).unwrap();
    assert_eq!((renamed.state, renamed.attempts), (State::Processed, 0));
    assert_eq!(service.submissions().len(), 2);

    let wanted = Shipment { resubmit: Resubmit::Yes, ..shipment(GOOD) };
    let resubmitted = run(bench.uploader.deliver(&wanted, &patience())).unwrap();
    assert_eq!((resubmitted.state, resubmitted.attempts), (State::Processed, 1));
    assert_eq!(service.submissions().len(), 3);
}

#[test]
fn an_open_job_is_followed_and_not_sent_again() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    let first = run(bench.uploader.deliver(&shipment(GOOD), &Wait::No)).unwrap();
    assert_eq!(first.state, State::Queued);
    let again = bench.deliver(GOOD);
    assert_eq!((again.state, again.job), (State::Processed, first.job));
    assert_eq!(service.submissions().len(), 1);
}

#[test]
fn what_the_service_did_not_take_may_go_again() {
    let service = service();
    service.answer_next(Which::Submissions, Canned::new(401, ""));
    let bench = Bench::new(&service.base_url());
    assert_eq!(bench.deliver(GOOD).state, State::NotSent);
    assert_eq!(bench.deliver(GOOD).state, State::Processed);
}

#[test]
fn what_may_have_arrived_does_not_go_again_by_itself() {
    let service = service();
    service.answer_next(Which::Submissions, Canned::new(504, ""));
    let bench = Bench::new(&service.base_url());
    assert_eq!(bench.deliver(GOOD).state, State::Unknown);
    let again = bench.deliver(GOOD);
    assert_eq!((again.state, again.attempts), (State::Unknown, 0));
    assert!(again.message.contains("send it with `--resubmit`"), "{}", again.message);
    assert_eq!(service.submissions().len(), 1);
}

#[test]
fn of_many_uploaders_of_one_file_one_sends_it() {
    let service = Service::start(Settings { questions_before_verdict: 0, ..Settings::default() }).unwrap();
    let bench = Bench::new(&service.base_url());
    let reports = run(async {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let uploader = bench.uploader.clone();
                tokio::spawn(async move { uploader.deliver(&shipment(GOOD), &patience()).await.unwrap() })
            })
            .collect();
        let mut reports = Vec::new();
        for task in tasks {
            reports.push(task.await.unwrap());
        }
        reports
    });
    assert_eq!(service.submissions().len(), 1, "{reports:?}");
    assert_eq!(reports.iter().filter(|report| report.attempts == 1).count(), 1, "{reports:?}");
    // Whoever comes while it is being sent cannot know its fate; nobody reports a failure.
    assert!(
        reports.iter().all(|report| matches!(report.state, State::Processed | State::Unknown)),
        "{reports:?}"
    );
}
