//! What is scanned, and what is read as events, are the same cells, whatever the XML looks like.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;

use super::super::Ods;
use super::super::styles::Styles;
use super::super::table::{Table, TableError};
use super::*;
use crate::cell::StoredRow;
use crate::reading::limits::Meter;
use crate::reading::source::Source;
use crate::reading::two_ways::{compare_sheets, compare_workbooks};
use crate::reading::xml::events;
use crate::reading::{Limits, ReadError};

const STYLES: &str = "<number:percentage-style style:name='N1'><number:number number:decimal-places='1'/>\
    <number:text>%</number:text></number:percentage-style>\
    <number:date-style style:name='N2'><number:year/><number:text>-</number:text><number:month/></number:date-style>\
    <number:number-style style:name='N3'><number:number number:decimal-places='2'/></number:number-style>\
    <style:style style:name='p' style:family='table-cell' style:data-style-name='N1'/>\
    <style:style style:name='d' style:family='table-cell' style:data-style-name='N2'/>\
    <style:style style:name='ce3' style:family='table-cell' style:data-style-name='N3'/>";

/// Gives a few bytes at a time.
struct Pieces<'b>(&'b [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(buffer.get_mut(..most).unwrap_or_default())
    }
}

/// The rows and facts, and the error at the end.
fn told(xml: &[u8], piece: usize, scans: bool) -> (Vec<StoredRow>, String) {
    let mut rows = Vec::new();
    let mut sink = |row: &mut StoredRow| {
        rows.push(row.clone());
        ControlFlow::Continue(())
    };
    let limits = Limits { depth: 16, repeated_cells: 50, text_bytes: 4000, ..Limits::default() };
    let mut styles = Styles::default();
    styles.read(&mut events(STYLES.as_bytes(), "`styles`", &limits).unwrap()).unwrap();
    let document = BufReader::with_capacity(piece, Pieces(xml, piece));
    let outcome = events(document, "`content`", &limits).and_then(|mut reader| {
        let mut table = Table::new(&mut reader, &styles, &mut sink);
        table.scans = scans;
        table.read().map_err(|error| match error {
            TableError::Xml(error) => ReadError::failed("`content`", &error),
            TableError::Read(error) => error,
        })
    });
    (rows, format!("{:?}", outcome.map_err(|error| error.to_string())))
}

/// Holds both against each other; tells how many rows there are.
fn compare(xml: &[u8], piece: usize) -> usize {
    let scanned = told(xml, piece, true);
    assert_eq!(scanned, told(xml, 1 << 16, false), "{}", String::from_utf8_lossy(xml));
    scanned.0.len()
}

/// A column first, so that there is an end behind which rows are scanned.
fn table(rows: &str) -> String {
    format!("<table:table-column table:default-cell-style-name=\"ce3\"/>{rows}</table:table>")
}

fn scanned(xml: &str) -> Result<(usize, usize), Stop> {
    let styles = Styles::default();
    let row = Scanner::default().row(xml.as_bytes(), 1 << 20, &Formats::new(&styles), &mut Vec::new());
    row.map(|row| (row.count, row.length))
}

#[test]
fn usual_rows_are_scanned() {
    for (cells, count) in [
        ("", 0),
        ("<table:table-cell/>", 0),
        ("<table:table-cell table:style-name=\"ce1\" table:number-columns-repeated=\"16384\"/>", 0),
        ("<table:table-cell office:value-type=\"float\" office:value=\"1.5\"/>", 1),
        (
            "<table:table-cell table:style-name=\"ce3\" office:value-type=\"float\" office:value=\"-2E-3\" \
             calcext:value-type=\"float\" table:number-columns-repeated=\"3\"><text:p>−0,00 €</text:p></table:table-cell>",
            3,
        ),
        (
            "\n  <table:table-cell office:value-type=\"string\">\n <text:p>a &amp; b</text:p>\n <text:p/>\
             <text:p text:style-name=\"P1\">c<text:s text:c=\"3\"/><text:span text:style-name=\"T1\">d</text:span>\
             <text:a xlink:href=\"http://example.org/\" xlink:type=\"simple\">e</text:a><text:line-break/></text:p>\n\
             </table:table-cell>\n<table:covered-table-cell/>",
            1,
        ),
        (
            "<table:table-cell table:formula=\"of:=[.A1]&gt;&quot;ü&quot;\" office:value-type=\"boolean\" \
             office:boolean-value=\"true\"><text:p>TRUE</text:p></table:table-cell>",
            1,
        ),
        (
            "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-02-29T10:30:00\"><text:p>so</text:p>\
             </table:table-cell><table:covered-table-cell office:value-type=\"time\" office:time-value=\"PT01H30M00S\">\
             <text:p>1:30</text:p></table:covered-table-cell>",
            2,
        ),
    ] {
        let xml = format!("<table:table-row table:style-name=\"ro1\">{cells}</table:table-row>");
        assert_eq!(scanned(&xml), Ok((count, xml.len())), "{xml}");
        for cut in 1..xml.len() {
            if let Some(part) = xml.get(..cut) {
                assert_eq!(scanned(part), Err(Stop::Short), "{part}");
            }
        }
        assert_eq!(compare(table(&xml.repeat(3)).as_bytes(), 1 << 16), if count > 0 { 3 } else { 0 });
    }
    assert_eq!(scanned("<table:table-row table:style-name=\"ro1\"/>"), Ok((0, 41)));
}

