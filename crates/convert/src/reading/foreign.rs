//! Files that are no workbooks of the kinds that are read, told by their first bytes, with what to do about each.
//! Sources: the formats' own descriptions; the marks were seen in files of the programs that write them.

/// What a file is, with its article, and what to do.
pub(super) type Named = (&'static str, &'static str);

pub(super) const SAVE_AS: &str = "open it in a spreadsheet program and save it as xlsx";
/// Programs that write these are gone; Excel does not open them any more.
pub(super) const LIBREOFFICE: &str = "open it in LibreOffice and save it as xlsx";
pub(super) const COPY_TABLE: &str = "copy its table into a workbook";
pub(super) const EXTRACT: &str = "extract it first";
const NO_CELLS: &str = "ask for the workbook that it was made from";
const EXPORT: &str = "export the table as xlsx or CSV from the program that holds it";

/// Files that begin with these bytes.
const MARKS: &[(&[u8], Named)] = &[
    (b"\0\0\x02\0\x06\x04", ("a Lotus 1-2-3 worksheet", LIBREOFFICE)),
    (b"\0\0\x02\0\x05\x04", ("a Lotus Symphony worksheet", LIBREOFFICE)),
    // Lotus 1-2-3 of 1983 and the first Works share this one.
    (b"\0\0\x02\0\x04\x04", ("a Lotus 1-2-3 or Works worksheet", LIBREOFFICE)),
    (b"\xff\0\x02\0\x04\x04", ("a Microsoft Works spreadsheet", LIBREOFFICE)),
    (b"\0\0\x1a\0", ("a Lotus 1-2-3 worksheet", LIBREOFFICE)),
    (b"\0\0\x02\0", ("a Quattro Pro notebook", LIBREOFFICE)),
    (b"\x09\0\x04\0", ("a worksheet of Excel 2", LIBREOFFICE)),
    (b"\x09\x02\x06\0", ("a worksheet of Excel 3", LIBREOFFICE)),
    (b"\x09\x04\x06\0", ("a worksheet of Excel 4", LIBREOFFICE)),
    (b"%PDF", ("a PDF document", NO_CELLS)),
    (b"{\\rtf", ("a rich-text document", COPY_TABLE)),
    (b"\x89PNG\r\n", ("a picture", NO_CELLS)),
    (b"\xff\xd8\xff", ("a picture", NO_CELLS)),
    (b"GIF87a", ("a picture", NO_CELLS)),
    (b"GIF89a", ("a picture", NO_CELLS)),
    (b"II*\0", ("a picture", NO_CELLS)),
    (b"MM\0*", ("a picture", NO_CELLS)),
    (b"\xd7\xcd\xc6\x9a", ("a picture", NO_CELLS)),
    (b"\x1f\x8b", ("a gzip archive", EXTRACT)),
    (b"BZh91AY&SY", ("a bzip2 archive", EXTRACT)),
    (b"\xfd7zXZ\0", ("an xz archive", EXTRACT)),
    (b"(\xb5/\xfd", ("a Zstandard archive", EXTRACT)),
    (b"7z\xbc\xaf\x27\x1c", ("a 7z archive", EXTRACT)),
    (b"Rar!\x1a\x07", ("a rar archive", EXTRACT)),
    (b"MSCF\0\0\0\0", ("a cabinet archive", EXTRACT)),
    (b"PK\x05\x06", ("an empty zip archive", "ask for it again")),
    (b"SQLite format 3\0", ("an SQLite database", EXPORT)),
    (b"\0\x01\0\0Standard Jet DB", ("an Access database", EXPORT)),
    (b"\0\x01\0\0Standard ACE DB", ("an Access database", EXPORT)),
    (b"PAR1", ("a Parquet file", EXPORT)),
    (b"ARROW1\0\0", ("an Arrow file", EXPORT)),
    (b"\x89HDF\r\n", ("an HDF5 file", EXPORT)),
    (b"$FL2", ("an SPSS data file", EXPORT)),
    (b"$FL3", ("an SPSS data file", EXPORT)),
];

