//! Many files on their way at once: at most so many together, at most so many requests a minute, and Ctrl-C
//! ends the waiting but nothing else. What it says on the way goes to standard error.

use std::collections::{HashMap, VecDeque};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use metricsheet_upload::{
    Client, Journal, Means, Pace, Report, RetryPolicy, Shipment, Step, Stop, SystemClock, Uploader, Wait,
    Watch,
};
use tokio::sync::{Mutex, Semaphore};

use crate::exit::ExitStatus;
use crate::say::say;

/// How to send.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) wait: Wait,
    /// Files at a time.
    pub(crate) concurrency: NonZeroUsize,
    /// Whether each step is told.
    pub(crate) verbose: bool,
}

/// An uploader for this process.
pub(crate) fn uploader(client: Client, journal: Journal, rate: Option<NonZeroU32>, stop: Stop) -> Uploader {
    Uploader::new(Means {
        client,
        journal: Arc::new(journal),
        clock: Arc::new(SystemClock::start()),
        retry: RetryPolicy::default(),
        pace: Arc::new(rate.map_or_else(Pace::unlimited, Pace::per_minute)),
        stop,
    })
}

/// A file and the name it goes by here.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) file: String,
    pub(crate) shipment: Shipment,
}

/// Sends the files and calls `done` for each, in the order of the files, as soon as it and those before it are
/// done. A file whose journal cannot be written brings an error in place of its report. Whatever happens to
/// one file, the others go on.
pub(crate) async fn send_all(
    uploader: &Uploader,
    files: Vec<Outgoing>,
    manner: &Manner,
    mut done: impl FnMut(anyhow::Result<Report>),
) {
    let places = Arc::new(Semaphore::new(manner.concurrency.get().min(Semaphore::MAX_PERMITS)));
    // Of files with the same content the second waits for the fate of the first, which is then its own.
    let mut contents: HashMap<String, Arc<Mutex<()>>> = HashMap::new();
    let mut tasks: VecDeque<_> = files
        .into_iter()
        .map(|Outgoing { file, shipment }| {
            let places = Arc::clone(&places);
            let content = Arc::clone(contents.entry(shipment.parcel.sha256()).or_default());
            let uploader = uploader.watched(watch(file, manner.verbose));
            let wait = manner.wait.clone();
            tokio::spawn(async move {
                let _content = content.lock().await;
                // The semaphore is never closed.
                let _place = places.acquire().await;
                uploader.deliver(&shipment, &wait).await
            })
        })
        .collect();
    while let Some(task) = tasks.pop_front() {
        done(match task.await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(error) => Err(error.into()),
        });
    }
}

/// Tells each step on standard error, or only those that explain a delay.
fn watch(file: String, verbose: bool) -> Watch {
    Arc::new(move |step| {
        let told = match step {
            Step::Pausing(pause, reason) => {
                format!("{reason}; next try in {} s", pause.as_secs_f64().round())
            }
            Step::Recorded if verbose => "recorded in the journal".to_owned(),
            Step::Trying(number) if verbose => format!("sending, try {number}"),
            Step::Answered(status) if verbose => format!("answered with {status}"),
            Step::Queued(job) if verbose => format!("queued as job {job}"),
            Step::Asked(state) if verbose => format!("asked for the job: {state}"),
            Step::Recorded
            | Step::Trying(_)
            | Step::Answered(_)
            | Step::Queued(_)
            | Step::Asked(_)
            | Step::Settled(_) => return,
        };
        say(&format!("{file}: {told}"));
    })
}

/// The first Ctrl-C ends waiting, the second one ends the process; the journal is right at any moment.
pub(crate) fn listen_for_ctrl_c(stop: Stop) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        stop.request();
        say(
            "stopping: what is being sent is sent to its end, nothing new starts; again Ctrl-C leaves at once",
        );
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(ExitStatus::NotSent.code().into());
        }
    });
}
