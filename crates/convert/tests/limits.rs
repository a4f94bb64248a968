//! Limits are settings: each can be narrowed, and what passes it is refused by its name.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]
#![expect(clippy::format_collect, reason = "what is built here is small, and reads better so")]

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use encoding_rs::Encoding;
use metricsheet_convert::{
    Limits, Merged, Opening, Options, Provenance, RawOptions, ReadError, Workbook, convert, raw_sheets,
};
use metricsheet_core::Settings;
use zip::write::SimpleFileOptions;

/// A workbook with so many sheets, all of them the same part, and so many texts.
fn xlsx(sheets: usize, rows: &str, texts: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let list: String = (0..sheets).map(|at| format!("<sheet name='S{at}' r:id='r{at}'/>")).collect();
    let related: String = (0..sheets)
        .map(|at| format!("<Relationship Id='r{at}' Type='x/worksheet' Target='s.xml'/>"))
        .collect();
    part("[Content_Types].xml", "<Types/>");
    part("xl/workbook.xml", &format!("<workbook><sheets>{list}</sheets></workbook>"));
    let further = "<Relationship Id='t' Type='x/sharedStrings' Target='t.xml'/>\
                   <Relationship Id='f' Type='x/styles' Target='f.xml'/>";
    part("xl/_rels/workbook.xml.rels", &format!("<Relationships>{related}{further}</Relationships>"));
    part("xl/t.xml", &format!("<sst>{}</sst>", "<si><t>text</t></si>".repeat(texts)));
    part("xl/f.xml", &format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(texts)));
    let merged = "<mergeCells><mergeCell ref='A1:B1'/><mergeCell ref='A2:B2'/></mergeCells>";
    part("xl/s.xml", &format!("<worksheet><sheetData>{rows}</sheetData>{merged}</worksheet>"));
    zip.finish().unwrap().into_inner()
}

fn read_all(bytes: &[u8], limits: Limits) -> Result<usize, ReadError> {
    let mut workbook =
        Workbook::open_as(Cursor::new(bytes.to_vec()), &Opening { limits, ..Opening::default() })?;
    let mut rows = 0;
    for sheet in 0..workbook.sheets().len() {
        workbook.read(sheet, &mut |_| {
            rows += 1;
            ControlFlow::Continue(())
        })?;
    }
    Ok(rows)
}

#[test]
fn each_limit_is_kept_and_named() {
    let row = "<row><c><v>1</v></c><c t='str'><v>a text of some length</v></c></row>";
    let bytes = xlsx(9, &row.repeat(3), 20);
    let length = bytes.len() as u64;
    let wide = Limits::default;
    assert_eq!(read_all(&bytes, wide()).unwrap(), 27);
    let cases = [
        (Limits { part_bytes: 100, ..wide() }, "exceeds the limit of 100 bytes"),
        (Limits { sheets: 8, ..wide() }, "the number of sheets exceeds the limit of 8"),
        (Limits { parts: 10, ..wide() }, "the number of relationships exceeds the limit of 10"),
        (Limits { text_bytes: 20, ..wide() }, "one text or element exceeds the limit of 20 bytes"),
        (
            Limits { shared_text_bytes: 1_000, ..wide() },
            "the memory of the shared texts exceeds the limit of 1000",
        ),
        (
            Limits { format_bytes: 1_000, ..wide() },
            "the memory of the formats exceeds the limit of 1000 bytes",
        ),
        (
            Limits { areas: 1, ..wide() },
            "the number of merged areas or hidden columns exceeds the limit of 1",
        ),
        (
            Limits { depth: 4, ..wide() },
            "the depth of elements inside of each other exceeds the limit of 4 levels",
        ),
        // The one part is read for each of its nine sheets.
        (
            Limits { read_bytes: 3_000, inflation: 0, ..wide() },
            "all sheets together, exceeds the limit of 3000",
        ),
    ];
    for (limits, told) in cases {
        let error = read_all(&bytes, limits.clone()).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. }), "{limits:?}: {error:?}");
        assert!(error.to_string().contains(told), "{limits:?}: {error}");
    }
    // A larger file may be read further.
    let allowed = Limits { read_bytes: 3_000, inflation: 1_000_000 / length, ..wide() };
    assert_eq!(read_all(&bytes, allowed).unwrap(), 27);
}

