//! The command line: reads arguments, calls the libraries, renders. It holds no rule, no format and no
//! protocol of its own. The library is the program without its `main`, and what its laws are held against.

mod arguments;
mod baseline;
mod before_sending;
mod commands;
mod comparison;
mod connection;
mod deliveries;
mod exit;
mod file_source;
mod flush_ahead;
mod frozen_layout;
mod in_place;
mod inputs;
mod json_body;
mod keys;
mod known_plan;
mod layout_arguments;
mod new_files;
mod open;
mod output;
mod parallel;
mod passwords;
mod plan_file;
mod progress;
mod saved_layout;
mod say;
mod sending;
mod settings;
mod settings_arguments;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::exit::ExitStatus;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Convert(arguments) => commands::convert::run(&arguments),
        Command::Inspect(arguments) => commands::inspect::run(&arguments),
        Command::Init(arguments) => commands::init::run(&arguments),
        Command::Config(arguments) => commands::config::run(&arguments),
        Command::Rule(arguments) => commands::rule::run(&arguments),
        Command::Upload(arguments) => commands::upload::run(&arguments),
        Command::Status(arguments) => commands::status::run(&arguments),
        Command::Plan(arguments) => commands::plan::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
        Command::Man(arguments) => commands::man::run(&arguments),
    };
    match outcome {
        Ok(status) => status.into(),
        // Whoever closed the pipe has seen enough.
        Err(error) if is_closed_pipe(&error) => ExitStatus::Clean.into(),
        Err(error) => {
            say::complain(&error);
            ExitStatus::Unusable.into()
        }
    }
}

/// Whether a settings file can be understood; files that it names are not looked at.
///
/// # Errors
/// If it cannot; the error begins with `metricsheet.toml:` and the 1-based line.
pub fn understand_settings(text: &str) -> anyhow::Result<()> {
    settings::understand(text)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let is_closed = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(is_closed))
}
