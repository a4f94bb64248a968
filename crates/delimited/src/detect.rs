//! Tells the dialect of a text from its look: the one that gives records of one width and fields that look like
//! values. A `sep=` line at the beginning decides.

use std::collections::BTreeMap;

use crate::dialect::{Dialect, Escape, Quote};
use crate::plausible::plausibility;
use crate::records::Records;

/// What was told from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// How it is divided.
    pub dialect: Dialect,
    /// The byte at which its first record starts: behind a byte order mark and a `sep=` line.
    pub start: usize,
    /// How many fields most of its records have; 0 for a text without any.
    pub width: usize,
}

/// So many bytes tell the dialect; more would only cost time.
const SAMPLE: usize = 1 << 16;
/// So many records of them.
const SAMPLE_RECORDS: f64 = 256.0;

/// What may divide fields, and how likely it is before the text is seen.
const DELIMITERS: [(&str, f64); 15] = [
    (",", 1.0),
    (";", 1.0),
    ("\t", 1.0),
    ("|", 1.0),
    ("\u{1f}", 1.0),
    ("\u{1}", 1.0),
    ("¦", 0.9),
    ("§", 0.9),
    ("^", 0.8),
    ("~", 0.8),
    ("!", 0.4),
    ("#", 0.4),
    ("*", 0.4),
    (":", 0.4),
    (" ", 0.5),
];

/// How good it is to leave lines whole that look like values.
const UNDIVIDED: f64 = 0.3;

/// Tells how the text is divided.
#[must_use]
pub fn detect(text: &str) -> Detected {
    let marked = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = text.get(marked..).unwrap_or_default();
    if let Some((delimiter, length)) = declared(rest) {
        let start = marked + length;
        let rows = text.get(start..).unwrap_or_default();
        // A declaration that divides nothing is a leftover of another file.
        if rows.contains(delimiter) {
            let (dialect, width) = best(rows, &[(delimiter.to_owned(), 1.0)]);
            return Detected { dialect, start, width };
        }
        let (dialect, width) = best(rows, &candidates(sample(rows)));
        return Detected { dialect, start, width };
    }
    let (dialect, width) = best(rest, &candidates(sample(rest)));
    Detected { dialect, start: marked, width }
}

/// `sep=;` as spreadsheet programs read and write it: the delimiter and the length of the line.
fn declared(text: &str) -> Option<(&str, usize)> {
    let line = text.split(['\n', '\r']).next().filter(|line| line.len() < 16)?;
    let unquoted = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let key = unquoted.get(..4).filter(|key| key.eq_ignore_ascii_case("sep="))?;
    let delimiter = unquoted.get(key.len()..)?;
    let is_usable = !delimiter.is_empty()
        && delimiter.len() <= 4
        && !delimiter.contains(|character: char| character.is_alphanumeric() || character == '"');
    let behind = text.get(line.len()..).unwrap_or_default();
    let end = if behind.starts_with("\r\n") { 2 } else { usize::from(!behind.is_empty()) };
    is_usable.then_some((delimiter, line.len() + end))
}

/// The beginning of the text, up to a line end.
fn sample(text: &str) -> &str {
    if text.len() <= SAMPLE {
        return text;
    }
    let mut end = SAMPLE;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or_default();
    let last_line = head.rfind(['\n', '\r']).map_or(end, |at| at + 1);
    head.get(..last_line).unwrap_or(head)
}

/// The delimiters that stand in the text, those of several characters too.
fn candidates(text: &str) -> Vec<(String, f64)> {
    let mut candidates = Vec::new();
    for (delimiter, likely) in DELIMITERS {
        let count = text.matches(delimiter).count();
        if count == 0 {
            continue;
        }
        // `a, b, c`: every comma has its blank, save where a line ends.
        if delimiter != " " {
            let with_blank = format!("{delimiter} ");
            let ended = text.matches(&format!("{delimiter}\n")).count()
                + text.matches(&format!("{delimiter}\r")).count();
            let spaced = text.matches(&with_blank).count();
            if spaced > 0 && (spaced + ended) * 20 >= count * 19 {
                candidates.push((with_blank, likely));
            }
        }
        // `a||b`: where a mark that people do not leave empty fields between never stands alone.
        if !matches!(delimiter, "," | ";" | "\t" | " ") {
            let doubled = delimiter.repeat(2);
            if text.matches(&doubled).count() * 2 == count {
                candidates.push((doubled, f64::midpoint(likely, 1.0)));
                continue;
            }
        }
        candidates.push((delimiter.to_owned(), likely));
    }
    candidates
}

/// The best dialect with one of the delimiters, and the usual width of its records.
fn best(text: &str, delimiters: &[(String, f64)]) -> (Dialect, usize) {
    let text = sample(text);
    let quotes: &[Quote] =
        if text.contains('\'') { &[Quote::Double, Quote::Single] } else { &[Quote::Double] };
    let escapes: &[Escape] =
        if text.contains('\\') { &[Escape::Doubled, Escape::Backslash] } else { &[Escape::Doubled] };
    let undivided = Dialect { delimiter: None, ..Dialect::rfc4180() };
    let mut best = (UNDIVIDED * score(text, &undivided).plausible, undivided, 1);
    // Of equals the first one counts: the usual delimiters, marks and escapes come first.
    for quote in quotes {
        for escape in escapes {
            for (delimiter, likely) in delimiters {
                let dialect = Dialect { delimiter: Some(delimiter.clone()), quote: *quote, escape: *escape };
                let score = score(text, &dialect);
                let fitness = score.fitness * likely;
                // Noise of calculation does not decide.
                if fitness > best.0 + 1e-9 {
                    best = (fitness, dialect, score.usual);
                }
            }
        }
    }
    let (_, dialect, width) = best;
    if dialect.delimiter.is_none() && text.trim_matches(['\n', '\r']).is_empty() {
        return (Dialect::rfc4180(), 0);
    }
    (dialect, width)
}

