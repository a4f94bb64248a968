//! Redirects: followed with method and body kept, never to where the key must not go.

use metricsheet_local_service::{Canned, Which};
use metricsheet_upload::State;

use crate::bench::{Bench, GOOD, service};

#[test]
fn method_body_and_key_are_kept_on_the_way() {
    for status in [301, 302, 303, 307, 308] {
        let service = service();
        let moved = |to: &str| Canned::new(status, "moved").with("location", to);
        service.answer_next(Which::Submissions, moved("/api/metricupdates/b.csv"));
        let absolute = format!("{}/api/metricupdates/c.csv?x=1", service.base_url());
        service.answer_next(Which::Submissions, moved(&absolute));
        let bench = Bench::new(&service.base_url());
        let report = bench.deliver(GOOD);
        assert_eq!((report.state, report.attempts), (State::Processed, 1), "{status}: {report:?}");
        let submissions = service.submissions();
        let paths: Vec<&str> = submissions.iter().map(|seen| seen.path.as_str()).collect();
        assert_eq!(
            paths,
            ["/api/metricupdates/a.csv", "/api/metricupdates/b.csv", "/api/metricupdates/c.csv?x=1"]
        );
        for seen in &submissions {
            assert_eq!((seen.method.as_str(), seen.body.as_slice()), ("POST", GOOD.as_bytes()), "{status}");
            assert_eq!(seen.header("authorization"), Some("API-KEY local-key"));
        }
    }
}

#[test]
fn questions_follow_redirects_too() {
    let service = service();
    let bench = Bench::new(&service.base_url());
    let elsewhere = Canned::new(307, "").with("location", "/api/metricupdates/status/none");
    service.answer_next(Which::Questions, elsewhere);
    let report = bench.deliver(GOOD);
    assert_eq!(report.state, State::Processed, "{report:?}");
    assert_eq!(service.seen()[2].path, "/api/metricupdates/status/none");
}

#[test]
fn another_server_never_sees_the_key() {
    let (home, other) = (service(), service());
    let elsewhere =
        |path: &str| Canned::new(307, "").with("location", &format!("{}{path}", other.base_url()));
    let bench = Bench::new(&home.base_url());

    home.answer_next(Which::Submissions, elsewhere("/api/metricupdates/a.csv"));
    let report = bench.deliver(GOOD);
    assert_eq!((report.state, report.attempts), (State::NotSent, 1), "{report:?}");
    assert!(report.message.contains("the key goes to no other host"), "{}", report.message);

    home.answer_next(Which::Questions, elsewhere("/api/metricupdates/status/1"));
    let report = bench.deliver(GOOD);
    assert_eq!(report.state, State::Queued, "{report:?}");
    assert!(report.message.contains("the key goes to no other host"), "{}", report.message);

    // The same machine by another name is another host.
    let renamed = home.base_url().replace("127.0.0.1", "localhost");
    home.answer_next(Which::Submissions, Canned::new(308, "").with("location", &renamed));
    assert_eq!(bench.deliver("KPI-2,1,03/31/2024\n").state, State::NotSent);

    assert_eq!(other.seen(), [], "not even a connection");
    assert_eq!(home.submissions().len(), 3);
}

#[test]
fn loops_end_after_five_redirects() {
    let service = service();
    for _ in 0..9 {
        let again = Canned::new(307, "").with("location", "/api/metricupdates/a.csv");
        service.answer_next(Which::Submissions, again);
    }
    let report = Bench::new(&service.base_url()).deliver(GOOD);
    assert_eq!((report.state, report.attempts), (State::NotSent, 1), "{report:?}");
    assert!(report.message.contains("redirects in circles"), "{}", report.message);
    assert_eq!(service.submissions().len(), 1 + 5);
}

#[test]
fn a_redirect_without_an_address_is_no_redirect() {
    let service = service();
    service.answer_next(Which::Submissions, Canned::new(302, ""));
    let report = Bench::new(&service.base_url()).deliver(GOOD);
    assert_eq!((report.state, report.http_status), (State::NotSent, Some(302)), "{report:?}");
}
