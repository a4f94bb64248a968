//! The key that authenticates every request. It refuses to print: there is no `Display`, `Debug` shows stars,
//! and no error repeats what was given.

use std::fmt;

use reqwest::header::HeaderValue;

/// What stands where a key stood.
const STARS: &str = "***";

/// An API key of the service.
#[derive(Clone)]
pub struct ApiKey {
    text: String,
    header: HeaderValue,
}

/// Why a text cannot be a key. Says nothing of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing, or only white space.
    #[error("the API key is empty")]
    Empty,
    /// A space inside: mostly the whole header value was given.
    #[error("the API key holds a space; give the key alone, without `API-KEY` before it")]
    Space,
    /// A character that no header can carry.
    #[error("the API key holds a character that is not printable ASCII")]
    Unprintable,
}

impl ApiKey {
    /// Takes a key as it was found; white space around it (the line end of a file) is dropped.
    ///
    /// # Errors
    /// If nothing is left, if there is a space inside, or if a character is not printable ASCII.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.contains([' ', '\t']) {
            return Err(KeyError::Space);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Unprintable);
        }
        let mut header =
            HeaderValue::from_str(&format!("API-KEY {text}")).map_err(|_| KeyError::Unprintable)?;
        header.set_sensitive(true);
        Ok(Self { text: text.to_owned(), header })
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// The bytes with every occurrence of the key replaced by stars. Services echo headers into error pages,
    /// and error pages end up in messages and in the journal.
    pub(crate) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        let key = self.text.as_bytes();
        if !bytes.windows(key.len()).any(|window| window == key) {
            return bytes;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(&first) = rest.first() {
            if let Some(after) = rest.strip_prefix(key) {
                clean.extend_from_slice(STARS.as_bytes());
                rest = after;
            } else {
                clean.push(first);
                rest = &rest[1..];
            }
        }
        clean
    }
}

impl ApiKey {
    /// The same for bytes that more will follow: a tail that may be the beginning of the key is left out.
    pub(crate) fn redact_beginning(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut clean = self.redact(bytes);
        let key = self.text.as_bytes();
        let longest =
            (1..key.len().min(clean.len() + 1)).rev().find(|length| clean.ends_with(&key[..*length]));
        clean.truncate(clean.len() - longest.unwrap_or_default());
        clean
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({STARS})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars_and_the_header_is_marked() {
        let key = ApiKey::new("  k3y-of-tests\n").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
        assert_eq!(format!("{:?}", key.header()), "Sensitive");
        assert_eq!(key.header().as_bytes(), b"API-KEY k3y-of-tests");
    }

    #[test]
    fn texts_that_are_no_key_are_refused_without_repeating_them() {
        let cases = [
            ("", KeyError::Empty),
            (" \r\n", KeyError::Empty),
            ("API-KEY s3cret", KeyError::Space),
            ("s3cret\tkey", KeyError::Space),
            ("s3cret\nkey", KeyError::Unprintable),
            ("s3crét", KeyError::Unprintable),
        ];
        for (text, expected) in cases {
            let error = ApiKey::new(text).unwrap_err();
            assert_eq!(error, expected, "{text:?}");
            assert!(!error.to_string().contains("s3cr"), "{error}");
        }
    }

    #[test]
    fn an_echoed_key_is_starred_out() {
        let key = ApiKey::new("abab").unwrap();
        for (echoed, clean) in
            [("", ""), ("nothing", "nothing"), ("abab", "***"), ("x=abab; abababab!", "x=***; ******!")]
        {
            assert_eq!(key.redact(echoed.as_bytes().to_vec()), clean.as_bytes(), "{echoed}");
        }
    }

    #[test]
    fn the_beginning_of_an_echoed_key_is_left_out() {
        let key = ApiKey::new("abac").unwrap();
        for (echoed, clean) in
            [("", ""), ("x", "x"), ("xa", "x"), ("xaba", "x"), ("xab ", "xab "), ("abacab", "***")]
        {
            assert_eq!(key.redact_beginning(echoed.as_bytes().to_vec()), clean.as_bytes(), "{echoed}");
        }
    }

    #[test]
    fn a_panic_about_a_client_does_not_show_its_key() {
        use std::panic::AssertUnwindSafe;

        use crate::client::{Client, Options};
        use crate::place::Environment;

        let client = Client::new(
            Environment::Commercial.into(),
            ApiKey::new("k3y-of-tests").unwrap(),
            Options::default(),
        );
        let panic =
            std::panic::catch_unwind(AssertUnwindSafe(|| panic!("{:?}", client.unwrap()))).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains("ApiKey(***)") && !message.contains("k3y"), "{message}");
    }
}
