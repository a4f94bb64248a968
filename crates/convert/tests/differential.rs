//! Every cell of every fixture as another reader sees it.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;

use calamine::{Data, Reader};
use metricsheet_convert::Workbook;
use metricsheet_convert::cell::StoredValue;

type Cells<T> = BTreeMap<(u32, u32), T>;

fn ours(bytes: &[u8]) -> BTreeMap<String, Cells<StoredValue>> {
    let mut workbook = Workbook::open(Cursor::new(bytes.to_vec())).unwrap();
    let sheets = workbook.sheets().to_vec();
    let mut all = BTreeMap::new();
    for (index, sheet) in sheets.into_iter().enumerate() {
        let mut cells = Cells::new();
        workbook
            .read(index, &mut |row| {
                for cell in row.cells.drain(..) {
                    cells.insert((row.number.get() - 1, cell.column.get()), cell.value);
                }
                ControlFlow::Continue(())
            })
            .unwrap();
        all.insert(sheet.name, cells);
    }
    all
}

fn theirs(bytes: &[u8]) -> BTreeMap<String, Cells<Data>> {
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
    let mut all = BTreeMap::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).unwrap();
        let (row, column) = range.start().unwrap_or_default();
        let absolute = |index: usize, start: u32| u32::try_from(index).unwrap() + start;
        let cells = range.used_cells();
        let cells = cells.map(|(r, c, cell)| ((absolute(r, row), absolute(c, column)), cell.clone()));
        all.insert(name, cells.collect());
    }
    all
}

fn is_same(ours: Option<&StoredValue>, theirs: Option<&Data>) -> bool {
    match (ours, theirs) {
        (None | Some(StoredValue::NoResult), None | Some(Data::Empty)) => true,
        // The other reader drops blanks that a text consists of.
        (Some(StoredValue::Text(ours)), None) => ours.trim().is_empty(),
        (Some(StoredValue::Text(ours)), Some(Data::String(theirs))) => ours.trim() == theirs.trim(),
        (Some(StoredValue::Number(ours)), Some(Data::Float(theirs))) => ours.to_bits() == theirs.to_bits(),
        #[expect(clippy::cast_precision_loss, reason = "the integers of workbooks have at most 30 bits")]
        (Some(StoredValue::Number(ours)), Some(Data::Int(theirs))) => {
            ours.to_bits() == (*theirs as f64).to_bits()
        }
        (Some(StoredValue::Number(ours)), Some(Data::DateTime(theirs))) => {
            ours.to_bits() == theirs.as_f64().to_bits()
        }
        (Some(StoredValue::Moment(ours)), Some(Data::DateTimeIso(theirs))) => {
            let day = ours.format("%Y-%m-%d").to_string();
            theirs.starts_with(&day)
        }
        (Some(StoredValue::Logical(ours)), Some(Data::Bool(theirs))) => ours == theirs,
        (Some(StoredValue::Error(ours)), Some(Data::Error(theirs))) => *ours == theirs.to_string(),
        // Of OpenDocument the other reader knows errors as texts.
        (Some(StoredValue::Error(ours)), Some(Data::String(theirs))) => ours == theirs,
        _ => false,
    }
}

#[test]
fn every_cell_of_every_fixture_is_what_another_reader_sees() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut compared = 0;
    for folder in ["workbooks", "demo"] {
        for entry in fs::read_dir(fixtures.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_workbook = [".xlsx", ".xls", ".ods"].iter().any(|extension| name.ends_with(extension));
            // The other reader does not know XML documents without a container.
            if !is_workbook || name.contains("2003-xml") {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let (ours, theirs) = (ours(&bytes), theirs(&bytes));
            // The other reader takes charts for empty sheets.
            let workbook = Workbook::open(Cursor::new(bytes)).unwrap();
            let mut theirs = theirs;
            theirs.retain(|name, _| workbook.other_sheets().iter().all(|other| other.name != *name));
            assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{name}");
            for (sheet, ours) in &ours {
                let theirs = &theirs[sheet];
                for place in ours.keys().chain(theirs.keys()) {
                    let (ours, theirs) = (ours.get(place), theirs.get(place));
                    assert!(is_same(ours, theirs), "{name}, {sheet}, {place:?}: {ours:?}, {theirs:?}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}
