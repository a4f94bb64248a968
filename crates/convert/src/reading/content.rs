//! What a file is, told by its first bytes and, for containers, by what they hold.
//!
//! Formats that are not read are named, with what to do.

use std::io::{Read, Seek, SeekFrom};

use super::foreign::{self, Named};
use super::{ReadError, Source, html};

/// The workbook formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkbookKind {
    /// Office Open XML: xlsx, xlsm, xltx, xltm.
    Xlsx,
    /// Excel's binary format since 2007.
    Xlsb,
    /// Excel's binary format until 2003.
    Xls,
    /// OpenDocument spreadsheets.
    Ods,
    /// OpenDocument spreadsheets in one XML document.
    FlatOds,
    /// XML spreadsheets of 2003, whatever their extension.
    Xml2003,
    /// A web page with tables, whatever its extension.
    Html,
    /// Web pages in one file (MHTML), as Excel saves a workbook.
    WebArchive,
    /// Delimited text: CSV, TSV and what calls itself so. It has one sheet.
    Text,
}

impl WorkbookKind {
    /// Whether cells are stored as numbers, days and texts; in the others all are text.
    #[must_use]
    pub const fn has_typed_cells(self) -> bool {
        match self {
            Self::Xlsx | Self::Xlsb | Self::Xls | Self::Ods | Self::FlatOds | Self::Xml2003 => true,
            Self::Html | Self::WebArchive | Self::Text => false,
        }
    }
}

/// What a file holds, for those who have a reader for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A workbook, or a page with tables.
    Workbook,
    /// Text, delimited or not.
    Text,
    /// Something else, or what cannot be told.
    Other,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detected {
    /// A workbook.
    Workbook(WorkbookKind),
    /// A compound file with an encrypted container in it.
    EncryptedPackage,
}

/// How many bytes are looked at.
const HEAD: u64 = 4096;

/// The name of an OpenDocument file's media type, which stands first in its container.
const MEDIA_TYPE: &[u8] = b"mimetype";

/// Tells what the file is.
pub(super) fn detect(source: &mut Source) -> Result<Detected, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"PK\x03\x04") {
        return in_zip(source, &head).map(Detected::Workbook);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return in_compound_file(source);
    }
    if let [9, 8, ..] = head[..] {
        return Ok(Detected::Workbook(WorkbookKind::Xls));
    }
    let start = lower_text(&head);
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet") && start.contains("<?xml") {
        return Ok(Detected::Workbook(WorkbookKind::Xml2003));
    }
    if start.contains("application/vnd.oasis.opendocument.spreadsheet") && start.contains("office:document") {
        return Ok(Detected::Workbook(WorkbookKind::FlatOds));
    }
    if html::is_archive(&head) {
        return Ok(Detected::Workbook(WorkbookKind::WebArchive));
    }
    match foreign::name_of(&head).or_else(|| name_of_markup(&start)) {
        Some(named) => Err(refused(named)),
        None if is_page(&start) => Ok(Detected::Workbook(WorkbookKind::Html)),
        None if is_text(&head) => Ok(Detected::Workbook(WorkbookKind::Text)),
        None => Err(refused(("of no known format", foreign::SAVE_AS))),
    }
}

const fn refused((found, advice): Named) -> ReadError {
    ReadError::NotAWorkbook { found, advice }
}

