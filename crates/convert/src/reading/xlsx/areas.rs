//! Tables and defined names.

use quick_xml::events::Event;

use super::sheet::range;
use crate::reading::area::{AreaKind, NamedArea, reference, without_totals};
use crate::reading::container::{Container, Relationships};
use crate::reading::limits::room_for_one_more;
use crate::reading::xml::{attribute, number_attribute, push_reference, xml_part};
use crate::reading::{ReadError, Sheet};

/// Reads the tables of all sheets, then the names that are defined in the workbook.
pub(super) fn read(
    archive: &mut Container,
    workbook: &str,
    sheets: &[Sheet],
    parts: &[String],
) -> Result<Vec<NamedArea>, ReadError> {
    let mut areas = Vec::new();
    for (sheet, part) in parts.iter().enumerate() {
        for table in Relationships::of(archive, part)?.targets_of_kind("table") {
            areas.extend(table_area(archive, &table, sheet)?);
        }
    }
    names(archive, workbook, sheets, &mut areas)?;
    Ok(areas)
}

fn table_area(archive: &mut Container, part: &str, sheet: usize) -> Result<Option<NamedArea>, ReadError> {
    let Some(mut reader) = xml_part(archive, part)? else { return Ok(None) };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.local_name().as_ref() == "table" => {
                let name = attribute(&element, "displayName").or_else(|| attribute(&element, "name"));
                let cells = attribute(&element, "ref").and_then(|it| range(&it));
                let totals = number_attribute::<u32>(&element, "totalsRowCount").unwrap_or_default();
                let cells = cells.and_then(|cells| without_totals(cells, totals));
                return Ok(name.zip(cells).map(|(name, range)| NamedArea {
                    name,
                    kind: AreaKind::Table,
                    sheet,
                    range,
                }));
            }
            Ok(Event::Eof) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(ReadError::failed(format!("`{part}`"), &error)),
        }
    }
}

fn names(
    archive: &mut Container,
    part: &str,
    sheets: &[Sheet],
    areas: &mut Vec<NamedArea>,
) -> Result<(), ReadError> {
    let Some(mut reader) = xml_part(archive, part)? else { return Ok(()) };
    let most = reader.limits.areas;
    let mut current: Option<(String, String)> = None;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) if element.local_name().as_ref() == "definedName" => {
                // Print areas, filters and the like are the program's own.
                let is_own =
                    attribute(&element, "hidden").is_some_and(|it| matches!(it.as_str(), "1" | "true"));
                let name = attribute(&element, "name").filter(|name| !is_own && !name.starts_with("_xlnm."));
                current = name.map(|name| (name, String::new()));
            }
            Ok(Event::Text(text)) => {
                if let Some((_, formula)) = &mut current {
                    formula.push_str(&text.xml10_content());
                }
            }
            Ok(Event::GeneralRef(entity)) => {
                if let Some((_, formula)) = &mut current {
                    push_reference(&entity, formula);
                }
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "definedName" => {
                if let Some((name, formula)) = current.take()
                    && let Some((sheet, range)) = reference(&formula, '!', sheets)
                {
                    room_for_one_more(areas.len(), most, "names")?;
                    areas.push(NamedArea { name, kind: AreaKind::Name, sheet, range });
                }
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(ReadError::failed(format!("`{part}`"), &error)),
        }
    }
}
