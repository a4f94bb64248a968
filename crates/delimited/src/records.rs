//! Reads records one after the other. What breaks the rules of quoting is read as it was most likely meant.
//!
//! No field is lost: apart from delimiters, enclosing marks, escapes, line ends and blanks around enclosing
//! marks, every character of the text stands in a field, in order.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use crate::dialect::{Dialect, Escape, is_line_end};
use crate::mend;

/// One record. Blank lines are records without fields, so that rows are numbered as spreadsheet programs do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// How far the records of a text were read: what the next stretch of the text goes on with.
#[derive(Debug, Clone)]
pub struct Progress {
    row: u32,
    line: usize,
    is_in_head: bool,
    /// How many bytes may still be looked at to mend records, so that no text takes long.
    effort: usize,
}

impl Progress {
    /// At the beginning of a text of so many bytes, which begins line and row 1.
    #[must_use]
    pub const fn at_beginning(length: usize) -> Self {
        let effort = length.saturating_mul(16).saturating_add(1 << 20);
        Self { row: 1, line: 1, is_in_head: true, effort }
    }

    /// Whether each line of the bytes that come next is a record, whatever stands before and behind it: no mark stands
    /// in them.
    #[must_use]
    pub fn divides_lines(&self, dialect: &Dialect, lines: &[u8]) -> bool {
        !self.is_in_head
            && dialect.plain_delimiter().is_some()
            && memchr(dialect.quote.byte(), lines).is_none()
    }

    /// The number of the next record.
    #[must_use]
    pub const fn row(&self) -> u32 {
        self.row
    }

    /// Passes over so many records of such lines.
    pub fn pass(&mut self, records: u32) {
        self.row = self.row.saturating_add(records);
        self.line = self.line.saturating_add(usize::try_from(records).unwrap_or(usize::MAX));
    }
}

/// What was read of a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A record.
    Record,
    /// Nothing, because what follows the stretch may decide where its next record ends.
    CutOff,
    /// Nothing, because the text ends here.
    End,
}

/// Reads the records of a text, or of a stretch of one.
#[derive(Debug, Clone)]
pub struct Records<'t> {
    text: &'t str,
    dialect: &'t Dialect,
    /// What divides fields, if it is one byte and means nothing else anywhere.
    plain_delimiter: Option<u8>,
    at: usize,
    /// How many fields most records have; 0 if that is not known.
    usual: usize,
    progress: Progress,
    is_last: bool,
    /// Whether no mark stands in it anywhere.
    has_no_marks: bool,
}

impl<'t> Records<'t> {
    /// Reads a text from byte `start` on, which begins line and row 1. Most records are expected to have `usual`
    /// fields; 0 says nothing about it.
    #[must_use]
    pub fn new(text: &'t str, dialect: &'t Dialect, start: usize, usual: usize) -> Self {
        let progress = Progress::at_beginning(text.len());
        Self { at: start, ..Self::of_stretch(text, dialect, usual, progress, true) }
    }

    /// Reads a stretch of a text, whose first byte begins a record, after what was read before it. Unless it is the
    /// `is_last` one, a record is only read if nothing behind the stretch can change it.
    #[must_use]
    pub fn of_stretch(
        text: &'t str,
        dialect: &'t Dialect,
        usual: usize,
        progress: Progress,
        is_last: bool,
    ) -> Self {
        let plain_delimiter = dialect.plain_delimiter();
        Self { text, dialect, plain_delimiter, at: 0, usual, progress, is_last, has_no_marks: false }
    }

    /// Reads lines of which [`Progress::divides_lines`] holds, and numbers their records from 1.
    #[must_use]
    pub fn of_lines(lines: &'t str, dialect: &'t Dialect) -> Self {
        let progress = Progress { is_in_head: false, ..Progress::at_beginning(0) };
        Self { has_no_marks: true, ..Self::of_stretch(lines, dialect, 0, progress, true) }
    }

