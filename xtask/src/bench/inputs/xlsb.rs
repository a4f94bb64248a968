//! Binary workbooks of Excel: each record is its kind and its length, both in groups of seven bits, and its data.

use std::io::{Seek, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Chance, FIRST_DAY};

/// A workbook of IDs in shared strings, percentages and dates.
pub(super) fn write(out: &mut (impl Write + Seek), rows: usize) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new(out);
    let options = SimpleFileOptions::default();
    let labels = ["External ID", "Current Metric Value", "As Of Date"].map(ToOwned::to_owned);
    let ids = (0..rows.div_ceil(1000)).map(|id| format!("KPI-{id:08}"));
    let texts: Vec<Vec<u8>> =
        labels.into_iter().chain(ids).map(|text| record(19, &[&[0][..], &string(&text)])).collect();
    let count = u32::try_from(texts.len())?.to_le_bytes();
    let strings = [record(159, &[&count, &count]), texts.concat(), record(160, &[])];
    let sheet = record(156, &[&[0; 4], &1_u32.to_le_bytes(), &string("worksheet"), &string("Metrics")]);
    let begin = [record(131, &[]), record(153, &[&[0; 12]]), record(143, &[])].concat();
    let workbook = [begin, sheet, record(144, &[]), record(132, &[])];
    let format = |format: u16| record(47, &[&[0; 2], &format.to_le_bytes(), &[0; 12]]);
    let styles = [record(617, &[&3_u32.to_le_bytes()]), format(0), format(10), format(14), record(618, &[])];
    for (name, bytes) in [
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes().to_vec()),
        ("_rels/.rels", relationships(&[("officeDocument", "xl/workbook.bin")])),
        (
            "xl/_rels/workbook.bin.rels",
            relationships(&[
                ("worksheet", "worksheets/sheet1.bin"),
                ("styles", "styles.bin"),
                ("sharedStrings", "sharedStrings.bin"),
            ]),
        ),
        ("xl/workbook.bin", workbook.concat()),
        ("xl/styles.bin", styles.concat()),
        ("xl/sharedStrings.bin", strings.concat()),
    ] {
        zip.start_file(name, options)?;
        zip.write_all(&bytes)?;
    }
    zip.start_file("xl/worksheets/sheet1.bin", options)?;
    let last_row = u32::try_from(rows)?;
    zip.write_all(&record(129, &[]))?;
    zip.write_all(&record(148, &[&[0; 4], &last_row.to_le_bytes(), &[0; 4], &2_u32.to_le_bytes()]))?;
    zip.write_all(&record(145, &[]))?;
    let mut chance = Chance(rows as u64);
    for row in 0..=last_row {
        zip.write_all(&record(0, &[&row.to_le_bytes(), &[0; 8]]))?;
        let shared = |column: u32, at: u32| record(7, &[&column.to_le_bytes(), &[0; 4], &at.to_le_bytes()]);
        if row == 0 {
            zip.write_all(&[shared(0, 0), shared(1, 1), shared(2, 2)].concat())?;
            continue;
        }
        let number = |column: u32, format: u32, value: f64| {
            record(5, &[&column.to_le_bytes(), &format.to_le_bytes(), &value.to_le_bytes()])
        };
        let share = u32::try_from(100 + chance.below(9_800))?;
        let day = u32::try_from(FIRST_DAY)? + (row - 1) % 1000;
        let value = number(1, 1, f64::from(share) / 10_000.0);
        zip.write_all(&[shared(0, 3 + (row - 1) / 1000), value, number(2, 2, f64::from(day))].concat())?;
    }
    zip.write_all(&[record(146, &[]), record(130, &[])].concat())?;
    zip.finish()?;
    Ok(())
}

fn record(kind: u16, data: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let length: usize = data.iter().map(|part| part.len()).sum();
    for mut number in [usize::from(kind), length] {
        loop {
            let group = number.to_le_bytes()[0] & 0x7f;
            number >>= 7;
            bytes.push(if number > 0 { group | 0x80 } else { group });
            if number == 0 {
                break;
            }
        }
    }
    bytes.extend(data.concat());
    bytes
}

fn string(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(units.len() / 2).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], &units].concat()
}

fn relationships(all: &[(&str, &str)]) -> Vec<u8> {
    let one = |(kind, target): &(&str, &str)| {
        format!(
            "<Relationship Id=\"{kind}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>"
        )
    };
    let all: Vec<String> = all.iter().map(one).collect();
    format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}</Relationships>", all.concat())
        .into_bytes()
}

const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/><Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/><Override PartName="/xl/sharedStrings.bin" ContentType="application/vnd.ms-excel.sharedStrings"/></Types>"#;
