//! Rows that are written as they come, and those that wait until the last one is judged, come to the same.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

#[expect(dead_code, reason = "shared with the tests of layouts")]
mod sheet;
mod told;

use std::fs;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::Path;

use metricsheet_convert::output::write_all_rows;
use metricsheet_convert::{
    Hidden, Mended, Merged, Options, SheetConversion, Store, Workbook, convert_into, convert_row_by_row,
};
use metricsheet_core::{Applicability, RuleChoices, Selection, Settings};
use proptest::prelude::*;

use sheet::Sheet;
use told::told;

/// Holds both ways against each other; tells whether there was anything to convert.
fn compare(bytes: &[u8], options: &Options, settings: &Settings, name: &str) -> bool {
    let open = || Workbook::open(Cursor::new(bytes.to_vec()));
    let Ok(mut workbook) = open() else { return false };
    let long = convert_row_by_row(&mut workbook, options, settings).map_err(|error| error.to_string());
    let files = || tempfile::NamedTempFile::new();
    for (store, mended) in [
        (Store::Memory, Mended::Told),
        (Store::Files(&files), Mended::Told),
        (Store::Files(&files), Mended::Counted),
    ] {
        let options = &Options { mended, ..options.clone() };
        let short = convert_into(store, NonZeroUsize::MIN, &mut open().unwrap(), options, settings);
        match (short.map_err(|error| error.to_string()), &long) {
            (Ok(mut short), Ok(long)) => {
                assert_eq!(told(&short, mended), told(long, mended), "{name}");
                let mut rows: Vec<_> = short.sheets.iter_mut().map(SheetConversion::take_rows).collect();
                let mut workbook = open().unwrap();
                let mut long = convert_row_by_row(&mut workbook, options, settings).unwrap();
                let expected: Vec<_> = long.sheets.iter_mut().map(SheetConversion::take_rows).collect();
                let (mut one, mut other) = (Vec::new(), Vec::new());
                write_all_rows(&rows, &mut one).unwrap();
                write_all_rows(&expected, &mut other).unwrap();
                assert_eq!(one, other, "{name}");
                if let [rows] = &mut rows[..]
                    && let Some(file) = rows.take_file().unwrap()
                {
                    assert!(fs::read(file.path()).unwrap() == one, "{name}");
                    assert!(rows.texts().is_err(), "they are nowhere else");
                }
            }
            (short, long) => assert_eq!(short.map(|_| ()), long.as_ref().map(|_| ()).map_err(Clone::clone)),
        }
    }
    true
}

fn all_options() -> Vec<Options> {
    let fixing = Options { fixes: Some(Applicability::Safe), ..Options::default() };
    let choices = RuleChoices { ignore: vec!["V002".to_owned()], ..RuleChoices::default() };
    let mut with_date = Options {
        as_of: Some("06/30/2024".to_owned()),
        fixes: Some(Applicability::Unsafe),
        ..Options::default()
    };
    with_date.wanted.date_given = true;
    vec![
        fixing.clone(),
        Options { fixes: None, selection: Selection::new(&choices).unwrap(), ..fixing.clone() },
        Options { hidden: Hidden::Skipped, merged: Merged::Filled, ..fixing },
        with_date,
    ]
}

#[test]
fn fixtures_come_to_the_same() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut compared = 0;
    for folder in ["workbooks", "demo"] {
        for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(bytes) = fs::read(&path) else { continue };
            for options in all_options() {
                compared +=
                    u32::from(compare(&bytes, &options, &Settings::default(), &path.display().to_string()));
            }
        }
    }
    for entry in fs::read_dir(fixtures.join("layouts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let sheet = Sheet::read(text.split("---\n").next().unwrap());
        for options in all_options() {
            let name = path.display().to_string();
            compared += u32::from(compare(sheet.xml().as_bytes(), &options, &sheet.settings, &name));
        }
    }
    assert!(compared > 100, "{compared}");
}

