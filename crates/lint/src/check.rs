//! Checks the bytes of a CSV file: finds its dialect and columns, hands its rows to the core's validator, and
//! says in bytes where each finding stands and which edits would mend it.

use std::borrow::Cow;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;

use metricsheet_core::rules::file as rules;
use metricsheet_core::text::says_nothing;
use metricsheet_core::{
    Cell, Finding, Place, Row, RowNumber, Selection, Settings, Suspects, Template, Updated, Validator, plan,
};
use metricsheet_delimited::Decoded;

use crate::columns::Columns;
use crate::dialect::Dialect;
use crate::edit::Edit;
use crate::fields::{FieldSpan, QuoteDefect, Record, Records};
use crate::footer;
use crate::layout::Layout;
use crate::locate::Located;
use crate::pieces::{Collected, check_by_pieces};
use crate::ragged;
use crate::record_facts::RecordFacts;
use crate::shape;
use crate::sniff;
use crate::source::Source;
use crate::sweep::{Excerpt, Head, Jump};
use crate::throughout::Throughout;

/// What a check depends on beside the bytes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How cells are read.
    pub settings: Settings,
    /// The template; `None` lets the header tell it.
    pub template: Option<Template>,
    /// The rules in force.
    pub selection: Selection,
    /// The encoding of files that are neither UTF-8 nor begin with a mark; `None` guesses it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The name under which the file would be sent; `None` for a text without one.
    pub file_name: Option<String>,
}

/// A finding in a CSV file, with its place in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What was found.
    pub finding: Finding,
    /// The 0-based index of the field in its record, for findings about one field.
    pub column: Option<usize>,
    /// The label of the field's column, or what it holds.
    pub label: Option<String>,
    /// The bytes of the text it is about, without enclosing quotation marks. Of a file that is not UTF-8: in
    /// [`Report::text`].
    pub span: Range<usize>,
    /// The same bytes in the file.
    pub in_file: Range<usize>,
    /// The 1-based line in which the span starts.
    pub line: usize,
    /// The 1-based character of that line at which the span starts.
    pub character: usize,
    /// What its fix changes, in bytes of the file; empty without a fix, and as long as the file's encoding has
    /// to be fixed before.
    pub edits: Vec<Edit>,
    /// What its fix does to every record. As long as nobody wants each edit, `edits` are then those above the rows.
    pub(crate) throughout: Option<Throughout>,
    /// In which order fixes are applied.
    pub(crate) phase: Phase,
}

impl Diagnostic {
    /// Whether its fix changes every record, not only what stands here.
    #[must_use]
    pub const fn reaches_every_record(&self) -> bool {
        self.throughout.is_some()
    }

    /// Whether it counts; if so, it is as bad as asked for, and without a fix that is not wanted.
    pub(crate) fn is_admitted(&mut self, selection: &Selection) -> bool {
        let counts = selection.admit(&mut self.finding);
        if self.finding.suggestion.is_none() {
            self.edits.clear();
            self.throughout = None;
        }
        counts
    }
}

/// Fixes of one phase leave the next one's evidence as it is: first the shape of the file, then whole rows,
/// then cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Shape,
    Rows,
    Cells,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// All findings, in the order in which they stand in the file.
    pub diagnostics: Vec<Diagnostic>,
    /// How many rows stand below the header, empty ones included.
    pub rows: usize,
    /// The bytes of the header's record, if there is one.
    pub header: Option<Range<usize>>,
    /// The text of a file that is not UTF-8.
    pub text: Option<String>,
}

/// Checks a file. Whatever is wrong with it is a finding.
#[must_use]
pub fn check(bytes: &[u8], options: &Options) -> Report {
    // Memory can always be read, so there is no error to tell of.
    check_source(&bytes, options, NonZeroUsize::MIN).unwrap_or_else(|_| check_row_by_row(bytes, options))
}

/// Checks a file that is read piece by piece, on up to `threads` threads. A file of plain shape is never held as
/// a whole.
///
/// # Errors
/// Those of reading.
pub fn check_source(source: &dyn Source, options: &Options, threads: NonZeroUsize) -> io::Result<Report> {
    let mut collected = Collected::default();
    if let Some(extent) = check_by_pieces(source, options, threads, &mut collected)? {
        return Ok(collected.into_report(extent));
    }
    let mut buffer = Vec::new();
    Ok(check_row_by_row(source.window(0..source.length(), &mut buffer)?, options))
}

