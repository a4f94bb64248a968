//! What is sent: a file's name and bytes, and which kind of updates they are. It refuses names that a path
//! cannot carry; the bytes are sent as they are.

use bytes::Bytes;
use reqwest::Url;

use crate::place::Place;

/// The two kinds of updates, each with an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// Metric updates: `/api/metricupdates`.
    Metric,
    /// Progress updates: `/api/progressupdates`.
    Progress,
}

impl Updates {
    /// The path segment of the kind.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Metric => "metricupdates",
            Self::Progress => "progressupdates",
        }
    }

    /// The name of the kind's template: the word in journal and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Metric => "metric-updates",
            Self::Progress => "progress-updates",
        }
    }

    /// The kind of a word, if it is one.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Metric, Self::Progress].into_iter().find(|updates| updates.word() == word)
    }
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A JSON array of objects.
    Json,
}

impl Format {
    /// The articles' own examples leave the type to curl, so the service reads the body whatever it is called.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// One file, ready to go.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub(crate) updates: Updates,
    pub(crate) format: Format,
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
}

/// Why a file name cannot stand in a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` cannot be a file name in a request; give the file another name")]
pub struct NameError {
    /// The name.
    pub name: String,
}

impl Parcel {
    /// Packs `bytes` under the name the service shall see, without any directory.
    ///
    /// # Errors
    /// If the name is empty, `.` or `..`: a path takes these for something else.
    pub fn new(
        updates: Updates,
        format: Format,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Self, NameError> {
        if matches!(name, "" | "." | "..") {
            return Err(NameError { name: name.to_owned() });
        }
        Ok(Self { updates, format, name: name.to_owned(), bytes: bytes.into() })
    }

    /// The kind of updates.
    #[must_use]
    pub fn updates(&self) -> Updates {
        self.updates
    }

    /// The URL that this parcel goes to at `place`.
    #[must_use]
    pub fn address(&self, place: &Place) -> String {
        self.url(place).into()
    }

    pub(crate) fn url(&self, place: &Place) -> Url {
        place.endpoint(&["api", self.updates.segment(), &self.name])
    }

    /// The SHA-256 of the bytes, in 64 lower-case hexadecimal digits: the content's name in the journal.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }
}

/// The SHA-256 of `bytes` in 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_that_sha256sum_prints() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn names_that_a_path_takes_for_a_place_are_refused() {
        for name in ["", ".", ".."] {
            assert!(Parcel::new(Updates::Metric, Format::Csv, name, "").is_err(), "{name:?}");
        }
        for name in ["a.csv", "...", " ", "a/b"] {
            assert!(Parcel::new(Updates::Metric, Format::Csv, name, "").is_ok(), "{name:?}");
        }
    }
}
