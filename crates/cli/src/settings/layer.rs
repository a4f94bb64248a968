//! One source of settings, read into entries that know where they stand: a settings file, the environment, or
//! the command line. Unknown names and values of the wrong shape are errors with their place; what a value
//! means is checked where it is used.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::catalogue::{self, Setting, Shape};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A settings file, and the 1-based line.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => formatter.write_str(name),
        }
    }
}

impl Origin {
    /// The directory from which paths and patterns of the value count.
    pub(crate) fn base(&self) -> &Path {
        match self {
            Self::File(path, _) => path.parent().unwrap_or(Path::new("")),
            Self::Default | Self::Environment(_) | Self::Flag(_) => Path::new(""),
        }
    }
}

/// A setting by its name and, within a table of the user's own keys, the key.
pub(crate) type Name = (&'static str, Option<String>);

/// A value and its source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// The settings of one source.
pub(crate) type Layer = BTreeMap<Name, Entry>;

/// Reads the text of a settings file.
pub(crate) fn of_file(path: &Path, text: &str) -> anyhow::Result<Layer> {
    let place = |at: usize| format!("{}:{}", path.display(), line(text, at));
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        anyhow::anyhow!("{}: {}", place(at), error.message())
    })?;
    let mut layer = Layer::new();
    let origin = |at: usize| Origin::File(path.to_owned(), line(text, at));
    table_entries(table.get_ref(), "", &origin, &mut layer)?;
    Ok(layer)
}

/// Reads a `KEY = VALUE` of the command line. A value that is no TOML is taken as a text, so that nobody has to
/// quote within quotes.
pub(crate) fn of_pair(pair: &str) -> anyhow::Result<Layer> {
    let origin = |_| Origin::Flag(format!("--config '{pair}'"));
    if let Ok(table) = DeTable::parse(pair) {
        let mut layer = Layer::new();
        table_entries(table.get_ref(), "", &origin, &mut layer)?;
        return Ok(layer);
    }
    let (key, value) = pair
        .split_once('=')
        .with_context(|| format!("`--config {pair}` is no setting; write 'key = value'"))?;
    let setting = known(key.trim()).with_context(|| origin(0).to_string())?;
    let value =
        of_text(setting, value.trim().trim_matches(['"', '\''])).with_context(|| origin(0).to_string())?;
    Ok([((setting.name.as_str(), None), Entry { value, origin: origin(0) })].into())
}

/// The prefix of the environment variables that set something.
const PREFIX: &str = "METRICSHEET_";
/// Variables of this prefix that are not settings: the folder of workbooks that developers try changes on.
const OTHERS: &[&str] = &["METRICSHEET_CORPUS"];

/// Reads the environment: `METRICSHEET_DATE_ORDER=dmy`. Lists are divided by commas, tables are written in TOML.
pub(crate) fn of_environment(variables: impl Iterator<Item = (String, String)>) -> anyhow::Result<Layer> {
    let mut layer = Layer::new();
    for (variable, text) in variables {
        let Some(key) = variable.strip_prefix(PREFIX).filter(|_| !OTHERS.contains(&variable.as_str())) else {
            continue;
        };
        let key = key.to_lowercase().replace('_', "-");
        let named = || format!("in the environment variable `{variable}`");
        // `METRICSHEET_CONVERT_SHEET` is a setting of the table `convert`.
        let in_table = key.split_once('-').map(|(table, key)| format!("{table}.{key}"));
        let setting = match in_table.and_then(|key| catalogue::find(&key)) {
            Some(setting) => setting,
            None => known(&key).with_context(named)?,
        };
        let origin = Origin::Environment(variable.clone());
        if setting.shape.is_table() {
            let assignment = format!("{} = {text}", setting.name);
            let table = DeTable::parse(&assignment).map_err(|error| anyhow::anyhow!("{}", error.message()));
            let table = table.with_context(named)?;
            table_entries(table.get_ref(), "", &|_| origin.clone(), &mut layer)?;
        } else {
            let value = of_text(setting, &text).with_context(named)?;
            layer.insert((setting.name.as_str(), None), Entry { value, origin });
        }
    }
    Ok(layer)
}

