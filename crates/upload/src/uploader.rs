//! From a file to its verdict: record it, submit it, learn the job, ask for it until the service has decided
//! or the time is up. It refuses to guess: what cannot be known is recorded and reported as unknown, and what
//! may have arrived is not sent again.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::answer::Answer;
use crate::client::Client;
use crate::clock::{Clock, shown};
use crate::exchange::ExchangeError;
use crate::job::JobId;
use crate::journal::{Claim, Entry, EntryId, Journal, JournalError, Resubmit, SentValue, Submission};
use crate::pace::Pace;
use crate::parcel::{Parcel, Updates};
use crate::polling::Intervals;
use crate::reading::{JobReading, Submitted, read_job, read_submission};
use crate::retry::{Decision, RetryPolicy, Trouble, asked_pause};
use crate::state::{Report, State};
use crate::stop::Stop;

/// How often "no such job" is taken for "not yet": a job can be newer than what the service's other half knows.
const TOO_NEW_TO_BE_KNOWN: u32 = 3;

const LATER: &str = "ask for it later with `metricsheet status`";
const LOOK_FIRST: &str = "look in the service before sending again";

/// How long to wait for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// At most this long after the service took the file, at growing intervals.
    UpTo(Duration, Intervals),
}

/// One file, with what its sender knows of its content.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// What is sent.
    pub parcel: Parcel,
    /// Rows of data.
    pub rows: usize,
    /// The values, kept for comparison with the next file.
    pub values: Vec<SentValue>,
    /// Whether it may be sent although it was sent before.
    pub resubmit: Resubmit,
}

/// A step on the way, told to whoever watches, between what happened and what happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The submission stands in the journal; nothing is sent.
    Recorded,
    /// This try, from 1, stands in the journal and is made now.
    Trying(u32),
    /// The service did not take the file; it is sent again after this pause.
    Pausing(Duration, String),
    /// The beginning of an answer to the submission, or all of it, stands in the journal; nobody has read it.
    Answered(u16),
    /// The job stands in the journal.
    Queued(JobId),
    /// The service was asked for the job; the journal does not know the answer yet.
    Asked(State),
    /// The last word of this run stands in the journal.
    Settled(State),
}

/// Whoever is told of steps.
pub type Watch = Arc<dyn Fn(&Step) + Send + Sync>;

/// What an uploader works with.
#[derive(Clone)]
pub struct Means {
    /// The client for one place.
    pub client: Client,
    /// The journal.
    pub journal: Arc<Journal>,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// When to try again.
    pub retry: RetryPolicy,
    /// How fast to ask.
    pub pace: Arc<Pace>,
    /// Whether to stop.
    pub stop: Stop,
}

/// Sends files and follows them. Clones share everything, so many files can be on their way at once.
#[derive(Clone)]
pub struct Uploader {
    means: Means,
    watch: Watch,
}

impl fmt::Debug for Uploader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Uploader").field("client", &self.means.client).finish_non_exhaustive()
    }
}

impl Uploader {
    /// An uploader that nobody watches.
    #[must_use]
    pub fn new(means: Means) -> Self {
        Self { means, watch: Arc::new(|_| {}) }
    }

    /// The same uploader, watched.
    #[must_use]
    pub fn watched(&self, watch: Watch) -> Self {
        Self { means: self.means.clone(), watch }
    }

    /// Records and submits a file and waits for the verdict as told. Content that the journal knows is not
    /// sent; if its job is open, that is followed instead.
    ///
    /// # Errors
    /// If the journal cannot be written before anything was sent; then nothing is.
    pub async fn deliver(&self, shipment: &Shipment, wait: &Wait) -> Result<Report, JournalError> {
        if self.means.stop.is_requested() {
            return Ok(not_sent(0, "stopped before it was sent".to_owned()));
        }
        let submission = Submission::new(
            &shipment.parcel,
            self.means.client.place(),
            shipment.rows,
            shipment.values.clone(),
        );
        let id = loop {
            let now = self.means.clock.now();
            match self.means.journal.claim(&submission, shipment.resubmit, now)? {
                Claim::Recorded(id) => break id,
                Claim::Known(entry) => {
                    let entry = self.means.journal.caught_up(*entry, now)?;
                    // Killed with the service's refusal in hand: it was not sent, which the journal knows now.
                    if entry.report.state != State::NotSent {
                        return Ok(self.take_up(&entry, wait).await);
                    }
                }
            }
        };
        self.tell(&Step::Recorded);
        let mut report = self.send(id, &shipment.parcel).await?;
        let recorded = self.means.journal.record(id, &report, self.means.clock.now());
        if let Err(error) = &recorded {
            // The file has gone: whatever the journal's trouble, the job must reach the user.
            report.message = format!("{}; the journal does not know it: {error}", report.message);
        }
        match report.job.clone() {
            Some(job) if recorded.is_ok() => {
                self.tell(&Step::Queued(job.clone()));
                let followed = self.follow(Some(id), shipment.parcel.updates, &job, report.state, wait).await;
                let http_status = followed.http_status.or(report.http_status);
                Ok(Report { http_status, attempts: report.attempts, ..followed })
            }
            _ => {
                self.tell(&Step::Settled(report.state));
                Ok(report)
            }
        }
    }

