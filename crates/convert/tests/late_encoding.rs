//! Texts of other encodings, which are read as UTF-8 is, and those of which one byte far down shows that they are not
//! UTF-8: all of them is read anew, and nothing of what was read before is left.

use std::io::Cursor;

use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
use metricsheet_convert::{Opening, Options, RawOptions, Workbook, convert, raw_sheets, write_raw};
use metricsheet_core::Settings;

const HEADER: &str = "External ID,Current Metric Value,As Of Date,Comment\n";

/// Rows in windows-1252; the comment of the first is UTF-8 too, that of the last is not.
fn windows_1252(rows: usize) -> Vec<u8> {
    let mut text = HEADER.as_bytes().to_vec();
    for row in 0..rows {
        text.extend_from_slice(format!("KPI-{row},.5,03/31/2024,").as_bytes());
        text.extend_from_slice(match row {
            0 => b"\xc3\xa9\n",
            _ if row + 1 == rows => b"caf\xe9\n",
            _ => b"\n",
        });
    }
    text
}

fn expected(rows: usize) -> Vec<[String; 4]> {
    let comment = |row| match row {
        0 => "Ã©",
        _ if row + 1 == rows => "café",
        _ => "",
    };
    let row = |row| [format!("KPI-{row}"), ".5".into(), "03/31/2024".into(), String::from(comment(row))];
    (0..rows).map(row).collect()
}

#[test]
fn what_was_read_in_the_wrong_encoding_is_read_anew() {
    // Beyond the head, and beyond what is read before threads begin.
    for rows in [10, 20_000, 100_000] {
        let opening = Opening { encoding: Some(WINDOWS_1252), ..Opening::default() };
        let open = || Workbook::open_as(Cursor::new(windows_1252(rows)), &opening).unwrap();
        let mut workbook = open();
        let settings = Settings::default();
        let conversion = convert(&mut workbook, &Options::default(), &settings).unwrap();
        let [sheet] = &conversion.sheets[..] else { panic!("one sheet") };
        assert_eq!(sheet.rows.texts().unwrap(), expected(rows), "{rows}");
        assert_eq!(workbook.text_facts().unwrap().encoding, "windows-1252");

        let mut workbook = open();
        let raw = raw_sheets(&mut workbook, &RawOptions::default()).unwrap().sheets;
        let mut written = Vec::new();
        let counts = write_raw(&mut workbook, &raw[0], &RawOptions::default(), &mut written).unwrap();
        assert_eq!(counts.rows, rows as u64 + 1);
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(",Ã©\n") && written.ends_with(",café\n"), "{rows}");
        assert_eq!(workbook.text_facts().unwrap().encoding, "windows-1252");
    }
}

#[test]
fn texts_of_other_encodings_convert_as_utf_8_does() {
    let rows: Vec<String> =
        (0..15_000).map(|row| format!("KPI-{row},{row}%,03/31/2024,\"caf\u{e9}, \u{3b1}\"\n")).collect();
    let text = format!("{HEADER}{}KPI-x,n/a,03/31/2024,\n", rows.concat());
    let converted = |bytes: Vec<u8>, encoding| {
        let opening = Opening { encoding, ..Opening::default() };
        let mut workbook = Workbook::open_as(Cursor::new(bytes), &opening).unwrap();
        let conversion = convert(&mut workbook, &Options::default(), &Settings::default()).unwrap();
        let [sheet] = &conversion.sheets[..] else { panic!("one sheet") };
        (sheet.rows.texts().unwrap(), sheet.rejects.clone(), sheet.counts.clone())
    };
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    assert_eq!(
        converted(utf16(&format!("\u{feff}{text}")), None),
        converted(text.clone().into_bytes(), None)
    );
    for encoding in [SHIFT_JIS, WINDOWS_1252] {
        // Not every character has a place in each of them.
        let text = text.replace(if encoding == SHIFT_JIS { '\u{e9}' } else { '\u{3b1}' }, "e");
        let (bytes, _, has_lost) = encoding.encode(&text);
        assert!(!has_lost);
        let decoded = converted(bytes.into_owned(), Some(encoding));
        assert!(decoded == converted(text.into_bytes(), None), "{}", encoding.name());
    }
}
