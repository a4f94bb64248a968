//! Answers that have arrived and have not been read: kept as they came by the process that asked, read by the
//! next one if that was killed. It refuses to take "not taken, try again" for a last word, because the process
//! that was told so may be alive and about to try again.

use std::time::SystemTime;

use rusqlite::params;

use super::{Entry, EntryId, Journal, JournalError, seconds};
use crate::answer::Answer;
use crate::reading::{Submitted, read_submission};
use crate::state::{Report, State};

impl Journal {
    /// Keeps the answer to a submission as far as it is here, before anybody reads it.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn keep_answer(&self, id: EntryId, answer: &Answer, now: SystemTime) -> Result<(), JournalError> {
        self.connection().execute(
            "UPDATE submission SET answer_status = ?, answer = ?, answer_is_whole = ?, changed_at = ? WHERE id = ?",
            params![answer.status, answer.body, answer.complete, seconds(now), id.0],
        )?;
        Ok(())
    }

    /// The entry after its unread answer, if it has one, has been read and recorded.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn caught_up(&self, entry: Entry, now: SystemTime) -> Result<Entry, JournalError> {
        let Some(report) = entry.unread.as_ref().and_then(|answer| said(answer, &entry.report)) else {
            return Ok(entry);
        };
        self.record(entry.id, &report, now)?;
        Ok(Entry { report, unread: None, ..entry })
    }
}

/// What an answer says of its submission; `None` if it settles nothing.
fn said(answer: &Answer, known: &Report) -> Option<Report> {
    let (state, job, message) = match read_submission(answer) {
        Submitted::Queued(job) => {
            (State::Queued, Some(job), "ask for it later with `metricsheet status`".to_owned())
        }
        Submitted::NotTaken { .. } => return None,
        // The rest of the answer may say more.
        Submitted::Settled { state: State::Unknown, .. } if !answer.complete => return None,
        Submitted::Settled { state, message } => (state, None, message),
    };
    Some(Report { state, job, http_status: Some(answer.status), attempts: known.attempts, message })
}
