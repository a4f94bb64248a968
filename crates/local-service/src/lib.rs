//! The service that takes the files, played on a loopback address: for tests and for the demonstration.
//!
//! It behaves as the service's help articles say: it checks the key, queues what it is sent, processes it
//! apart from the request, and answers questions for a job with 202 and then 200 or 400. It judges a file by
//! its own few strict lines (`judge`), never by the linter it helps to test. It can be told to answer something
//! else (`answer_next`), and a `Line` in front of it can be told to break. It refuses to listen on anything but
//! loopback.

mod judge;
mod line;
mod routes;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

pub use crate::judge::{Updates, judge, judge_json};
pub use crate::line::{Act, End, Line, Point};

/// The form in which the service hands out a job ID; its articles leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdForm {
    /// The GUID and nothing else.
    Bare,
    /// A JSON string.
    #[default]
    Quoted,
    /// `{"jobId": "…"}`
    Object,
    /// An object inside of an object, with another ID beside it.
    Nested,
}

/// What can be told to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The key that it takes.
    pub key: String,
    /// The form of its job IDs.
    pub id_form: IdForm,
    /// How many questions for a job are answered with 202 before the verdict is given.
    pub questions_before_verdict: u32,
    /// Plans by their ID: the JSON text of each item.
    pub plans: HashMap<String, Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key: "local-key".to_owned(),
            id_form: IdForm::default(),
            questions_before_verdict: 1,
            plans: HashMap::new(),
        }
    }
}

impl Settings {
    /// What the guide to uploading is written for: a plan called `hospital`.
    #[must_use]
    pub fn of_the_guide() -> Self {
        let items = [
            r#"{"sequenceId":1,"name":"Occupied beds","externalId":"BEDS","unit":"%"}"#,
            r#"{"sequenceId":2,"name":"Staff","externalId":"STAFF","unit":"Number"}"#,
            r#"{"sequenceId":3,"name":"Facilities"}"#,
        ];
        let plans = [("hospital".to_owned(), items.map(str::to_owned).to_vec())].into();
        Self { plans, ..Self::default() }
    }
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `POST` or `GET`.
    pub method: String,
    /// Path and query, percent-encoded as it came.
    pub path: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Submissions: `POST`.
    Submissions,
    /// Questions for a job or a plan: `GET`.
    Questions,
}

/// An answer that is given instead of the right one. The request is then not acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// The status.
    pub status: u16,
    /// Headers beside those that every answer has.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Canned {
    /// A status and a body.
    #[must_use]
    pub fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned() }
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A running service. It stops when dropped.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) state: Mutex<Memory>,
}

/// What the service remembers.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) seen: Vec<Seen>,
    pub(crate) jobs: HashMap<String, Job>,
    /// What to answer to the next submissions and to the next questions.
    pub(crate) canned: [VecDeque<Canned>; 2],
}

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) updates: Updates,
    /// How many questions were answered with 202.
    pub(crate) questions: u32,
    /// The verdict, once the file is processed.
    pub(crate) verdict: Option<Result<usize, String>>,
}

impl Shared {
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Starts on a free port of the loopback address. When this returns, requests are taken.
    ///
    /// # Errors
    /// If no port can be had or no thread started.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { settings, state: Mutex::default() });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let routes = routes::routes(Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("local service".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, routes) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL to give to the client.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key that it takes.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.shared.settings.key
    }

    /// Makes the service answer the next request of a kind with this. What is told first is answered first.
    pub fn answer_next(&self, which: Which, canned: Canned) {
        self.shared.memory().canned[which as usize].push_back(canned);
    }

    /// All requests so far, in the order in which they arrived.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.memory().seen.clone()
    }

    /// The submissions among them.
    #[must_use]
    pub fn submissions(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.method == "POST").collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Nobody listens if the service has ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
