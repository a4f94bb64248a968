//! The shape of a file: its mark, delimiter, line ends, titles, header and order of columns (F rules). A fix of
//! the shape may touch every line, so it is applied alone and the file is read again.

use metricsheet_core::rules::file as rules;
use metricsheet_core::rules::row::EMPTY_ROW;
use metricsheet_core::text::{quoted, says_nothing};
use metricsheet_core::{
    Applicability, Change, ColumnIndex, Field, Finding, Place, RowNumber, Rule, Suggestion,
};
use metricsheet_delimited::{Decoded, Told};

use crate::check::{BYTE_ORDER_MARK, Checker, Diagnostic, Phase, file_diagnostic};
use crate::columns::ColumnLabel;
use crate::edit::Edit;
use crate::fields::{FieldSpan, LineEnd, Record, Records, written};

fn suggestion(applicability: Applicability, title: &str) -> Suggestion {
    Suggestion { applicability, title: title.to_owned(), change: Change::Bytes }
}

/// The finding about a file that is not UTF-8.
pub(crate) fn wrong_encoding(bytes: &[u8], decoded: &Decoded<'_>) -> Diagnostic {
    let name = decoded.name();
    let seems = if decoded.told == Some(Told::Guessed) { "seems to be" } else { "is" };
    let mut finding = Finding::new(
        &rules::WRONG_ENCODING,
        Place::File,
        format!("the text {seems} encoded as {name}; write UTF-8"),
    );
    let doubt = match decoded.told {
        _ if decoded.has_broken_bytes => {
            Some(format!("some bytes stand for no character of {name} and would be lost"))
        }
        Some(Told::Guessed) => {
            Some("the encoding is guessed; declare `encoding` to make it certain".to_owned())
        }
        Some(Told::Marked | Told::Declared) | None => None,
    };
    let applicability = if doubt.is_some() { Applicability::Unsafe } else { Applicability::Safe };
    finding.note = doubt;
    finding.suggestion = Some(suggestion(applicability, "write the text as UTF-8"));
    Diagnostic {
        edits: vec![Edit::new(0..bytes.len(), decoded.text.to_string())],
        ..file_diagnostic(finding, 0..0)
    }
}

/// The finding about a name that is awkward in an address.
fn awkward_name(name: &str) -> Option<Finding> {
    let is_plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    let problem = match (is_plain, name.to_ascii_lowercase().ends_with(".csv")) {
        (true, true) => return None,
        (false, _) => "holds other characters than letters, digits, `.`, `-` and `_`",
        (true, false) => "does not end in `.csv`",
    };
    let message = format!("the file name {} {problem}; rename the file", quoted(name));
    Some(Finding::new(&rules::AWKWARD_FILE_NAME, Place::File, message))
}

/// The column as spreadsheet programs letter it.
fn column_letters(at: usize) -> ColumnIndex {
    ColumnIndex::new(u32::try_from(at).unwrap_or(u32::MAX))
}