    /// Asks for a job until there is a verdict or the time is up, and records what is learnt. An answer that
    /// says nothing of the job leaves the `known` state. `entry` is its place in the journal, if it has one.
    pub async fn follow(
        &self,
        entry: Option<EntryId>,
        updates: Updates,
        job: &JobId,
        known: State,
        wait: &Wait,
    ) -> Report {
        let mut last = Report {
            state: known,
            job: Some(job.clone()),
            http_status: None,
            attempts: 0,
            message: LATER.to_owned(),
        };
        let Wait::UpTo(limit, intervals) = wait else { return last };
        let start = self.means.clock.elapsed();
        let mut strangers = 0;
        for pause in intervals.clone() {
            if self.take_turn().await.is_break() {
                break;
            }
            let asked = self.ask(updates, job, last.state).await;
            self.tell(&Step::Asked(asked.report.state));
            let change = asked.report.state != last.state;
            last = asked.report;
            if change || asked.next == Next::Stop {
                self.note(entry, &mut last);
            }
            strangers = if asked.next == Next::AskAFewTimes { strangers + 1 } else { 0 };
            let waited = self.means.clock.elapsed().saturating_sub(start);
            let given_up = asked.next == Next::Stop || strangers > TOO_NEW_TO_BE_KNOWN;
            if given_up || waited >= *limit {
                break;
            }
            let pause = pause.max(asked.pause).min(limit.saturating_sub(waited));
            if self.pause(pause).await.is_break() {
                last.message = format!("stopped waiting; {LATER}");
                break;
            }
        }
        self.tell(&Step::Settled(last.state));
        last
    }

    /// Asks for a job once and records what is learnt.
    pub async fn look(&self, entry: Option<EntryId>, updates: Updates, job: &JobId, known: State) -> Report {
        let once = Wait::UpTo(Duration::ZERO, Intervals::default());
        self.follow(entry, updates, job, known, &once).await
    }

    /// What to say, and do, about content that the journal knows.
    async fn take_up(&self, entry: &Entry, wait: &Wait) -> Report {
        let sent = format!("the same content went as `{}` on {}", entry.file, shown(entry.recorded_at));
        let known = Report { attempts: 0, ..entry.report.clone() };
        match (entry.report.state, &entry.report.job) {
            (State::Processed, _) => {
                Report { message: format!("not sent again: {sent} and was processed"), ..known }
            }
            (State::Failed, _) => Report {
                message: format!(
                    "not sent again: {sent} and failed, as {}; `--resubmit` sends it all the same",
                    entry.report.message
                ),
                ..known
            },
            (State::Queued | State::Processing | State::Unknown, Some(job)) => {
                self.follow(Some(entry.id), entry.updates, job, entry.report.state, wait).await
            }
            (State::Unknown, None) if entry.unread.as_ref().is_some_and(|answer| answer.complete) => Report {
                message: format!(
                    "not sent: {sent}, and the service did not take it; that run was cut short, or is about to try \
                     again; if it does not run any more, send the file with `--resubmit`"
                ),
                http_status: entry.unread.as_ref().map(|answer| answer.status),
                ..known
            },
            (State::Queued | State::Processing | State::Unknown | State::NotSent, None)
            | (State::NotSent, Some(_)) => Report {
                message: format!(
                    "not sent: {sent}, and it is not known whether it arrived; \
                     look in the service, and if it is not there, send it with `--resubmit`"
                ),
                ..known
            },
        }
    }

    /// Sends a file, as often as may be.
    async fn send(&self, id: EntryId, parcel: &Parcel) -> Result<Report, JournalError> {
        let mut tries = 0;
        loop {
            if self.take_turn().await.is_break() {
                return Ok(not_sent(tries, "stopped before it was sent".to_owned()));
            }
            tries += 1;
            self.means.journal.count_try(id, tries, self.means.clock.now())?;
            self.tell(&Step::Trying(tries));
            let (trouble, report) = self.try_once(id, parcel, tries).await;
            let Some(trouble) = trouble else { return Ok(report) };
            let now = self.means.clock.now();
            match self.means.retry.decide(tries, &trouble, now, self.means.clock.chance()) {
                Decision::GiveUp => return Ok(report),
                Decision::Again(pause) => {
                    self.tell(&Step::Pausing(pause, report.message.clone()));
                    if self.pause(pause).await.is_break() {
                        return Ok(Report { message: format!("stopped; {}", report.message), ..report });
                    }
                }
            }
        }
    }

