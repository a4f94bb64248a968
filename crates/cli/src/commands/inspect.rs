//! `metricsheet inspect`: what is in a workbook, the layout that `convert` would use, and why.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use metricsheet_convert::layout::{PassedOver, YearFrom};
use metricsheet_convert::number_format::DateSystem;
use metricsheet_convert::reading::{AreaKind, CellRange, NamedArea, OtherSheet, Visibility, WorkbookKind};
use metricsheet_convert::{Found, Password, SheetInspection, TableInspection, Workbook};
use metricsheet_core::Destination;
use metricsheet_core::text::quoted;
use serde_json::json;

use crate::exit::ExitStatus;
use crate::frozen_layout::{self, Frozen};
use crate::inputs::Input;
use crate::layout_arguments::LayoutArguments;
use crate::open;
use crate::output::harmless;
use crate::passwords::password;
use crate::saved_layout;
use crate::settings::{Layer, Sources};
use crate::settings_arguments::SettingsArguments;

/// What `inspect` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The workbook, or - for standard input
    path: PathBuf,

    /// Save the layout found, so that convert need not find it again: as settings in the metricsheet.toml beside
    /// the workbook, or in the file that --config names. What else stands there stays
    #[arg(long)]
    save_settings: bool,

    /// The environment variable that holds the password of an encrypted workbook
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,

    /// The form of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output_format: InspectionFormat,

    #[command(flatten)]
    layout: LayoutArguments,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// The form of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum InspectionFormat {
    /// For people
    #[default]
    Full,
    /// One JSON document
    Json,
}

/// A workbook that was looked at under the settings in force for it.
pub(super) struct Inspected {
    pub(super) workbook: Workbook,
    pub(super) sheets: Vec<SheetInspection>,
    /// The settings that lead to what was found, if they were asked for.
    pub(super) frozen: Option<Frozen>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let input = if arguments.path.as_os_str() == "-" {
        Input::Stdin("-".to_owned())
    } else {
        Input::File(arguments.path.clone())
    };
    let target = arguments
        .save_settings
        .then(|| saved_layout::Target::new(&input, &arguments.settings))
        .transpose()?;
    let flags = arguments.layout.layer();
    let sources = arguments.settings.sources_with(flags.clone())?;
    let password = password(arguments.password_env.as_deref())?;
    let frozen_flags = arguments.save_settings.then_some(&flags);
    let Inspected { workbook, sheets, frozen } = inspect(&input, &sources, password, frozen_flags)?;
    let name = input.name();
    let mut out = std::io::stdout().lock();
    match arguments.output_format {
        InspectionFormat::Full => full(&mut out, &name, &workbook, &sheets)?,
        InspectionFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document(&name, &workbook, &sheets))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    if sheets.iter().all(|sheet| sheet.tables().is_empty()) {
        return Ok(ExitStatus::Findings);
    }
    if let (Some(target), Some(frozen)) = (target, frozen) {
        target.save(&input, &frozen)?;
    }
    Ok(ExitStatus::Clean)
}

/// Looks at a workbook, and freezes what was found if it is given the flags that led there.
pub(super) fn inspect(
    input: &Input,
    sources: &Sources,
    password: Option<Password>,
    frozen_flags: Option<&Layer>,
) -> anyhow::Result<Inspected> {
    let inspection = || -> anyhow::Result<Inspected> {
        let in_force = sources.of_input(input)?;
        let mut workbook = open::workbook(input, &in_force, password)?;
        let options = in_force.conversion(input)?;
        let settings = in_force.settings(Destination::NewFile);
        let sheets = metricsheet_convert::inspect(&mut workbook, &options, &settings)?;
        let has_table = sheets.iter().any(|sheet| !sheet.tables().is_empty());
        let frozen = match frozen_flags.filter(|_| has_table) {
            Some(flags) => Some(frozen_layout::freeze(&mut workbook, &sheets, &options, &settings, flags)?),
            None => None,
        };
        Ok(Inspected { workbook, sheets, frozen })
    };
    inspection().with_context(|| format!("cannot inspect `{}`", input.name()))
}

