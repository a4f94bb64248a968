//! Splits CSV text into records and fields, and keeps where each of them stands. Follows RFC 4180; what
//! breaks its quoting is read as other readers do, and marked.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr3};

/// Where a field stands, quotation marks included, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSpan {
    /// The bytes between the delimiters.
    pub raw: Range<usize>,
    /// Whether it is enclosed in quotation marks.
    pub is_quoted: bool,
    /// What is wrong with its quoting.
    pub defect: Option<QuoteDefect>,
}

/// What is wrong with a field's quoting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuoteDefect {
    /// The quotation mark at its start is never closed.
    Unterminated,
    /// Text stands behind the closing mark.
    TextAfterQuote,
    /// A mark stands in a field that does not start with one.
    BareQuote,
}

impl FieldSpan {
    /// The bytes of the text, without the enclosing marks.
    #[must_use]
    pub fn content(&self) -> Range<usize> {
        match (self.is_quoted, self.defect) {
            (false, _) | (true, Some(QuoteDefect::TextAfterQuote | QuoteDefect::BareQuote)) => {
                self.raw.clone()
            }
            (true, Some(QuoteDefect::Unterminated)) => self.raw.start + 1..self.raw.end,
            (true, None) => self.raw.start + 1..self.raw.end - 1,
        }
    }

    /// The text that the field means.
    #[must_use]
    pub fn text<'a>(&self, source: &'a str) -> Cow<'a, str> {
        let content = source.get(self.content()).unwrap_or_default();
        if self.is_quoted && memchr(b'"', content.as_bytes()).is_some() {
            return Cow::Owned(content.replace("\"\"", "\""));
        }
        Cow::Borrowed(content)
    }
}

/// How a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
    /// The file ends.
    None,
}

impl LineEnd {
    /// The bytes themselves.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
            Self::None => "",
        }
    }
}

/// One record: a row of the table, over one or more lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The bytes of its fields and delimiters.
    pub span: Range<usize>,
    /// What stands behind them.
    pub line_end: LineEnd,
    /// The 1-based line in which it starts.
    pub line: usize,
}

impl Record {
    /// Where the next record starts.
    #[must_use]
    pub fn next(&self) -> usize {
        self.span.end + self.line_end.text().len()
    }
}

/// Reads records one after the other.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    source: &'a str,
    delimiter: u8,
    at: usize,
    line: usize,
}

impl<'a> Records<'a> {
    /// Reads from the byte `at`, which begins line `line` (1-based). The delimiter is an ASCII character.
    #[must_use]
    pub fn new(source: &'a str, delimiter: u8, at: usize, line: usize) -> Self {
        Self { source, delimiter, at, line }
    }

    /// The 1-based line in which the next record starts.
    pub(crate) const fn line(&self) -> usize {
        self.line
    }

    /// Reads the next record and puts its fields into `fields`; `None` at the end of the text.
    pub fn read(&mut self, fields: &mut Vec<FieldSpan>) -> Option<Record> {
        fields.clear();
        let bytes = self.source.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        loop {
            let field = self.field();
            let end = field.raw.end;
            fields.push(field);
            self.at = end;
            let line_end = match (bytes.get(end), bytes.get(end + 1)) {
                (Some(delimiter), _) if *delimiter == self.delimiter => {
                    self.at = end + 1;
                    continue;
                }
                (Some(b'\r'), Some(b'\n')) => LineEnd::CrLf,
                (Some(b'\r'), _) => LineEnd::Cr,
                (Some(_), _) => LineEnd::Lf,
                (None, _) => LineEnd::None,
            };
            let record = Record { span: start..end, line_end, line };
            self.at = record.next();
            self.line += 1;
            return Some(record);
        }
    }

    fn field(&mut self) -> FieldSpan {
        let bytes = self.source.as_bytes();
        let start = self.at;
        if bytes.get(start) == Some(&b'"') {
            return self.quoted_field(start);
        }
        let end = self.end_of_unquoted(start);
        let is_bare = memchr(b'"', &bytes[start..end]).is_some();
        FieldSpan { raw: start..end, is_quoted: false, defect: is_bare.then_some(QuoteDefect::BareQuote) }
    }

