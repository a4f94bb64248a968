//! The little that the XML formats share: reading a part of a zip as events, attributes, references, and ISO
//! dates.

use std::io::{BufReader, Read, Seek};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};
use zip::read::ZipFile;

use super::ReadError;

/// The events of one part.
pub(super) type PartReader<'a, R> = quick_xml::Reader<BufReader<ZipFile<'a, R>>>;

/// Opens a part of the container; `None` if there is none of this name.
pub(super) fn open_part<'a, R: Read + Seek>(
    archive: &'a mut zip::ZipArchive<R>,
    name: &str,
) -> Result<Option<PartReader<'a, R>>, ReadError> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(zip::result::ZipError::UnsupportedArchive(reason)) if reason.contains("assword") => {
            return Err(ReadError::Encrypted);
        }
        Err(error) => return Err(ReadError::broken(format!("`{name}`"), error)),
    };
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(file));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    Ok(Some(reader))
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
