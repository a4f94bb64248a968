//! One table of an OpenDocument spreadsheet: rows and cells, with their repetitions.

use std::ops::ControlFlow;
use std::sync::Arc;

use metricsheet_core::{ColumnIndex, RowNumber};
use quick_xml::events::{BytesStart, Event};

use super::cell::{CellAttributes, times};
use super::formats::Formats;
use super::scan::{self, Scanner};
use super::styles::Styles;
use super::text::{MOST_BLANKS, push_collapsed};
use crate::cell::{StoredCell, StoredRow};
use crate::reading::limits::{Excess, room_for_one_more};
use crate::reading::markup::Stop;
use crate::reading::xml::{XmlReader, attribute, number_attribute};
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
pub(super) struct Table<'t, 's, 'x> {
    reader: &'t mut XmlReader<'x>,
    formats: Formats<'t>,
    sink: &'t mut RowSink<'s>,
    facts: SheetFacts,
    columns: u32,
    /// 0-based.
    row: u32,
    /// The row that is being read, or an earlier one, for its memory.
    memory: StoredRow,
    /// How many cells had no bytes of their own so far.
    repeated: u64,
    scanner: Scanner,
    /// Whether rows of the usual form are scanned; tests read all as events.
    pub(super) scans: bool,
}

impl<'t, 's, 'x> Table<'t, 's, 'x> {
    pub(super) fn new(reader: &'t mut XmlReader<'x>, styles: &'t Styles, sink: &'t mut RowSink<'s>) -> Self {
        Self {
            reader,
            formats: Formats::new(styles),
            sink,
            facts: SheetFacts::default(),
            columns: 0,
            row: 0,
            memory: StoredRow::default(),
            repeated: 0,
            scanner: Scanner::default(),
            scans: true,
        }
    }

    pub(super) fn read(mut self) -> Result<SheetFacts, TableError> {
        let mut buffer = Vec::new();
        // Only behind an end the parser knows nothing of what comes next.
        let mut may_scan = false;
        loop {
            if may_scan && self.scans && self.scan_rows()?.is_break() {
                return Ok(self.facts);
            }
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer)?;
            may_scan = matches!(event, Event::End(_));
            match event {
                Event::Start(element) => match element.name().as_ref() {
                    "table:table-column" => self.column(&element),
                    "table:table-row" => {
                        let element = element.to_owned();
                        if self.row(&element)?.is_break() {
                            return Ok(self.facts);
                        }
                        may_scan = true;
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

    /// Reads rows as long as they are of the usual form. The next one is left whole.
    fn scan_rows(&mut self) -> Result<ControlFlow<()>, TableError> {
        if self.reader.room() < scan::LEVELS {
            return Ok(ControlFlow::Continue(()));
        }
        let longest = self.reader.limits.text_bytes;
        loop {
            let Some(window) = self.reader.scannable() else { return Ok(ControlFlow::Continue(())) };
            match self.scanner.row(window.ahead(), longest, &self.formats, &mut self.memory.cells) {
                Ok(row) => {
                    window.pass(row.length);
                    self.memory.cells.truncate(row.count);
                    self.repeat(row.repeated_cells)?;
                    if self.hand_on(row.repeated, row.is_hidden)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(Stop::Short) if window.widen_twice().map_err(quick_xml::Error::from)? => {}
                Err(Stop::Short | Stop::Odd) => return Ok(ControlFlow::Continue(())),
            }
        }
    }

    fn column(&mut self, element: &BytesStart<'_>) {
        let repeated = number_attribute::<u32>(element, "table:number-columns-repeated").unwrap_or(1);
        let first = self.columns;
        self.columns = first.saturating_add(repeated.max(1)).min(MAX_COLUMNS);
        let Some(last) = self.columns.checked_sub(1).filter(|last| *last >= first) else { return };
        if let Some(style) = attribute(element, "table:default-cell-style-name") {
            self.formats.add(first..=last, style);
            self.scanner.forget();
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
        self.memory.cells.clear();
        self.cells(row_style.as_deref())?;
        self.hand_on(repeated, hidden)
    }

    /// Hands on the row that was read, as often as it is there.
    fn hand_on(&mut self, repeated: u32, hidden: bool) -> Result<ControlFlow<()>, TableError> {
        let first = self.row;
        self.row = first.saturating_add(repeated);
        if self.memory.cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        self.repeat(u64::from(repeated - 1).saturating_mul(self.memory.cells.len() as u64))?;
        let end = self.row.min(MAX_ROWS);
        for row in first..end {
            let number = RowNumber::new(row + 1);
            // Whoever takes the row may keep its cells.
            let flow = if row + 1 < end {
                let cells = self.memory.cells.clone();
                (self.sink)(&mut StoredRow { number, hidden, cells, ..StoredRow::default() })
            } else {
                (self.memory.number, self.memory.hidden) = (number, hidden);
                (self.sink)(&mut self.memory)
            };
            if flow.is_break() {
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

    /// Reads the cells of a row, up to its end.
    fn cells(&mut self, row_style: Option<&str>) -> Result<(), TableError> {
        let mut column = 0_u32;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer)? {
                Event::Start(element)
                    if matches!(element.name().as_ref(), "table:table-cell" | "table:covered-table-cell") =>
                {
                    column = self.cell(&element, column, row_style)?;
                }
                Event::End(element) if element.name().as_ref() == "table:table-row" => return Ok(()),
                Event::Eof => {
                    let cut = ReadError::broken("`content.xml`", "it ends inside a row");
                    return Err(TableError::Read(cut));
                }
                _ => {}
            }
        }
    }

    /// Reads a cell; tells the column of the next one.
    fn cell(
        &mut self,
        element: &BytesStart<'_>,
        column: u32,
        row_style: Option<&str>,
    ) -> Result<u32, TableError> {
        let text = self.text(element.name().as_ref())?;
        let attributes = CellAttributes::of(element);
        let next = column.saturating_add(times(attributes.columns_repeated.as_deref()));
        self.merge(&attributes, column)?;
        let Some(value) = attributes.value(&text) else { return Ok(next) };
        if next > MAX_COLUMNS {
            return Err(TableError::Read(ReadError::TooLarge {
                what: format!("row {}", self.row + 1),
                limit: format!("{MAX_COLUMNS} columns"),
            }));
        }
        self.repeat(u64::from(next - column - 1))?;
        let of_style = self.formats.of_style(attributes.style.as_deref(), row_style, column);
        let format = self.formats.of_value(&value, attributes.kind.as_deref(), of_style);
        let from_other_workbook = attributes.reads_other_workbook();
        for column in (column..next).map(ColumnIndex::new) {
            let (value, format) = (value.clone(), Arc::clone(format));
            self.memory.cells.push(StoredCell { column, value, format, from_other_workbook });
        }
        Ok(next)
    }

    fn merge(&mut self, attributes: &CellAttributes<'_>, column: u32) -> Result<(), Excess> {
        let columns = times(attributes.columns_spanned.as_deref());
        let rows = times(attributes.rows_spanned.as_deref());
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
                        text.push(&" ".repeat(count.min(MOST_BLANKS)))?;
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
                    let mut piece = String::new();
                    push_collapsed(&content.xml10_content(), &mut after_blank, &mut piece);
                    text.push(&piece)?;
                }
                Event::CData(content) if inside => {
                    let mut piece = String::new();
                    push_collapsed(&content.xml10_content(), &mut after_blank, &mut piece);
                    text.push(&piece)?;
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

fn is_hidden(element: &BytesStart<'_>) -> bool {
    attribute(element, "table:visibility").is_some_and(|it| scan::hides(it.as_bytes()))
}