    fn quoted_field(&mut self, start: usize) -> FieldSpan {
        let bytes = self.source.as_bytes();
        let mut at = start + 1;
        loop {
            let Some(quote) = memchr(b'"', &bytes[at..]) else {
                self.count_lines(start..bytes.len());
                return FieldSpan {
                    raw: start..bytes.len(),
                    is_quoted: true,
                    defect: Some(QuoteDefect::Unterminated),
                };
            };
            at += quote + 1;
            if bytes.get(at) == Some(&b'"') {
                at += 1;
                continue;
            }
            let end = self.end_of_unquoted(at);
            self.count_lines(start..at);
            let defect = (end > at).then_some(QuoteDefect::TextAfterQuote);
            return FieldSpan { raw: start..end, is_quoted: true, defect };
        }
    }

    /// The next delimiter or line end.
    fn end_of_unquoted(&self, from: usize) -> usize {
        let rest = &self.source.as_bytes()[from..];
        memchr3(self.delimiter, b'\n', b'\r', rest).map_or(self.source.len(), |length| from + length)
    }

    fn count_lines(&mut self, span: Range<usize>) {
        let bytes = &self.source.as_bytes()[span];
        let mut previous = 0;
        for byte in bytes {
            // `\r\n` is one line end: its second half is not counted again.
            if *byte == b'\r' || (*byte == b'\n' && previous != b'\r') {
                self.line += 1;
            }
            previous = *byte;
        }
    }
}

/// The text as a field of a comma-separated file: quoted where it has to be, and where it holds what other
/// dialects divide with, so that it is never taken for one of them. `sep=` before a delimiter would declare it.
#[must_use]
pub(crate) fn written(text: &str) -> Cow<'_, str> {
    let declares = text.get(..4).is_some_and(|key| key.eq_ignore_ascii_case("sep="));
    let needs_quotes = declares || text.contains([',', '"', '\n', '\r', ';', '\t', '|']);
    if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<Vec<String>> {
        let mut records = Records::new(source, b',', 0, 1);
        let mut fields = Vec::new();
        let mut rows = Vec::new();
        while records.read(&mut fields).is_some() {
            rows.push(fields.iter().map(|field| field.text(source).into_owned()).collect());
        }
        rows
    }

    #[test]
    fn records_are_split_as_the_csv_crate_does() {
        for source in ["a,b\n1,2\n", "a,b\r\n\"1,\"\"x\"\"\",2", "\"a\nb\",c\n", ",\n,,\n", "a,b\r1,2\r"] {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source.as_bytes());
            let expected: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(ToOwned::to_owned).collect())
                .collect();
            assert_eq!(texts(source), expected, "{source:?}");
        }
    }

    #[test]
    fn blank_lines_are_records_of_one_empty_field() {
        assert_eq!(texts("a\n\nb"), [["a"], [""], ["b"]]);
    }

    #[test]
    fn lines_are_counted_through_quoted_line_breaks() {
        let source = "a\r\n\"b\r\nc\nd\re\"\nf\n";
        let mut records = Records::new(source, b',', 0, 1);
        let mut fields = Vec::new();
        let mut lines = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            lines.push(record.line);
        }
        assert_eq!(lines, [1, 2, 6]);
    }

    #[test]
    fn broken_quoting_is_marked() {
        for (source, defect) in [
            ("\"a\nb,c\n", QuoteDefect::Unterminated),
            ("\"a\"b,c\n", QuoteDefect::TextAfterQuote),
            ("a\"b,c\n", QuoteDefect::BareQuote),
        ] {
            let mut fields = Vec::new();
            Records::new(source, b',', 0, 1).read(&mut fields);
            assert_eq!(fields[0].defect, Some(defect), "{source:?}");
        }
    }
}
