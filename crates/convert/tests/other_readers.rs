//! What other readers lose or refuse without need, each on a small workbook made here part by part or record by
//! record. Cells of xlsb are in `xlsb.rs`, passwords in `encryption.rs`.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use metricsheet_convert::Workbook;
use metricsheet_convert::cell::StoredValue;
use metricsheet_convert::reading::WorkbookKind;
use zip::write::SimpleFileOptions;

fn zip(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An xlsx workbook: its sheets by name, kind and XML, its shared texts, and how the XML is encoded.
fn xlsx(sheets: &[(&str, &str, &str)], texts: &str, encoded: fn(&str) -> Vec<u8>) -> Vec<u8> {
    let relationship = |id: usize, kind: &str, target: &str| {
        format!("<Relationship Id=\"r{id}\" Type=\"http://x/relationships/{kind}\" Target=\"{target}\"/>")
    };
    let (mut list, mut relationships) = (String::new(), relationship(0, "sharedStrings", "strings.xml"));
    for (id, (name, kind, _)) in (1..).zip(sheets) {
        let _ = write!(list, "<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"r{id}\"/>");
        relationships += &relationship(id, kind, &format!("{kind}{id}.xml"));
    }
    let document = |root: &str, content: &str| {
        encoded(&format!("<?xml version=\"1.0\"?><{root} xmlns:r=\"http://x/r\">{content}</{root}>"))
    };
    let book = relationship(1, "officeDocument", "xl/workbook.xml");
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), document("Types", "")),
        ("_rels/.rels".to_owned(), document("Relationships", &book)),
        ("xl/workbook.xml".to_owned(), document("workbook", &format!("<sheets>{list}</sheets>"))),
        ("xl/_rels/workbook.xml.rels".to_owned(), document("Relationships", &relationships)),
        ("xl/strings.xml".to_owned(), document("sst", texts)),
    ];
    for (id, (_, kind, xml)) in (1..).zip(sheets) {
        parts.push((format!("xl/{kind}{id}.xml"), document(kind, xml)));
    }
    let parts: Vec<(&str, Vec<u8>)> = parts.iter().map(|(name, xml)| (name.as_str(), xml.clone())).collect();
    zip(&parts)
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn utf16_little(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_big(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The sheets and their cells, as `Sheet!A1=value`.
fn cells(bytes: Vec<u8>) -> Vec<String> {
    let mut workbook = Workbook::open(Cursor::new(bytes)).unwrap();
    let mut cells = Vec::new();
    for (index, sheet) in workbook.sheets().to_vec().into_iter().enumerate() {
        let dates = workbook.dates();
        workbook
            .read(index, &mut |row| {
                for cell in &row.cells {
                    let value = match &cell.value {
                        StoredValue::Text(text) => text.to_string(),
                        other => format!("{}:{other:?}", cell.shown(dates)),
                    };
                    cells.push(format!("{}!{}{}={value}", sheet.name, cell.column, row.number));
                }
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    cells
}

/// The sheets without cells: their number, name and kind.
fn others(bytes: &[u8]) -> Vec<String> {
    let workbook = Workbook::open(Cursor::new(bytes.to_vec())).unwrap();
    let others = workbook.other_sheets().iter();
    others.map(|it| format!("{} {}: {}", it.tab + 1, it.name, it.kind.label())).collect()
}

/// A record of an xls stream.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// A stream of Excel 97: its sheets by name, kind (0 cells, 1 macros, 2 a chart) and records.
fn xls(sheets: &[(&str, u8, Vec<u8>)]) -> Vec<u8> {
    let begin = |kind: u16| record(0x0809, &[&0x0600_u16.to_le_bytes()[..], &kind.to_le_bytes()].concat());
    let end = record(0x000A, &[]);
    let bound = |offset: usize, name: &str, kind: u8| {
        let (offset, length) = (u32::try_from(offset).unwrap(), u8::try_from(name.len()).unwrap());
        record(0x0085, &[&offset.to_le_bytes()[..], &[0, kind, length, 0], name.as_bytes()].concat())
    };
    let globals: usize = sheets.iter().map(|(name, kind, _)| bound(0, name, *kind).len()).sum();
    let mut offset = begin(5).len() + globals + end.len();
    let (mut stream, mut substreams) = (begin(5), Vec::new());
    for (name, kind, records) in sheets {
        stream.extend(bound(offset, name, *kind));
        let substream = [begin(0x10), records.clone(), end.clone()].concat();
        offset += substream.len();
        substreams.push(substream);
    }
    [stream, end, substreams.concat()].concat()
}

/// A text in the cell A1 that says itself whether its characters take two bytes.
fn label(text: &str, is_wide: bool) -> Vec<u8> {
    let length = u16::try_from(text.encode_utf16().count()).unwrap();
    let characters: Vec<u8> = if is_wide {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else {
        text.bytes().collect()
    };
    record(0x0204, &[&[0; 6][..], &length.to_le_bytes(), &[u8::from(is_wide)], &characters].concat())
}

/// A compound file of two streams: `Workbook` inside of a folder, which comes first, and `Workbook` at the root.
fn compound(embedded: &[u8], main: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xFFFF_FFFE;
    const NONE: u32 = u32::MAX;
    // Shorter streams would be kept elsewhere.
    let padded = |stream: &[u8]| {
        let mut stream = stream.to_vec();
        stream.resize(stream.len().next_multiple_of(SECTOR).max(4096), 0);
        stream
    };
    let (embedded, main) = (padded(embedded), padded(main));
    let entry = |name: &str, kind: u8, child: u32, right: u32, start: usize, size: usize| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(entry.len() + 2).unwrap();
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend([NONE, right, child].iter().flat_map(|it| it.to_le_bytes()));
        entry.resize(116, 0);
        entry.extend(u32::try_from(start).unwrap().to_le_bytes());
        entry.extend((size as u64).to_le_bytes());
        entry
    };
    // Sector 0 is the table of successors, sector 1 the directory; then both streams.
    let main_start = 2 + embedded.len() / SECTOR;
    let mut no_stream = entry("Root Entry", 5, 1, NONE, 0, 0);
    no_stream[116..120].copy_from_slice(&END.to_le_bytes());
    let directory = [
        no_stream,
        entry("MBD00A1", 1, 2, 3, 0, 0),
        entry("Workbook", 2, NONE, NONE, 2, embedded.len()),
        entry("Workbook", 2, NONE, NONE, main_start, main.len()),
    ]
    .concat();
    let mut successors = vec![0xFFFF_FFFD, END];
    for stream in [&embedded, &main] {
        let first = u32::try_from(successors.len()).unwrap();
        let count = u32::try_from(stream.len() / SECTOR).unwrap();
        successors.extend((1..count).map(|it| first + it));
        successors.push(END);
    }
    successors.resize(SECTOR / 4, NONE);
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(24, 0);
    header.extend([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    header.resize(44, 0);
    header.extend([1_u32, 1, 0, 4096, END, 0, END, 0, 0].iter().flat_map(|it| it.to_le_bytes()));
    header.resize(SECTOR, 0xFF);
    let table: Vec<u8> = successors.iter().flat_map(|it| it.to_le_bytes()).collect();
    [header, table, directory, embedded, main].concat()
}

#[test]
fn texts_of_xls_take_as_many_bytes_as_they_say() {
    for is_wide in [true, false] {
        assert_eq!(cells(xls(&[("A", 0, label("wt", is_wide))])), ["A!A1=wt"]);
    }
}

#[test]
fn results_of_formulas_are_read_from_records_of_older_kinds() {
    let place = |column: u16| [&0_u16.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0]].concat();
    let formula = |kind: u16, column: u16| {
        record(kind, &[&place(column)[..], &1.5_f64.to_le_bytes(), &[0; 8]].concat())
    };
    let records = [formula(0x0006, 0), formula(0x0206, 1), formula(0x0406, 2)].concat();
    let expected = ["A!A1=1.5:Number(1.5)", "A!B1=1.5:Number(1.5)", "A!C1=1.5:Number(1.5)"];
    assert_eq!(cells(xls(&[("A", 0, records)])), expected);
}

#[test]
fn cells_of_xls_that_come_column_by_column_stand_in_their_rows() {
    let number = |row: u16, column: u16| {
        let value = f64::from(row * 10 + column);
        record(
            0x0203,
            &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &value.to_le_bytes()].concat(),
        )
    };
    let places = [(0, 0), (1, 0), (2, 0), (2, 1), (0, 1), (1, 1)];
    let records: Vec<u8> = places.iter().flat_map(|(row, column)| number(*row, *column)).collect();
    let mut workbook = Workbook::open(Cursor::new(xls(&[("A", 0, records)]))).unwrap();
    let mut rows = Vec::new();
    let mut read = |row: &mut metricsheet_convert::cell::StoredRow| {
        rows.push((row.number.get(), row.cells.iter().map(|cell| cell.column.get()).collect::<Vec<_>>()));
        ControlFlow::Continue(())
    };
    workbook.read(0, &mut read).unwrap();
    assert_eq!(rows, [(1, vec![0, 1]), (2, vec![0, 1]), (3, vec![0, 1])]);
}

#[test]
fn a_workbook_inside_of_another_is_not_taken_for_it() {
    let embedded = xls(&[("Inside", 0, label("embedded", false))]);
    let main = xls(&[("Main", 0, label("main", false))]);
    assert_eq!(cells(compound(&embedded, &main)), ["Main!A1=main"]);
    // Nothing at the root: the one inside is still not the workbook.
    let error = Workbook::open(Cursor::new(compound(&embedded, b"no records"))).unwrap_err().to_string();
    assert!(error.contains("Excel's mark"), "{error}");
}

#[test]
fn blanks_where_a_value_stands_are_no_reference() {
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v> </v></c><c r=\"B1\" t=\"s\"><v>\n</v></c>\
        <c r=\"C1\" t=\"s\"><v> 1 </v></c><c r=\"D1\"><v> 7 </v></c></row></sheetData>";
    let texts = "<si><t>first</t></si><si><t>second</t></si>";
    assert_eq!(cells(xlsx(&[("A", "worksheet", sheet)], texts, utf8)), ["A!C1=second", "A!D1=7:Number(7.0)"]);
}

#[test]
fn runs_of_rich_text_keep_their_blanks() {
    let runs = "<r><t>net </t></r><r><rPr><b/></rPr><t>in</t></r><r><t xml:space=\"preserve\"> come</t></r>";
    let sheet = format!(
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is>{runs}</is></c>\
         </row></sheetData>"
    );
    let texts = format!("<si>{runs}</si>");
    let expected = ["A!A1=net in come", "A!B1=net in come"];
    assert_eq!(cells(xlsx(&[("A", "worksheet", &sheet)], &texts, utf8)), expected);
}

#[test]
fn charts_and_macros_are_no_sheets_of_cells_and_are_named() {
    let row = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>";
    let sheets = [
        ("Chart", "chartsheet", "<drawing/>"),
        ("Data", "worksheet", row),
        ("Macro", "xlMacrosheet", row),
        ("Dialog", "dialogsheet", row),
        ("Last", "worksheet", row),
    ];
    let workbook = xlsx(&sheets, "", utf8);
    assert_eq!(others(&workbook), ["1 Chart: a chart", "3 Macro: a sheet of macros", "4 Dialog: a dialog"]);
    assert_eq!(cells(workbook), ["Data!A1=1:Number(1.0)", "Last!A1=1:Number(1.0)"]);
    let sheets = [
        ("Chart", 2, label("no", false)),
        ("Data", 0, label("a", false)),
        ("Macro", 1, label("no", false)),
        ("Last", 0, label("b", false)),
        ("Module", 6, Vec::new()),
    ];
    let workbook = xls(&sheets);
    assert_eq!(
        others(&workbook),
        ["1 Chart: a chart", "3 Macro: a sheet of macros", "5 Module: a module of macros"]
    );
    assert_eq!(cells(workbook), ["Data!A1=a", "Last!A1=b"]);
}

#[test]
fn parts_in_utf_16_are_read() {
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\"><v>1.5</v></c></row></sheetData>";
    for encoded in [utf8, utf16_little, utf16_big] {
        let workbook = xlsx(&[("Größe", "worksheet", sheet)], "<si><t>ß ✓</t></si>", encoded);
        assert_eq!(cells(workbook), ["Größe!A1=ß ✓", "Größe!B1=1.5:Number(1.5)"]);
    }
}

#[test]
fn an_opendocument_with_indented_elements_is_read() {
    let content = "<?xml version=\"1.0\"?>
        <office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\">
          <office:body>
            <office:spreadsheet>
              <table:table table:name=\"A\">
                <table:table-row>
                  <table:table-cell office:value-type=\"string\">
                    <text:p>
                      net <text:span>in</text:span>come,
                      all  <text:s text:c=\"2\"/>of it
                    </text:p>
                    <text:p>second</text:p>
                  </table:table-cell>
                  <table:table-cell office:value-type=\"float\" office:value=\"1.5\">
                    <text:p>1.5</text:p>
                  </table:table-cell>
                </table:table-row>
                <table:table-row>
                  <table:table-cell/>
                  <table:table-cell office:value-type=\"percentage\" office:value=\"0.2\"/>
                </table:table-row>
              </table:table>
            </office:spreadsheet>
          </office:body>
        </office:document-content>";
    let mimetype = b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
    let bytes = zip(&[("mimetype", mimetype), ("content.xml", utf8(content))]);
    let expected =
        ["A!A1=net income, all   of it \nsecond", "A!B1=1.5:Number(1.5)", "A!B2=20.00%:Number(0.2)"];
    assert_eq!(cells(bytes), expected);
}

#[test]
fn an_encrypted_opendocument_is_told_as_such() {
    let mimetype = || b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
    let manifest =
        || utf8("<m:manifest xmlns:m=\"m\"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>");
    for part in ["content.xml", "encrypted-package"] {
        let parts = [
            ("mimetype", mimetype()),
            ("META-INF/manifest.xml", manifest()),
            (part, (0..=u8::MAX).collect::<Vec<u8>>()),
        ];
        let error = Workbook::open(Cursor::new(zip(&parts))).unwrap_err().to_string();
        assert_eq!(
            error,
            "the workbook is encrypted by OpenDocument's own means, which is not read; save a copy without a password"
        );
    }
}

#[test]
fn content_tells_the_format() {
    let row = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>";
    let xml =
        b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>".to_vec();
    let stream = xls(&[("A", 0, label("a", false))]);
    for (bytes, expected) in [
        (xlsx(&[("A", "worksheet", row)], "", utf8), WorkbookKind::Xlsx),
        (compound(&stream, &stream), WorkbookKind::Xls),
        // Records without a container.
        (stream, WorkbookKind::Xls),
        (xml, WorkbookKind::Xml2003),
        (b"ID,Value\nA,1\n".to_vec(), WorkbookKind::Text),
    ] {
        assert_eq!(Workbook::open(Cursor::new(bytes)).unwrap().kind(), expected);
    }
}
