//! Workbooks with a password: the key is derived from it, checked against the file, and never kept.
//! Source: MS-OFFCRYPTO.
//!
//! Excel's built-in password is tried without being asked for: it is set where a workbook is to be read-only.
//! Refused are ciphers other than AES, RC4 and XOR, and key derivations longer than the format allows.

mod agile;
mod hash;
mod package;
mod rc4;
mod standard;
mod xls;
mod xor;

use std::fmt;

pub(super) use package::decrypt as decrypt_package;
pub(super) use xls::decrypt as decrypt_xls;

/// What Excel encrypts with where nobody gave a password.
const BUILT_IN: &str = "VelvetSweatshop";

/// A password. It does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password as people type it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The passwords to try, in order: the one given, and the built-in one.
    fn all(given: Option<&Self>) -> Vec<Self> {
        given.cloned().into_iter().chain([Self::new(BUILT_IN)]).collect()
    }

    fn text(&self) -> &str {
        &self.0
    }

    /// As key derivations take it.
    fn utf16(&self) -> Vec<u8> {
        self.0.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(***)")
    }
}

/// Whether two texts of bytes are the same.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    !one.is_empty() && one == other
}
