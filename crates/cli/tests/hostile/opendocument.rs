//! OpenDocument: two numbers that stand for billions of cells. The flat form, so that no container is in the way.

use crate::{CSV, Case, Fate, hold};

fn text(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
}

fn rows() -> String {
    let value = "<table:table-cell office:value-type=\"float\" office:value=\"0.5\"/>";
    let header = [text("External ID"), text("Value"), text("As Of Date")].concat();
    let row = [text("KPI-1"), value.to_owned(), text("2024-03-31")].concat();
    format!("<table:table-row>{header}</table:table-row><table:table-row>{row}</table:table-row>")
}

fn document(tables: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><office:document office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\">\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document>"
    )
    .into_bytes()
}

fn table(further: &str) -> Vec<u8> {
    document(&format!("<table:table table:name=\"S\">{}{further}</table:table>", rows()))
}

/// A row that repeats, of a cell that repeats.
fn repeated(rows: u64, columns: u64, content: &str) -> String {
    format!(
        "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell \
         table:number-columns-repeated=\"{columns}\" {content}/></table:table-row>"
    )
}

#[test]
fn repetitions_are_not_believed() {
    let number = "office:value-type=\"float\" office:value=\"1\"";
    let many_tables: String =
        (0..10_001).map(|number| format!("<table:table table:name=\"S{number}\"/>")).collect();
    let each_with_rows: String = (0..9_000)
        .map(|number| {
            format!("<table:table table:name=\"S{number}\">{}</table:table>", "<x>...</x>".repeat(200))
        })
        .collect();
    hold(
        "fods",
        vec![
            Case::new(
                "empty cells up to the end of the grid",
                table(&repeated(1_048_574, 16_384, "")),
                Fate::Converted(CSV),
            ),
            Case::new(
                "cells up to the end of the grid",
                table(&repeated(1_048_574, 16_384, number)),
                Fate::Refused("the number of repeated cells exceeds the limit of 20000000"),
            ),
            Case::new(
                "a row that repeats",
                table(&repeated(4_000_000_000, 3, number)),
                Fate::Refused("the number of repeated cells exceeds the limit of 20000000"),
            ),
            Case::new(
                "a column beyond the grid",
                table(&repeated(1, 4_000_000_000, number)),
                Fate::Refused("row 3 exceeds the limit of 16384 columns"),
            ),
            Case::new(
                "numbers that are none",
                table(&repeated(u64::MAX, u64::MAX, "")),
                Fate::Converted(CSV),
            ),
            Case::new(
                "blanks that repeat",
                table(&format!(
                    "<table:table-row>{}</table:table-row>",
                    text("<text:s text:c=\"4000000000\"/>")
                )),
                Fate::Converted(CSV),
            ),
            Case::new(
                "tables",
                document(&many_tables),
                Fate::Refused("the number of sheets exceeds the limit of 10000"),
            ),
            // A table at the end is not reached through all others: 9,000 × 9,000 tables would take minutes.
            Case::new("tables that are looked at one by one", document(&each_with_rows), Fate::Empty),
        ],
    );
}
