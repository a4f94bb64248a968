//! Which field of a record belongs to which column of the template: by the labels of the header, wherever it
//! stands, or by position where there is none.

use metricsheet_core::template::Label;
use metricsheet_core::text::says_nothing;
use metricsheet_core::value::{date, number, status};
use metricsheet_core::{Field, Presence, Settings, Template};

use crate::fields::{FieldSpan, Record, Records};

/// A record of the beginning of the file with the texts of its fields.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) record: Record,
    pub(crate) fields: Vec<FieldSpan>,
    pub(crate) texts: Vec<String>,
}

impl Head {
    fn is_blank(&self) -> bool {
        self.texts.iter().all(|text| says_nothing(text))
    }
}

/// Where the columns stand.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    pub(crate) template: Template,
    /// How many records of the file stand above the header.
    pub(crate) above: Vec<Head>,
    pub(crate) header: Option<Head>,
    /// What each field of a record holds.
    pub(crate) fields: Vec<Option<Field>>,
    /// How the label of each field was understood.
    pub(crate) labels: Vec<ColumnLabel>,
}

/// How the label of a column was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnLabel {
    /// As the service spells it.
    Exact(Field),
    /// Another name or spelling.
    Known(Field),
    /// Unknown, but at the place of the one column that no label names.
    ByPosition(Field),
    /// A known name, but another column of the file could be meant too, or the label says more than the name.
    Doubtful(Field),
    /// A second column for what another one holds.
    Second(Field),
    /// No column of the template.
    Unknown,
}

impl ColumnLabel {
    pub(crate) const fn field(self) -> Option<Field> {
        match self {
            Self::Exact(field) | Self::Known(field) | Self::ByPosition(field) | Self::Doubtful(field) => {
                Some(field)
            }
            Self::Second(_) | Self::Unknown => None,
        }
    }
}

/// A header is looked for in so many records.
pub(crate) const DEEPEST_HEADER: usize = 40;

impl Columns {
    /// Finds the columns of the text from byte `start`, which begins line `line`, on.
    pub(crate) fn find(
        text: &str,
        delimiter: u8,
        start: usize,
        line: usize,
        template: Option<&Template>,
        settings: &Settings,
    ) -> Self {
        let heads = heads(text, delimiter, start, line);
        let known = |head: &Head| {
            let fields: std::collections::BTreeSet<Field> =
                head.texts.iter().filter_map(|text| Label::read(text).field()).collect();
            fields.len()
        };
        // The first record with most labels; two labels make a header, and so does the one the service asks for.
        let labelled = heads
            .iter()
            .enumerate()
            .map(|(at, head)| (at, known(head)))
            .filter(|(at, count)| *count > 1 || heads.get(*at).is_some_and(begins_as_header))
            .max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at)));
        match labelled {
            Some((at, _)) => Self::labelled(heads, at, template),
            None => Self::unlabelled(heads, template, settings),
        }
    }

    /// The columns below a record that is known to be the header, and the first record of the file.
    pub(crate) fn of_header(
        text: &str,
        record: &Record,
        fields: &[FieldSpan],
        template: Option<&Template>,
    ) -> Self {
        let texts = fields.iter().map(|field| field.text(text).into_owned()).collect();
        let head = Head { record: record.clone(), fields: fields.to_vec(), texts };
        Self::labelled(vec![head], 0, template)
    }

    fn labelled(mut heads: Vec<Head>, at: usize, template: Option<&Template>) -> Self {
        heads.truncate(at + 1);
        let header = heads.pop();
        let texts: &[String] = header.as_ref().map_or(&[], |header| &header.texts);
        let template =
            template.cloned().unwrap_or_else(|| Template::told_by(texts.iter().map(String::as_str)));
        let labels = understand(texts, &template);
        let fields = labels.iter().map(|label| label.field()).collect();
        Self { template, above: heads, header, fields, labels }
    }

    /// No label is known: either there is no header, or its labels are all unknown.
    fn unlabelled(mut heads: Vec<Head>, template: Option<&Template>, settings: &Settings) -> Self {
        let first = heads.iter().position(|head| !head.is_blank()).unwrap_or(0);
        let template = template.cloned().unwrap_or_else(|| told_by_position(heads.get(first), settings));
        // Unknown labels are taken by position only if there is exactly one for each column.
        let fits =
            |head: &Head| (template.required_columns()..=template.columns.len()).contains(&head.fields.len());
        let is_header = heads.get(first).is_some_and(|head| !has_data(head, settings) && fits(head))
            && heads.iter().skip(first + 1).any(|head| has_data(head, settings));
        let by_position = |width: usize| -> Vec<Option<Field>> {
            let columns = template.columns.iter().map(|column| Some(column.field));
            columns.chain(std::iter::repeat(None)).take(width).collect()
        };
        if is_header {
            heads.truncate(first + 1);
            let header = heads.pop();
            let fields = by_position(header.as_ref().map_or(0, |header| header.fields.len()));
            let labels = fields
                .iter()
                .map(|field| field.map_or(ColumnLabel::Unknown, ColumnLabel::ByPosition))
                .collect();
            return Self { template, above: heads, header, fields, labels };
        }
        // Without a header the service reads the columns of the template by position.
        let width = heads.iter().map(|head| head.fields.len()).max().unwrap_or(0);
        let width = width.clamp(template.required_columns(), template.columns.len());
        Self { fields: by_position(width), template, above: Vec::new(), header: None, labels: Vec::new() }
    }

    /// The template's columns that no field holds and that must be there.
    pub(crate) fn missing(&self) -> Vec<Field> {
        let required = self.template.columns.iter().filter(|column| column.presence != Presence::Optional);
        required.map(|column| column.field).filter(|field| !self.fields.contains(&Some(*field))).collect()
    }

    /// Whether the fields of a record are those of the template, from its first column on.
    pub(crate) fn are_in_order(&self) -> bool {
        let in_order = self.template.columns.iter().map(|column| Some(column.field));
        in_order.take(self.fields.len()).eq(self.fields.iter().copied())
    }

    /// The field in which each of the present columns stands.
    pub(crate) fn places(&self) -> Vec<usize> {
        let place = |field| self.fields.iter().position(|other| *other == Some(field));
        self.template.columns.iter().filter_map(|column| place(column.field)).collect()
    }

    /// The template reduced to the columns that the file has, so that a missing column is one finding and not
    /// one for each row.
    pub(crate) fn present(&self) -> Template {
        let mut template = self.template.clone();
        template.columns.retain(|column| self.fields.contains(&Some(column.field)));
        template
    }
}

