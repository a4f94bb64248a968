//! Where files go: one of the service's two hosts, or a base URL of the caller's choice. It refuses plain
//! http (the key would travel readable), except on a loopback address, where nothing travels.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// The service's own hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// `https://api.achieveit.com`
    Commercial,
    /// `https://gov-api.achieveit.com`
    Government,
}

impl Environment {
    fn url(self) -> &'static str {
        match self {
            Self::Commercial => "https://api.achieveit.com/",
            Self::Government => "https://gov-api.achieveit.com/",
        }
    }
}

/// A base URL that a key may be sent to. Shows without a final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Url);

/// Why a base URL is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Not a URL.
    #[error("`{text}` is not a base URL ({reason}); give one such as `https://api.achieveit.com`")]
    NotAUrl {
        /// What was given.
        text: String,
        /// What the URL parser says.
        reason: String,
    },
    /// http to a host that is not this machine.
    #[error("`{text}` would send the key unencrypted; use https (http is for loopback addresses)")]
    Unencrypted {
        /// What was given.
        text: String,
    },
    /// Neither http nor https.
    #[error("`{scheme}` is not a protocol of the service; use https")]
    OtherScheme {
        /// The scheme that was given.
        scheme: String,
    },
    /// A user name, a password, a query or a fragment: all would end up in messages and in the journal.
    #[error("a base URL has no user name, password, query or fragment; give host and path alone")]
    Extras,
}

impl Place {
    /// Takes a base URL; a path is kept in front of the service's own.
    ///
    /// # Errors
    /// If it is not a URL, has a scheme other than https (http is fine on a loopback address), or carries a
    /// user name, password, query or fragment.
    pub fn parse(text: &str) -> Result<Self, PlaceError> {
        let url = Url::parse(text)
            .map_err(|error| PlaceError::NotAUrl { text: text.to_owned(), reason: error.to_string() })?;
        let extras = !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some();
        if extras {
            return Err(PlaceError::Extras);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(PlaceError::Unencrypted { text: text.to_owned() }),
            other => Err(PlaceError::OtherScheme { scheme: other.to_owned() }),
        }
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn host(&self) -> String {
        host_of(&self.0)
    }

    /// Whether the place is on this machine and spoken to without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The URL of `segments` below this place. Each segment is percent-encoded whole: a `/` or `%` in a file
    /// name stays part of the name.
    pub(crate) fn endpoint(&self, segments: &[&str]) -> Url {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        for segment in segments {
            path.push('/');
            push_encoded(&mut path, segment);
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        url
    }
}

impl From<Environment> for Place {
    fn from(environment: Environment) -> Self {
        Self(Url::parse(environment.url()).expect("the hosts above are URLs"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Host and port of a URL, for messages.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// RFC 3986: whatever is not unreserved is written as `%XX`.
fn push_encoded(path: &mut String, segment: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push('%');
            path.push(char::from(HEX[usize::from(byte >> 4)]));
            path.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_are_places() {
        let cases = [
            ("https://api.achieveit.com", Ok("https://api.achieveit.com")),
            ("https://gateway.example/achieveit/", Ok("https://gateway.example/achieveit")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080")),
            ("http://127.9.9.9", Ok("http://127.9.9.9")),
            ("http://[::1]:8080", Ok("http://[::1]:8080")),
            ("http://localhost:1", Ok("http://localhost:1")),
            ("http://api.achieveit.com", Err("would send the key unencrypted")),
            ("http://127.0.0.1.example", Err("would send the key unencrypted")),
            ("http://localhost.example", Err("would send the key unencrypted")),
            ("http://10.0.0.1", Err("would send the key unencrypted")),
            ("ftp://api.achieveit.com", Err("`ftp` is not a protocol")),
            ("api.achieveit.com", Err("is not a base URL")),
            ("https://user@api.achieveit.com", Err("no user name")),
            ("https://:pass@api.achieveit.com", Err("no user name")),
            ("https://api.achieveit.com/?key=1", Err("no user name")),
            ("https://api.achieveit.com/#x", Err("no user name")),
        ];
        for (text, expected) in cases {
            match (Place::parse(text), expected) {
                (Ok(place), Ok(shown)) => assert_eq!(place.to_string(), shown),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{text}: {error}"),
                (outcome, _) => panic!("{text}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn file_names_are_one_encoded_segment() {
        let cases = [
            ("my_updates.csv", "/api/metricupdates/my_updates.csv"),
            ("Q1 update.csv", "/api/metricupdates/Q1%20update.csv"),
            ("50%.csv", "/api/metricupdates/50%25.csv"),
            ("a/b.csv", "/api/metricupdates/a%2Fb.csv"),
            ("a?b#c.csv", "/api/metricupdates/a%3Fb%23c.csv"),
            ("über+&.csv", "/api/metricupdates/%C3%BCber%2B%26.csv"),
        ];
        for (name, path) in cases {
            let url = Place::from(Environment::Commercial).endpoint(&["api", "metricupdates", name]);
            assert_eq!(url.path(), path);
            assert_eq!((url.query(), url.fragment()), (None, None));
        }
        let below = Place::parse("https://gateway.example/achieveit/").unwrap();
        assert_eq!(below.endpoint(&["api", "x"]).as_str(), "https://gateway.example/achieveit/api/x");
        let government = Place::from(Environment::Government);
        assert_eq!(government.endpoint(&["api"]).as_str(), "https://gov-api.achieveit.com/api");
    }
}
