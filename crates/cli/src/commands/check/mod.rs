//! `metricsheet check`: finds what is wrong with CSV files and workbooks, shows it, mends CSV files.

mod job;
mod run;
mod telling;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::exit::ExitStatus;
use crate::inputs::{self, Input, TABLE_EXTENSIONS};
use crate::output::OutputFormat;
use crate::parallel::{self, Event};
use crate::passwords::password;
use crate::progress::Progress;
use crate::settings::{Layer, of_flag};
use crate::settings_arguments::SettingsArguments;

use job::Job;
use run::Run;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Files, directories, or - for standard input [default: the current directory]
    paths: Vec<PathBuf>,

    /// Mend what is certain, in place; of standard input, print the mended text
    #[arg(long)]
    fix: bool,

    /// With --fix or --diff: apply doubtful fixes too
    #[arg(long)]
    unsafe_fixes: bool,

    /// Print what --fix would change as a unified diff, and write nothing
    #[arg(long)]
    diff: bool,

    /// Exit with 1 if anything was fixed
    #[arg(long)]
    exit_non_zero_on_fix: bool,

    /// Exit with 1 for warnings too
    #[arg(long)]
    deny_warnings: bool,

    /// Exit with 0 whatever was found
    #[arg(long, conflicts_with_all = ["deny_warnings", "exit_non_zero_on_fix"])]
    exit_zero: bool,

    /// Take the findings of this file for accepted: only others count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Accept all that is found now: write it to this file, for --baseline or the setting `baseline`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline", "diff"])]
    write_baseline: Option<PathBuf>,

    /// The form of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    output_format: OutputFormat,

    /// Write the findings, or the diff, to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,

    /// Count by rule and by file: instead of the findings in full and concise, as `statistics` in json; the
    /// other forms have no place for counts
    #[arg(long, conflicts_with = "diff")]
    statistics: bool,

    /// How many files, or pieces or sheets of a large one, are checked at the same time [default: as many as there are processor cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// The environment variable that holds the password of encrypted workbooks
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,

    /// The name under which standard input is reported
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,

    /// Print no summary and no progress
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    settings: SettingsArguments,
}

impl Arguments {
    /// The flags that are settings.
    fn layer(&self) -> Layer {
        let baseline = self.baseline.as_ref().map(|path| of_flag("baseline", path.to_string_lossy()));
        baseline.into_iter().collect()
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let sources = arguments.settings.sources_with(arguments.layer())?;
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let found = inputs::find(paths, &arguments.stdin_filename, TABLE_EXTENSIONS);
    let prints_text = arguments.fix && found.iter().flatten().any(|input| matches!(input, Input::Stdin(_)));
    let mut run = Run::begin(arguments, prints_text);
    run.refuse_unfit_outputs(&found)?;
    let threads = parallel::threads(arguments.jobs);
    let sheets_at_once = parallel::left_to_each(threads, found.len());
    let password = password(arguments.password_env.as_deref())?;
    let job = Job { arguments, sources, password, sheets_at_once };
    let mut progress = Progress::on_terminal("checked", found.len(), !arguments.quiet);
    parallel::in_order(
        found,
        threads,
        |input| job.input(input),
        |event| {
            match event {
                Event::Progress(finished) => progress.show(finished),
                Event::Result(checked) => {
                    progress.clear();
                    run.take(checked)?;
                }
            }
            Ok(())
        },
    )?;
    progress.clear();
    run.finish()
}
