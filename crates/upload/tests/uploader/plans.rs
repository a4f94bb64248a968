//! Pulling the items of a plan: pages, addresses, and everything that keeps a plan from being whole.

use metricsheet_local_service::{Act, Canned, End, Line, Point, Service, Settings, Which};
use metricsheet_upload::{ApiKey, Client, Place, PlanError, RetryPolicy, pull_plan};

use crate::bench::{TestClock, options, run, service};

/// An item with a number that no binary floating point holds, and a field nobody knows.
fn item(number: usize) -> String {
    format!(r#"{{"sequenceId":{number},"target":0.10000000000000000001,"x":{{"y":[null]}}}}"#)
}

fn page(items: &[String], total: usize) -> Canned {
    Canned::new(200, &format!(r#"{{"items":[{}],"totalCount":{total}}}"#, items.join(",")))
}

/// The texts of the items, the counts that were told, and the pauses that were made.
type Pulled = (Result<Vec<String>, PlanError>, Vec<(usize, usize)>, TestClock);

fn pull(base_url: &str, plan: &str) -> Pulled {
    let client =
        Client::new(Place::parse(base_url).unwrap(), ApiKey::new("local-key").unwrap(), options()).unwrap();
    let clock = TestClock::default();
    let mut told = Vec::new();
    let items =
        run(pull_plan(&client, &clock, &RetryPolicy::default(), plan, |came, of| told.push((came, of))));
    let texts = items.map(|items| items.into_iter().map(|item| item.get().to_owned()).collect());
    (texts, told, clock)
}

#[test]
fn all_pages_are_pulled_and_every_item_is_kept_to_the_letter() {
    let items: Vec<String> = (0..3200).map(item).collect();
    let plans = [("plan 1".to_owned(), items.clone()), ("none".to_owned(), Vec::new())].into();
    let service = Service::start(Settings { plans, ..Settings::default() }).unwrap();
    let (pulled, told, _) = pull(&service.base_url(), "plan 1");
    assert_eq!(pulled.unwrap(), items);
    assert_eq!(told, [(1500, 3200), (3000, 3200), (3200, 3200)]);
    let query = |skip| format!("skip={skip}&take=1500&sortKey=sequenceId&sortDirection=asc");
    let asked: Vec<String> = service.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(asked, [0, 1500, 3000].map(|skip| format!("/exports/plans/plan%201?{}", query(skip))));

    let (pulled, told, _) = pull(&service.base_url(), "none");
    assert_eq!((pulled.unwrap().len(), told), (0, vec![(0, 0)]));
}

#[test]
fn the_earlier_address_is_asked_where_the_newer_one_is_unknown() {
    let service = service();
    service.answer_next(Which::Questions, Canned::new(404, ""));
    service.answer_next(Which::Questions, page(&[item(0)], 2));
    service.answer_next(Which::Questions, page(&[item(1)], 2));
    let (pulled, ..) = pull(&service.base_url(), "p");
    assert_eq!(pulled.unwrap(), [item(0), item(1)]);
    let paths: Vec<String> =
        service.seen().iter().map(|seen| seen.path.split('&').next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["/exports/plans/p?skip=0", "/plans/p/items?skip=0", "/plans/p/items?skip=1"]);
}

#[test]
fn what_is_not_the_whole_plan_is_an_error() {
    let items = [item(0), item(1)];
    let cases = [
        (vec![Canned::new(403, "not yours")], "refused the key (403, it says `not yours`)"),
        (vec![Canned::new(401, "")], "refused the key (401)"),
        (vec![Canned::new(404, ""), Canned::new(404, "")], "knows no plan `p`"),
        (vec![Canned::new(400, "")], "did not give the plan (400)"),
        (vec![Canned::new(204, "")], "did not give the plan (204)"),
        (vec![Canned::new(200, "<html>")], "no page of plan items"),
        (vec![Canned::new(200, "{}")], "missing field `items`"),
        (vec![page(&items, 3), page(&[], 3)], "changed while it was read (2 items came, 3 were announced)"),
        (vec![page(&items, 3), page(&items, 4)], "changed while it was read"),
        (vec![page(&items, 1)], "changed while it was read (2 items came, 1 were announced)"),
    ];
    for (answers, says) in cases {
        let service = service();
        for answer in answers {
            service.answer_next(Which::Questions, answer);
        }
        let (pulled, ..) = pull(&service.base_url(), "p");
        let error = pulled.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    for plan in ["", ".", ".."] {
        let (pulled, ..) = pull("http://127.0.0.1:9", plan);
        assert!(matches!(pulled, Err(PlanError::NotAPlanId(_))), "{plan:?}");
    }
}

#[test]
fn questions_for_a_plan_are_tried_again() {
    let plans = [("p".to_owned(), vec![item(0)])].into();
    let service = Service::start(Settings { plans, ..Settings::default() }).unwrap();
    service.answer_next(Which::Questions, Canned::new(429, "").with("retry-after", "7"));
    service.answer_next(Which::Questions, Canned::new(502, ""));
    let line = Line::to(
        &service,
        vec![Act::Break(Point::Forwarded, End::Close), Act::Break(Point::HalfAnswer, End::Close)],
    )
    .unwrap();
    let (pulled, _, clock) = pull(&line.base_url(), "p");
    assert_eq!(pulled.unwrap(), [item(0)]);
    assert!(clock.pauses().len() >= 2, "{:?}", clock.pauses());

    for _ in 0..5 {
        service.answer_next(Which::Questions, Canned::new(503, ""));
    }
    let (pulled, _, clock) = pull(&service.base_url(), "p");
    assert!(pulled.unwrap_err().to_string().contains("(503)"));
    assert_eq!(clock.pauses().len(), 4);
}