#[test]
fn other_rows_are_left() {
    for row in [
        "<table:table-row><table:table-cell><!-- no --></table:table-cell></table:table-row>",
        "<table:table-row><table:table-cell table:number-columns-spanned=\"2\"/></table:table-row>",
        "<table:table-row><table:table-cell table:number-columns-repeated=\"2\" table:number-columns-repeated=\"3\"/>\
         </table:table-row>",
        "<table:table-row><table:table-cell table:formula=\"of:=&apos;file:///a.ods&apos;#S.A1\"/></table:table-row>",
        "<table:table-row><table:table-cell><office:annotation/></table:table-cell></table:table-row>",
        "<table:table-row><table:table-cell><text:p>&#65;</text:p></table:table-cell></table:table-row>",
        "<table:table-row><table:table-cell><text:p><![CDATA[a]]></text:p></table:table-cell></table:table-row>",
        "<table:table-row><table:table-cell office:value-type='string'/></table:table-row>",
        "<table:table-row ><table:table-cell/></table:table-row>",
        "<table:table-row></table:table-cell></table:table-row>",
        "<table:table-row-group/>",
        "</table:table>",
    ] {
        assert_eq!(scanned(row), Err(Stop::Odd), "{row}");
        compare(table(row).as_bytes(), 1 << 16);
    }
}

