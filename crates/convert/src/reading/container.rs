//! What the zip containers of Office share: parts, and the relationships between them.
//! Source: ECMA-376 part 2, 9.3.
//!
//! Names are compared as Office does: without regard to capitals, and with either slash.

use std::io::BufReader;

use quick_xml::events::Event;
use zip::read::ZipFile;

use super::xml::{attribute, xml_part};
use super::{ReadError, Source};

/// Opens the container.
pub(super) fn open(source: Source) -> Result<zip::ZipArchive<Source>, ReadError> {
    zip::ZipArchive::new(source).map_err(|error| ReadError::broken("the zip container", error))
}

/// Opens a part; `None` if there is none of this name.
pub(super) fn open_part<'a>(
    archive: &'a mut zip::ZipArchive<Source>,
    name: &str,
) -> Result<Option<BufReader<ZipFile<'a, Source>>>, ReadError> {
    let plain = |name: &str| name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase();
    let wanted = plain(name);
    let index = match archive.index_for_name(name) {
        Some(index) => Some(index),
        None => archive.file_names().position(|entry| entry.is_ok_and(|entry| plain(&entry) == wanted)),
    };
    let Some(index) = index else { return Ok(None) };
    match archive.by_index(index) {
        Ok(file) => Ok(Some(BufReader::new(file))),
        Err(zip::result::ZipError::UnsupportedArchive(reason)) if reason.contains("assword") => {
            Err(ReadError::Encrypted)
        }
        Err(error) => Err(ReadError::broken(format!("`{name}`"), error)),
    }
}

/// The part that holds the workbook, by its relationship; else the usual one.
pub(super) fn workbook_part(archive: &mut zip::ZipArchive<Source>, usual: &str) -> Result<String, ReadError> {
    Ok(Relationships::of(archive, "")?.target_of_kind("officeDocument").unwrap_or_else(|| usual.to_owned()))
}

/// The relationships of a part.
#[derive(Debug, Default)]
pub(super) struct Relationships {
    all: Vec<Relationship>,
}

#[derive(Debug)]
struct Relationship {
    id: String,
    /// The last step of the type's address: `worksheet`.
    kind: String,
    target: String,
}

impl Relationships {
    /// The relationships of the part of this name; of the container, if the name is empty. A part without any
    /// has none.
    pub(super) fn of(archive: &mut zip::ZipArchive<Source>, part: &str) -> Result<Self, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let mut all = Vec::new();
        let Some(mut reader) = xml_part(archive, &name)? else { return Ok(Self::default()) };
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) if element.local_name().as_ref() == "Relationship" => {
                    let value = |name: &str| attribute(&element, name).unwrap_or_default();
                    let kind = value("Type").rsplit('/').next().unwrap_or_default().to_owned();
                    if value("TargetMode") != "External" {
                        all.push(Relationship {
                            id: value("Id"),
                            kind,
                            target: resolve(folder, &value("Target")),
                        });
                    }
                }
                Ok(Event::Eof) => return Ok(Self { all }),
                Ok(_) => {}
                Err(error) => return Err(ReadError::broken(format!("`{name}`"), error)),
            }
            buffer.clear();
        }
    }

    /// The part that the relationship of this ID and kind leads to.
    pub(super) fn target(&self, id: &str, kind: &str) -> Option<String> {
        let found = self.all.iter().find(|it| it.id == id && it.kind == kind)?;
        Some(found.target.clone())
    }

    /// The part that the first relationship of this kind leads to.
    pub(super) fn target_of_kind(&self, kind: &str) -> Option<String> {
        Some(self.all.iter().find(|it| it.kind == kind)?.target.clone())
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
