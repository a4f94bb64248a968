//! The flags that say how cells are read and which rules count. `check`, `convert` and `upload` share them; each
//! is a setting of the same name, and the strongest source of it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::settings::{Files, Layer, Sources, of_flag, of_pair};

/// Which columns a file has, where a command needs to know no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TemplateName {
    /// External ID, Current Metric Value, As Of Date, and an optional Comment
    MetricUpdates,
    /// External ID, Status, Current Metric Value (may be empty), As Of Date, and an optional Comment
    ProgressUpdates,
}

impl From<TemplateName> for metricsheet_upload::Updates {
    fn from(name: TemplateName) -> Self {
        match name {
            TemplateName::MetricUpdates => Self::Metric,
            TemplateName::ProgressUpdates => Self::Progress,
        }
    }
}

/// How cells are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How cells are read")]
pub(crate) struct SettingsArguments {
    /// The columns of the file: metric-updates, progress-updates, or a template file [default: told by the
    /// header, else metric-updates]
    #[arg(long, value_name = "NAME|FILE")]
    template: Option<String>,

    /// Metrics that are percentages: a pattern on IDs, `*` for any text; `PATTERN=MAX` sets their maximum
    #[arg(long, value_name = "PATTERN[=MAX]")]
    percent: Vec<String>,

    /// The maximum of percentages without one of their own; 1 is 100 % [default: 1]
    #[arg(long, value_name = "N")]
    percent_max: Option<String>,

    /// The character between whole and fraction: point or comma [default: point]
    #[arg(long, value_name = "MARK")]
    decimal: Option<String>,

    /// The order of day and month in numeric dates: mdy, dmy or ymd [default: mdy]
    #[arg(long, value_name = "ORDER")]
    date_order: Option<String>,

    /// The form in which dates are written: us or iso
    #[arg(long, value_name = "FORM")]
    date_format: Option<String>,

    /// The day that stands for a period such as March 2024: error, end or start [default: error]
    #[arg(long, value_name = "DAY")]
    period: Option<String>,

    /// The month, 1 to 12, in which a fiscal year begins [default: 1]
    #[arg(long, value_name = "MONTH")]
    fiscal_year_start: Option<u32>,

    /// The encoding of files that are neither UTF-8 nor begin with a mark, such as windows-1252 [default: guessed]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// A file with the metrics that the service knows: what `plan pull` wrote, or a CSV file or workbook with a
    /// column of External IDs and, as far as known, of units, minimums and maximums
    #[arg(long, value_name = "FILE")]
    plan: Option<String>,

    /// A settings file instead of those found beside the inputs, or any setting by its name, such as
    /// 'latest-date = 2024-12-31'; repeatable
    #[arg(long, value_name = "FILE|KEY = VALUE")]
    config: Vec<String>,

    /// Read no settings file and no environment variable
    #[arg(long)]
    isolated: bool,

    #[command(flatten)]
    selection: SelectionArguments,
}

/// Which rules count.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which rules count")]
pub(crate) struct SelectionArguments {
    /// Only these rules: codes and prefixes, such as V,D002
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    select: Vec<String>,

    /// These rules too, such as opt-in ones
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    extend_select: Vec<String>,

    /// Not these rules: codes and prefixes
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    ignore: Vec<String>,

    /// Only the fixes of these rules
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    fixable: Vec<String>,

    /// Not the fixes of these rules
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    unfixable: Vec<String>,
}

impl SettingsArguments {
    /// The settings file that is to count instead of those beside the inputs.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.config.iter().rfind(|config| !config.contains('=')).map(Path::new)
    }

    /// Whether settings files and variables are left alone.
    pub(crate) const fn is_isolated(&self) -> bool {
        self.isolated
    }

    /// The sources of settings of this run.
    pub(crate) fn sources(&self) -> anyhow::Result<Sources> {
        self.sources_with(Layer::new())
    }

    /// The sources of settings of a run whose command has flags of its own that are settings.
    pub(crate) fn sources_with(&self, own: Layer) -> anyhow::Result<Sources> {
        let mut files = if self.isolated { Files::Isolated } else { Files::Nearest };
        let mut pairs = Vec::new();
        for config in &self.config {
            if config.contains('=') {
                pairs.push(of_pair(config)?);
            } else {
                anyhow::ensure!(!self.isolated, "`--isolated` reads no settings file, also not `{config}`");
                files = Files::This(PathBuf::from(config));
            }
        }
        let mut flags = self.flags();
        flags.extend(own);
        Sources::new(files, pairs, flags)
    }

    fn flags(&self) -> Layer {
        let text = |name, value: &Option<String>| Some(of_flag(name, value.clone()?));
        let list = |name, values: &Vec<String>| (!values.is_empty()).then(|| of_flag(name, values.clone()));
        let selection = &self.selection;
        [
            text("template", &self.template),
            list("percent", &self.percent),
            text("percent-max", &self.percent_max),
            text("decimal", &self.decimal),
            text("date-order", &self.date_order),
            text("date-format", &self.date_format),
            text("period", &self.period),
            self.fiscal_year_start.map(|month| of_flag("fiscal-year-start", month)),
            text("encoding", &self.encoding),
            text("plan", &self.plan),
            list("select", &selection.select),
            list("extend-select", &selection.extend_select),
            list("ignore", &selection.ignore),
            list("fixable", &selection.fixable),
            list("unfixable", &selection.unfixable),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