/// Looks at the first bytes of a file.
type Look = fn(&[u8]) -> bool;

/// Files that are told by more than their first bytes.
const LOOKS: &[(Look, Named)] = &[
    (is_blank, ("a file of zeros", "copy or download it again: it did not arrive whole")),
    (is_dbase, ("a dBASE table", LIBREOFFICE)),
    (is_sylk, ("a SYLK file", SAVE_AS)),
    (is_dif, ("a DIF file", SAVE_AS)),
    (is_bitmap, ("a picture", NO_CELLS)),
    (is_metafile, ("a picture", NO_CELLS)),
    (is_riff_picture, ("a picture", NO_CELLS)),
    (is_tar, ("a tar archive", EXTRACT)),
    (is_sheet_link, ("a link to a Google sheet", "open it there and download it as xlsx")),
    (is_json, ("a JSON document", EXPORT)),
];

/// What a file is that begins with these bytes; `None` for text, and for what is not known.
pub(super) fn name_of(head: &[u8]) -> Option<Named> {
    let by_mark = MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, named)| *named);
    by_mark.or_else(|| LOOKS.iter().find(|(is_it, _)| is_it(head)).map(|(_, named)| *named))
}

fn u16_at(head: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?]))
}

fn is_blank(head: &[u8]) -> bool {
    !head.is_empty() && head.iter().all(|byte| *byte == 0)
}

/// A version, the day of the last change, and how long the head and a record are.
fn is_dbase(head: &[u8]) -> bool {
    const VERSIONS: &[u8] = &[
        0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x87, 0x8b, 0x8c, 0x8e, 0xcb, 0xe5, 0xf5,
        0xfb,
    ];
    matches!(head, [version, _, 1..=12, 1..=31, ..] if VERSIONS.contains(version))
        && u16_at(head, 8).is_some_and(|length| length >= 33)
        && u16_at(head, 10).is_some_and(|length| length >= 1)
}

/// `ID;PWXL;N;E`, and a record of another kind in the next line: `ID;Period` heads a text as well.
fn is_sylk(head: &[u8]) -> bool {
    const RECORDS: &[&str] =
        &["P;P", "P;F", "P;E", "B;X", "B;Y", "C;X", "C;Y", "C;K", "F;", "O;", "NN;", "NU;"];
    if !head.starts_with(b"ID;") {
        return false;
    }
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    lines.nth(1).is_some_and(|line| RECORDS.iter().any(|record| line.starts_with(record)))
}

/// Three lines of a head, the first of them `TABLE`, the second two numbers.
fn is_dif(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    lines.next().is_some_and(|line| line.trim() == "TABLE")
        && lines.next().is_some_and(|line| line.trim() == "0,1")
}

/// `BM` may begin a text; the four bytes that nobody uses may not.
fn is_bitmap(head: &[u8]) -> bool {
    head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4])
}

fn is_metafile(head: &[u8]) -> bool {
    head.starts_with(&[1, 0, 0, 0]) && head.get(40..44) == Some(b" EMF")
}

