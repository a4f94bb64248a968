//! The files of the contests: the same on every machine, because their numbers come from a fixed seed. Made once
//! and kept; refuses to make one anew that is there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::contests::Size;

/// The names of the files, within their directory.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) clean: String,
    pub(super) dirty: String,
    pub(super) many_files: String,
    /// Clean files by their number of rows.
    pub(super) growing: Vec<(usize, String)>,
    /// The same with one row in twenty dirty.
    pub(super) growing_dirty: Vec<(usize, String)>,
    pub(super) long_workbook: String,
    pub(super) wide_workbook: String,
    pub(super) many_workbooks: String,
}

impl Inputs {
    pub(super) fn make(directory: &Path, size: &Size) -> anyhow::Result<Self> {
        let csv = |rows: usize, share: u64| -> anyhow::Result<String> {
            let name = if share == 0 { format!("clean-{rows}.csv") } else { format!("dirty-{rows}.csv") };
            once(directory, &name, |out| csv_rows(out, rows, share, 0))?;
            Ok(name)
        };
        let many_files = format!("files-{}", size.files);
        for at in 0..size.files {
            let name = format!("{many_files}/{at:05}.csv");
            once(directory, &name, |out| csv_rows(out, 100, 0, at as u64))?;
        }
        let workbook = |rows: usize, columns: usize| -> anyhow::Result<String> {
            let name = format!("workbook-{rows}-{columns}.xlsx");
            once(directory, &name, |out| xlsx(out, rows, columns))?;
            Ok(name)
        };
        let many_workbooks = format!("workbooks-{}", size.workbooks);
        for at in 0..size.workbooks {
            once(directory, &format!("{many_workbooks}/{at:05}.xlsx"), |out| xlsx(out, 50, 3))?;
        }
        let growing = |share: u64| -> anyhow::Result<Vec<(usize, String)>> {
            size.growing.iter().map(|rows| Ok((*rows, csv(*rows, share)?))).collect()
        };
        Ok(Self {
            clean: csv(size.rows, 0)?,
            dirty: csv(size.rows, 20)?,
            many_files,
            growing: growing(0)?,
            growing_dirty: growing(20)?,
            long_workbook: workbook(size.workbook_rows, 3)?,
            wide_workbook: workbook(size.workbook_rows / 20, 60)?,
            many_workbooks,
        })
    }
}

/// Writes a file unless it is there; only a whole one gets its name.
fn once(
    directory: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = directory.join(name);
    if path.exists() {
        return Ok(());
    }
    let begun = directory.join("unfinished");
    let fill = || -> anyhow::Result<()> {
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&begun)?);
        write(&mut out)?;
        out.flush()?;
        Ok(std::fs::rename(&begun, &path)?)
    };
    fill().with_context(|| format!("cannot make `{}`", path.display()))
}

/// Numbers that look like chance and are the same every time (`splitmix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Rows of metrics with a value for each of a thousand days. One row in `share` is as people type it; 0 for none.
pub(crate) fn csv_rows(out: &mut impl Write, rows: usize, share: u64, seed: u64) -> anyhow::Result<()> {
    let mut chance = Chance(seed);
    writeln!(out, "External ID,Current Metric Value,As Of Date,Comment")?;
    for row in 0..rows {
        let (metric, day) = (row / 1000, row % 1000);
        let (year, month, day) = (2020 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
        let value = 100 + chance.below(9_800);
        let comment = if row % 4 == 0 { "as reported by finance" } else { "" };
        let (mut number, mut date) = (format!("0.{value:04}"), format!("{month:02}/{day:02}/{year}"));
        if share > 0 && chance.below(share) == 0 {
            match chance.below(4) {
                0 => number = format!("{}.{:02}%", value / 100, value % 100),
                1 => number.insert(0, ' '),
                2 => number.insert(0, '$'),
                _ => date = format!("{year}-{month:02}-{day:02}"),
            }
        }
        writeln!(out, "KPI-{metric:08},{number},{date},{comment}")?;
    }
    Ok(())
}

/// A workbook of IDs in shared strings, dates and percentages, which repeat over the columns.
fn xlsx(out: &mut (impl Write + std::io::Seek), rows: usize, columns: usize) -> anyhow::Result<()> {
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
                (_, 2) => ("s=\"2\"", (43_831 + (row - 1) % 1000).to_string()),
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
