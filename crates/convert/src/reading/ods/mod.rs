//! OpenDocument spreadsheets, streamed from `content.xml`. The value types decide: a percentage, a date or a
//! length of time is stored as such; the styles add the number format.
//!
//! Scripts, charts, annotations and change tracking are passed over.

mod cell;
mod formats;
mod scan;
mod styles;
mod table;
mod text;

use std::io::{self, BufReader, Read as _, Seek, SeekFrom};
use std::sync::Arc;

use quick_xml::events::Event;

use super::ahead;
use super::area::reference;
use super::container::{self, Container};
use super::limits::{Meter, Metered, room_for_one_more};
use super::xml::{XmlReader, attribute, events, xml_part};
use super::{AreaKind, Format, NamedArea, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility};
use crate::number_format::DateSystem;

use styles::Styles;
use table::{Table, TableError};

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
    /// Reads the content from this byte on: tables at the end are not reached through all others. `None` if there is
    /// none.
    fn read<T>(
        &mut self,
        from: u64,
        work: impl FnOnce(XmlReader<'_>) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        match self {
            Self::Container(container) => {
                let limits = container.meter.limits.clone();
                let Some(part) = container::open_part(container, CONTENT)? else { return Ok(None) };
                let is_long = part.get_ref().stored_bytes() >= ahead::WORTHWHILE;
                ahead::reading(part, is_long, |mut part| {
                    let passed = io::copy(&mut part.by_ref().take(from), &mut io::sink());
                    passed.map_err(|error| ReadError::failed(format!("`{CONTENT}`"), &error))?;
                    work(events(part, &format!("`{CONTENT}`"), &limits)?).map(Some)
                })
            }
            Self::Flat(source, meter) => {
                source.seek(SeekFrom::Start(from))?;
                let document = BufReader::new(Metered::new(source, meter, "the document", None));
                work(events(document, "the document", &meter.limits)?).map(Some)
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Container(_) => "`content.xml`",
            Self::Flat(..) => "the document",
        }
    }
}

impl Ods {
    pub(super) fn open_flat(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        Self::of(Document::Flat(source, Arc::clone(meter)), Styles::default())
    }

    pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut archive = container::open(source, meter)?;
        if is_encrypted(&mut archive)? {
            return Err(ReadError::UnknownEncryption { what: "OpenDocument's own means".to_owned() });
        }
        let mut styles = Styles::default();
        if let Some(mut reader) = xml_part(&mut archive, "styles.xml")? {
            styles.read(&mut reader).map_err(|error| ReadError::failed("`styles.xml`", &error))?;
        }
        Self::of(Document::Container(Box::new(archive)), styles)
    }

    /// The styles of the content stand before its tables, so that one look at it finds both.
    fn of(mut document: Document, mut styles: Styles) -> Result<Self, ReadError> {
        let name = document.name();
        let found = document.read(0, |mut reader| {
            let is_at_body = styles.read(&mut reader).map_err(|error| ReadError::failed(name, &error))?;
            if is_at_body { sheets(&mut reader, &styles).map(Some) } else { Ok(None) }
        })?;
        let found = match found.flatten() {
            Some(found) => Some(found),
            None => document.read(0, |mut reader| sheets(&mut reader, &styles))?,
        };
        let Some((sheets, starts)) = found else {
            return Err(ReadError::broken("the container", format_args!("it has no `{CONTENT}`")));
        };
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

fn sheets(reader: &mut XmlReader<'_>, styles: &Styles) -> Result<Sheets, ReadError> {
    let (mut sheets, mut starts) = (Vec::new(), Vec::new());
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
fn areas(reader: &mut XmlReader<'_>, sheets: &[Sheet]) -> Result<Vec<NamedArea>, ReadError> {
    let failed = |error: &quick_xml::Error| ReadError::failed(format!("`{CONTENT}`"), error);
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
        let areas = self.document.read(0, |mut reader| areas(&mut reader, &self.sheets))?;
        Ok(Some(areas.unwrap_or_default()))
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        self.read_sheet(sheet, true, sink)
    }
}

impl Ods {
    fn read_sheet(
        &mut self,
        sheet: usize,
        scans: bool,
        sink: &mut RowSink<'_>,
    ) -> Result<SheetFacts, ReadError> {
        let start = self.starts.get(sheet).copied().flatten();
        let before = if start.is_some() { 0 } else { sheet };
        let facts = self.document.read(start.unwrap_or(0), |reader| {
            table(reader, before, |reader| {
                let mut table = Table::new(reader, &self.styles, sink);
                table.scans = scans;
                table.read()
            })
        })?;
        Ok(facts.unwrap_or_default())
    }
}

/// Reads the table that follows so many others.
fn table(
    mut reader: XmlReader<'_>,
    mut before: usize,
    read: impl FnOnce(&mut XmlReader<'_>) -> Result<SheetFacts, TableError>,
) -> Result<SheetFacts, ReadError> {
    let failed = |error: &quick_xml::Error| ReadError::failed(format!("`{CONTENT}`"), error);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).map_err(|error| failed(&error))? {
            Event::Start(element) if element.name().as_ref() == "table:table" => {
                if before == 0 {
                    return read(&mut reader).map_err(|error| match error {
                        TableError::Xml(error) => failed(&error),
                        TableError::Read(error) => error,
                    });
                }
                before -= 1;
                reader.skip_to_end("table:table").map_err(|error| failed(&error))?;
            }
            Event::Eof => return Ok(SheetFacts::default()),
            _ => {}
        }
        buffer.clear();
    }
}
