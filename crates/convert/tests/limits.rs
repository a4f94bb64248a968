//! Limits are settings: each can be narrowed, and what passes it is refused by its name.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]
#![expect(clippy::format_collect, reason = "what is built here is small, and reads better so")]

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use metricsheet_convert::{Limits, Opening, ReadError, Workbook};
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
