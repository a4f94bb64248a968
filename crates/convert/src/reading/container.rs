//! What the zip containers of Office share: parts, and the relationships between them.
//! Source: ECMA-376 part 2, 9.3.
//!
//! Names are compared as Office does: without regard to capitals, and with either slash.

use std::collections::HashMap;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use quick_xml::events::Event;
use zip::read::ZipFile;

use super::limits::{Excess, Meter, Metered, room_for_one_more};
use super::xml::{attribute, xml_part};
use super::{ReadError, Source};

/// A container and the meter that watches over what is read of it. A clone reads at a place of its own, under the same
/// meter.
#[derive(Clone)]
pub(super) struct Container {
    archive: zip::ZipArchive<Source>,
    pub(super) meter: Arc<Meter>,
}

/// A part on its way through the meter.
pub(super) type Part<'a> = BufReader<Metered<ZipFile<'a, Source>>>;

/// Opens the container.
pub(super) fn open(source: Source, meter: &Arc<Meter>) -> Result<Container, ReadError> {
    let archive =
        zip::ZipArchive::new(source).map_err(|error| ReadError::failed("the zip container", &error))?;
    Ok(Container { archive, meter: Arc::clone(meter) })
}

/// The directory at the end of a container is kept in memory, so its entries are counted first, as it says itself
/// in the form for large containers; the short form cannot name more than 65,535.
pub(super) fn refuse_too_many_parts(source: &mut Source, meter: &Meter) -> Result<(), ReadError> {
    const LONGEST_TAIL: u64 = 66 << 10;
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(length.saturating_sub(LONGEST_TAIL)))?;
    let mut tail = Vec::new();
    source.take(LONGEST_TAIL).read_to_end(&mut tail)?;
    source.seek(SeekFrom::Start(0))?;
    let most = meter.limits.parts;
    for end in memchr::memmem::find_iter(&tail, b"PK\x06\x06") {
        let count =
            tail.get(end + 32..end + 40).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
        if count.is_some_and(|count| count > most) {
            return Err(Excess::new("the number of parts of the container", most.to_string()).into());
        }
    }
    Ok(())
}

/// Opens a part; `None` if there is none of this name.
pub(super) fn open_part<'a>(container: &'a mut Container, name: &str) -> Result<Option<Part<'a>>, ReadError> {
    let Container { archive, meter } = container;
    let plain = |name: &str| name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase();
    let wanted = plain(name);
    let index = match archive.index_for_name(name) {
        Some(index) => Some(index),
        None => archive.file_names().position(|entry| entry.is_ok_and(|entry| plain(&entry) == wanted)),
    };
    let Some(index) = index else { return Ok(None) };
    match archive.by_index(index) {
        Ok(file) => {
            let stored = file.compressed_size();
            Ok(Some(BufReader::new(Metered::new(file, meter, &format!("`{name}`"), Some(stored)))))
        }
        Err(zip::result::ZipError::UnsupportedArchive(reason)) if reason.contains("assword") => {
            Err(ReadError::UnknownEncryption { what: "the zip container".to_owned() })
        }
        Err(error) => Err(ReadError::failed(format!("`{name}`"), &error)),
    }
}

/// The part that holds the workbook, by its relationship; else the usual one.
pub(super) fn workbook_part(container: &mut Container, usual: &str) -> Result<String, ReadError> {
    Ok(Relationships::of(container, "")?.target_of_kind("officeDocument").unwrap_or_else(|| usual.to_owned()))
}

/// The relationships of a part.
#[derive(Debug, Default)]
pub(super) struct Relationships {
    /// The target by ID and kind: the last step of the type's address, such as `worksheet`.
    targets: HashMap<(String, String), String>,
    /// The first target of each kind.
    of_kind: HashMap<String, String>,
    /// The first kind of each ID.
    kinds: HashMap<String, String>,
}

impl Relationships {
    /// The relationships of the part of this name; of the container, if the name is empty. A part without any
    /// has none.
    pub(super) fn of(container: &mut Container, part: &str) -> Result<Self, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let most = usize::try_from(container.meter.limits.parts).unwrap_or(usize::MAX);
        let mut found = Self::default();
        let Some(mut reader) = xml_part(container, &name)? else { return Ok(Self::default()) };
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) if element.local_name().as_ref() == "Relationship" => {
                    let value = |name: &str| attribute(&element, name).unwrap_or_default();
                    let kind = value("Type").rsplit('/').next().unwrap_or_default().to_owned();
                    if value("TargetMode") != "External" {
                        room_for_one_more(found.targets.len(), most, "relationships")?;
                        let target = resolve(folder, &value("Target"));
                        found.of_kind.entry(kind.clone()).or_insert_with(|| target.clone());
                        found.kinds.entry(value("Id")).or_insert_with(|| kind.clone());
                        found.targets.entry((value("Id"), kind)).or_insert(target);
                    }
                }
                Ok(Event::Eof) => return Ok(found),
                Ok(_) => {}
                Err(error) => return Err(ReadError::failed(format!("`{name}`"), &error)),
            }
            buffer.clear();
        }
    }

    /// The part that the relationship of this ID and kind leads to.
    pub(super) fn target(&self, id: &str, kind: &str) -> Option<String> {
        self.targets.get(&(id.to_owned(), kind.to_owned())).cloned()
    }

    /// The kind of the relationship of this ID.
    pub(super) fn kind_of(&self, id: &str) -> Option<&str> {
        self.kinds.get(id).map(String::as_str)
    }

    /// The parts that relationships of this kind lead to, by name.
    pub(super) fn targets_of_kind(&self, kind: &str) -> Vec<String> {
        let targets = self.targets.iter().filter(|((_, it), _)| it == kind);
        let mut targets: Vec<String> = targets.map(|(_, target)| target.clone()).collect();
        targets.sort();
        targets
    }

    /// The part that the first relationship of this kind leads to.
    pub(super) fn target_of_kind(&self, kind: &str) -> Option<String> {
        self.of_kind.get(kind).cloned()
    }
}

/// A target as seen from a folder. It stays inside the container, whatever it says.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let start = if target.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in start.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stay_inside_the_container() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.bin", "xl/worksheets/sheet1.bin"),
            ("xl", "/xl/styles.bin", "xl/styles.bin"),
            ("xl", "..\\../../etc/passwd", "etc/passwd"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
        ] {
            assert_eq!(resolve(folder, target), expected);
        }
    }
}