/// Checks a file the long way: every row is read by the readers of the core and kept until the last one was. The
/// report is the same as [`check`]'s, which takes it for what it reports of the rows that are not plainly valid.
#[must_use]
pub fn check_row_by_row(bytes: &[u8], options: &Options) -> Report {
    if let Some(what) = sniff::not_a_csv(bytes) {
        let finding = Finding::new(&rules::NOT_A_CSV, Place::File, what);
        let mut report = Report { diagnostics: Vec::new(), rows: 0, header: None, text: None };
        report.diagnostics.push(file_diagnostic(finding, 0..0));
        report.diagnostics.retain_mut(|diagnostic| diagnostic.is_admitted(&options.selection));
        return report;
    }
    let decoded = Decoded::read(bytes, options.encoding);
    let mut report = Checker::new(&decoded.text, options).run(Beside::Nothing);
    if decoded.encoding.told.is_some() {
        in_other_encoding(bytes, &decoded, options, &mut report);
        report.text = Some(decoded.text.into_owned());
    } else {
        for diagnostic in &mut report.diagnostics {
            diagnostic.in_file = diagnostic.span.clone();
        }
    }
    report
}

/// Moves the diagnostics to their places in the file, and adds the one about its encoding (F001). All other
/// fixes wait until it is settled.
fn in_other_encoding(bytes: &[u8], decoded: &Decoded<'_>, options: &Options, report: &mut Report) {
    let mut positions: Vec<usize> = report
        .diagnostics
        .iter()
        .flat_map(|diagnostic| [diagnostic.span.start, diagnostic.span.end])
        .collect();
    positions.sort_unstable();
    positions.dedup();
    let mut moved = positions.clone();
    decoded.to_file(bytes, &mut moved);
    let in_file = |position: usize| {
        positions.binary_search(&position).ok().and_then(|at| moved.get(at)).copied().unwrap_or_default()
    };
    for diagnostic in &mut report.diagnostics {
        diagnostic.in_file = in_file(diagnostic.span.start)..in_file(diagnostic.span.end);
        diagnostic.edits.clear();
        diagnostic.throughout = None;
    }
    let mut encoding = shape::wrong_encoding(decoded.encoding, decoded.has_broken_bytes);
    encoding.edits.push(Edit::new(0..bytes.len(), decoded.text.to_string()));
    if encoding.is_admitted(&options.selection) {
        report.diagnostics.insert(0, encoding);
    }
}

/// A diagnostic about a stretch of the file, without a fix.
pub(crate) fn file_diagnostic(finding: Finding, span: Range<usize>) -> Diagnostic {
    Diagnostic {
        finding,
        column: None,
        label: None,
        in_file: span.clone(),
        span,
        line: 1,
        character: 1,
        edits: Vec::new(),
        throughout: None,
        phase: Phase::Shape,
    }
}

pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file while it is being checked.
pub(crate) struct Checker<'a> {
    pub(crate) text: &'a str,
    pub(crate) options: &'a Options,
    pub(crate) dialect: Dialect,
    pub(crate) columns: Columns,
    /// Where the first record starts, below a mark and a declaration.
    pub(crate) start: usize,
    pub(crate) start_line: usize,
    /// The row of the header, or of the first record if there is none.
    pub(crate) header_row: RowNumber,
    rows: Rows<'a>,
    /// What all records of the file show, where not all of them are in the text.
    pub(crate) facts: Option<RecordFacts>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The rows of a file that are not among those which are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Beside<'s> {
    /// All are.
    Nothing,
    /// Only valid and settled rows are not, of which these suspects are; the others update these metrics of the plan.
    Valid(&'s Suspects, &'s Updated),
    /// Whatever they are, they have nothing to do with the rows that are checked, which are settled; what there is
    /// to say of the file as a whole is said elsewhere.
    Anything,
}

/// The rows of an excerpt of a file, which do not follow each other.
#[derive(Debug, Clone, Copy)]
struct Rows<'a> {
    jumps: &'a [Jump],
    /// The last row of the file; `None` where the text is the whole file.
    last: Option<u32>,
}

impl Rows<'_> {
    /// The number of the row that starts at this byte, which is asked for one after the other.
    fn number(&mut self, start: usize) -> Option<RowNumber> {
        let (jump, rest) = self.jumps.split_first().filter(|(jump, _)| jump.start == start)?;
        self.jumps = rest;
        Some(jump.row)
    }
}

