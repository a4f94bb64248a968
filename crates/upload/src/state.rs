//! What is known of a submission. There are six states and no other; each answer of the service leads to one.

use std::fmt;

use crate::job::JobId;

/// What is known of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The service took it and gave it a job.
    Queued,
    /// The service is at it.
    Processing,
    /// The service is done and took the updates.
    Processed,
    /// The service refused the file, at once or in processing.
    Failed,
    /// The service did not take it: nothing has happened, trying again may help.
    NotSent,
    /// It may or may not have arrived; nobody but the service can tell.
    Unknown,
}

impl State {
    /// All of them, in the order of a submission's life.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Processing, Self::Processed, Self::Failed, Self::NotSent, Self::Unknown];

    /// The word for it in output and journal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Processed => "processed",
            Self::Failed => "failed",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a word, if it is one.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// What became of one submission, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The state.
    pub state: State,
    /// The job, once the service has named it.
    pub job: Option<JobId>,
    /// The last HTTP status that said something about the submission.
    pub http_status: Option<u16>,
    /// How often the file was sent or tried to be sent; 0 for a job that was only asked about.
    pub attempts: u32,
    /// What happened and what to do, a fragment without a final period.
    pub message: String,
}

impl Report {
    /// Whether the service refused the key (401 or 403).
    #[must_use]
    pub fn key_refused(&self) -> bool {
        matches!(self.http_status, Some(401 | 403))
    }
}
