//! The number format of each cell format.

use std::collections::HashMap;
use std::sync::Arc;

use quick_xml::events::Event;

use crate::number_format::{NumberFormat, built_in_code};
use crate::reading::ReadError;
use crate::reading::container::Container;
use crate::reading::limits::Tally;
use crate::reading::xml::{attribute, number_attribute, xml_part};

/// Reads the part; one that is not there leaves all cells without a format.
pub(super) fn read(archive: &mut Container, part: &str) -> Result<Vec<Arc<NumberFormat>>, ReadError> {
    let Some(mut reader) = xml_part(archive, part)? else { return Ok(Vec::new()) };
    let mut codes: HashMap<u32, String> = HashMap::new();
    let mut cell_formats: Vec<u32> = Vec::new();
    let mut tally = Tally::new("the memory of the formats", reader.limits.format_bytes);
    let mut among_cell_formats = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => match element.local_name().as_ref() {
                "numFmt" => {
                    let id = number_attribute(&element, "numFmtId");
                    if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")) {
                        tally.add(code.len())?;
                        codes.insert(id, code);
                    }
                }
                "cellXfs" => among_cell_formats = true,
                "xf" if among_cell_formats => {
                    tally.add(0)?;
                    cell_formats.push(number_attribute(&element, "numFmtId").unwrap_or_default());
                }
                _ => {}
            },
            Ok(Event::End(element)) if element.local_name().as_ref() == "cellXfs" => {
                among_cell_formats = false;
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => return Err(ReadError::failed(format!("`{part}`"), &error)),
        }
    }
    let mut known: HashMap<u32, Arc<NumberFormat>> = HashMap::new();
    let mut format = |id: u32| {
        let built_in = || u16::try_from(id).ok().and_then(built_in_code);
        let code = || codes.get(&id).map(String::as_str).or_else(built_in).unwrap_or("General");
        Arc::clone(known.entry(id).or_insert_with(|| Arc::new(NumberFormat::new(code()))))
    };
    Ok(cell_formats.iter().map(|id| format(*id)).collect())
}