/// A value of the command line.
pub(crate) fn of_flag(name: &'static str, value: impl Into<Value>) -> (Name, Entry) {
    let flag = name.rsplit('.').next().unwrap_or(name);
    ((name, None), Entry { value: value.into(), origin: Origin::Flag(format!("--{flag}")) })
}

fn table_entries(
    table: &DeTable<'_>,
    prefix: &str,
    origin: &dyn Fn(usize) -> Origin,
    layer: &mut Layer,
) -> anyhow::Result<()> {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.get_ref());
        let origin_of_key = origin(key.span().start);
        let inner = value.get_ref().as_table();
        let is_own_table =
            || catalogue::ALL.iter().any(|setting| setting.name.starts_with(&format!("{name}.")));
        if let Some(inner) = inner
            && is_own_table()
        {
            table_entries(inner, &format!("{name}."), origin, layer)?;
            continue;
        }
        let setting = known(&name).with_context(|| origin_of_key.to_string())?;
        match (setting.shape, inner) {
            (Shape::TextByName | Shape::TextsByName, Some(inner)) => {
                for (key, value) in inner {
                    let origin = origin(key.span().start);
                    let item = if setting.shape == Shape::TextByName { Shape::Text } else { Shape::Texts };
                    let value = of_toml(&name, item, value).with_context(|| origin.to_string())?;
                    let inner_name = Some(key.get_ref().to_string());
                    layer.insert((setting.name.as_str(), inner_name), Entry { value, origin });
                }
            }
            (shape, _) => {
                let value = of_toml(&name, shape, value).with_context(|| origin_of_key.to_string())?;
                layer.insert((setting.name.as_str(), None), Entry { value, origin: origin_of_key });
            }
        }
    }
    Ok(())
}

fn known(name: &str) -> anyhow::Result<&'static Setting> {
    catalogue::find(name).with_context(|| {
        let near = catalogue::nearest(name).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        format!("there is no setting `{name}`{near}")
    })
}

/// A value of a settings file in the shape that its setting has. Numbers keep the digits they were typed with.
fn of_toml(name: &str, shape: Shape, value: &Spanned<DeValue<'_>>) -> anyhow::Result<Value> {
    let text = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().replace('_', "")),
        DeValue::Float(number) => Some(number.as_str().replace('_', "")),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    };
    let value = value.get_ref();
    let shaped = match (shape, value) {
        (Shape::Text, value) => text(value).map(Value::from),
        (Shape::WholeNumber, DeValue::Integer(number)) => {
            number.as_str().parse::<u32>().ok().map(Value::from)
        }
        (Shape::Flag, DeValue::Boolean(flag)) => Some(Value::from(*flag)),
        (Shape::Texts, DeValue::Array(items)) => {
            items.iter().map(|item| text(item.get_ref())).collect::<Option<Vec<_>>>().map(Value::from)
        }
        (Shape::WholeNumber | Shape::Flag | Shape::Texts | Shape::TextByName | Shape::TextsByName, _) => None,
    };
    shaped.with_context(|| format!("`{name}` takes {}", shape.expected()))
}

/// A value that was typed where everything is text.
fn of_text(setting: &Setting, text: &str) -> anyhow::Result<Value> {
    let shaped = match setting.shape {
        Shape::Text => Some(Value::from(text)),
        Shape::WholeNumber => text.parse::<u32>().ok().map(Value::from),
        Shape::Flag => text.parse::<bool>().ok().map(Value::from),
        Shape::Texts => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(Value::from(items.map(str::to_owned).collect::<Vec<_>>()))
        }
        Shape::TextByName | Shape::TextsByName => None,
    };
    match shaped {
        Some(value) => Ok(value),
        None => bail!("`{}` takes {}, not `{text}`", setting.name, setting.shape.expected()),
    }
}

