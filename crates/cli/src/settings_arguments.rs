//! The flags that say how cells are read and which rules count. `check`, `convert` and `upload` share them.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use encoding_rs::Encoding;
use metricsheet_core::{Destination, RuleChoices, Selection, Settings, Template};
use metricsheet_lint::encoding_named;

/// Which columns a file has.
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

impl TemplateName {
    pub(crate) fn template(self) -> Template {
        match self {
            Self::MetricUpdates => Template::metric_updates(),
            Self::ProgressUpdates => Template::progress_updates(),
        }
    }
}

/// How cells are read.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How cells are read")]
pub(crate) struct SettingsArguments {
    /// The columns of the file [default: told by the header, else metric-updates]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) template: Option<TemplateName>,

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
    fiscal_year_start: Option<String>,

    /// The encoding of files that are neither UTF-8 nor begin with a mark, such as windows-1252 [default: guessed]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// Any setting by its name, such as 'latest-date = 2024-12-31'
    #[arg(long, value_name = "KEY = VALUE")]
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

    /// Not these rules: codes and prefixes
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    ignore: Vec<String>,
}

impl SettingsArguments {
    /// The settings for reading cells whose fixed text goes to `destination`.
    pub(crate) fn settings(&self, destination: Destination) -> anyhow::Result<Settings> {
        let mut settings = Settings { destination, ..Settings::default() };
        for pair in &self.config {
            let (key, value) = pair
                .split_once('=')
                .with_context(|| format!("`--config {pair}` is no setting; write 'key = value'"))?;
            let value = value.trim().trim_matches(['"', '\'']);
            settings.set(key.trim(), value).with_context(|| format!("in `--config {pair}`"))?;
        }
        let patterns = self.percent.iter().map(|pattern| ("percent", Some(pattern)));
        let single = [
            ("percent-max", self.percent_max.as_ref()),
            ("decimal", self.decimal.as_ref()),
            ("date-order", self.date_order.as_ref()),
            ("date-format", self.date_format.as_ref()),
            ("period", self.period.as_ref()),
            ("fiscal-year-start", self.fiscal_year_start.as_ref()),
        ];
        for (key, value) in patterns.chain(single) {
            if let Some(value) = value {
                settings.set(key, value).with_context(|| format!("in `--{key} {value}`"))?;
            }
        }
        // There is nothing to isolate from yet: settings come from the command line alone.
        let _ = self.isolated;
        Ok(settings)
    }

    /// The declared encoding.
    pub(crate) fn encoding(&self) -> anyhow::Result<Option<&'static Encoding>> {
        let Some(name) = &self.encoding else { return Ok(None) };
        let encoding = encoding_named(name).with_context(|| {
            format!("`{name}` is no encoding; give a name such as `windows-1252` or `shift_jis`")
        })?;
        Ok(Some(encoding))
    }

    /// The rules in force.
    pub(crate) fn selection(&self) -> anyhow::Result<Selection> {
        let SelectionArguments { select, ignore } = self.selection.clone();
        Ok(Selection::new(&RuleChoices { select, ignore, ..RuleChoices::default() })?)
    }
}
