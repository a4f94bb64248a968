//! The built-in templates: which columns a file has, in which order, and under which other names people
//! keep them. Source: the service's help articles, both generations.

use std::fmt;

/// What a column holds, whatever its label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The customer's own name of the metric.
    ExternalId,
    /// How the plan item stands.
    Status,
    /// The number.
    MetricValue,
    /// The day the number stands for.
    AsOfDate,
    /// Free text.
    Comment,
}

impl Field {
    /// Every field, in the order of the widest template.
    pub const ALL: [Self; 5] =
        [Self::ExternalId, Self::Status, Self::MetricValue, Self::AsOfDate, Self::Comment];

    /// The label that the service knows.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::ExternalId => "External ID",
            Self::Status => "Status",
            Self::MetricValue => "Current Metric Value",
            Self::AsOfDate => "As Of Date",
            Self::Comment => "Comment",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.label())
    }
}

/// Whether a column, or a cell in it, may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Column and cell must be there.
    Required,
    /// The column must be there; a cell may be empty.
    MayBeEmpty,
    /// The column may be left out.
    Optional,
}

/// One column of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub field: Field,
    /// Whether it may be left out.
    pub presence: Presence,
}

/// The columns of a file, left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name used in settings: `metric-updates`.
    pub name: &'static str,
    /// The columns in the order the service wants.
    pub columns: Vec<Column>,
}

impl Template {
    /// `External ID`, `Current Metric Value`, `As Of Date`, and an optional `Comment`.
    #[must_use]
    pub fn metric_updates() -> Self {
        Self {
            name: "metric-updates",
            columns: vec![
                Column { field: Field::ExternalId, presence: Presence::Required },
                Column { field: Field::MetricValue, presence: Presence::Required },
                Column { field: Field::AsOfDate, presence: Presence::Required },
                Column { field: Field::Comment, presence: Presence::Optional },
            ],
        }
    }

    /// `External ID`, `Status`, `Current Metric Value` (may be empty), `As Of Date`, optional `Comment`.
    #[must_use]
    pub fn progress_updates() -> Self {
        Self {
            name: "progress-updates",
            columns: vec![
                Column { field: Field::ExternalId, presence: Presence::Required },
                Column { field: Field::Status, presence: Presence::Required },
                Column { field: Field::MetricValue, presence: Presence::MayBeEmpty },
                Column { field: Field::AsOfDate, presence: Presence::Required },
                Column { field: Field::Comment, presence: Presence::Optional },
            ],
        }
    }

    /// The template that these header labels tell: progress updates if one of them labels a status.
    pub fn told_by<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        let has_status = labels.into_iter().any(|label| {
            matches!(Label::read(label), Label::Exact(Field::Status) | Label::Alias(Field::Status))
        });
        if has_status { Self::progress_updates() } else { Self::metric_updates() }
    }

    /// How many columns must be there.
    #[must_use]
    pub fn required_columns(&self) -> usize {
        self.columns.iter().filter(|column| column.presence != Presence::Optional).count()
    }

    /// The position of the column that holds `field`.
    #[must_use]
    pub fn position(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|column| column.field == field)
    }
}

/// What a header cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// The very label that the service knows, or its newest name for the column.
    Exact(Field),
    /// Another name people use for it, or another spelling.
    Alias(Field),
    /// A spelling within a letter or two of a label.
    Near(Field),
    /// Something else.
    Unknown,
}

impl Label {
    /// Reads a header cell.
    ///
    /// ```
    /// use metricsheet_core::{Field, template::Label};
    /// assert_eq!(Label::read("External ID"), Label::Exact(Field::ExternalId));
    /// assert_eq!(Label::read("KPI code"), Label::Alias(Field::ExternalId));
    /// assert_eq!(Label::read("Exernal ID"), Label::Near(Field::ExternalId));
    /// assert_eq!(Label::read("Owner"), Label::Unknown);
    /// ```
    #[must_use]
    pub fn read(label: &str) -> Self {
        if let Some((_, field)) = ACCEPTED_LABELS.iter().find(|(accepted, _)| *accepted == label) {
            return Self::Exact(*field);
        }
        // No label has a digit, and near ones differ in two letters at most.
        if label.bytes().filter(u8::is_ascii_digit).count() > 2 {
            return Self::Unknown;
        }
        let key = label_key(label);
        if key.is_empty() {
            return Self::Unknown;
        }
        for (field, aliases) in ALIASES {
            if own_key(*field) == key || aliases.contains(&key.as_str()) {
                return Self::Alias(*field);
            }
        }
        // Short labels have too many near neighbours ("Data" is not "Date"), and another beginning often turns
        // the meaning round ("Internal ID").
        let length = key.chars().count();
        if length < 7 {
            return Self::Unknown;
        }
        // Nearly every cell above a table is asked: what is much longer or shorter is not compared.
        let is_near = |alias: &str| {
            let most = if alias.len() >= 10 { 2 } else { 1 };
            alias.len().abs_diff(length) <= most && strsim::osa_distance(alias, &key) <= most
        };
        let mut near = ALIASES.iter().filter(|(field, aliases)| {
            std::iter::once(own_key(*field))
                .chain(aliases.iter().copied())
                .filter(|alias| alias.len() >= 7)
                .filter(|alias| alias.chars().next() == key.chars().next())
                .any(is_near)
        });
        match (near.next(), near.next()) {
            (Some((field, _)), None) => Self::Near(*field),
            (None | Some(_), _) => Self::Unknown,
        }
    }

