//! Every setting that a settings file can hold: its name, its shape, its documentation and its default. The JSON
//! Schema, `metricsheet config` and the checks of settings files are made from these types; what a setting does
//! is said here once.
//!
//! Where files are sent, and with which key, is not among them: a settings file that lies beside a stranger's
//! workbook must not be able to send anything anywhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;

/// Settings of metricsheet: how cells are read, which rules count, what is converted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "metricsheet.toml")]
pub(crate) struct SettingsFile {
    /// Another settings file, by its path from this one: its settings count where this one is silent.
    pub(crate) extend: Option<String>,

    /// The columns of the files: `metric-updates`, `progress-updates`, or the path of a template file. Left out,
    /// the header tells it.
    pub(crate) template: Option<String>,
    /// Metrics that are percentages: patterns on External IDs, `*` for any text; `PATTERN=MAX` sets their
    /// maximum, where 1 is 100 %.
    pub(crate) percent: Option<Vec<String>>,
    /// The maximum of percentages without one of their own; 1 is 100 %.
    #[schemars(extend("default" = "1", "type" = ["string", "number"]))]
    pub(crate) percent_max: Option<String>,
    /// The character between whole and fraction.
    #[schemars(extend("default" = "point", "enum" = ["point", "comma"]))]
    pub(crate) decimal: Option<String>,
    /// The order of day and month in numeric dates. With `dmy` and `ymd`, fixes in
    /// place write ISO dates, and so does `convert` where the order stands in a settings file.
    #[schemars(extend("default" = "mdy", "enum" = ["mdy", "dmy", "ymd"]))]
    pub(crate) date_order: Option<String>,
    /// The form in which dates are written: `us` is MM/DD/YYYY, `iso` is YYYY-MM-DD. Left out, both are taken as
    /// they are and new dates written in the US form.
    #[schemars(extend("enum" = ["us", "iso"]))]
    pub(crate) date_format: Option<String>,
    /// The day that stands for a period such as `March 2024`; with `error` the last day is only suggested.
    #[schemars(extend("default" = "error", "enum" = ["error", "end", "start"]))]
    pub(crate) period: Option<String>,
    /// The month in which a fiscal year begins. It is named after the calendar year in which it ends.
    #[schemars(extend("default" = 1, "minimum" = 1, "maximum" = 12))]
    pub(crate) fiscal_year_start: Option<u32>,
    /// Two-digit years from here to 99 are of the 1900s, the others of the 2000s.
    #[schemars(extend("default" = 69, "minimum" = 0, "maximum" = 100))]
    pub(crate) two_digit_years_from: Option<u32>,
    /// The years outside of which a date is doubtful, such as `1950-2100`.
    #[schemars(extend("default" = "1950-2100"))]
    pub(crate) plausible_years: Option<String>,
    /// The day after which a date is doubtful, such as `2024-12-31`. Left out, no date is too late.
    pub(crate) latest_date: Option<String>,
    /// An organisation's own statuses for progress updates, instead of the service's.
    pub(crate) statuses: Option<Vec<String>>,
    /// The encoding of files that are neither UTF-8 nor begin with a mark, such as `windows-1252`. Left out, it
    /// is guessed.
    pub(crate) encoding: Option<String>,
    /// The plan file: what `metricsheet plan pull` wrote, or a CSV file or workbook with a column of External IDs
    /// and, as far as known, of units, minimums and maximums.
    pub(crate) plan: Option<String>,

    /// Only these rules count: codes and prefixes, such as `V` or `D002`. Left out, all rules count that are not
    /// opt-in.
    pub(crate) select: Option<Vec<String>>,
    /// Rules that count beside the selected ones: codes and prefixes.
    pub(crate) extend_select: Option<Vec<String>>,
    /// Rules that do not count: codes and prefixes. The longest prefix that fits a rule decides.
    pub(crate) ignore: Option<Vec<String>>,
    /// Only the fixes of these rules are applied: codes and prefixes. Left out, those of all rules.
    pub(crate) fixable: Option<Vec<String>>,
    /// Rules whose fixes are not applied: codes and prefixes.
    pub(crate) unfixable: Option<Vec<String>>,
    /// How bad a finding is, by code or prefix, instead of what the rule says: `V016 = "error"`.
    pub(crate) severity: Option<BTreeMap<String, SeverityName>>,
    /// Rules that do not count in some files: patterns on paths from the settings file, each with codes and
    /// prefixes: `"archive/**" = ["D013"]`.
    pub(crate) per_file_ignores: Option<BTreeMap<String, Vec<String>>>,
    /// A file of accepted findings, written by `metricsheet check --write-baseline`.
    pub(crate) baseline: Option<String>,

    /// What `metricsheet convert` reads of a workbook.
    pub(crate) convert: Option<ConvertSettings>,
    /// What a workbook may ask of memory and time. A settings file can only narrow the limits, as it may have come
    /// with the workbook; the command line and the environment can widen them.
    pub(crate) limits: Option<LimitSettings>,
}

