//! Rows that are longer than the header (R003): empty fields at the end, or a comma that should have been
//! quoted. Refuses to guess where two joinings make sense.

use metricsheet_core::rules::row::EXTRA_FIELD;
use metricsheet_core::text::says_nothing;
use metricsheet_core::value::{Reading, date, id, number, status};
use metricsheet_core::{
    Applicability, Change, Field, Finding, Place, Presence, RowNumber, Settings, Suggestion, Template,
};

use crate::edit::Edit;
use crate::fields::FieldSpan;

/// What is wrong with a row that has more fields than the header.
#[derive(Debug)]
pub(crate) struct ExtraFields {
    pub(crate) finding: Finding,
    pub(crate) edits: Vec<Edit>,
    /// Whether the fields before the extra ones are in their columns.
    pub(crate) is_aligned: bool,
}

/// Looks at a row whose fields are more than `columns`.
pub(crate) fn extra_fields(
    text: &str,
    row: RowNumber,
    fields: &[FieldSpan],
    columns: &[Option<Field>],
    template: &Template,
    settings: &Settings,
) -> ExtraFields {
    let (own, extra) = fields.split_at(columns.len().min(fields.len()));
    let place = Place::Row(row);
    let problem = format!("the row has {} fields for {} columns", fields.len(), columns.len());
    if extra.iter().all(|field| says_nothing(&field.text(text))) {
        let mut finding =
            Finding::new(&EXTRA_FIELD, place, format!("{problem}; remove the empty ones at its end"));
        finding.suggestion = Some(suggestion(Applicability::Safe, "remove the empty fields"));
        let start = own.last().map_or(0, |field| field.raw.end);
        let end = fields.last().map_or(start, |field| field.raw.end);
        return ExtraFields { finding, edits: vec![Edit::removal(start..end)], is_aligned: true };
    }
    let joinings: Vec<usize> = (0..columns.len())
        .filter(|at| is_valid_joining(text, fields, *at, columns, template, settings))
        .collect();
    let id_at = columns.iter().position(|column| *column == Some(Field::ExternalId));
    if let ([at], Some(id_at)) = (joinings.as_slice(), id_at)
        && *at == id_at
    {
        let parts = &fields[*at..=*at + extra.len()];
        let edits: Vec<Edit> = parts
            .iter()
            .zip(parts.iter().skip(1))
            .map(|(one, two)| Edit::removal(one.raw.end..two.raw.start))
            .collect();
        let joined = joined(text, parts);
        let written = joined.replace(',', "");
        let message = format!("{problem}: `{joined}` seems to be one ID with a comma; write `{written}`");
        let mut finding = Finding::new(&EXTRA_FIELD, place, message);
        finding.note = Some("the comma may also divide two fields".to_owned());
        finding.suggestion = Some(suggestion(Applicability::Unsafe, "remove the comma from the ID"));
        return ExtraFields { finding, edits, is_aligned: false };
    }
    let advice = if joinings.len() > 1 {
        "; it can be read in more than one way, so quote the field that holds a comma"
    } else {
        "; quote the field that holds a comma, or remove the extra one"
    };
    let finding = Finding::new(&EXTRA_FIELD, place, format!("{problem}{advice}"));
    ExtraFields { finding, edits: Vec::new(), is_aligned: false }
}

fn suggestion(applicability: Applicability, title: &str) -> Suggestion {
    Suggestion { applicability, title: title.to_owned(), change: Change::Bytes }
}

fn joined(text: &str, parts: &[FieldSpan]) -> String {
    parts.iter().map(|part| part.text(text)).collect::<Vec<_>>().join(",")
}

/// Whether the row is valid, fixes included, with the surplus fields joined into the column `at`.
fn is_valid_joining(
    text: &str,
    fields: &[FieldSpan],
    at: usize,
    columns: &[Option<Field>],
    template: &Template,
    settings: &Settings,
) -> bool {
    let surplus = fields.len() - columns.len();
    let is_unquoted = fields[at..=at + surplus].iter().all(|field| !field.is_quoted);
    is_unquoted
        && columns.iter().enumerate().all(|(column, field)| {
            let first = if column > at { column + surplus } else { column };
            let last = if column >= at { column + surplus } else { column };
            let cell = joined(text, &fields[first..=last]);
            field.is_none_or(|field| is_valid(field, &cell, template, settings))
        })
}

fn is_valid(field: Field, cell: &str, template: &Template, settings: &Settings) -> bool {
    fn is_usable<T>(reading: &Reading<T>) -> bool {
        reading.value.is_some() && (reading.deviations.is_empty() || reading.applicability().is_some())
    }
    match field {
        Field::ExternalId => is_usable(&id::read(cell)),
        Field::Status => is_usable(&status::read(cell, &settings.statuses)),
        Field::MetricValue => {
            let column = template.columns.iter().find(|column| column.field == field);
            let may_be_empty = column.is_some_and(|column| column.presence == Presence::MayBeEmpty);
            let numbers =
                number::NumberSettings { decimal: settings.decimal, percent_maximum: None, may_be_empty };
            is_usable(&number::read(cell, &numbers))
        }
        Field::AsOfDate => is_usable(&date::read(cell, settings)),
        Field::Comment => true,
    }
}
