//! What holds for any text: reading it never fails and loses nothing, and what is clean reads back the same.

#![expect(clippy::unwrap_used, reason = "in a test a failed unwrap is the failure")]

use metricsheet_delimited::{Decoded, Dialect, Escape, Progress, Quote, Record, Records, Step, detect};
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

/// What is said of a record.
fn told(record: &Record<'_>) -> String {
    format!("{record:?}")
}

/// The records of a text of which only so many bytes are seen at a time, more only where they do not do.
fn in_stretches(text: &str, dialect: &Dialect, usual: usize, seen: usize) -> Vec<String> {
    let mut all = Vec::new();
    let (mut start, mut length) = (0, seen);
    let mut progress = Progress::at_beginning(text.len());
    loop {
        let mut end = text.len().min(start + length);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let mut records = Records::of_stretch(&text[start..end], dialect, usual, progress, end == text.len());
        let mut record = Record::default();
        let step = loop {
            match records.read_into(&mut record) {
                Step::Record => all.push(told(&record)),
                step @ (Step::CutOff | Step::End) => break step,
            }
        };
        if step == Step::End {
            return all;
        }
        length = if records.position() == 0 { length * 2 } else { seen };
        start += records.position();
        progress = records.into_progress();
    }
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
    fn a_text_read_in_stretches_has_the_records_of_the_whole(
        text in messy(),
        dialect in dialect(),
        usual in 0..5_usize,
        seen in 1..40_usize,
    ) {
        let mut records = Records::new(&text, &dialect, 0, usual);
        let whole: Vec<String> = std::iter::from_fn(|| records.read()).map(|it| told(&it)).collect();
        prop_assert_eq!(in_stretches(&text, &dialect, usual, seen), whole);
    }

    /// Where backslashes may escape, no line is read by the short way.
    #[test]
    fn plain_lines_are_read_as_all_others_are(text in messy(), dialect in dialect(), usual in 0..5_usize) {
        let text = text.replace('\\', "");
        let told_with = |escape: Escape| {
            let dialect = Dialect { escape, ..dialect.clone() };
            let mut records = Records::new(&text, &dialect, 0, usual);
            std::iter::from_fn(|| records.read()).map(|it| told(&it)).collect::<Vec<_>>()
        };
        prop_assert_eq!(told_with(Escape::Doubled), told_with(Escape::Backslash));
    }

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