impl<'a> Checker<'a> {
    fn new(text: &'a str, options: &'a Options) -> Self {
        let rows = Rows { jumps: &[], last: None };
        Self::of(text, options, Layout::find(text, options), rows, None)
    }

    /// A file of which only some rows are given.
    pub(crate) fn of_excerpt(excerpt: &'a Excerpt, options: &'a Options, head: &Head) -> Self {
        let last = head.first.row.saturating_add(excerpt.rows).saturating_sub(1);
        let rows = Rows { jumps: &excerpt.jumps, last: Some(last) };
        Self::of(&excerpt.text, options, head.layout.clone(), rows, Some(excerpt.facts.clone()))
    }

    fn of(
        text: &'a str,
        options: &'a Options,
        layout: Layout,
        rows: Rows<'a>,
        facts: Option<RecordFacts>,
    ) -> Self {
        let Layout { dialect, start, start_line, columns, header_row } = layout;
        let diagnostics = Vec::new();
        Self { text, options, dialect, columns, start, start_line, header_row, rows, facts, diagnostics }
    }

    /// Whether only some rows are given.
    pub(crate) const fn is_excerpt(&self) -> bool {
        self.rows.last.is_some()
    }

    /// Checks all rows that there are, and what they mean together with those that are not.
    pub(crate) fn run(mut self, beside: Beside<'_>) -> Report {
        let is_settled = matches!(beside, Beside::Anything);
        if !is_settled {
            self.shape();
        }
        let template = self.columns.present();
        let mut validator = Validator::new(&template, &self.options.settings);
        let (located, has_rows) = self.read_rows(&mut validator);
        let mut updated = Updated::default();
        updated.add_all(validator.updated());
        let mut findings = match beside {
            Beside::Nothing => validator.finish(),
            Beside::Valid(suspects, others) => {
                updated.add_all(others);
                validator.finish_beside(suspects)
            }
            Beside::Anything => validator.finish_settled(),
        };
        if let Some(plan) = self.options.settings.plan.as_ref().filter(|_| !is_settled) {
            findings.extend(plan::not_updated(plan, &updated));
        }
        let findings = self.options.selection.apply(findings);
        self.diagnostics
            .extend(findings.into_iter().map(|finding| located.diagnostic(finding, &self.columns)));
        if !has_rows && !is_settled {
            let message = "the file has no rows below its header; check where they went";
            let end = self.text.len();
            self.diagnostics
                .push(file_diagnostic(Finding::new(&rules::NO_ROWS, Place::File, message), end..end));
        }
        self.admit_and_sort();
        let header = self.columns.header.as_ref().map(|header| header.record.span.clone());
        Report { diagnostics: self.diagnostics, rows: located.count(), header, text: None }
    }

    /// What is to be said of the shape alone.
    pub(crate) fn run_shape(mut self) -> Vec<Diagnostic> {
        self.shape();
        self.admit_and_sort();
        self.diagnostics
    }

    fn admit_and_sort(&mut self) {
        let selection = &self.options.selection;
        self.diagnostics.retain_mut(|diagnostic| diagnostic.is_admitted(selection));
        self.diagnostics.sort_by(|one, two| {
            let key = |diagnostic: &Diagnostic| {
                (
                    diagnostic.finding.place.row(),
                    diagnostic.column,
                    diagnostic.span.start,
                    diagnostic.finding.rule.code,
                )
            };
            key(one).cmp(&key(two))
        });
        crate::locate::number_lines(self.text, &mut self.diagnostics);
    }

