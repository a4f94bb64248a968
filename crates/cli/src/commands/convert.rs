//! `metricsheet convert`: workbooks into metric-update CSV files. One bad workbook does not stop the others.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Cursor;
use std::path::PathBuf;

use anyhow::Context as _;
use metricsheet_convert::layout::{HeaderRow, Mapping, Wanted};
use metricsheet_convert::output::{RejectsWriter, write_rows};
use metricsheet_convert::reading::CellRange;
use metricsheet_convert::{
    Conversion, Counts, Hidden, LeftOut, Merged, Options, SheetChoice, SheetConversion, Unpivot, Workbook,
};
use metricsheet_core::{Applicability, Destination, Finding, Place, RowNumber, Settings};

use crate::exit::ExitStatus;
use crate::inputs::{self, Input};
use crate::new_files::{Destinations, Target};
use crate::settings_arguments::{SettingsArguments, TemplateName};

/// The extensions that directories are searched for. What a file is, its content tells.
const EXTENSIONS: &[&str] = &["xlsx", "xlsm", "xlsb", "xls", "ods"];

/// What `convert` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Workbooks, directories to search for them, or - for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Where to write: a file, a directory, or - for standard output [default: NAME.csv beside the input]
    #[arg(short, long, value_name = "FILE|DIR|-")]
    output: Option<PathBuf>,

    /// Where to list the rows that are not written [default: NAME.rejects.csv beside the output]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Write over existing files
    #[arg(long)]
    force: bool,

    /// Sheets to convert: a name, a number from 1, or a pattern; repeatable [default: all that hold a table]
    #[arg(long, value_name = "NAME|NUMBER|GLOB")]
    sheet: Vec<String>,

    /// The cells that count: B4:F200, columns B:F, or rows 4:200
    #[arg(long, value_name = "RANGE", value_parser = CellRange::parse)]
    range: Option<CellRange>,

    /// The row of the header: a number, auto or none
    #[arg(long, value_name = "N", default_value = "auto", value_parser = header_row)]
    header_row: HeaderRow,

    /// The column of a field, by its header or letters, such as 'External ID=KPI code'; repeatable
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = Mapping::parse)]
    map: Vec<Mapping>,

    /// The date of all rows, for sheets without a column for it
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,

    /// What to do with metrics down and periods across: auto (a row for each metric and period) or never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = unpivot)]
    unpivot: Unpivot,

    /// Leave out hidden sheets, columns and rows, filtered rows too [default: use and report them]
    #[arg(long)]
    skip_hidden: bool,

    /// Give all cells of a merged area the value of its first one
    #[arg(long)]
    fill_merged: bool,

    /// Apply fixes that are likely but not certain, too
    #[arg(long)]
    unsafe_fixes: bool,

    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    settings: SettingsArguments,
}

fn header_row(text: &str) -> Result<HeaderRow, String> {
    match text {
        "auto" => Ok(HeaderRow::Auto),
        "none" => Ok(HeaderRow::Absent),
        _ => match text.parse() {
            Ok(number @ 1..) => Ok(HeaderRow::At(RowNumber::new(number))),
            Ok(0) | Err(_) => Err("give a row number from 1, `auto` or `none`".to_owned()),
        },
    }
}

fn unpivot(text: &str) -> Result<Unpivot, String> {
    match text {
        "auto" => Ok(Unpivot::Auto),
        "never" => Ok(Unpivot::Never),
        _ => Err("give `auto` or `never`".to_owned()),
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let settings = arguments.settings.settings(Destination::NewFile)?;
    let options = Options {
        sheets: arguments.sheet.iter().map(|sheet| SheetChoice::parse(sheet)).collect(),
        range: arguments.range,
        wanted: Wanted {
            template: arguments.settings.template.map(TemplateName::template),
            map: arguments.map.clone(),
            header_row: arguments.header_row,
            date_given: arguments.as_of.is_some(),
        },
        as_of: arguments.as_of.clone(),
        unpivot: arguments.unpivot,
        hidden: if arguments.skip_hidden { Hidden::Skipped } else { Hidden::Used },
        merged: if arguments.fill_merged { Merged::Filled } else { Merged::AsStored },
        selection: arguments.settings.selection()?,
        fixes: Some(if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe }),
    };
    let found = inputs::find(&arguments.paths, &arguments.stdin_filename, EXTENSIONS);
    let destinations = Destinations::new(arguments.output.as_deref(), found.len())?;
    if found.is_empty() {
        anyhow::bail!("there is no workbook in the directories given");
    }
    let mut run = Run {
        arguments,
        settings,
        options,
        destinations,
        inputs: Vec::new(),
        written: HashSet::new(),
        rejects: Vec::new(),
    };
    run.inputs.extend(found.iter().flatten().cloned());
    let mut worst = ExitStatus::Clean;
    for input in found {
        let status = input.and_then(|input| run.convert(&input)).unwrap_or_else(|error| {
            anstream::eprintln!("error: {error:#}");
            ExitStatus::Unusable
        });
        worst = worst.or_worse(status);
    }
    run.write_shared_rejects()?;
    Ok(worst)
}

struct Run<'a> {
    arguments: &'a Arguments,
    settings: Settings,
    options: Options,
    destinations: Destinations,
    inputs: Vec<Input>,
    /// `--force` writes over older files, never over what this run has written.
    written: HashSet<Target>,
    /// What goes to the one file of rejects that the caller names.
    rejects: Vec<(String, Conversion)>,
}

