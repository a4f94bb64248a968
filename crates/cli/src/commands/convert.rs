//! `metricsheet convert`: workbooks into metric-update CSV files. One bad workbook does not stop the others;
//! the input is never written, and an existing file only if asked to.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use metricsheet_convert::layout::{HeaderRow, Mapping, Wanted};
use metricsheet_convert::output::{RejectsWriter, write_rows};
use metricsheet_convert::{Conversion, Counts, Options, SheetChoice, SheetConversion, Workbook};
use metricsheet_core::{Applicability, Destination, Field, Finding, Place, RowNumber, Settings, Severity, Template};

use crate::exit::ExitStatus;
use crate::settings_arguments::SettingsArguments;

/// The extensions that directories are searched for.
const EXTENSIONS: &[&str] = &["xlsx", "xlsm", "xlsb", "xls", "ods"];

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Workbooks, and directories to search for them
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Where to write: a file, a directory, or `-` for standard output [default: `NAME.csv` beside the input]
    #[arg(short, long, value_name = "FILE|DIR|-")]
    output: Option<PathBuf>,

    /// Where to list the rows that are not written [default: `NAME.rejects.csv` beside the output]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Write over existing files
    #[arg(long)]
    force: bool,

    /// Which sheets: a name, a number from 1, or a pattern; repeatable [default: all that hold a table]
    #[arg(long, value_name = "NAME|NUMBER|GLOB")]
    sheet: Vec<String>,

    /// Where the header stands
    #[arg(long, value_name = "N|auto|none", default_value = "auto", value_parser = header_row)]
    header_row: HeaderRow,

    /// Which column holds a field, by its header or letters: `External ID=KPI code`; repeatable
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = Mapping::parse)]
    map: Vec<Mapping>,

    /// The date of every row, for sheets without a column for it
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,

    /// The template of the output [default: told by the header, else metric-updates]
    #[arg(long, value_name = "NAME", value_parser = template)]
    template: Option<Template>,

    /// Apply fixes that are likely but not certain, too
    #[arg(long)]
    unsafe_fixes: bool,

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

fn template(name: &str) -> Result<Template, String> {
    Template::named(name).ok_or_else(|| "give `metric-updates` or `progress-updates`".to_owned())
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let settings = arguments.settings.settings(Destination::NewFile)?;
    let inputs = inputs(&arguments.paths)?;
    let plan = OutputPlan::new(arguments, inputs.len())?;
    let mut worst = ExitStatus::Clean;
    let mut rejects = SharedRejects::new(arguments.rejects.as_deref(), arguments.force);
    for input in &inputs {
        let status = convert(input, arguments, &settings, &plan, &mut rejects).unwrap_or_else(|error| {
            anstream::eprintln!("error: {error:#}");
            ExitStatus::Unusable
        });
        worst = worst.or_worse(status);
    }
    rejects.finish()?;
    Ok(worst)
}

fn convert(
    input: &Path,
    arguments: &Arguments,
    settings: &Settings,
    plan: &OutputPlan,
    rejects: &mut SharedRejects,
) -> anyhow::Result<ExitStatus> {
    let name = input.display().to_string();
    let file = File::open(input).with_context(|| format!("cannot open `{name}`"))?;
    let mut workbook = Workbook::open(file).with_context(|| format!("cannot read `{name}`"))?;
    let options = Options {
        sheets: arguments.sheet.iter().map(|sheet| SheetChoice::parse(sheet)).collect(),
        wanted: Wanted {
            template: arguments.template.clone(),
            map: arguments.map.clone(),
            header_row: arguments.header_row,
            date_given: arguments.as_of.is_some(),
        },
        as_of: arguments.as_of.clone(),
        fixes: Some(if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe }),
    };
    let conversion = metricsheet_convert::convert(&mut workbook, &options, settings)
        .with_context(|| format!("cannot convert `{name}`"))?;
    let mut status = report_missing_tables(&name, &conversion, !arguments.sheet.is_empty());
    let several = conversion.sheets.len() > 1;
    for sheet in &conversion.sheets {
        let target = plan.target(input, several.then_some(sheet.sheet.as_str()));
        target.write(input, arguments.force, |to| Ok(write_rows(sheet, to)?))?;
        if !arguments.quiet {
            report(&name, sheet, &target);
        }
        if !sheet.rejects.is_empty() {
            status = status.or_worse(ExitStatus::Findings);
        }
    }
    rejects.add(input, &name, &conversion, plan)?;
    Ok(status)
}