/// Rows of a large text are proved on several threads. Among them are rows that wait, rows that make all others wait
/// until they are decided, quoted ones, blank lines, another header, and IDs whose zeros may be lost.
#[test]
fn large_texts_come_to_the_same() {
    let plain = |row: usize| {
        format!(
            "M-{},{}.{row:05},{:02}/{:02}/2024,as reported by finance",
            row / 300,
            row % 7,
            row % 12 + 1,
            row % 28 + 1
        )
    };
    let odd: [&[&str]; 9] = [
        &[],
        &["A, 0.5,05/01/2024,", "A,$0.75,05/02/2024,", "A,20%,2024-05-03,", "A,n/a,05/04/2024,"],
        &["", ",,,", "Total,12,,", "Source: the office"],
        &[
            "B,2024,05/01/2024,",
            "B,\"1,250\",05/02/2024,\"a \"\"b\"\"\"",
            "B,1,05/03/2024,a,b",
            "B,1,05/04/2024,,",
            "B,3.2024,05/05/2024,",
            "B,2024.03,05/06/2024,",
            "B,-2024,05/07/2024,",
            "B,,05/08/2024,",
            "B,1,05/09/2024",
        ],
        &["007,1,05/01/2024,", "12,1,05/01/2024,", "013,1,05/01/2024,", "M-7,1,01/01/2024,"],
        &["Value,As Of Date,External ID,Comment", "3,05/01/2024,C,"],
        &["C,1,13/04/2024,", "C,1,03/04/2024,", "c,2,05/05/2024,"],
        &["D,\"1,05/01/2024,x"],
        &["External ID,Current Metric Value,As Of Date,Comment"],
    ];
    let options = Options { fixes: Some(Applicability::Safe), ..Options::default() };
    for (at, odd) in odd.iter().enumerate() {
        let line_end = if at % 2 == 0 { "\n" } else { "\r\n" };
        let mut lines = vec!["External ID,Current Metric Value,As Of Date,Comment".to_owned()];
        for row in 0..45_000 {
            lines.push(plain(row));
            // Not so near the beginning that all of it is read row by row, and near the end again.
            if row % 14_000 == 13_000 {
                lines.extend(odd.iter().map(|line| (*line).to_owned()));
            }
        }
        let text = lines.iter().flat_map(|line| [line.as_str(), line_end]).collect::<String>();
        assert!(text.len() > 2 << 20);
        assert!(compare(text.as_bytes(), &options, &Settings::default(), &format!("{at} {line_end:?}")));
    }
}

/// Cells near the border between those that need a word and those that need none, and between rows that have
/// something to do with each other and rows that have not.
fn cell(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![20 => prop::sample::select(words), 1 => Just("")].prop_map(str::to_owned)
}

fn row() -> impl Strategy<Value = Vec<String>> {
    (
        cell(&[
            "K-1",
            "K-2",
            "K-3",
            "K-4",
            "k-1",
            "K - 2",
            "K-1 ",
            "007",
            "8",
            "012",
            "t:013",
            "1",
            "Total",
            "\u{a0}K-3",
        ]),
        cell(&[
            "1",
            "2.5",
            "%0.2",
            "%0.25",
            "%2",
            "0.000123",
            "250",
            "t:20%",
            "t:1,5",
            "t:1,234",
            "-3",
            "t:n/a",
            "1234567890123456",
            "t:7",
        ]),
        cell(&[
            "d:2024-03-31",
            "d:2024-04-03",
            "d:2024-05-06",
            "45382",
            "t:03/04/2024",
            "t:13/04/2024",
            "t:2024-05-06",
            "d:1924-01-01",
            "soon",
        ]),
        prop_oneof![3 => Just(String::new()), 1 => cell(&["fine", "a, b", "say \"so\"", " ", "=x", "12"])],
    )
        .prop_map(|(id, value, date, comment)| vec![id, value, date, comment])
}

/// A line of comma-separated fields: mostly a plain row, else one with something about it.
fn text_row() -> impl Strategy<Value = String> {
    let plain = (1..30_u32, 1..9_000_u32, 1..29_u32);
    let plain = plain.prop_map(|(id, value, day)| format!("K-{id},{value},05/{day:02}/2024,"));
    let typed = row().prop_map(|cells| {
        let typed = cells.iter().map(|cell| match cell.split_at_checked(2) {
            Some(("t:" | "d:", text)) => text.to_owned(),
            Some(_) | None => cell.replace('%', ""),
        });
        let quoted = typed.map(|text| {
            let is_plain = !text.contains([',', '"']);
            if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
        });
        quoted.collect::<Vec<_>>().join(",")
    });
    let odd = prop::sample::select(vec![
        "",
        ",,,",
        "Total,12,,",
        "Source: the office",
        "K-5,2024,05/01/2024,",
        "K-5,12.2024,05/01/2024,",
        "K-6,1,05/02/2024,a,b",
        "K-6,1,05/02/2024,,",
        "K-7,1,05/03/2024",
        "K-8,1",
        "K-9,\"1\",05/04/2024,\"x\"y",
    ]);
    prop_oneof![6 => plain, 6 => typed, 1 => odd.prop_map(str::to_owned)]
}

