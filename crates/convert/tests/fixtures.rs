//! Workbooks saved by other programs, converted to exactly the expected CSV.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fs::{self, File};
use std::path::PathBuf;

use metricsheet_convert::output::{RejectsWriter, write_rows};
use metricsheet_convert::reading::CellRange;
use metricsheet_convert::{
    Conversion, Hidden, LeftOut, Merged, Options, SheetConversion, Unpivot, Workbook, convert,
};
use metricsheet_core::{Applicability, ColumnIndex, Destination, Field, Settings};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn converted(name: &str) -> Conversion {
    converted_with(name, Options::default())
}

fn converted_with(name: &str, options: Options) -> Conversion {
    let mut workbook = Workbook::open(File::open(fixture(name)).unwrap()).unwrap();
    let options = Options { fixes: Some(Applicability::Safe), ..options };
    let settings = Settings { destination: Destination::NewFile, ..Settings::default() };
    convert(&mut workbook, &options, &settings).unwrap()
}

fn assert_converts_to(workbook: &str, expected: &str) {
    let conversion = converted(workbook);
    let [sheet] = &conversion.sheets[..] else { panic!("{workbook}: {conversion:?}") };
    let mut csv = Vec::new();
    write_rows(sheet, &mut csv).unwrap();
    let expected = fs::read_to_string(fixture(expected)).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), expected, "{workbook}");
    let left_out: u64 = sheet.counts.left_out.values().sum();
    let counts = &sheet.counts;
    assert_eq!(counts.read, counts.written + counts.rejected + left_out, "{workbook}");
}

#[test]
fn workbooks_of_four_programs_in_both_date_systems_give_the_same_csv() {
    for workbook in [
        "openpyxl-1900.xlsx",
        "openpyxl-1904.xlsx",
        "libreoffice-1900.xlsx",
        "libreoffice-1904.xlsx",
        "libreoffice-1900.ods",
        "libreoffice-1904.ods",
        "libreoffice-1900.xls",
        "libreoffice-1904.xls",
        "xlwt-1900.xls",
        "xlwt-1904.xls",
        "odfpy.ods",
        "libreoffice-flat.fods",
        "by-hand-2003-xml.xls",
        "libreoffice-1900.html",
        "by-hand.xlsb",
    ] {
        assert_converts_to(&format!("workbooks/{workbook}"), "workbooks/expected/metrics.csv");
    }
}

#[test]
fn titles_totals_and_sources_are_left_out_and_counted() {
    let conversion = converted("workbooks/libreoffice-1900.xlsx");
    let left_out = &conversion.sheets[0].counts.left_out;
    let expected = [(LeftOut::AboveTable, 2), (LeftOut::Header, 1), (LeftOut::Total, 1), (LeftOut::Note, 1)];
    assert_eq!(*left_out, expected.into());
}

#[test]
fn the_demonstration_gives_its_csv() {
    assert_converts_to("demo/hospital-kpis.xlsx", "demo/hospital-kpis.csv");
}

#[test]
fn rows_that_cannot_be_mended_are_rejected_with_their_reasons() {
    assert_converts_to("workbooks/messy.xlsx", "workbooks/expected/messy.csv");
    let conversion = converted("workbooks/messy.xlsx");
    let mut writer = RejectsWriter::new(Vec::new()).unwrap();
    writer.write("messy.xlsx", &conversion.sheets[0]).unwrap();
    let bytes = writer.into_inner().unwrap();
    let mut rejects = csv::Reader::from_reader(&bytes[..]);
    let rejects: Vec<_> = rejects.records().map(Result::unwrap).collect();
    let found: Vec<[&str; 4]> = rejects.iter().map(|it| [&it[2], &it[3], &it[4], &it[6]]).collect();
    let expected = [
        ["3", "B3", "V001", "n/a"],
        ["4", "B4", "W002", "#DIV/0!"],
        ["4", "B4", "V011", "#DIV/0!"],
        ["5", "C5", "D001", ""],
        ["6", "A6", "I001", ""],
        ["7", "A7", "I004", "External-6"],
        ["11", "A11", "W005", "1234567890123460"],
        ["14", "B14", "V010", "36:00"],
    ];
    assert_eq!(found, expected);
    assert!(rejects.iter().all(|it| &it[0] == "messy.xlsx" && &it[1] == "Data, 2024" && !it[5].is_empty()));
    let left_out = &conversion.sheets[0].counts.left_out;
    let expected = [
        (LeftOut::Header, 1),
        (LeftOut::RepeatedHeader, 1),
        (LeftOut::Total, 1),
        (LeftOut::Empty, 1),
        (LeftOut::RepeatedRow, 1),
    ];
    assert_eq!(*left_out, expected.into());
}