fn in_zip(source: &mut Source, head: &[u8]) -> Result<WorkbookKind, ReadError> {
    let archive =
        zip::ZipArchive::new(source).map_err(|error| ReadError::failed("the zip container", &error))?;
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.replace('\\', "/")).collect();
    let has = |name: &str| names.iter().any(|entry| entry.eq_ignore_ascii_case(name));
    let has_under = |folder: &str| names.iter().any(|entry| entry.starts_with(folder));
    if has("xl/workbook.bin") {
        return Ok(WorkbookKind::Xlsb);
    }
    if has("xl/workbook.xml") || (has("[Content_Types].xml") && has_under("xl/")) {
        return Ok(WorkbookKind::Xlsx);
    }
    if has("content.xml") {
        // The name of the first entry stands at byte 30, its content behind it.
        let media_type = head.get(30..).and_then(|rest| rest.strip_prefix(MEDIA_TYPE)).unwrap_or_default();
        let media_type = media_type.get(..media_type.len().min(100)).unwrap_or_default();
        let other = foreign::name_of_open_document(&String::from_utf8_lossy(media_type));
        return other.map_or(Ok(WorkbookKind::Ods), |named| Err(refused(named)));
    }
    // OpenDocument 1.4 encrypts all of its parts as one.
    if has("encrypted-package") {
        return Err(ReadError::UnknownEncryption { what: "OpenDocument's own means".to_owned() });
    }
    match foreign::name_of_zip(&names) {
        // The workbook part may have any name; the reader finds it by its relationship.
        (_, foreign::EXTRACT) if has("[Content_Types].xml") => Ok(WorkbookKind::Xlsx),
        other => Err(refused(other)),
    }
}

/// Names inside a compound file are UTF-16; they are looked for in its directory, which is anywhere in it.
fn in_compound_file(source: &mut Source) -> Result<Detected, ReadError> {
    let names = ["EncryptedPackage", "Workbook", "Book"].into_iter();
    let names = names.chain(foreign::STREAMS.iter().map(|(name, _)| *name));
    let encoded = |name: &str| name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut unseen: Vec<(&str, Vec<u8>)> = names.map(|name| (name, encoded(name))).collect();
    let mut seen: Vec<&str> = Vec::new();
    // Entries begin with their names, and sectors hold a whole number of them.
    let mut entry = Vec::new();
    while {
        entry.clear();
        source.by_ref().take(128).read_to_end(&mut entry)? > 0
    } {
        // Capitals do not matter in names, and ASCII letters stay ASCII letters in UTF-16.
        unseen.retain(|(name, bytes)| {
            let is_it = entry.get(..bytes.len()).is_some_and(|start| start.eq_ignore_ascii_case(bytes));
            if is_it {
                seen.push(name);
            }
            !is_it
        });
    }
    let has = |name: &str| seen.contains(&name);
    if has("EncryptedPackage") {
        return Ok(Detected::EncryptedPackage);
    }
    if has("Workbook") || has("Book") {
        return Ok(Detected::Workbook(WorkbookKind::Xls));
    }
    let known = foreign::STREAMS.iter().find(|(name, _)| has(name)).map(|(_, named)| *named);
    Err(refused(known.unwrap_or(("a compound file without a workbook", foreign::SAVE_AS))))
}

/// The bytes as text in lower case, whether each character takes one byte or two.
fn lower_text(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head).replace('\0', "");
    text.trim_start_matches(['\u{feff}', '\u{fffd}']).trim_start().to_ascii_lowercase()
}

/// What markup is that holds no table.
fn name_of_markup(start: &str) -> Option<Named> {
    if start.contains("<office:document") {
        return Some(("an OpenDocument file without sheets", foreign::SAVE_AS));
    }
    let is_xml = start.starts_with("<?xml") || start.starts_with("<svg");
    (is_xml && !is_page(start)).then_some(("an XML document", foreign::SAVE_AS))
}

/// Whether a text is a web page: it begins with a tag and has one that only pages have, or a table stands in it
/// below something else, such as what a script said before it.
fn is_page(start: &str) -> bool {
    const TAGS: &[&str] = &[
        "<html",
        "<!doctype html",
        "<head",
        "<body",
        "<meta ",
        "<style",
        "<div",
        "<td",
        "<th>",
        "<th ",
        "<center",
        "<br",
    ];
    let begins_with_tag = start.starts_with('<') && !start.starts_with("<?xml");
    if begins_with_tag && TAGS.iter().any(|tag| start.contains(tag)) {
        return true;
    }
    if start.starts_with("<?xml") && start.contains("<html") {
        return true;
    }
    let rows = start.split_once("<table").and_then(|(_, table)| table.split_once("<tr"));
    rows.is_some_and(|(_, row)| row.contains("<td") || row.contains("<th"))
}