    /// The next record of a whole text; `None` at its end.
    #[must_use]
    pub fn read(&mut self) -> Option<Record<'t>> {
        let mut record = Record::default();
        match self.read_into(&mut record) {
            Step::Record => Some(record),
            Step::CutOff | Step::End => None,
        }
    }

    /// Reads the next record in place of another one, whose memory it uses.
    pub fn read_into(&mut self, record: &mut Record<'t>) -> Step {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return if self.is_last { Step::End } else { Step::CutOff };
        }
        let start = self.at;
        record.fields.clear();
        (record.row, record.line, record.is_mended) = (self.progress.row, self.progress.line, false);
        let end = if let Some(end) = self.plain_line(&mut record.fields) {
            self.progress.line += 1;
            end
        } else {
            let Some((reading, is_mended)) = self.reading(start) else { return Step::CutOff };
            let end = reading.end.max(start);
            if end > start {
                record.fields.extend(reading.spans.iter().map(|span| self.field_text(span)));
            }
            record.is_mended = is_mended;
            self.progress.line +=
                line_ends(bytes.get(start..behind_line_end(bytes, end)).unwrap_or_default());
            end
        };
        self.at = behind_line_end(bytes, end);
        self.progress.row = self.progress.row.saturating_add(1);
        Step::Record
    }

    /// Passes over a line of so many bytes with its end, which somebody else read and in which no mark stands.
    pub const fn pass_line(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
        self.progress.row = self.progress.row.saturating_add(1);
        self.progress.line = self.progress.line.saturating_add(1);
    }

    /// How many bytes of the stretch were read.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// What the next stretch goes on with, which begins where this one was read to.
    #[must_use]
    pub fn into_progress(self) -> Progress {
        self.progress
    }

    /// Reads a line without any mark, as nearly all are, and tells where it ends: all that divides its fields is
    /// the delimiter. `None` if more has to be known.
    fn plain_line(&mut self, fields: &mut Vec<Cow<'t, str>>) -> Option<usize> {
        let delimiter = self.plain_delimiter?;
        let rest = self.text.get(self.at..)?;
        let length = memchr2(b'\n', b'\r', rest.as_bytes())?;
        let line = rest.get(..length)?;
        let is_cut_off = !self.is_last && rest.len() - length < LINE_END;
        let may_be_comment = self.progress.is_in_head && line.starts_with('#');
        let has_mark = || !self.has_no_marks && memchr(self.dialect.quote.byte(), line.as_bytes()).is_some();
        if is_cut_off || may_be_comment || has_mark() {
            return None;
        }
        self.progress.is_in_head = false;
        if length > 0 {
            let mut start = 0;
            for end in memchr_iter(delimiter, line.as_bytes()).chain([length]) {
                fields.push(Cow::Borrowed(line.get(start..end).unwrap_or_default()));
                start = end + 1;
            }
        }
        Some(self.at + length)
    }

    /// Whether nothing behind the stretch can change a record that was read by the rules and ends at `end`.
    fn is_certain(&self, end: usize) -> bool {
        let delimiter = self.dialect.delimiter.as_ref().map_or(0, String::len);
        self.text.len() >= end + LINE_END + delimiter
    }

    /// The record at `start`, and whether it was mended; `None` if it is not certain.
    fn reading(&mut self, start: usize) -> Option<(Reading, bool)> {
        let plain = plain_reading(self.text, self.dialect, start);
        if !self.is_last && !plain.as_ref().is_ok_and(|reading| self.is_certain(reading.end)) {
            return None;
        }
        if self.progress.is_in_head {
            // It ends where the reading does, or before.
            if let Some(comment) = self.comment(start, plain.as_ref().ok()) {
                return Some((comment, false));
            }
        }
        let is_doubtful = |reading: &Reading| {
            let span = self.text.as_bytes().get(start..reading.end).unwrap_or_default();
            self.usual > 0 && reading.spans.len() != self.usual && memchr2(b'\n', b'\r', span).is_some()
        };
        let effort = &mut self.progress.effort;
        let read = match plain {
            Ok(reading) if !is_doubtful(&reading) => (reading, false),
            // What follows far behind it may decide how such a record is mended.
            Ok(_) | Err(BrokenQuote) if !self.is_last => return None,
            // A mark that belongs to no field may have swallowed lines that another mark ends.
            Ok(reading) => match mend::mended(self.text, self.dialect, start, self.usual, effort) {
                Some(mended) if mended.spans.len() == self.usual => (mended, true),
                Some(_) | None => (reading, false),
            },
            Err(BrokenQuote) => {
                let mended = mend::mended(self.text, self.dialect, start, self.usual, effort);
                (mended.unwrap_or_else(|| mend::literal_reading(self.text, self.dialect, start)), true)
            }
        };
        self.progress.is_in_head = false;
        Some(read)
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

/// No line end has more bytes.
const LINE_END: usize = 2;

/// Where the record after one starts that ends at `end`, before its line end.
fn behind_line_end(bytes: &[u8], end: usize) -> usize {
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => end + 2,
        (Some(_), _) => end + 1,
        (None, _) => end,
    }
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
