//! A file's way to its verdict when nothing goes wrong, and when the service says no.

use metricsheet_local_service::{IdForm, Service, Settings};
use metricsheet_upload::{Format, JobId, Parcel, Shipment, State, Updates, Wait};

use crate::bench::{BAD, Bench, GOOD, options, patience, run, service, shipment};

#[test]
fn a_file_is_submitted_with_key_name_and_bytes_and_followed_to_its_verdict() {
    for id_form in [IdForm::Bare, IdForm::Quoted, IdForm::Object, IdForm::Nested] {
        let service =
            Service::start(Settings { id_form, questions_before_verdict: 3, ..Settings::default() }).unwrap();
        let bench = Bench::new(&service.base_url());
        let parcel = Parcel::new(Updates::Metric, Format::Csv, "Q1 50%.csv", GOOD).unwrap();
        let report =
            run(bench.uploader.deliver(&Shipment { parcel, ..shipment(GOOD) }, &patience())).unwrap();
        assert_eq!(report.state, State::Processed, "{id_form:?}: {report:?}");
        assert_eq!((report.http_status, report.attempts), (Some(200), 1));

        let seen = service.seen();
        assert_eq!(seen[0].method, "POST");
        assert_eq!(seen[0].path, "/api/metricupdates/Q1%2050%25.csv");
        assert_eq!(seen[0].header("authorization"), Some("API-KEY local-key"));
        assert_eq!(seen[0].header("content-length"), Some(GOOD.len().to_string().as_str()));
        assert_eq!(seen[0].header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(seen[0].header("user-agent"), Some(concat!("metricsheet/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(seen[0].body, GOOD.as_bytes());
        let job = report.job.unwrap();
        for question in &seen[1..] {
            assert_eq!(question.method, "GET");
            assert_eq!(question.path, format!("/api/metricupdates/status/{job}"));
            assert_eq!(question.header("authorization"), Some("API-KEY local-key"));
        }
        // Three times 202, then the verdict; the service may need longer, never less.
        assert!(seen.len() >= 5, "{}", seen.len());
    }
}

#[test]
fn progress_updates_have_an_address_of_their_own() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    let file = "KPI-1,On Track,,03/31/2024\n";
    let parcel = Parcel::new(Updates::Progress, Format::Csv, "p.csv", file).unwrap();
    let report = run(bench.uploader.deliver(&Shipment { parcel, ..shipment(file) }, &patience())).unwrap();
    assert_eq!(report.state, State::Processed, "{report:?}");
    assert_eq!(service.seen()[0].path, "/api/progressupdates/p.csv");
}

#[test]
fn a_refused_file_brings_the_service_s_words() {
    let service = service();
    let report = Bench::new(&service.base_url()).deliver(BAD);
    assert_eq!((report.state, report.http_status), (State::Failed, Some(400)), "{report:?}");
    assert!(report.message.contains("`Row 2: '20%' is not a number`"), "{}", report.message);
}

#[test]
fn a_refused_key_is_told_apart_and_not_repeated() {
    let service = service();
    let bench = Bench::with(&service.base_url(), "wr0ng-key", options(), None);
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.http_status), (State::NotSent, Some(401)));
    assert!(report.key_refused());
    // The service echoes the header; the key in it must not come through.
    assert!(report.message.contains("API-KEY ***"), "{}", report.message);
    assert!(!format!("{report:?}{:?}", bench.uploader).contains("wr0ng"));
    let journal = std::fs::read(bench.journal.path()).unwrap();
    assert!(journal.windows(3).any(|bytes| bytes == b"***"), "the message stands in the journal");
    assert!(!journal.windows(9).any(|bytes| bytes == b"wr0ng-key"));
}

#[test]
fn waiting_ends_when_the_time_is_up_and_can_be_taken_up_again() {
    let service =
        Service::start(Settings { questions_before_verdict: u32::MAX, ..Settings::default() }).unwrap();
    let bench = Bench::new(&service.base_url());
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.http_status), (State::Processing, Some(202)));
    assert!(report.message.contains("metricsheet status"), "{}", report.message);
    // 0.2 s doubling to 30 s: 51 s for the first eight pauses, then half minutes, then the rest.
    assert_eq!(bench.clock.slept().as_secs(), 900);
    assert_eq!(service.seen().len(), 1 + 38);

    let job = report.job.unwrap();
    let look = run(bench.uploader.look(None, Updates::Metric, &job, State::Queued));
    assert_eq!(look.state, State::Processing);
    let other = run(bench.uploader.look(None, Updates::Progress, &job, State::Queued));
    assert_eq!((other.state, other.http_status), (State::Unknown, Some(404)));
}

#[test]
fn without_waiting_nothing_is_asked() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    let report = run(bench.uploader.deliver(&shipment(GOOD), &Wait::No)).unwrap();
    assert_eq!((report.state, report.http_status), (State::Queued, Some(200)));
    assert!(report.job.is_some());
    assert_eq!(service.seen().len(), 1);
}

#[test]
fn a_job_that_the_service_never_knew_is_given_up_after_a_few_questions() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    let job = JobId::parse("2bf2dda7-2aa4-4345-b6a8-8070d6ceec39").unwrap();
    let report = run(bench.uploader.follow(None, Updates::Metric, &job, State::Queued, &patience()));
    assert_eq!((report.state, report.http_status), (State::Unknown, Some(404)));
    assert_eq!(service.seen().len(), 4);
}