impl Checker<'_> {
    /// Finds all that is wrong with the shape.
    pub(crate) fn shape(&mut self) {
        let awkward = self.options.file_name.as_deref().and_then(awkward_name);
        self.diagnostics.extend(awkward.map(|finding| file_diagnostic(finding, 0..0)));
        self.byte_order_mark();
        self.declaration();
        self.titles();
        self.labels();
        self.line_ends();
        self.delimiters();
        self.order_of_columns();
    }

    fn byte_order_mark(&mut self) {
        if self.text.starts_with(BYTE_ORDER_MARK) {
            let message = "the file begins with a byte order mark; remove it";
            let mut finding = Finding::new(&rules::BYTE_ORDER_MARK, Place::File, message);
            finding.suggestion = Some(suggestion(Applicability::Safe, "remove the byte order mark"));
            let span = 0..BYTE_ORDER_MARK.len();
            self.diagnostics.push(Diagnostic {
                edits: vec![Edit::removal(span.clone())],
                ..file_diagnostic(finding, span)
            });
        }
    }

    fn declaration(&mut self) {
        let Some(line) = self.dialect.declaration.clone() else { return };
        let shown = self.text.get(line.clone()).unwrap_or_default().trim_end();
        let message =
            format!("`{shown}` stands above the header, for spreadsheet programs only; remove the line");
        let mut finding = Finding::new(&rules::TEXT_BEFORE_HEADER, Place::Row(RowNumber::new(1)), message);
        finding.suggestion = Some(suggestion(Applicability::Safe, "remove the line"));
        self.diagnostics.push(Diagnostic {
            // While fields are still divided as it says, the line is needed to read them.
            edits: if self.dialect.delimiter == b',' {
                vec![Edit::removal(line.clone())]
            } else {
                Vec::new()
            },
            ..file_diagnostic(finding, line)
        });
    }

    fn titles(&mut self) {
        let mut row = RowNumber::new(u32::try_from(self.start_line).unwrap_or(1));
        for head in std::mem::take(&mut self.columns.above) {
            let is_blank = head.texts.iter().all(|text| says_nothing(text));
            let (rule, message, applicability) = if is_blank {
                let message = "the row is empty; remove it".to_owned();
                (&EMPTY_ROW, message, Applicability::Safe)
            } else {
                let shown = quoted(head.texts.iter().find(|text| !text.is_empty()).map_or("", |text| text));
                let message = format!("{shown} stands above the header; remove the line");
                (&rules::TEXT_BEFORE_HEADER, message, Applicability::Unsafe)
            };
            let mut finding = Finding::new(rule, Place::Row(row), message);
            finding.suggestion = Some(suggestion(applicability, "remove the line"));
            if applicability == Applicability::Unsafe {
                finding.note =
                    Some("the line may hold what nobody has elsewhere, such as the period".to_owned());
            }
            self.diagnostics.push(Diagnostic {
                edits: vec![Edit::removal(head.record.span.start..head.record.next())],
                ..file_diagnostic(finding, head.record.span)
            });
            row = row.next();
        }
        self.columns.above.clear();
    }

    fn labels(&mut self) {
        let Some(header) = self.columns.header.clone() else { return };
        let row = self.header_row;
        for (at, (label, span)) in self.columns.labels.clone().into_iter().zip(&header.fields).enumerate() {
            let text = header.texts.get(at).map_or("", |text| text);
            let shown = quoted(text);
            let (rule, message, fix): (&'static Rule, String, Option<(Applicability, &str)>) = match label {
                ColumnLabel::Exact(_) => continue,
                ColumnLabel::Known(field) => (
                    &rules::MISLABELLED_HEADER,
                    format!("{shown} labels the column `{field}`; write that"),
                    Some((Applicability::Safe, "")),
                ),
                ColumnLabel::Doubtful(field) => (
                    &rules::MISLABELLED_HEADER,
                    format!("{shown} seems to label the column `{field}`; write that"),
                    Some((
                        Applicability::Unsafe,
                        "the label may mean another column, or names a unit that would be lost",
                    )),
                ),
                ColumnLabel::ByPosition(field) => (
                    &rules::MISLABELLED_HEADER,
                    format!(
                        "{shown} stands where `{field}` belongs, and no other column is labelled so; write that"
                    ),
                    Some((Applicability::Unsafe, "only its position tells what it is")),
                ),
                ColumnLabel::Second(field) => (
                    &rules::UNKNOWN_COLUMN,
                    format!("{shown} is a second column for `{field}`; remove the wrong one"),
                    None,
                ),
                ColumnLabel::Unknown if says_nothing(text) && self.is_empty_column(at) => (
                    &rules::UNKNOWN_COLUMN,
                    format!("column {} has neither label nor data; drop it", column_letters(at)),
                    Some((Applicability::Safe, "")),
                ),
                ColumnLabel::Unknown => (
                    &rules::UNKNOWN_COLUMN,
                    format!("{shown} is no column of the template `{}`; drop it", self.columns.template.name),
                    Some((Applicability::Unsafe, "its data would be lost")),
                ),
            };
            let mut finding = Finding::new(rule, Place::Row(row), message);
            text.clone_into(&mut finding.text);
            let edits = match (label.field(), fix) {
                (Some(field), Some(_)) => vec![Edit::new(span.raw.clone(), field.label())],
                (None, Some(_)) if !self.has_short_rows() => self.without_column(at),
                (_, _) => Vec::new(),
            };
            if let Some((applicability, because)) = fix.filter(|_| !edits.is_empty()) {
                let title = label
                    .field()
                    .map_or_else(|| "drop the column".to_owned(), |field| format!("write `{field}`"));
                finding.suggestion = Some(suggestion(applicability, &title));
                finding.note = Some(because.to_owned()).filter(|because| !because.is_empty());
            } else if fix.is_some() {
                finding.note = Some("there is no fix while rows are shorter than the header".to_owned());
            }
            self.diagnostics.push(Diagnostic {
                finding,
                column: Some(at),
                label: Some(text.to_owned()),
                span: span.content(),
                in_file: span.content(),
                line: 1,
                character: 1,
                edits,
                phase: Phase::Shape,
            });
        }
        for field in self.columns.missing() {
            let message = format!("there is no column `{field}`; add it, or label the one that holds it");
            let finding = Finding::new(&rules::MISSING_COLUMN, Place::Row(row), message);
            self.diagnostics.push(file_diagnostic(finding, header.record.span.clone()));
        }
    }

    /// Whether no record has text in the field `at`.
    fn is_empty_column(&self, at: usize) -> bool {
        let mut is_empty = true;
        self.each_record(|_, fields| {
            is_empty &= fields.get(at).is_none_or(|field| says_nothing(&field.text(self.text)));
        });
        is_empty
    }

    /// Whether some record, blank lines aside, has fewer fields than the header.
    pub(crate) fn has_short_rows(&self) -> bool {
        let mut is_short = false;
        let width = self.columns.fields.len();
        self.each_record(|record, fields| is_short |= !record.span.is_empty() && fields.len() < width);
        is_short
    }

    /// Takes the field `at` out of every record that has it, with the delimiter before or behind it.
    fn without_column(&self, at: usize) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.each_record(|_, fields| {
            let (Some(field), before, behind) =
                (fields.get(at), at.checked_sub(1).and_then(|before| fields.get(before)), fields.get(at + 1))
            else {
                return;
            };
            edits.push(Edit::removal(match (before, behind) {
                (Some(before), _) => before.raw.end..field.raw.end,
                (None, Some(behind)) => field.raw.start..behind.raw.start,
                (None, None) => field.raw.clone(),
            }));
        });
        edits
    }

    /// Calls `look` for the header and every record below it.
    fn each_record(&self, mut look: impl FnMut(&Record, &[FieldSpan])) {
        let (start, line) = match &self.columns.header {
            Some(header) => (header.record.span.start, header.record.line),
            None => (self.start, self.start_line),
        };
        let mut records = Records::new(self.text, self.dialect.delimiter, start, line);
        let mut fields = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            look(&record, &fields);
        }
    }

    fn line_ends(&mut self) {
        let [mut lf, mut crlf, mut cr] = [0_usize; 3];
        let mut records = Records::new(self.text, self.dialect.delimiter, self.start, self.start_line);
        let mut fields = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            match record.line_end {
                LineEnd::Lf => lf += 1,
                LineEnd::CrLf => crlf += 1,
                LineEnd::Cr => cr += 1,
                LineEnd::None => {}
            }
        }
        let kinds = [lf, crlf, cr].iter().filter(|count| **count > 0).count();
        if kinds < 2 && cr == 0 {
            return;
        }
        let wanted = if crlf > lf { (LineEnd::CrLf, "\r\n") } else { (LineEnd::Lf, "\n") };
        let mut all: Vec<Edit> = Vec::new();
        let mut records = Records::new(self.text, self.dialect.delimiter, self.start, self.start_line);
        while let Some(record) = records.read(&mut fields) {
            if record.line_end != wanted.0 && record.line_end != LineEnd::None {
                all.push(Edit::new(record.span.end..record.next(), wanted.1));
            }
        }
        let Some(first) = all.first().map(|edit| edit.span.clone()) else { return };
        let shown = if wanted.0 == LineEnd::CrLf { "\\r\\n" } else { "\\n" };
        let message = format!(
            "{lf} lines end in `\\n`, {crlf} in `\\r\\n` and {cr} in a lone `\\r`; end all of them in `{shown}`"
        );
        let mut finding = Finding::new(&rules::MIXED_LINE_ENDINGS, Place::File, message);
        finding.suggestion = Some(suggestion(Applicability::Safe, "make all line endings the same"));
        self.diagnostics.push(Diagnostic { edits: all, ..file_diagnostic(finding, first) });
    }

    fn delimiters(&mut self) {
        if self.dialect.delimiter == b',' {
            return;
        }
        let mut edits = Vec::new();
        if let Some(line) = self.dialect.declaration.clone() {
            edits.push(Edit::removal(line));
        }
        let mut first = None;
        let mut records = Records::new(self.text, self.dialect.delimiter, self.start, self.start_line);
        let mut fields = Vec::new();
        while records.read(&mut fields).is_some() {
            for field in &fields {
                let raw = self.text.get(field.raw.clone()).unwrap_or_default();
                if !field.is_quoted && raw.contains(',') {
                    edits.push(Edit::new(field.raw.clone(), written(raw).into_owned()));
                }
                let end = field.raw.end;
                if self.text.as_bytes().get(end) == Some(&self.dialect.delimiter) {
                    first = first.or(Some(end..end + 1));
                    edits.push(Edit::new(end..end + 1, ","));
                }
            }
        }
        let Some(span) = first else { return };
        let shown = match self.dialect.delimiter {
            b'\t' => "tabs".to_owned(),
            other => format!("`{}` characters", char::from(other)),
        };
        let message = format!("{shown} divide the fields; write commas");
        let mut finding = Finding::new(&rules::WRONG_DELIMITER, Place::File, message);
        finding.suggestion = Some(suggestion(Applicability::Safe, "divide the fields by commas"));
        self.diagnostics.push(Diagnostic { edits, ..file_diagnostic(finding, span) });
    }

    fn order_of_columns(&mut self) {
        let Some(header) = self.columns.header.clone() else { return };
        let position = |field: &Field| self.columns.template.position(*field);
        let places: Vec<usize> =
            (0..self.columns.fields.len()).filter(|at| self.columns.fields[*at].is_some()).collect();
        let mut wanted = places.clone();
        wanted.sort_by_key(|at| self.columns.fields[*at].as_ref().and_then(position));
        if wanted == places {
            return;
        }
        // A short row has its fields in the old places, and which one it lacks is not known.
        let is_certain = !self.has_short_rows()
            && self.columns.missing().is_empty()
            && self.columns.labels.iter().all(|label| match label {
                ColumnLabel::Exact(_) | ColumnLabel::Known(_) | ColumnLabel::Unknown => true,
                ColumnLabel::ByPosition(_) | ColumnLabel::Doubtful(_) | ColumnLabel::Second(_) => false,
            });
        let order: Vec<String> = self
            .columns
            .template
            .columns
            .iter()
            .map(|column| column.field)
            .filter(|field| self.columns.fields.contains(&Some(*field)))
            .map(|field| format!("`{field}`"))
            .collect();
        let message = format!("the columns are not in the order of the template; write {}", order.join(", "));
        let mut finding = Finding::new(&rules::MISORDERED_COLUMNS, Place::Row(self.header_row), message);
        let mut edits = Vec::new();
        if is_certain {
            finding.suggestion = Some(suggestion(Applicability::Safe, "put the columns in order"));
            self.each_record(|_, fields| {
                // Blank lines have no fields to put in order.
                if places.last().is_some_and(|last| fields.len() <= *last) {
                    return;
                }
                for (place, source) in places.iter().zip(&wanted) {
                    if place != source {
                        let content = self.text.get(fields[*source].raw.clone()).unwrap_or_default();
                        edits.push(Edit::new(fields[*place].raw.clone(), content.to_owned()));
                    }
                }
            });
        }
        self.diagnostics.push(Diagnostic { edits, ..file_diagnostic(finding, header.record.span) });
    }
}
