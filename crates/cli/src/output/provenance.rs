//! A JSON line for each cell of a conversion's output, which leads back to the cell of the workbook.

use std::io::Write;

use metricsheet_convert::cell::{StoredCell, StoredValue};
use metricsheet_convert::{OutputCell, SheetConversion};
use serde::Serialize;
use serde_json::Value;

use super::plain_json;

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    sheet: &'a str,
    /// The cell of the sheet; null for what no cell gives, such as a date of the caller.
    cell: Option<&'a str>,
    /// What the cell stores; null if it is empty.
    stored: Value,
    stored_type: Option<&'static str>,
    number_format: Option<&'a str>,
    shown: &'a str,
    output: &'a str,
    /// Where the output stands: file, record (the header is 1) and column.
    output_file: &'a str,
    output_row: u64,
    output_column: &'static str,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Fix<'a> {
    code: &'static str,
    title: &'a str,
}

/// Writes the lines of a sheet whose rows were written to `output`, from the record after `records` on.
pub(crate) fn write(
    file: &str,
    sheet: &SheetConversion,
    output: &str,
    records: u64,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for it in sheet.output_cells() {
        plain_json::write_line(&line(file, sheet, output, records, &it), out)?;
    }
    Ok(())
}

fn line<'a>(
    file: &'a str,
    sheet: &'a SheetConversion,
    output: &'a str,
    records: u64,
    it: &'a OutputCell<'a>,
) -> Line<'a> {
    let fixes = it.fixes.iter().map(|finding| Fix {
        code: finding.rule.code,
        title: finding.suggestion.as_ref().map_or("", |suggestion| &suggestion.title),
    });
    Line {
        file,
        sheet: &sheet.sheet,
        cell: it.cell.as_deref(),
        stored: it.stored.map_or(Value::Null, stored),
        stored_type: it.stored.map(kind),
        number_format: it.stored.map(|cell| cell.format.code()),
        shown: &it.shown,
        output: it.output,
        output_file: output,
        output_row: records + it.record,
        output_column: it.field.label(),
        fixes: fixes.collect(),
    }
}

fn stored(cell: &StoredCell) -> Value {
    match &cell.value {
        StoredValue::Text(text) => Value::from(&**text),
        // Whole numbers as such: 42, not 42.0.
        StoredValue::Number(number) | StoredValue::Duration(number) => {
            serde_json::from_str(&number.to_string()).unwrap_or(Value::Null)
        }
        StoredValue::Moment(moment) => Value::from(moment.format("%Y-%m-%dT%H:%M:%S").to_string()),
        StoredValue::Logical(value) => Value::from(*value),
        StoredValue::Error(text) => Value::from(text.as_str()),
        StoredValue::NoResult => Value::Null,
    }
}

const fn kind(cell: &StoredCell) -> &'static str {
    match &cell.value {
        StoredValue::Text(_) => "text",
        StoredValue::Number(_) => "number",
        StoredValue::Moment(_) => "date",
        StoredValue::Duration(_) => "duration in days",
        StoredValue::Logical(_) => "logical",
        StoredValue::Error(_) => "error",
        StoredValue::NoResult => "formula without a result",
    }
}