/// How a text looks in a dialect.
struct Score {
    /// How well the dialect fits, between 0 and 1.
    fitness: f64,
    /// How much its fields look like values, between 0 and 1.
    plausible: f64,
    /// The usual width of its records.
    usual: usize,
}

fn score(text: &str, dialect: &Dialect) -> Score {
    let mut records = Records::new(text, dialect, 0, 0);
    let mut widths: BTreeMap<u32, f64> = BTreeMap::new();
    let (mut total, mut sound, mut fields, mut plausible) = (0.0, 0.0, 0.0, 0.0);
    while let Some(record) = records.read() {
        if record.fields.is_empty() {
            continue;
        }
        total += 1.0;
        sound += f64::from(u8::from(!record.is_mended));
        *widths.entry(u32::try_from(record.fields.len()).unwrap_or(u32::MAX)).or_default() += 1.0;
        for field in &record.fields {
            fields += 1.0;
            plausible += plausibility(field);
        }
        if total >= SAMPLE_RECORDS {
            break;
        }
    }
    if total == 0.0 {
        return Score { fitness: 0.0, plausible: 0.0, usual: 0 };
    }
    // The chance that two records have the same width, and the more fields the better.
    let share = |count: f64| count / total;
    let uniform: f64 = widths
        .iter()
        .map(|(width, count)| {
            let width = f64::from(*width);
            share(*count) * share(*count) * (width - 1.0) / width
        })
        .sum();
    let usual = widths
        .iter()
        .max_by(|(one, some), (other, more)| some.total_cmp(more).then(one.cmp(other)))
        .map_or(0, |(width, _)| *width as usize);
    let unbroken = sound / total;
    let plausible = plausible / fields;
    Score { fitness: uniform * plausible * f64::midpoint(1.0, unbroken), plausible, usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (Option<String>, Quote, Escape) {
        let dialect = detect(text).dialect;
        (dialect.delimiter, dialect.quote, dialect.escape)
    }

    #[test]
    fn dialects_are_told_by_their_look() {
        let comma = || Some(",".to_owned());
        for (text, delimiter) in [
            ("External ID,Value,Date\nA,1,03/31/2024\n", comma()),
            ("ID;Value;Date\nA;1,5;31.03.2024\nB;2,5;31.03.2024\n", Some(";".to_owned())),
            ("A\t1,234\t03/31/2024\nB\t2,345\t03/31/2024\n", Some("\t".to_owned())),
            ("A|1|x, y\nB|2|z\n", Some("|".to_owned())),
            ("A||1||x\nB||2||z\n", Some("||".to_owned())),
            ("A::1::x\nB::2::z\n", Some("::".to_owned())),
            ("A, 1, x\nB, 2, \nC, 3,\n", Some(", ".to_owned())),
            ("A^1^x\nB^2^y\n", Some("^".to_owned())),
            ("A 1 x\nB 2 y\n", Some(" ".to_owned())),
            ("12:30\n12:45\n13:00\n", None),
            ("Alpha\nBeta, the second\nGamma\n", None),
            ("Monthly report, as of March\n\nA;1;2\nB;3;4\nC;5;6\n", Some(";".to_owned())),
        ] {
            assert_eq!(told(text).0, delimiter, "{text:?}");
        }
        assert_eq!(told("'a','b, c'\n'd','e'\n"), (comma(), Quote::Single, Escape::Doubled));
        assert_eq!(told("Men's,'tis\nWomen's,x\n"), (comma(), Quote::Double, Escape::Doubled));
        let escaped = "1,\"5\\\" pipe\",x\n2,\"6\\\", bent\",y\n";
        assert_eq!(told(escaped), (comma(), Quote::Double, Escape::Backslash));
        assert_eq!(told("1,\"C:\\temp\\\",x\n2,\"D:\\\",y\n").2, Escape::Doubled);
    }

    #[test]
    fn a_declaration_decides() {
        for (text, delimiter, start) in [
            ("sep=;\r\nA;1;2\r\n", ";", 7),
            ("\u{feff}\"sep=|\"\nA|1|2\n", "|", 11),
            ("sep=;\nA,1,2\nB,1,2\n", ",", 6),
        ] {
            let detected = detect(text);
            assert_eq!((detected.dialect.delimiter.as_deref(), detected.start), (Some(delimiter), start));
        }
        assert_eq!(detect("separate,1,2\n").start, 0);
    }

    #[test]
    fn a_text_without_records_has_no_width() {
        for text in ["", "\n\r\n"] {
            assert_eq!(detect(text).width, 0, "{text:?}");
        }
    }
}