    /// How unusual an alias is for its column: 0 for the one that names it best. Where two columns of a file
    /// could be the same one, the lower rank is taken.
    #[must_use]
    pub fn alias_rank(field: Field, label: &str) -> usize {
        let key = label_key(label);
        if key == own_key(field) {
            return 0;
        }
        let aliases =
            ALIASES.iter().find(|(aliased, _)| *aliased == field).map_or(&[][..], |(_, aliases)| aliases);
        1 + aliases.iter().position(|alias| *alias == key).unwrap_or(aliases.len())
    }

    /// The column it labels, however it is spelled.
    #[must_use]
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::Exact(field) | Self::Alias(field) | Self::Near(field) => Some(field),
            Self::Unknown => None,
        }
    }
}

/// Letters and digits in lower case; everything else is spelling. `External_ID#` and `external id` are one.
fn label_key(label: &str) -> String {
    label.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What [`label_key`] makes of the field's own label.
const fn own_key(field: Field) -> &'static str {
    match field {
        Field::ExternalId => "externalid",
        Field::Status => "status",
        Field::MetricValue => "currentmetricvalue",
        Field::AsOfDate => "asofdate",
        Field::Comment => "comment",
    }
}

/// The labels that need no change. `Metric Value` is the newest article's name of the value column.
const ACCEPTED_LABELS: &[(&str, Field)] = &[
    ("External ID", Field::ExternalId),
    ("Status", Field::Status),
    ("Current Metric Value", Field::MetricValue),
    ("Metric Value", Field::MetricValue),
    ("As Of Date", Field::AsOfDate),
    ("Comment", Field::Comment),
];

/// Names seen above such columns in the wild, as [`label_key`] spells them.
const ALIASES: &[(Field, &[&str])] = &[
    (
        Field::ExternalId,
        &[
            "id",
            "extid",
            "externalids",
            "externalidentifier",
            "externalkey",
            "externalcode",
            "externalmetricid",
            "externalitemid",
            "externalreference",
            "itemid",
            "itemcode",
            "itemkey",
            "metricid",
            "metricids",
            "metriccode",
            "metrickey",
            "metricnumber",
            "metricno",
            "metricref",
            "metric",
            "metricname",
            "kpiid",
            "kpicode",
            "kpikey",
            "kpinumber",
            "kpino",
            "kpiref",
            "kpi",
            "kpiname",
            "measureid",
            "measurecode",
            "measurekey",
            "measurenumber",
            "measureref",
            "measure",
            "measurename",
            "indicatorid",
            "indicatorcode",
            "indicatorkey",
            "indicatornumber",
            "indicatorref",
            "indicator",
            "indicatorname",
            "identifier",
            "uniqueid",
            "uniqueidentifier",
            "code",
            "key",
            "ref",
            "reference",
            "idnumber",
            "idno",
            "idcode",
            "planitemid",
            "achieveitid",
            "guid",
        ],
    ),
    (
        Field::Status,
        &[
            "state",
            "currentstatus",
            "statuses",
            "progress",
            "progressstatus",
            "itemstatus",
            "rag",
            "ragstatus",
        ],
    ),
    (
        Field::MetricValue,
        &[
            "value",
            "values",
            "currentvalue",
            "currentmetric",
            "currentmetricvalues",
            "metricvalues",
            "actual",
            "actuals",
            "actualvalue",
            "kpivalue",
            "measurevalue",
            "indicatorvalue",
            "result",
            "results",
            "amount",
            "figure",
            "number",
            "score",
            "reading",
            "latestvalue",
            "newvalue",
            "updatevalue",
        ],
    ),
    (
        Field::AsOfDate,
        &[
            "date",
            "asof",
            "asat",
            "asatdate",
            "asofdates",
            "dateasof",
            "effectivedate",
            "effective",
            "reportdate",
            "reportingdate",
            "dateofreport",
            "periodend",
            "periodending",
            "perioddate",
            "periodenddate",
            "period",
            "reportingperiod",
            "enddate",
            "valuedate",
            "measurementdate",
            "datemeasured",
            "updatedate",
            "dateupdated",
            "month",
            "quarter",
            "day",
            "monthend",
            "monthending",
            "weekending",
            "weekend",
            "quarterend",
            "quarterending",
            "yearend",
            "asofday",
        ],
    ),
    (
        Field::Comment,
        &["comments", "note", "notes", "remark", "remarks", "commentary", "narrative", "explanation"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_labels_come_to() {
        for field in Field::ALL {
            assert_eq!(label_key(field.label()), own_key(field));
        }
        for (_, aliases) in ALIASES {
            assert!(
                aliases.iter().all(|alias| {
                    let is_letter = |byte: u8| byte.is_ascii_alphabetic();
                    alias.bytes().all(is_letter) && label_key(alias) == *alias
                }),
                "{aliases:?}"
            );
        }
    }

    #[test]
    fn near_labels_are_as_long_as_those_they_are_near_to() {
        for (label, read) in [
            ("Curent Metric Valeu", Label::Near(Field::MetricValue)),
            ("Reporting dates", Label::Near(Field::AsOfDate)),
            ("Comentary", Label::Near(Field::Comment)),
            ("Commentarry", Label::Near(Field::Comment)),
            ("Current Metric Value of the last quarter", Label::Unknown),
            (&"external ".repeat(4_000), Label::Unknown),
        ] {
            assert_eq!(Label::read(label), read, "{label}");
        }
    }
}
