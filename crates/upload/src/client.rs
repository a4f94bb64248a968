//! The client for one place with one key. It refuses to speak TLS older than 1.2, to use a proxy for a
//! loopback address, and to keep connections: a kept one that the service has just closed would leave it open
//! whether a file arrived.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Method};

use crate::answer::Answer;
use crate::exchange::{Arrival, ExchangeError, Question, exchange};
use crate::job::JobId;
use crate::key::ApiKey;
use crate::parcel::{Parcel, Updates};
use crate::place::Place;

/// How much of an answer about a submission is read, in bytes. A job ID or a message needs far less.
const LONGEST_ANSWER: usize = 256 * 1024;

/// How much of a page of plan items is read, in bytes: 1500 items of 40 KB each.
const LONGEST_PAGE: usize = 64 * 1024 * 1024;

/// Where a plan's items are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanAddress {
    /// `/exports/plans/<plan ID>`
    Exports,
    /// `/plans/<plan ID>/items`, of the earlier articles.
    Items,
}

/// How long each part of a request may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// From then until the service has taken the whole body.
    pub send: Duration,
    /// From then until the head of the answer is there, and again until its body is.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            send: Duration::from_secs(300),
            answer: Duration::from_secs(120),
        }
    }
}

/// Which proxy to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxies {
    /// The one that the environment names for https (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    #[default]
    FromEnvironment,
    /// None.
    None,
}

/// What can be chosen of a client.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Time limits.
    pub timeouts: Timeouts,
    /// The proxy.
    pub proxies: Proxies,
    /// A PEM bundle of certificate authorities to trust beside the system's.
    pub more_roots: Option<Vec<u8>>,
    /// Put in front of `metricsheet/<version>` in `User-Agent`, if given.
    pub user_agent: Option<String>,
}

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The bundle of certificate authorities is unreadable or empty.
    #[error("no certificate can be read from the given authorities; a PEM file is wanted")]
    Roots,
    /// The TLS library cannot start, mostly because the system has no certificate authorities.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// A client for one place.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    place: Place,
    key: ApiKey,
    timeouts: Timeouts,
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// If the further certificate authorities are unreadable, or the system has none.
    pub fn new(place: Place, key: ApiKey, options: Options) -> Result<Self, ClientError> {
        // One for the process: the second call finds the first one's and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let version = concat!("metricsheet/", env!("CARGO_PKG_VERSION"));
        let agent = options.user_agent.map_or_else(|| version.to_owned(), |own| format!("{own} {version}"));
        let mut builder = reqwest::Client::builder()
            .user_agent(agent)
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(options.timeouts.connect)
            .pool_max_idle_per_host(0)
            .tls_version_min(reqwest::tls::Version::TLS_1_2);
        if place.is_plain() {
            // No TLS, so no need for the system's authorities; and what is meant for this machine stays on it.
            builder = builder.no_proxy().tls_certs_only([]);
        } else {
            if options.proxies == Proxies::None {
                builder = builder.no_proxy();
            }
            builder = builder.https_only(true);
            if let Some(bundle) = options.more_roots {
                let roots = Certificate::from_pem_bundle(&bundle).map_err(|_| ClientError::Roots)?;
                if roots.is_empty() {
                    return Err(ClientError::Roots);
                }
                builder = builder.tls_certs_merge(roots);
            }
        }
        let http = builder.build().map_err(|error| ClientError::Tls(error.to_string()))?;
        Ok(Self { http, place, key, timeouts: options.timeouts })
    }

    /// The place.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Submits a file. `arrival` is told of the answer while it arrives, the last time when it is whole.
    ///
    /// # Errors
    /// If no answer came; [`ExchangeError::may_have_arrived`] tells whether the file may have.
    pub(crate) async fn submit(
        &self,
        parcel: &Parcel,
        arrival: &mut Arrival<'_>,
    ) -> Result<Answer, ExchangeError> {
        let question = Question {
            method: Method::POST,
            url: parcel.url(&self.place),
            body: Some((parcel.format, parcel.bytes.clone())),
            longest_answer: LONGEST_ANSWER,
        };
        exchange(&self.http, &self.key, &self.timeouts, question, arrival).await
    }

    /// Asks for the state of a job.
    ///
    /// # Errors
    /// If no answer came.
    pub async fn job(&self, updates: Updates, job: &JobId) -> Result<Answer, ExchangeError> {
        self.ask(Question {
            method: Method::GET,
            url: self.place.endpoint(&["api", updates.segment(), "status", job.as_str()]),
            body: None,
            longest_answer: LONGEST_ANSWER,
        })
        .await
    }

    /// Asks for a page of a plan's items. The articles name two addresses, a newer and an older one.
    ///
    /// # Errors
    /// If no answer came.
    pub(crate) async fn plan_page(
        &self,
        address: PlanAddress,
        plan: &str,
        skip: usize,
        take: usize,
    ) -> Result<Answer, ExchangeError> {
        let mut url = match address {
            PlanAddress::Exports => self.place.endpoint(&["exports", "plans", plan]),
            PlanAddress::Items => self.place.endpoint(&["plans", plan, "items"]),
        };
        url.set_query(Some(&format!("skip={skip}&take={take}&sortKey=sequenceId&sortDirection=asc")));
        self.ask(Question { method: Method::GET, url, body: None, longest_answer: LONGEST_PAGE }).await
    }

    async fn ask(&self, question: Question) -> Result<Answer, ExchangeError> {
        exchange(&self.http, &self.key, &self.timeouts, question, &mut |_| {}).await
    }
}
