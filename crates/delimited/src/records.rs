//! Reads records one after the other. What breaks the rules of quoting is read as it was most likely meant.
//!
//! No field is lost: apart from delimiters, enclosing marks, escapes, line ends and blanks around enclosing
//! marks, every character of the text stands in a field, in order.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::dialect::{Dialect, Escape, is_line_end};
use crate::mend;

/// One record. Blank lines are records without fields, so that rows are numbered as spreadsheet programs do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'t> {
    /// Its 1-based number.
    pub row: u32,
    /// The 1-based line in which it starts.
    pub line: usize,
    /// Its fields.
    pub fields: Vec<Cow<'t, str>>,
    /// Whether its quoting was broken, so that its fields are a guess.
    pub is_mended: bool,
}

/// Where a field stands and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its bytes, without enclosing marks.
    pub(crate) content: Range<usize>,
    pub(crate) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it stands.
    Plain,
    /// Enclosed in marks.
    Quoted,
}

/// Breaks the rules: the field's opening mark has no closing one before a delimiter or a line end.
pub(crate) struct BrokenQuote;

/// What is read in a record, and where it ends: before its line end.
pub(crate) struct Reading {
    pub(crate) spans: Vec<Span>,
    pub(crate) end: usize,
}

/// Reads the records of a text.
#[derive(Debug, Clone)]
pub struct Records<'t> {
    text: &'t str,
    dialect: &'t Dialect,
    at: usize,
    row: u32,
    line: usize,
    /// How many fields most records have; 0 if that is not known.
    usual: usize,
    is_in_head: bool,
    /// How many bytes may still be looked at to mend records, so that no text takes long.
    effort: usize,
}

impl<'t> Records<'t> {
    /// Reads a text from byte `start` on, which begins line and row 1. Most records are expected to have `usual`
    /// fields; 0 says nothing about it.
    #[must_use]
    pub fn new(text: &'t str, dialect: &'t Dialect, start: usize, usual: usize) -> Self {
        let effort = text.len().saturating_mul(16).saturating_add(1 << 20);
        Self { text, dialect, at: start, row: 1, line: 1, usual, is_in_head: true, effort }
    }

    /// The next record; `None` at the end of the text.
    #[must_use]
    pub fn read(&mut self) -> Option<Record<'t>> {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let (start, row, line) = (self.at, self.row, self.line);
        let (reading, is_mended) = self.reading(start);
        let end = reading.end.max(start);
        self.at = match (bytes.get(end), bytes.get(end + 1)) {
            (Some(b'\r'), Some(b'\n')) => end + 2,
            (Some(_), _) => end + 1,
            (None, _) => end,
        };
        self.row = self.row.saturating_add(1);
        self.line += line_ends(bytes.get(start..self.at).unwrap_or_default());
        let fields = if end == start {
            Vec::new()
        } else {
            reading.spans.iter().map(|span| self.field_text(span)).collect()
        };
        Some(Record { row, line, fields, is_mended })
    }

    fn reading(&mut self, start: usize) -> (Reading, bool) {
        let plain = plain_reading(self.text, self.dialect, start);
        if self.is_in_head {
            if let Some(comment) = self.comment(start, plain.as_ref().ok()) {
                return (comment, false);
            }
            self.is_in_head = false;
        }
        let is_doubtful = |reading: &Reading| {
            let span = self.text.as_bytes().get(start..reading.end).unwrap_or_default();
            self.usual > 0 && reading.spans.len() != self.usual && memchr2(b'\n', b'\r', span).is_some()
        };
        match plain {
            Ok(reading) if !is_doubtful(&reading) => (reading, false),
            // A mark that belongs to no field may have swallowed lines that another mark ends.
            Ok(reading) => match mend::mended(self.text, self.dialect, start, self.usual, &mut self.effort) {
                Some(mended) if mended.spans.len() == self.usual => (mended, true),
                Some(_) | None => (reading, false),
            },
            Err(BrokenQuote) => {
                let mended = mend::mended(self.text, self.dialect, start, self.usual, &mut self.effort);
                (mended.unwrap_or_else(|| mend::literal_reading(self.text, self.dialect, start)), true)
            }
        }
    }

    /// Lines above the table that begin with `#` are comments, unless they are as wide as the table.
    fn comment(&self, start: usize, plain: Option<&Reading>) -> Option<Reading> {
        let bytes = self.text.as_bytes();
        let is_row = plain.is_some_and(|reading| reading.spans.len() == self.usual);
        if bytes.get(start) != Some(&b'#') || is_row || self.usual < 2 {
            return None;
        }
        let end = end_of_line(bytes, start);
        Some(Reading { spans: vec![Span { content: start..end, form: Form::Plain }], end })
    }

    fn field_text(&self, span: &Span) -> Cow<'t, str> {
        let content = self.text.get(span.content.clone()).unwrap_or_default();
        let (quote, doubled) = (self.dialect.quote.text(), self.dialect.quote.doubled());
        match (span.form, self.dialect.escape) {
            (Form::Plain | Form::Quoted, Escape::Backslash) if content.contains('\\') => {
                Cow::Owned(without_escapes(content, self.dialect, span.form))
            }
            (Form::Quoted, Escape::Doubled | Escape::Backslash) if content.contains(doubled) => {
                Cow::Owned(content.replace(doubled, quote))
            }
            (Form::Plain | Form::Quoted, Escape::Doubled | Escape::Backslash) => Cow::Borrowed(content),
        }
    }
}