    /// Reads the rows below the header. Returns where they stand, and whether any of them holds something.
    pub(crate) fn read_rows(&mut self, validator: &mut Validator<'_>) -> (Located<'a>, bool) {
        let places = self.columns.places();
        let mut located = Located::new(self.text, self.dialect.delimiter);
        let (start, line, first) = match &self.columns.header {
            Some(header) => (header.record.next(), header.record.line + 1, self.header_row.next()),
            None => (self.start, self.start_line, self.header_row),
        };
        let mut records = Records::new(self.text, self.dialect.delimiter, start, line);
        let mut fields = Vec::new();
        let mut next = first;
        // Totals and remarks are held back until it is known that no row follows them.
        let mut held: Vec<(RowNumber, Record)> = Vec::new();
        let mut has_rows = false;
        while let Some(record) = records.read(&mut fields) {
            let row = self.rows.number(record.span.start).unwrap_or(next);
            // The rows that an excerpt leaves out are valid.
            if row != next {
                self.release(&mut held, &places, validator);
                has_rows = true;
            }
            located.add(row, record.span.start);
            if has_rows && footer::is_footer(self.text, &fields, &self.columns.fields) {
                held.push((row, record));
            } else {
                let is_blank = fields.iter().all(|field| says_nothing(&field.text(self.text)));
                if !is_blank {
                    self.release(&mut held, &places, validator);
                    has_rows = true;
                }
                self.row(row, &record, &fields, &places, validator);
            }
            next = row.next();
        }
        if self.rows.last.is_some_and(|last| last >= next.get()) {
            self.release(&mut held, &places, validator);
            has_rows = true;
        }
        self.diagnostics.extend(
            held.into_iter()
                .map(|(row, record)| footer::diagnostic(self.text, self.dialect.delimiter, row, &record)),
        );
        (located, has_rows)
    }

    /// Reads rows that were held back.
    fn release(
        &mut self,
        held: &mut Vec<(RowNumber, Record)>,
        places: &[usize],
        validator: &mut Validator<'_>,
    ) {
        let mut fields = Vec::new();
        for (row, record) in held.drain(..) {
            let start = record.span.start;
            Records::new(self.text, self.dialect.delimiter, start, record.line).read(&mut fields);
            self.row(row, &record, &fields, places, validator);
        }
    }

    /// Reads one row, unless its fields are not what they seem.
    fn row(
        &mut self,
        row: RowNumber,
        record: &Record,
        fields: &[FieldSpan],
        places: &[usize],
        validator: &mut Validator<'_>,
    ) {
        if let Some(diagnostic) = broken_quoting(self.text, row, record, fields) {
            self.diagnostics.push(diagnostic);
        } else if self.is_aligned(row, record, fields) {
            let texts: Vec<Cow<'_, str>> = fields.iter().map(|field| field.text(self.text)).collect();
            let cells: Vec<Cell<'_>> = places
                .iter()
                .map(|place| texts.get(*place).map_or(Cell::MISSING, |text| Cell::text(text)))
                .collect();
            validator.read(&Row { number: row, cells: &cells });
        }
    }

    /// Whether the fields of the row are in their columns; says so if not.
    fn is_aligned(&mut self, row: RowNumber, record: &Record, fields: &[FieldSpan]) -> bool {
        let width = self.columns.fields.len();
        if fields.len() <= width || fields.iter().all(|field| says_nothing(&field.text(self.text))) {
            return true;
        }
        let extra = ragged::extra_fields(
            self.text,
            row,
            fields,
            &self.columns.fields,
            &self.columns.template,
            &self.options.settings,
        );
        self.diagnostics.push(Diagnostic {
            edits: extra.edits,
            phase: Phase::Rows,
            ..file_diagnostic(extra.finding, record.span.clone())
        });
        extra.is_aligned
    }
}

/// A finding about the first field whose quoting is broken.
fn broken_quoting(text: &str, row: RowNumber, record: &Record, fields: &[FieldSpan]) -> Option<Diagnostic> {
    let (at, field, defect) =
        fields.iter().enumerate().find_map(|(at, field)| field.defect.map(|defect| (at, field, defect)))?;
    let message = match defect {
        QuoteDefect::Unterminated => {
            let swallowed = text.get(field.raw.clone()).unwrap_or_default().lines().count().saturating_sub(1);
            format!(
                "the quotation mark that opens here is never closed and swallows {swallowed} further {}; close it or remove it",
                if swallowed == 1 { "line" } else { "lines" }
            )
        }
        QuoteDefect::TextAfterQuote => "text stands behind the closing quotation mark; put it inside, or double the mark".to_owned(),
        QuoteDefect::BareQuote => {
            "a quotation mark stands inside a field that is not quoted; enclose the field in marks and double this one".to_owned()
        }
    };
    let mut finding = Finding::new(&rules::BROKEN_QUOTING, Place::Row(row), message);
    text.get(field.raw.clone())
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
        .clone_into(&mut finding.text);
    let end = field.raw.start + finding.text.len();
    Some(Diagnostic { column: Some(at), line: record.line, ..file_diagnostic(finding, field.raw.start..end) })
}
