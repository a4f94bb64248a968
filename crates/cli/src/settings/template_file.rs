//! Template files: the columns of an organisation's own files, left to right.
//!
//! ```toml
//! [[column]]
//! field = "External ID"
//!
//! [[column]]
//! field = "Current Metric Value"
//! presence = "may-be-empty"
//! ```

use std::path::Path;

use anyhow::{Context as _, ensure};
use metricsheet_core::{Column, Field, Presence, Template};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    column: Vec<ColumnEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    field: FieldName,
    #[serde(default)]
    presence: PresenceName,
}

/// Fields by the labels that the service knows.
#[derive(Clone, Copy, Deserialize)]
enum FieldName {
    #[serde(rename = "External ID")]
    ExternalId,
    #[serde(rename = "Status")]
    Status,
    #[serde(rename = "Current Metric Value")]
    MetricValue,
    #[serde(rename = "As Of Date")]
    AsOfDate,
    #[serde(rename = "Comment")]
    Comment,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PresenceName {
    #[default]
    Required,
    MayBeEmpty,
    Optional,
}

/// Reads a template file.
///
/// # Errors
/// If the file cannot be read, holds anything unknown, or makes no template: each field at most once, External ID
/// first, a value and a date.
pub(super) fn read(path: &Path) -> anyhow::Result<Template> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "cannot read the template `{shown}`; give `metric-updates`, `progress-updates` or a template file"
        )
    })?;
    parse(&text).with_context(|| format!("the template `{shown}` cannot be used"))
}

fn parse(text: &str) -> anyhow::Result<Template> {
    let file: TemplateFile = toml::from_str(text)?;
    let columns: Vec<Column> = file
        .column
        .iter()
        .map(|column| Column { field: field(column.field), presence: presence(column.presence) })
        .collect();
    let position = |field: Field| columns.iter().position(|column| column.field == field);
    for (at, column) in columns.iter().enumerate() {
        ensure!(position(column.field) == Some(at), "it has two columns for `{}`", column.field);
    }
    ensure!(position(Field::ExternalId) == Some(0), "its first column is not `External ID`");
    for needed in [Field::MetricValue, Field::AsOfDate] {
        ensure!(position(needed).is_some(), "it has no column for `{needed}`");
    }
    Ok(Template { name: "template file", columns })
}

const fn field(name: FieldName) -> Field {
    match name {
        FieldName::ExternalId => Field::ExternalId,
        FieldName::Status => Field::Status,
        FieldName::MetricValue => Field::MetricValue,
        FieldName::AsOfDate => Field::AsOfDate,
        FieldName::Comment => Field::Comment,
    }
}

const fn presence(name: PresenceName) -> Presence {
    match name {
        PresenceName::Required => Presence::Required,
        PresenceName::MayBeEmpty => Presence::MayBeEmpty,
        PresenceName::Optional => Presence::Optional,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_their_order_and_what_makes_no_template_is_told() {
        let of = |columns: &[&str]| {
            let columns: Vec<String> =
                columns.iter().map(|field| format!("[[column]]\nfield = \"{field}\"\n")).collect();
            let text = columns.concat();
            parse(&text).map(|template| template.columns.len()).map_err(|error| format!("{error:#}"))
        };
        let three = ["External ID", "As Of Date", "Current Metric Value"];
        assert_eq!(of(&three), Ok(3));
        for (columns, expected) in [
            (&three[1..], "its first column is not `External ID`"),
            (&three[..2], "it has no column for `Current Metric Value`"),
            (&["External ID", "As Of Date", "As Of Date"], "it has two columns for `As Of Date`"),
            (&["Colour"], "unknown variant `Colour`"),
        ] {
            let error = of(columns).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert!(parse("[[column]]\nfield = \"Status\"\nlabel = \"x\"").is_err());
        let optional = "[[column]]\nfield = \"External ID\"\n[[column]]\nfield = \"Current Metric Value\"\npresence = \"may-be-empty\"\n[[column]]\nfield = \"As Of Date\"";
        assert_eq!(parse(optional).unwrap().columns[1].presence, Presence::MayBeEmpty);
    }
}
