//! One table of an OpenDocument spreadsheet: rows and cells, with their repetitions.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};
use quick_xml::events::{BytesStart, Event};

use super::styles::Styles;
use crate::cell::{StoredCell, StoredRow, StoredValue};
use crate::number_format::{Meaning, NumberFormat};
use crate::reading::limits::{Excess, room_for_one_more};
use crate::reading::xml::{Events, attribute, moment, number_attribute};
use crate::reading::{CellRange, MAX_COLUMNS, MAX_ROWS, ReadError, RowSink, SheetFacts};

#[derive(Debug)]
pub(super) enum TableError {
    Xml(quick_xml::Error),
    Read(ReadError),
}

impl From<Excess> for TableError {
    fn from(excess: Excess) -> Self {
        Self::Read(excess.into())
    }
}

impl From<quick_xml::Error> for TableError {
    fn from(error: quick_xml::Error) -> Self {
        Self::Xml(error)
    }
}

/// Reads the table whose start the reader has just passed.
pub(super) struct Table<'t, 's, R> {
    reader: &'t mut Events<R>,
    styles: &'t Styles,
    sink: &'t mut RowSink<'s>,
    facts: SheetFacts,
    /// The style of cells without one, by column.
    column_styles: Vec<(RangeInclusive<u32>, String)>,
    columns: u32,
    /// 0-based.
    row: u32,
    /// How many cells had no bytes of their own so far.
    repeated: u64,
}

impl<'t, 's, R: BufRead> Table<'t, 's, R> {
    pub(super) fn new(reader: &'t mut Events<R>, styles: &'t Styles, sink: &'t mut RowSink<'s>) -> Self {
        Self {
            reader,
            styles,
            sink,
            facts: SheetFacts::default(),
            column_styles: Vec::new(),
            columns: 0,
            row: 0,
            repeated: 0,
        }
    }

