//! The layouts of `fixtures/layouts`, each converted to exactly what it says; and what must hold for all layouts.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

mod sheet;

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use metricsheet_convert::layout::{HeaderRow, Layout, Wanted};
use metricsheet_convert::output::write_rows;
use metricsheet_convert::{Found, Options, SheetConversion, Workbook, convert, inspect};
use metricsheet_core::{Destination, Field, RowNumber, Settings};
use proptest::prelude::*;

use sheet::Sheet;

fn csv(sheet: &SheetConversion) -> String {
    let mut csv = Vec::new();
    write_rows(sheet, &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

/// What became of the rows, after it is seen that they add up.
fn counts(sheet: &SheetConversion) -> String {
    let counts = &sheet.counts;
    let left_out: u64 = counts.left_out.values().sum();
    assert_eq!(counts.read, counts.written + counts.rejected + left_out, "{counts:?}");
    assert_eq!(counts.written, sheet.rows.len());
    let mut text = format!("{} read, {} written, {} rejected", counts.read, counts.written, counts.rejected);
    for (reason, count) in &counts.left_out {
        write!(text, ", {count} {}", reason.label()).unwrap();
    }
    text
}

#[test]
fn layouts_are_read_as_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/layouts");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let parts: Vec<&str> = text.split("---\n").collect();
        let conversion = Sheet::read(parts[0]).converted();
        match (&conversion.sheets[..], &conversion.without_table[..]) {
            ([sheet], []) => {
                let found = format!("{}---\n{}\n", csv(sheet), counts(sheet));
                assert_eq!(found, parts[1..].join("---\n"), "{name}\n{:?}", sheet.rejects);
            }
            ([], [(_, error)]) => assert_eq!(format!("{error}\n"), parts[1..].join("---\n"), "{name}"),
            (sheets, without) => panic!("{name}: {sheets:?} {without:?}"),
        }
    }
    assert!(seen > 25, "{seen}");
}

/// So many rows of one text, or of a log with a number and a day.
fn rows_before(count: usize, is_log: bool) -> Vec<Vec<String>> {
    let row = |at: usize| {
        if is_log {
            vec![format!("entry {at}"), at.to_string(), "d:2024-01-05".to_owned()]
        } else {
            vec![format!("remark {at}")]
        }
    };
    (0..count).map(row).collect()
}

#[test]
fn tables_far_down_are_found_by_conversion_and_inspection_alike() {
    let table = |id: &str| {
        let header = ["KPI code", "Actual", "Date"].map(str::to_owned).to_vec();
        let rows = (1..=3).map(|at| vec![format!("{id}-{at}"), at.to_string(), "d:2024-03-31".to_owned()]);
        std::iter::once(header).chain(rows).collect::<Vec<_>>()
    };
    let at = |row: u32| HeaderRow::At(RowNumber::new(row));
    for (before, is_log, between, header_row, expected) in [
        (250, false, 0, HeaderRow::Auto, Ok((vec![251], 3))),
        (198, false, 0, HeaderRow::Auto, Ok((vec![199], 3))),
        (200, true, 0, HeaderRow::Auto, Ok((vec![201], 3))),
        (1234, true, 0, HeaderRow::Auto, Ok((vec![1235], 3))),
        (10, false, 500, HeaderRow::Auto, Ok((vec![11, 515], 6))),
        (500, true, 500, HeaderRow::Auto, Ok((vec![501, 1005], 6))),
        (500, true, 0, at(501), Ok((vec![501], 3))),
        (700, false, 0, at(701), Ok((vec![701], 3))),
        (
            500,
            true,
            0,
            at(2000),
            Err("row 2000 cannot be the header: it is empty; give another `--header-row`"),
        ),
    ] {
        let mut rows = rows_before(before, is_log);
        rows.extend(table("A"));
        if between > 0 {
            rows.extend(rows_before(between, false));
            // The same columns in another order, so that it is another table.
            rows.extend(table("B").into_iter().map(|row| row.into_iter().rev().collect()));
        }
        let sheet = Sheet { name: "Late".to_owned(), rows, ..Sheet::default() };
        let mut workbook = Workbook::open(Cursor::new(sheet.xml().into_bytes())).unwrap();
        let wanted = Wanted { header_row, ..Wanted::default() };
        let options = Options { wanted, ..Options::default() };
        let settings = Settings { destination: Destination::NewFile, ..Settings::default() };
        let conversion = convert(&mut workbook, &options, &settings).unwrap();
        let inspections = inspect(&mut workbook, &options, &settings).unwrap();
        match expected {
            Ok((headers, written)) => {
                let found = |layout: &Layout| layout.header.unwrap().get();
                let converted: Vec<_> = conversion.sheets[0].tables.iter().map(found).collect();
                let inspected: Vec<_> = inspections[0].tables().iter().map(|it| found(&it.layout)).collect();
                assert_eq!((&converted, &inspected), (&headers, &headers), "{before} {between}");
                counts(&conversion.sheets[0]);
                assert_eq!(conversion.sheets[0].counts.written, written, "{before} {between}");
            }
            Err(expected) => {
                assert_eq!(conversion.without_table[0].1.to_string(), expected);
                assert!(
                    matches!(&inspections[0].found, Found::NoTable(error) if error.to_string() == expected)
                );
            }
        }
    }
}

