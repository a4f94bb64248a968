//! Chores of the project, one file each: `cargo xtask ci`, `test`, `hooks`, `gen`, `mutate`, `fuzz`, `demo`,
//! `bench`, `soak`, `corpus`.

mod bench;
mod ci;
mod corpus;
mod demo;
mod fuzz;
mod generate;
mod hooks;
mod measure;
mod mutate;
mod mutation;
mod shell;
mod soak;

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
    /// All tests, those of the hooks for pre-commit included
    Test,
    /// Install the hooks with pre-commit and see that they fail, repair and pass when they should
    Hooks,
    /// Write the files that are generated from the code
    Gen {
        /// Write nothing; fail if a file is not current
        #[arg(long)]
        check: bool,
    },
    /// Break files on purpose and see that each is read or refused, within limits
    Mutate(mutate::Arguments),
    /// Hold the laws against what a fuzzer thinks of, guided by coverage (needs a C++ compiler)
    Fuzz(fuzz::Arguments),
    /// Convert, check, fix and submit, from end to end, on this machine alone
    Demo,
    /// Measure time and memory beside other programs, and write docs/PERFORMANCE.md
    Bench {
        /// A tenth of the rows, few runs, and no page
        #[arg(long)]
        quick: bool,
        /// Measure the release build as it stands
        #[arg(long)]
        no_build: bool,
    },
    /// Check, fix and convert thousands of files at once and one of gigabytes, with the release build, and see that memory
    /// stays flat and nothing is left behind
    Soak(soak::Arguments),
    /// Read the workbooks under METRICSHEET_CORPUS as we do and as others do, and print where the readers differ
    Corpus,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Ci => ci::all(),
        Chore::Test => ci::test(),
        Chore::Hooks => hooks::run(),
        Chore::Gen { check } => generate::run(check),
        Chore::Mutate(arguments) => mutate::run(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Demo => demo::run(),
        Chore::Bench { quick, no_build } => bench::run(quick, no_build),
        Chore::Soak(arguments) => soak::run(&arguments),
        Chore::Corpus => corpus::compare(),
    };
    if let Err(error) = outcome {
        anstream::eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
