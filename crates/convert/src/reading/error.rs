//! Why a workbook cannot be read. Facts only: the file's name is added where it is known.

use std::error::Error;
use std::io;
use std::sync::Arc;

use super::limits::Excess;

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
    #[error(
        "the workbook is encrypted; put its password into a variable and name that with `--password-env NAME`"
    )]
    Encrypted,
    /// The password is not the workbook's.
    #[error("the password does not open the workbook")]
    WrongPassword,
    /// It is encrypted in a way that is not read.
    #[error("the workbook is encrypted by {what}, which is not read; save a copy without a password")]
    UnknownEncryption {
        /// What is not known, with its article.
        what: String,
    },
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

impl From<Excess> for ReadError {
    fn from(Excess { what, limit }: Excess) -> Self {
        Self::TooLarge { what, limit }
    }
}

impl ReadError {
    /// What a library says of a part: that it is broken, or that one of our bounds was passed while it read.
    pub(super) fn failed(part: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(current) = cause {
            if let Some(excess) = current.downcast_ref::<Excess>() {
                return excess.clone().into();
            }
            // The `source` of an I/O error leads past the error that it holds.
            let held = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            // An error that is shared hides the one it shares.
            let shared = current.downcast_ref::<Arc<io::Error>>().and_then(|shared| shared.get_ref());
            cause = held.or(shared).map(|held| held as &(dyn Error + 'static)).or_else(|| current.source());
        }
        Self::broken(part, error)
    }

    /// A part that contradicts its format.
    pub(crate) fn broken(part: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Broken { part: part.into(), reason: reason.to_string() }
    }
}
