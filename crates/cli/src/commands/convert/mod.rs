//! `metricsheet convert`: workbooks and messy CSV files into metric-update CSV files. One bad file does not stop
//! the others.

mod comparison;
mod currency;
mod earlier_results;
mod messages;
mod raw;
mod run;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::exit::ExitStatus;
use crate::inputs;
use crate::layout_arguments::LayoutArguments;
use crate::new_files::{Destinations, KnownInputs};
use crate::parallel::{self, Event};
use crate::passwords::password;
use crate::progress::Progress;
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

    /// How many workbooks, or sheets of a large one, are read at the same time [default: as many as there are processor cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    layout: LayoutArguments,

    #[command(flatten)]
    raw: RawArguments,

    #[command(flatten)]
    settings: SettingsArguments,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let files = [&arguments.rejects, &arguments.provenance, &arguments.report];
    if files.into_iter().flatten().any(|path| path.as_os_str() == "-") {
        anyhow::bail!("rejects, provenance and reports go to files: give a name instead of `-`");
    }
    let sources = arguments.settings.sources_with(arguments.layout.layer())?;
    let password = password(arguments.password_env.as_deref())?;
    let mut found = inputs::find(&arguments.paths, &arguments.stdin_filename, inputs::TABLE_EXTENSIONS);
    earlier_results::leave_out(&mut found, &arguments.paths, arguments.quiet);
    if found.is_empty() {
        anyhow::bail!("there is neither a workbook nor a CSV file in the directories given");
    }
    let destinations = &Destinations::new(arguments.output.as_deref(), found.len())?;
    let threads = parallel::threads(arguments.jobs);
    let sheets_at_once = parallel::left_to_each(threads, found.len());
    let job = Job { arguments, destinations, sources, password, sheets_at_once };
    if arguments.raw.raw {
        return Ok(raw::run(arguments, &job, destinations, found));
    }
    let mut run = Run::begin(arguments, destinations, KnownInputs::new(found.iter().flatten()))?;
    let mut progress = Progress::on_terminal("converted", found.len(), !arguments.quiet);
    parallel::in_order(
        found,
        threads,
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