fn full(
    out: &mut dyn Write,
    name: &str,
    workbook: &Workbook,
    sheets: &[SheetInspection],
) -> std::io::Result<()> {
    let (kind, dates) = (kind(workbook), date_system(workbook));
    let name = harmless(name);
    match workbook.text_facts() {
        None => writeln!(out, "`{name}`: {kind}, date system {dates}")?,
        Some(facts) => {
            let delimiter = facts.dialect.delimiter.as_deref().map_or_else(|| "none".to_owned(), quoted);
            writeln!(out, "`{name}`: {kind}, {}, delimiter {delimiter}", facts.encoding)?;
        }
    }
    let mut others = workbook.other_sheets().iter().peekable();
    for (index, it) in sheets.iter().enumerate() {
        let number = workbook.tab_number(index);
        while let Some(other) = others.next_if(|other| other.tab < number) {
            without_cells(out, other)?;
        }
        writeln!(out)?;
        let visibility = match it.sheet.visibility {
            Visibility::Visible => "",
            Visibility::Hidden => ", hidden",
            Visibility::VeryHidden => ", hidden from the menu",
        };
        write!(out, "sheet {number} `{}`{visibility}: ", harmless(&it.sheet.name))?;
        let Some((row, column)) = it.end else {
            writeln!(out, "empty")?;
            continue;
        };
        writeln!(out, "{} rows with cells, up to {column}{row}", it.rows)?;
        if it.hidden_rows > 0 {
            writeln!(out, "  {} of the rows are hidden", it.hidden_rows)?;
        }
        for columns in &it.facts.hidden_columns {
            match (columns.start(), columns.end()) {
                (first, last) if first == last => writeln!(out, "  column {first} is hidden")?,
                (first, last) => writeln!(out, "  columns {first} to {last} are hidden")?,
            }
        }
        match it.facts.merged.len() {
            0 => {}
            1 => writeln!(out, "  1 merged area")?,
            count => writeln!(out, "  {count} merged areas")?,
        }
        for area in &it.areas {
            writeln!(out, "  `{}` is {}; `--table` takes it", area.name, area_words(area))?;
        }
        match &it.found {
            Found::Tables(tables) => tables.iter().try_for_each(|it| table(out, it))?,
            Found::NoTable(_) | Found::NotChosen | Found::Hidden => {
                writeln!(out, "  no table: {}", problem(&it.found).unwrap_or_default())?;
            }
        }
    }
    others.try_for_each(|other| without_cells(out, other))
}

fn without_cells(out: &mut dyn Write, sheet: &OtherSheet) -> std::io::Result<()> {
    let OtherSheet { name, kind, tab } = sheet;
    writeln!(out, "\nsheet {} `{}`: {}, without cells to convert", tab + 1, harmless(name), kind.label())
}

fn table(
    out: &mut dyn Write,
    TableInspection { layout, alternatives }: &TableInspection,
) -> std::io::Result<()> {
    let template = layout.template.name;
    let extent =
        layout.extent.as_ref().map(|it| format!(" from column {} on", it.start())).unwrap_or_default();
    match (layout.rows_above.first(), layout.header) {
        (Some(first), Some(row)) => {
            writeln!(out, "  table{extent} with its header in rows {first} to {row}, template {template}")?;
        }
        (None, Some(row)) => {
            writeln!(out, "  table{extent} with its header in row {row}, template {template}")?;
        }
        (_, None) => writeln!(out, "  table without a header, template {template}")?,
    }
    for it in &layout.columns {
        writeln!(
            out,
            "    {:<20}  column {:<3} `{}` ({})",
            it.field.label(),
            it.column.to_string(),
            harmless(&it.header),
            it.claim.label()
        )?;
    }
    for it in layout.periods() {
        let (column, day) = (it.column.to_string(), it.day);
        writeln!(
            out,
            "    {:<20}  column {column:<3} `{}` (period, stands for {day})",
            "Metric Value",
            harmless(&it.header)
        )?;
    }
    if let Some(YearFrom { year, place }) = &layout.year_from {
        writeln!(out, "    the year of the periods is taken from {place}: `{year}`")?;
    }
    for PassedOver { column, header, reason } in &layout.passed_over {
        writeln!(out, "    column {column} `{}` {}; it is left out", harmless(header), reason.label())?;
    }
    for (field, candidate) in alternatives {
        writeln!(
            out,
            "    column {} `{}` could hold {field} too ({}); `--map '{field}={}'` would take it",
            candidate.column,
            harmless(&candidate.header),
            candidate.claim.label(),
            candidate.column
        )?;
    }
    Ok(())
}

/// Why a sheet gives no table; `None` if it gives some.
fn problem(found: &Found) -> Option<String> {
    match found {
        Found::Tables(_) => None,
        Found::NoTable(error) => Some(error.to_string()),
        Found::NotChosen => Some("other sheets are chosen".to_owned()),
        Found::Hidden => Some("what is hidden is left out".to_owned()),
    }
}

