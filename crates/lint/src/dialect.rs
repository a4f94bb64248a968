//! Which character stands between the fields, and a `sep=` line that says so.

use std::ops::Range;

use metricsheet_core::template::Label;

use crate::fields::{LineEnd, Records};

/// How the fields of a file are divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// A line such as `sep=;` at the beginning, with its line end.
    pub(crate) declaration: Option<Range<usize>>,
}

pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// So many records tell the dialect; more would only cost time.
pub(crate) const SAMPLE: usize = 64;
/// Without labels, only a file as wide as the templates tells its delimiter.
const FIELDS_OF_TEMPLATES: std::ops::RangeInclusive<usize> = 3..=5;

/// Reads the dialect of the text from byte `start` on.
pub(crate) fn detect(text: &str, start: usize) -> Dialect {
    let rest = text.get(start..).unwrap_or_default();
    if let Some((declared, length)) = declared(rest) {
        let declaration = Some(start..start + length);
        // A declaration that divides nothing is a leftover of another file.
        let divides =
            |delimiter: u8| rest.as_bytes().get(length..).is_some_and(|rows| rows.contains(&delimiter));
        let delimiter = if divides(declared) { declared } else { detect(text, start + length).delimiter };
        return Dialect { delimiter, declaration };
    }
    let evidence: Vec<Evidence> =
        DELIMITERS.iter().map(|delimiter| Evidence::of(text, start, *delimiter)).collect();
    let most_labels = evidence.iter().map(|evidence| evidence.labels).max().unwrap_or(0);
    // Of two delimiters with the same evidence the comma, which stands first, is right: nothing has to change.
    let told = if most_labels > 1 {
        evidence.iter().position(|evidence| evidence.labels == most_labels)
    } else {
        evidence.iter().position(|evidence| evidence.is_uniform)
    };
    let delimiter = told.and_then(|at| DELIMITERS.get(at)).copied().unwrap_or(b',');
    Dialect { delimiter, declaration: None }
}

/// `sep=;` as spreadsheet programs read and write it: the delimiter and the length of the line.
fn declared(text: &str) -> Option<(u8, usize)> {
    let line = text.get(..8).unwrap_or(text).lines().next()?;
    let unquoted = line.trim_matches('"');
    let value =
        unquoted.get(..4).filter(|key| key.eq_ignore_ascii_case("sep=")).and_then(|_| unquoted.get(4..))?;
    let delimiter = *value.as_bytes().first().filter(|_| value.len() == 1)?;
    let is_usable = delimiter.is_ascii()
        && !delimiter.is_ascii_alphanumeric()
        && !matches!(delimiter, b'"' | b'\n' | b'\r');
    let rest = text.get(line.len()..).unwrap_or_default();
    let end = if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    is_usable.then_some((delimiter, line.len() + end))
}

/// What speaks for a delimiter.
struct Evidence {
    /// The most known labels in one record.
    labels: usize,
    /// Whether all records have the same width, and as many fields as a template needs.
    is_uniform: bool,
}

impl Evidence {
    fn of(text: &str, start: usize, delimiter: u8) -> Self {
        let mut records = Records::new(text, delimiter, start, 1);
        let mut fields = Vec::new();
        let mut labels = 0;
        let mut widths = Vec::new();
        let mut has_defect = false;
        for _ in 0..SAMPLE {
            let Some(record) = records.read(&mut fields) else { break };
            let known =
                fields.iter().filter(|field| Label::read(&field.text(text)).field().is_some()).count();
            labels = labels.max(known);
            if !record.span.is_empty() {
                widths.push(fields.len());
            }
            // A delimiter that tears quoted fields apart is none.
            has_defect |= fields.iter().any(|field| field.defect.is_some());
            if record.line_end == LineEnd::None {
                break;
            }
        }
        let width = widths.first().copied().unwrap_or(0);
        let is_uniform =
            !has_defect && FIELDS_OF_TEMPLATES.contains(&width) && widths.iter().all(|other| *other == width);
        Self { labels, is_uniform }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_told_by_labels_then_by_equal_widths() {
        for (text, delimiter) in [
            ("External ID,Current Metric Value,As Of Date\nA,1,03/31/2024\n", b','),
            ("External ID;Current Metric Value;As Of Date\nA;1,5;31.03.2024\nB;2,5;31.03.2024\n", b';'),
            ("A\t1\t03/31/2024\nB\t2\t03/31/2024\n", b'\t'),
            ("A|1|03/31/2024\nB, C|2|03/31/2024\n", b'|'),
            ("just a line\n", b','),
            ("", b','),
        ] {
            assert_eq!(char::from(detect(text, 0).delimiter), char::from(delimiter), "{text:?}");
        }
    }

    #[test]
    fn a_declaration_decides() {
        let dialect = detect("sep=;\r\nA;1;2\r\n", 0);
        assert_eq!(dialect, Dialect { delimiter: b';', declaration: Some(0..7) });
        assert_eq!(detect("\"sep=|\"\nA|1|2\n", 0).delimiter, b'|');
        assert_eq!(detect("sep=;\nA,1,2\n", 0).delimiter, b',', "nothing is divided by it");
        assert_eq!(detect("separate,1,2\n", 0).declaration, None);
    }
}
