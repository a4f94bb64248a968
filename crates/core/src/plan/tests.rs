//! Which IDs are near, and what items of one ID may say.

use proptest::prelude::*;

use super::near::normal_form;
use super::*;

fn plan(ids: &[&str]) -> Plan {
    let mut plan = Plan::default();
    for id in ids {
        plan.add(item(id, None, None)).unwrap();
    }
    plan
}

fn item(id: &str, unit: Option<Unit>, maximum: Option<&str>) -> Item {
    let maximum = maximum.map(|maximum| Decimal::from_plain(maximum).unwrap());
    Item { id: id.to_owned(), unit, minimum: None, maximum }
}

#[test]
fn normal_forms_keep_numbers_apart() {
    for (id, form) in [
        ("KPI-001", "kpi1"),
        ("kpi 1", "kpi1"),
        ("KPI-1.1", "kpi1 1"),
        ("KPI-11", "kpi11"),
        ("0", "0"),
        ("000", "0"),
        ("00-7", "0 7"),
        ("100", "100"),
        ("A0B", "a0b"),
        ("1.0.10", "1 0 10"),
        ("Größe_7", "größe7"),
        ("--", ""),
    ] {
        assert_eq!(normal_form(id), form, "{id}");
    }
}

#[test]
fn near_ids_are_found() {
    let plan =
        plan(&["KPI-1", "KPI-2", "KPI-12", "Revenue.North", "Revenue.South", "00123", "AB", "X Y", "X-Y"]);
    for (id, nearest) in [
        ("kpi 01", Nearest::One("KPI-1")),
        ("revenue north", Nearest::One("Revenue.North")),
        ("Revenue.Nroth", Nearest::One("Revenue.North")),
        ("Revenue.Norht", Nearest::One("Revenue.North")),
        ("Revnue.South", Nearest::One("Revenue.South")),
        ("Revenuue.South", Nearest::One("Revenue.South")),
        ("Revenue.Sauth", Nearest::One("Revenue.South")),
        ("123", Nearest::One("00123")),
        ("KPA-1", Nearest::One("KPI-1")),
        ("KPI-9", Nearest::Several(vec!["KPI-1", "KPI-2"])),
        ("KPI-121", Nearest::OtherNumber("KPI-12")),
        ("xy", Nearest::Several(vec!["X Y", "X-Y"])),
        ("AC", Nearest::None),
        ("Revenue.Nrth.", Nearest::One("Revenue.North")),
        ("Revenue.Nrthx", Nearest::None),
        ("?!", Nearest::None),
        (&"x".repeat(100_000), Nearest::None),
    ] {
        assert_eq!(plan.nearest(id), nearest, "{id:.40}");
    }
}

#[test]
fn items_of_one_id_complete_each_other_or_contradict() {
    let mut plan = Plan::default();
    assert_eq!(plan.add(item(" A, 1 ", Some(Unit::Percent), None)), Ok(true));
    assert_eq!(plan.add(item("A 1", None, Some("2"))), Ok(true));
    assert_eq!(plan.add(item("n/a", None, None)), Ok(false));
    assert_eq!(plan.items(), [item("A 1", Some(Unit::Percent), Some("2"))]);
    assert_eq!(plan.percentage("A 1"), Some(Decimal::from_plain("2").as_ref()));
    let error = plan.add(item("A 1", Some(Unit::Dollars), None)).unwrap_err();
    assert_eq!(error.to_string(), "the ID `A 1` has the unit `%` and the unit `$`; decide on one");
    let error = plan.add(item("A 1", None, Some("3"))).unwrap_err();
    assert_eq!(error.to_string(), "the ID `A 1` has the maximum `2` and the maximum `3`; decide on one");
}

#[test]
fn what_was_updated_is_remembered() {
    let plan = plan(&["A", "B", "C"]);
    let (mut updated, mut more) = (Updated::default(), Updated::default());
    updated.add(plan.find("A").unwrap());
    more.add(plan.find("C").unwrap());
    updated.add_all(&more);
    assert_eq!(plan.not_updated(&updated).collect::<Vec<_>>(), ["B"]);
}

#[test]
fn many_unknown_ids_and_many_known_ones_are_compared_in_time() {
    let ids: Vec<String> = (0..20_000).map(|number| format!("region-{number}-revenue")).collect();
    let plan = plan(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let start = std::time::Instant::now();
    let found =
        (0..20_000).filter(|number| plan.nearest(&format!("region-{number}-revenues")) != Nearest::None);
    assert_eq!(found.count(), 20_000);
    // Each with each would be four hundred million comparisons.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn near_is_what_the_distance_of_normal_forms_says(known in "[a-c01 .-]{1,6}", unknown in "[a-c01 .-]{1,6}") {
        let (one, two) = (normal_form(&known), normal_form(&unknown));
        prop_assume!(known_form(&known).as_deref() == Some(known.as_str()));
        let lengths = [one.chars().count(), two.chars().count()];
        let is_near = one == two || (lengths.iter().all(|length| *length >= 3) && strsim::osa_distance(&one, &two) <= 1);
        let expected = !two.is_empty() && is_near;
        prop_assert_eq!(plan(&[&known]).nearest(&unknown) != Nearest::None, expected);
    }

    #[test]
    fn no_text_is_too_odd(known in any::<String>(), unknown in any::<String>()) {
        let mut plan = Plan::default();
        plan.add(item(&known, None, None)).unwrap();
        let _ = plan.nearest(&unknown);
    }
}
