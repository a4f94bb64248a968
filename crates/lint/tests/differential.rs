//! Every field of CSV text as the csv crate reads it. Records whose quoting follows the rules have the same fields in
//! both; the others are marked by ours, and counted here.
//!
//! `METRICSHEET_CORPUS=DIR cargo test -p metricsheet-lint --test differential -- --nocapture` compares all text files
//! under a directory and prints how many records there were.

#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use metricsheet_delimited::{Decoded, detect};
use metricsheet_lint::Records;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// Longer files say nothing that shorter ones do not.
const LONGEST: u64 = 64 << 20;

/// The records by the byte at which they start, and whether their quoting is broken. Blank lines are left out.
fn ours(text: &str, delimiter: u8) -> BTreeMap<usize, (Vec<String>, bool)> {
    let mut records = Records::new(text, delimiter, 0, 1);
    let (mut all, mut fields) = (BTreeMap::new(), Vec::new());
    while let Some(record) = records.read(&mut fields) {
        if record.span.is_empty() {
            continue;
        }
        let texts = fields.iter().map(|field| field.text(text).into_owned()).collect();
        let is_broken = fields.iter().any(|field| field.defect.is_some());
        all.insert(record.span.start, (texts, is_broken));
    }
    all
}

fn theirs(text: &str, delimiter: u8) -> BTreeMap<usize, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        // Its records start where the one before ended, blank lines included.
        let start = usize::try_from(record.position().unwrap().byte()).unwrap();
        let blank = text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        (start + blank, record.iter().map(ToOwned::to_owned).collect())
    });
    records.collect()
}

/// What came of comparing texts.
#[derive(Debug, Default)]
struct Comparison {
    records: usize,
    fields: usize,
    /// Records whose quoting is broken, and those that one of the readers takes for a part of such a record.
    broken: usize,
    differences: Vec<String>,
}

impl Comparison {
    fn add(&mut self, text: &str, delimiter: u8) {
        let (ours, theirs) = (ours(text, delimiter), theirs(text, delimiter));
        let mut is_after_broken = false;
        let starts: std::collections::BTreeSet<usize> = ours.keys().chain(theirs.keys()).copied().collect();
        for start in starts {
            self.records += 1;
            match (ours.get(&start), theirs.get(&start)) {
                (Some((_, true)), _) => {
                    self.broken += 1;
                    is_after_broken = true;
                }
                (Some((ours, false)), Some(theirs)) if ours == theirs => self.fields += ours.len(),
                // Behind a mark that nothing closes, the readers may disagree on where a record starts.
                (None, _) | (_, None) if is_after_broken => self.broken += 1,
                (ours, theirs) => self.differences.push(format!("byte {start}: {ours:?}, {theirs:?}")),
            }
        }
    }
}

fn text_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() {
            text_files(&path, files);
        } else if ["csv", "tsv", "txt", "prn"].iter().any(|known| extension == *known)
            && fs::metadata(&path).is_ok_and(|it| it.len() <= LONGEST)
        {
            files.push(path);
        }
    }
    files.sort();
}

fn compared(directory: &Path) -> (usize, Comparison) {
    let mut files = Vec::new();
    text_files(directory, &mut files);
    let mut comparison = Comparison::default();
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let text = Decoded::read(&bytes, None).text;
        let text = text.trim_start_matches('\u{feff}');
        let delimiter = detect(text).dialect.delimiter;
        let delimiter =
            delimiter.and_then(|it| <[u8; 1]>::try_from(it.as_bytes()).ok()).map_or(b',', |[it]| it);
        let before = comparison.differences.len();
        comparison.add(text, delimiter);
        for difference in &mut comparison.differences[before..] {
            *difference = format!("{}, {difference}", file.display());
        }
    }
    (files.len(), comparison)
}

#[test]
fn fields_of_all_fixtures_are_those_of_the_csv_crate() {
    let (files, comparison) = compared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures"));
    assert_eq!(comparison.differences, Vec::<String>::new());
    assert!(files > 10 && comparison.fields > 10_000, "{files} files, {} fields", comparison.fields);
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are what this comparison is run for")]
fn fields_of_a_corpus_are_those_of_the_csv_crate() {
    let Some(directory) = std::env::var_os("METRICSHEET_CORPUS") else { return };
    let (files, comparison) = compared(Path::new(&directory));
    let Comparison { records, fields, broken, differences } = comparison;
    println!(
        "{files} text files, {records} records: {fields} fields agree with the csv crate, {} records differ, \
         {broken} are not compared because of broken quoting",
        differences.len()
    );
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Text in which marks, delimiters and line ends stand in all the wrong places.
fn messy() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "12", " ", ",", ",", "\"", "\"\"", "\n", "\r\n", "\r", "\"x\"", "\",\"", "\"\n\"", "é",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Records written by the rules: fields quoted though they need not be, any line ends, blank lines between.
fn written() -> impl Strategy<Value = (Vec<Vec<String>>, String)> {
    let field = ("[a-c ,\"\n\r;é]{0,5}", any::<bool>());
    let end = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"]);
    let record = (prop::collection::vec(field, 1..5), end);
    prop::collection::vec(record, 1..8).prop_map(|records| {
        let (mut rows, mut text) = (Vec::new(), String::new());
        for (fields, end) in records {
            let quoted = |(field, quote): &(String, bool)| {
                let needs_quotes =
                    fields.len() == 1 && field.is_empty() || field.contains([',', '"', '\n', '\r']);
                if *quote || needs_quotes {
                    format!("\"{}\"", field.replace('"', "\"\""))
                } else {
                    field.clone()
                }
            };
            text += &fields.iter().map(quoted).collect::<Vec<_>>().join(",");
            text += end;
            rows.push(fields.into_iter().map(|(field, _)| field).collect());
        }
        (rows, text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: Some(Box::new(FileFailurePersistence::SourceParallel("proptest-regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn fields_of_any_text_are_those_of_the_csv_crate(text in messy()) {
        let mut comparison = Comparison::default();
        comparison.add(&text, b',');
        prop_assert_eq!(comparison.differences, Vec::<String>::new(), "{:?}", text);
    }

    #[test]
    fn fields_written_by_the_rules_are_read_by_all_readers((rows, text) in written()) {
        let lint: Vec<(Vec<String>, bool)> = ours(&text, b',').into_values().collect();
        let expected: Vec<(Vec<String>, bool)> = rows.iter().map(|row| (row.clone(), false)).collect();
        prop_assert_eq!(lint, expected, "{:?}", text);
        prop_assert_eq!(theirs(&text, b',').into_values().collect::<Vec<_>>(), rows.clone());
        // The reader of messy files: blanks around marks belong to no field there, and none stand there here.
        let dialect = metricsheet_delimited::Dialect::rfc4180();
        let mut records = metricsheet_delimited::Records::new(&text, &dialect, 0, 0);
        let mut delimited: Vec<Vec<String>> = Vec::new();
        while let Some(record) = records.read() {
            prop_assert!(!record.is_mended, "{:?}", text);
            if !record.fields.is_empty() {
                delimited.push(record.fields.iter().map(ToString::to_string).collect());
            }
        }
        prop_assert_eq!(delimited, rows, "{:?}", text);
    }
}