/// Pieces of rows and cells near the border of what is understood.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<table:table-row>",
        "<table:table-row table:style-name=\"ro1\">",
        "<table:table-row table:number-rows-repeated=\"3\">",
        "<table:table-row table:number-rows-repeated=\"0\" table:visibility=\"filter\">",
        "<table:table-row table:visibility=\"visible\">",
        "<table:table-row table:default-cell-style-name=\"p\">",
        "<table:table-row table:number-rows-repeated=\"1048577\">",
        "<table:table-row table:number-rows-repeated=\"99999999999\">",
        "<table:table-row a=\"1\" a=\"2\">",
        "<table:table-row/>",
        "<table:table-row\n>",
        "</table:table-row>",
        "</table:table-row >",
        "<table:table-row-group>",
        "</table:table-row-group>",
        "<table:table-header-rows>",
        "</table:table-header-rows>",
        "<table:table-column table:default-cell-style-name=\"d\"/>",
        "<table:table-column table:number-columns-repeated=\"2\" table:visibility=\"collapse\"/>",
        "<table:table-cell>",
        "<table:table-cell/>",
        "<table:table-cell table:number-columns-repeated=\"2\"/>",
        "<table:table-cell table:number-columns-repeated=\"16384\"/>",
        "<table:table-cell table:number-columns-repeated=\" 2 \">",
        "<table:table-cell table:number-columns-repeated=\"+2\" office:value-type=\"float\" office:value=\"1\"/>",
        "<table:table-cell table:number-columns-repeated=\"60\" office:value-type=\"float\" office:value=\"1\"/>",
        "<table:table-cell table:number-columns-spanned=\"2\" table:number-rows-spanned=\"1\">",
        "<table:covered-table-cell/>",
        "<table:covered-table-cell>",
        "</table:covered-table-cell>",
        "<table:table-cell office:value-type=\"string\">",
        "<table:table-cell office:value-type=\"string\" office:string-value=\"so\">",
        "<table:table-cell office:value-type=\"string\" office:string-value=\"a&#10;&lt;\">",
        "<table:table-cell office:value-type=\"string\" office:string-value=\"ü\">",
        "<table:table-cell office:value-type=\"float\" office:value=\"1.5\">",
        "<table:table-cell office:value-type=\"float\" office:value=\"0.30000000000000004\">",
        "<table:table-cell office:value-type=\"float\" office:value=\"inf\">",
        "<table:table-cell office:value-type=\"float\" office:value=\" 7 \">",
        "<table:table-cell table:style-name=\"p\" office:value-type=\"percentage\" office:value=\"0.5\">",
        "<table:table-cell table:style-name=\"d\" office:value-type=\"percentage\" office:value=\".5\">",
        "<table:table-cell table:style-name=\"d\" office:value-type=\"float\" office:value=\"1e3\">",
        "<table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"2024-03-31\">",
        "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-31T01:02:03\">",
        "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-02-31\">",
        "<table:table-cell office:value-type=\"time\" office:time-value=\"PT36H30M00S\">",
        "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"false\">",
        "<table:table-cell office:value-type=\"odd\" office:value=\"1\">",
        "<table:table-cell calcext:value-type=\"error\" office:value-type=\"string\" office:string-value=\"\">",
        "<table:table-cell table:formula=\"of:=[.A1]&gt;2\" office:value-type=\"float\" office:value=\"1\">",
        "<table:table-cell table:formula=\"of:='file:///x'#A1\" office:value-type=\"float\" office:value=\"1\">",
        "<table:table-cell table:formula=\"of:=&apos;f&#105;le:///x&apos;#A1\">",
        "<table:table-cell table:formula=\"of:=1\">",
        "<table:table-cell table:style-name=\"p\" table:style-name=\"d\">",
        "<table:table-cell other=\"&broken\" office:value-type=\"float\" office:value=\"1\">",
        "<table:table-cell broken office:value-type=\"float\" office:value=\"1\">",
        "<table:table-cell office:value-type='float' office:value='3'>",
        "</table:table-cell>",
        "<text:p>",
        "<text:p/>",
        "<text:p text:style-name=\"P1\">",
        "</text:p>",
        "<text:p>text</text:p>",
        "<text:p> a  b </text:p>",
        "<text:p>#N/A</text:p>",
        "<text:p>Err:502</text:p>",
        "<text:p>é</text:p>",
        "<text:p>a&amp;b &lt; c&#65;</text:p>",
        "<text:p>&unknown;</text:p>",
        "<text:p>a\r\n\tb</text:p>",
        "<text:p>x<text:s/>y<text:s text:c=\"2\"/> z<text:tab/><text:line-break/> w</text:p>",
        "<text:p><text:s text:c=\"2000\"/><text:s text:c=\"2000\"/></text:p>",
        "<text:p><text:span text:style-name=\"T1\">a </text:span> b<text:span/></text:p>",
        "<text:p><text:a xlink:href=\"&amp;\">l</text:a></text:p>",
        "<text:p><text:a xlink:href=\"x\">l</text:span></text:p>",
        "<text:span>",
        "</text:span>",
        "<text:s/>",
        "<text:soft-page-break/>",
        "<office:annotation><text:p>no</text:p></office:annotation>",
        "<draw:frame><text:p>no</text:p></draw:frame>",
        "<table:table><table:table-row/></table:table>",
        "<!-- note -->",
        "<?pi?>",
        "<![CDATA[3]]>",
        " ",
        "\n",
        "é",
        "&",
        "&amp;",
        "</table:table>",
        "<a><a><a><a><a><a>",
        "</a></a></a></a></a></a>",
        "<",
        ">",
        "]]>",
        "\"",
    ])
}

