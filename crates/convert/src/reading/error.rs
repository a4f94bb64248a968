//! Why a workbook cannot be read. Facts only: the file's name is added where it is known.

use std::io;

/// Why a workbook cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes could not be had.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The content is something else.
    #[error("this is {found}, not a workbook; {advice}")]
    NotAWorkbook {
        /// What it is, with its article.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A password is needed.
    #[error("the workbook is encrypted; save a copy without a password and convert that")]
    Encrypted,
    /// The content contradicts its format.
    #[error("{part} is broken: {reason}")]
    Broken {
        /// Which part of the file.
        part: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The workbook is beyond a bound that keeps memory and time in check.
    #[error("{what} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
}

impl ReadError {
    /// A part that contradicts its format.
    pub(crate) fn broken(part: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Broken { part: part.into(), reason: reason.to_string() }
    }
}
