//! One question and its answer: the request goes out with the key, redirects are followed as far as
//! `redirect` allows, and the answer comes back whole. It refuses to hide how far a broken request came.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Body, Method, Response, Url};
use rustls::CertificateError;

use crate::answer::Answer;
use crate::body::{Departure, WatchedBody};
use crate::client::Timeouts;
use crate::key::ApiKey;
use crate::parcel::Format;
use crate::place::host_of;
use crate::redirect::{self, MOST_REDIRECTS, RedirectRefused};

/// How much of an answer is told of piece by piece, in bytes: a job ID stands at the beginning, and a service
/// that sends a long page byte by byte would keep the journal busy.
const LONGEST_PART: usize = 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No connection, or none that could be trusted. Nothing was sent.
    #[error("no connection to `{host}`: {cause}")]
    NotConnected {
        /// Host and port.
        host: String,
        /// What the system or the TLS library says.
        cause: String,
    },
    /// The service cannot show that it is the service, or speaks no TLS that is safe. Nothing was sent.
    #[error("`{host}` cannot be trusted: {cause}{advice}")]
    NotTrusted {
        /// Host and port.
        host: String,
        /// What the TLS library says.
        cause: String,
        /// What to do, if anything is to be done here.
        advice: &'static str,
    },
    /// The connection broke before the body was touched.
    #[error("the connection to `{host}` broke before anything of the file was sent: {cause}")]
    BrokenBefore {
        /// Host and port.
        host: String,
        /// What the system says.
        cause: String,
    },
    /// The connection broke when some or all of the body may have left.
    #[error("the connection to `{host}` broke before an answer came: {cause}")]
    BrokenAfter {
        /// Host and port.
        host: String,
        /// What the system says.
        cause: String,
    },
    /// The service did not take the body in time.
    #[error("`{host}` did not take the file within {} s", limit.as_secs_f64())]
    SendTimeout {
        /// Host and port.
        host: String,
        /// The time it had.
        limit: Duration,
        /// Whether some of the body may have left.
        begun: bool,
    },
    /// The service took the request and stayed silent.
    #[error("`{host}` did not answer within {} s", limit.as_secs_f64())]
    AnswerTimeout {
        /// Host and port.
        host: String,
        /// The time it had.
        limit: Duration,
    },
    /// The service named another address that the key must not go to. It did not take the request.
    #[error(transparent)]
    Redirect(#[from] RedirectRefused),
}

impl ExchangeError {
    /// Whether the service may have got the body in spite of the error. Only if not may it be sent again.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::NotConnected { .. }
            | Self::NotTrusted { .. }
            | Self::BrokenBefore { .. }
            | Self::Redirect(_) => false,
            Self::SendTimeout { begun, .. } => *begun,
            Self::BrokenAfter { .. } | Self::AnswerTimeout { .. } => true,
        }
    }
}

/// A request without what every request has.
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<(Format, Bytes)>,
    /// How much of an answer is read, in bytes.
    pub(crate) longest_answer: usize,
}

/// Told of an answer while it arrives: as much of it as is here, without the key.
pub(crate) type Arrival<'a> = dyn FnMut(&Answer) + Send + 'a;

/// Sends and follows redirects. `arrival` is told of the answer piece by piece, before anything else happens.
///
/// # Errors
/// If no answer came, or only one that leads elsewhere.
pub(crate) async fn exchange(
    http: &reqwest::Client,
    key: &ApiKey,
    timeouts: &Timeouts,
    mut question: Question,
    arrival: &mut Arrival<'_>,
) -> Result<Answer, ExchangeError> {
    for _ in 0..=MOST_REDIRECTS {
        let response = send(http, key, timeouts, &question).await?;
        let location = response.headers().get(LOCATION).map(|value| value.as_bytes().to_vec());
        match redirect::next(&question.url, response.status().as_u16(), location.as_deref())? {
            Some(url) => question.url = url,
            None => return Ok(read(response, key, timeouts, question.longest_answer, arrival).await),
        }
    }
    Err(RedirectRefused::TooMany { host: host_of(&question.url) }.into())
}

