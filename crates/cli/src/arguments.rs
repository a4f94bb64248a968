//! What can be typed: the commands and the flags they share.

use clap::{Parser, Subcommand};

use crate::commands;

/// Spreadsheets in, valid metric updates out.
#[derive(Debug, Parser)]
#[command(name = "metricsheet", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what is wrong with CSV files, and mend it
    Check(Box<commands::check::Arguments>),
    /// Turn workbooks into clean CSV files
    Convert(Box<commands::convert::Arguments>),
    /// Show what is in a workbook, and the layout that convert would use
    Inspect(Box<commands::inspect::Arguments>),
    /// Write a settings file, with the layout of a workbook if one is given
    Init(Box<commands::init::Arguments>),
    /// Explain a rule, or list all of them
    Rule(commands::rule::Arguments),
    /// Show the settings in force, where each comes from, and what it does
    Config(Box<commands::config::Arguments>),
    /// Submit files and wait for the service's verdict
    Upload(Box<commands::upload::Arguments>),
    /// Ask the service for the state of jobs
    Status(commands::status::Arguments),
    /// Pull the items of a plan from the service, or show those of a plan file
    Plan(commands::plan::Arguments),
    /// Print the completions for a shell
    Completions(commands::completions::Arguments),
    /// Print a manual page
    Man(commands::man::Arguments),
}