/// What `metricsheet convert` reads of a workbook. Each is a flag of the command, too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ConvertSettings {
    /// Sheets to convert: names, numbers from 1, or patterns. Left out, all that hold a table.
    pub(crate) sheet: Option<Vec<String>>,
    /// The cells that count, such as `B4:F200`, `B:F` or `4:200`.
    pub(crate) range: Option<String>,
    /// An Excel table or a defined name whose cells count.
    pub(crate) table: Option<String>,
    /// The row of the header: a number, `auto` or `none`.
    #[schemars(extend("default" = "auto", "type" = ["string", "integer"]))]
    pub(crate) header_row: Option<String>,
    /// The columns of fields, by header or letters, such as `External ID=KPI code` or `External ID=C`.
    pub(crate) map: Option<Vec<String>>,
    /// The date of all rows, for sheets without a column for it.
    pub(crate) as_of: Option<String>,
    /// What to do with metrics down and periods across: a row for each metric and period, or nothing.
    #[schemars(extend("default" = "auto", "enum" = ["auto", "never"]))]
    pub(crate) unpivot: Option<String>,
    /// Leave out hidden sheets, columns and rows, filtered rows too. Otherwise they are used and reported.
    #[schemars(extend("default" = false))]
    pub(crate) skip_hidden: Option<bool>,
    /// Give all cells of a merged area the value of its first one.
    #[schemars(extend("default" = false))]
    pub(crate) fill_merged: Option<bool>,
}

/// What a workbook may ask of memory and time; one that asks for more is refused by the limit's name. The defaults
/// let pass what spreadsheet programs write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct LimitSettings {
    /// MiB of one part of a zip container, inflated.
    #[schemars(extend("default" = 2048, "minimum" = 1))]
    pub(crate) part_mebibytes: Option<u32>,
    /// How many times its stored size a part may inflate to, once it is longer than 64 MiB.
    #[schemars(extend("default" = 200, "minimum" = 1))]
    pub(crate) inflation: Option<u32>,
    /// MiB that are read of all parts together, beside what twice the inflation of the whole file allows.
    #[schemars(extend("default" = 2048, "minimum" = 1))]
    pub(crate) read_mebibytes: Option<u32>,
    /// MiB of a file that is held in memory as a whole: xls, and XML in UTF-16.
    #[schemars(extend("default" = 128, "minimum" = 1))]
    pub(crate) held_mebibytes: Option<u32>,
    /// Parts of a zip container.
    #[schemars(extend("default" = 100_000, "minimum" = 1))]
    pub(crate) part_count: Option<u32>,
    /// Sheets of a workbook.
    #[schemars(extend("default" = 10_000, "minimum" = 1))]
    pub(crate) sheet_count: Option<u32>,
    /// MiB of one text or one XML element.
    #[schemars(extend("default" = 32, "minimum" = 1))]
    pub(crate) text_mebibytes: Option<u32>,
    /// MiB of the texts that cells share.
    #[schemars(extend("default" = 192, "minimum" = 1))]
    pub(crate) shared_text_mebibytes: Option<u32>,
    /// MiB of the number formats and cell formats.
    #[schemars(extend("default" = 64, "minimum" = 1))]
    pub(crate) format_mebibytes: Option<u32>,
    /// Merged areas and groups of hidden columns.
    #[schemars(extend("default" = 1_000_000, "minimum" = 1))]
    pub(crate) area_count: Option<u32>,
    /// XML elements inside of each other.
    #[schemars(extend("default" = 1_000, "minimum" = 1))]
    pub(crate) depth: Option<u32>,
    /// Cells that a file tells of by repetition, without bytes of their own, merged cells to be filled among them.
    #[schemars(extend("default" = 20_000_000, "minimum" = 1))]
    pub(crate) repeated_cells: Option<u32>,
    /// Rows of which there is something to say, and which wait in memory for the last one to be judged.
    #[schemars(extend("default" = 1_048_576, "minimum" = 1))]
    pub(crate) waiting_rows: Option<u32>,
    /// MiB of their texts.
    #[schemars(extend("default" = 96, "minimum" = 1))]
    pub(crate) waiting_mebibytes: Option<u32>,
    /// MiB of delimited text that is held in memory as a whole: what comes from a pipe, and what is checked though it
    /// lacks a column.
    #[schemars(extend("default" = 1024, "minimum" = 1))]
    pub(crate) whole_text_mebibytes: Option<u32>,
    /// MiB of text that a conversion writes, beside ten times the size of the file.
    #[schemars(extend("default" = 256, "minimum" = 1))]
    pub(crate) output_mebibytes: Option<u32>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SeverityName {
    /// The file cannot be sent as it is; the exit status is 1.
    Error,
    /// The file can be sent, but somebody should look.
    Warning,
}

/// The JSON Schema of settings files.
pub(crate) fn schema() -> schemars::Schema {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    // What is left out is left out: no key can be `null`.
    settings
        .with_transform(schemars::transform::RecursiveTransform(without_null))
        .into_generator()
        .into_root_schema_for::<SettingsFile>()
}

/// Optional keys are left out of a file; none can be `null`, which TOML does not have.
fn without_null(schema: &mut schemars::Schema) {
    schema.remove("format");
    if schema.get("default") == Some(&serde_json::Value::Null) {
        schema.remove("default");
    }
    if let Some(serde_json::Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(serde_json::Value::Array(choices)) = schema.remove("anyOf") {
        let mut choices = choices.into_iter().filter(|choice| choice["type"] != "null");
        if let (Some(serde_json::Value::Object(only)), None) = (choices.next(), choices.next()) {
            for (key, value) in only {
                if schema.get(&key).is_none() {
                    schema.insert(key, value);
                }
            }
        }
    }
}