/// The codes of the family W with their messages.
fn doubts(sheet: &SheetConversion) -> Vec<(&str, &str)> {
    let findings = sheet.findings.iter().filter(|finding| finding.rule.code.starts_with('W'));
    findings.map(|finding| (finding.rule.code, finding.message.as_str())).collect()
}

fn ids(sheet: &SheetConversion) -> Vec<String> {
    sheet.rows.texts().unwrap().into_iter().map(|row| row[0].clone()).collect()
}

#[test]
fn what_is_hidden_merged_or_not_calculated_is_reported() {
    let conversion = converted("workbooks/layers.xlsx");
    let [layers, old] = &conversion.sheets[..] else { panic!("{conversion:?}") };
    let merged = |row| {
        format!(
            "cell A{row} of sheet `Layers` is merged with A2, which holds the value; use `--fill-merged` if it \
                 counts here too"
        )
    };
    let expected = [
        ("W003", "column D (`Comment`) of sheet `Layers` is hidden; its cells are used"),
        ("W004", &merged(3)),
        ("W004", &merged(4)),
        ("W003", "rows 6 to 7 of sheet `Layers` are hidden; they are used"),
        ("W001", "the formula in cell B8 of sheet `Layers` has no stored result; open and save the workbook"),
        ("W001", "the formula in cell B9 of sheet `Layers` has no stored result; open and save the workbook"),
        (
            "W010",
            "the value in cell B9 of sheet `Layers` was last read from another workbook; check that it is current",
        ),
    ];
    assert_eq!(doubts(layers), expected);
    assert_eq!(doubts(old), [("W003", "sheet `Old` is hidden; its rows are used")]);
    // The merged cells leave two rows without an ID; two formulas have no result.
    assert_eq!(ids(layers), ["L-1", "L-4", "L-5", "L-6"]);
    assert_eq!(layers.counts.rejected, 4);
}

#[test]
fn hidden_data_is_skipped_and_merged_cells_are_filled_if_asked_for() {
    for (workbook, rows) in [("layers.xlsx", 4), ("layers.ods", 5), ("layers.xls", 5)] {
        let options = Options { hidden: Hidden::Skipped, merged: Merged::Filled, ..Options::default() };
        let conversion = converted_with(&format!("workbooks/{workbook}"), options);
        let [layers] = &conversion.sheets[..] else { panic!("{workbook}: {conversion:?}") };
        assert_eq!(ids(layers)[..4], ["L-1", "L-1", "L-1", "L-4"], "{workbook}");
        assert_eq!(layers.rows.len(), rows, "{workbook}: {:?}", layers.rejects);
        assert_eq!(layers.rows.fields.len(), 3, "{workbook}");
        assert_eq!(layers.counts.left_out[&LeftOut::Hidden], 2, "{workbook}");
        assert!(doubts(layers).iter().all(|(code, _)| !["W003", "W004"].contains(code)), "{workbook}");
    }
}

#[test]
fn other_formats_tell_what_is_hidden_and_merged_too() {
    for workbook in ["workbooks/layers.ods", "workbooks/layers.xls"] {
        let conversion = converted(workbook);
        let codes: Vec<_> = doubts(&conversion.sheets[0]).iter().map(|(code, _)| *code).collect();
        assert_eq!(codes[..4], ["W003", "W004", "W004", "W003"], "{workbook}: {codes:?}");
        assert_eq!(doubts(&conversion.sheets[1]), [("W003", "sheet `Old` is hidden; its rows are used")]);
    }
}