/// Names the sheets that should hold a table and do not.
fn report_missing_tables(name: &str, conversion: &Conversion, sheets_were_chosen: bool) -> ExitStatus {
    let none_holds_one = conversion.sheets.is_empty();
    if none_holds_one && conversion.without_table.is_empty() {
        anstream::eprintln!("error[W007]: `{name}`: the workbook has no cells");
        return ExitStatus::Findings;
    }
    if !none_holds_one && !sheets_were_chosen {
        return ExitStatus::Clean;
    }
    for (sheet, error) in &conversion.without_table {
        anstream::eprintln!("error[W007]: `{name}`, sheet `{sheet}`: {error}");
    }
    if conversion.without_table.is_empty() { ExitStatus::Clean } else { ExitStatus::Findings }
}

/// What was found and what became of the rows, on standard error.
fn report(name: &str, sheet: &SheetConversion, target: &Target) {
    for finding in &sheet.findings {
        // A certain fix of a cell needs no word for each; the counts and the rejects say the rest.
        let is_mended = finding.suggestion.is_some() && !is_rejected(sheet, finding);
        if !is_mended {
            let severity = finding.rule.severity.label();
            let place = place(sheet, finding.place);
            anstream::eprintln!("{severity}[{}]: `{name}`, {place}: {}", finding.rule.code, finding.message);
        }
    }
    let Counts { read, written, rejected, left_out } = &sheet.counts;
    let left_out_total: u64 = left_out.values().sum();
    let reasons: Vec<_> = left_out.iter().map(|(reason, count)| format!("{count} {}", reason.label())).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    anstream::eprintln!(
        "`{name}`, sheet `{}`: {read} rows read, {written} written to {target}, {rejected} rejected, \
         {left_out_total} left out{reasons}",
        sheet.sheet
    );
}

fn is_rejected(sheet: &SheetConversion, finding: &Finding) -> bool {
    finding.rule.severity == Severity::Error
        && sheet.rejects.iter().any(|reject| {
            Some(reject.row) == finding.place.row()
                && reject.field == finding.place.field()
                && reject.code == finding.rule.code
        })
}

fn place(sheet: &SheetConversion, place: Place) -> String {
    let name = &sheet.sheet;
    let cell = |row: RowNumber, field: Field| sheet.cell_name(row, field);
    match place {
        Place::File => format!("sheet `{name}`"),
        Place::Row(row) => format!("sheet `{name}`, row {row}"),
        Place::Cell(row, field) => match cell(row, field) {
            Some(cell) => format!("sheet `{name}`, cell {cell}"),
            None => format!("sheet `{name}`, row {row}"),
        },
    }
}

/// The files named, and those that the directories named hold, in a stable order.
fn inputs(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            inputs.push(path.clone());
            continue;
        }
        let before = inputs.len();
        for entry in ignore::WalkBuilder::new(path).sort_by_file_path(Path::cmp).build() {
            let entry = entry.with_context(|| format!("cannot search `{}`", path.display()))?;
            if entry.file_type().is_some_and(|kind| kind.is_file()) && is_workbook(entry.path()) {
                inputs.push(entry.into_path());
            }
        }
        if inputs.len() == before {
            bail!("there is no workbook in `{}`", path.display());
        }
    }
    Ok(inputs)
}

fn is_workbook(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    // `~$…` marks that a workbook is open; it is none itself.
    let is_lock = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("~$"));
    EXTENSIONS.contains(&extension.as_str()) && !is_lock
}

/// Where outputs go.
enum OutputPlan {
    BesideInput,
    StandardOutput,
    Directory(PathBuf),
    File(PathBuf),
}

impl OutputPlan {
    fn new(arguments: &Arguments, inputs: usize) -> anyhow::Result<Self> {
        let Some(output) = &arguments.output else { return Ok(Self::BesideInput) };
        if output.as_os_str() == "-" {
            return Ok(Self::StandardOutput);
        }
        if output.is_dir() || output.to_string_lossy().ends_with(std::path::MAIN_SEPARATOR) {
            return Ok(Self::Directory(output.clone()));
        }
        if inputs > 1 {
            bail!("several workbooks cannot go to the one file `{}`; give a directory", output.display());
        }
        Ok(Self::File(output.clone()))
    }

