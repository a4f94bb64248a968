//! Totals and remarks below the rows (F014).

use metricsheet_core::footer::{is_note, is_total};
use metricsheet_core::rules::file::TEXT_AFTER_TABLE;
use metricsheet_core::text::{clean, quoted, says_nothing};
use metricsheet_core::value::id;
use metricsheet_core::{Applicability, Change, Field, Finding, Place, RowNumber, Suggestion};

use crate::check::{Diagnostic, Phase, file_diagnostic};
use crate::edit::Edit;
use crate::fields::{FieldSpan, Record, Records};

/// Whether a record looks like a total or a remark: it has no date, and its first text says so.
pub(crate) fn is_footer(text: &str, fields: &[FieldSpan], columns: &[Option<Field>]) -> bool {
    let has_date = columns
        .iter()
        .position(|column| *column == Some(Field::AsOfDate))
        .and_then(|at| fields.get(at))
        .is_some_and(|field| !says_nothing(&field.text(text)));
    if has_date || fields.iter().any(|field| field.defect.is_some()) {
        return false;
    }
    let mut texts =
        fields.iter().map(|field| field.text(text)).enumerate().filter(|(_, text)| !says_nothing(text));
    let Some((at, first)) = texts.next() else { return false };
    // As it will read once its own deviations are fixed, or the next run would see a remark where this one did not.
    let is_id = columns.get(at) == Some(&Some(Field::ExternalId));
    let rewritten = if is_id { id::read(&first).rewrite } else { None };
    let first = rewritten.unwrap_or_else(|| clean(&first).text.into_owned());
    is_total(&first) || (texts.next().is_none() && is_note(&first))
}

/// The finding about one of them.
pub(crate) fn diagnostic(text: &str, delimiter: u8, row: RowNumber, record: &Record) -> Diagnostic {
    let mut fields = Vec::new();
    Records::new(text, delimiter, record.span.start, record.line).read(&mut fields);
    let first =
        fields.iter().map(|field| field.text(text)).find(|text| !says_nothing(text)).unwrap_or_default();
    let message = format!("{} stands below the rows and is none; remove the line", quoted(first.trim()));
    let mut finding = Finding::new(&TEXT_AFTER_TABLE, Place::Row(row), message);
    finding.note = Some("it may be the ID of a metric".to_owned());
    finding.suggestion = Some(Suggestion {
        applicability: Applicability::Unsafe,
        title: "remove the line".to_owned(),
        change: Change::Bytes,
    });
    Diagnostic {
        edits: vec![Edit::removal(record.span.start..record.next())],
        phase: Phase::Rows,
        ..file_diagnostic(finding, record.span.clone())
    }
}
