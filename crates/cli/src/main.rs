//! The command line: reads arguments, calls the libraries, renders. It holds no rule, no format and no
//! protocol of its own.

mod arguments;
mod before_sending;
mod commands;
mod connection;
mod deliveries;
mod exit;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::exit::ExitStatus;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Upload(arguments) => commands::upload::run(&arguments),
        Command::Status(arguments) => commands::status::run(&arguments),
    };
    match outcome {
        Ok(status) => status.into(),
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitStatus::Unusable.into()
        }
    }
}
