//! What holds for any text: reading it never fails and loses nothing, and what is clean reads back the same.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_delimited::{Decoded, Dialect, Escape, Quote, Records, detect};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn fields_of(text: &str, dialect: &Dialect, start: usize, usual: usize) -> Vec<Vec<String>> {
    let mut records = Records::new(text, dialect, start, usual);
    let mut rows = Vec::new();
    while let Some(record) = records.read() {
        rows.push(record.fields.iter().map(|field| field.clone().into_owned()).collect());
    }
    rows
}

/// The characters that no dialect may drop.
fn substance(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// Text in which marks, delimiters and line ends stand in all the wrong places.
fn messy() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "12", "x y", ",", ";", "\t", "|", ", ", "\"", "\"\"", "'", "\\", "\\\"", "\n", "\r\n", "\r",
        " ", "#", "é", "\",\"", "\n\"", "5\" pipe",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let delimiter =
        prop::sample::select(vec![None, Some(","), Some(";"), Some("\t"), Some("||"), Some(", "), Some(" ")]);
    let quote = prop::sample::select(vec![Quote::Double, Quote::Single]);
    let escape = prop::sample::select(vec![Escape::Doubled, Escape::Backslash]);
    (delimiter, quote, escape).prop_map(|(delimiter, quote, escape)| Dialect {
        delimiter: delimiter.map(ToOwned::to_owned),
        quote,
        escape,
    })
}

/// A field as a table has it: nothing in it but what its writer has to quote.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["KPI-1", "0.25", "1,234", "03/31/2024", "Smith, John", "say \"hi\"", "a\nb", "On Track", "x; y"])
            .prop_map(ToOwned::to_owned),
        1 => "[a-zA-Z0-9 .-]{1,12}",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2..6_usize).prop_flat_map(|width| {
        let label = "[A-Z][a-z]{2,8}";
        let header = prop::collection::vec(label, width);
        let rows = prop::collection::vec(prop::collection::vec(cell(), width), 3..20);
        (header, rows).prop_map(|(header, rows)| [vec![header], rows].concat())
    })
}

fn written(
    rows: &[Vec<String>],
    delimiter: u8,
    style: csv::QuoteStyle,
    terminator: csv::Terminator,
) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(style)
        .terminator(terminator)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let decoded = Decoded::read(&bytes, None);
        let detected = detect(&decoded.text);
        let rows = fields_of(&decoded.text, &detected.dialect, detected.start, detected.width);
        if detected.start == 0 {
            prop_assert_eq!(substance(&rows.concat().concat()), substance(&decoded.text));
        }
    }

    #[test]
    fn no_dialect_loses_a_character(text in messy(), dialect in dialect(), usual in 0..5_usize) {
        let rows = fields_of(&text, &dialect, 0, usual);
        prop_assert_eq!(substance(&rows.concat().concat()), substance(&text));
    }

    #[test]
    fn a_told_dialect_loses_no_character(text in messy()) {
        let detected = detect(&text);
        let rows = fields_of(&text, &detected.dialect, detected.start, detected.width);
        prop_assert_eq!(substance(&rows.concat().concat()), substance(&text));
    }

    #[test]
    fn clean_files_read_back_the_same(
        rows in table(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        always in any::<bool>(),
        ends_with_carriage_return in any::<bool>(),
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let terminator = if ends_with_carriage_return { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let text = written(&rows, delimiter, style, terminator);
        // Told that it is this dialect.
        let dialect = Dialect { delimiter: Some(char::from(delimiter).to_string()), ..Dialect::rfc4180() };
        prop_assert_eq!(&fields_of(&text, &dialect, 0, rows[0].len()), &rows);
        // Told by its look.
        let detected = detect(&text);
        prop_assert_eq!(fields_of(&text, &detected.dialect, detected.start, detected.width), rows, "{:?}", detected);
    }
}

/// Texts that make every record a puzzle take no longer than others.
#[test]
fn the_effort_is_bounded() {
    for line in [
        "\"a\n",
        "\"a\",\"b\"c,\n",
        "a,\"\n",
        "\"\"\"\"x,\"y\"z\n",
        ",\"x,\"x,\"x,\"x,\"x,\"x,\"x,\"x\n",
        "\"x\"y\"z\" \"\n",
    ] {
        let text = line.repeat(300_000 / line.len());
        let rows = fields_of(&text, &Dialect::rfc4180(), 0, 9);
        assert_eq!(substance(&rows.concat().concat()), substance(&text), "{line:?}");
    }
}