/// The record at `start`, read by the rules.
///
/// # Errors
/// [`BrokenQuote`] if a field breaks them.
pub(crate) fn plain_reading(text: &str, dialect: &Dialect, start: usize) -> Result<Reading, BrokenQuote> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = start;
    loop {
        let (span, end) = field(bytes, dialect, at)?;
        spans.push(span);
        match dialect.delimiter_at(bytes, end) {
            Some(length) => at = end + length,
            None => return Ok(Reading { spans, end }),
        }
    }
}

/// The field at `start`, and where it ends: before its delimiter or line end.
fn field(bytes: &[u8], dialect: &Dialect, start: usize) -> Result<(Span, usize), BrokenQuote> {
    let Some(opening) = opening_mark(bytes, dialect, start) else {
        let end = end_of_unquoted(bytes, dialect, start);
        return Ok((Span { content: start..end, form: Form::Plain }, end));
    };
    let mut at = opening + 1;
    while let Some(run) = next_run(bytes, dialect, at) {
        if run.len() % 2 == 1 {
            let end = closed_end(bytes, dialect, run.end).ok_or(BrokenQuote)?;
            return Ok((Span { content: opening + 1..run.end - 1, form: Form::Quoted }, end));
        }
        at = run.end;
    }
    Err(BrokenQuote)
}

/// Where the mark stands that opens the field at `start`, blanks before it aside.
pub(crate) fn opening_mark(bytes: &[u8], dialect: &Dialect, start: usize) -> Option<usize> {
    let quote = dialect.quote.byte();
    let mut at = start;
    if !dialect.divides_by_blanks() {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
    }
    (bytes.get(at) == Some(&quote)).then_some(at)
}

/// Where a field ends whose marks end at `at`: there, or behind blanks; `None` if text follows.
pub(crate) fn closed_end(bytes: &[u8], dialect: &Dialect, at: usize) -> Option<usize> {
    let is_end = |at: usize| dialect.delimiter_at(bytes, at).is_some() || is_line_end(bytes, at);
    if is_end(at) {
        return Some(at);
    }
    let mut end = at;
    if !dialect.divides_by_blanks() {
        while bytes.get(end) == Some(&b' ') {
            end += 1;
        }
    }
    is_end(end).then_some(end)
}

/// The next marks without anything between them that no backslash escapes.
pub(crate) fn next_run(bytes: &[u8], dialect: &Dialect, from: usize) -> Option<Range<usize>> {
    let quote = dialect.quote.byte();
    let mut at = from;
    loop {
        let rest = bytes.get(at..)?;
        at += match dialect.escape {
            Escape::Doubled => memchr(quote, rest)?,
            Escape::Backslash => memchr2(quote, b'\\', rest)?,
        };
        if bytes.get(at) == Some(&quote) {
            let length = bytes.get(at..)?.iter().take_while(|byte| **byte == quote).count();
            return Some(at..at + length);
        }
        at += if matches!(bytes.get(at + 1), Some(next) if *next == quote || *next == b'\\') { 2 } else { 1 };
    }
}

/// The next delimiter or line end.
pub(crate) fn end_of_unquoted(bytes: &[u8], dialect: &Dialect, from: usize) -> usize {
    let first = dialect.delimiter.as_ref().and_then(|delimiter| delimiter.as_bytes().first().copied());
    let mut at = from;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let is_special = |byte: &u8| {
            matches!(*byte, b'\n' | b'\r')
                || Some(*byte) == first
                || (*byte == b'\\' && dialect.escape == Escape::Backslash)
        };
        let Some(length) = rest.iter().position(is_special) else { return bytes.len() };
        at += length;
        if is_line_end(bytes, at) || dialect.delimiter_at(bytes, at).is_some() {
            return at;
        }
        at += 1;
        if bytes.get(at - 1) == Some(&b'\\') && dialect.escape == Escape::Backslash {
            // Only what would mean something else is escaped: `C:\temp` is as it stands.
            at += dialect.delimiter_at(bytes, at).unwrap_or(usize::from(bytes.get(at) == Some(&b'\\')));
        }
    }
}

pub(crate) fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr2(b'\n', b'\r', rest).map_or(bytes.len(), |length| from + length)
}

/// How many lines end within these bytes.
fn line_ends(bytes: &[u8]) -> usize {
    let mut previous = 0;
    let mut count = 0;
    for byte in bytes {
        // `\r\n` is one line end: its second half is not counted again.
        count += usize::from(*byte == b'\r' || (*byte == b'\n' && previous != b'\r'));
        previous = *byte;
    }
    count
}

/// The content with escaped marks, delimiters and backslashes as they are meant. Other backslashes stay.
fn without_escapes(content: &str, dialect: &Dialect, form: Form) -> String {
    let (quote, doubled) = (dialect.quote.text(), dialect.quote.doubled());
    let delimiter = dialect.delimiter.as_deref().unwrap_or("\\");
    let mut text = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.find(['\\', char::from(dialect.quote.byte())]) {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        if let Some(behind) = rest.strip_prefix('\\') {
            let escaped = [quote, "\\", delimiter].into_iter().find(|meant| behind.starts_with(meant));
            text.push_str(escaped.unwrap_or("\\"));
            rest = behind.strip_prefix(escaped.unwrap_or_default()).unwrap_or(behind);
        } else {
            text.push_str(quote);
            let pair = if form == Form::Quoted { doubled } else { quote };
            rest = rest.strip_prefix(pair).or_else(|| rest.strip_prefix(quote)).unwrap_or_default();
        }
    }
    text.push_str(rest);
    text
}
