//! XML spreadsheets of 2003 (SpreadsheetML 2003), which many programs write and call `.xls`: one XML document.
//! Source: Microsoft's XML Spreadsheet Reference.
//!
//! Pivot caches, comments and print settings are passed over.

use std::collections::HashMap;
use std::io::{BufReader, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDateTime;
use metricsheet_core::{ColumnIndex, RowNumber};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::area::numbered_reference;
use super::limits::{Excess, Limits, Meter, Metered, OVERHEAD, Tally, room_for_one_more};
use super::rows::RowAssembler;
use super::xml::{XmlReader, events, moment};
use super::{
    AreaKind, CellRange, Format, MAX_COLUMNS, NamedArea, ReadError, RowSink, Sheet, SheetFacts, Source,
    Visibility,
};
use crate::cell::StoredValue;
use crate::number_format::{DateSystem, Meaning, NumberFormat, named_code};

const PART: &str = "the document";

/// Names that the program gives.
const OWN_NAMES: &[&str] = &["Print_Area", "Print_Titles", "_FilterDatabase"];

pub(super) struct Xml2003 {
    source: Source,
    dates: DateSystem,
    sheets: Vec<Sheet>,
    /// Where each sheet begins in the document, if that can be told.
    starts: Vec<Option<u64>>,
    meter: Arc<Meter>,
    formats: HashMap<String, Arc<NumberFormat>>,
    areas: Vec<NamedArea>,
}

impl Xml2003 {
    pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut it = Self {
            source,
            dates: DateSystem::default(),
            sheets: Vec::new(),
            starts: Vec::new(),
            meter: Arc::clone(meter),
            formats: HashMap::new(),
            areas: Vec::new(),
        };
        it.read_outline()?;
        Ok(it)
    }

    /// The document from this byte on.
    fn events(&mut self, from: u64) -> Result<XmlReader<'_>, ReadError> {
        self.source.seek(SeekFrom::Start(from))?;
        let document = BufReader::new(Metered::new(&mut self.source, &self.meter, PART, None));
        events(document, PART, &self.meter.limits)
    }

    /// Sheets, styles and the date system.
    fn read_outline(&mut self) -> Result<(), ReadError> {
        let (mut dates, mut sheets, mut codes) = (DateSystem::default(), Vec::new(), HashMap::new());
        let mut parents: HashMap<String, String> = HashMap::new();
        let mut style = String::new();
        let mut starts = Vec::new();
        let mut names: Vec<(String, String)> = Vec::new();
        let mut reader = self.events(0)?;
        let mut tally = Tally::new("the memory of the formats", reader.limits.format_bytes);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let start = reader.position();
            match reader.read_event_into(&mut buffer).map_err(|error| ReadError::failed(PART, &error))? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "Worksheet" => {
                        let name = attribute(&element, "Name").unwrap_or_default();
                        room_for_one_more(sheets.len(), reader.limits.sheets, "sheets")?;
                        sheets.push(Sheet { name, visibility: Visibility::Visible });
                        starts.push(start);
                    }
                    "Visible" => {
                        let state =
                            text_until(&mut reader, "Visible").map_err(|it| ReadError::failed(PART, &it))?;
                        if let Some(sheet) = sheets.last_mut() {
                            sheet.visibility = match state.trim() {
                                "SheetHidden" => Visibility::Hidden,
                                "SheetVeryHidden" => Visibility::VeryHidden,
                                _ => Visibility::Visible,
                            };
                        }
                    }
                    "NamedRange" if !is_set(&element, "Hidden") => {
                        let value = |name: &str| attribute(&element, name);
                        if let Some((name, cells)) = value("Name").zip(value("RefersTo")) {
                            room_for_one_more(names.len(), reader.limits.areas, "names")?;
                            tally.add(name.len() + cells.len() + OVERHEAD)?;
                            names.push((name, cells));
                        }
                    }
                    "Date1904" => dates = DateSystem::From1904,
                    "Style" => {
                        style = attribute(&element, "ID").unwrap_or_default();
                        tally.add(style.len() + OVERHEAD)?;
                        if let Some(parent) = attribute(&element, "Parent") {
                            parents.insert(style.clone(), parent);
                        }
                    }
                    "NumberFormat" => {
                        if let Some(code) = attribute(&element, "Format") {
                            tally.add(code.len())?;
                            codes.insert(
                                style.clone(),
                                Arc::new(NumberFormat::new(named_code(&code).unwrap_or(&code))),
                            );
                        }
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        drop(reader);
        for (style, parent) in parents {
            if let (false, Some(format)) = (codes.contains_key(&style), codes.get(&parent).cloned()) {
                codes.insert(style, format);
            }
        }
        self.areas = names
            .into_iter()
            // Print areas and the like are the program's own.
            .filter(|(name, _)| !OWN_NAMES.contains(&name.as_str()))
            .filter_map(|(name, cells)| {
                let (sheet, range) = numbered_reference(&cells, &sheets)?;
                Some(NamedArea { name, kind: AreaKind::Name, sheet, range })
            })
            .collect();
        (self.dates, self.sheets, self.starts, self.formats) = (dates, sheets, starts, codes);
        Ok(())
    }
}

