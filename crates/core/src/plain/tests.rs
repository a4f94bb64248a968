//! What a scanner accepts, the reader finds valid, and makes the same of it.

use proptest::prelude::*;

use super::{LastId, PlainCells, PlainLines};
use crate::finding::Applicability;
use crate::footprint::{Day, Footprint, Hints, IdPrint};
use crate::settings::Settings;
use crate::template::Template;
use crate::validator::{Cell, CellKind};
use crate::value::date::OrderEvidence;
use crate::value::number::NumberSettings;
use crate::value::{combined_applicability, comment, date, id, number, status};

fn settings() -> impl Strategy<Value = Settings> {
    prop::sample::select(vec![
        "",
        "percent=*",
        "percent=K*=50",
        "decimal=comma",
        "date-order=dmy",
        "date-order=ymd",
        "date-format=iso",
        "plausible-years=2000-2030",
        "latest-date=2024-06-30",
        "statuses=Open,Pending,  x,On Track",
    ])
    .prop_map(|setting| {
        let mut settings = Settings::default();
        if let Some((key, value)) = setting.split_once('=') {
            settings.set(key, value).unwrap();
        }
        settings
    })
}

/// Texts near the border between plain and not.
fn text() -> impl Strategy<Value = String> {
    let words = vec![
        "KPI",
        "kpi",
        "K",
        "M",
        "Q",
        "FY",
        "W",
        "T",
        "Z",
        "jan",
        "MAR",
        "sept",
        "mon",
        "week",
        "external",
        "ext",
        "ERR",
        "n/a",
        "null",
        "x",
        "tbd",
        "E",
        "e+11",
        "1.2",
        "0",
        "00",
        "-0",
        "1",
        "5",
        "12",
        "2024",
        "24",
        "03/31/2024",
        "04/03/2024",
        "02/29/2023",
        "2024-03-31",
        "1949",
        "-",
        "--",
        "/",
        ".",
        ",",
        " ",
        "  ",
        "#",
        "#REF!",
        ":",
        "\"",
        "%",
        "=",
        "+",
        "@",
        "a",
        "am",
        "pm",
        "é",
        "\u{200b}",
        "\t",
        "\n",
        "On Track",
        "on track",
        "Pending",
        "Open",
        "123456789012345",
        "1234567890123456",
        "0.1234567890123",
        "999.995",
        ".5",
        "5.",
    ];
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(words), 0..5).prop_map(|words| words.concat()),
        1 => "[ -~]{0,14}",
        1 => "[0-9./-]{0,12}",
        1 => any::<String>(),
    ]
}

fn whole<T>(scanned: Option<T>, length: impl Fn(&T) -> usize, text: &str) -> Option<T> {
    scanned.filter(|scanned| length(scanned) == text.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_plain_is_valid_and_reads_the_same(text in text(), settings in settings()) {
        let cells = PlainCells::new(&settings);
        let bytes = text.as_bytes();
        if let Some(scanned) = whole(cells.id(bytes), |scanned| scanned.length, &text) {
            let reading = id::read(&text);
            prop_assert!(reading.deviations.is_empty(), "{:?}", reading);
            prop_assert_eq!(&reading.value.unwrap().written, &text);
            prop_assert_eq!(scanned.print, IdPrint::of(&text));
            prop_assert_eq!(scanned.is_all_digits, text.bytes().all(|byte| byte.is_ascii_digit()));
        }
        if let Some(scanned) = whole(cells.number(bytes, b"KPI"), |scanned| scanned.length, &text) {
            let percent_maximum = settings.percent.maximum("KPI");
            let numbers = NumberSettings { decimal: settings.decimal, percent_maximum, may_be_empty: false };
            let reading = number::read(&text, &numbers);
            prop_assert!(reading.deviations.is_empty(), "{:?}", reading);
            let size = reading.value.unwrap().unwrap().decimal.approximate().abs();
            prop_assert_eq!(scanned.size.to_bits(), size.to_bits());
        }
        if let Some(scanned) = whole(cells.date(bytes), |scanned| scanned.length, &text) {
            let reading = date::read(&text, &settings);
            prop_assert!(reading.deviations.is_empty(), "{:?}", reading);
            let date = reading.value.unwrap();
            prop_assert_eq!(scanned.day, Day::of(date.day));
            prop_assert_eq!(scanned.is_ambiguous, matches!(date.order, OrderEvidence::Either(_)));
        }
        if whole(cells.comment(bytes), |length| *length, &text).is_some() {
            prop_assert!(comment::read(&text).deviations.is_empty());
        }
        if whole(cells.status(bytes), |length| *length, &text).is_some() {
            prop_assert!(status::read(&text, &settings.statuses).deviations.is_empty());
        }
    }
}

/// Cells of one kind, as they are, with a slip and with more.
fn cell(usual: &'static [&'static str]) -> impl Strategy<Value = String> {
    let usual = || prop::sample::select(usual);
    let marks =
        || prop::sample::select(vec!["", "", " ", "  ", "\t", "$", "-", "%", "$ ", " %", "\u{a0}", "€"]);
    let slip = prop::sample::select(vec![("", "%"), ("$", ""), (" ", ""), ("", " "), ("  ", " ")]);
    prop_oneof![
        8 => usual().prop_map(str::to_owned),
        3 => (slip, usual()).prop_map(|((before, behind), text)| [before, text, behind].concat()),
        2 => (marks(), usual(), marks()).prop_map(|(before, text, behind)| [before, text, behind].concat()),
        1 => text(),
    ]
}