/// The first records of the file.
fn heads(text: &str, delimiter: u8, start: usize, line: usize) -> Vec<Head> {
    let mut records = Records::new(text, delimiter, start, line);
    let mut fields = Vec::new();
    let mut heads = Vec::new();
    while heads.len() < DEEPEST_HEADER {
        let Some(record) = records.read(&mut fields) else { break };
        let texts = fields.iter().map(|field| field.text(text).into_owned()).collect();
        heads.push(Head { record, fields: fields.clone(), texts });
    }
    heads
}

/// `External ID` in the first field makes a header, whatever stands in the others.
fn begins_as_header(head: &Head) -> bool {
    head.texts.first().is_some_and(|text| Label::read(text) == Label::Exact(Field::ExternalId))
}

/// Chooses for each column of the template the field that names it best.
fn understand(texts: &[String], template: &Template) -> Vec<ColumnLabel> {
    let mut labels = vec![ColumnLabel::Unknown; texts.len()];
    for column in &template.columns {
        let strength = |text: &String| match Label::read(text) {
            Label::Exact(field) if field == column.field => Some(0),
            Label::Alias(field) if field == column.field => Some(1 + Label::alias_rank(field, text)),
            Label::Near(field) if field == column.field => Some(usize::MAX),
            Label::Exact(_) | Label::Alias(_) | Label::Near(_) | Label::Unknown => None,
        };
        let mut candidates: Vec<(usize, usize)> = texts
            .iter()
            .enumerate()
            .filter_map(|(at, text)| strength(text).map(|strength| (strength, at)))
            .collect();
        candidates.sort_unstable();
        let has_rivals = candidates.len() > 1;
        for (rank, (strength, at)) in candidates.into_iter().enumerate() {
            let (Some(label), Some(text)) = (labels.get_mut(at), texts.get(at)) else { continue };
            *label = match (rank, strength) {
                (0, 0) => ColumnLabel::Exact(column.field),
                (0, _) if has_rivals || names_unit(text) => ColumnLabel::Doubtful(column.field),
                (0, _) => ColumnLabel::Known(column.field),
                (_, _) => ColumnLabel::Second(column.field),
            };
        }
    }
    // One column without a name, in the place of the one that is missing, is probably that one.
    let named = |field: Field| labels.iter().any(|label| label.field() == Some(field));
    let missing: Vec<usize> = template
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.presence != Presence::Optional && !named(column.field))
        .map(|(at, _)| at)
        .collect();
    if let ([at], true) = (missing.as_slice(), texts.len() <= template.columns.len())
        && let (Some(label @ ColumnLabel::Unknown), Some(column)) =
            (labels.get_mut(*at), template.columns.get(*at))
    {
        *label = ColumnLabel::ByPosition(column.field);
    }
    labels
}

/// Whether a label names a unit that its plain name would not: `Value (%)`.
fn names_unit(label: &str) -> bool {
    label.contains(['%', '$', '€', '£', '¥']) || label.to_lowercase().contains("percent")
}

/// Without labels, a status in the second column tells progress updates.
fn told_by_position(first: Option<&Head>, settings: &Settings) -> Template {
    let second = first.and_then(|head| head.texts.get(1));
    let has_status = second.is_some_and(|text| status::read(text, &settings.statuses).value.is_some());
    if has_status { Template::progress_updates() } else { Template::metric_updates() }
}

/// Whether a record holds a number or a date, as no header does. Read under the settings of its fixes, or a
/// fixed cell would be evidence that it was not before.
fn has_data(head: &Head, settings: &Settings) -> bool {
    let numbers =
        number::NumberSettings { decimal: settings.decimal, percent_maximum: None, may_be_empty: false };
    head.texts.iter().skip(1).any(|text| {
        number::read(text, &numbers).value.is_some() || date::read(text, settings).value.is_some()
    })
}