impl Format for Xml2003 {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        self.dates
    }

    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        Ok(Some(self.areas.clone()))
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let formats = std::mem::take(&mut self.formats);
        let (start, dates) = (self.starts.get(sheet).copied().flatten(), self.dates);
        let before = if start.is_some() { sheet } else { 0 };
        let outcome = self.events(start.unwrap_or(0)).and_then(|mut reader| {
            let mut table = Table::new(&formats, dates, sink);
            table.read(&mut reader, sheet, before).map_err(|error| ReadError::failed(PART, &error))?;
            table.rows.finish()?;
            Ok(table.facts)
        });
        self.formats = formats;
        outcome
    }
}

struct Table<'f, 's, 'r> {
    formats: &'f HashMap<String, Arc<NumberFormat>>,
    dates: DateSystem,
    general: Arc<NumberFormat>,
    facts: SheetFacts,
    rows: RowAssembler<'s, 'r>,
    /// 0-based, where the next row, cell and column stand unless they say otherwise.
    row: u32,
    cell: u32,
    /// The style of the row's cells that have none of their own; else that of their column, else of the table.
    row_style: Option<String>,
    column_styles: Vec<(RangeInclusive<u32>, String)>,
    default_style: Option<String>,
    /// So many rows without elements of their own follow this one.
    row_span: u32,
    column: u32,
}

impl<'f, 's, 'r> Table<'f, 's, 'r> {
    fn new(
        formats: &'f HashMap<String, Arc<NumberFormat>>,
        dates: DateSystem,
        sink: &'s mut RowSink<'r>,
    ) -> Self {
        Self {
            formats,
            dates,
            general: Arc::new(NumberFormat::general()),
            facts: SheetFacts::default(),
            rows: RowAssembler::new(sink),
            row: 0,
            cell: 0,
            row_style: None,
            column_styles: Vec::new(),
            default_style: None,
            row_span: 0,
            column: 0,
        }
    }

