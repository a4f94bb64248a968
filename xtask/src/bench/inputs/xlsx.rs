//! Workbooks of Excel.

use std::io::{Seek, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Chance, FIRST_DAY};

/// A workbook of IDs in shared strings, dates and percentages, which repeat over the columns.
pub(super) fn write(out: &mut (impl Write + Seek), rows: usize, columns: usize) -> anyhow::Result<()> {
    let mut chance = Chance(rows as u64);
    let mut zip = ZipWriter::new(out);
    let options = SimpleFileOptions::default();
    let part = |zip: &mut ZipWriter<_>, name: &str, text: &str| -> anyhow::Result<()> {
        zip.start_file(name, options)?;
        Ok(zip.write_all(
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n{text}").as_bytes(),
        )?)
    };
    part(&mut zip, "[Content_Types].xml", CONTENT_TYPES)?;
    part(&mut zip, "_rels/.rels", RELATIONSHIPS)?;
    part(&mut zip, "xl/workbook.xml", WORKBOOK)?;
    part(&mut zip, "xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONSHIPS)?;
    part(&mut zip, "xl/styles.xml", STYLES)?;
    let labels = ["External ID", "Current Metric Value", "As Of Date"].map(ToOwned::to_owned);
    let notes = (labels.len()..columns).map(|column| format!("Note {column}"));
    let ids = (0..rows.div_ceil(1000)).map(|id| format!("KPI-{id:08}"));
    let strings: Vec<String> =
        labels.into_iter().chain(notes).chain(ids).map(|text| format!("<si><t>{text}</t></si>")).collect();
    let strings = format!("<sst xmlns=\"{MAIN}\">{}</sst>", strings.concat());
    part(&mut zip, "xl/sharedStrings.xml", &strings)?;
    zip.start_file("xl/worksheets/sheet1.xml", options)?;
    write!(zip, "<worksheet xmlns=\"{MAIN}\"><sheetData>")?;
    for row in 0..=rows {
        write!(zip, "<row r=\"{}\">", row + 1)?;
        for column in 0..columns {
            let cell = format!("{}{}", letters(column), row + 1);
            let (attributes, value) = match (row, column) {
                (0, _) => ("t=\"s\"", column.to_string()),
                (_, 0) => ("t=\"s\"", (columns.max(3) + (row - 1) / 1000).to_string()),
                (_, 2) => ("s=\"2\"", (FIRST_DAY + (row - 1) % 1000).to_string()),
                (_, _) => ("s=\"1\"", format!("0.{:04}", 100 + chance.below(9_800))),
            };
            write!(zip, "<c r=\"{cell}\" {attributes}><v>{value}</v></c>")?;
        }
        zip.write_all(b"</row>")?;
    }
    zip.write_all(b"</sheetData></worksheet>")?;
    zip.finish()?;
    Ok(())
}

fn letters(column: usize) -> String {
    metricsheet_core::ColumnIndex::new(u32::try_from(column).unwrap_or(u32::MAX)).to_string()
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"#;
const RELATIONSHIPS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Metrics" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONSHIPS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
/// The plain style, a percentage (10) and a date (14).
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="10" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
