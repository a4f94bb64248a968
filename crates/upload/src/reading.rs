//! Every status the service can answer, read as a state and a sentence that says what to do. Pure; it asks
//! nobody and waits for nothing.

use crate::answer::Answer;
use crate::job::{self, JobId};
use crate::state::State;

/// What an answer to a submission means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The service took the file and gave it a job.
    Queued(JobId),
    /// The service says that it did not take the file; the same file may be sent again.
    NotTaken {
        /// The text of `Retry-After`, if it came.
        retry_after: Option<String>,
        /// What happened and what to do.
        message: String,
    },
    /// Anything else. Sending again would not help, or might do harm.
    Settled {
        /// Failed, not-sent or unknown.
        state: State,
        /// What happened and what to do.
        message: String,
    },
}

/// What an answer to a question for a job means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobReading {
    /// Received or being processed.
    InProcess,
    /// The verdict: processed or failed.
    Verdict {
        /// Processed or failed.
        state: State,
        /// What happened and what to do.
        message: String,
    },
    /// No answer for now; ask again.
    Later {
        /// The text of `Retry-After`, if it came.
        retry_after: Option<String>,
        /// Why.
        message: String,
    },
    /// The service does not know the job. It may be too new.
    NoSuchJob {
        /// What to do.
        message: String,
    },
    /// Asking again will not help: the key is refused, or this is not the service.
    Refused {
        /// What happened and what to do.
        message: String,
    },
}

const KEY_ADVICE: &str = "check the key and that it belongs to this environment";

/// Reads the answer to a submission.
#[must_use]
pub fn read_submission(answer: &Answer) -> Submitted {
    let says = answer.says();
    let status = answer.status;
    let settled = |state, message| Submitted::Settled { state, message };
    match status {
        200..=299 => match job::find(&answer.text(), answer.complete) {
            Some(job) => Submitted::Queued(job),
            None => settled(
                State::Unknown,
                format!(
                    "the service took the file but named no job{says}; look in the service before sending again"
                ),
            ),
        },
        401 | 403 => {
            settled(State::NotSent, format!("the service refused the key ({status}{says}); {KEY_ADVICE}"))
        }
        404 | 405 => settled(
            State::NotSent,
            format!("there is no service for updates at this address ({status}{says}); check `--base-url`"),
        ),
        300..=399 => settled(
            State::NotSent,
            format!("the service answered {status} without an address to go to; check `--base-url`"),
        ),
        408 => settled(
            State::Unknown,
            format!(
                "the service gave up waiting for the file (408{says}); look in the service before sending again"
            ),
        ),
        413 => settled(
            State::Failed,
            format!("the file is too large for the service (413{says}); split it into several files"),
        ),
        429 => Submitted::NotTaken {
            retry_after: answer.retry_after.clone(),
            message: format!("the service is asked too often (429{says}); try again later"),
        },
        400..=499 => settled(
            State::Failed,
            format!("the service refused the file ({status}{says}); correct it and send it again"),
        ),
        500 => Submitted::NotTaken {
            retry_after: answer.retry_after.clone(),
            message: format!("the service failed to queue the file (500{says}); try again later"),
        },
        502..=504 => settled(
            State::Unknown,
            format!(
                "a gateway answered for the service ({status}{says}), so the file may have arrived; \
                 look in the service before sending again"
            ),
        ),
        _ => settled(
            State::Unknown,
            format!(
                "the service answered {status}{says}, which says nothing of the file; \
                 look in the service before sending again"
            ),
        ),
    }
}

