//! The settings as a list, read from their schema: names, shapes, documentation, defaults.

use std::sync::LazyLock;

use serde_json::Value;

use super::keys;

/// One setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// The name, with its table: `date-order`, `convert.sheet`.
    pub(crate) name: String,
    pub(crate) shape: Shape,
    /// Sentences.
    pub(crate) documentation: String,
    /// What counts where nothing is set; `None` where that is nothing.
    pub(crate) default: Option<Value>,
    /// The only values there are, if they can be told.
    pub(crate) choices: Vec<String>,
}

/// What a setting's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    WholeNumber,
    Flag,
    Texts,
    /// A table from codes or patterns to texts.
    TextByName,
    /// A table from codes or patterns to lists of texts.
    TextsByName,
}

impl Shape {
    /// As an order to somebody who writes it.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotation marks",
            Self::WholeNumber => "a whole number",
            Self::Flag => "`true` or `false`",
            Self::Texts => "a list of texts, such as `[\"…\", \"…\"]`",
            Self::TextByName => "a table of texts, such as `{ V016 = \"error\" }`",
            Self::TextsByName => "a table of lists, such as `{ \"archive/**\" = [\"D013\"] }`",
        }
    }

    /// Whether the setting is a table whose keys are the user's own.
    pub(crate) const fn is_table(self) -> bool {
        match self {
            Self::TextByName | Self::TextsByName => true,
            Self::Text | Self::WholeNumber | Self::Flag | Self::Texts => false,
        }
    }
}

/// All settings, in the order of their names; those of tables behind the others.
pub(crate) static ALL: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let schema = keys::schema();
    let mut settings = Vec::new();
    collect(schema.as_value(), "", &mut settings);
    settings.sort_by_key(|setting| (setting.name.contains('.'), setting.name.clone()));
    settings
});

/// The tables that settings stand in, each with its documentation, in the order of their names.
pub(crate) static TABLES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let schema = keys::schema();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let tables = properties.filter(|(_, property)| property["properties"].is_object());
    let mut tables: Vec<_> = tables.map(|(name, table)| (name.clone(), documentation(table))).collect();
    tables.sort();
    tables
});

/// The setting with this name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    ALL.iter().find(|setting| setting.name == name)
}

/// The name that was probably meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.replace('_', "-").to_lowercase();
    let distance = |setting: &&Setting| {
        let inner = setting.name.rsplit('.').next().unwrap_or_default();
        strsim::osa_distance(&setting.name, &name).min(strsim::osa_distance(inner, &name) + 1)
    };
    ALL.iter()
        .min_by_key(distance)
        .filter(|setting| distance(setting) <= 3)
        .map(|setting| setting.name.as_str())
}

fn collect(object: &Value, table: &str, settings: &mut Vec<Setting>) {
    let Some(properties) = object["properties"].as_object() else { return };
    for (key, property) in properties {
        let name = format!("{table}{key}");
        if property["properties"].is_object() {
            collect(property, &format!("{name}."), settings);
            continue;
        }
        let choices = property["enum"].as_array().into_iter().flatten();
        settings.push(Setting {
            name,
            shape: shape(property),
            documentation: documentation(property),
            default: property.get("default").filter(|default| !default.is_null()).cloned(),
            choices: choices.filter_map(Value::as_str).map(str::to_owned).collect(),
        });
    }
}

fn documentation(property: &Value) -> String {
    property["description"].as_str().unwrap_or_default().replace('\n', " ")
}

fn shape(property: &Value) -> Shape {
    // A text may be written as a number too; then `type` is a list.
    let kind = property["type"].as_str().unwrap_or("string");
    match kind {
        "array" => Shape::Texts,
        "integer" => Shape::WholeNumber,
        "boolean" => Shape::Flag,
        "object" if property["additionalProperties"]["type"] == "array" => Shape::TextsByName,
        "object" => Shape::TextByName,
        _ => Shape::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_documented_and_of_the_shape_it_has_in_the_file() {
        for setting in ALL.iter() {
            assert!(setting.documentation.ends_with('.'), "{}: {}", setting.name, setting.documentation);
        }
        for (name, shape) in [
            ("date-order", Shape::Text),
            ("percent-max", Shape::Text),
            ("percent", Shape::Texts),
            ("fiscal-year-start", Shape::WholeNumber),
            ("severity", Shape::TextByName),
            ("per-file-ignores", Shape::TextsByName),
            ("convert.sheet", Shape::Texts),
            ("convert.skip-hidden", Shape::Flag),
        ] {
            assert_eq!(find(name).map(|setting| setting.shape), Some(shape), "{name}");
        }
        let order = find("date-order").unwrap();
        assert_eq!((&order.default, order.choices.len()), (&Some(Value::from("mdy")), 3));
    }

    #[test]
    fn a_near_name_is_found() {
        for (typed, meant) in [
            ("date-ordr", Some("date-order")),
            ("date_order", Some("date-order")),
            ("sheets", Some("convert.sheet")),
            ("colour", None),
        ] {
            assert_eq!(nearest(typed), meant, "{typed}");
        }
    }
}
