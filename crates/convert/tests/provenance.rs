//! Provenance against the workbook, cell by cell: every cell of the output names a cell, and that cell, read again
//! from the file, stores what is said of it.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use metricsheet_convert::cell::{StoredCell, StoredValue};
use metricsheet_convert::number_format::{DateSystem, Meaning};
use metricsheet_convert::{Merged, Options, Provenance, Workbook, convert};
use metricsheet_core::{Applicability, Destination, Field, Settings};

/// All cells of a workbook, by sheet and name.
fn cells(bytes: &[u8]) -> HashMap<(String, String), StoredCell> {
    let mut workbook = Workbook::open(Cursor::new(bytes.to_vec())).unwrap();
    let sheets = workbook.sheets().to_vec();
    let mut cells = HashMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        workbook
            .read(index, &mut |row| {
                for cell in row.cells.drain(..) {
                    cells.insert((sheet.name.clone(), format!("{}{}", cell.column, row.number)), cell);
                }
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    cells
}

fn workbooks() -> Vec<(String, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut workbooks = Vec::new();
    for folder in ["workbooks", "demo"] {
        for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_workbook = |extension| ["xlsx", "xls", "ods", "fods"].iter().any(|it| extension == *it);
            if path.extension().is_some_and(is_workbook) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                workbooks.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    workbooks
}

#[test]
fn every_output_cell_leads_back_to_the_cell_it_was_made_from() {
    let settings = Settings { destination: Destination::NewFile, ..Settings::default() };
    let (mut compared, mut mended, mut dates, mut numbers) = (0, 0, 0, 0);
    for (name, bytes) in workbooks() {
        let cells = cells(&bytes);
        for merged in [Merged::AsStored, Merged::Filled] {
            let options = Options {
                provenance: Provenance::Kept,
                fixes: Some(Applicability::Safe),
                merged,
                ..Options::default()
            };
            let mut workbook = Workbook::open(Cursor::new(bytes.clone())).unwrap();
            for sheet in convert(&mut workbook, &options, &settings).unwrap().sheets {
                let mut outputs = Vec::new();
                for it in sheet.output_cells() {
                    let place = it.cell.clone().unwrap();
                    let stored = cells.get(&(sheet.sheet.clone(), place.clone()));
                    assert_eq!(it.stored, stored, "{name}, {}, {place}", sheet.sheet);
                    assert_eq!(it.shown, stored.map(|it| it.shown(workbook.dates())).unwrap_or_default());
                    if stored.is_none() {
                        assert_eq!((it.field, it.output), (Field::Comment, ""), "{name}, {place}");
                    }
                    // A text that no fix touched comes out as it is stored.
                    if let Some(StoredValue::Text(text)) = stored.map(|it| &it.value)
                        && it.field != Field::AsOfDate
                        && it.fixes.is_empty()
                    {
                        assert_eq!(it.output, &**text, "{name}, {place}");
                    }
                    if let Some(cell) = stored
                        && it.fixes.is_empty()
                    {
                        numbers += usize::from(means_the_same(cell, it.field, it.output, workbook.dates()));
                    }
                    mended += it.fixes.len();
                    dates += usize::from(it.field == Field::AsOfDate);
                    compared += 1;
                    outputs.push(it.output.to_owned());
                }
                assert_eq!(outputs, sheet.rows.texts().unwrap().concat(), "{name}");
            }
        }
    }
    assert!(compared > 1_000 && mended > 20 && dates > 300, "{compared}, {mended}, {dates}");
    assert!(numbers > 500, "{numbers}");
}

/// Whether a number or a date is what the cell stores, read anew from the output; `false` for other cells.
fn means_the_same(cell: &StoredCell, field: Field, output: &str, dates: DateSystem) -> bool {
    // A header that names a month by its first day stands for the last one.
    let is_same_day = |stored: NaiveDate| {
        let day = NaiveDate::parse_from_str(output, "%m/%d/%Y").unwrap();
        let is_month = stored.day() == 1 && stored.with_day(day.day()) == Some(day);
        assert!(stored == day || is_month, "{output} for {stored}");
    };
    match (&cell.value, field, cell.format.meaning(1.0)) {
        (
            StoredValue::Number(number),
            Field::MetricValue,
            Meaning::General | Meaning::Number | Meaning::Percent,
        ) => {
            let written: f64 = output.parse().unwrap();
            assert!((written - number).abs() <= number.abs() * 1e-14, "{output} for {number}");
        }
        (StoredValue::Number(number), Field::AsOfDate, Meaning::Date) => {
            is_same_day(dates.day(*number).unwrap());
        }
        (StoredValue::Moment(moment), Field::AsOfDate, _) => is_same_day(moment.date()),
        _ => return false,
    }
    true
}

#[test]
fn nothing_is_kept_that_nobody_asked_for() {
    let (_, bytes) = workbooks().into_iter().find(|(name, _)| name == "hospital-kpis.xlsx").unwrap();
    let mut workbook = Workbook::open(Cursor::new(bytes)).unwrap();
    let conversion = convert(&mut workbook, &Options::default(), &Settings::default()).unwrap();
    assert_eq!(conversion.sheets[0].output_cells().count(), 0);
    assert!(!conversion.sheets[0].rows.is_empty());
}

#[test]
fn a_date_of_the_caller_comes_from_no_cell() {
    let (_, bytes) = workbooks().into_iter().find(|(name, _)| name == "hospital-kpis.xlsx").unwrap();
    let mut workbook = Workbook::open(Cursor::new(bytes)).unwrap();
    let mut options =
        Options { provenance: Provenance::Kept, as_of: Some("06/30/2024".to_owned()), ..Options::default() };
    options.wanted.date_given = true;
    let conversion = convert(&mut workbook, &options, &Settings::default()).unwrap();
    let dates = || conversion.sheets[0].output_cells().filter(|it| it.field == Field::AsOfDate);
    assert!(dates().count() > 10 && dates().all(|it| it.cell.is_none() && it.output == "06/30/2024"));
}