fn line() -> impl Strategy<Value = [String; 4]> {
    let numbers = &[
        "0",
        "5",
        "-5",
        "-0.5",
        "-0",
        "00",
        "57",
        "0.5",
        ".5",
        "5.",
        "100",
        "31.59",
        "0.10",
        "123456789012345",
        "1234567890123456",
        "0.1234567890123",
        "007",
        "1e5",
    ];
    let dates = &[
        "03/31/2024",
        "2024-03-31",
        "2024-4-3",
        "4/3/2024",
        "04/3/2024",
        "12/1/2024",
        "13/1/2024",
        "2/30/2024",
        "1/1/1820",
        "2031-01-01",
        "2023-02-29",
        "1/5/24",
        "3-31-2024",
        "20240331",
    ];
    (cell(&["KPI-1", "K", "kpi 7", "00123"]), cell(numbers), cell(dates), cell(&["", "all well"]))
        .prop_map(Into::into)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What slips are found is what the readers find, and rewriting them leaves a plain row with the same footprint but
    /// for the percentage.
    #[test]
    fn slips_are_what_the_readers_find(
        texts in line(), settings in settings(), delimiter in prop_oneof![2 => Just(','), 1 => prop::sample::select(vec![';', '\t', '|', '-', ' ', '.'])],
    ) {
        let columns = Template::metric_updates().columns;
        let lines = PlainLines::new(PlainCells::new(&settings), columns.clone())
            .divided_by(u8::try_from(delimiter).unwrap());
        let mut slips = Vec::new();
        let line = texts.join(delimiter.encode_utf8(&mut [0; 4]));
        let texts: Vec<&str> = line.split(delimiter).collect();
        let is_plain = |text: &&str| !text.contains([',', '"', '\r', '\n']);
        let scanned = lines.scan_slipped(line.as_bytes(), &mut LastId::default(), &mut slips);
        if let Some(scanned) = scanned.filter(|scanned| scanned.length == line.len()) {
            prop_assert!(texts.iter().all(is_plain));
            let cells: Vec<_> = texts.iter().map(|text| Cell::text(text)).collect();
            let settled = lines.cells().settled_row(&columns, &cells).unwrap();
            prop_assert_eq!(&scanned.row, &settled.row);
            let found = slips.iter().map(|slip| (vec![slip.rule.code], Some(&slip.text), Some(Applicability::Safe)));
            let expected = settled.deviating.iter().map(|cell| {
                let codes = cell.deviations.iter().map(|deviation| deviation.rule.code).collect();
                (codes, cell.rewrite.as_ref(), combined_applicability(&cell.deviations))
            });
            prop_assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
            let mut mended = String::new();
            let mut at = 0;
            for slip in &slips {
                mended += &line[at..slip.range.start];
                mended += &slip.text;
                at = slip.range.end;
            }
            mended += &line[at..];
            // What was mended may hold what divides the fields of another dialect.
            if slips.iter().all(|slip| !slip.text.contains(delimiter)) {
                let plain = lines.scan(mended.as_bytes(), &mut LastId::default());
                prop_assert_eq!(plain.map(|plain| plain.length), Some(mended.len()));
            }
        } else if lines.scan(line.as_bytes(), &mut LastId::default()).is_some_and(|plain| plain.length == line.len()) {
            prop_assert!(false, "a plain row is one with no slips: {}", line);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// However cells came about: a row of plain ones is what becomes of it where each is read.
    #[test]
    fn a_row_of_plain_cells_is_settled_and_valid(
        texts in line(),
        kinds in prop::array::uniform4(prop::sample::select(vec![
            CellKind::Text, CellKind::Text, CellKind::Number, CellKind::Percent, CellKind::Date, CellKind::Missing,
        ])),
        settings in settings(),
    ) {
        let columns = Template::metric_updates().columns;
        let plain = PlainCells::new(&settings);
        let mut kinds = kinds.into_iter();
        let cells = texts.each_ref().map(|text| Cell { kind: kinds.next().unwrap(), ..Cell::text(text) });
        let id = plain.whole_id(texts[0].as_bytes()).filter(|_| cells[0].kind != CellKind::Missing);
        if let Some(row) = id.and_then(|id| plain.row_of_plain_cells(id, &columns, &cells)) {
            let settled = plain.settled_row(&columns, &cells).unwrap();
            prop_assert_eq!(&settled.row, &row);
            prop_assert!(settled.deviating.is_empty() && settled.is_proved);
        }
    }
}

#[test]
fn every_day_is_a_date_and_nothing_else_is() {
    for form in ["us", "iso"] {
        let mut settings = Settings::default();
        settings.set("date-format", form).unwrap();
        let cells = PlainCells::new(&settings);
        for (year, month, day) in (1995..=2101)
            .flat_map(|year| (0..=13).flat_map(move |month| (0..=32).map(move |day| (year, month, day))))
        {
            let text = match form {
                "us" => format!("{month:02}/{day:02}/{year}"),
                _ => format!("{year}-{month:02}-{day:02}"),
            };
            let is_plausible = settings.plausible_years.contains(&year);
            let expected = chrono::NaiveDate::from_ymd_opt(year, month, day).filter(|_| is_plausible);
            let scanned = cells.date(text.as_bytes()).map(|scanned| scanned.day);
            assert_eq!(scanned, expected.map(Day::of), "{text}");
        }
    }
}

#[test]
fn usual_slips_are_known() {
    let settings = Settings::default();
    let lines = PlainLines::new(PlainCells::new(&settings), Template::metric_updates().columns);
    let slips_of = |line: &str| {
        let mut slips = Vec::new();
        let scanned = lines.scan_slipped(line.as_bytes(), &mut LastId::default(), &mut slips)?;
        let slips: Vec<_> =
            slips.into_iter().map(|slip| format!("{} {}", slip.rule.code, slip.text)).collect();
        (scanned.length == line.len()).then(|| slips.join(", "))
    };
    for (line, expected) in [
        ("KPI-1,20%,03/31/2024", Some("V002 .2")),
        ("KPI-1,31.59%,03/31/2024,so", Some("V002 .3159")),
        ("KPI-1,$5.50,03/31/2024", Some("V006 5.50")),
        ("KPI-1,  5 ,03/31/2024", Some("T001 5")),
        ("KPI-1,5,2024-03-31", Some("D002 03/31/2024")),
        ("KPI-1,5,4/3/2024,", Some("D003 04/03/2024")),
        ("KPI-1,-5%,2024-03-31", Some("V002 -.05, D002 03/31/2024")),
        ("KPI-1,5,03/31/2024", Some("")),
        ("KPI-1,$-5,03/31/2024", Some("V006 -5")),
        // Two in one cell, a sign elsewhere, a day first, no day.
        ("KPI-1, 5%,03/31/2024", None),
        ("KPI-1,-$5,03/31/2024", None),
        ("KPI-1,5,31/3/2024", None),
        ("KPI-1,5,2024-02-30", None),
    ] {
        assert_eq!(slips_of(line).as_deref(), expected, "{line}");
    }
}

#[test]
fn usual_cells_are_plain() {
    let settings = Settings::default();
    let cells = PlainCells::new(&settings);
    for id in ["KPI-1", "metric 7", "Revenue.North", "00123", "ops-eff-2024", "EXP-1", "1-2-3-4", "M-1"] {
        assert_eq!(cells.id(id.as_bytes()).map(|id| id.length), Some(id.len()), "{id}");
    }
    for number in ["0", "1", ".5", "0.50", "-12.5", "123456789012345", "007"] {
        assert_eq!(
            cells.number(number.as_bytes(), b"A").map(|number| number.length),
            Some(number.len()),
            "{number}"
        );
    }
    for date in ["03/31/2024", "02/29/2024", "12/31/1950", "01/01/2100"] {
        assert_eq!(cells.date(date.as_bytes()).map(|date| date.length), Some(10), "{date}");
    }
    for comment in ["", "all well", "see #5; 50% (est.)"] {
        assert_eq!(cells.comment(comment.as_bytes()), Some(comment.len()), "{comment}");
    }
}

#[test]
fn a_row_that_is_read_leaves_the_footprint_of_a_scanned_one() {
    let settings = Settings::default();
    let cells = PlainCells::new(&settings);
    let id = cells.id(b"KPI-1").unwrap();
    let (number, date) = (cells.number(b"12.50", b"KPI-1").unwrap(), cells.date(b"04/03/2024").unwrap());
    let columns = Template::metric_updates().columns;
    let read = |texts: [&'static str; 3]| cells.settled_row(&columns, &texts.map(Cell::text));
    let settled = read(["KPI-1", "12.50", "04/03/2024"]).unwrap();
    assert!(settled.deviating.is_empty());
    assert_eq!(settled.row.footprint, Footprint::new(id.print, date.day, number.size));
    assert_eq!(settled.row.hints, Hints::EITHER_ORDER.only_if(date.is_ambiguous));
    let mended = read(["KPI-1", " 12.50 ", "2024-04-03"]).unwrap();
    let rewritten: Vec<_> = mended.deviating.iter().map(|cell| (cell.at, cell.rewrite.as_deref())).collect();
    assert_eq!(rewritten, [(1, Some("12.50")), (2, Some("04/03/2024"))]);
    assert_eq!(mended.row, settled.row);
}

#[test]
fn a_row_that_may_not_be_one_is_not_settled() {
    let settings = Settings::default();
    for cells in [["", "1", "03/31/2024"], ["Total", "1", " "], ["KPI-1", "1", "03/31/1820"]] {
        let (plain, cells) = (PlainCells::new(&settings), cells.map(Cell::text));
        assert_eq!(plain.settled_row(&Template::metric_updates().columns, &cells), None, "{cells:?}");
    }
}

#[test]
fn an_id_below_another_is_read_by_itself() {
    let settings = Settings::default();
    let (cells, mut last) = (PlainCells::new(&settings), LastId::default());
    for id in ["KPI-1", "KPI-1", "KPI-10", "KPI-1", "", "KPI", "KPI-1,", "KPI-1", "#NAME?", "kpi-1", "7"] {
        let expected = cells.whole_id(id.as_bytes());
        assert_eq!(cells.id_of_row(id.as_bytes(), &mut last), expected, "{id}");
    }
}

#[test]
fn whether_a_metric_is_declared_a_percentage_shows_in_the_footprint() {
    let declared = {
        let mut settings = Settings::default();
        settings.set("percent", "K*=50").unwrap();
        settings
    };
    let columns = Template::metric_updates().columns;
    for (settings, is_declared) in [(&Settings::default(), false), (&declared, true)] {
        let plain = PlainCells::new(settings);
        let id = plain.whole_id(b"K").unwrap();
        let kinds = [CellKind::Text, CellKind::Percent, CellKind::Date];
        let mut cells = ["K", "0.5", "03/31/2024"].map(Cell::text);
        for (cell, kind) in cells.iter_mut().zip(kinds) {
            cell.kind = kind;
        }
        let row = plain.row_of_plain_cells(id, &columns, &cells).unwrap();
        assert_eq!(row.footprint.size.is_percentage(), !is_declared);
        assert_eq!(row, plain.settled_row(&columns, &cells).unwrap().row);
    }
}
