//! From rows and columns back to bytes, lines and characters.

use metricsheet_core::{Change, Finding, Place, RowNumber};

use crate::check::{Diagnostic, Phase};
use crate::columns::Columns;
use crate::edit::Edit;
use crate::fields::{FieldSpan, Record, Records, written};

/// Remembers where rows start; their fields are read again only where something was found.
pub(crate) struct Located<'a> {
    text: &'a str,
    delimiter: u8,
    /// By row; not all rows of a file have to be there.
    starts: Vec<(RowNumber, usize)>,
}

impl<'a> Located<'a> {
    pub(crate) const fn new(text: &'a str, delimiter: u8) -> Self {
        Self { text, delimiter, starts: Vec::new() }
    }

    /// Rows are added one after the other.
    pub(crate) fn add(&mut self, row: RowNumber, start: usize) {
        self.starts.push((row, start));
    }

    /// How many rows were added.
    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    fn record(&self, row: RowNumber) -> Option<(Record, Vec<FieldSpan>)> {
        let at = self.starts.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        let (_, start) = *self.starts.get(at)?;
        let mut fields = Vec::new();
        let record = Records::new(self.text, self.delimiter, start, 1).read(&mut fields)?;
        Some((record, fields))
    }

    /// A finding of the core with its place in the bytes.
    pub(crate) fn diagnostic(&self, finding: Finding, columns: &Columns) -> Diagnostic {
        let mut diagnostic = Diagnostic {
            column: None,
            label: None,
            span: 0..0,
            in_file: 0..0,
            line: 1,
            character: 1,
            edits: Vec::new(),
            throughout: None,
            phase: Phase::Rows,
            finding,
        };
        let place = diagnostic.finding.place;
        let Some((record, fields)) = place.row().and_then(|row| self.record(row)) else { return diagnostic };
        diagnostic.span = record.span.clone();
        let mut raw = record.span.clone();
        if let Place::Cell(_, field) = place {
            diagnostic.phase = Phase::Cells;
            diagnostic.label = Some(field.label().to_owned());
            diagnostic.column = columns.fields.iter().position(|column| *column == Some(field));
            if let Some(span) = diagnostic.column.and_then(|at| fields.get(at)) {
                diagnostic.span = span.content();
                raw = span.raw.clone();
                diagnostic.finding.text = span.text(self.text).into_owned();
            }
        }
        let id_at =
            columns.fields.iter().position(|column| *column == Some(metricsheet_core::Field::ExternalId));
        if let Some(id) = id_at.and_then(|at| fields.get(at)) {
            diagnostic.finding.external_id =
                Some(id.text(self.text).into_owned()).filter(|id| !id.is_empty());
        }
        diagnostic.edits = match diagnostic.finding.suggestion.as_ref().map(|suggestion| &suggestion.change) {
            Some(Change::Rewrite(text)) => vec![Edit::new(raw, written(text).into_owned())],
            Some(Change::RemoveRow) => vec![Edit::removal(record.span.start..record.next())],
            Some(Change::Bytes) | None => Vec::new(),
        };
        diagnostic
    }
}

/// How many lines end in the text; `\r\n` ends one.
pub(crate) fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|at| bytes.get(*at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n'))
        .count()
}

/// Fills in line and character from the bytes. One pass over the text, whatever the number of findings.
pub(crate) fn number_lines(text: &str, diagnostics: &mut [Diagnostic]) {
    let mut order: Vec<usize> = (0..diagnostics.len()).collect();
    order.sort_by_key(|at| diagnostics.get(*at).map(|diagnostic| diagnostic.span.start));
    let bytes = text.as_bytes();
    let (mut at, mut line, mut line_start) = (0, 1, 0);
    for index in order {
        let Some(diagnostic) = diagnostics.get_mut(index) else { continue };
        let target = diagnostic.span.start.min(bytes.len());
        while let Some(end) = memchr::memchr2(b'\n', b'\r', &bytes[at..target]) {
            at += end + 1;
            // `\r\n` is one line end.
            if bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
                if at == target {
                    break;
                }
                at += 1;
            }
            line += 1;
            line_start = at;
        }
        at = at.max(line_start);
        let before = text.get(line_start..target).unwrap_or_default();
        diagnostic.line = line;
        diagnostic.character = before.trim_start_matches('\u{feff}').chars().count() + 1;
    }
}
