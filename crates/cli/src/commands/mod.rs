//! One file per command.

pub(crate) mod status;
pub(crate) mod upload;
