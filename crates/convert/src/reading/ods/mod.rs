//! OpenDocument spreadsheets, streamed from `content.xml`. The value types decide: a percentage, a date or a
//! length of time is stored as such; the styles add the number format.
//!
//! Scripts, charts, annotations and change tracking are passed over.

mod styles;
mod table;

use std::io::{self, BufReader, Read as _, Seek, SeekFrom};
use std::sync::Arc;

use quick_xml::events::Event;

use super::area::reference;
use super::container::{self, Container};
use super::limits::{Meter, Metered, room_for_one_more};
use super::xml::{XmlReader, attribute, events, xml_part};
use super::{AreaKind, Format, NamedArea, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility};
use crate::number_format::DateSystem;

use styles::Styles;

const CONTENT: &str = "content.xml";

pub(super) struct Ods {
    document: Document,
    styles: Styles,
    sheets: Vec<Sheet>,
    /// Where each table begins in the content, if that can be told.
    starts: Vec<Option<u64>>,
}

/// Where the content is.
enum Document {
    Container(Box<Container>),
    /// Styles and content in one XML document.
    Flat(Source, Arc<Meter>),
}

impl Document {
    /// The content from this byte on: tables at the end are not reached through all others.
    fn content(&mut self, from: u64) -> Result<Option<XmlReader<'_>>, ReadError> {
        match self {
            Self::Container(container) => {
                let limits = container.meter.limits.clone();
                let Some(mut part) = container::open_part(container, CONTENT)? else { return Ok(None) };
                let passed = io::copy(&mut part.by_ref().take(from), &mut io::sink());
                passed.map_err(|error| ReadError::failed(format!("`{CONTENT}`"), &error))?;
                events(part, &format!("`{CONTENT}`"), &limits).map(Some)
            }
            Self::Flat(source, meter) => {
                source.seek(SeekFrom::Start(from))?;
                let document = BufReader::new(Metered::new(source, meter, "the document", None));
                events(document, "the document", &meter.limits).map(Some)
            }
        }
    }
}

impl Ods {
    pub(super) fn open_flat(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut document = Document::Flat(source, Arc::clone(meter));
        let mut styles = Styles::default();
        if let Some(mut reader) = document.content(0)? {
            styles.read(&mut reader).map_err(|error| ReadError::failed("the document", &error))?;
        }
        let (sheets, starts) = sheets(&mut document, &styles)?;
        Ok(Self { document, styles, sheets, starts })
    }

    pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut archive = container::open(source, meter)?;
        if is_encrypted(&mut archive)? {
            return Err(ReadError::UnknownEncryption { what: "OpenDocument's own means".to_owned() });
        }
        let mut styles = Styles::default();
        for part in ["styles.xml", CONTENT] {
            if let Some(mut reader) = xml_part(&mut archive, part)? {
                styles.read(&mut reader).map_err(|error| ReadError::failed(format!("`{part}`"), &error))?;
            }
        }
        let mut document = Document::Container(Box::new(archive));
        let (sheets, starts) = sheets(&mut document, &styles)?;
        Ok(Self { document, styles, sheets, starts })
    }
}

/// Whether the manifest says that the content is encrypted.
fn is_encrypted(archive: &mut Container) -> Result<bool, ReadError> {
    let Some(mut reader) = xml_part(archive, "META-INF/manifest.xml")? else { return Ok(false) };
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.local_name().as_ref() == "encryption-data" => {
                return Ok(true);
            }
            // A manifest that cannot be read says nothing.
            Ok(Event::Eof) | Err(_) => return Ok(false),
            Ok(_) => {}
        }
        buffer.clear();
    }
}

/// The sheets, and where they begin.
type Sheets = (Vec<Sheet>, Vec<Option<u64>>);

