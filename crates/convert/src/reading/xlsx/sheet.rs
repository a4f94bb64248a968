//! The cells of one xlsx sheet.

use std::collections::HashSet;
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};
use quick_xml::events::{BytesStart, Event};

use super::scan::{ScannedRow, Scanner};
use super::strings::{text_until, unescaped};
use crate::cell::{CellText, SharedTexts, StoredValue};
use crate::number_format::NumberFormat;
use crate::reading::limits::{Excess, room_for_one_more};
use crate::reading::markup::Stop;
use crate::reading::rows::RowAssembler;
use crate::reading::xml::{XmlReader, attribute, moment, number_attribute, time_of_day};
use crate::reading::{CellRange, MAX_COLUMNS, ReadError, RowSink, SheetFacts};

/// What cells refer to.
#[derive(Clone, Copy)]
pub(super) struct Book<'w> {
    pub(super) formats: &'w [Arc<NumberFormat>],
    pub(super) strings: &'w SharedTexts,
}

pub(super) struct SheetReader<'w, 's, 'r, 'x> {
    part: &'w str,
    reader: XmlReader<'x>,
    book: Book<'w>,
    general: Arc<NumberFormat>,
    facts: SheetFacts,
    rows: RowAssembler<'s, 'r>,
    /// 0-based, where a cell without a reference of its own stands.
    row: u32,
    column: u32,
    /// The shared formulas that read another workbook.
    shared_external: HashSet<u32>,
    /// Whether rows of the usual form are scanned; tests read all as events.
    pub(super) scans: bool,
}

/// A cell's parts.
#[derive(Default)]
struct Parts {
    value: Option<String>,
    inline: Option<String>,
    has_formula: bool,
    is_external: bool,
}

impl<'w, 's, 'r, 'x> SheetReader<'w, 's, 'r, 'x> {
    pub(super) fn new(
        part: &'w str,
        reader: XmlReader<'x>,
        book: Book<'w>,
        sink: &'s mut RowSink<'r>,
    ) -> Self {
        Self {
            part,
            reader,
            book,
            general: Arc::new(NumberFormat::general()),
            facts: SheetFacts::default(),
            rows: RowAssembler::new(sink),
            row: 0,
            column: 0,
            shared_external: HashSet::new(),
            scans: true,
        }
    }

    pub(super) fn read(mut self) -> Result<SheetFacts, ReadError> {
        let part = self.part;
        self.read_xml().map_err(|error| ReadError::failed(format!("`{part}`"), &error))?;
        self.rows.finish()?;
        Ok(self.facts)
    }