fn settings() -> impl Strategy<Value = Settings> {
    let words = vec!["", "percent=*", "percent=K-1=50", "decimal=comma", "date-order=dmy", "date-format=iso"];
    prop::sample::select(words).prop_map(|setting| {
        let mut settings = Sheet::read("").settings;
        if let Some((key, value)) = setting.split_once('=') {
            settings.set(key, value).unwrap();
        }
        settings
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_come_to_the_same(
        rows in prop::collection::vec(row(), 0..24),
        more in prop::collection::vec(row(), 0..6),
        second in 0..4_usize,
        settings in settings(),
        options in prop::sample::select((0..4).collect::<Vec<usize>>()),
    ) {
        let mut sheet = Sheet { name: "S".to_owned(), ..Sheet::default() };
        let header = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        sheet.rows.push(header(&["External ID", "Current Metric Value", "As Of Date", "Comment"]));
        sheet.rows.extend(rows);
        match second {
            // Another table below: with the columns in another order, the same again, or periods across.
            1 => sheet.rows.extend([vec![], header(&["Value", "Date", "KPI"])]),
            2 => sheet.rows.push(header(&["External ID", "Current Metric Value", "As Of Date", "Comment"])),
            3 => sheet.rows.extend([vec![], header(&["KPI code", "Jan 2024", "Feb 2024", "Mar 2024"])]),
            _ => {}
        }
        sheet.rows.extend(more);
        compare(sheet.xml().as_bytes(), &all_options()[options], &settings, "generated");
    }

    /// Rows of delimited text are written as they come only behind those among which the header is looked for.
    #[test]
    fn long_texts_come_to_the_same(
        rows in prop::collection::vec(text_row(), 0..40),
        more in prop::collection::vec(text_row(), 0..60),
        second in 0..5_usize,
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
        settings in settings(),
        options in prop::sample::select((0..4).collect::<Vec<usize>>()),
    ) {
        let mut lines = vec!["External ID,Current Metric Value,As Of Date,Comment".to_owned()];
        lines.extend((0..210).map(|row| format!("M-{row},0.{row:03}1,03/{:02}/2024,", 13 + row % 18)));
        lines.extend(rows);
        match second {
            1 => lines.extend([String::new(), "Value,Date,KPI,".to_owned()]),
            2 => lines.push("External ID,Current Metric Value,As Of Date,Comment".to_owned()),
            3 => lines.extend(["Next table", "KPI code,01.2024,02.2024,03.2024"].map(str::to_owned)),
            4 => lines.extend(["Next table", "KPI code,2023,2024,2025"].map(str::to_owned)),
            _ => {}
        }
        lines.extend(more);
        let text = lines.iter().flat_map(|line| [line.as_str(), line_end]).collect::<String>();
        prop_assert!(compare(text.as_bytes(), &all_options()[options], &settings, "generated"));
    }

    #[test]
    fn tables_without_mistakes_come_to_the_same(
        rows in prop::collection::vec((1..40_u32, 1..9_000_u32, 1..28_u32, any::<bool>()), 1..60),
        periods in any::<bool>(),
    ) {
        let mut sheet = Sheet { name: "S".to_owned(), ..Sheet::default() };
        let labels = if periods { ["ID", "Jan 2024", "Feb 2024"] } else { ["External ID", "Value", "Date"] };
        sheet.rows.push(labels.map(str::to_owned).to_vec());
        for (id, value, day, is_percent) in rows {
            let value = if is_percent { format!("%0.{value}") } else { value.to_string() };
            let last = if periods { value.clone() } else { format!("d:2024-03-{day:02}") };
            sheet.rows.push(vec![format!("K-{id}"), value, last]);
        }
        compare(sheet.xml().as_bytes(), &all_options()[0], &Settings::default(), "generated");
    }
}
