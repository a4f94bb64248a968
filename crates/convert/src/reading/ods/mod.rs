//! OpenDocument spreadsheets, streamed from `content.xml`. The value types decide: a percentage, a date or a
//! length of time is stored as such; the styles add the number format.
//!
//! Scripts, charts, annotations and change tracking are passed over.

mod styles;
mod table;

use std::io::{Seek, SeekFrom};

use quick_xml::events::Event;

use super::container;
use super::xml::{XmlReader, attribute, events, xml_part};
use super::{Format, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility};
use crate::number_format::DateSystem;

use styles::Styles;

const CONTENT: &str = "content.xml";

pub(super) struct Ods {
    document: Document,
    styles: Styles,
    sheets: Vec<Sheet>,
}

/// Where the content is.
enum Document {
    Container(Box<zip::ZipArchive<Source>>),
    /// Styles and content in one XML document.
    Flat(Source),
}

impl Document {
    fn content(&mut self) -> Result<Option<XmlReader<'_>>, ReadError> {
        match self {
            Self::Container(archive) => xml_part(archive, CONTENT),
            Self::Flat(source) => {
                source.seek(SeekFrom::Start(0))?;
                events(source, "the document").map(Some)
            }
        }
    }
}

impl Ods {
    pub(super) fn open_flat(source: Source) -> Result<Self, ReadError> {
        let mut document = Document::Flat(source);
        let mut styles = Styles::default();
        if let Some(mut reader) = document.content()? {
            styles.read(&mut reader).map_err(|error| ReadError::broken("the document", error))?;
        }
        let sheets = sheets(&mut document, &styles)?;
        Ok(Self { document, styles, sheets })
    }

    pub(super) fn open(source: Source) -> Result<Self, ReadError> {
        let mut archive = container::open(source)?;
        if is_encrypted(&mut archive)? {
            return Err(ReadError::Encrypted);
        }
        let mut styles = Styles::default();
        for part in ["styles.xml", CONTENT] {
            if let Some(mut reader) = xml_part(&mut archive, part)? {
                styles.read(&mut reader).map_err(|error| ReadError::broken(format!("`{part}`"), error))?;
            }
        }
        let mut document = Document::Container(Box::new(archive));
        let sheets = sheets(&mut document, &styles)?;
        Ok(Self { document, styles, sheets })
    }
}

/// Whether the manifest says that the content is encrypted.
fn is_encrypted(archive: &mut zip::ZipArchive<Source>) -> Result<bool, ReadError> {
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

fn sheets(document: &mut Document, styles: &Styles) -> Result<Vec<Sheet>, ReadError> {
    let mut sheets = Vec::new();
    let Some(mut reader) = document.content()? else {
        return Err(ReadError::broken("the container", format_args!("it has no `{CONTENT}`")));
    };
    let mut buffer = Vec::new();
    let mut skipped = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.name().as_ref() == "table:table" => {
                let name =
                    attribute(&element, "table:name").unwrap_or_else(|| format!("Sheet{}", sheets.len() + 1));
                let hidden =
                    attribute(&element, "table:style-name").is_some_and(|it| styles.hides_table(&it));
                let visibility = if hidden { Visibility::Hidden } else { Visibility::Visible };
                sheets.push(Sheet { name, visibility });
                let end = element.name();
                reader
                    .read_to_end_into(end, &mut skipped)
                    .map_err(|error| ReadError::broken(format!("`{CONTENT}`"), error))?;
                skipped.clear();
            }
            Ok(Event::Eof) => return Ok(sheets),
            Ok(_) => {}
            Err(error) => return Err(ReadError::broken(format!("`{CONTENT}`"), error)),
        }
        buffer.clear();
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

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let Some(mut reader) = self.document.content()? else {
            return Ok(SheetFacts::default());
        };
        let mut buffer = Vec::new();
        let mut skipped = Vec::new();
        let mut index = 0;
        loop {
            let event = reader.read_event_into(&mut buffer);
            match event.map_err(|error| ReadError::broken(format!("`{CONTENT}`"), error))? {
                Event::Start(element) if element.name().as_ref() == "table:table" => {
                    if index == sheet {
                        let outcome = table::Table::new(&mut reader, &self.styles, sink).read();
                        return outcome.map_err(|error| match error {
                            table::TableError::Xml(error) => ReadError::broken(format!("`{CONTENT}`"), error),
                            table::TableError::Read(error) => error,
                        });
                    }
                    index += 1;
                    let end = element.name();
                    reader
                        .read_to_end_into(end, &mut skipped)
                        .map_err(|error| ReadError::broken(format!("`{CONTENT}`"), error))?;
                    skipped.clear();
                }
                Event::Eof => return Ok(SheetFacts::default()),
                _ => {}
            }
            buffer.clear();
        }
    }
}
