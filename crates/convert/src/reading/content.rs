//! What a file is, told by its first bytes and, for containers, by what they hold.
//!
//! Formats that are not read are named, with what to do.

use std::io::{Read, Seek, SeekFrom};

use super::{ReadError, Source};

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
    /// Delimited text: CSV, TSV and what calls itself so. It has one sheet.
    Text,
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

const SAVE_AS: &str = "open it in a spreadsheet program and save it as xlsx";

/// Tells what the file is.
pub(super) fn detect(source: &mut Source) -> Result<Detected, ReadError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    if head.starts_with(b"PK\x03\x04") {
        return in_zip(source).map(Detected::Workbook);
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
    match name_of(&head) {
        Some((found, advice)) => Err(ReadError::NotAWorkbook { found, advice }),
        None => Ok(Detected::Workbook(WorkbookKind::Text)),
    }
}

fn in_zip(source: &mut Source) -> Result<WorkbookKind, ReadError> {
    let archive =
        zip::ZipArchive::new(source).map_err(|error| ReadError::failed("the zip container", &error))?;
    let names: Vec<String> = archive.file_names().flatten().map(|name| name.replace('\\', "/")).collect();
    let has = |name: &str| names.iter().any(|entry| entry.eq_ignore_ascii_case(name));
    let has_under = |folder: &str| names.iter().any(|entry| entry.starts_with(folder));
    if has("xl/workbook.bin") {
        Ok(WorkbookKind::Xlsb)
    } else if has("xl/workbook.xml") || (has("[Content_Types].xml") && has_under("xl/")) {
        Ok(WorkbookKind::Xlsx)
    } else if has("content.xml") {
        Ok(WorkbookKind::Ods)
    } else if has_under("word/") {
        Err(ReadError::NotAWorkbook { found: "a Word document", advice: "copy its table into a workbook" })
    } else if has_under("ppt/") {
        Err(ReadError::NotAWorkbook { found: "a presentation", advice: "copy its table into a workbook" })
    } else if has_under("Index/") || has("Index.zip") {
        Err(ReadError::NotAWorkbook { found: "a Numbers document", advice: "export it as xlsx from Numbers" })
    } else if has("[Content_Types].xml") {
        // The workbook part may have any name; the reader finds it by its relationship.
        Ok(WorkbookKind::Xlsx)
    } else {
        Err(ReadError::NotAWorkbook { found: "a zip archive", advice: "extract it first" })
    }
}

/// Names inside a compound file are UTF-16; they are looked for in its directory, which is anywhere in it.
fn in_compound_file(source: &mut Source) -> Result<Detected, ReadError> {
    let names = ["EncryptedPackage", "Workbook", "Book", "WordDocument", "NativeContent_MAIN"];
    let encoded = |name: &str| name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut unseen: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (*name, encoded(name))).collect();
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
        Ok(Detected::EncryptedPackage)
    } else if has("Workbook") || has("Book") {
        Ok(Detected::Workbook(WorkbookKind::Xls))
    } else if has("WordDocument") {
        Err(ReadError::NotAWorkbook { found: "a Word document", advice: "copy its table into a workbook" })
    } else if has("NativeContent_MAIN") {
        Err(ReadError::NotAWorkbook { found: "a Quattro Pro notebook", advice: SAVE_AS })
    } else {
        let found = "a compound file without a workbook";
        Err(ReadError::NotAWorkbook { found, advice: SAVE_AS })
    }
}

/// The bytes as text in lower case, whether each character takes one byte or two.
fn lower_text(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head).replace('\0', "");
    text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase()
}

/// What the bytes are, with its article, and what to do; `None` for text. An empty file is an empty text.
fn name_of(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = || lower_text(head);
    Some(match head {
        [9, 0 | 2 | 4, ..] => ("a workbook of Excel 4 or older", SAVE_AS),
        [0, 0, 2, 0, 4..=6, 4, ..] | [0, 0, 0x1a, 0, ..] => ("a Lotus 1-2-3 worksheet", SAVE_AS),
        [0, 0, 2, 0, ..] => ("a Quattro Pro notebook", SAVE_AS),
        [3 | 0x83 | 0x8b | 0xf5, _, 1..=12, 1..=31, ..] => ("a dBASE table", SAVE_AS),
        _ if head.starts_with(b"%PDF") => ("a PDF document", "ask for the workbook it was printed from"),
        _ if head.starts_with(b"ID;P") => ("a SYLK file", SAVE_AS),
        _ if head.starts_with(b"{\\rtf") => ("a rich-text document", "copy its table into a workbook"),
        _ if head.starts_with(b"\x1f\x8b") => ("a gzip archive", "extract it first"),
        _ if text().contains("<office:document") => ("an OpenDocument file without sheets", SAVE_AS),
        _ if text().contains("<html") || text().contains("<table") => ("a web page", SAVE_AS),
        _ if text().starts_with("<?xml") => ("an XML document", SAVE_AS),
        _ if is_text(head) => return None,
        _ => ("of no known format", SAVE_AS),
    })
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
    use std::io::{BufReader, Cursor};

    use super::*;

    fn detected(bytes: &[u8]) -> Result<WorkbookKind, ReadError> {
        let input: Box<dyn super::super::Input> = Box::new(Cursor::new(bytes.to_vec()));
        detect(&mut BufReader::new(input)).map(|it| match it {
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
    fn what_is_no_workbook_is_named() {
        for (bytes, expected) in [
            (&b"%PDF-1.7"[..], "a PDF document"),
            (b"<html><body><table>", "a web page"),
            (b"\xff\xfe<\0h\0t\0m\0l\0", "a web page"),
            (b"<?xml version=\"1.0\"?><a/>", "an XML document"),
            (b"ID;PWXL;N;E", "a SYLK file"),
            (b"\x09\x04\x06\0", "a workbook of Excel 4 or older"),
            (b"\x01\x02\x03", "of no known format"),
        ] {
            let error = detected(bytes).unwrap_err();
            assert!(matches!(error, ReadError::NotAWorkbook { found, .. } if found == expected), "{error}");
        }
    }
}
