//! `metricsheet convert`: workbooks and messy CSV files into metric-update CSV files. One bad file does not stop
//! the others.

mod currency;
mod earlier_results;
mod messages;
mod raw;
mod run;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::exit::ExitStatus;
use crate::inputs;
use crate::new_files::Destinations;
use crate::parallel::{self, Event};
use crate::passwords::password;
use crate::progress::Progress;
use crate::settings::{Layer, of_flag};
use crate::settings_arguments::SettingsArguments;

use raw::RawArguments;
use run::{Job, Run};

/// What `convert` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Workbooks, CSV and other text files, directories to search for them, or - for standard input
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Where to write: a file, a directory, or - for standard output [default: NAME.csv beside the input, NAME.clean.csv beside NAME.csv]
    #[arg(short, long, value_name = "FILE|DIR|-")]
    output: Option<PathBuf>,

    /// Where to list the rows that are not written [default: NAME.rejects.csv beside the output]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,

    /// Write a JSON line for each cell of the output: the cell it was made from, what that stores, shows and why
    #[arg(long, value_name = "FILE")]
    provenance: Option<PathBuf>,

    /// Write what was found and what became of the rows as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write over existing files
    #[arg(long)]
    force: bool,

    /// Write nothing; exit with 1 unless the files that would be written are there and current
    #[arg(long, conflicts_with_all = ["force", "rejects", "provenance", "report"])]
    check: bool,

    /// Sheets to convert: a name, a number from 1, or a pattern; repeatable [default: all that hold a table]
    #[arg(long, value_name = "NAME|NUMBER|GLOB")]
    sheet: Vec<String>,

    /// The cells that count: B4:F200, columns B:F, or rows 4:200
    #[arg(long, value_name = "RANGE")]
    range: Option<String>,

    /// The Excel table or defined name that counts, in xlsx, xlsm and ods
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sheet", "range"])]
    table: Option<String>,

    /// The row of the header: a number, auto or none [default: auto]
    #[arg(long, value_name = "N")]
    header_row: Option<String>,

    /// The column of a field, by its header or letters, such as 'External ID=KPI code'; repeatable
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,

    /// The date of all rows, for sheets without a column for it
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,

    /// What to do with metrics down and periods across: auto (a row for each metric and period) or never
    /// [default: auto]
    #[arg(long, value_name = "WHEN")]
    unpivot: Option<String>,

    /// Leave out hidden sheets, columns and rows, filtered rows too [default: use and report them]
    #[arg(long)]
    skip_hidden: bool,

    /// Give all cells of a merged area the value of its first one
    #[arg(long)]
    fill_merged: bool,

    /// The environment variable that holds the password of encrypted workbooks
    #[arg(long, value_name = "NAME")]
    password_env: Option<String>,

    /// Apply fixes that are likely but not certain, too
    #[arg(long)]
    unsafe_fixes: bool,

    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,

    /// Exit with 1 for warnings too
    #[arg(long)]
    deny_warnings: bool,

    /// Exit with 0 whatever was found
    #[arg(long, conflicts_with = "deny_warnings")]
    exit_zero: bool,

    /// How many workbooks are read at the same time [default: as many as there are processor cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    raw: RawArguments,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let sources = arguments.settings.sources_with(arguments.layer())?;
    let password = password(arguments.password_env.as_deref())?;
    let mut found = inputs::find(&arguments.paths, &arguments.stdin_filename, inputs::TABLE_EXTENSIONS);
    earlier_results::leave_out(&mut found, &arguments.paths, arguments.quiet);
    if found.is_empty() {
        anyhow::bail!("there is neither a workbook nor a CSV file in the directories given");
    }
    let destinations = &Destinations::new(arguments.output.as_deref(), found.len())?;
    let job = Job { arguments, destinations, sources, password };
    if arguments.raw.raw {
        return Ok(raw::run(arguments, &job, destinations, found));
    }
    let mut run = Run::begin(arguments, destinations, found.iter().flatten().cloned().collect())?;
    let mut progress = Progress::on_terminal("converted", found.len(), !arguments.quiet);
    parallel::in_order(
        found,
        parallel::threads(arguments.jobs),
        |input| input.map(|input| (job.convert(&input), input)),
        |event| {
            match event {
                Event::Progress(finished) => progress.show(finished),
                Event::Result(converted) => {
                    progress.clear();
                    run.take(converted);
                }
            }
            Ok(())
        },
    )?;
    progress.clear();
    run.finish()
}

impl Arguments {
    /// The flags that are settings.
    fn layer(&self) -> Layer {
        let text = |name, value: &Option<String>| Some(of_flag(name, value.clone()?));
        let list = |name, values: &Vec<String>| (!values.is_empty()).then(|| of_flag(name, values.clone()));
        let flag = |name, is_set: bool| is_set.then(|| of_flag(name, true));
        [
            list("convert.sheet", &self.sheet),
            text("convert.range", &self.range),
            text("convert.table", &self.table),
            text("convert.header-row", &self.header_row),
            list("convert.map", &self.map),
            text("convert.as-of", &self.as_of),
            text("convert.unpivot", &self.unpivot),
            flag("convert.skip-hidden", self.skip_hidden),
            flag("convert.fill-merged", self.fill_merged),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