impl Run<'_> {
    fn convert(&mut self, input: &Input) -> anyhow::Result<ExitStatus> {
        let name = input.name();
        let conversion = open(input).and_then(|mut workbook| {
            Ok(metricsheet_convert::convert(&mut workbook, &self.options, &self.settings)?)
        });
        let conversion = conversion.with_context(|| format!("cannot convert `{name}`"))?;
        let mut status = self.report_missing_tables(&name, &conversion);
        let several = conversion.sheets.len() > 1;
        for sheet in &conversion.sheets {
            let target = self.destinations.target(input, several.then_some(sheet.sheet.as_str()));
            if target != Target::StandardOutput && !self.written.insert(target.clone()) {
                anyhow::bail!("cannot write `{name}` to {target}: another input was just written to it");
            }
            target.write(&self.inputs, self.arguments.force, |to| Ok(write_rows(sheet, to)?))?;
            if !self.arguments.quiet {
                report(&name, sheet, &target);
            }
        }
        if conversion.sheets.iter().any(|sheet| !sheet.rejects.is_empty()) {
            status = status.or_worse(ExitStatus::Findings);
            if self.arguments.rejects.is_some() {
                self.rejects.push((name, conversion));
            } else {
                let target = self.destinations.rejects(input);
                self.write_rejects(&target, &[(name, conversion)])?;
            }
        }
        Ok(status)
    }

    /// Names the sheets that should hold a table and do not: those chosen, or all if none does.
    fn report_missing_tables(&self, name: &str, conversion: &Conversion) -> ExitStatus {
        if conversion.sheets.is_empty() && conversion.without_table.is_empty() {
            anstream::eprintln!("error[W007]: `{name}`: the workbook has no cells");
            return ExitStatus::Findings;
        }
        if !conversion.sheets.is_empty() && self.arguments.sheet.is_empty() {
            return ExitStatus::Clean;
        }
        for (sheet, error) in &conversion.without_table {
            anstream::eprintln!("error[W007]: `{name}`, sheet `{sheet}`: {error}");
        }
        if conversion.without_table.is_empty() { ExitStatus::Clean } else { ExitStatus::Findings }
    }

    fn write_shared_rejects(&self) -> anyhow::Result<()> {
        match &self.arguments.rejects {
            Some(path) if !self.rejects.is_empty() => {
                self.write_rejects(&Target::File(path.clone()), &self.rejects)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn write_rejects(&self, target: &Target, conversions: &[(String, Conversion)]) -> anyhow::Result<()> {
        target.write(&self.inputs, self.arguments.force, |to| {
            let mut writer = RejectsWriter::new(to)?;
            for (name, conversion) in conversions {
                for sheet in &conversion.sheets {
                    writer.write(name, sheet)?;
                }
            }
            writer.into_inner()?;
            Ok(())
        })
    }
}

fn open(input: &Input) -> anyhow::Result<Workbook> {
    Ok(match input {
        Input::File(path) => Workbook::open(File::open(path)?)?,
        Input::Stdin(_) => Workbook::open(Cursor::new(input.read()?))?,
    })
}

/// What was found and what became of the rows, on standard error. Cells that were mended are only counted.
fn report(name: &str, sheet: &SheetConversion, target: &Target) {
    for finding in sheet.findings.iter().filter(|finding| !sheet.is_mended(finding)) {
        let (severity, code) = (finding.severity.label(), finding.rule.code);
        // What concerns workbooks alone names its place itself.
        let place =
            if code.starts_with('W') { String::new() } else { format!(", {}", place(sheet, finding)) };
        anstream::eprintln!("{severity}[{code}]: `{name}`{place}: {}", finding.message);
    }
    for (column, header) in &sheet.layout.passed_over {
        anstream::eprintln!(
            "note: `{name}`: column {column} (`{header}`) of sheet `{}` is no single period; it is left out",
            sheet.sheet
        );
    }
    let Counts { read, written, rejected, left_out } = &sheet.counts;
    let mended = sheet.findings.iter().filter(|finding| sheet.is_mended(finding)).count();
    anstream::eprintln!(
        "`{name}`, sheet `{}`: {read} rows read, {written} written to {target}, {rejected} rejected{}; {mended} \
         findings mended",
        sheet.sheet,
        left_out_words(left_out)
    );
}

fn left_out_words(left_out: &BTreeMap<LeftOut, u64>) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let total: u64 = left_out.values().sum();
    let reasons: Vec<_> =
        left_out.iter().map(|(reason, count)| format!("{count} {}", reason.label())).collect();
    format!(", {total} left out ({})", reasons.join(", "))
}

fn place(sheet: &SheetConversion, finding: &Finding) -> String {
    let name = &sheet.sheet;
    let cell = match finding.place {
        Place::File => return format!("sheet `{name}`"),
        Place::Row(_) => None,
        Place::Cell(row, field) => sheet.cell_name(row, field),
    };
    match (cell, finding.place.row().map(|row| sheet.sheet_row(row))) {
        (Some(cell), _) => format!("sheet `{name}`, cell {cell}"),
        (None, Some(row)) => format!("sheet `{name}`, row {row}"),
        (None, None) => format!("sheet `{name}`"),
    }
}