/// Text of any encoding: marked, or nearly without control characters, or with a zero in every other byte.
fn is_text(head: &[u8]) -> bool {
    let is_marked =
        [&b"\xff\xfe"[..], b"\xfe\xff", b"\0\0\xfe\xff"].iter().any(|mark| head.starts_with(mark));
    // U+0001 and U+001F divide the fields of some tables. Of random bytes a tenth are controls.
    let is_control = |byte: &&u8| matches!(byte, 0 | 2..=8 | 14..=26 | 28..=30 | 127);
    let controls = head.iter().filter(is_control).count();
    let every_other = |from: usize| head.iter().skip(from).step_by(2);
    let is_wide = |zeros: usize, letters: usize| {
        every_other(zeros).filter(|byte| **byte == 0).count() * 5 > head.len() * 2
            && every_other(letters).filter(is_control).count() * 50 <= head.len()
    };
    is_marked || controls * 25 <= head.len() || is_wide(0, 1) || is_wide(1, 0)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn detected(bytes: &[u8]) -> Result<WorkbookKind, ReadError> {
        detect(&mut Source::new(Cursor::new(bytes.to_vec()))).map(|it| match it {
            Detected::Workbook(kind) => kind,
            Detected::EncryptedPackage => panic!("encrypted"),
        })
    }

    #[test]
    fn text_is_told_from_other_bytes() {
        for bytes in [
            &b""[..],
            b"External ID,Value\n",
            b"\xff\xfeA\0,\x001\0",
            b"A\0,\x001\0\n\0",
            b"Gr\xf6\xdfe;1\n",
            b"a\x011\x01x\nb\x012\x01y\n",
        ] {
            assert_eq!(detected(bytes).unwrap(), WorkbookKind::Text, "{bytes:?}");
        }
    }

    #[test]
    fn pages_are_told_from_other_text() {
        for (text, expected) in [
            ("<html><body><table>", Some(WorkbookKind::Html)),
            ("\u{feff}\r\n<!DOCTYPE html>\n<HTML>", Some(WorkbookKind::Html)),
            ("<table border=1><TR><TD>KPI", Some(WorkbookKind::Html)),
            ("<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC \"\"><html xmlns=\"\">", Some(WorkbookKind::Html)),
            ("Report of March\n<table><tr><th>KPI</th>", Some(WorkbookKind::Html)),
            (
                "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"x\"\r\n\r\n--x",
                Some(WorkbookKind::WebArchive),
            ),
            (
                "From: us\nContent-Type: multipart/related;\n boundary=x\nMIME-Version: 1.0\n\n",
                Some(WorkbookKind::WebArchive),
            ),
            ("KPI,Comment\nA,see <table> and <b>bold</b>\n", Some(WorkbookKind::Text)),
            ("<5,<10\n1,2\n", Some(WorkbookKind::Text)),
            ("MIME-Version,Value\n", Some(WorkbookKind::Text)),
            ("<?xml version=\"1.0\"?><a><table/></a>", None),
        ] {
            assert_eq!(detected(text.as_bytes()).ok(), expected, "{text}");
        }
        assert_eq!(detected(b"\xff\xfe<\0h\0t\0m\0l\0>\0").unwrap(), WorkbookKind::Html);
    }

    #[test]
    fn what_is_no_workbook_is_named() {
        for (bytes, expected) in [
            (&b"%PDF-1.7"[..], "a PDF document"),
            (b"<?xml version=\"1.0\"?><a/>", "an XML document"),
            (b"ID;PWXL;N;E\rP;PGeneral\r", "a SYLK file"),
            (b"\x09\x04\x06\0", "a worksheet of Excel 4"),
            (b"\x01\x02\x03", "of no known format"),
        ] {
            let error = detected(bytes).unwrap_err();
            assert!(matches!(error, ReadError::NotAWorkbook { found, .. } if found == expected), "{error}");
        }
    }
}