/// Rows that are right but for a piece here and there.
fn nearly_right() -> impl Strategy<Value = String> {
    let cell = (
        prop::sample::select(vec![
            "<table:table-cell/>",
            "<table:table-cell office:value-type=\"string\"><text:p>one</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"string\"><text:p>two é</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"string\"><text:p></text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"string\"><text:p>R&amp;D</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"float\" office:value=\"1\"><text:p>1</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"float\" office:value=\"-2.5\"><text:p>−2 €</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"float\" office:value=\"x\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"float\" office:value=\"0.1234567890123456\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell table:style-name=\"d\" office:value-type=\"float\" office:value=\"7\" calcext:value-type=\"float\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell table:style-name=\"p\" office:value-type=\"percentage\" office:value=\"0.5\"><text:p>50%</text:p></table:table-cell>",
            "<table:table-cell table:style-name=\"ce3\" office:value-type=\"percentage\" office:value=\"0.25\"/>",
            "<table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"2024-03-31\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"2024-03-32\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"2024-03-31T10:00:00\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"2\"><text:p>1</text:p></table:table-cell>",
            "<table:covered-table-cell office:value-type=\"float\" office:value=\"1\"><text:p>1</text:p></table:covered-table-cell>",
            "<table:table-cell table:formula=\"of:=[.B1]\" office:value-type=\"float\" office:value=\"1\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B2]&gt;ü\" office:value-type=\"float\" office:value=\"1\"><text:p>2</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B3]\" office:value-type=\"float\" office:value=\"1\"><text:p>Err:502</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B4]\" office:value-type=\"float\" office:value=\"1\"><text:p>3</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:='file:///a'#A1\" office:value-type=\"float\" office:value=\"1\"><text:p>4</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=&#65;\" office:value-type=\"float\" office:value=\"1\"><text:p>5</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"\" office:value-type=\"float\" office:value=\"1\"><text:p>6</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B2]\" office:value-type=\"string\"><text:p>so</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B3]\" office:value-type=\"string\"><text:p>#REF!</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B4]\" office:value-type=\"string\"><text:p>#5</text:p></table:table-cell>",
            "<table:table-cell table:formula=\"of:=[.B4]\" office:value-type=\"string\"><text:p></text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"false\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"TRUE\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"time\" office:time-value=\"PT01H02M03S\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"time\" office:time-value=\"PT1H\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value-type=\"time\" office:time-value=\"PT00H00M00,5S\"><text:p>#N/A</text:p></table:table-cell>",
            "<table:table-cell office:value=\"1\" office:value-type=\"float\" table:formula=\"of:=1\"/>",
            "<table:table-cell office:value=\"2\" office:value-type=\"float\" table:formula=\"of:=2\"/>",
        ]),
        prop::option::weighted(0.03, piece()),
    );
    let row = (prop::collection::vec(cell, 0..5), prop::option::weighted(0.1, piece()), 0..8_u8);
    prop::collection::vec(row, 0..14).prop_map(|rows| {
        let mut xml = String::new();
        for (cells, odd, kind) in rows {
            xml.push_str(match kind {
                0 => "<table:table-row table:number-rows-repeated=\"2\" table:style-name=\"ro1\">",
                1 => "<table:table-row table:default-cell-style-name=\"p\">",
                2 => "<table:table-column table:default-cell-style-name=\"d\"/><table:table-row>",
                _ => "<table:table-row table:style-name=\"ro1\">",
            });
            for (cell, odd) in cells {
                write!(xml, "{cell}{}", odd.unwrap_or_default()).unwrap();
            }
            write!(xml, "</table:table-row>{}", odd.unwrap_or_default()).unwrap();
        }
        xml
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_xml_is_read_as_events(
        pieces in prop::collection::vec(piece(), 0..24), between in prop::sample::select(vec!["", "", "\n  "]), size in 1..200_usize,
    ) {
        compare(table(&pieces.join(between)).as_bytes(), size);
    }

    #[test]
    fn nearly_right_rows_are_read_as_events(
        rows in nearly_right(),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        is_pretty in any::<bool>(),
        size in 1..5000_usize,
    ) {
        let mut xml = table(&rows);
        if is_pretty {
            xml = xml.replace("<table:table-", "\n <table:table-").replace("<text:p>", "\n  <text:p>");
        }
        let mut bytes = xml.into_bytes();
        for (place, byte) in changes {
            *place.get_mut(&mut bytes) = byte;
        }
        let end = cut.map_or(bytes.len(), |cut| cut.index(bytes.len()));
        compare(&bytes[..end], size);
    }
}

/// Holds both against each other on all sheets of a workbook; tells how many rows there are.
fn compare_workbook(path: &Path) -> usize {
    let Ok(bytes) = fs::read(path) else { return 0 };
    let meter = Meter::new(Limits::default(), bytes.len() as u64);
    let is_flat = bytes.starts_with(b"<?xml");
    let input = Source::new(Cursor::new(bytes));
    let opened = if is_flat { Ods::open_flat(input, &meter) } else { Ods::open(input, &meter) };
    let Ok(mut workbook) = opened else { return 0 };
    let sheets = workbook.sheets.len();
    compare_sheets(path, sheets, |sheet, scans, sink| workbook.read_sheet(sheet, scans, sink))
}

/// Those of the fixtures, and of the folder that `METRICSHEET_CORPUS` names.
#[test]
fn workbooks_are_read_as_events() {
    let (files, rows) = compare_workbooks(&["workbooks"], &["ods", "fods", "ots"], compare_workbook);
    assert!(rows > 50, "{rows} rows of {files} workbooks");
}