fn sheets(document: &mut Document, styles: &Styles) -> Result<Sheets, ReadError> {
    let (mut sheets, mut starts) = (Vec::new(), Vec::new());
    let Some(mut reader) = document.content(0)? else {
        return Err(ReadError::broken("the container", format_args!("it has no `{CONTENT}`")));
    };
    let mut buffer = Vec::new();
    loop {
        let start = reader.position();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.name().as_ref() == "table:table" => {
                let name =
                    attribute(&element, "table:name").unwrap_or_else(|| format!("Sheet{}", sheets.len() + 1));
                let hidden =
                    attribute(&element, "table:style-name").is_some_and(|it| styles.hides_table(&it));
                let visibility = if hidden { Visibility::Hidden } else { Visibility::Visible };
                room_for_one_more(sheets.len(), reader.limits.sheets, "sheets")?;
                sheets.push(Sheet { name, visibility });
                starts.push(start);
                let passed = reader.skip_to_end("table:table");
                passed.map_err(|error| ReadError::failed(format!("`{CONTENT}`"), &error))?;
            }
            Ok(Event::Eof) => return Ok((sheets, starts)),
            Ok(_) => {}
            Err(error) => return Err(ReadError::failed(format!("`{CONTENT}`"), &error)),
        }
        buffer.clear();
    }
}

/// Named ranges and database ranges stand beside the tables and behind them.
fn areas(document: &mut Document, sheets: &[Sheet]) -> Result<Vec<NamedArea>, ReadError> {
    let failed = |error: &quick_xml::Error| ReadError::failed(format!("`{CONTENT}`"), error);
    let Some(mut reader) = document.content(0)? else { return Ok(Vec::new()) };
    let mut areas = Vec::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| failed(&error))? {
            Event::Start(element) => {
                let (kind, address) = match element.name().as_ref() {
                    "table:named-range" => (AreaKind::Name, "table:cell-range-address"),
                    "table:database-range" => (AreaKind::Table, "table:target-range-address"),
                    "table:table-row" => {
                        reader.skip_to_end("table:table-row").map_err(|error| failed(&error))?;
                        continue;
                    }
                    _ => continue,
                };
                let name = attribute(&element, "table:name").filter(|name| !name.starts_with("__Anonymous"));
                let cells = attribute(&element, address).and_then(|it| reference(&it, '.', sheets));
                if let Some((name, (sheet, range))) = name.zip(cells) {
                    room_for_one_more(areas.len(), reader.limits.areas, "names")?;
                    areas.push(NamedArea { name, kind, sheet, range });
                }
            }
            Event::Eof => return Ok(areas),
            _ => {}
        }
    }
}

impl Format for Ods {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn dates(&self) -> DateSystem {
        // Days are stored as days; serial numbers under a date format count as LibreOffice does.
        DateSystem::From1900
    }

    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        areas(&mut self.document, &self.sheets).map(Some)
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let start = self.starts.get(sheet).copied().flatten();
        let Some(mut reader) = self.document.content(start.unwrap_or(0))? else {
            return Ok(SheetFacts::default());
        };
        let mut buffer = Vec::new();
        let mut index = if start.is_some() { sheet } else { 0 };
        loop {
            let event = reader.read_event_into(&mut buffer);
            match event.map_err(|error| ReadError::failed(format!("`{CONTENT}`"), &error))? {
                Event::Start(element) if element.name().as_ref() == "table:table" => {
                    if index == sheet {
                        let outcome = table::Table::new(&mut reader, &self.styles, sink).read();
                        return outcome.map_err(|error| match error {
                            table::TableError::Xml(error) => {
                                ReadError::failed(format!("`{CONTENT}`"), &error)
                            }
                            table::TableError::Read(error) => error,
                        });
                    }
                    index += 1;
                    let passed = reader.skip_to_end("table:table");
                    passed.map_err(|error| ReadError::failed(format!("`{CONTENT}`"), &error))?;
                }
                Event::Eof => return Ok(SheetFacts::default()),
                _ => {}
            }
            buffer.clear();
        }
    }
}
