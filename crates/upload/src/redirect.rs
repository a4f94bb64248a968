//! Where a redirect may lead. The service's own examples follow redirects with the method kept, so they are
//! followed; but the key goes with every request, so it refuses another host, another port, and any step from
//! https to http.

use reqwest::Url;

use crate::place::host_of;

/// How many redirects are followed before it is called a loop.
pub(crate) const MOST_REDIRECTS: usize = 5;

/// Why a redirect was not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefused {
    /// To another host or port: the key would go there.
    #[error(
        "`{from}` redirects to `{to}`, and the key goes to no other host; if that is right, name it with `--base-url`"
    )]
    OtherHost {
        /// Host and port that answered.
        from: String,
        /// Host and port it names.
        to: String,
    },
    /// From https to http: the key would travel readable.
    #[error("`{host}` redirects from https to http, where the key would be readable")]
    Downgrade {
        /// Host and port that answered.
        host: String,
    },
    /// Not a URL.
    #[error("`{host}` redirects to something that is not an address")]
    Unreadable {
        /// Host and port that answered.
        host: String,
    },
    /// More than five in a row.
    #[error("`{host}` redirects in circles")]
    TooMany {
        /// Host and port that answered last.
        host: String,
    },
}

/// Where to go after `status` with `location`, or `None` if the answer is no redirect.
///
/// # Errors
/// If it leads to another host or port, from https to http, or nowhere.
pub(crate) fn next(from: &Url, status: u16, location: Option<&[u8]>) -> Result<Option<Url>, RedirectRefused> {
    let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, location) else { return Ok(None) };
    let host = host_of(from);
    let to = std::str::from_utf8(location).ok().and_then(|text| from.join(text).ok());
    let Some(mut to) = to.filter(|to| matches!(to.scheme(), "http" | "https")) else {
        return Err(RedirectRefused::Unreadable { host });
    };
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(RedirectRefused::Downgrade { host });
    }
    // A user name in the address would become a second `Authorization` header.
    let bare = to.set_username("").and_then(|()| to.set_password(None));
    if bare.is_err() {
        return Err(RedirectRefused::Unreadable { host });
    }
    let same = from.host_str() == to.host_str() && from.port_or_known_default() == to.port_or_known_default();
    if same { Ok(Some(to)) } else { Err(RedirectRefused::OtherHost { from: host, to: host_of(&to) }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_their_host_and_keep_their_encryption() {
        let home = "https://api.achieveit.com/api/metricupdates/a.csv";
        let cases = [
            (home, 200, Some("/b"), Ok(None)),
            (home, 304, Some("/b"), Ok(None)),
            (home, 302, None, Ok(None)),
            (home, 301, Some("/b"), Ok(Some("https://api.achieveit.com/b"))),
            (home, 302, Some("c?d=1"), Ok(Some("https://api.achieveit.com/api/metricupdates/c?d=1"))),
            (home, 303, Some("https://API.achieveit.com:443/b"), Ok(Some("https://api.achieveit.com/b"))),
            (home, 307, Some("//api.achieveit.com/b"), Ok(Some("https://api.achieveit.com/b"))),
            (home, 307, Some("https://me:you@api.achieveit.com/b"), Ok(Some("https://api.achieveit.com/b"))),
            (home, 308, Some("https://evil.example/b"), Err("the key goes to no other host")),
            (home, 307, Some("https://api.achieveit.com.evil.example/"), Err("no other host")),
            (home, 307, Some("https://api.achieveit.com@evil.example/"), Err("no other host")),
            (home, 307, Some("//evil.example/"), Err("no other host")),
            (home, 307, Some("\\\\evil.example/"), Err("no other host")),
            (home, 307, Some("https://api.achieveit.com:8443/"), Err("no other host")),
            (home, 307, Some("http://api.achieveit.com/b"), Err("from https to http")),
            (home, 307, Some("http://api.achieveit.com:443/b"), Err("from https to http")),
            (home, 307, Some("file:///etc/passwd"), Err("not an address")),
            (home, 307, Some("https://"), Err("not an address")),
            ("http://127.0.0.1:81/a", 307, Some("http://127.0.0.1:82/a"), Err("no other host")),
            ("http://127.0.0.1:81/a", 307, Some("http://localhost:81/a"), Err("no other host")),
            ("http://127.0.0.1:81/a", 307, Some("/b"), Ok(Some("http://127.0.0.1:81/b"))),
        ];
        for (from, status, location, expected) in cases {
            let outcome = next(&Url::parse(from).unwrap(), status, location.map(str::as_bytes));
            match (outcome, expected) {
                (Ok(to), Ok(url)) => assert_eq!(to.as_ref().map(Url::as_str), url, "{location:?}"),
                (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{location:?}: {error}"),
                (outcome, _) => panic!("{location:?}: {outcome:?}"),
            }
        }
    }
}