/// Sends one request, up to the head of its answer.
async fn send(
    http: &reqwest::Client,
    key: &ApiKey,
    timeouts: &Timeouts,
    question: &Question,
) -> Result<Response, ExchangeError> {
    let departure = Arc::new(Departure::default());
    let mut request = http
        .request(question.method.clone(), question.url.clone())
        .header(AUTHORIZATION, key.header())
        .header(ACCEPT, "application/json, text/plain, */*");
    if let Some((format, bytes)) = &question.body {
        request = request
            .header(CONTENT_TYPE, format.content_type())
            .header(CONTENT_LENGTH, bytes.len())
            .body(Body::wrap(WatchedBody::new(bytes.clone(), Arc::clone(&departure))));
    }

    let host = || host_of(&question.url);
    let to_send = timeouts.connect + timeouts.send;
    let out_of_time = async {
        if question.body.is_some() && tokio::time::timeout(to_send, departure.completed()).await.is_err() {
            let begun = departure.has_begun();
            return ExchangeError::SendTimeout { host: host(), limit: to_send, begun };
        }
        let connecting = if question.body.is_some() { Duration::ZERO } else { timeouts.connect };
        tokio::time::sleep(connecting + timeouts.answer).await;
        ExchangeError::AnswerTimeout { host: host(), limit: timeouts.answer }
    };
    tokio::select! {
        biased;
        outcome = request.send() => outcome.map_err(|error| {
            let cause = root_cause(&error);
            if let Some(advice) = advice_on_trust(&error) {
                ExchangeError::NotTrusted { host: host(), cause, advice }
            } else if error.is_connect() {
                ExchangeError::NotConnected { host: host(), cause }
            } else if departure.has_begun() || question.body.is_none() {
                ExchangeError::BrokenAfter { host: host(), cause }
            } else {
                ExchangeError::BrokenBefore { host: host(), cause }
            }
        }),
        error = out_of_time => Err(error),
    }
}

/// Reads the answer's body as far as it comes. The status has arrived and counts, whatever happens now.
async fn read(
    mut response: Response,
    key: &ApiKey,
    timeouts: &Timeouts,
    longest: usize,
    arrival: &mut Arrival<'_>,
) -> Answer {
    let status = response.status().as_u16();
    let retry_after =
        response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let announced = response.content_length();
    let mut body = Vec::new();
    let whole = async {
        while let Ok(piece) = response.chunk().await {
            let Some(piece) = piece else { return true };
            body.extend_from_slice(&piece);
            if body.len() > longest {
                body.truncate(longest);
                return false;
            }
            if announced == Some(body.len() as u64) {
                return true;
            }
            if body.len() <= LONGEST_PART {
                let body = key.redact_beginning(body.clone());
                arrival(&Answer { status, retry_after: retry_after.clone(), body, complete: false });
            }
        }
        false
    };
    let complete = tokio::time::timeout(timeouts.answer, whole).await.unwrap_or(false);
    let answer = Answer { status, retry_after, body: key.redact(body), complete };
    arrival(&answer);
    answer
}

/// What lies at the bottom of an error: the system's words, not the layers above them.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string().trim_end_matches('.').to_owned()
}

/// What to do if it was TLS that kept the connection from standing; `None` if it was something else.
fn advice_on_trust(error: &reqwest::Error) -> Option<&'static str> {
    if !error.is_connect() {
        return None;
    }
    let mut cause = error.source();
    while let Some(deeper) = cause {
        if let Some(tls) = deeper.downcast_ref::<rustls::Error>() {
            let unknown_issuer =
                matches!(tls, rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer));
            let advice = "; if its certificate is right, name its authority with `--ca-file`";
            return Some(if unknown_issuer { advice } else { "" });
        }
        // The `source` of an I/O error leads past the error that it holds.
        let held = deeper.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = held.map(|held| held as &(dyn Error + 'static)).or_else(|| deeper.source());
    }
    None
}