/// The 1-based line of a byte.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(layer: anyhow::Result<Layer>) -> String {
        match layer {
            Ok(layer) => layer
                .into_iter()
                .map(|((name, inner), entry)| {
                    let inner = inner.map_or(String::new(), |inner| format!("[{inner}]"));
                    format!("{name}{inner} = {} ({})", entry.value, entry.origin)
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(error) => format!("error: {error:#}"),
        }
    }

    #[test]
    fn files_are_read_with_the_line_of_each_value() {
        for (text, expected) in [
            ("", ""),
            ("date-order = 'dmy'", "date-order = \"dmy\" (m.toml:1)"),
            ("\npercent-max = 1.50", "percent-max = \"1.50\" (m.toml:2)"),
            ("latest-date = 2024-12-31", "latest-date = \"2024-12-31\" (m.toml:1)"),
            ("percent = ['a', 'b=2']", "percent = [\"a\",\"b=2\"] (m.toml:1)"),
            ("[severity]\nV016 = 'error'", "severity[V016] = \"error\" (m.toml:2)"),
            ("[convert]\n\nheader-row = 3", "convert.header-row = \"3\" (m.toml:3)"),
            ("per-file-ignores = {'a/**' = ['D', 'V']}", "per-file-ignores[a/**] = [\"D\",\"V\"] (m.toml:1)"),
            (
                "\n\ndate-ordr = 'dmy'",
                "error: m.toml:3: there is no setting `date-ordr`; did you mean `date-order`?",
            ),
            ("[convert]\ncolour = 1", "error: m.toml:2: there is no setting `convert.colour`"),
            ("percent = 'a'", "error: m.toml:1: `percent` takes a list of texts, such as `[\"…\", \"…\"]`"),
            ("fiscal-year-start = 'July'", "error: m.toml:1: `fiscal-year-start` takes a whole number"),
            ("convert = 3", "error: m.toml:1: there is no setting `convert`"),
        ] {
            let expected = expected.to_owned();
            assert_eq!(shown(of_file(Path::new("m.toml"), text)), expected, "{text}");
        }
        assert!(shown(of_file(Path::new("m.toml"), "a = 1\nb = ")).starts_with("error: m.toml:2: "));
    }

    #[test]
    fn pairs_need_no_quotes_within_quotes() {
        for (pair, expected) in [
            ("date-order = dmy", "date-order = \"dmy\" (--config 'date-order = dmy')"),
            ("date-order=\"dmy\"", "date-order = \"dmy\" (--config 'date-order=\"dmy\"')"),
            ("percent = A-*, B", "percent = [\"A-*\",\"B\"] (--config 'percent = A-*, B')"),
            ("severity.V = 'error'", "severity[V] = \"error\" (--config 'severity.V = 'error'')"),
            ("sheet", "error: `--config sheet` is no setting; write 'key = value'"),
            ("x-y-z = 1", "error: --config 'x-y-z = 1': there is no setting `x-y-z`"),
        ] {
            assert_eq!(shown(of_pair(pair)), expected, "{pair}");
        }
    }

    #[test]
    fn the_environment_sets_what_begins_with_the_name_of_the_program() {
        let environment = |name: &str, value: &str| {
            let variables = [(name.to_owned(), value.to_owned()), ("PATH".to_owned(), "x".to_owned())];
            shown(of_environment(variables.into_iter()))
        };
        for (name, value, expected) in [
            ("METRICSHEET_DATE_ORDER", "dmy", "date-order = \"dmy\" (METRICSHEET_DATE_ORDER)"),
            ("METRICSHEET_SELECT", "V, D002", "select = [\"V\",\"D002\"] (METRICSHEET_SELECT)"),
            (
                "METRICSHEET_CONVERT_SKIP_HIDDEN",
                "true",
                "convert.skip-hidden = true (METRICSHEET_CONVERT_SKIP_HIDDEN)",
            ),
            ("METRICSHEET_SEVERITY", "{ V = 'warning' }", "severity[V] = \"warning\" (METRICSHEET_SEVERITY)"),
            ("METRICSHEET_CORPUS", "x", ""),
            (
                "METRICSHEET_DATE_ORDR",
                "dmy",
                "error: in the environment variable `METRICSHEET_DATE_ORDR`: there is no setting `date-ordr`; did you mean `date-order`?",
            ),
            (
                "METRICSHEET_FISCAL_YEAR_START",
                "July",
                "error: in the environment variable `METRICSHEET_FISCAL_YEAR_START`: `fiscal-year-start` takes a whole number, not `July`",
            ),
        ] {
            assert_eq!(environment(name, value), expected, "{name}");
        }
    }
}
