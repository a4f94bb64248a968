//! Workbooks of LibreOffice.

use std::io::{Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Chance, day};

/// A workbook of IDs, percentages and dates.
pub(super) fn write(out: &mut (impl Write + Seek), rows: usize) -> anyhow::Result<()> {
    let mut chance = Chance(rows as u64);
    let mut zip = ZipWriter::new(out);
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored)?;
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet")?;
    zip.start_file("META-INF/manifest.xml", SimpleFileOptions::default())?;
    zip.write_all(MANIFEST.as_bytes())?;
    zip.start_file("content.xml", SimpleFileOptions::default())?;
    zip.write_all(BEGINNING.as_bytes())?;
    for row in 0..rows {
        let value = 100 + chance.below(9_800);
        let (year, month, day) = day(row);
        write!(
            zip,
            "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>KPI-{id:08}</text:p>\
             </table:table-cell><table:table-cell table:style-name=\"p\" office:value-type=\"percentage\" \
             office:value=\"0.{value:04}\"><text:p>{}.{:02}%</text:p></table:table-cell>\
             <table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"{year}-{month:02}-{day:02}\">\
             <text:p>{month:02}/{day:02}/{year}</text:p></table:table-cell></table:table-row>",
            value / 100,
            value % 100,
            id = row / 1000,
        )?;
    }
    zip.write_all(END.as_bytes())?;
    zip.finish()?;
    Ok(())
}

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"#;
const BEGINNING: &str = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" office:version="1.2"><office:automatic-styles><number:percentage-style style:name="N1"><number:number number:decimal-places="2" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style><number:date-style style:name="N2"><number:month number:style="long"/><number:text>/</number:text><number:day number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style><style:style style:name="p" style:family="table-cell" style:data-style-name="N1"/><style:style style:name="d" style:family="table-cell" style:data-style-name="N2"/></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Metrics"><table:table-column table:number-columns-repeated="3"/><table:table-row><table:table-cell office:value-type="string"><text:p>External ID</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Current Metric Value</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>As Of Date</text:p></table:table-cell></table:table-row>"#;
const END: &str = "</table:table></office:spreadsheet></office:body></office:document-content>";