    /// Reads this sheet; so many of them stand before the place where the reader is.
    fn read(
        &mut self,
        reader: &mut XmlReader<'_>,
        sheet: usize,
        before: usize,
    ) -> Result<(), quick_xml::Error> {
        // Sheets are counted from 1 as they begin.
        let mut current = before;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "Worksheet" => current += 1,
                    _ if current != sheet + 1 => {}
                    "Table" => self.default_style = attribute(&element, "StyleID"),
                    "Column" => self.column_info(&element, &reader.limits)?,
                    "Row" => {
                        self.row = index(&element).unwrap_or(self.row);
                        self.cell = 0;
                        self.row_style = attribute(&element, "StyleID");
                        self.row_span = number(&element, "Span").unwrap_or_default();
                        if is_set(&element, "Hidden") {
                            self.rows.hide(self.row);
                        }
                    }
                    "Cell" => {
                        let element = element.to_owned();
                        self.cell(&element, reader)?;
                    }
                    _ => {}
                },
                Event::End(element) if current == sheet + 1 => match element.local_name().as_ref() {
                    "Row" => self.row = self.row.saturating_add(1).saturating_add(self.row_span),
                    "Worksheet" => return Ok(()),
                    _ => {}
                },
                Event::Eof if current == sheet + 1 => {
                    return Err(quick_xml::Error::Syntax(quick_xml::errors::SyntaxError::UnclosedTag));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn column_info(&mut self, element: &BytesStart<'_>, limits: &Limits) -> Result<(), Excess> {
        let first = index(element).unwrap_or(self.column);
        let last = first.saturating_add(number(element, "Span").unwrap_or_default());
        self.column = last.saturating_add(1);
        if let Some(style) = attribute(element, "StyleID") {
            room_for_one_more(self.column_styles.len(), limits.areas, "columns with a style")?;
            self.column_styles.push((first..=last, style));
        }
        if is_set(element, "Hidden") && first < MAX_COLUMNS {
            let last = ColumnIndex::new(last.min(MAX_COLUMNS - 1));
            room_for_one_more(self.facts.hidden_columns.len(), limits.areas, "hidden columns")?;
            self.facts.hidden_columns.push(ColumnIndex::new(first)..=last);
        }
        Ok(())
    }

    fn cell(&mut self, element: &BytesStart<'_>, reader: &mut XmlReader<'_>) -> Result<(), quick_xml::Error> {
        let column = index(element).unwrap_or(self.cell);
        let (across, down) = (number(element, "MergeAcross"), number(element, "MergeDown"));
        let (across, down) = (across.unwrap_or_default(), down.unwrap_or_default());
        self.cell = column.saturating_add(across).saturating_add(1);
        if across > 0 || down > 0 {
            room_for_one_more(self.facts.merged.len(), reader.limits.areas, "merged areas")?;
            let row = |row: u32| RowNumber::new(row.saturating_add(1));
            self.facts.merged.push(CellRange {
                first_row: row(self.row),
                last_row: row(self.row.saturating_add(down)),
                first_column: ColumnIndex::new(column),
                last_column: ColumnIndex::new(column.saturating_add(across).min(MAX_COLUMNS - 1)),
            });
        }
        let mut value = attribute(element, "Formula").map(|_| StoredValue::NoResult);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer)? {
                Event::Start(data) if data.local_name().as_ref() == "Data" => {
                    let kind = attribute(&data, "Type").unwrap_or_default();
                    value = stored_value(&kind, text_until(reader, "Data")?);
                }
                Event::Start(other) if other.local_name().as_ref() == "Comment" => {
                    text_until(reader, "Comment")?;
                }
                Event::End(end) if end.local_name().as_ref() == "Cell" => break,
                Event::Eof => break,
                _ => {}
            }
        }
        let Some(value) = value else { return Ok(()) };
        let own = attribute(element, "StyleID");
        let of_column = || {
            let style = self.column_styles.iter().find(|(columns, _)| columns.contains(&column));
            style.map(|(_, style)| style.as_str()).or(self.default_style.as_deref())
        };
        let style = own.as_deref().or(self.row_style.as_deref()).or_else(of_column).unwrap_or("Default");
        let format = self.formats.get(style).unwrap_or(&self.general);
        let value = match value {
            StoredValue::Moment(moment) => counted(moment, format, self.dates),
            value => value,
        };
        self.rows.push(self.row, column, value, format);
        Ok(())
    }
}

fn stored_value(kind: &str, text: String) -> Option<StoredValue> {
    if text.is_empty() {
        return None;
    }
    Some(match kind {
        "Number" => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => StoredValue::Number(number),
            Ok(_) => StoredValue::Error("#NUM!".to_owned()),
            Err(_) => StoredValue::Text(text.into()),
        },
        "DateTime" => moment(&text).map_or_else(|| StoredValue::Text(text.into()), StoredValue::Moment),
        "Boolean" => StoredValue::Logical(matches!(text.trim(), "1" | "true")),
        "Error" => StoredValue::Error(text),
        _ => StoredValue::Text(text.into()),
    })
}

/// What a moment stands for under a format of times: Excel writes 36 hours as `1900-01-01T12:00:00`.
fn counted(moment: NaiveDateTime, format: &NumberFormat, dates: DateSystem) -> StoredValue {
    let serial = dates.serial(moment);
    match format.meaning(serial) {
        Meaning::TimeOfDay | Meaning::Duration => StoredValue::Number(serial),
        Meaning::Date
        | Meaning::General
        | Meaning::Number
        | Meaning::Percent
        | Meaning::LiteralPercent
        | Meaning::Text => StoredValue::Moment(moment),
    }
}

/// All text inside an element, that of formatted runs too.
fn text_until(reader: &mut XmlReader<'_>, end: &str) -> Result<String, quick_xml::Error> {
    let mut text = reader.text();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Text(content) => text.push(&content.xml10_content())?,
            Event::CData(content) => text.push(&content.xml10_content())?,
            Event::GeneralRef(reference) => text.push_reference(&reference)?,
            Event::End(element) if element.local_name().as_ref() == end => return Ok(text.take()),
            Event::Eof => return Ok(text.take()),
            _ => {}
        }
    }
}

/// The value of an attribute, whatever its prefix: writers choose their own.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.attributes().flatten().find(|it| it.key.local_name().as_ref() == name)?;
    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
    Some(value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned))
}

fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.trim().parse().ok()
}

/// The 0-based position that an element gives itself.
fn index(element: &BytesStart<'_>) -> Option<u32> {
    number(element, "Index")?.checked_sub(1)
}

fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| matches!(value.as_str(), "1" | "true"))
}
