//! What is scanned, and what is read as events, are the same cells, whatever the XML looks like.

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::cell::{CellText, SharedTexts, StoredRow};
use crate::number_format::NumberFormat;
use crate::reading::limits::Meter;
use crate::reading::source::Source;
use crate::reading::two_ways::{compare_sheets, compare_workbooks};
use crate::reading::xlsx::Xlsx;
use crate::reading::xlsx::sheet::SheetReader;
use crate::reading::xml::events;
use crate::reading::{Format as _, Limits};

/// The rows and facts, and the error at the end.
fn told(xml: &[u8], book: Book<'_>, scans: bool) -> (Vec<StoredRow>, String) {
    let mut rows = Vec::new();
    let mut sink = |row: &mut StoredRow| {
        rows.push(row.clone());
        ControlFlow::Continue(())
    };
    let limits = Limits { depth: 12, ..Limits::default() };
    let outcome = events(xml, "`sheet`", &limits).and_then(|reader| {
        let mut reader = SheetReader::new("sheet", reader, book, &mut sink);
        reader.scans = scans;
        reader.read()
    });
    (rows, format!("{:?}", outcome.map_err(|error| error.to_string())))
}

/// Holds both against each other; tells how many rows there are.
fn compare(xml: &[u8]) -> usize {
    let mut strings = SharedTexts::default();
    for text in ["first", "", "third é"] {
        strings.push(text);
    }
    strings.finish();
    let formats = ["General", "0%", "m/d/yyyy"].map(|code| Arc::new(NumberFormat::new(code)));
    let book = Book { formats: &formats, strings: &strings };
    let scanned = told(xml, book, true);
    assert_eq!(scanned, told(xml, book, false), "{}", String::from_utf8_lossy(xml));
    scanned.0.len()
}

fn sheet(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<worksheet><sheetData>{rows}</sheetData></worksheet>"
    )
}

#[test]
fn usual_rows_are_scanned() {
    let formats = [Arc::new(NumberFormat::general())];
    let (strings, general) = (SharedTexts::default(), Arc::new(NumberFormat::general()));
    let book = Book { formats: &formats, strings: &strings };
    let scanner = Scanner { book, general: &general, knows_shared_formulas: false };
    for (xml, count) in [
        ("<row r=\"1\"/>", 0),
        (
            "\n <row r=\"3\" spans=\"1:4\" ht=\"15\" x14ac:dyDescent=\"0.25\"><c r=\"A3\"><v>1</v></c> </row>",
            1,
        ),
        ("<row><c><v>1.5</v></c><c t=\"b\"><v>0</v></c></row>", 2),
        ("<row r=\"9\"><c r=\"B9\" s=\"0\" t=\"n\"><f>A1&gt;B2</f><v>-2E-3</v></c><c r=\"D9\"/></row>", 1),
        (
            "<row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>text</t></is></c><c r=\"XFD9\" t=\"e\"><v>#N/A</v></c></row>",
            2,
        ),
        (
            "<row r=\"9\"><c r=\"A9\" t=\"str\"><f>A1</f><v></v></c><c r=\"B9\"><f t=\"shared\" si=\"0\"/></c></row>",
            1,
        ),
    ] {
        let whole = scanner.row(xml.as_bytes(), 0, &mut Vec::new());
        assert_eq!(whole.map(|row| (row.count, row.length)), Ok((count, xml.len())), "{xml}");
        for cut in 1..xml.len() {
            let part = scanner.row(&xml.as_bytes()[..cut], 0, &mut Vec::new());
            assert_eq!(part.unwrap_err(), Stop::Short, "{}", &xml[..cut]);
        }
        assert_eq!(compare(sheet(xml).as_bytes()), usize::from(count > 0));
    }
}

#[test]
fn numbers_are_what_the_standard_library_reads() {
    for text in [
        "0",
        "-0",
        "1",
        "0.1",
        "123456789012345",
        "1234567890123456",
        "0.30000000000000004",
        "1e5",
        "-1.5E-7",
        "12345678.1234567",
        "999999999999999.",
        ".5",
        "-",
        "",
        "1e999",
        "inf",
        "nan",
        "1.2.3",
        "0x1",
        "+5",
        "1_0",
    ] {
        let expected = text.parse::<f64>().ok().filter(|number| number.is_finite());
        assert_eq!(number(text.as_bytes()).map(f64::to_bits), expected.map(f64::to_bits), "{text}");
    }
}

