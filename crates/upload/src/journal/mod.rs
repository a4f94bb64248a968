//! The journal of submissions: each is recorded before its first byte leaves, so that no crash can make a file
//! be sent twice, and each job ID is recorded the moment it arrives. It refuses to hold the key, and to record
//! the same content for the same place twice unless told to. What the service answers is kept as it came before it
//! is read, so that a job whose answer has been received outlives the process that received it.
//!
//! It is one SQLite file. Several processes may have it open; SQLite's own locks and its rollback journal keep
//! it whole when one of them is killed. (Its write-ahead log would be faster, but it fails on network drives,
//! where home directories are, and speed is not wanted here.)

mod entry;
mod schema;
mod unread;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

pub use self::entry::{Entry, EntryId, SentValue, Submission};
use crate::job::JobId;
use crate::parcel::Updates;
use crate::place::Place;
use crate::state::{Report, State};

/// How long a process waits for another that is writing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A journal file, open.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    connection: Mutex<Connection>,
}

/// Why the journal cannot be used. Nothing is sent without it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory cannot be made.
    #[error("the directory of the journal `{}` cannot be made: {cause}", path.display())]
    Directory {
        /// The journal's path.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file cannot be made or opened.
    #[error("the journal `{}` cannot be opened: {cause}", path.display())]
    File {
        /// The journal's path.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// An SQLite file of another program, or no SQLite file at all.
    #[error("the file is not a journal of metricsheet; name another with `--journal`")]
    Foreign,
    /// An SQLite file whose pages contradict each other, as a failing disk leaves them.
    #[error(
        "the journal is damaged, so it is not known what was sent; look in the service, and move the journal away \
         or name another with `--journal`"
    )]
    Damaged,
    /// Written by a newer version of the program.
    #[error(
        "the journal has version {found}, and this metricsheet knows no newer one than {newest}; update metricsheet"
    )]
    Newer {
        /// Its version.
        found: i32,
        /// The newest that is known.
        newest: i32,
    },
    /// Whatever SQLite says.
    #[error("the journal cannot be used: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged,
            _ => Self::Sqlite(error),
        }
    }
}

/// Whether content that was sent before may be recorded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resubmit {
    /// It may not.
    No,
    /// The user wants it sent again.
    Yes,
}

/// What recording a submission brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is recorded, with the state `unknown`; whoever recorded it, and nobody else, sends it.
    Recorded(EntryId),
    /// The same content went, or may have gone, to the same place.
    Known(Box<Entry>),
}