/// Reads the answer to a question for a job.
#[must_use]
pub fn read_job(answer: &Answer) -> JobReading {
    let says = answer.says();
    let status = answer.status;
    let later = |message| JobReading::Later { retry_after: answer.retry_after.clone(), message };
    match status {
        202 => JobReading::InProcess,
        200 => JobReading::Verdict { state: State::Processed, message: "processed".to_owned() },
        400 | 500 => JobReading::Verdict {
            state: State::Failed,
            message: format!(
                "the service could not process the file ({status}{says}); correct it and send it again"
            ),
        },
        401 | 403 => JobReading::Refused {
            message: format!("the service refused the key ({status}{says}); {KEY_ADVICE}"),
        },
        404 => JobReading::NoSuchJob {
            message: format!(
                "the service knows no such job (404{says}); check the job ID, the environment and the template"
            ),
        },
        429 => later(format!("the service is asked too often (429{says})")),
        408 | 501..=599 => later(format!("no word of the job for now ({status}{says})")),
        _ => JobReading::Refused {
            message: format!(
                "the service answered {status}{says}, which says nothing of the job; check `--base-url`"
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "2bf2dda7-2aa4-4345-b6a8-8070d6ceec39";

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: Some("7".to_owned()), body: body.as_bytes().to_vec(), complete: true }
    }

    #[test]
    fn every_status_of_a_submission_has_a_state_and_says_what_to_do() {
        let cases = [
            (200, ID, "queued", ID),
            (202, ID, "queued", ID),
            (200, "thanks", "unknown", "named no job, it says `thanks`; look in the service"),
            (204, "", "unknown", "named no job; look in the service"),
            (304, "", "not-sent", "check `--base-url`"),
            (400, "bad file", "failed", "(400, it says `bad file`); correct it"),
            (401, "", "not-sent", "refused the key (401); check the key"),
            (403, "", "not-sent", "refused the key (403); check the key"),
            (404, "", "not-sent", "check `--base-url`"),
            (405, "", "not-sent", "check `--base-url`"),
            (408, "", "unknown", "look in the service"),
            (413, "", "failed", "split it"),
            (415, "", "failed", "correct it"),
            (422, "", "failed", "correct it"),
            (429, "", "not taken", "try again later"),
            (500, "oops", "not taken", "failed to queue the file (500, it says `oops`); try again later"),
            (501, "", "unknown", "look in the service"),
            (502, "", "unknown", "look in the service"),
            (503, "", "unknown", "look in the service"),
            (504, "", "unknown", "look in the service"),
            (599, "", "unknown", "look in the service"),
            (999, "", "unknown", "look in the service"),
        ];
        for (status, body, word, part) in cases {
            let (said, text) = match read_submission(&answer(status, body)) {
                Submitted::Queued(job) => ("queued", job.to_string()),
                Submitted::NotTaken { retry_after, message } => {
                    assert_eq!(retry_after.as_deref(), Some("7"));
                    ("not taken", message)
                }
                Submitted::Settled { state, message } => (state.word(), message),
            };
            assert_eq!(said, word, "{status}");
            assert!(text.contains(part), "{status}: {text}");
        }
    }

    #[test]
    fn every_status_of_a_job_has_a_state_and_says_what_to_do() {
        let cases = [
            (200, "", "processed", "processed"),
            (202, "", "in process", ""),
            (400, "row 2", "failed", "(400, it says `row 2`); correct it"),
            (500, "", "failed", "(500); correct it"),
            (401, "", "refused", "check the key"),
            (403, "", "refused", "check the key"),
            (404, "", "no such job", "check the job ID"),
            (408, "", "later", "for now"),
            (429, "", "later", "too often"),
            (502, "", "later", "for now (502)"),
            (503, "", "later", "for now"),
            (504, "", "later", "for now"),
            (204, "", "refused", "check `--base-url`"),
            (302, "", "refused", "check `--base-url`"),
            (418, "", "refused", "check `--base-url`"),
        ];
        for (status, body, word, part) in cases {
            let (said, text) = match read_job(&answer(status, body)) {
                JobReading::InProcess => ("in process", String::new()),
                JobReading::Verdict { state, message } => (state.word(), message),
                JobReading::Later { retry_after, message } => {
                    assert_eq!(retry_after.as_deref(), Some("7"));
                    ("later", message)
                }
                JobReading::NoSuchJob { message } => ("no such job", message),
                JobReading::Refused { message } => ("refused", message),
            };
            assert_eq!(said, word, "{status}");
            assert!(text.contains(part), "{status}: {text}");
        }
    }
}