/// Texts of cells and rows near the border of what is understood.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<row r=\"1\">",
        "<row r=\"2\">",
        "<row r=\"2\" hidden=\"1\">",
        "<row>",
        "</row>",
        "<row r=\"5\"/>",
        "<row r='4'>",
        "<row r=\"3\" r=\"4\">",
        "<row r=\"007\">",
        "<row r=\"1048577\">",
        "<row r=\"0\">",
        "<row hidden=\"&#49;\">",
        "<x:row r=\"6\">",
        "</x:row>",
        "<row s=\"1\" spans=\"1:3\" customFormat=\"1\">",
        "<rows>",
        "<row r = \"8\">",
        "<c r=\"A1\">",
        "<c r=\"B1\" s=\"1\">",
        "<c r=\"A2\" s=\"2\" t=\"s\">",
        "<c r=\"C2\" t=\"str\">",
        "<c>",
        "<c t=\"s\">",
        "<c r=\"B2\" t=\"inlineStr\">",
        "<c r=\"a2\">",
        "<c r=\"$A$2\">",
        "<c r=\"ZZZZ2\">",
        "<c r=\"D2\"/>",
        "<c/>",
        "<x:c>",
        "<c s=\"9\">",
        "<c s=\" 1\">",
        "<c t=\"b\">",
        "<c t=\"e\">",
        "<c t=\"d\">",
        "<c t=\"odd\">",
        "<c cm=\"1\">",
        "<c\n>",
        "<c r=\"A1\" r=\"B1\">",
        "</c>",
        "</c >",
        "<v>",
        "</v>",
        "<v/>",
        "<v>0</v>",
        "<v>2</v>",
        "<v>1.5</v>",
        "<v>1e3</v>",
        "<v> 7 </v>",
        "<v>99</v>",
        "<v></v>",
        "<v>a_x000D_b</v>",
        "<v>_x</v>",
        "<v>&lt;</v>",
        "<v>&unknown;</v>",
        "<v>&#65;</v>",
        "<v><![CDATA[3]]></v>",
        "<v>4<!-- no -->2</v>",
        "<v xml:space=\"preserve\"> x </v>",
        "<v>2024-03-31</v>",
        "<v>é</v>",
        "<v>a\r\nb</v>",
        "<v>#DIV/0!</v>",
        "<v>true</v>",
        "<v>&</v>",
        "<f>A1</f>",
        "<f>[1]S!A1</f>",
        "<f si=\"0\" t=\"shared\">[1]S!A1</f>",
        "<f t=\"shared\" si=\"0\"/>",
        "<f/>",
        "<f>A1&lt;2</f>",
        "<f>&#91;1]S!A1</f>",
        "<f>\"é\"</f>",
        "<f>A1&B1</f>",
        "<is><t>in</t></is>",
        "<is><r><t>ri</t></r><r><t>ch</t></r></is>",
        "<is><t> x</t><rPh><t>no</t></rPh></is>",
        "<is/>",
        "<is><t>a_x0041_</t></is>",
        "<is><t></t></is>",
        "<is><t>&amp;</t></is>",
        "<!-- note -->",
        "<?pi?>",
        " ",
        "\n",
        "text",
        "<extLst><ext/></extLst>",
        "</sheetData>",
        "<sheetData>",
        "<sheetData/>",
        "<mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>",
        "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols>",
        "<",
        ">",
        "]]>",
    ])
}

