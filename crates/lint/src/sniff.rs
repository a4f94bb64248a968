//! Tells what a file is that calls itself CSV and is not (F012). Looks at the first bytes only.

/// What the bytes are instead of CSV text, and what to do; `None` if they may be CSV.
pub(crate) fn not_a_csv(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..512).unwrap_or(bytes);
    let starts_with = |magic: &[u8]| head.starts_with(magic);
    let text: String =
        String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    let behind_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if behind_mark.iter().all(u8::is_ascii_whitespace) {
        return Some("the file is empty; check where its rows went");
    }
    if starts_with(b"PK\x03\x04") {
        return Some("the file is a workbook or another zip archive; convert it with `metricsheet convert`");
    }
    if starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some("the file is an old workbook (xls); convert it with `metricsheet convert`");
    }
    if starts_with(b"%PDF") {
        return Some("the file is a PDF document; export the table from its source as CSV");
    }
    if starts_with(b"\x1f\x8b") {
        return Some("the file is compressed; unpack it first");
    }
    if ["<!doctype", "<html", "<?xml", "<table", "<head", "<body"].iter().any(|tag| text.starts_with(tag)) {
        return Some(
            "the file is a web page or another markup document; export the table from its source as CSV",
        );
    }
    if text.starts_with("{\\rtf") {
        return Some("the file is a text document (RTF); export the table from its source as CSV");
    }
    // UTF-16 text has NUL bytes too, but begins with a mark; that is an encoding, not another kind of file.
    let has_mark = starts_with(b"\xff\xfe") || starts_with(b"\xfe\xff") || starts_with(b"\0\0\xfe\xff");
    let control = head.iter().filter(|byte| matches!(byte, 1..=8 | 14..=26 | 28..=31)).count();
    if !has_mark && control * 10 > head.len() {
        return Some("the file holds binary data; export the table from its source as CSV");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_files_are_named() {
        for (bytes, word) in [
            (&b""[..], "empty"),
            (b"  \r\n", "empty"),
            (b"\xef\xbb\xbf\n", "empty"),
            (b"PK\x03\x04rest", "workbook"),
            (b"%PDF-1.7", "PDF"),
            (b"\xef\xbb\xbf<!DOCTYPE html>", "web page"),
            (b"\x01\x02\x03\x04", "binary"),
        ] {
            assert!(not_a_csv(bytes).unwrap().contains(word), "{bytes:?}");
        }
        for bytes in [&b"External ID,Current"[..], b"\xff\xfeE\0", b"a\0b,1,2\n", b"\n\nExternal ID"] {
            assert_eq!(not_a_csv(bytes), None);
        }
    }
}
