//! Laws of workbooks: whatever a part holds, its rows come within the grid and in order of their columns, reading
//! again reads the same, and in a conversion every row is written, rejected or left out.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use metricsheet_convert::cell::StoredRow;
use metricsheet_convert::{Limits, Opening, Options, Workbook, convert, inspect};
use metricsheet_core::{Applicability, Settings};
use zip::write::SimpleFileOptions;

/// What divides the parts of an input: a line that no part holds.
const DIVIDER: &[u8] = b"\n=====\n";

/// A workbook part with one sheet `A`, whose relationship is `s`.
const XLSX: &[u8] = br#"<workbook><sheets><sheet name="A" sheetId="1" r:id="s"/></sheets></workbook>"#;
/// The same as a record: BrtBundleSh, visible, the number 1, `s`, `A`.
const XLSB: &[u8] = &[0x9C, 0x01, 20, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, b's', 0, 1, 0, 0, 0, b'A', 0];

/// The sheet, the shared texts, the styles and the workbook of an xlsx.
pub(crate) fn xlsx(data: &[u8]) {
    hold(&office("xml", XLSX, data));
}

/// The sheet, the shared texts, the styles and the workbook of an xlsb.
pub(crate) fn xlsb(data: &[u8]) {
    hold(&office("bin", XLSB, data));
}

/// A workbook of these parts, whose names have this extension; `usual` is its workbook part unless the input has one.
fn office(extension: &str, usual: &[u8], data: &[u8]) -> Vec<u8> {
    let [sheet, strings, styles, workbook] = parts(data);
    let relationship = |(id, kind, target): (&str, &str, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{target}.{extension}\"/>")
    };
    let relationships = |all: &[(&str, &str, &str)]| {
        let all: Vec<String> = all.iter().copied().map(relationship).collect();
        ["<Relationships>", &all.concat(), "</Relationships>"].concat()
    };
    let root = relationships(&[("w", "officeDocument", "xl/workbook")]);
    let own = relationships(&[("s", "worksheet", "s"), ("t", "sharedStrings", "t"), ("y", "styles", "y")]);
    let part = |name: &str| format!("xl/{name}.{extension}");
    archive(&[
        ("_rels/.rels", root.as_bytes()),
        (&format!("xl/_rels/workbook.{extension}.rels"), own.as_bytes()),
        (&part("workbook"), if workbook.is_empty() { usual } else { workbook }),
        (&part("s"), sheet),
        (&part("t"), strings),
        (&part("y"), styles),
    ])
}

/// The content and the styles of an ods.
pub(crate) fn ods(data: &[u8]) {
    let [content, styles, ..] = parts(data);
    hold(&archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
        ("styles.xml", styles),
    ]));
}

/// A workbook that is one XML document: an XML spreadsheet of 2003, or flat OpenDocument.
pub(crate) fn xml2003(data: &[u8]) {
    hold(data);
}

/// A file as it is: zip, compound file, text, or none of them.
pub(crate) fn container(data: &[u8]) {
    hold(data);
}

fn parts(data: &[u8]) -> [&[u8]; 4] {
    let mut parts = [&data[..0]; 4];
    let mut rest = data;
    for part in &mut parts {
        let end = rest.windows(DIVIDER.len()).position(|window| window == DIVIDER);
        let (own, others) =
            end.map_or((rest, &rest[rest.len()..]), |end| (&rest[..end], &rest[end + DIVIDER.len()..]));
        (*part, rest) = (own, others);
    }
    parts
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        let written = zip.start_file(*name, options).is_ok() && zip.write_all(bytes).is_ok();
        assert!(written, "a zip in memory can be written");
    }
    match zip.finish() {
        Ok(cursor) => cursor.into_inner(),
        Err(error) => panic!("a zip in memory can be finished: {error}"),
    }
}

fn hold(bytes: &[u8]) {
    // A fuzzer measures time: what is legal and long would be told as a hang.
    let limits = Limits { repeated_cells: 20_000, text_bytes: 1 << 20, ..Limits::default() };
    let opening = Opening { limits, ..Opening::default() };
    let open = || Workbook::open_as(Cursor::new(bytes.to_vec()), &opening);
    let mut workbook = match open() {
        Ok(workbook) => workbook,
        Err(error) => return assert_no_panic(&error.to_string()),
    };
    for sheet in 0..workbook.sheets().len().min(4) {
        let (first, again) = (rows(&mut workbook, sheet), rows(&mut workbook, sheet));
        assert_eq!(first, again, "reading again reads something else");
    }
    let options = Options { fixes: Some(Applicability::Unsafe), ..Options::default() };
    if let Err(error) = inspect(&mut workbook, &options, &Settings::default()) {
        assert_no_panic(&error.to_string());
    }
    match convert(&mut workbook, &options, &Settings::default()) {
        Err(error) => assert_no_panic(&error.to_string()),
        Ok(conversion) => {
            for counts in conversion.sheets.iter().map(|sheet| &sheet.counts) {
                let left_out: u64 = counts.left_out.values().sum();
                assert_eq!(
                    counts.read,
                    counts.written + counts.rejected + left_out,
                    "a row is missing: {counts:?}"
                );
            }
        }
    }
}

/// The rows of a sheet, or why they cannot be read.
fn rows(workbook: &mut Workbook, sheet: usize) -> Result<Vec<StoredRow>, String> {
    let mut rows: Vec<StoredRow> = Vec::new();
    let outcome = workbook.read(sheet, &mut |row| {
        assert!(row.number.get() >= 1 && row.number.get() <= 1_048_576, "beyond the grid: {row:?}");
        assert!(row.cells.iter().all(|cell| cell.column.get() < 16_384), "beyond the grid: {row:?}");
        let ascends =
            row.cells.iter().zip(row.cells.iter().skip(1)).all(|(one, two)| one.column < two.column);
        assert!(ascends, "out of order: {row:?}");
        rows.push(row.clone());
        ControlFlow::Continue(())
    });
    match outcome {
        Ok(_) => Ok(rows),
        Err(error) => {
            assert_no_panic(&error.to_string());
            Err(error.to_string())
        }
    }
}

/// A reader that panics is caught, and says this.
fn assert_no_panic(error: &str) {
    assert!(!error.contains("gave up"), "{error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_input_become_a_workbook_that_is_read() {
        let xlsx = office("xml", XLSX, b"<worksheet><sheetData><row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>\n=====\n<sst><si><t>x</t></si></sst>");
        // BrtRowHdr of the second row, BrtCellReal in its first column.
        let sheet = [&[0, 17, 1][..], &[0; 16], &[5, 16], &[0; 16]].concat();
        for (name, bytes) in [("xlsx", xlsx), ("xlsb", office("bin", XLSB, &sheet))] {
            let mut workbook =
                Workbook::open(Cursor::new(bytes)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let rows = rows(&mut workbook, 0).unwrap_or_else(|error| panic!("{name}: {error}"));
            let places: Vec<_> = rows.iter().map(|row| (row.number.get(), row.cells.len())).collect();
            assert_eq!(places, [(2, 1)], "{name}");
        }
    }
}
