//! What a conversion says on standard error.

use std::collections::BTreeMap;

use metricsheet_convert::layout::{PassedOver, YearFrom};
use metricsheet_convert::{Counts, LeftOut, SheetConversion};
use metricsheet_core::{Finding, Place};

use crate::new_files::Target;
use crate::say::say;

/// What was found and what became of the rows, on standard error. Cells that were mended are only counted.
pub(super) fn report(name: &str, sheet: &SheetConversion, target: &Target) {
    findings(name, sheet);
    let Counts { read, written, rejected, left_out } = &sheet.counts;
    let mended = sheet.mended_findings();
    let of_sheet = if sheet.is_text { String::new() } else { format!(", sheet `{}`", sheet.sheet) };
    say(&format!(
        "`{name}`{of_sheet}: {read} rows read, {written} written to {target}, {rejected} rejected{}; {mended} \
         findings mended",
        left_out_words(left_out)
    ));
}

/// What was found and not mended, and how the sheet was read.
pub(super) fn findings(name: &str, sheet: &SheetConversion) {
    for finding in sheet.findings.iter().filter(|finding| !sheet.is_mended(finding)) {
        let (severity, code) = (finding.severity.label(), finding.rule.code);
        // What concerns workbooks alone names its place itself.
        let place = match place(sheet, finding) {
            Some(place) if !code.starts_with('W') => format!(", {place}"),
            Some(_) | None => String::new(),
        };
        say(&format!("{severity}[{code}]: `{name}`{place}: {}", finding.message));
    }
    for layout in &sheet.tables {
        for PassedOver { column, header, reason } in &layout.passed_over {
            say(&format!(
                "note: `{name}`: column {column} (`{header}`) of sheet `{}` {}; it is left out",
                sheet.sheet,
                reason.label()
            ));
        }
        if let Some(YearFrom { year, place }) = &layout.year_from {
            say(&format!(
                "note: `{name}`: the year of the periods of sheet `{}` is taken from {place}: `{year}`",
                sheet.sheet
            ));
        }
    }
    if sheet.tables.len() > 1 {
        let rows = sheet.tables.iter().filter_map(|layout| layout.header.map(|row| row.to_string()));
        let rows: Vec<_> = rows.collect();
        say(&format!(
            "note: `{name}`: sheet `{}` holds {} tables, with headers in rows {}; their rows make one output",
            sheet.sheet,
            sheet.tables.len(),
            rows.join(", ")
        ));
    }
}

fn left_out_words(left_out: &BTreeMap<LeftOut, u64>) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let total: u64 = left_out.values().sum();
    let reasons: Vec<_> =
        left_out.iter().map(|(reason, count)| format!("{count} {}", reason.label())).collect();
    format!(", {total} left out ({})", reasons.join(", "))
}

/// Where the finding is: a cell of a sheet, or a field of a text.
fn place(sheet: &SheetConversion, finding: &Finding) -> Option<String> {
    let name = &sheet.sheet;
    let row = finding.place.row().map(|row| sheet.sheet_row(row));
    if sheet.is_text {
        return match (row, finding.place.field()) {
            (Some(row), Some(field)) => Some(format!("row {row}, {}", field.label())),
            (Some(row), None) => Some(format!("row {row}")),
            (None, _) => None,
        };
    }
    let cell = match finding.place {
        Place::File | Place::Row(_) => None,
        Place::Cell(row, field) => sheet.cell_name(row, field),
    };
    Some(match (cell, row) {
        (Some(cell), _) => format!("sheet `{name}`, cell {cell}"),
        (None, Some(row)) => format!("sheet `{name}`, row {row}"),
        (None, None) => format!("sheet `{name}`"),
    })
}
