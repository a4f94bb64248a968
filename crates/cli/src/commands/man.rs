//! `metricsheet man`: manual pages, made from the program's own description of its flags: one for the program,
//! one for each command.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::exit::ExitStatus;

/// What `man` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The command, such as `upload` or `plan pull` [default: the page of the program]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,

    /// Write all pages into this directory, for packagers
    #[arg(short, long, value_name = "DIR", conflicts_with = "command")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    let mut program = crate::arguments::Arguments::command().disable_help_subcommand(true);
    program.build();
    match &arguments.output {
        Some(directory) => write_all(&program, directory)?,
        None => std::io::stdout().lock().write_all(&page(find(&program, &arguments.command)?)?)?,
    }
    Ok(ExitStatus::Clean)
}

/// The command that the words lead to.
fn find<'a>(program: &'a Command, words: &[String]) -> anyhow::Result<&'a Command> {
    words.iter().try_fold(program, |command, word| {
        let known = || command.get_subcommands().map(Command::get_name).collect::<Vec<_>>().join(", ");
        command.find_subcommand(word).with_context(|| match known() {
            none if none.is_empty() => format!("`{}` has no commands of its own", command.get_name()),
            known => format!("there is no command `{word}`; there are {known}"),
        })
    })
}

/// `metricsheet-plan-pull.1` and so on.
fn write_all(command: &Command, directory: &Path) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = directory.join(format!("{name}.1"));
    std::fs::write(&path, page(command)?).with_context(|| format!("cannot write `{}`", path.display()))?;
    command.get_subcommands().try_for_each(|command| write_all(command, directory))
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