/// Values that are all different, so that each can be followed.
fn body(rows: usize, columns: usize, filled: &[bool]) -> Vec<Vec<Option<u32>>> {
    let value = |row: usize, column: usize| {
        let at = row * columns + column;
        let number = u32::try_from(at).unwrap() + 3_000;
        filled.get(at % filled.len().max(1)).copied().unwrap_or(true).then_some(number)
    };
    (0..rows).map(|row| (0..columns).map(|column| value(row, column)).collect()).collect()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every cell of the body that is not empty is written once, or rejected, or in a row that is left out.
    #[test]
    fn no_cell_of_the_body_is_lost_or_written_twice(
        tables in proptest::collection::vec((0_usize..6, 2_usize..12, proptest::collection::vec(any::<bool>(), 1..9), any::<bool>()), 1..4),
        gap in 0_usize..3,
    ) {
        let mut sheet = Sheet { name: "S".to_owned(), ..Sheet::default() };
        let mut expected = Vec::new();
        let mut seen_rows = 0;
        for (number, (rows, columns, filled, with_title)) in tables.iter().enumerate() {
            if *with_title {
                sheet.rows.push(vec![format!("Ward {number}")]);
            }
            let header = (0..*columns).map(|month| format!("{} {}", MONTHS[month], 2000 + number));
            sheet.rows.push(std::iter::once("KPI code".to_owned()).chain(header).collect());
            for (row, values) in body(*rows, *columns, filled).into_iter().enumerate() {
                // A row without any value has an ID alone; it is data all the same.
                let texts = values.iter().map(|value| value.map(|it| it.to_string()).unwrap_or_default());
                let id = format!("K-{number}-{row}");
                for (month, value) in values.iter().enumerate() {
                    if let Some(value) = value {
                        expected.push(format!("{id},{value},{}/{}", month + 1, 2000 + number));
                    }
                }
                sheet.rows.push(std::iter::once(id).chain(texts).collect());
                seen_rows += 1;
            }
            sheet.rows.extend(std::iter::repeat_n(Vec::new(), gap));
        }
        let conversion = sheet.converted();
        let [converted] = &conversion.sheets[..] else {
            // Nothing but empty tables.
            prop_assert!(seen_rows == 0 || conversion.sheets.len() == 1, "{conversion:?}");
            return Ok(());
        };
        counts(converted);
        let mut found: Vec<String> = converted
            .rows
            .texts()
            .unwrap()
            .iter()
            .map(|row| {
                let date: Vec<&str> = row[2].split('/').collect();
                format!("{},{},{}/{}", row[0], row[1], date[0].trim_start_matches('0'), date[2])
            })
            .collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected, "{}", counts(converted));
        prop_assert_eq!(converted.counts.rejected, 0);
    }

    /// Each cell of the body is named once: as a written value, as the text of a reject, or, in a total or a column that
    /// sums others, nowhere but in the counts.
    #[test]
    fn every_cell_of_the_body_is_written_rejected_or_left_out_once(
        rows in proptest::collection::vec((0_u8..8, proptest::collection::vec(0_u8..5, 6)), 1..12),
        sum_at in 0_usize..7,
    ) {
        let mut header: Vec<String> = MONTHS[..6].iter().map(|month| format!("{month} 2024")).collect();
        let has_sum = sum_at > 0;
        if has_sum {
            header.insert(sum_at, "2024 YTD".to_owned());
        }
        let mut sheet = Sheet { name: "S".to_owned(), ..Sheet::default() };
        sheet.rows.push(std::iter::once("KPI code".to_owned()).chain(header).collect());
        let (mut good, mut bad, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (row, (kind, cells)) in rows.iter().enumerate() {
            // The first row has nothing but numbers, so that it cannot be one of the header.
            let is_total = row > 0 && *kind == 0;
            let id = if is_total { "Total".to_owned() } else { format!("K-{row}") };
            let mut texts: Vec<String> = Vec::new();
            for (month, cell) in cells.iter().enumerate() {
                let token = 3_000 + row * 10 + month;
                let text = match cell {
                    _ if row == 0 => token.to_string(),
                    0 => String::new(),
                    1 => format!("no{token}"),
                    _ => token.to_string(),
                };
                match (&*text, is_total) {
                    ("", _) => {}
                    (_, true) => left_out.push(text.clone()),
                    (_, false) if text.starts_with("no") => bad.push(text.clone()),
                    (_, false) => good.push((id.clone(), text.clone(), month + 1)),
                }
                texts.push(text);
            }
            if has_sum {
                let sum = (9_000 + row).to_string();
                left_out.push(sum.clone());
                texts.insert(sum_at, sum);
            }
            sheet.rows.push(std::iter::once(id).chain(texts).collect());
        }
        let conversion = sheet.converted();
        prop_assert_eq!(conversion.sheets.len(), 1, "{:?}", conversion);
        let converted = &conversion.sheets[0];
        let told = counts(converted);
        let mut found: Vec<(String, String, usize)> = converted
            .rows
            .texts()
            .unwrap()
            .iter()
            .map(|row| (row[0].clone(), row[1].clone(), row[2].split('/').next().unwrap().parse().unwrap()))
            .collect();
        found.sort();
        good.sort();
        prop_assert_eq!(&found, &good, "{}", &told);
        let rejected = converted.rejects.iter().filter(|it| it.field == Some(Field::MetricValue));
        let mut rejected: Vec<String> = rejected.map(|it| it.text.clone()).collect();
        rejected.sort();
        rejected.dedup();
        bad.sort();
        prop_assert_eq!(&rejected, &bad, "{}", &told);
        prop_assert_eq!(converted.counts.rejected, bad.len() as u64, "{}", &told);
        let written: Vec<String> = found.into_iter().map(|(_, text, _)| text).collect();
        for text in left_out {
            let is_written = written.contains(&text);
            prop_assert!(!is_written && !rejected.contains(&text), "{text}, {told}");
        }
    }

    /// Rows of any number of tables, of any texts and numbers, add up.
    #[test]
    fn rows_add_up_whatever_they_hold(
        rows in proptest::collection::vec(
            proptest::collection::vec(
                prop_oneof![
                    3 => Just(String::new()),
                    2 => "[A-Z]{1,3}-[0-9]{1,3}",
                    3 => "[1-9][0-9]{0,4}",
                    2 => Just("d:2024-03-31".to_owned()),
                    2 => proptest::sample::select(vec!["KPI code", "Actual", "Date", "Comment", "Target", "Total", "Jan 2024", "Feb 2024", "Q1", "2024", "Source: x"]).prop_map(str::to_owned),
                ],
                0..6,
            ),
            0..40,
        ),
        with_header in any::<bool>(),
    ) {
        let mut sheet = Sheet { name: "S".to_owned(), ..Sheet::default() };
        if with_header {
            sheet.rows.push(["KPI code", "Actual", "Date"].map(str::to_owned).into());
        }
        sheet.rows.extend(rows);
        let cells = |row: &&Vec<String>| row.iter().any(|cell| !cell.is_empty());
        let filled = sheet.rows.iter().filter(cells).count() as u64;
        for converted in &sheet.converted().sheets {
            counts(converted);
            prop_assert!(converted.counts.read >= filled);
            for reject in &converted.rejects {
                prop_assert!(converted.sheet_row(reject.row).get() as usize <= sheet.rows.len());
            }
        }
    }
}