impl Journal {
    /// Opens the journal at `path` and makes it, with its directory, if there is none.
    ///
    /// # Errors
    /// If the directory cannot be made, the file cannot be opened or is not a journal, or a newer program
    /// wrote it.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)
                .map_err(|cause| JournalError::Directory { path: path.to_owned(), cause })?;
        }
        make_private(path).map_err(|cause| JournalError::File { path: path.to_owned(), cause })?;
        // No SQLITE_OPEN_URI: a path that looks like a URI is still a path.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        schema::migrate(&mut connection)?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records a submission before it is sent, with its values for later comparison. Whatever other processes
    /// do at the same time, only one of them is told that it recorded this content.
    ///
    /// # Errors
    /// If the journal cannot be read or written.
    pub fn claim(
        &self,
        submission: &Submission,
        resubmit: Resubmit,
        now: SystemTime,
    ) -> Result<Claim, JournalError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if resubmit == Resubmit::No {
            let known = transaction
                .query_row(
                    &format!(
                        "SELECT {} FROM submission WHERE place = ? AND updates = ? AND sha256 = ? \
                         AND state <> 'not-sent' ORDER BY id DESC LIMIT 1",
                        Entry::COLUMNS
                    ),
                    params![submission.place, submission.updates.word(), submission.sha256],
                    Entry::read,
                )
                .optional()?;
            if let Some(entry) = known {
                return Ok(Claim::Known(Box::new(entry)));
            }
        }
        transaction.execute(
            "INSERT INTO submission (place, updates, file, sha256, rows, state, attempts, message, recorded_at, \
             changed_at) VALUES (?, ?, ?, ?, ?, 'unknown', 0, ?, ?, ?)",
            params![
                submission.place,
                submission.updates.word(),
                submission.file,
                submission.sha256,
                i64::try_from(submission.rows).unwrap_or(i64::MAX),
                "being sent right now, or cut short",
                seconds(now),
                seconds(now),
            ],
        )?;
        let id = transaction.last_insert_rowid();
        {
            let mut insert = transaction.prepare(
                "INSERT INTO sent_value (submission, external_id, value, as_of_date) VALUES (?, ?, ?, ?)",
            )?;
            for sent in &submission.values {
                insert.execute(params![id, sent.external_id, sent.value, sent.as_of_date])?;
            }
        }
        transaction.commit()?;
        Ok(Claim::Recorded(EntryId(id)))
    }

    /// Counts a try, before it is made. What was answered to the one before says nothing of this one.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn count_try(&self, id: EntryId, tries: u32, now: SystemTime) -> Result<(), JournalError> {
        self.connection().execute(
            "UPDATE submission SET attempts = ?, changed_at = ?, answer_status = NULL, answer = NULL, \
             answer_is_whole = NULL WHERE id = ?",
            params![tries, seconds(now), id.0],
        )?;
        Ok(())
    }

    /// Records what is known of a submission now. A job ID that was recorded is never taken away, nor is a
    /// count of tries lowered, and a verdict is the last word: another process may have asked earlier and come
    /// later.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn record(&self, id: EntryId, report: &Report, now: SystemTime) -> Result<(), JournalError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE submission SET state = ?1, job = coalesce(?2, job), http_status = coalesce(?3, http_status), \
             attempts = max(attempts, ?4), message = ?5, changed_at = ?6, answer_status = NULL, answer = NULL, \
             answer_is_whole = NULL WHERE id = ?7 \
             AND NOT (state IN ('processed', 'failed') AND ?1 NOT IN ('processed', 'failed'))",
            params![
                report.state.word(),
                report.job.as_ref().map(JobId::as_str),
                report.http_status,
                report.attempts,
                report.message,
                seconds(now),
                id.0
            ],
        )?;
        match report.state {
            State::Processed => forget_superseded(&transaction, id)?,
            // What the service does not have is compared with nothing.
            State::Failed | State::NotSent => {
                transaction.execute("DELETE FROM sent_value WHERE submission = ?", [id.0])?;
            }
            State::Queued | State::Processing | State::Unknown => {}
        }
        transaction.commit()?;
        Ok(())
    }

    /// The entries of all places, oldest first; only those without a verdict, or all. A submission without a
    /// job is no longer open once the same content went again: of the older one there will never be news.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn entries(&self, which: Which) -> Result<Vec<Entry>, JournalError> {
        let condition = match which {
            Which::Open => {
                "state IN ('queued', 'processing', 'unknown') AND NOT (job IS NULL AND answer_status IS NULL \
                 AND EXISTS (SELECT 1 FROM submission AS newer WHERE newer.id > submission.id \
                 AND newer.place = submission.place AND newer.updates = submission.updates \
                 AND newer.sha256 = submission.sha256 AND newer.state NOT IN ('not-sent', 'unknown')))"
            }
            Which::All => "TRUE",
        };
        let connection = self.connection();
        let mut select = connection
            .prepare(&format!("SELECT {} FROM submission WHERE {condition} ORDER BY id", Entry::COLUMNS))?;
        let entries = select.query_map([], Entry::read)?.collect::<Result<_, _>>()?;
        Ok(entries)
    }

    /// The newest entry of a job at a place.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn job(&self, place: &Place, job: &JobId) -> Result<Option<Entry>, JournalError> {
        let entry = self
            .connection()
            .query_row(
                &format!(
                    "SELECT {} FROM submission WHERE place = ? AND job = ? ORDER BY id DESC LIMIT 1",
                    Entry::COLUMNS
                ),
                params![place.to_string(), job.as_str()],
                Entry::read,
            )
            .optional()?;
        Ok(entry)
    }

    /// For each of `ids`, in their order, what was sent to `place` for it last, if anything. Submissions that
    /// failed or were not sent do not count.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn last_sent(
        &self,
        place: &Place,
        updates: Updates,
        ids: &[&str],
    ) -> Result<Vec<Option<SentValue>>, JournalError> {
        let connection = self.connection();
        let mut select = connection.prepare(
            "SELECT external_id, value, as_of_date FROM sent_value JOIN submission ON submission.id = submission \
             WHERE external_id = ? AND place = ? AND updates = ? \
             AND state IN ('queued', 'processing', 'processed') ORDER BY sent_value.rowid DESC LIMIT 1",
        )?;
        let place = place.to_string();
        ids.iter()
            .map(|id| {
                select
                    .query_row(params![id, place, updates.word()], SentValue::read)
                    .optional()
                    .map_err(Into::into)
            })
            .collect()
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves at most an open transaction, which its own drop has rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Once a submission is processed, the values before it are of no use any more for the IDs it holds; without
/// this the journal would grow by every file that was ever sent.
fn forget_superseded(transaction: &rusqlite::Transaction<'_>, id: EntryId) -> Result<(), JournalError> {
    transaction.execute(
        "DELETE FROM sent_value WHERE submission < ?1 \
         AND external_id IN (SELECT external_id FROM sent_value WHERE submission = ?1) \
         AND submission IN (SELECT older.id FROM submission AS older JOIN submission AS newer \
         ON newer.id = ?1 AND older.place = newer.place AND older.updates = newer.updates \
         WHERE older.state = 'processed')",
        [id.0],
    )?;
    Ok(())
}

/// Which entries to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those whose fate may still change: queued, processing, unknown.
    Open,
    /// All of them.
    All,
}

/// Makes the file, if there is none, readable for its owner alone: it holds what was sent.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Seconds since 1970; a clock set before that counts as 1970.
fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
