//! xlsb workbooks, made record by record: no program at hand writes them. What other readers lose counts most:
//! errors of formulas, rich texts, and cells that leave their column out.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use metricsheet_convert::Workbook;
use metricsheet_convert::cell::{StoredRow, StoredValue};
use metricsheet_convert::number_format::{DateSystem, Meaning};
use metricsheet_convert::reading::{AreaKind, CellRange, NamedArea};
use zip::write::SimpleFileOptions;

/// A record: its kind and length in groups of seven bits, then its data.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let low = |number: u16| u8::try_from(number & 0x7F).unwrap();
    let mut bytes = if kind < 0x80 { vec![low(kind)] } else { vec![low(kind) | 0x80, low(kind >> 7)] };
    assert!(data.len() < 0x80);
    bytes.push(u8::try_from(data.len()).unwrap());
    bytes.extend(data);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = u32::try_from(units.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// The column and the format of a cell, then what it stores.
fn cell(column: u32, format: u32, value: &[u8]) -> Vec<u8> {
    [&column.to_le_bytes()[..], &format.to_le_bytes(), value].concat()
}

/// A cell right of the one before it.
fn short(format: u32, value: &[u8]) -> Vec<u8> {
    [&format.to_le_bytes()[..], value].concat()
}

fn row(number: u32, hidden: bool) -> Vec<u8> {
    let mut data = number.to_le_bytes().to_vec();
    data.extend([0; 7]);
    data.push(if hidden { 0x10 } else { 0 });
    record(0, &data)
}

fn workbook(sheet: &[Vec<u8>]) -> Workbook {
    let relationships = |all: &[(&str, &str)]| {
        let one = |(kind, target): &(&str, &str)| {
            ["<Relationship Id=\"", kind, "\" Type=\"x/", kind, "\" Target=\"", target, "\"/>"].concat()
        };
        let all: Vec<String> = all.iter().map(one).collect();
        ["<Relationships>", &all.concat(), "</Relationships>"].concat().into_bytes()
    };
    // Charts and macros are no sheets of cells.
    let bundles = [("chartsheet", "Chart"), ("xlMacrosheet", "Macro"), ("worksheet", "Data")];
    let bundles = bundles.map(|(kind, name)| {
        record(156, &[&0_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &text(kind), &text(name)].concat())
    });
    let format = [&164_u16.to_le_bytes()[..], &text("0.0%")].concat();
    let xf = |id: u16| record(47, &[&0_u16.to_le_bytes()[..], &id.to_le_bytes(), &[0; 12]].concat());
    // Sheets are counted with the charts and macros.
    let list = [0_u32, 2, 2].map(u32::to_le_bytes).concat();
    let name = |flags: u32, name: &str, formula: &[u8]| {
        let length = u32::try_from(formula.len()).unwrap().to_le_bytes();
        let place = [&flags.to_le_bytes()[..], &[0], &[0xFF; 4], &text(name)].concat();
        record(39, &[&place, &length[..], formula, &[0; 4]].concat())
    };
    let area = [0x3B, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0, 6, 0];
    let names = [
        record(357, &[]),
        record(362, &[&1_u32.to_le_bytes()[..], &list].concat()),
        name(0, "Middle", &area),
        name(0x20, "Print_Area", &area),
        name(0, "Rate", &[0x1E, 5, 0]),
    ];
    let counts = [0_u32, 1, 1, 1].map(u32::to_le_bytes).concat();
    let place = [0_u32, 5, 0, 2].map(u32::to_le_bytes).concat();
    let table = [&place[..], &counts, &[0; 32], &text("Table1"), &text("North")].concat();
    let parts: [(&str, Vec<u8>); 8] = [
        ("_rels/.rels", relationships(&[("officeDocument", "xl/workbook.bin")])),
        (
            "xl/_rels/workbook.bin.rels",
            relationships(&[
                ("worksheet", "worksheets/sheet1.bin"),
                ("chartsheet", "worksheets/sheet1.bin"),
                ("xlMacrosheet", "worksheets/sheet1.bin"),
                ("styles", "styles.bin"),
                ("sharedStrings", "sharedStrings.bin"),
            ]),
        ),
        ("xl/workbook.bin", [record(153, &1_u32.to_le_bytes()), bundles.concat(), names.concat()].concat()),
        (
            "xl/styles.bin",
            [record(44, &format), xf(9), record(617, &[]), xf(0), xf(164), xf(14), record(618, &[])].concat(),
        ),
        ("xl/sharedStrings.bin", record(19, &[&[0][..], &text("shared")].concat())),
        ("xl/worksheets/sheet1.bin", sheet.concat()),
        ("xl/worksheets/_rels/sheet1.bin.rels", relationships(&[("table", "../tables/table1.bin")])),
        ("xl/tables/table1.bin", record(343, &table)),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    Workbook::open(zip.finish().unwrap()).unwrap()
}

fn rows(workbook: &mut Workbook) -> Vec<StoredRow> {
    let mut rows = Vec::new();
    workbook
        .read(0, &mut |row| {
            rows.push(row.clone());
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

#[test]
fn all_kinds_of_cells_are_read() {
    let mut workbook = workbook(&[
        row(0, false),
        record(7, &cell(0, 0, &0_u32.to_le_bytes())),
        record(62, &cell(1, 0, &[&[1][..], &text("rich"), &[0; 8]].concat())),
        record(8, &cell(2, 0, &text("result"))),
        record(11, &cell(3, 0, &[0x07, 0, 0, 0, 0])),
        record(5, &cell(4, 1, &0.25_f64.to_le_bytes())),
        record(10, &cell(5, 0, &[1, 0, 0])),
        row(4, true),
        record(2, &cell(2, 2, &((43_920_u32 << 2) | 2).to_le_bytes())),
        record(18, &short(0, &0_u32.to_le_bytes())),
        record(12, &short(0, &[])),
        record(16, &short(1, &1.5_f64.to_le_bytes())),
        record(14, &short(0, &[0x2A])),
        record(17, &short(0, &text("last"))),
        record(146, &[]),
    ]);
    assert_eq!(workbook.dates(), DateSystem::From1904);
    assert_eq!(workbook.sheets().iter().map(|sheet| &sheet.name).collect::<Vec<_>>(), ["Data"]);
    let rows = rows(&mut workbook);
    let values = |row: &StoredRow| -> Vec<(String, StoredValue)> {
        row.cells.iter().map(|cell| (format!("{}{}", cell.column, row.number), cell.value.clone())).collect()
    };
    let text = |text: &str| StoredValue::Text(text.into());
    let named = |name: &str, value: StoredValue| (name.to_owned(), value);
    assert_eq!(
        values(&rows[0]),
        [
            named("A1", text("shared")),
            named("B1", text("rich")),
            named("C1", text("result")),
            named("D1", StoredValue::Error("#DIV/0!".to_owned())),
            named("E1", StoredValue::Number(0.25)),
            named("F1", StoredValue::Logical(true)),
        ]
    );
    assert_eq!(
        values(&rows[1]),
        [
            named("C5", StoredValue::Number(43_920.0)),
            named("D5", text("shared")),
            named("F5", StoredValue::Number(1.5)),
            named("G5", StoredValue::Error("#N/A".to_owned())),
            named("H5", text("last")),
        ]
    );
    assert!(!rows[0].hidden && rows[1].hidden);
    assert_eq!(rows[0].cells[4].format.meaning(0.25), Meaning::Percent);
    assert_eq!(rows[1].cells[0].format.meaning(43_920.0), Meaning::Date);
}

#[test]
fn a_sheet_cut_off_is_an_error() {
    let mut cut = record(5, &cell(0, 0, &1_f64.to_le_bytes()));
    cut.pop();
    let mut workbook = workbook(&[row(0, false), cut]);
    let error = workbook.read(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "`xl/worksheets/sheet1.bin` is broken: it ends inside a record");
}

#[test]
fn cells_beyond_the_grid_are_refused() {
    let mut workbook = workbook(&[row(0, false), record(5, &cell(16_384, 0, &1_f64.to_le_bytes()))]);
    let error = workbook.read(0, &mut |_| ControlFlow::Continue(())).unwrap_err();
    let expected = "a cell in row 1, column 16385 exceeds the limit of 1048576 rows and 16384 columns";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn tables_and_names_are_areas_of_their_sheets() {
    let areas = workbook(&[]).areas().unwrap().unwrap();
    let area = |name: &str, kind, range: &str| NamedArea {
        name: name.to_owned(),
        kind,
        sheet: 0,
        range: CellRange::parse(range).unwrap(),
    };
    // A table ends before its totals.
    assert_eq!(areas, [area("North", AreaKind::Table, "A1:C5"), area("Middle", AreaKind::Name, "E2:G4")]);
}