    /// Sends a file once: what there is to say of it, and what went wrong, if anything did.
    async fn try_once(&self, id: EntryId, parcel: &Parcel, attempts: u32) -> (Option<Trouble>, Report) {
        let mut is_told = false;
        let mut arrival = |answer: &Answer| {
            // If the journal cannot keep it, it cannot record the outcome either, and that is reported.
            let _ = self.means.journal.keep_answer(id, answer, self.means.clock.now());
            if !std::mem::replace(&mut is_told, true) {
                self.tell(&Step::Answered(answer.status));
            }
        };
        let answer = match self.means.client.submit(parcel, &mut arrival).await {
            Ok(answer) => answer,
            Err(error) => return broken(&error, attempts),
        };
        let http_status = Some(answer.status);
        match read_submission(&answer) {
            Submitted::Queued(job) => {
                let message = LATER.to_owned();
                (None, Report { state: State::Queued, job: Some(job), http_status, attempts, message })
            }
            Submitted::NotTaken { retry_after, message } => (
                Some(Trouble::NotTaken { retry_after }),
                Report { http_status, ..not_sent(attempts, message) },
            ),
            Submitted::Settled { state, message } => {
                (Some(Trouble::Refused), Report { state, job: None, http_status, attempts, message })
            }
        }
    }

    async fn ask(&self, updates: Updates, job: &JobId, known: State) -> Asked {
        let asked = |state, http_status, message, next| Asked {
            report: Report { state, job: Some(job.clone()), http_status, attempts: 0, message },
            next,
            pause: Duration::ZERO,
        };
        let answer = match self.means.client.job(updates, job).await {
            Ok(answer) => answer,
            Err(error @ (ExchangeError::Redirect(_) | ExchangeError::NotTrusted { .. })) => {
                return asked(known, None, error.to_string(), Next::Stop);
            }
            Err(error) => {
                return asked(
                    known,
                    None,
                    format!("no word of the job for now: {error}; {LATER}"),
                    Next::Ask,
                );
            }
        };
        let status = Some(answer.status);
        match read_job(&answer) {
            JobReading::InProcess => {
                asked(State::Processing, status, format!("still in process; {LATER}"), Next::Ask)
            }
            JobReading::Verdict { state, message } => asked(state, status, message, Next::Stop),
            JobReading::Later { retry_after, message } => Asked {
                pause: retry_after
                    .and_then(|text| asked_pause(&text, self.means.clock.now()))
                    .unwrap_or_default(),
                ..asked(known, status, format!("{message}; {LATER}"), Next::Ask)
            },
            JobReading::NoSuchJob { message } => asked(State::Unknown, status, message, Next::AskAFewTimes),
            JobReading::Refused { message } => asked(known, status, message, Next::Stop),
        }
    }

    /// Records what was learnt of a job. The job is in the journal already, so if this fails nothing is lost.
    fn note(&self, entry: Option<EntryId>, report: &mut Report) {
        let Some(id) = entry else { return };
        if let Err(error) = self.means.journal.record(id, report, self.means.clock.now()) {
            report.message = format!("{}; the journal does not know it: {error}", report.message);
        }
    }

    /// Waits for this request's turn, unless somebody wants to stop.
    async fn take_turn(&self) -> ControlFlow<()> {
        let wait = self.means.pace.turn(self.means.clock.elapsed());
        if wait.is_zero() {
            return ControlFlow::Continue(());
        }
        self.pause(wait).await
    }

    async fn pause(&self, duration: Duration) -> ControlFlow<()> {
        tokio::select! {
            biased;
            () = self.means.stop.requested() => ControlFlow::Break(()),
            () = self.means.clock.sleep(duration) => ControlFlow::Continue(()),
        }
    }

    fn tell(&self, step: &Step) {
        (self.watch)(step);
    }
}

/// What one question brought.
struct Asked {
    report: Report,
    next: Next,
    /// The pause that the service asks for.
    pause: Duration,
}

/// Whether there is a point in asking again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Ask,
    AskAFewTimes,
    Stop,
}

fn not_sent(attempts: u32, message: String) -> Report {
    Report { state: State::NotSent, job: None, http_status: None, attempts, message }
}

/// A try that brought no answer.
fn broken(error: &ExchangeError, attempts: u32) -> (Option<Trouble>, Report) {
    if error.may_have_arrived() {
        let message = format!("{error}, so the file may have arrived; {LOOK_FIRST}");
        return (
            Some(Trouble::MayHaveArrived),
            Report { state: State::Unknown, ..not_sent(attempts, message) },
        );
    }
    let trouble = match error {
        ExchangeError::NotTrusted { .. } => Trouble::NotTrusted,
        ExchangeError::Redirect(_) => Trouble::Refused,
        ExchangeError::NotConnected { .. }
        | ExchangeError::BrokenBefore { .. }
        | ExchangeError::BrokenAfter { .. }
        | ExchangeError::SendTimeout { .. }
        | ExchangeError::AnswerTimeout { .. } => Trouble::NothingSent,
    };
    (Some(trouble), not_sent(attempts, error.to_string()))
}
