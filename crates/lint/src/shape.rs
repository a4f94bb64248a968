//! The shape of a file: its mark, delimiter, line ends, titles, header and order of columns (F rules). A fix of
//! the shape may touch every line, so it is applied alone and the file is read again.

use metricsheet_core::rules::file as rules;
use metricsheet_core::rules::row::EMPTY_ROW;
use metricsheet_core::text::{quoted, says_nothing};
use metricsheet_core::{
    Applicability, Change, ColumnIndex, Field, Finding, Place, RowNumber, Rule, Suggestion,
};
use metricsheet_delimited::{TextEncoding, Told};

use crate::check::{BYTE_ORDER_MARK, Checker, Diagnostic, Phase, file_diagnostic};
use crate::columns::ColumnLabel;
use crate::edit::Edit;
use crate::fields::Records;
use crate::record_facts::RecordFacts;
use crate::throughout::Throughout;

fn suggestion(applicability: Applicability, title: &str) -> Suggestion {
    Suggestion { applicability, title: title.to_owned(), change: Change::Bytes }
}

/// The finding about a file that is not UTF-8; the edit, which is the whole text, is for whoever has it.
pub(crate) fn wrong_encoding(encoding: TextEncoding, has_broken_bytes: bool) -> Diagnostic {
    let name = encoding.name();
    let seems = if encoding.told == Some(Told::Guessed) { "seems to be" } else { "is" };
    let mut finding = Finding::new(
        &rules::WRONG_ENCODING,
        Place::File,
        format!("the text {seems} encoded as {name}; write UTF-8"),
    );
    let doubt = match encoding.told {
        _ if has_broken_bytes => {
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
    Diagnostic { throughout: Some(Throughout::Encoding), ..file_diagnostic(finding, 0..0) }
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
        let facts = self.facts.take().unwrap_or_else(|| self.record_facts());
        let awkward = self.options.file_name.as_deref().and_then(awkward_name);
        self.diagnostics.extend(awkward.map(|finding| file_diagnostic(finding, 0..0)));
        self.byte_order_mark();
        self.declaration();
        self.titles();
        self.labels(&facts);
        self.line_ends(&facts);
        self.delimiters(&facts);
        self.order_of_columns(&facts);
    }

    /// What the records of a text that is there as a whole show.
    fn record_facts(&self) -> RecordFacts {
        let mut facts = RecordFacts::default();
        let below = self.columns.header.as_ref().map_or(self.start, |header| header.record.next());
        let width = self.columns.fields.len();
        let mut records = Records::new(self.text, self.dialect.delimiter, self.start, self.start_line);
        let mut fields = Vec::new();
        while let Some(record) = records.read(&mut fields) {
            facts.count(self.text, &record.span, record.line_end, record.line);
            if record.span.start >= below && !self.columns.are_in_order() {
                facts.see(self.text, &record, &fields, width);
            }
        }
        facts
    }

    /// The edits that a fix makes in all records from this byte on; of an excerpt, in those above its rows.
    fn edits(&self, throughout: &Throughout, start: usize) -> Vec<Edit> {
        let rows = self.columns.header.as_ref().map_or(self.start, |header| header.record.next());
        let end = if self.is_excerpt() { rows } else { self.text.len() };
        throughout.edits(self.text, start..end, self.dialect.delimiter)
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

    fn labels(&mut self, facts: &RecordFacts) {
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
                ColumnLabel::Unknown if says_nothing(text) && facts.is_empty_at(at) => (
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
            let (edits, throughout) = match (label.field(), fix) {
                (Some(field), Some(_)) => (vec![Edit::new(span.raw.clone(), field.label())], None),
                (None, Some(_)) if !facts.has_short => {
                    let without = Throughout::Without(at);
                    (self.edits(&without, header.record.span.start), Some(without))
                }
                (_, _) => (Vec::new(), None),
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
                throughout,
                phase: Phase::Shape,
            });
        }
        for field in self.columns.missing() {
            let message = format!("there is no column `{field}`; add it, or label the one that holds it");
            let finding = Finding::new(&rules::MISSING_COLUMN, Place::Row(row), message);
            self.diagnostics.push(file_diagnostic(finding, header.record.span.clone()));
        }
    }

    fn line_ends(&mut self, facts: &RecordFacts) {
        let [lf, crlf, cr] = facts.line_ends();
        let kinds = [lf, crlf, cr].iter().filter(|count| **count > 0).count();
        if kinds < 2 && cr == 0 {
            return;
        }
        let usual = facts.usual_line_end();
        let shown = usual.text().escape_debug();
        let Some((first, line_end)) = facts.first_unusual_line_end() else { return };
        let message = format!(
            "{lf} lines end in `\\n`, {crlf} in `\\r\\n` and {cr} in a lone `\\r`; end all of them in `{shown}`"
        );
        let mut finding = Finding::new(&rules::MIXED_LINE_ENDINGS, Place::File, message);
        finding.suggestion = Some(suggestion(Applicability::Safe, "make all line endings the same"));
        let throughout = Throughout::LineEnds(usual);
        self.diagnostics.push(Diagnostic {
            edits: self.edits(&throughout, self.start),
            throughout: Some(throughout),
            ..file_diagnostic(finding, first.at..first.at + line_end.text().len())
        });
    }

    fn delimiters(&mut self, facts: &RecordFacts) {
        let delimiter = self.dialect.delimiter;
        if delimiter == b',' {
            return;
        }
        let throughout = Throughout::Commas { delimiter };
        let mut edits = self.edits(&throughout, self.start);
        // Where a field is quoted because of its comma, it stands before the delimiter behind it.
        let is_delimiter = |edit: &&Edit| self.text.as_bytes().get(edit.span.start) == Some(&delimiter);
        let first = edits.iter().find(is_delimiter).map(|edit| edit.span.start);
        let Some(first) = first.or(facts.first_delimiter.map(|spot| spot.at)) else { return };
        if let Some(line) = self.dialect.declaration.clone() {
            edits.insert(0, Edit::removal(line));
        }
        let shown = match delimiter {
            b'\t' => "tabs".to_owned(),
            other => format!("`{}` characters", char::from(other)),
        };
        let message = format!("{shown} divide the fields; write commas");
        let mut finding = Finding::new(&rules::WRONG_DELIMITER, Place::File, message);
        finding.suggestion = Some(suggestion(Applicability::Safe, "divide the fields by commas"));
        self.diagnostics.push(Diagnostic {
            edits,
            throughout: Some(throughout),
            ..file_diagnostic(finding, first..first + 1)
        });
    }

    fn order_of_columns(&mut self, facts: &RecordFacts) {
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
        let is_certain = !facts.has_short
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
        let (mut edits, mut throughout) = (Vec::new(), None);
        if is_certain {
            finding.suggestion = Some(suggestion(Applicability::Safe, "put the columns in order"));
            let moved = places.into_iter().zip(wanted).filter(|(place, source)| place != source);
            let in_order = Throughout::InOrder(moved.collect());
            edits = self.edits(&in_order, header.record.span.start);
            throughout = Some(in_order);
        }
        self.diagnostics.push(Diagnostic {
            edits,
            throughout,
            ..file_diagnostic(finding, header.record.span)
        });
    }
}