    /// The target of a workbook, or of one of its several sheets.
    fn target(&self, input: &Path, sheet: Option<&str>) -> Target {
        let named = |stem: &Path| {
            let mut name = stem.as_os_str().to_owned();
            if let Some(sheet) = sheet {
                name.push(".");
                name.push(file_name_part(sheet));
            }
            name.push(".csv");
            Target::File(PathBuf::from(name))
        };
        match self {
            Self::StandardOutput => Target::StandardOutput,
            Self::BesideInput => named(&input.with_extension("")),
            Self::Directory(directory) => named(&directory.join(input.file_stem().unwrap_or_default())),
            Self::File(file) if sheet.is_none() => Target::File(file.clone()),
            Self::File(file) => named(&file.with_extension("")),
        }
    }

    /// Where the rejects of a workbook go if the caller does not say.
    fn rejects(&self, input: &Path) -> PathBuf {
        match self {
            Self::BesideInput | Self::StandardOutput => input.with_extension("rejects.csv"),
            Self::Directory(directory) => {
                directory.join(input.file_stem().unwrap_or_default()).with_extension("rejects.csv")
            }
            Self::File(file) => file.with_extension("rejects.csv"),
        }
    }
}

/// A sheet's name as a part of a file name: it cannot lead to another directory.
fn file_name_part(sheet: &str) -> String {
    let is_unfit = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    sheet.chars().map(|character| if is_unfit(character) { '_' } else { character }).collect()
}

enum Target {
    StandardOutput,
    File(PathBuf),
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StandardOutput => formatter.write_str("standard output"),
            Self::File(path) => write!(formatter, "`{}`", path.display()),
        }
    }
}

impl Target {
    fn write(
        &self,
        input: &Path,
        force: bool,
        write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::StandardOutput => match write(&mut io::stdout().lock()) {
                // Whoever reads our output has enough of it.
                Err(error) if is_closed_pipe(&error) => Ok(()),
                outcome => outcome.context("cannot write to standard output"),
            },
            Self::File(path) => {
                write_whole(path, input, force, write).with_context(|| format!("cannot write `{}`", path.display()))
            }
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
            || cause.downcast_ref::<csv::Error>().is_some_and(|error| {
                matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
            })
    })
}

/// Writes a file as a whole or not at all: beside its place first, then renamed into it.
fn write_whole(
    path: &Path,
    input: &Path,
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if is_same_file(path, input) {
        bail!("it is the input; give another `--output`");
    }
    if path.exists() && !force {
        bail!("it exists already; give `--force` to write over it");
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    let mut buffered = io::BufWriter::new(file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    if force { file.persist(path)? } else { file.persist_noclobber(path)? };
    Ok(())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        (Ok(_) | Err(_), _) => one == other,
    }
}

/// The rejects: of each workbook in a file of its own, or all in the one that the caller names.
struct SharedRejects<'p> {
    path: Option<&'p Path>,
    force: bool,
    bytes: Option<RejectsWriter<Vec<u8>>>,
    inputs: Vec<PathBuf>,
}

impl<'p> SharedRejects<'p> {
    fn new(path: Option<&'p Path>, force: bool) -> Self {
        Self { path, force, bytes: None, inputs: Vec::new() }
    }

    fn add(&mut self, input: &Path, name: &str, conversion: &Conversion, plan: &OutputPlan) -> anyhow::Result<()> {
        if conversion.sheets.iter().all(|sheet| sheet.rejects.is_empty()) {
            return Ok(());
        }
        let file_name = input.file_name().map_or_else(|| name.to_owned(), |it| it.to_string_lossy().into_owned());
        if self.path.is_some() {
            self.inputs.push(input.to_owned());
            let mut writer = match self.bytes.take() {
                Some(writer) => writer,
                None => RejectsWriter::new(Vec::new())?,
            };
            for sheet in &conversion.sheets {
                writer.write(&file_name, sheet)?;
            }
            self.bytes = Some(writer);
            return Ok(());
        }
        Target::File(plan.rejects(input)).write(input, self.force, |to| {
            let mut writer = RejectsWriter::new(to)?;
            for sheet in &conversion.sheets {
                writer.write(&file_name, sheet)?;
            }
            writer.into_inner()?;
            Ok(())
        })
    }

    fn finish(self) -> anyhow::Result<()> {
        let (Some(path), Some(writer)) = (self.path, self.bytes) else { return Ok(()) };
        if self.inputs.iter().any(|input| is_same_file(path, input)) {
            bail!("cannot write `{}`: it is an input; give another `--rejects`", path.display());
        }
        let bytes = writer.into_inner()?;
        Target::File(path.to_owned()).write(Path::new(""), self.force, |to| Ok(to.write_all(&bytes)?))
    }
}