/// `the table A4:F20`
fn area_words(area: &NamedArea) -> String {
    let kind = match area.kind {
        AreaKind::Table => "the table",
        AreaKind::Name => "a name of",
    };
    format!("{kind} {}", cells(&area.range))
}

fn cells(range: &CellRange) -> String {
    format!("{}{}:{}{}", range.first_column, range.first_row, range.last_column, range.last_row)
}

fn document(name: &str, workbook: &Workbook, sheets: &[SheetInspection]) -> serde_json::Value {
    let sheets = sheets.iter().enumerate();
    let sheets: Vec<_> =
        sheets.map(|(index, sheet)| sheet_document(workbook.tab_number(index), sheet)).collect();
    let other_sheets = workbook.other_sheets().iter();
    let other_sheets: Vec<_> = other_sheets
        .map(|it| json!({"number": it.tab + 1, "name": it.name, "is": it.kind.label()}))
        .collect();
    json!({
        "version": 1,
        "file": name,
        "format": kind(workbook),
        "date_system": date_system(workbook),
        "sheets": sheets,
        "other_sheets": other_sheets,
    })
}

fn sheet_document(number: usize, it: &SheetInspection) -> serde_json::Value {
    let visibility = match it.sheet.visibility {
        Visibility::Visible => "visible",
        Visibility::Hidden => "hidden",
        Visibility::VeryHidden => "very-hidden",
    };
    let hidden_columns = it.facts.hidden_columns.iter().map(|it| format!("{}:{}", it.start(), it.end()));
    let merged = it
        .facts
        .merged
        .iter()
        .map(|it| format!("{}{}:{}{}", it.first_column, it.first_row, it.last_column, it.last_row));
    let tables: Vec<_> = it.tables().iter().map(table_document).collect();
    json!({
        "number": number,
        "name": it.sheet.name,
        "visibility": visibility,
        "rows": it.rows,
        "hidden_rows": it.hidden_rows,
        "end": it.end.map(|(row, column)| format!("{column}{row}")),
        "hidden_columns": hidden_columns.collect::<Vec<_>>(),
        "merged": merged.collect::<Vec<_>>(),
        "named_areas": it
            .areas
            .iter()
            .map(|area| json!({"name": area.name, "cells": cells(&area.range)}))
            .collect::<Vec<_>>(),
        "tables": tables,
        "problem": problem(&it.found),
    })
}

fn table_document(TableInspection { layout, alternatives }: &TableInspection) -> serde_json::Value {
    let columns = layout.columns.iter().map(|it| {
        json!({
            "field": it.field.label(),
            "column": it.column.to_string(),
            "header": it.header,
            "claim": it.claim.label(),
        })
    });
    let periods = layout
        .periods()
        .iter()
        .map(|it| json!({"column": it.column.to_string(), "header": it.header, "day": it.day.to_string()}));
    let left_out = layout
        .passed_over
        .iter()
        .map(|it| json!({"column": it.column.to_string(), "header": it.header, "reason": it.reason.label()}));
    let alternatives = alternatives.iter().map(|(field, it)| {
        json!({
            "field": field.label(),
            "column": it.column.to_string(),
            "header": it.header,
            "claim": it.claim.label(),
        })
    });
    json!({
        "template": layout.template.name,
        "header_row": layout.header.map(metricsheet_core::RowNumber::get),
        "rows_above": layout.rows_above.iter().map(|row| row.get()).collect::<Vec<_>>(),
        "first_column": layout.extent.as_ref().map(|it| it.start().to_string()),
        "columns": columns.collect::<Vec<_>>(),
        "periods": periods.collect::<Vec<_>>(),
        "year_from": layout.year_from.as_ref().map(|it| json!({"year": it.year, "place": it.place})),
        "left_out": left_out.collect::<Vec<_>>(),
        "alternatives": alternatives.collect::<Vec<_>>(),
    })
}

fn kind(workbook: &Workbook) -> &'static str {
    match workbook.kind() {
        WorkbookKind::Xlsx => "xlsx",
        WorkbookKind::Xlsb => "xlsb",
        WorkbookKind::Xls => "xls",
        WorkbookKind::Ods => "ods",
        WorkbookKind::FlatOds => "flat ods",
        WorkbookKind::Xml2003 => "xml spreadsheet 2003",
        WorkbookKind::Html => "web page",
        WorkbookKind::WebArchive => "web archive",
        WorkbookKind::Text => "delimited text",
    }
}

fn date_system(workbook: &Workbook) -> u32 {
    match workbook.dates() {
        DateSystem::From1900 => 1900,
        DateSystem::From1904 => 1904,
    }
}
