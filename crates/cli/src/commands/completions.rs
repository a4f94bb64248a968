//! `metricsheet completions`: the completions of a shell, made from the program's own description of its flags.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::exit::ExitStatus;

/// What `completions` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let mut command = crate::arguments::Arguments::command();
    let name = command.get_name().to_owned();
    // Written to memory first: clap's writer panics on a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(ExitStatus::Clean)
}
