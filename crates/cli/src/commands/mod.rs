//! One file per command.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod rule;
pub(crate) mod status;
pub(crate) mod upload;
