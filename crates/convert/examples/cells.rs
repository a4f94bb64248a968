//! Prints every cell of a workbook as one reader sees it, ours or calamine, for comparison: sheet, row, column, kind
//! and value, with tabs between them. `shown` prints the position of the sheet instead of its name, the number format
//! instead of the kind, and the text that is shown. `cargo xtask corpus` runs it, one process for each file.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::ops::ControlFlow;

use calamine::{Data, Reader};
use metricsheet_convert::Workbook;
use metricsheet_convert::cell::{StoredCell, StoredValue};
use metricsheet_convert::number_format::DateSystem;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reader, path] = arguments.as_slice() else {
        return Err("give `ours`, `shown` or `calamine`, and a file".into());
    };
    let mut out = BufWriter::new(stdout().lock());
    match reader.as_str() {
        "ours" => ours(path, &mut out, stored)?,
        "shown" => ours(path, &mut out, shown)?,
        "calamine" => theirs(path, &mut out)?,
        _ => return Err("give `ours`, `shown` or `calamine`".into()),
    }
    Ok(out.flush()?)
}

/// The name that a sheet goes by, and what stands for the kind and the value of a cell.
type Printed = (String, String, String);

fn ours(
    path: &str,
    out: &mut impl Write,
    printed: fn(usize, &str, &StoredCell, DateSystem) -> Printed,
) -> Result<(), Box<dyn Error>> {
    let mut workbook = Workbook::open(File::open(path)?)?;
    if workbook.text_facts().is_some() {
        return Err("this is text, not a workbook".into());
    }
    let dates = workbook.dates();
    for (index, sheet) in workbook.sheets().to_vec().iter().enumerate() {
        let mut failure = None;
        workbook.read(index, &mut |row| {
            for cell in &row.cells {
                let (sheet, kind, value) = printed(index, &sheet.name, cell, dates);
                if kind.is_empty() {
                    continue;
                }
                let place = (row.number.get(), cell.column.number());
                if let Err(error) = line(out, &sheet, place, &(&kind, value)) {
                    failure = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        if let Some(error) = failure {
            return Err(error.into());
        }
    }
    Ok(())
}

fn stored(_: usize, sheet: &str, cell: &StoredCell, _: DateSystem) -> Printed {
    let (kind, value) = match &cell.value {
        StoredValue::Text(text) => ("text", text.to_string()),
        StoredValue::Number(number) => ("number", number.to_string()),
        StoredValue::Moment(moment) => ("moment", moment.format("%Y-%m-%d %H:%M:%S").to_string()),
        StoredValue::Duration(days) => ("duration", days.to_string()),
        StoredValue::Logical(value) => ("logical", value.to_string()),
        StoredValue::Error(text) => ("error", text.clone()),
        StoredValue::NoResult => ("", String::new()),
    };
    (sheet.to_owned(), kind.to_owned(), value)
}

fn shown(index: usize, _: &str, cell: &StoredCell, dates: DateSystem) -> Printed {
    let code = match (&cell.value, cell.format.code()) {
        (StoredValue::NoResult, _) => "no result",
        (_, "") => "General",
        (_, code) => code,
    };
    (index.to_string(), plain(code), cell.shown(dates))
}

fn theirs(path: &str, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    // By content, as ours; by its name it would refuse more files.
    let mut workbook = calamine::open_workbook_auto_from_rs(std::io::Cursor::new(std::fs::read(path)?))?;
    for name in workbook.sheet_names() {
        // It refuses chart and macro sheets.
        let Ok(range) = workbook.worksheet_range(&name) else { continue };
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let value = match cell {
                Data::Empty => continue,
                Data::String(text) => ("text", text.clone()),
                Data::Int(number) => ("number", number.to_string()),
                Data::Float(number) => ("number", number.to_string()),
                Data::Bool(value) => ("logical", value.to_string()),
                Data::DateTime(value) => ("number", value.as_f64().to_string()),
                Data::DateTimeIso(text) => match clock(text) {
                    Some(days) => ("duration", days.to_string()),
                    None => ("moment", text.clone()),
                },
                Data::DurationIso(text) => {
                    ("duration", clock(text).map_or_else(|| text.clone(), |days| days.to_string()))
                }
                Data::Error(error) => ("error", error.to_string()),
            };
            let place = (first_row + u32::try_from(row)? + 1, first_column + u32::try_from(column)? + 1);
            line(out, &name, place, &value)?;
        }
    }
    Ok(())
}

/// `PT6H9M23S` and `06:09:23` in days.
fn clock(text: &str) -> Option<f64> {
    let text = text.replace("PT", "").replace(['H', 'M'], ":").replace('S', "").replace(',', ".");
    let parts: Option<Vec<f64>> = text.split(':').map(|part| part.parse().ok()).collect();
    match parts?.as_slice() {
        [hours, minutes, seconds] => Some((hours * 60.0 + minutes) / 1_440.0 + seconds / 86_400.0),
        _ => None,
    }
}

fn line(
    out: &mut impl Write,
    sheet: &str,
    (row, column): (u32, u32),
    (kind, value): &(&str, String),
) -> std::io::Result<()> {
    writeln!(out, "{}\t{row}\t{column}\t{kind}\t{}", plain(sheet), plain(value))
}

/// The text on one line.
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\r', "").replace('\n', "\\n")
}