fn is_riff_picture(head: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
        || matches!(head.get(4..12), Some(b"ftypheic" | b"ftypmif1" | b"ftypavif"))
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// What Google's programs leave in the place of a sheet.
fn is_sheet_link(head: &[u8]) -> bool {
    is_json(head) && head.len() < 1_000 && contains(head, b"\"url\"") && contains(head, b"docs.google.com")
        || is_json(head) && contains(head, b"\"doc_id\"")
}

fn is_json(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let inner = text.strip_prefix(b"[").map_or(text, <[u8]>::trim_ascii_start);
    let inner = inner.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    inner.is_some_and(|inner| {
        // A key and its colon.
        inner.strip_prefix(b"\"").is_some_and(|key| {
            let end = key.iter().position(|byte| *byte == b'"').unwrap_or(key.len());
            key.get(end + 1..).unwrap_or_default().trim_ascii_start().starts_with(b":")
        })
    })
}

fn contains(head: &[u8], text: &[u8]) -> bool {
    head.windows(text.len()).any(|window| window == text)
}

/// Parts of a zip container that only one kind of file has, and the file.
const PARTS: &[(&str, Named)] = &[
    ("word/", ("a Word document", COPY_TABLE)),
    ("ppt/", ("a presentation", COPY_TABLE)),
    ("visio/", ("a Visio drawing", NO_CELLS)),
    ("Index/Slide", ("a Keynote presentation", COPY_TABLE)),
    ("Index/MasterSlide", ("a Keynote presentation", COPY_TABLE)),
    ("Index/Tables/", ("a Numbers document", NUMBERS)),
    ("Index.zip", ("a Numbers document", NUMBERS)),
    ("Index/", ("a Pages document", COPY_TABLE)),
    ("index.apxl", ("a Keynote presentation", COPY_TABLE)),
    ("index.xml", ("a Numbers document", NUMBERS)),
    ("META-INF/container.xml", ("an electronic book", COPY_TABLE)),
];

const NUMBERS: &str = "export it as xlsx from Numbers";

/// What a zip container without a workbook is.
pub(super) fn name_of_zip(names: &[String]) -> Named {
    let begins = |part: &str| {
        // An archive of a folder has its name in front.
        names.iter().any(|name| {
            name.starts_with(part) || name.split_once('/').is_some_and(|(_, name)| name.starts_with(part))
        })
    };
    let known = PARTS.iter().find(|(part, _)| begins(part)).map(|(_, named)| *named);
    known.unwrap_or(("a zip archive", EXTRACT))
}

/// What an OpenDocument file of this media type is; `None` for a spreadsheet, and where no type is given.
pub(super) fn name_of_open_document(media_type: &str) -> Option<Named> {
    let kind = media_type.split_once("vnd.oasis.opendocument.")?.1;
    // The next entry of the container follows at once.
    let end = kind.find(|it: char| !it.is_ascii_lowercase()).unwrap_or(kind.len());
    Some(match kind.get(..end).unwrap_or_default() {
        "spreadsheet" => return None,
        "text" => ("an OpenDocument text", COPY_TABLE),
        "presentation" => ("an OpenDocument presentation", COPY_TABLE),
        "database" | "base" => ("an OpenDocument database", EXPORT),
        _ => ("an OpenDocument file without sheets", SAVE_AS),
    })
}

/// Streams of a compound file that only one kind of file has, and the file.
pub(super) const STREAMS: &[(&str, Named)] = &[
    // Messages hold documents.
    ("__properties_version1.0", ("a message of Outlook", "save its attachment first")),
    ("WordDocument", ("a Word document", COPY_TABLE)),
    ("PowerPoint Document", ("a presentation", COPY_TABLE)),
    ("VisioDocument", ("a Visio drawing", NO_CELLS)),
    ("NativeContent_MAIN", ("a Quattro Pro notebook", LIBREOFFICE)),
    ("PerfectOffice_MAIN", ("a Quattro Pro notebook", LIBREOFFICE)),
    (
        "StarCalcDocument",
        ("a StarOffice spreadsheet", "open it in an older LibreOffice (up to 3.6) and save it as xlsx"),
    ),
    ("MatOST", ("a Microsoft Works document", LIBREOFFICE)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of a file with this head, zeros behind it.
    fn name(head: &[u8]) -> Option<&'static str> {
        name_of(head).map(|(found, _)| found)
    }

    #[test]
    fn files_are_named_by_their_first_bytes() {
        let dbase = b"\x03\x75\x03\x05\x03\0\0\0\xa1\0\x21\0\0\0\0\0";
        let foxpro = b"\x30\x11\x0a\x0e\x03\0\0\0\xe8\x02\x54\0\0\0\0\0";
        let mut tar = [b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, expected) in [
            (&b"\0\0\x02\0\x06\x04\x06\0"[..], Some("a Lotus 1-2-3 worksheet")),
            (b"\0\0\x02\0\x04\x04\x06\0", Some("a Lotus 1-2-3 or Works worksheet")),
            (b"\0\0\x1a\0\0\x10\x04\0", Some("a Lotus 1-2-3 worksheet")),
            (b"\0\0\x1a\0\x05\x10\x04\0", Some("a Lotus 1-2-3 worksheet")),
            (b"\xff\0\x02\0\x04\x04\x05\x54", Some("a Microsoft Works spreadsheet")),
            (b"\0\0\x02\0\x20\x51\xcc\0", Some("a Quattro Pro notebook")),
            (b"\0\0\x02\0\x01\x10\xc9\0", Some("a Quattro Pro notebook")),
            (b"\x09\0\x04\0\x07\0\x10\0", Some("a worksheet of Excel 2")),
            (b"\x09\x02\x06\0\0\0\x10\0", Some("a worksheet of Excel 3")),
            (b"\x09\x04\x06\0\0\0\x10\0", Some("a worksheet of Excel 4")),
            (dbase, Some("a dBASE table")),
            (foxpro, Some("a dBASE table")),
            (b"ID;PWXL;N;E\rP;PGeneral\rC;Y1;X1;K1\r", Some("a SYLK file")),
            (b"ID;Quattro Pro\r\nB;X4;Y4\r\n", Some("a SYLK file")),
            (b"ID;Period;Value\r\nA-1;2024-01;5\r\n", None),
            (b"TABLE\r\n0,1\r\n\"EXCEL\"\r\nVECTORS\r\n", Some("a DIF file")),
            (b"TABLE\r\nKPI,Value\r\n", None),
            (b"%PDF-1.7", Some("a PDF document")),
            (b"{\\rtf1\\ansi", Some("a rich-text document")),
            (b"\x89PNG\r\n\x1a\n", Some("a picture")),
            (b"\xff\xd8\xff\xe0", Some("a picture")),
            (b"BM\x36\0\x0c\0\0\0\0\0\x36", Some("a picture")),
            (b"BMI,Value\n22,1\n", None),
            (b"RIFF\0\0\0\0WEBP", Some("a picture")),
            (b"\x1f\x8b\x08", Some("a gzip archive")),
            (b"7z\xbc\xaf\x27\x1c", Some("a 7z archive")),
            (b"Rar!\x1a\x07\x01", Some("a rar archive")),
            (&tar, Some("a tar archive")),
            (b"SQLite format 3\0", Some("an SQLite database")),
            (b"\0\0\0\0\0\0\0\0", Some("a file of zeros")),
            (b"{\"url\": \"https://docs.google.com/open?id=1\"}", Some("a link to a Google sheet")),
            (b"[{\"id\": 1}]", Some("a JSON document")),
            (b"{\"External ID\",\"Value\"}", None),
            (b"External ID,Value\n", None),
            (b"3,1,2\n", None),
            (b"", None),
        ] {
            assert_eq!(name(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn containers_are_named_by_their_parts() {
        for (names, expected) in [
            (&["word/document.xml"][..], "a Word document"),
            (&["[Content_Types].xml", "ppt/presentation.xml"], "a presentation"),
            (&["Index/Document.iwa", "Index/Tables/Tile.iwa"], "a Numbers document"),
            (&["Attendance.numbers/Data/", "Attendance.numbers/Index.zip"], "a Numbers document"),
            (&["Index/Document.iwa", "Index/Slide-1.iwa"], "a Keynote presentation"),
            (&["Index/Document.iwa", "Index/ViewState.iwa"], "a Pages document"),
            (&["q1.xlsx", "q2.xlsx"], "a zip archive"),
            (&[], "a zip archive"),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(name_of_zip(&names).0, expected, "{names:?}");
        }
        for (kind, expected) in [
            ("application/vnd.oasis.opendocument.spreadsheet", None),
            ("application/vnd.oasis.opendocument.spreadsheet-template", None),
            ("application/vnd.oasis.opendocument.spreadsheetPK", None),
            ("application/vnd.oasis.opendocument.text", Some("an OpenDocument text")),
            ("application/vnd.oasis.opendocument.presentation", Some("an OpenDocument presentation")),
            ("", None),
        ] {
            assert_eq!(name_of_open_document(kind).map(|it| it.0), expected, "{kind}");
        }
    }
}
