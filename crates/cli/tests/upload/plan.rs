//! Plans pulled and shown.

use metricsheet_local_service::{Canned, Service, Settings, Which};

use crate::desk::Desk;

fn service() -> Service {
    let items = [
        r#"{"sequenceId":1,"externalId":"KPI-1","name":"Share of green power","unit":"%","target":0.10000000000000000001}"#,
        r#"{"sequenceId":2,"externalId":"KPI-2","name":"Heads","metric":{"unit":"Number"}}"#,
        r#"{"sequenceId":3,"name":"A heading"}"#,
    ];
    let plans = [("p1".to_owned(), items.map(str::to_owned).to_vec())].into();
    Service::start(Settings { plans, ..Settings::default() }).unwrap()
}

#[test]
fn a_plan_is_pulled_whole_and_shown() {
    let service = service();
    let desk = Desk::new(&service.base_url(), &[]);
    let pulled = desk.run(&["plan", "pull", "p1", "-o", "p1.json"]);
    assert_eq!((pulled.status, pulled.stdout.as_str()), (Some(0), ""), "{pulled:?}");
    assert_eq!(pulled.stderr, "3 items, 2 with an External ID, 2 with a unit\n");
    let text = desk.read("p1.json");
    assert!(text.contains(r#""target":0.10000000000000000001"#), "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["version"], &value["plan"]), (&1.into(), &"p1".into()));
    assert_eq!(value["items"].as_array().unwrap().len(), 3);

    let shown = desk.run_alone(&["plan", "show", "p1.json"]);
    assert_eq!(
        shown.stdout,
        "KPI-1  %  Share of green power\nKPI-2  #  Heads\n(no External ID)  (no unit)  A heading\n"
    );
    assert!(
        shown.stderr.starts_with(&format!("plan `p1` of {}, pulled 20", service.base_url())),
        "{shown:?}"
    );
    let json = desk.run_alone(&["plan", "show", "p1.json", "--output-format", "json"]);
    assert_eq!(
        json.stdout.lines().next(),
        Some(r#"{"external_id":"KPI-1","unit":"%","name":"Share of green power"}"#)
    );

    let again = desk.run(&["plan", "pull", "p1", "-o", "p1.json"]);
    assert_eq!(again.status, Some(2));
    assert!(again.stderr.contains("`p1.json` exists; `--force` replaces it"), "{again:?}");
    assert_eq!(desk.run(&["plan", "pull", "p1", "-o", "p1.json", "--force"]).status, Some(0));
    let piped = desk.run(&["plan", "pull", "p1", "-o", "-"]);
    assert!(piped.stdout.starts_with("{\"version\": 1,\n"), "{piped:?}");
}

#[test]
fn what_keeps_a_plan_from_being_pulled_has_its_exit_status_and_leaves_no_file() {
    let cases = [
        ("p2", Vec::new(), 3, "refused the key (403, it says `the key may not see this plan`)"),
        ("p1", vec![Canned::new(404, ""), Canned::new(404, "")], 2, "knows no plan `p1`"),
        ("p1", vec![Canned::new(429, "").with("retry-after", "9999")], 4, "did not give the plan (429)"),
        ("p1", vec![Canned::new(200, "[]")], 2, "no page of plan items"),
        ("..", Vec::new(), 2, "`..` is no plan ID"),
    ];
    for (plan, answers, status, says) in cases {
        let service = service();
        for answer in answers {
            service.answer_next(Which::Questions, answer);
        }
        let desk = Desk::new(&service.base_url(), &[]);
        let run = desk.run(&["plan", "pull", plan]);
        assert_eq!(run.status, Some(status), "{run:?}");
        assert!(run.stderr.contains(says), "{run:?}");
        assert!(!desk.path().join("plan.json").exists());
    }
    let desk = Desk::new("http://127.0.0.1:9", &[("not-a-plan.json", "{}")]);
    let run = desk.run_alone(&["plan", "show", "not-a-plan.json"]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("cannot use `not-a-plan.json`: it is no plan file"), "{run:?}");
}
