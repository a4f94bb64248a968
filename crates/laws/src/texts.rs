//! Laws of whole texts: the short way of checking finds what the long one does, every finding points into the
//! file, fixing twice is fixing once, and what is clean reads as the csv crate reads it.

use metricsheet_core::{RowNumber, Settings};
use metricsheet_delimited::{Dialect, Records, detect};
use metricsheet_lint::{Diagnostic, Level, Options, check, check_row_by_row, fix};

const SETTINGS: &[&str] = &[
    "",
    "decimal=comma",
    "date-order=dmy;date-format=iso",
    "percent=*",
    "percent=*=100;period=end",
    "decimal=comma;percent=*;date-order=dmy;date-format=iso;period=start;fiscal-year-start=7",
];

/// A CSV file of any encoding and shape.
pub(crate) fn check_and_fix(data: &[u8]) {
    let Some((pairs, bytes)) = crate::choice(data, SETTINGS) else { return };
    let mut settings = Settings::default();
    for (key, value) in pairs.split(';').filter_map(|pair| pair.split_once('=')) {
        assert!(settings.set(key, value).is_ok(), "`{key}={value}` is no setting");
    }
    let options = Options { settings, ..Options::default() };
    let report = check(bytes, &options);
    assert_eq!(report, check_row_by_row(bytes, &options), "the short way is another one");
    for diagnostic in &report.diagnostics {
        assert!(diagnostic.in_file.end <= bytes.len(), "beyond the file: {diagnostic:?}");
        assert!(
            diagnostic.edits.iter().all(|edit| edit.span.end <= bytes.len()),
            "beyond the file: {diagnostic:?}"
        );
    }
    for level in [Level::Safe, Level::Unsafe] {
        assert_fixed_once(bytes, &options, level);
    }
}

fn assert_fixed_once(bytes: &[u8], options: &Options, level: Level) {
    let Ok(once) = fix(bytes, options, level) else { return };
    let Ok(twice) = fix(&once.bytes, options, level) else { panic!("what was fixed cannot be fixed") };
    // `150%` of a metric declared a percentage is written `1.5`, which typed by hand would be 1.5 %.
    let percentages: Vec<_> =
        once.fixed.iter().filter(|it| it.finding.rule.code == "V002").map(cell_of).collect();
    for again in &twice.fixed {
        let was_percentage = again.finding.rule.code == "V003" && percentages.contains(&cell_of(again));
        assert!(was_percentage, "fixed a second time: {again:?}");
    }
    assert!(!twice.fixed.is_empty() || once.bytes == twice.bytes, "changed without a fix");
}

fn cell_of(diagnostic: &Diagnostic) -> (Option<RowNumber>, Option<usize>) {
    (diagnostic.finding.place.row(), diagnostic.column)
}

/// A delimited text: every character that could mean something comes out, and a text without broken quoting reads
/// as the csv crate reads it.
pub(crate) fn records(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let detected = detect(text);
    let all = read(text, &detected.dialect, detected.start);
    let substance = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).count();
    let kept: usize = all.0.iter().flatten().map(|field| substance(field)).sum();
    assert_eq!(kept, text.get(detected.start..).map_or(0, substance), "something was lost or made up");
    let (ours, is_mended) = read(text, &Dialect::rfc4180(), 0);
    let has_blanks_at_marks = [" \"", "\" ", "\t\"", "\"\t"].iter().any(|blank| text.contains(blank));
    if !is_mended && !has_blanks_at_marks && !text.starts_with('\u{feff}') {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(data);
        let theirs: Vec<Vec<String>> =
            reader.records().flatten().map(|record| record.iter().map(str::to_owned).collect()).collect();
        // Blank lines are no records there.
        let ours: Vec<Vec<String>> = ours.into_iter().filter(|record| !record.is_empty()).collect();
        assert_eq!(ours, theirs, "{text:?}");
    }
}

/// The fields of all records, and whether the quoting of one was broken.
fn read(text: &str, dialect: &Dialect, start: usize) -> (Vec<Vec<String>>, bool) {
    let mut records = Records::new(text, dialect, start, 0);
    let (mut all, mut is_mended) = (Vec::new(), false);
    while let Some(record) = records.read() {
        is_mended |= record.is_mended;
        all.push(record.fields.into_iter().map(std::borrow::Cow::into_owned).collect());
    }
    (all, is_mended)
}
