//! xlsx, xlsm and their templates, transitional and strict: a zip container of XML parts, streamed cell by
//! cell with its number format. Source: ECMA-376 part 1, 18.
//!
//! Document type definitions are not expanded; chart, dialog and macro sheets are only named.

mod areas;
mod scan;
mod sheet;
mod strings;
mod styles;

use std::sync::Arc;

use quick_xml::events::Event;

use super::ahead;
use super::container::{self, Container, Relationships};
use super::limits::{Meter, room_for_one_more};
use super::xml::{attribute, events, xml_part};
use super::{
    Format, NamedArea, OtherKind, OtherSheet, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility,
};
use crate::cell::SharedTexts;
use crate::number_format::{DateSystem, NumberFormat};

/// A clone reads the same workbook at the same time.
#[derive(Clone)]
pub(super) struct Xlsx {
    archive: Container,
    contents: Arc<Contents>,
}

/// What is in a workbook beside the cells of its sheets.
#[derive(Default)]
struct Contents {
    /// The part of the workbook itself.
    part: String,
    dates: DateSystem,
    sheets: Vec<Sheet>,
    other_sheets: Vec<OtherSheet>,
    parts: Vec<String>,
    formats: Vec<Arc<NumberFormat>>,
    strings: SharedTexts,
}

impl Xlsx {
    pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut archive = container::open(source, meter)?;
        let workbook = container::workbook_part(&mut archive, "xl/workbook.xml")?;
        let relationships = Relationships::of(&mut archive, &workbook)?;
        let mut contents = Contents::default();
        contents.read(&mut archive, &workbook, &relationships)?;
        if let Some(part) = relationships.target_of_kind("styles") {
            contents.formats = styles::read(&mut archive, &part)?;
        }
        if let Some(part) = relationships.target_of_kind("sharedStrings") {
            contents.strings = strings::read(&mut archive, &part)?;
        }
        contents.part = workbook;
        Ok(Self { archive, contents: Arc::new(contents) })
    }
}

impl Contents {
    fn read(
        &mut self,
        archive: &mut Container,
        part: &str,
        relationships: &Relationships,
    ) -> Result<(), ReadError> {
        let Some(mut reader) = xml_part(archive, part)? else {
            return Err(ReadError::broken("the container", format_args!("it has no `{part}`")));
        };
        let most_sheets = reader.limits.sheets;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) => match element.local_name().as_ref() {
                    "workbookPr" => {
                        let from_1904 = attribute(&element, "date1904");
                        if from_1904.is_some_and(|it| matches!(it.as_str(), "1" | "true" | "on")) {
                            self.dates = DateSystem::From1904;
                        }
                    }
                    "sheet" => {
                        let name = attribute(&element, "name").unwrap_or_default();
                        let visibility = match attribute(&element, "state").as_deref() {
                            Some("hidden") => Visibility::Hidden,
                            Some("veryHidden") => Visibility::VeryHidden,
                            Some(_) | None => Visibility::Visible,
                        };
                        // The prefix of the relationships' namespace is the writer's choice.
                        let id = element.attributes().flatten().find(|it| it.key.as_ref().ends_with(":id"));
                        let id = id.map(|id| id.value.to_string()).unwrap_or_default();
                        let tab = self.sheets.len() + self.other_sheets.len();
                        room_for_one_more(tab, most_sheets, "sheets")?;
                        if let Some(target) = relationships.target(&id, "worksheet") {
                            self.sheets.push(Sheet { name, visibility });
                            self.parts.push(target);
                        } else {
                            let kind = OtherKind::of_relationship(relationships.kind_of(&id));
                            self.other_sheets.push(OtherSheet { name, kind, tab });
                        }
                    }
                    _ => {}
                },
                Ok(Event::Eof) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(ReadError::failed(format!("`{part}`"), &error)),
            }
        }
    }
}

impl Format for Xlsx {
    fn sheets(&self) -> &[Sheet] {
        &self.contents.sheets
    }

    fn other_sheets(&self) -> &[OtherSheet] {
        &self.contents.other_sheets
    }

    fn dates(&self) -> DateSystem {
        self.contents.dates
    }

    fn another(&self) -> Option<Box<dyn Format>> {
        Some(Box::new(self.clone()))
    }

    fn areas(&mut self) -> Result<Option<Vec<NamedArea>>, ReadError> {
        let Contents { part, sheets, parts, .. } = &*self.contents;
        areas::read(&mut self.archive, part, sheets, parts).map(Some)
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        self.read_sheet(sheet, true, sink)
    }
}

impl Xlsx {
    fn read_sheet(
        &mut self,
        sheet: usize,
        scans: bool,
        sink: &mut RowSink<'_>,
    ) -> Result<SheetFacts, ReadError> {
        let Some(part) = self.contents.parts.get(sheet) else { return Ok(SheetFacts::default()) };
        let limits = self.archive.meter.limits.clone();
        let Some(bytes) = container::open_part(&mut self.archive, part)? else {
            return Err(ReadError::broken("the container", format_args!("it has no `{part}`")));
        };
        let book = sheet::Book { formats: &self.contents.formats, strings: &self.contents.strings };
        let is_long = bytes.get_ref().stored_bytes() >= ahead::WORTHWHILE;
        ahead::reading(bytes, is_long, |bytes| {
            let reader = events(bytes, &format!("`{part}`"), &limits)?;
            let mut reader = sheet::SheetReader::new(part, reader, book, sink);
            reader.scans = scans;
            reader.read()
        })
    }
}