/// Rows that are right but for a piece here and there.
fn nearly_right() -> impl Strategy<Value = String> {
    let cell = (
        0..5_u32,
        prop::sample::select(vec![
            " t=\"s\"><v>0</v></c>",
            " t=\"s\"><v>2</v></c>",
            " s=\"1\"><v>0.25</v></c>",
            " s=\"2\"><v>45382</v></c>",
            "><v>-17</v></c>",
            " t=\"str\"><f>B1</f><v>so</v></c>",
            "/>",
            " t=\"inlineStr\"><is><t>in</t></is></c>",
            "><f>A1</f></c>",
        ]),
        prop::option::weighted(0.04, piece()),
    );
    let row = (prop::collection::vec(cell, 0..5), prop::option::weighted(0.1, piece()), any::<bool>());
    prop::collection::vec(row, 0..12).prop_map(|rows| {
        let mut xml = String::new();
        for (number, (cells, odd, in_order)) in (1..).zip(rows) {
            write!(xml, "<row r=\"{number}\">").unwrap();
            let mut columns: Vec<_> = cells;
            if in_order {
                columns.sort_by_key(|(column, ..)| *column);
            }
            for (column, content, odd) in columns {
                let letter = ["A", "B", "C", "D", "E"][column as usize];
                write!(xml, "<c r=\"{letter}{number}\"{content}").unwrap();
                xml.push_str(odd.unwrap_or_default());
            }
            xml.push_str("</row>");
            xml.push_str(odd.unwrap_or_default());
        }
        xml
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn odd_xml_is_read_as_events(
        pieces in prop::collection::vec(piece(), 0..24), between in prop::sample::select(vec!["", "", "\n  "]),
    ) {
        compare(sheet(&pieces.join(between)).as_bytes());
    }

    #[test]
    fn nearly_right_rows_are_read_as_events(rows in nearly_right(), cut in prop::option::weighted(0.2, 0.0..1.0_f64), is_pretty in any::<bool>()) {
        let mut xml = sheet(&rows);
        if is_pretty {
            xml = xml.replace('<', "\n <").replacen("\n ", "", 1).replace("\n </v>", "</v>").replace("\n </t>", "</t>");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place")]
        let end = cut.map_or(xml.len(), |cut| (xml.len() as f64 * cut) as usize);
        compare(&xml.as_bytes()[..end]);
    }
}

/// Holds both against each other on all sheets of a workbook; tells how many rows there are.
fn compare_workbook(path: &Path) -> usize {
    let Ok(bytes) = fs::read(path) else { return 0 };
    let meter = Meter::new(Limits::default(), bytes.len() as u64);
    let Ok(mut workbook) = Xlsx::open(Source::new(Cursor::new(bytes)), &meter) else { return 0 };
    let sheets = workbook.sheets().len();
    compare_sheets(path, sheets, |sheet, scans, sink| workbook.read_sheet(sheet, scans, sink))
}

/// Those of the fixtures, and of the folder that `METRICSHEET_CORPUS` names.
#[test]
fn workbooks_are_read_as_events() {
    let (files, rows) = compare_workbooks(&["workbooks", "demo"], &["xlsx", "xlsm"], compare_workbook);
    assert!(rows > 100, "{rows} rows of {files} workbooks");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shared_texts_are_read_as_events(pieces in prop::collection::vec(prop::sample::select(vec![
        "<si><t>a</t></si>", "<si><t>b é</t></si>", "<si><t xml:space=\"preserve\"> c </t></si>", "<si/>", "<si><t/></si>",
        "<si><t>&amp;</t></si>", "<si><t>_x0041_</t></si>", "<si><r><t>d</t></r><r><t>e</t></r></si>", "<sst/>", "<x:si><t>f</t></x:si>",
        "<si><t>g</t><rPh><t>no</t></rPh></si>", "<si><t>h\r\n</t></si>", "<si><t>\n</t></si>", "<!-- i -->", " ", "<t>j</t>", "<si><t>", "</si>",
    ]), 0..20)) {
        let xml = format!("<sst>{}</sst>", pieces.concat());
        let mut reader = events(xml.as_bytes(), "`texts`", &Limits::default()).unwrap();
        let texts = crate::reading::xlsx::strings::texts(&mut reader, "texts").map_err(|error| error.to_string());
        let mut reader = events(xml.as_bytes(), "`texts`", &Limits::default()).unwrap();
        let mut expected = Vec::new();
        let mut buffer = Vec::new();
        let ended = loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(quick_xml::events::Event::Start(element)) if element.local_name().as_ref() == "si" => {
                    match crate::reading::xlsx::strings::text_until(&mut reader, "si") {
                        Ok(text) => expected.push(text),
                        Err(_) => break false,
                    }
                }
                Ok(quick_xml::events::Event::Eof) => break true,
                Ok(_) => {}
                Err(_) => break false,
            }
        };
        prop_assert_eq!(texts.is_ok(), ended);
        if let Ok(texts) = texts {
            let found: Vec<String> = (0..=expected.len())
                .map_while(|at| (at < texts.len()).then(|| texts.get(at).map_or(String::new(), |text| CellText::from(text).to_string())))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
