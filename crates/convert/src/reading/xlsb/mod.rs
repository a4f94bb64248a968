//! xlsb: Excel's binary format since 2007, a zip container of record streams. Each cell comes with its number
//! format; errors of formulas, rich texts and the short cell records count like all others.
//! Source: MS-XLSB.

mod areas;
mod records;
mod sheet;

use std::collections::HashMap;
use std::sync::Arc;

use super::ahead;
use super::container::{self, Container, Relationships};
use super::limits::{Meter, Tally, room_for_one_more};
use super::{
    Format, NamedArea, OtherKind, OtherSheet, ReadError, RowSink, Sheet, SheetFacts, Source, Visibility,
};
use crate::number_format::{DateSystem, NumberFormat, built_in_code};

use records::{Data, Records};

mod kind {
    pub(super) const SHARED_STRING: u16 = 19;
    pub(super) const FORMAT: u16 = 44;
    pub(super) const XF: u16 = 47;
    pub(super) const WORKBOOK_PROPERTIES: u16 = 153;
    pub(super) const BUNDLED_SHEET: u16 = 156;
    pub(super) const BEGIN_CELL_FORMATS: u16 = 617;
    pub(super) const END_CELL_FORMATS: u16 = 618;
}

/// A clone reads the same workbook at the same time.
#[derive(Clone)]
pub(super) struct Xlsb {
    archive: Container,
    contents: Arc<Contents>,
}

/// What is in a workbook beside the cells of its sheets.
#[derive(Default)]
struct Contents {
    dates: DateSystem,
    sheets: Vec<Sheet>,
    other_sheets: Vec<OtherSheet>,
    parts: Vec<String>,
    /// The part of the workbook itself.
    part: String,
    /// From all sheets, charts too, to those of cells.
    positions: Vec<Option<usize>>,
    formats: Vec<Arc<NumberFormat>>,
    strings: Vec<Arc<str>>,
}

impl Xlsb {
    pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Self, ReadError> {
        let mut archive = container::open(source, meter)?;
        let workbook = container::workbook_part(&mut archive, "xl/workbook.bin")?;
        let relationships = Relationships::of(&mut archive, &workbook)?;
        let mut contents = Contents::default();
        contents.read(&mut archive, &workbook, &relationships)?;
        if let Some(part) = relationships.target_of_kind("styles") {
            contents.read_styles(&mut archive, &part)?;
        }
        if let Some(part) = relationships.target_of_kind("sharedStrings") {
            contents.read_strings(&mut archive, &part)?;
        }
        contents.part = workbook;
        Ok(Self { archive, contents: Arc::new(contents) })
    }
}

impl Contents {
    fn each_record(
        archive: &mut Container,
        part: &str,
        mut each: impl FnMut(u16, Data<'_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        // A part that is named and not there is as good as empty.
        let Some(reader) = container::open_part(archive, part)? else { return Ok(()) };
        let mut records = Records::new(reader, format!("`{part}`"));
        while let Some((kind, data)) = records.next()? {
            each(kind, data)?;
        }
        Ok(())
    }

    fn read(
        &mut self,
        archive: &mut Container,
        part: &str,
        relationships: &Relationships,
    ) -> Result<(), ReadError> {
        let (dates, sheets, parts) = (&mut self.dates, &mut self.sheets, &mut self.parts);
        let (positions, other_sheets) = (&mut self.positions, &mut self.other_sheets);
        let most_sheets = archive.meter.limits.sheets;
        Self::each_record(archive, part, |kind, data| {
            if kind == kind::WORKBOOK_PROPERTIES && data.u32(0).is_some_and(|flags| flags & 1 == 1) {
                *dates = DateSystem::From1904;
            }
            if kind == kind::BUNDLED_SHEET {
                room_for_one_more(positions.len(), most_sheets, "sheets")?;
                positions.push(None);
                let visibility = match data.u32(0) {
                    Some(1) => Visibility::Hidden,
                    Some(2) => Visibility::VeryHidden,
                    _ => Visibility::Visible,
                };
                let Some((id, length)) = data.text(8) else { return Ok(()) };
                let Some((name, _)) = data.text(8 + length) else { return Ok(()) };
                // Charts, dialogs and macros are related in other ways.
                if let Some(target) = relationships.target(&id, "worksheet") {
                    positions.pop();
                    positions.push(Some(sheets.len()));
                    sheets.push(Sheet { name, visibility });
                    parts.push(target);
                } else {
                    let kind = OtherKind::of_relationship(relationships.kind_of(&id));
                    other_sheets.push(OtherSheet { name, kind, tab: positions.len() - 1 });
                }
            }
            Ok(())
        })
    }

    fn read_styles(&mut self, archive: &mut Container, part: &str) -> Result<(), ReadError> {
        let mut codes: HashMap<u16, String> = HashMap::new();
        let mut cell_formats: Vec<u16> = Vec::new();
        let mut among_cell_formats = false;
        let limit = archive.meter.limits.format_bytes;
        let mut tally = Tally::new("the memory of the formats", limit);
        Self::each_record(archive, part, |kind, data| {
            match kind {
                kind::FORMAT => {
                    if let (Some(id), Some((code, _))) = (data.u16(0), data.text(2)) {
                        tally.add(code.len())?;
                        codes.insert(id, code);
                    }
                }
                kind::BEGIN_CELL_FORMATS => among_cell_formats = true,
                kind::END_CELL_FORMATS => among_cell_formats = false,
                kind::XF if among_cell_formats => {
                    tally.add(0)?;
                    cell_formats.push(data.u16(2).unwrap_or_default());
                }
                _ => {}
            }
            Ok(())
        })?;
        let mut known: HashMap<u16, Arc<NumberFormat>> = HashMap::new();
        let mut format = |id: u16| {
            let code = || codes.get(&id).map(String::as_str).or(built_in_code(id)).unwrap_or("General");
            Arc::clone(known.entry(id).or_insert_with(|| Arc::new(NumberFormat::new(code()))))
        };
        self.formats = cell_formats.iter().map(|id| format(*id)).collect();
        Ok(())
    }

    fn read_strings(&mut self, archive: &mut Container, part: &str) -> Result<(), ReadError> {
        let strings = &mut self.strings;
        let limit = archive.meter.limits.shared_text_bytes;
        let mut tally = Tally::new("the memory of the shared texts", limit);
        Self::each_record(archive, part, |kind, data| {
            if kind == kind::SHARED_STRING {
                // A flag for rich text stands in front; its runs follow and say nothing here.
                let text = data.text(1).map(|(text, _)| text).unwrap_or_default();
                tally.add(text.len())?;
                strings.push(text.into());
            }
            Ok(())
        })
    }
}

impl Format for Xlsb {
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
        let Contents { part, parts, positions, .. } = &*self.contents;
        areas::read(&mut self.archive, part, parts, positions).map(Some)
    }

    fn read(&mut self, sheet: usize, sink: &mut RowSink<'_>) -> Result<SheetFacts, ReadError> {
        let Some(part) = self.contents.parts.get(sheet) else { return Ok(SheetFacts::default()) };
        let most_areas = self.archive.meter.limits.areas;
        let Some(bytes) = container::open_part(&mut self.archive, part)? else {
            return Err(ReadError::broken("the container", format_args!("it has no `{part}`")));
        };
        let is_long = bytes.get_ref().stored_bytes() >= ahead::WORTHWHILE;
        ahead::reading(bytes, is_long, |bytes| {
            let records = Records::new(bytes, format!("`{part}`"));
            sheet::SheetReader::new(&self.contents.formats, &self.contents.strings, most_areas, sink)
                .read(records)
        })
    }
}