#[test]
fn an_xls_file_is_bounded_as_a_whole_and_its_sheets_in_the_same_place_too() {
    let record = |kind: u16, data: &[u8]| {
        [&kind.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
    };
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let sheet = record(0x0085, &[0, 0, 0, 0, 0, 0, 1, 0, b'S']);
    let bytes = [begin, sheet.repeat(50), record(0x000A, &[]), record(0x1234, &[0; 500])].concat();
    assert_eq!(read_all(&bytes, Limits::default()).unwrap(), 0);
    let cases = [
        (
            Limits { held_bytes: 1_000, ..Limits::default() },
            "the size of an xls file exceeds the limit of 1000 bytes",
        ),
        (
            Limits { read_bytes: 40_000, inflation: 0, ..Limits::default() },
            "exceeds the limit of 40000 bytes",
        ),
    ];
    for (limits, told) in cases {
        let error = read_all(&bytes, limits).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

/// A sheet of three columns: so many rows that are valid, and so many of which there is something to say.
fn table(valid: usize, doubtful: usize) -> String {
    let text = |text: &str| format!("<c t='str'><v>{text}</v></c>");
    let row = |id: &str, value: &str, date: &str| format!("<row>{}{value}{}</row>", text(id), text(date));
    let rows = (0..valid + doubtful).map(|at| {
        // A number that is stored as text is worth a remark.
        let value = if at < valid { "<c><v>0.5</v></c>" } else { "<c t='str'><v>0.5</v></c>" };
        row(&format!("KPI-{at:03}"), value, "03/31/2024")
    });
    row("External ID", &text("Current Metric Value"), "As Of Date") + &rows.collect::<String>()
}

fn converted(rows: &str, limits: Limits, options: &Options) -> Result<u64, String> {
    let opening = Opening { limits, ..Opening::default() };
    let mut workbook = Workbook::open_as(Cursor::new(xlsx(2, rows, 1)), &opening).unwrap();
    let conversion =
        convert(&mut workbook, options, &Settings::default()).map_err(|error| error.to_string())?;
    Ok(conversion.sheets.iter().map(|sheet| sheet.counts.written).sum())
}

#[test]
fn rows_that_wait_and_rows_that_are_written_are_bounded_over_all_sheets() {
    let wide = Limits::default;
    let rows = table(100, 10);
    let options = Options::default();
    assert_eq!(converted(&rows, wide(), &options), Ok(220));
    // Each row holds 7 + 10 bytes of ID and date, and a value of three. Beside the doubtful ones a few wait to be
    // compared, by no means all of them.
    for (limits, told) in [
        (Limits { waiting_rows: 60, waiting_bytes: 1_200, ..wide() }, None),
        (
            Limits { waiting_rows: 19, ..wide() },
            Some("the number of rows of which there is something to say exceeds the limit of 19"),
        ),
        (
            Limits { waiting_bytes: 399, ..wide() },
            Some("the text of the rows of which there is something to say exceeds the limit of 399 bytes"),
        ),
    ] {
        match told {
            None => assert_eq!(converted(&rows, limits, &options), Ok(220)),
            Some(told) => assert_eq!(converted(&rows, limits, &options), Err(told.to_owned())),
        }
    }
    // Ten times the size of the file is always allowed, and here the rows are a hundredth of what they come to.
    let many = table(30_000, 0);
    assert_eq!(converted(&many, wide(), &options), Ok(60_000));
    let error = converted(&many, Limits { output_bytes: 1, ..wide() }, &options).unwrap_err();
    assert!(error.starts_with("the text of the rows to be written exceeds the limit of "), "{error}");
    // Whoever wants to know where each cell comes from has all rows wait.
    let options = Options { provenance: Provenance::Kept, ..options };
    let error = converted(&rows, Limits { waiting_rows: 219, ..wide() }, &options).unwrap_err();
    assert_eq!(error, "the number of rows of which there is something to say exceeds the limit of 219");
}

#[test]
fn text_is_held_up_to_a_limit_where_it_has_to_be_held() {
    let read_as = |encoding: &str, bytes: Vec<u8>, whole_text_bytes| {
        let limits = Limits { whole_text_bytes, ..Limits::default() };
        let encoding = Encoding::for_label(encoding.as_bytes());
        let mut rows = 0;
        let opening = Opening { limits, encoding, ..Opening::default() };
        let mut workbook = Workbook::open_as(Cursor::new(bytes), &opening)?;
        workbook.read(0, &mut |_| {
            rows += 1;
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    };
    let read_as =
        |encoding, bytes, most| read_as(encoding, bytes, most).map_err(|error: ReadError| error.to_string());
    let read = |bytes, most| read_as("", bytes, most);
    let plain = "KPI-1,0.5,03/31/2024\n".repeat(100_000);
    assert_eq!(read(plain.clone().into_bytes(), 1 << 20), Ok(100_000));
    // In other encodings, too, unless they switch between sets of characters.
    let latin = [b"Gr\xf6\xdfe,1\n".to_vec(), plain.clone().into_bytes()].concat();
    assert_eq!(read(latin, 1 << 20), Ok(100_001));
    let units = plain.encode_utf16().flat_map(u16::to_le_bytes);
    assert_eq!(read([0xff, 0xfe].into_iter().chain(units).collect(), 1 << 20), Ok(100_000));
    let switching = [b"\x1b$B$\"\x1b(B\xff,1\n".to_vec(), plain.clone().into_bytes()].concat();
    assert_eq!(read_as("iso-2022-jp", switching.clone(), 4 << 20), Ok(100_001));
    let told = "the text exceeds the limit of 1 MiB";
    assert_eq!(read_as("iso-2022-jp", switching, 1 << 20), Err(told.to_owned()));
    // So is what a quotation mark swallows.
    let swallowed = [b"KPI-0,0.5,\"\n", plain.as_bytes()].concat();
    assert_eq!(read(swallowed.clone(), 4 << 20), Ok(100_001));
    let told = "the text behind a quotation mark that nothing closes exceeds the limit of 1 MiB";
    assert_eq!(read(swallowed, 1 << 20), Err(told.to_owned()));
}

#[test]
fn merged_areas_are_filled_up_to_a_limit() {
    // `A1:B1` and `A2:B2` are merged on each of the sheets: the second cell of each is filled.
    let rows = "<row><c t='str'><v>External ID</v></c></row><row><c t='str'><v>KPI</v></c></row>";
    let bytes = xlsx(2, rows, 1);
    let told = |most: u64| format!("the number of merged cells to be filled exceeds the limit of {most}");
    let open = |repeated_cells| {
        let limits = Limits { repeated_cells, ..Limits::default() };
        Workbook::open_as(Cursor::new(bytes.clone()), &Opening { limits, ..Opening::default() }).unwrap()
    };
    let raw = RawOptions { merged: Merged::Filled, ..RawOptions::default() };
    assert_eq!(raw_sheets(&mut open(2), &raw).unwrap().sheets.len(), 2);
    assert_eq!(raw_sheets(&mut open(1), &raw).unwrap_err().to_string(), told(1));
    let options = Options { merged: Merged::Filled, ..Options::default() };
    // A conversion counts those of all sheets together.
    assert!(convert(&mut open(4), &options, &Settings::default()).is_ok());
    assert_eq!(convert(&mut open(3), &options, &Settings::default()).unwrap_err().to_string(), told(3));
}

#[test]
fn raw_rows_that_come_out_of_order_are_held_up_to_a_limit() {
    let row = |number: usize| format!("<row r='{number}'><c t='str'><v>some text</v></c></row>");
    let rows: String = (1..=100).rev().map(row).collect();
    let open = |held_bytes| {
        let limits = Limits { held_bytes, ..Limits::default() };
        let opening = Opening { limits, ..Opening::default() };
        Workbook::open_as(Cursor::new(xlsx(1, &rows, 1)), &opening).unwrap()
    };
    assert_eq!(raw_sheets(&mut open(100_000), &RawOptions::default()).unwrap().sheets.len(), 1);
    let error = raw_sheets(&mut open(1_000), &RawOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the memory of rows that come out of order exceeds the limit of 1000 bytes"
    );
}