    pub(super) fn read(mut self) -> Result<SheetFacts, TableError> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Start(element) => match element.name().as_ref() {
                    "table:table-column" => self.column(&element),
                    "table:table-row" => {
                        let element = element.to_owned();
                        if self.row(&element)?.is_break() {
                            return Ok(self.facts);
                        }
                    }
                    // A table inside of a cell or a drawing is not this table.
                    "table:shapes" | "table:table" | "office:forms" => {
                        let element = element.to_owned();
                        self.reader.skip_to_end(element.name().as_ref())?;
                    }
                    _ => {}
                },
                Event::End(element) if element.name().as_ref() == "table:table" => return Ok(self.facts),
                Event::Eof => {
                    let cut = ReadError::broken("`content.xml`", "it ends inside a table");
                    return Err(TableError::Read(cut));
                }
                _ => {}
            }
        }
    }

    fn column(&mut self, element: &BytesStart<'_>) {
        let repeated = number_attribute::<u32>(element, "table:number-columns-repeated").unwrap_or(1);
        let first = self.columns;
        self.columns = first.saturating_add(repeated.max(1)).min(MAX_COLUMNS);
        let Some(last) = self.columns.checked_sub(1).filter(|last| *last >= first) else { return };
        if let Some(style) = attribute(element, "table:default-cell-style-name") {
            self.column_styles.push((first..=last, style));
        }
        // A column that hides beyond the last one has no place, and there are no more groups than columns.
        if is_hidden(element) {
            self.facts.hidden_columns.push(ColumnIndex::new(first)..=ColumnIndex::new(last));
        }
    }

    fn row(&mut self, element: &BytesStart<'_>) -> Result<ControlFlow<()>, TableError> {
        let repeated = number_attribute::<u32>(element, "table:number-rows-repeated").unwrap_or(1).max(1);
        let hidden = is_hidden(element);
        let row_style = attribute(element, "table:default-cell-style-name");
        let cells = self.cells(row_style.as_deref())?;
        let first = self.row;
        self.row = first.saturating_add(repeated);
        if cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.repeat(u64::from(repeated - 1).saturating_mul(cells.len() as u64))?;
        for row in first..self.row.min(MAX_ROWS) {
            let cells = cells.values().cloned().collect();
            let mut row =
                StoredRow { number: RowNumber::new(row + 1), hidden, cells, ..StoredRow::default() };
            if (self.sink)(&mut row).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if self.row > MAX_ROWS {
            return Err(TableError::Read(ReadError::TooLarge {
                what: "a sheet".to_owned(),
                limit: format!("{MAX_ROWS} rows"),
            }));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Counts cells that the file tells of by repetition: two numbers can ask for 17 billion of them.
    fn repeat(&mut self, cells: u64) -> Result<(), Excess> {
        self.repeated = self.repeated.saturating_add(cells);
        let most = self.reader.limits.repeated_cells;
        if self.repeated > most {
            return Err(Excess::new("the number of repeated cells", most.to_string()));
        }
        Ok(())
    }

    fn cells(&mut self, row_style: Option<&str>) -> Result<BTreeMap<ColumnIndex, StoredCell>, TableError> {
        let mut cells = BTreeMap::new();
        let mut column = 0_u32;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Start(element)
                    if matches!(element.name().as_ref(), "table:table-cell" | "table:covered-table-cell") =>
                {
                    let element = element.to_owned();
                    let text = self.text(element.name().as_ref())?;
                    let repeated =
                        number_attribute::<u32>(&element, "table:number-columns-repeated").unwrap_or(1);
                    let next = column.saturating_add(repeated.max(1));
                    self.merge(&element, column)?;
                    if let Some(value) = value(&element, text) {
                        let format = self.format(&element, &value, column, row_style);
                        let from_other_workbook =
                            attribute(&element, "table:formula").is_some_and(|it| it.contains("'file:"));
                        if next > MAX_COLUMNS {
                            return Err(TableError::Read(ReadError::TooLarge {
                                what: format!("row {}", self.row + 1),
                                limit: format!("{MAX_COLUMNS} columns"),
                            }));
                        }
                        self.repeat(u64::from(next - column - 1))?;
                        for column in (column..next).map(ColumnIndex::new) {
                            let (value, format) = (value.clone(), Arc::clone(&format));
                            cells.insert(column, StoredCell { column, value, format, from_other_workbook });
                        }
                    }
                    column = next;
                }
                Event::End(element) if element.name().as_ref() == "table:table-row" => return Ok(cells),
                Event::Eof => {
                    let cut = ReadError::broken("`content.xml`", "it ends inside a row");
                    return Err(TableError::Read(cut));
                }
                _ => {}
            }
        }
    }

    fn merge(&mut self, element: &BytesStart<'_>, column: u32) -> Result<(), Excess> {
        let columns = number_attribute::<u32>(element, "table:number-columns-spanned").unwrap_or(1).max(1);
        let rows = number_attribute::<u32>(element, "table:number-rows-spanned").unwrap_or(1).max(1);
        if columns > 1 || rows > 1 {
            room_for_one_more(self.facts.merged.len(), self.reader.limits.areas, "merged areas")?;
            let first_row = self.row.saturating_add(1);
            self.facts.merged.push(CellRange {
                first_row: RowNumber::new(first_row),
                last_row: RowNumber::new(first_row.saturating_add(rows - 1).min(MAX_ROWS)),
                first_column: ColumnIndex::new(column),
                last_column: ColumnIndex::new(column.saturating_add(columns - 1).min(MAX_COLUMNS - 1)),
            });
        }
        Ok(())
    }

    /// The number format: the cell's own style, else its row's, else its column's; the value's type has the
    /// last word on what is a percentage.
    fn format(
        &self,
        element: &BytesStart<'_>,
        value: &StoredValue,
        column: u32,
        row_style: Option<&str>,
    ) -> Arc<NumberFormat> {
        let own = attribute(element, "table:style-name");
        let of_column = || {
            self.column_styles
                .iter()
                .find(|(columns, _)| columns.contains(&column))
                .map(|(_, style)| &**style)
        };
        let style = own.as_deref().or(row_style).or_else(of_column);
        let format = style.map_or_else(|| self.styles.general(), |style| self.styles.format(style));
        match (value, attribute(element, "office:value-type").as_deref()) {
            (StoredValue::Number(number), Some("percentage"))
                if format.meaning(*number) != Meaning::Percent =>
            {
                Arc::new(NumberFormat::new("0.00%"))
            }
            // A number stored as a number is no percentage, date or time, whatever its style would make of it.
            (StoredValue::Number(number), Some("float" | "currency")) => match format.meaning(*number) {
                Meaning::Percent | Meaning::Date | Meaning::TimeOfDay | Meaning::Duration => {
                    self.styles.general()
                }
                Meaning::General | Meaning::Number | Meaning::LiteralPercent | Meaning::Text => format,
            },
            _ => format,
        }
    }

    /// The text of a cell: its paragraphs, one a line, without annotations.
    fn text(&mut self, cell: &str) -> Result<String, TableError> {
        let mut text = self.reader.text();
        let mut paragraphs = 0;
        let mut inside = false;
        let mut after_blank = true;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Start(element) => match element.name().as_ref() {
                    "text:p" => {
                        if paragraphs > 0 {
                            text.push("\n")?;
                        }
                        paragraphs += 1;
                        inside = true;
                        after_blank = true;
                    }
                    "text:s" => {
                        let count = number_attribute::<usize>(&element, "text:c").unwrap_or(1);
                        text.push(&" ".repeat(count.min(1024)))?;
                        after_blank = false;
                    }
                    "text:tab" => text.push("\t")?,
                    "text:line-break" => text.push("\n")?,
                    "office:annotation" | "draw:frame" | "draw:g" | "table:table" => {
                        let element = element.to_owned();
                        self.reader.skip_to_end(element.name().as_ref())?;
                    }
                    _ => {}
                },
                Event::Text(content) if inside => {
                    text.push(&collapsed(&content.xml10_content(), &mut after_blank))?;
                }
                Event::CData(content) if inside => {
                    text.push(&collapsed(&content.xml10_content(), &mut after_blank))?;
                }
                Event::GeneralRef(reference) if inside => {
                    text.push_reference(&reference)?;
                    after_blank = false;
                }
                Event::End(element) if element.name().as_ref() == "text:p" => inside = false,
                Event::End(element) if element.name().as_ref() == cell => return Ok(text.take()),
                Event::Eof => {
                    let cut = ReadError::broken("`content.xml`", "it ends inside a cell");
                    return Err(TableError::Read(cut));
                }
                _ => {}
            }
        }
    }
}

