//! Placeholder replaced by the command.

use crate::exit::ExitStatus;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: &Arguments) -> anyhow::Result<ExitStatus> {
    Ok(ExitStatus::Clean)
}
