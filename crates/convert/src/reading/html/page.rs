//! The rows of a page: the cells of its tables where they stand once `colspan` and `rowspan` are laid out, and the
//! text between the tables in the first column.
//!
//! Tags that are missing are added as browsers do. Rows of a table that stands in a cell of another one come below
//! that cell's row, so that no row is torn apart.

use std::sync::Arc;

use html5gum::{EndTag, StartTag, Token};
use metricsheet_core::{ColumnIndex, RowNumber};

use super::hidden::HiddenColumns;
use super::styles::{CellFormat, Styles};
use super::text::ShownText;
use super::value::{Said, attribute};
use crate::cell::StoredValue;
use crate::number_format::NumberFormat;
use crate::reading::limits::{Excess, Limits, OVERHEAD, Tally, room_for_one_more};
use crate::reading::rows::RowAssembler;
use crate::reading::{CellRange, MAX_COLUMNS, ReadError, RowSink, SheetFacts};

/// The most columns and rows that one cell spans, as browsers have it.
const MOST_ACROSS: u32 = 1_000;
const MOST_DOWN: u32 = 65_534;

/// Reads the rows of a page.
pub(super) fn read(
    page: &str,
    styles: &mut Styles,
    limits: &Limits,
    sink: &mut RowSink<'_>,
) -> Result<SheetFacts, ReadError> {
    let mut walker = Walker {
        styles,
        limits,
        general: Arc::new(NumberFormat::general()),
        rows: RowAssembler::new(sink),
        facts: SheetFacts::default(),
        next_row: 0,
        tables: Vec::new(),
        has_seen_table: false,
        column: 0,
        outside: ShownText::default(),
        passed_over: None,
        spanned: 0,
        hidden: HiddenColumns::default(),
        buffered: buffered(limits),
        open_areas: Vec::new(),
    };
    for token in super::tokens(page) {
        match token {
            Token::StartTag(tag) => walker.start(&tag)?,
            Token::EndTag(tag) => walker.end(&tag)?,
            Token::String(text) => walker.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if walker.rows.is_done() {
            break;
        }
    }
    while !walker.tables.is_empty() {
        walker.end_table()?;
    }
    walker.end_outside()?;
    walker.rows.finish()?;
    let Walker { mut facts, hidden, .. } = walker;
    for columns in hidden.ranges() {
        room_for_one_more(facts.hidden_columns.len(), limits.areas, "hidden columns")?;
        facts.hidden_columns.push(columns);
    }
    Ok(facts)
}

fn buffered(limits: &Limits) -> Tally {
    Tally::new("the tables that stand in one cell", limits.shared_text_bytes)
}

/// A row that is complete.
#[derive(Default)]
struct Row {
    cells: Vec<(u32, StoredValue, Arc<NumberFormat>)>,
    /// Column, columns across, rows down of cells that span several.
    areas: Vec<(u32, u32, u32)>,
    is_hidden: bool,
}

/// A table that has begun.
#[derive(Default)]
struct Table {
    /// The number of the current row, and for each column the first row that no cell from above reaches into.
    row_number: u32,
    free_from: Vec<u32>,
    row: Option<Row>,
    /// Where the next cell of the row stands.
    column: u32,
    cell: Option<Cell>,
    /// Whether it is hidden as a whole, and whether its current group of rows is.
    is_hidden: bool,
    is_group_hidden: bool,
    /// The rows of tables in the cells of this row.
    inner: Vec<Row>,
}

/// A cell that has begun.
struct Cell {
    column: u32,
    across: u32,
    down: u32,
    said: Said,
    style: Option<CellFormat>,
    text: ShownText,
}

struct Walker<'p, 's, 'r> {
    styles: &'p mut Styles,
    limits: &'p Limits,
    general: Arc<NumberFormat>,
    rows: RowAssembler<'s, 'r>,
    facts: SheetFacts,
    next_row: u32,
    /// The open tables, each in a cell of the one before.
    tables: Vec<Table>,
    has_seen_table: bool,
    /// Where the next `col` stands.
    column: u32,
    /// Text outside of cells.
    outside: ShownText,
    /// The element whose content counts for nothing.
    passed_over: Option<Vec<u8>>,
    /// Columns that cells from above were found to reach into.
    spanned: u64,
    buffered: Tally,
    hidden: HiddenColumns,
    /// Merged areas that reach further down, by their positions among the facts.
    open_areas: Vec<usize>,
}

