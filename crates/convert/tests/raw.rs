//! Sheets as they are: what is written of cells that lie apart, and that nothing is lost.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::io::Cursor;

use metricsheet_convert::reading::CellRange;
use metricsheet_convert::{RawCounts, RawError, RawOptions, Values, Workbook, raw_sheets, write_raw};

/// An XML spreadsheet with texts in these cells (row, column), in this order.
fn workbook(cells: &[(u32, u32, &str)]) -> Workbook {
    let rows: Vec<String> = cells
        .iter()
        .map(|(row, column, text)| {
            format!(
                "<Row ss:Index=\"{row}\"><Cell ss:Index=\"{column}\"><Data ss:Type=\"String\">{text}</Data></Cell></Row>"
            )
        })
        .collect();
    let xml = format!(
        "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"A\"><Table>{}</Table></Worksheet></Workbook>",
        rows.concat()
    );
    Workbook::open(Cursor::new(xml.into_bytes())).unwrap()
}

fn raw(cells: &[(u32, u32, &str)], options: &RawOptions) -> Result<(String, RawCounts), RawError> {
    let mut workbook = workbook(cells);
    let sheets = raw_sheets(&mut workbook, options).unwrap().sheets;
    let mut bytes = Vec::new();
    let counts = write_raw(&mut workbook, &sheets[0], options, &mut bytes)?;
    Ok((String::from_utf8(bytes).unwrap(), counts))
}

#[test]
fn rows_and_columns_between_cells_are_written_if_they_are_few() {
    let (text, counts) = raw(&[(2, 2, "a"), (4, 3, "b"), (5, 2, "c")], &RawOptions::default()).unwrap();
    assert_eq!(text, "a,\n,\n,b\nc,\n");
    assert_eq!((counts.rows, counts.rows_left_out, counts.columns_left_out), (4, 0, 0));
}

/// The first sheet of an XML spreadsheet with these styles and this table, as shown.
fn shown(styles: &str, table: &str) -> String {
    let xml = format!(
        "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Styles>{styles}</Styles><Worksheet ss:Name=\"A\">{table}</Worksheet></Workbook>"
    );
    let mut workbook = Workbook::open(Cursor::new(xml.into_bytes())).unwrap();
    let options = RawOptions { values: Values::Shown, ..RawOptions::default() };
    let sheets = raw_sheets(&mut workbook, &options).unwrap().sheets;
    let mut bytes = Vec::new();
    write_raw(&mut workbook, &sheets[0], &options, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn cells_of_an_xml_spreadsheet_without_a_style_have_that_of_row_column_or_table() {
    let styles = "<Style ss:ID=\"p\"><NumberFormat ss:Format=\"0%\"/></Style>\
        <Style ss:ID=\"f\"><NumberFormat ss:Format=\"0.00\"/></Style>\
        <Style ss:ID=\"k\"><NumberFormat ss:Format=\"000\"/></Style>";
    let cell = "<Cell><Data ss:Type=\"Number\">0.2</Data></Cell>";
    for (table, expected) in [
        (format!("<Table><Row ss:StyleID=\"p\">{cell}</Row><Row>{cell}</Row></Table>"), "20%\n0.2\n"),
        (
            format!(
                "<Table ss:StyleID=\"f\"><Column ss:Index=\"2\" ss:Span=\"1\" ss:StyleID=\"p\"/>\
                 <Column ss:StyleID=\"k\"/><Row>{}</Row><Row ss:StyleID=\"f\">{}</Row></Table>",
                cell.repeat(4),
                cell.repeat(2)
            ),
            "0.20,20%,20%,000\n0.20,0.20,,\n",
        ),
    ] {
        assert_eq!(shown(styles, &table), expected);
    }
}

#[test]
fn rows_of_an_xml_spreadsheet_that_stand_for_several_are_counted() {
    let row = |attributes: &str, text: &str| {
        format!("<Row{attributes}><Cell><Data ss:Type=\"String\">{text}</Data></Cell></Row>")
    };
    let table = format!("<Table>{}{}</Table>", row(" ss:Span=\"2\"", "a"), row("", "b"));
    assert_eq!(shown("", &table), "a\n\"\"\n\"\"\nb\n");
}

#[test]
fn lengths_of_time_in_an_xml_spreadsheet_are_no_days() {
    let styles = "<Style ss:ID=\"h\"><NumberFormat ss:Format=\"[h]:mm\"/></Style>\
        <Style ss:ID=\"t\"><NumberFormat ss:Format=\"Short Time\"/></Style>\
        <Style ss:ID=\"d\"><NumberFormat ss:Format=\"Short Date\"/></Style>";
    let cell = |style: &str, moment: &str| {
        format!("<Cell ss:StyleID=\"{style}\"><Data ss:Type=\"DateTime\">{moment}</Data></Cell>")
    };
    let cells = [
        cell("h", "1900-01-01T12:00:00.000"),
        cell("h", "1899-12-29T19:12:00.000"),
        cell("t", "1899-12-31T06:30:00.000"),
        cell("d", "2024-03-31T00:00:00.000"),
    ];
    let table = format!("<Table><Row>{}</Row></Table>", cells.concat());
    assert_eq!(shown(styles, &table), "36:00,-28:48,6:30,3/31/2024\n");
}

#[test]
fn a_row_that_is_told_of_twice_is_written_once() {
    let cells = [(1, 1, "a"), (2, 1, "b"), (1, 2, "c"), (2, 1, "d")];
    let (text, counts) = raw(&cells, &RawOptions::default()).unwrap();
    assert_eq!((text.as_str(), counts.rows), ("a,c\nd,\n", 2));
}

#[test]
fn a_cell_far_away_costs_nothing_and_is_not_lost() {
    let (text, counts) = raw(&[(1, 1, "a"), (1_048_576, 16_384, "b")], &RawOptions::default()).unwrap();
    assert_eq!(text, "a,\n,b\n");
    assert_eq!((counts.rows_left_out, counts.columns_left_out), (1_048_574, 16_382));
}

#[test]
fn a_range_is_written_from_its_first_cell_on() {
    let range = Some(CellRange::parse("A2:B3").unwrap());
    let (text, _) =
        raw(&[(1, 1, "a"), (3, 2, "b"), (4, 1, "c")], &RawOptions { range, ..RawOptions::default() })
            .unwrap();
    assert_eq!(text, ",\n,b\n");
}

#[test]
fn cells_strewn_over_the_whole_sheet_are_refused() {
    let cells: Vec<(u32, u32, &str)> = (1..=16_384).map(|at| (at * 64, at, "x")).collect();
    let (text, _) = raw(&cells[..100], &RawOptions::default()).unwrap();
    assert_eq!(text.matches('x').count(), 100);
    let many: Vec<(u32, u32, &str)> = (1..=20_000_u32).map(|at| (at, at % 16_384 + 1, "x")).collect();
    let error = raw(&many, &RawOptions::default()).unwrap_err().to_string();
    assert!(error.contains("choose a part of it with `--range`"), "{error}");
}
