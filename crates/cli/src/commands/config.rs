//! `metricsheet config`: the settings in force, where each comes from, and what it does.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::exit::ExitStatus;
use crate::settings::catalogue::{self, Setting};
use crate::settings::{InForce, Origin, keys, shown};
use crate::settings_arguments::SettingsArguments;

/// What `config` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A setting, such as date-order or convert.sheet; without it, all are listed
    key: Option<String>,

    /// Show the settings in force for this file instead of those for the current directory
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Print the JSON Schema of settings files
    #[arg(long, conflicts_with_all = ["key", "file", "output_format"])]
    schema: bool,

    /// The form of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output_format: ConfigFormat,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// The forms of the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ConfigFormat {
    /// A line for each setting, or all that is known of one
    #[default]
    Full,
    /// One JSON document
    Json,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    settings: Vec<InForceValue<'a>>,
}

/// One value in force, as the JSON document has it.
#[derive(Serialize)]
struct InForceValue<'a> {
    key: String,
    /// `null` where nothing is set and nothing is the default.
    value: &'a Value,
    /// `default`, `file`, `environment` or `flag`.
    origin: &'static str,
    /// The file, the variable or the flag.
    source: Option<String>,
    /// The 1-based line of the file.
    line: Option<usize>,
    /// What it may be: the only values there are, or their shape.
    takes: String,
    default: Option<&'a Value>,
    environment: String,
    documentation: &'a str,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let mut out = anstream::stdout().lock();
    if arguments.schema {
        writeln!(out, "{:#}", keys::schema().as_value())?;
        return Ok(ExitStatus::Clean);
    }
    let chosen: Vec<&Setting> = match &arguments.key {
        Some(key) => settings_named(key)?,
        None => catalogue::ALL.iter().collect(),
    };
    let sources = arguments.settings.sources()?;
    let in_force = match &arguments.file {
        Some(file) => sources.of_path(file)?,
        None => sources.of_directory(&std::env::current_dir().context("there is no current directory")?)?,
    };
    match (arguments.output_format, &arguments.key, chosen.as_slice()) {
        (ConfigFormat::Json, _, chosen) => json(chosen, &in_force, &mut out)?,
        (ConfigFormat::Full, Some(_), [one]) => explain(one, &in_force, &mut out)?,
        (ConfigFormat::Full, _, chosen) => list(chosen, &in_force, &mut out)?,
    }
    Ok(ExitStatus::Clean)
}

/// The setting of this name, or all of the table of this name.
fn settings_named(key: &str) -> anyhow::Result<Vec<&'static Setting>> {
    if let Some(setting) = catalogue::find(key) {
        return Ok(vec![setting]);
    }
    let of_table: Vec<_> =
        catalogue::ALL.iter().filter(|setting| setting.name.starts_with(&format!("{key}."))).collect();
    if of_table.is_empty() {
        let near = catalogue::nearest(key).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        anyhow::bail!("there is no setting `{key}`{near}");
    }
    Ok(of_table)
}

fn list(chosen: &[&Setting], in_force: &InForce, out: &mut dyn Write) -> anyhow::Result<()> {
    for setting in chosen {
        for (inner, value, origin) in shown(in_force, setting) {
            writeln!(out, "{} = {value}  # {origin}", named(setting, inner.as_deref()))?;
        }
    }
    Ok(())
}

fn explain(setting: &Setting, in_force: &InForce, out: &mut dyn Write) -> anyhow::Result<()> {
    list(&[setting], in_force, out)?;
    writeln!(out, "\n{}\n\nTakes {}.", setting.documentation, takes(setting))?;
    if let Some(default) = &setting.default {
        writeln!(out, "Default: `{}`.", default.as_str().map_or_else(|| default.to_string(), str::to_owned))?;
    }
    writeln!(out, "Environment: `{}`.", environment(setting))?;
    Ok(())
}

fn takes(setting: &Setting) -> String {
    if setting.choices.is_empty() {
        return setting.shape.expected().to_owned();
    }
    let choices: Vec<_> = setting.choices.iter().map(|choice| format!("`{choice}`")).collect();
    choices.join(" or ")
}

fn environment(setting: &Setting) -> String {
    format!("METRICSHEET_{}", setting.name.to_uppercase().replace(['-', '.'], "_"))
}

fn json(chosen: &[&Setting], in_force: &InForce, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut values = Vec::new();
    for setting in chosen {
        let own: Vec<_> = in_force.entries().iter().filter(|((name, _), _)| *name == setting.name).collect();
        if own.is_empty() {
            let default = setting.default.as_ref().unwrap_or(&Value::Null);
            values.push(value(setting, None, default, &Origin::Default));
        }
        let own = own.into_iter();
        values.extend(
            own.map(|((_, inner), entry)| value(setting, inner.as_deref(), &entry.value, &entry.origin)),
        );
    }
    writeln!(out, "{}", serde_json::to_string_pretty(&Document { version: 1, settings: values })?)?;
    Ok(())
}

fn value<'a>(
    setting: &'a Setting,
    inner: Option<&str>,
    value: &'a Value,
    origin: &Origin,
) -> InForceValue<'a> {
    let (kind, source, line) = match origin {
        Origin::Default => ("default", None, None),
        Origin::File(path, line) => ("file", Some(path.display().to_string()), Some(*line)),
        Origin::Environment(name) => ("environment", Some(name.clone()), None),
        Origin::Flag(name) => ("flag", Some(name.clone()), None),
    };
    InForceValue {
        key: named(setting, inner),
        value,
        origin: kind,
        source,
        line,
        takes: takes(setting),
        default: setting.default.as_ref(),
        environment: environment(setting),
        documentation: &setting.documentation,
    }
}

/// The name as it could be typed into a settings file.
fn named(setting: &Setting, inner: Option<&str>) -> String {
    match inner {
        Some(inner) if inner.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("{}.{inner}", setting.name)
        }
        Some(inner) => format!("{}.{}", setting.name, toml::Value::from(inner)),
        None => setting.name.clone(),
    }
}
