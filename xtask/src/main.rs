//! Chores of the project, one file each: `cargo xtask ci`, `test`, `gen`, `demo`.

mod ci;
mod demo;
mod generate;
mod shell;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// All that must hold before a change is handed in
    Ci,
    /// All tests
    Test,
    /// Write the files that are generated from the code
    Gen {
        /// Write nothing; fail if a file is not current
        #[arg(long)]
        check: bool,
    },
    /// Convert, check, fix and submit, from end to end, on this machine alone
    Demo,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Ci => ci::all(),
        Chore::Test => ci::test(),
        Chore::Gen { check } => generate::run(check),
        Chore::Demo => demo::run(),
    };
    if let Err(error) = outcome {
        anstream::eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
