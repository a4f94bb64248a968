//! From a file to its verdict: submit, learn the job, ask for it until the service has decided or the time is
//! up. It refuses to guess: what cannot be known is reported as unknown.

use std::time::Duration;

use crate::client::Client;
use crate::clock::Clock;
use crate::exchange::ExchangeError;
use crate::job::JobId;
use crate::parcel::{Parcel, Updates};
use crate::polling::Intervals;
use crate::reading::{JobReading, Submitted, read_job, read_submission};
use crate::state::{Report, State};

/// How often "no such job" is taken for "not yet": a job can be newer than what the service's other half knows.
const TOO_NEW_TO_BE_KNOWN: u32 = 3;

/// How long to wait for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    No,
    /// At most this long after the service took the file, at growing intervals.
    UpTo(Duration, Intervals),
}

/// Sends files through a client and follows them.
#[derive(Clone, Copy)]
pub struct Uploader<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
}

impl<'a> Uploader<'a> {
    /// An uploader.
    #[must_use]
    pub fn new(client: &'a Client, clock: &'a dyn Clock) -> Self {
        Self { client, clock }
    }

    /// Submits a file and waits for the verdict as told.
    pub async fn deliver(&self, parcel: &Parcel, wait: &Wait) -> Report {
        let attempts = 1;
        let (http_status, submitted) = match self.client.submit(parcel).await {
            Ok(answer) => (Some(answer.status), read_submission(&answer)),
            Err(error) if error.may_have_arrived() => {
                let message = format!("{error}; look in the service before sending again");
                (None, Submitted::Settled { state: State::Unknown, message })
            }
            Err(error) => (None, Submitted::Settled { state: State::NotSent, message: error.to_string() }),
        };
        match submitted {
            Submitted::Queued(job) => {
                let report = self.follow(parcel.updates, &job, wait).await;
                Report { http_status: report.http_status.or(http_status), attempts, ..report }
            }
            Submitted::NotTaken { message, .. } => {
                Report { state: State::NotSent, job: None, http_status, attempts, message }
            }
            Submitted::Settled { state, message } => {
                Report { state, job: None, http_status, attempts, message }
            }
        }
    }

    /// Asks for a job that is known to be queued until there is a verdict or the time is up.
    pub async fn follow(&self, updates: Updates, job: &JobId, wait: &Wait) -> Report {
        let mut last = Report {
            state: State::Queued,
            job: Some(job.clone()),
            http_status: None,
            attempts: 0,
            message: "queued; ask for it later with `metricsheet status`".to_owned(),
        };
        let Wait::UpTo(limit, intervals) = wait else { return last };
        let start = self.clock.elapsed();
        let mut unknown = 0;
        for pause in intervals.clone() {
            let asked = self.ask(updates, job, last.state).await;
            unknown = if asked.next == Next::AskAFewTimes { unknown + 1 } else { 0 };
            let waited = self.clock.elapsed().saturating_sub(start);
            if asked.next == Next::Stop || unknown > TOO_NEW_TO_BE_KNOWN || waited >= *limit {
                return asked.report;
            }
            last = asked.report;
            self.clock.sleep(pause.min(limit.saturating_sub(waited))).await;
        }
        last
    }

    /// Asks for a job once. An answer that says nothing of it leaves the `known` state.
    pub async fn look(&self, updates: Updates, job: &JobId, known: State) -> Report {
        self.ask(updates, job, known).await.report
    }

    async fn ask(&self, updates: Updates, job: &JobId, known: State) -> Asked {
        let asked = |state, http_status, message, next| Asked {
            report: Report { state, job: Some(job.clone()), http_status, attempts: 0, message },
            next,
        };
        let answer = match self.client.job(updates, job).await {
            Ok(answer) => answer,
            Err(error @ ExchangeError::Redirect(_)) => {
                return asked(known, None, error.to_string(), Next::Stop);
            }
            Err(error) => {
                return asked(known, None, format!("no word of the job for now: {error}"), Next::Ask);
            }
        };
        let status = Some(answer.status);
        match read_job(&answer) {
            JobReading::InProcess => {
                let message = "still in process; ask for it later with `metricsheet status`".to_owned();
                asked(State::Processing, status, message, Next::Ask)
            }
            JobReading::Verdict { state, message } => asked(state, status, message, Next::Stop),
            JobReading::Later { message, .. } => asked(known, status, message, Next::Ask),
            JobReading::NoSuchJob { message } => asked(State::Unknown, status, message, Next::AskAFewTimes),
            JobReading::Refused { message } => asked(known, status, message, Next::Stop),
        }
    }
}

/// What one question brought.
struct Asked {
    report: Report,
    next: Next,
}

/// Whether there is a point in asking again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Ask,
    AskAFewTimes,
    Stop,
}