impl Walker<'_, '_, '_> {
    fn start(&mut self, tag: &StartTag<()>) -> Result<(), ReadError> {
        if self.passed_over.is_some() {
            return Ok(());
        }
        match tag.name.as_slice() {
            name @ (b"script" | b"style" | b"title" | b"xml" | b"template" | b"noframes") => {
                self.passed_over = (!tag.self_closing).then(|| name.to_vec());
            }
            b"table" => {
                self.start_table()?;
                self.hide_table(tag);
            }
            b"tr" => self.start_row(tag)?,
            b"td" | b"th" => self.start_cell(tag)?,
            b"thead" | b"tbody" | b"tfoot" => self.start_group(self.hides(tag))?,
            b"col" => self.column_info(tag)?,
            b"br" => self.text_now().break_line(),
            b"sup" => self.text_now().raise(),
            name if is_block(name) => self.begin_block()?,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: &EndTag<()>) -> Result<(), ReadError> {
        if let Some(name) = &self.passed_over {
            if *name == *tag.name {
                self.passed_over = None;
            }
            return Ok(());
        }
        match tag.name.as_slice() {
            b"table" => self.end_table()?,
            b"tr" => self.end_row()?,
            b"td" | b"th" => self.end_cell()?,
            b"thead" | b"tbody" | b"tfoot" => self.start_group(false)?,
            name if is_block(name) => self.begin_block()?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.passed_over.is_none() {
            self.text_now().push(text);
        }
    }

    /// The text that goes on: that of the open cell, or what stands outside of cells.
    fn text_now(&mut self) -> &mut ShownText {
        match self.tables.last_mut().and_then(|table| table.cell.as_mut()) {
            Some(cell) => &mut cell.text,
            None => &mut self.outside,
        }
    }

    /// A paragraph begins or ends: another line in a cell, another row outside.
    fn begin_block(&mut self) -> Result<(), ReadError> {
        if self.tables.last().is_some_and(|table| table.cell.is_some()) {
            self.text_now().break_line();
            return Ok(());
        }
        self.end_outside()
    }

    /// Text outside of cells becomes a row, as soon as it tears none apart.
    fn end_outside(&mut self) -> Result<(), ReadError> {
        let text = std::mem::take(&mut self.outside).take();
        if text.is_empty() {
            return Ok(());
        }
        let cells = vec![(0, StoredValue::Text(text.into()), Arc::clone(&self.general))];
        self.take_row(self.tables.len(), Row { cells, ..Row::default() })
    }

    fn start_table(&mut self) -> Result<(), ReadError> {
        // A table within a table, but not within its cell, takes its place.
        if self.tables.last().is_some_and(|table| table.cell.is_none()) {
            self.end_table()?;
        }
        self.end_outside()?;
        if self.tables.len() >= self.limits.depth {
            let limit = format!("{} levels", self.limits.depth);
            return Err(Excess::new("the depth of tables inside of each other", limit).into());
        }
        self.column = 0;
        self.tables.push(Table::default());
        Ok(())
    }

    /// Whether an element is hidden.
    fn hides(&self, tag: &StartTag<()>) -> bool {
        self.styles.hides(attribute(tag, "class").as_deref(), attribute(tag, "style").as_deref())
    }

    /// Hides the rows of the table that this tag began.
    fn hide_table(&mut self, tag: &StartTag<()>) {
        let is_hidden = self.hides(tag);
        if let Some(table) = self.tables.last_mut() {
            table.is_hidden = is_hidden;
        }
    }

    fn end_table(&mut self) -> Result<(), ReadError> {
        self.end_row()?;
        self.end_outside()?;
        self.tables.pop();
        self.has_seen_table = true;
        if self.tables.is_empty() {
            self.close_areas();
        }
        Ok(())
    }

    /// Cells do not reach from one group of rows into the next.
    fn start_group(&mut self, is_hidden: bool) -> Result<(), ReadError> {
        self.end_row()?;
        if let Some(table) = self.tables.last_mut() {
            table.free_from.clear();
            table.is_group_hidden = is_hidden;
        }
        if self.tables.len() == 1 {
            self.close_areas();
        }
        Ok(())
    }

    fn start_row(&mut self, tag: &StartTag<()>) -> Result<(), ReadError> {
        self.end_row()?;
        if self.tables.is_empty() {
            self.start_table()?;
        }
        self.end_outside()?;
        // What stands in a hidden table is hidden with it.
        let is_hidden = self.hides(tag) || self.tables.iter().any(|it| it.is_hidden || it.is_group_hidden);
        if let Some(table) = self.tables.last_mut() {
            table.row = Some(Row { is_hidden, ..Row::default() });
            table.column = 0;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        self.end_cell()?;
        let level = self.tables.len().saturating_sub(1);
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let Some(row) = table.row.take() else { return Ok(()) };
        table.row_number = table.row_number.saturating_add(1);
        let inner = std::mem::take(&mut table.inner);
        let has_inner = !inner.is_empty();
        self.take_row(level, row)?;
        for row in inner {
            self.take_row(level, row)?;
        }
        if level == 0 {
            if has_inner {
                self.close_areas();
            }
            self.buffered = buffered(self.limits);
        }
        Ok(())
    }

    fn start_cell(&mut self, tag: &StartTag<()>) -> Result<(), ReadError> {
        self.end_cell()?;
        if self.tables.last().is_none_or(|table| table.row.is_none()) {
            self.start_row(&StartTag::default())?;
        }
        let span = |name: &str, most: u32| {
            let span = attribute(tag, name).and_then(|it| it.trim().parse::<u32>().ok());
            match span {
                // To the end of the group.
                Some(0) if most == MOST_DOWN => MOST_DOWN,
                span => span.unwrap_or(1).clamp(1, most),
            }
        };
        let (across, down) = (span("colspan", MOST_ACROSS), span("rowspan", MOST_DOWN));
        let style = attribute(tag, "style");
        let is_merged = !style.as_deref().is_some_and(|style| style.contains("mso-ignore:colspan"));
        let element = if tag.name.as_slice() == b"th" { "th" } else { "td" };
        let class = attribute(tag, "class");
        let format = self.styles.format(element, class.as_deref(), style.as_deref());
        let is_hidden = self.styles.hides(class.as_deref(), style.as_deref());
        let is_outermost = self.tables.len() == 1;
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let row = table.row_number;
        let mut column = table.column;
        let is_free = |free_from: &[u32], column: u32| {
            usize::try_from(column).ok().and_then(|it| free_from.get(it)).is_none_or(|free| *free <= row)
        };
        while !is_free(&table.free_from, column) {
            column += 1;
            self.spanned += 1;
        }
        table.column = column.saturating_add(across);
        if down > 1 {
            let end = usize::try_from(table.column.min(MAX_COLUMNS)).unwrap_or_default();
            let start = usize::try_from(column).unwrap_or_default().min(end);
            if table.free_from.len() < end {
                table.free_from.resize(end, 0);
            }
            for free in table.free_from.get_mut(start..end).unwrap_or_default() {
                *free = row.saturating_add(down);
            }
            self.spanned += (end - start) as u64;
        }
        if self.spanned > self.limits.repeated_cells {
            return Err(Excess::new(
                "the number of cells that others span",
                self.limits.repeated_cells.to_string(),
            )
            .into());
        }
        if is_outermost && across == 1 {
            self.hidden.add(column, is_hidden);
        }
        let (across, down) = if is_merged { (across, down) } else { (1, 1) };
        table.cell = Some(Cell {
            column,
            across,
            down,
            said: Said::by(tag),
            style: format,
            text: ShownText::default(),
        });
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), ReadError> {
        let is_inner = self.tables.len() > 1;
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let Some(Cell { column, across, down, said, style, text }) = table.cell.take() else { return Ok(()) };
        let text = text.take();
        if is_inner {
            self.buffered.add(text.len() + OVERHEAD)?;
        }
        if let (Some((value, format)), Some(row)) = (said.value(text, style, &self.general), &mut table.row) {
            row.cells.push((column, value, format));
            if across > 1 || down > 1 {
                row.areas.push((column, across, down));
            }
        }
        Ok(())
    }

    fn column_info(&mut self, tag: &StartTag<()>) -> Result<(), ReadError> {
        let span = attribute(tag, "span").and_then(|it| it.trim().parse::<u32>().ok());
        let first = self.column;
        self.column = first.saturating_add(span.unwrap_or(1).clamp(1, MOST_ACROSS));
        let is_hidden = self.hides(tag);
        // The columns of one table say nothing of those of the next one.
        if is_hidden && !self.has_seen_table && self.tables.len() == 1 && first < MAX_COLUMNS {
            let last = ColumnIndex::new((self.column - 1).min(MAX_COLUMNS - 1));
            room_for_one_more(self.facts.hidden_columns.len(), self.limits.areas, "hidden columns")?;
            self.facts.hidden_columns.push(ColumnIndex::new(first)..=last);
        }
        Ok(())
    }

    /// Takes a complete row: to the sheet, or to the row of the cell that its table stands in. `level` is the number
    /// of tables around it.
    fn take_row(&mut self, level: usize, row: Row) -> Result<(), ReadError> {
        match self.tables.iter_mut().take(level).rfind(|table| table.row.is_some()) {
            Some(around) => {
                around.inner.push(row);
                Ok(())
            }
            None => self.take_row_at_once(row),
        }
    }

    fn take_row_at_once(&mut self, row: Row) -> Result<(), ReadError> {
        if row.is_hidden {
            self.rows.hide(self.next_row);
        }
        for (column, across, down) in row.areas {
            room_for_one_more(self.facts.merged.len(), self.limits.areas, "merged areas")?;
            if down > 1 {
                self.open_areas.push(self.facts.merged.len());
            }
            let last_column = column.saturating_add(across - 1).min(MAX_COLUMNS - 1);
            self.facts.merged.push(CellRange {
                first_row: RowNumber::new(self.next_row.saturating_add(1)),
                last_row: RowNumber::new(self.next_row.saturating_add(down)),
                first_column: ColumnIndex::new(column.min(last_column)),
                last_column: ColumnIndex::new(last_column),
            });
        }
        for (column, value, format) in row.cells {
            self.rows.push(self.next_row, column, value, &format);
        }
        self.next_row = self.next_row.saturating_add(1);
        Ok(())
    }

    /// Merged areas end with the last row that was taken.
    fn close_areas(&mut self) {
        for area in self.open_areas.drain(..) {
            if let Some(area) = self.facts.merged.get_mut(area) {
                area.last_row = area.last_row.min(RowNumber::new(self.next_row.max(1)));
            }
        }
    }
}

/// Whether an element stands on lines of its own.
fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"p" | b"div"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"li"
            | b"ul"
            | b"ol"
            | b"dl"
            | b"dt"
            | b"dd"
            | b"hr"
            | b"pre"
            | b"center"
            | b"form"
            | b"fieldset"
            | b"blockquote"
            | b"address"
            | b"article"
            | b"section"
            | b"header"
            | b"footer"
            | b"caption"
            | b"body"
            | b"head"
    )
}
