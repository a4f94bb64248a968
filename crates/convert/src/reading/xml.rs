//! The little that the XML formats share: reading a part of a zip as events, attributes, references, and ISO
//! dates.

use std::io::{BufRead, Cursor, Read};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

use super::{ReadError, Source, container};

/// The events of one part.
pub(super) type XmlReader<'a> = quick_xml::Reader<Box<dyn BufRead + 'a>>;

/// An XML part that is not in UTF-8 is decoded as a whole, up to this size.
const MAX_DECODED: u64 = 256 << 20;

/// Opens an XML part of the container; `None` if there is none of this name.
pub(super) fn xml_part<'a>(
    archive: &'a mut zip::ZipArchive<Source>,
    name: &str,
) -> Result<Option<XmlReader<'a>>, ReadError> {
    let Some(part) = container::open_part(archive, name)? else { return Ok(None) };
    Ok(Some(events(part, &format!("`{name}`"))?))
}

/// The events of an XML document in UTF-8 or UTF-16.
pub(super) fn events<'a>(mut document: impl BufRead + 'a, name: &str) -> Result<XmlReader<'a>, ReadError> {
    let start = document.fill_buf().map_err(|error| ReadError::broken(name, error))?;
    let encoding = match start {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Some(encoding_rs::UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    let bytes: Box<dyn BufRead + 'a> = match encoding {
        None => Box::new(document),
        Some(encoding) => {
            let mut bytes = Vec::new();
            let read = document.take(MAX_DECODED).read_to_end(&mut bytes);
            read.map_err(|error| ReadError::broken(name, error))?;
            let text = encoding.decode(&bytes).0.into_owned();
            // What the declaration says is no longer so.
            let body = text.find("?>").filter(|_| text.starts_with("<?xml")).map_or(0, |end| end + 2);
            Box::new(Cursor::new(text[body..].to_owned().into_bytes()))
        }
    };
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    Ok(reader)
}

/// The value of an attribute, by its full name, prefix included.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok()??;
    // Only a broken reference fails; the raw text is then the best there is.
    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
    Some(value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned))
}

/// The value of an attribute that holds a number.
pub(super) fn number_attribute<T: std::str::FromStr>(element: &BytesStart<'_>, name: &str) -> Option<T> {
    attribute(element, name)?.trim().parse().ok()
}

/// Appends what `&…;` stands for; what is unknown stays as it is written.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        text.push(character);
        return;
    }
    let name: &str = reference;
    if let Some(resolved) = quick_xml::escape::resolve_predefined_entity(name) {
        text.push_str(resolved);
    } else {
        text.extend(["&", name, ";"]);
    }
}

/// Reads `2024-03-31`, `2024-03-31T10:00:00` and the same with fractions of seconds or a trailing `Z`.
pub(super) fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().trim_end_matches('Z');
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN));
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}