    /// Merged cells come after the rows, so the part is read to its end.
    fn read_xml(&mut self) -> Result<(), quick_xml::Error> {
        let mut buffer = Vec::new();
        let mut among_rows = false;
        let mut in_row = false;
        let mut may_scan = false;
        loop {
            if self.scans && among_rows && may_scan {
                self.scan_rows()?;
            }
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer)?;
            // Behind a start the parser may have an end to tell, that of an empty element, and behind a text it has
            // seen what comes next; behind an end it knows nothing of it.
            may_scan = !in_row && matches!(event, Event::End(_));
            match event {
                // Drawings and controls after the rows have elements of the same names.
                Event::Start(element) => match element.local_name().as_ref() {
                    "sheetData" => among_rows = true,
                    "row" if among_rows => {
                        in_row = true;
                        self.begin_row(&element);
                    }
                    "c" if among_rows => {
                        let element = element.to_owned();
                        self.cell(&element)?;
                    }
                    "col" if attribute(&element, "min").is_some() => self.column_info(&element)?,
                    "mergeCell" => {
                        self.room_for_an_area()?;
                        self.facts.merged.extend(attribute(&element, "ref").and_then(|it| range(&it)));
                    }
                    _ => {}
                },
                Event::End(element) if among_rows && element.local_name().as_ref() == "row" => {
                    in_row = false;
                    may_scan = true;
                    self.row = self.row.saturating_add(1);
                    self.column = 0;
                }
                Event::End(element) if element.local_name().as_ref() == "sheetData" => among_rows = false,
                // A part that is cut off inside its rows lacks rows that nobody would miss.
                Event::Eof if among_rows => {
                    return Err(quick_xml::Error::Syntax(quick_xml::errors::SyntaxError::UnclosedTag));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Reads rows as long as they are of the usual form. The next one is left whole.
    fn scan_rows(&mut self) -> Result<(), quick_xml::Error> {
        let Some(window) = self.reader.scannable() else { return Ok(()) };
        let knows_shared_formulas = !self.shared_external.is_empty();
        let scanner = Scanner { book: self.book, general: &self.general, knows_shared_formulas };
        loop {
            match scanner.row(window.ahead(), self.row, self.rows.spare()) {
                Ok(ScannedRow { length, row, is_hidden, count }) => {
                    window.pass(length);
                    if is_hidden {
                        self.rows.hide(row);
                    }
                    self.rows.take_spare(row, count);
                    self.row = row + 1;
                    self.column = 0;
                }
                Err(Stop::Short) if window.widen_twice()? => {}
                Err(Stop::Short | Stop::Odd) => return Ok(()),
            }
        }
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) {
        if let Some(number) = number_attribute::<u32>(element, "r").and_then(|number| number.checked_sub(1)) {
            self.row = number;
        }
        self.column = 0;
        if attribute(element, "hidden").is_some_and(|hidden| is_true(&hidden)) {
            self.rows.hide(self.row);
        }
    }

    fn room_for_an_area(&self) -> Result<(), Excess> {
        let known = self.facts.merged.len().max(self.facts.hidden_columns.len());
        room_for_one_more(known, self.reader.limits.areas, "merged areas or hidden columns")
    }

    fn column_info(&mut self, element: &BytesStart<'_>) -> Result<(), Excess> {
        if !attribute(element, "hidden").is_some_and(|hidden| is_true(&hidden)) {
            return Ok(());
        }
        self.room_for_an_area()?;
        let bound = |name| number_attribute::<u32>(element, name).and_then(|number| number.checked_sub(1));
        if let (Some(first), Some(last)) = (bound("min"), bound("max")) {
            let last = ColumnIndex::new(last.min(MAX_COLUMNS - 1));
            self.facts.hidden_columns.push(ColumnIndex::new(first)..=last);
        }
        Ok(())
    }

    fn cell(&mut self, element: &BytesStart<'_>) -> Result<(), quick_xml::Error> {
        let (mut kind, mut style) = (None, 0_usize);
        for attribute in element.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => {
                    if let Some((row, column)) = position(&attribute.value) {
                        (self.row, self.column) = (row, column);
                    }
                }
                "s" => style = attribute.value.trim().parse().unwrap_or_default(),
                "t" => kind = Some(attribute.value.into_owned()),
                _ => {}
            }
        }
        let parts = self.parts()?;
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(1);
        let is_external = parts.is_external;
        let Some(value) = value(kind.as_deref(), parts, self.book.strings) else { return Ok(()) };
        let format = self.book.formats.get(style).unwrap_or(&self.general);
        self.rows.push(row, column, value, format);
        if is_external {
            self.rows.mark_external();
        }
        Ok(())
    }

    /// Reads up to the end of the cell.
    fn parts(&mut self) -> Result<Parts, quick_xml::Error> {
        let mut parts = Parts::default();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "v" => parts.value = Some(self.content("v")?),
                    "is" => parts.inline = Some(text_until(&mut self.reader, "is")?),
                    "f" => {
                        let shared = number_attribute::<u32>(&element, "si");
                        parts.has_formula = true;
                        let formula = self.content("f")?;
                        parts.is_external = reads_other_workbook(&formula)
                            || shared.is_some_and(|shared| self.shared_external.contains(&shared));
                        if let (true, Some(shared)) = (parts.is_external, shared) {
                            self.shared_external.insert(shared);
                        }
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "c" => return Ok(parts),
                Event::Eof => return Ok(parts),
                _ => {}
            }
        }
    }

    /// The text directly inside of an element.
    fn content(&mut self, end: &str) -> Result<String, quick_xml::Error> {
        let mut text = self.reader.text();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Text(content) => text.push(&content.xml10_content())?,
                Event::CData(content) => text.push(&content.xml10_content())?,
                Event::GeneralRef(reference) => text.push_reference(&reference)?,
                Event::End(element) if element.local_name().as_ref() == end => return Ok(text.take()),
                Event::Eof => return Ok(text.take()),
                _ => {}
            }
        }
    }
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "true" | "on")
}

/// What a cell stores; `None` for an empty one.
fn value(kind: Option<&str>, parts: Parts, strings: &SharedTexts) -> Option<StoredValue> {
    let text = |text: CellText| (!text.is_empty()).then_some(StoredValue::Text(text));
    if let Some(inline) = parts.inline {
        return text(inline.into());
    }
    let stored = parts.value.unwrap_or_default();
    let plain = stored.trim();
    if plain.is_empty() {
        // An empty text is a result; nothing is none.
        return match kind {
            Some("str") => text(stored.into()),
            _ => parts.has_formula.then_some(StoredValue::NoResult),
        };
    }
    match kind {
        Some("s") => text(strings.get(plain.parse::<usize>().ok()?)?.into()),
        Some("str" | "inlineStr") => text((*unescaped(&stored)).into()),
        Some("b") => Some(StoredValue::Logical(matches!(plain, "1" | "true" | "TRUE"))),
        Some("e") => Some(StoredValue::Error(plain.to_owned())),
        Some("d") => Some(match (moment(plain), time_of_day(plain)) {
            (Some(moment), _) => StoredValue::Moment(moment),
            (None, Some(days)) => StoredValue::Duration(days),
            (None, None) => StoredValue::Text(plain.into()),
        }),
        Some(_) | None => Some(match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => StoredValue::Number(number),
            Ok(_) => StoredValue::Error("#NUM!".to_owned()),
            Err(_) => StoredValue::Text(stored.into()),
        }),
    }
}