#[test]
fn periods_across_become_rows() {
    let conversion = converted("workbooks/across.xlsx");
    let csv: Vec<String> = conversion
        .sheets
        .iter()
        .map(|sheet| {
            let mut csv = Vec::new();
            write_rows(sheet, &mut csv).unwrap();
            format!("{}\n{}", sheet.sheet, String::from_utf8(csv).unwrap())
        })
        .collect();
    let expected = "\
Months
External ID,Current Metric Value,As Of Date
M-1,.9,01/31/2024
M-1,.85,02/29/2024
M-2,1200,01/31/2024
M-2,1250.5,02/29/2024
Year above
External ID,Current Metric Value,As Of Date
Y-1,1,11/30/2023
Y-1,2,12/31/2023
Y-1,3,01/31/2024
Y-1,4,02/29/2024
Pairs
External ID,Current Metric Value,As Of Date
P-1,10,03/31/2024
P-1,12,06/30/2024
";
    assert_eq!(csv.concat(), expected);
    let months = &conversion.sheets[0];
    // Title, header and total; two metrics with four periods each, of which three are empty.
    let left_out =
        [(LeftOut::AboveTable, 1), (LeftOut::Header, 1), (LeftOut::Total, 1), (LeftOut::EmptyPeriod, 3)];
    assert_eq!(months.counts.left_out, left_out.into());
    assert_eq!((months.counts.read, months.counts.written, months.counts.rejected), (11, 4, 1));
    let passed_over: Vec<_> =
        months.tables[0].passed_over.iter().map(|it| (it.column, it.header.as_str())).collect();
    assert_eq!(passed_over, [(ColumnIndex::from_letters("H").unwrap(), "2024 YTD")]);
    // The value that is none is reported where it stands.
    let [reject] = &months.rejects[..] else { panic!("{:?}", months.rejects) };
    assert_eq!((reject.code, reject.text.as_str()), ("V001", "n/a"));
    assert_eq!(months.cell_name(reject.row, Field::MetricValue).as_deref(), Some("F4"));
    assert_eq!(months.cell_name(reject.row, Field::AsOfDate).as_deref(), Some("F2"));
    assert_eq!(months.cell_name(reject.row, Field::ExternalId).as_deref(), Some("A4"));
}

#[test]
fn periods_across_are_no_table_if_so_wished() {
    let conversion =
        converted_with("workbooks/across.xlsx", Options { unpivot: Unpivot::Never, ..Options::default() });
    assert!(conversion.sheets.is_empty());
    assert_eq!(conversion.without_table.len(), 3);
}

#[test]
fn names_of_xml_spreadsheets_are_areas() {
    let xml = "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
               xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Names>\
               <NamedRange ss:Name=\"Middle\" ss:RefersTo=\"='Q 1'!R1C5:R3C7\"/>\
               <NamedRange ss:Name=\"Own\" ss:RefersTo=\"='Q 1'!R1C1\" ss:Hidden=\"1\"/>\
               <NamedRange ss:Name=\"Rate\" ss:RefersTo=\"=0.25\"/></Names>\
               <Worksheet ss:Name=\"Q 0\"><Table/></Worksheet><Worksheet ss:Name=\"Q 1\"><Names>\
               <NamedRange ss:Name=\"Print_Area\" ss:RefersTo=\"='Q 1'!R1C1:R3C7\"/></Names><Table/></Worksheet></Workbook>";
    let mut workbook = Workbook::open(std::io::Cursor::new(xml.as_bytes().to_vec())).unwrap();
    let areas = workbook.areas().unwrap().unwrap();
    let found: Vec<_> = areas.iter().map(|area| (area.name.as_str(), area.sheet, area.range)).collect();
    assert_eq!(found, [("Middle", 1, CellRange::parse("E1:G3").unwrap())]);
}
