//! The settings in force: all sources put together, checked, and turned into what the libraries take.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use encoding_rs::Encoding;
use globset::{GlobBuilder, GlobMatcher};
use metricsheet_convert::Limits;
use metricsheet_core::{
    DateForm, DateOrder, Destination, RuleChoices, Selection, Settings, Severity, Template,
};
use metricsheet_lint::encoding_named;
use serde_json::{Map, Value};

use super::keys::{ConvertSettings, LimitSettings, SettingsFile, SeverityName};
use super::layer::{Entry, Layer, Name, Origin};
use super::{catalogue, converting, limiting, template_file};
use crate::inputs::Input;
use crate::known_plan;

/// The settings in force for the files of one directory.
#[derive(Debug)]
pub(crate) struct InForce {
    entries: BTreeMap<Name, Entry>,
    parts: Parts,
}

impl InForce {
    /// Puts sources together, the weakest first.
    ///
    /// # Errors
    /// If a value cannot be used; the error begins with where it stands.
    pub(crate) fn new(layers: Vec<Layer>) -> anyhow::Result<Self> {
        let entries: BTreeMap<Name, Entry> = layers.into_iter().flatten().collect();
        // One by one first, so that an error knows whose it is.
        for (name, entry) in &entries {
            let one = values([(name, entry)]);
            one.and_then(|one| Parts::of(&one, [(name, entry)])).with_context(|| entry.origin.to_string())?;
        }
        let parts = Parts::of(&values(&entries)?, &entries)?;
        Ok(Self { entries, parts })
    }

    /// How cells are read whose fixed text goes to `destination`.
    ///
    /// An order of dates that is not the service's and stands in a settings file will be in force for the new file
    /// too, when it is checked or sent: dates are then written in ISO form, which no order can misread.
    pub(crate) fn settings(&self, destination: Destination) -> Settings {
        let order = self.entries.get(&("date-order", None)).map(|entry| &entry.origin);
        let is_lasting = matches!(order, Some(Origin::File(..) | Origin::Environment(_)));
        let writes_iso = is_lasting && self.parts.settings.date_order != DateOrder::MonthFirst;
        let date_form = self.parts.settings.date_form.or(writes_iso.then_some(DateForm::Iso));
        Settings { destination, date_form, ..self.parts.settings.clone() }
    }

    /// The template asked for.
    pub(crate) fn template(&self) -> Option<Template> {
        self.parts.template.clone()
    }

    /// The rules in force for an input.
    pub(crate) fn selection(&self, input: &Input) -> anyhow::Result<Selection> {
        let mut selection = self.parts.selection.clone();
        let path = match input {
            Input::File(path) => path.as_path(),
            Input::Stdin(name) => Path::new(name),
        };
        // The current directory is the empty path here, and no path at all for the system.
        let absolute = |path: &Path| std::path::absolute(Path::new(".").join(path)).unwrap_or_default();
        for (base, pattern, codes) in &self.parts.per_file_ignores {
            let whole = absolute(path);
            if whole.strip_prefix(absolute(base)).is_ok_and(|inner| pattern.is_match(inner)) {
                selection = selection.also_ignoring(codes)?;
            }
        }
        Ok(selection)
    }

    /// The encoding of files that do not tell it themselves.
    pub(crate) const fn encoding(&self) -> Option<&'static Encoding> {
        self.parts.encoding
    }

    /// What a workbook may ask of memory and time.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.parts.limits
    }

    /// The file of accepted findings; its path counts from the settings file that names it.
    pub(crate) fn baseline(&self) -> Option<PathBuf> {
        let entry = self.entries.get(&("baseline", None))?;
        Some(entry.origin.base().join(entry.value.as_str()?))
    }

    /// What is converted of an input.
    pub(crate) fn conversion(&self, input: &Input) -> anyhow::Result<metricsheet_convert::Options> {
        let mut options = self.parts.conversion.clone();
        options.wanted.template = self.template();
        options.selection = self.selection(input)?;
        Ok(options)
    }

    /// Each setting that somebody set, with where.
    pub(crate) const fn entries(&self) -> &BTreeMap<Name, Entry> {
        &self.entries
    }
}

/// The typed values of entries.
fn values<'a>(entries: impl IntoIterator<Item = (&'a Name, &'a Entry)>) -> anyhow::Result<SettingsFile> {
    let mut object = Map::new();
    for ((name, inner), entry) in entries {
        let keys: Vec<&str> = name.split('.').chain(inner.as_deref()).collect();
        place(&mut object, &keys, &entry.value);
    }
    Ok(serde_json::from_value(Value::Object(object))?)
}