/// `AB12` as 0-based row and column.
fn position(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.trim().trim_start_matches('$');
    let split = reference.find(|it: char| it.is_ascii_digit() || it == '$')?;
    let (letters, digits) = reference.split_at(split);
    let row = digits.trim_start_matches('$').parse::<u32>().ok()?.checked_sub(1)?;
    // Columns beyond the last letter are refused where the cell is pushed.
    let column = ColumnIndex::from_letters(letters).map_or(MAX_COLUMNS, ColumnIndex::get);
    Some((row, column))
}

/// `A1:C3`, or `A1` alone.
pub(super) fn range(reference: &str) -> Option<CellRange> {
    let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
    let (first, last) = (position(first)?, position(last)?);
    let row = |row: u32| RowNumber::new(row.saturating_add(1));
    Some(CellRange {
        first_row: row(first.0),
        last_row: row(last.0),
        first_column: ColumnIndex::new(first.1),
        last_column: ColumnIndex::new(last.1),
    })
}

/// Whether a formula refers to another workbook: `[1]Sheet1!A1`. A table's `Sales[1]` does not.
fn reads_other_workbook(formula: &str) -> bool {
    formula.match_indices('[').any(|(at, _)| {
        let before = formula[..at].chars().next_back();
        let is_table =
            before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '.' | '[' | ']' | ','));
        let inside = formula[at + 1..].split(']').next().unwrap_or_default();
        let is_number = !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit());
        // LibreOffice writes the place of the file instead of its number.
        !is_table && (is_number || inside.trim_start_matches('\'').starts_with("file:"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        for (reference, expected) in [
            ("A1", Some((0, 0))),
            ("AB12", Some((11, 27))),
            ("$C$3", Some((2, 2))),
            ("ZZZZ1", Some((0, MAX_COLUMNS))),
            ("A0", None),
            ("A", None),
            ("", None),
            ("A99999999999", None),
        ] {
            assert_eq!(position(reference), expected, "{reference}");
        }
    }

    #[test]
    fn formulas_tell_whether_they_read_another_workbook() {
        for (formula, expected) in [
            ("[1]Sheet1!A1", true),
            ("SUM('[2]Q 1'!A1:A3)", true),
            ("1+[10]!name", true),
            ("['file:///home/a/b.xlsx']Sheet1!A1", true),
            ("[file:///home/a/b.xlsx]Sheet1!A1", true),
            ("Sales[1]", false),
            ("Sales[[#This Row],[2024]]", false),
            ("A1*2", false),
        ] {
            assert_eq!(reads_other_workbook(formula), expected, "{formula}");
        }
    }

    #[test]
    fn values_are_told_by_their_type() {
        let mut strings = SharedTexts::default();
        strings.push("shared");
        strings.finish();
        let cell = |kind: Option<&str>, stored: Option<&str>, has_formula: bool| {
            value(kind, Parts { value: stored.map(str::to_owned), has_formula, ..Parts::default() }, &strings)
        };
        let text = |text: &str| Some(StoredValue::Text(text.into()));
        for (kind, stored, has_formula, expected) in [
            (Some("s"), Some("0"), false, text("shared")),
            // Blanks are no reference to the first text.
            (Some("s"), Some(" \n"), false, None),
            (Some("s"), Some("1"), false, None),
            (Some("str"), Some(" a "), true, text(" a ")),
            (Some("str"), Some(""), true, None),
            (Some("b"), Some("1"), false, Some(StoredValue::Logical(true))),
            (Some("e"), Some("#N/A"), true, Some(StoredValue::Error("#N/A".to_owned()))),
            (None, Some("1.5E2"), false, Some(StoredValue::Number(150.0))),
            (Some("d"), Some("10:30:00.500"), false, Some(StoredValue::Duration(0.437_505_787_037_037))),
            (Some("d"), Some("T10:30"), false, Some(StoredValue::Duration(0.4375))),
            (Some("d"), Some("noon"), false, text("noon")),
            (Some("n"), Some(" 7 "), false, Some(StoredValue::Number(7.0))),
            (None, Some("1E999"), false, Some(StoredValue::Error("#NUM!".to_owned()))),
            (None, Some("n/a"), false, text("n/a")),
            (None, None, true, Some(StoredValue::NoResult)),
            (None, None, false, None),
        ] {
            assert_eq!(cell(kind, stored, has_formula), expected, "{kind:?} {stored:?}");
        }
    }
}