/// The text as it is shown: blanks and line ends in a row are one blank, at the beginning of a paragraph none; other
/// blanks are elements. Source: OpenDocument 1.3, part 3, 6.1.2.
fn collapsed(text: &str, after_blank: &mut bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        let is_blank = matches!(character, ' ' | '\t' | '\r' | '\n');
        if !is_blank {
            out.push(character);
        } else if !*after_blank {
            out.push(' ');
        }
        *after_blank = is_blank;
    }
    out
}

fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "table:visibility").is_some_and(|it| matches!(it.as_str(), "collapse" | "filter"))
}

/// What a cell stores; `None` for an empty one.
fn value(element: &BytesStart<'_>, text: String) -> Option<StoredValue> {
    let has_formula = || attribute(element, "table:formula").is_some();
    if attribute(element, "calcext:value-type").is_some_and(|kind| kind == "error")
        || (has_formula() && is_error_text(&text))
    {
        return Some(StoredValue::Error(text));
    }
    let number = |name: &str| number_attribute::<f64>(element, name).filter(|number| number.is_finite());
    let typed = match attribute(element, "office:value-type").as_deref() {
        Some("float" | "percentage" | "currency") => number("office:value").map(StoredValue::Number),
        Some("date") => attribute(element, "office:date-value")
            .map(|value| moment(&value).map_or_else(|| StoredValue::Text(value.into()), StoredValue::Moment)),
        Some("time") => attribute(element, "office:time-value").map(|value| {
            duration_in_days(&value).map_or_else(|| StoredValue::Text(value.into()), StoredValue::Duration)
        }),
        Some("boolean") => {
            attribute(element, "office:boolean-value").map(|value| StoredValue::Logical(value == "true"))
        }
        Some("string") => attribute(element, "office:string-value")
            .filter(|value| !value.is_empty())
            .map(|value| StoredValue::Text(value.into())),
        Some(_) | None => None,
    };
    if typed.is_some() {
        return typed;
    }
    if !text.is_empty() {
        return Some(StoredValue::Text(text.into()));
    }
    // An empty text is a result; a formula without any value has none.
    (has_formula() && attribute(element, "office:value-type").is_none()).then_some(StoredValue::NoResult)
}

fn is_error_text(text: &str) -> bool {
    text.starts_with("Err:")
        || matches!(text, "#DIV/0!" | "#N/A" | "#NAME?" | "#NULL!" | "#NUM!" | "#REF!" | "#VALUE!")
}

/// `PT36H30M00S` in days.
fn duration_in_days(text: &str) -> Option<f64> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let seconds = rest.strip_suffix('S')?.replace(',', ".");
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let days = (number(hours)? * 60.0 + number(minutes)?) / 1_440.0 + number(&seconds)? / 86_400.0;
    Some(if negative { -days } else { days })
}