/// Puts a value into the table that its keys lead to.
fn place(table: &mut Map<String, Value>, keys: &[&str], value: &Value) {
    match keys {
        [] => {}
        [last] => {
            table.insert((*last).to_owned(), value.clone());
        }
        [first, rest @ ..] => {
            let inner = table.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

/// What the values mean to the libraries.
#[derive(Debug)]
struct Parts {
    settings: Settings,
    template: Option<Template>,
    selection: Selection,
    conversion: metricsheet_convert::Options,
    encoding: Option<&'static Encoding>,
    limits: Limits,
    /// Patterns on paths, each with the directory it counts from.
    per_file_ignores: Vec<(PathBuf, GlobMatcher, Vec<String>)>,
}

impl Parts {
    fn of<'a>(
        values: &SettingsFile,
        entries: impl IntoIterator<Item = (&'a Name, &'a Entry)>,
    ) -> anyhow::Result<Self> {
        let entries: Vec<(&Name, &Entry)> = entries.into_iter().collect();
        let entry_of =
            |key: &str| entries.iter().find(|((name, _), _)| *name == key).map(|(_, entry)| *entry);
        let mut settings = readings(values)?;
        if let (Some(path), Some(entry)) = (&values.plan, entry_of("plan")) {
            settings.plan = Some(known_plan::read(&entry.origin.base().join(path))?);
        }
        let encoding = values.encoding.as_deref().map(|name| {
            encoding_named(name).with_context(|| {
                format!("`{name}` is no encoding; give a name such as `windows-1252` or `shift_jis`")
            })
        });
        let defaults = ConvertSettings::default();
        let conversion = converting::options(values.convert.as_ref().unwrap_or(&defaults), &settings)?;
        Ok(Self {
            settings,
            template: entry_of("template").map(template).transpose()?,
            selection: Selection::new(&choices(values))?,
            conversion,
            encoding: encoding.transpose()?,
            limits: limiting::limits(values.limits.as_ref().unwrap_or(&LimitSettings::default()), &entries)?,
            per_file_ignores: per_file_ignores(values, entries)?,
        })
    }
}

/// How cells are read.
fn readings(values: &SettingsFile) -> anyhow::Result<Settings> {
    let mut settings = Settings::default();
    for pattern in values.percent.iter().flatten() {
        settings.set("percent", pattern)?;
    }
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    let single = [
        ("percent-max", values.percent_max.clone()),
        ("decimal", values.decimal.clone()),
        ("date-order", values.date_order.clone()),
        ("date-format", values.date_format.clone()),
        ("period", values.period.clone()),
        ("fiscal-year-start", number(values.fiscal_year_start)),
        ("two-digit-years-from", number(values.two_digit_years_from)),
        ("plausible-years", values.plausible_years.clone()),
        ("latest-date", values.latest_date.clone()),
        ("statuses", values.statuses.as_ref().map(|statuses| statuses.join(","))),
    ];
    for (key, value) in single {
        if let Some(value) = value {
            settings.set(key, &value)?;
        }
    }
    Ok(settings)
}

fn choices(values: &SettingsFile) -> RuleChoices {
    let severity = |name: SeverityName| match name {
        SeverityName::Error => Severity::Error,
        SeverityName::Warning => Severity::Warning,
    };
    let list = |codes: &Option<Vec<String>>| codes.clone().unwrap_or_default();
    RuleChoices {
        select: list(&values.select),
        extend_select: list(&values.extend_select),
        ignore: list(&values.ignore),
        fixable: list(&values.fixable),
        unfixable: list(&values.unfixable),
        severity: values
            .severity
            .iter()
            .flatten()
            .map(|(code, name)| (code.clone(), severity(*name)))
            .collect(),
    }
}

fn per_file_ignores<'a>(
    values: &SettingsFile,
    entries: impl IntoIterator<Item = (&'a Name, &'a Entry)>,
) -> anyhow::Result<Vec<(PathBuf, GlobMatcher, Vec<String>)>> {
    let Some(ignores) = &values.per_file_ignores else { return Ok(Vec::new()) };
    let mut bases: BTreeMap<&str, &Path> = BTreeMap::new();
    for ((name, inner), entry) in entries {
        if let ("per-file-ignores", Some(pattern)) = (*name, inner) {
            bases.insert(pattern, entry.origin.base());
        }
    }
    let mut found = Vec::new();
    for (pattern, codes) in ignores {
        // Known codes, whether or not a file matches.
        Selection::default().also_ignoring(codes)?;
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        // A pattern without a directory is one on names, as in `.gitignore`.
        let anywhere = || GlobBuilder::new(&format!("**/{pattern}")).literal_separator(true).build();
        let glob = if pattern.contains('/') { glob } else { glob.and_then(|_| anywhere()) };
        let matcher = glob
            .map_err(|error| anyhow::anyhow!("`{pattern}` is not a pattern: {}", error.kind()))?
            .compile_matcher();
        let base = bases.get(pattern.as_str()).copied().unwrap_or(Path::new(""));
        found.push((base.to_owned(), matcher, codes.clone()));
    }
    Ok(found)
}

/// A built-in template, or one of a file.
fn template(entry: &Entry) -> anyhow::Result<Template> {
    match entry.value.as_str().unwrap_or_default() {
        "metric-updates" => Ok(Template::metric_updates()),
        "progress-updates" => Ok(Template::progress_updates()),
        path => template_file::read(&entry.origin.base().join(path)),
    }
}

/// The value in force of a setting, as TOML would write it, and where it comes from. A table of the user's own
/// keys has one for each key.
pub(crate) fn shown(
    in_force: &InForce,
    setting: &catalogue::Setting,
) -> Vec<(Option<String>, String, Origin)> {
    let own: Vec<_> = in_force
        .entries()
        .iter()
        .filter(|((name, _), _)| *name == setting.name)
        .map(|((_, inner), entry)| (inner.clone(), as_toml(&entry.value), entry.origin.clone()))
        .collect();
    if own.is_empty() {
        let default = setting.default.as_ref().map_or("(not set)".to_owned(), as_toml);
        return vec![(None, default, Origin::Default)];
    }
    own
}

fn as_toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(as_toml).collect::<Vec<_>>().join(", ")),
        Value::String(text) => toml::Value::from(text.as_str()).to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
