//! What stands in the journal: a submission as it is recorded, and as it is read again.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::Row;
use rusqlite::types::Type;

use crate::answer::Answer;
use crate::job::JobId;
use crate::parcel::{Parcel, Updates};
use crate::place::Place;
use crate::state::{Report, State};

/// A submission about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub(super) place: String,
    pub(super) updates: Updates,
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) rows: usize,
    pub(super) values: Vec<SentValue>,
}

impl Submission {
    /// A parcel on its way to a place, with what its sender says is in it.
    #[must_use]
    pub fn new(parcel: &Parcel, place: &Place, rows: usize, values: Vec<SentValue>) -> Self {
        Self {
            place: place.to_string(),
            updates: parcel.updates,
            file: parcel.name.clone(),
            sha256: parcel.sha256(),
            rows,
            values,
        }
    }
}

/// One value of a file, kept to compare the next one with. All three as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentValue {
    /// The External ID.
    pub external_id: String,
    /// The metric's value.
    pub value: String,
    /// The date.
    pub as_of_date: String,
}

impl SentValue {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { external_id: row.get(0)?, value: row.get(1)?, as_of_date: row.get(2)? })
    }
}

/// The number of an entry, growing with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId(pub(super) i64);

impl fmt::Display for EntryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One submission as the journal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// The base URL it went to.
    pub place: String,
    /// The kind of updates.
    pub updates: Updates,
    /// The file's name, as sent.
    pub file: String,
    /// The content's SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Rows of data.
    pub rows: usize,
    /// What is known of it: state, job, HTTP status, tries, message.
    pub report: Report,
    /// The answer to the submission, as far as it came, if nobody came to read it.
    pub unread: Option<Answer>,
    /// When it was recorded, just before it was sent.
    pub recorded_at: SystemTime,
    /// When something was last learnt of it.
    pub changed_at: SystemTime,
}

impl Entry {
    /// In the order in which `read` takes them.
    pub(super) const COLUMNS: &str = "id, place, updates, file, sha256, rows, state, job, http_status, attempts, \
                                      message, recorded_at, changed_at, answer_status, answer, answer_is_whole";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let updates: String = row.get(2)?;
        let state: String = row.get(6)?;
        let job: Option<String> = row.get(7)?;
        Ok(Self {
            id: EntryId(row.get(0)?),
            place: row.get(1)?,
            updates: Updates::of_word(&updates).ok_or_else(|| unreadable(2, &updates))?,
            file: row.get(3)?,
            sha256: row.get(4)?,
            rows: usize::try_from(row.get::<_, i64>(5)?).unwrap_or_default(),
            report: Report {
                state: State::of_word(&state).ok_or_else(|| unreadable(6, &state))?,
                job: job.map(|job| JobId::parse(&job).map_err(|_| unreadable(7, &job))).transpose()?,
                http_status: row.get(8)?,
                attempts: row.get(9)?,
                message: row.get(10)?,
            },
            recorded_at: time(row.get(11)?),
            changed_at: time(row.get(12)?),
            unread: unread(row)?,
        })
    }
}

fn unread(row: &Row<'_>) -> rusqlite::Result<Option<Answer>> {
    let Some(status) = row.get(13)? else { return Ok(None) };
    let body = row.get::<_, Option<Vec<u8>>>(14)?.unwrap_or_default();
    let complete = row.get::<_, Option<bool>>(15)?.unwrap_or_default();
    Ok(Some(Answer { status, retry_after: None, body, complete }))
}

fn time(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}

fn unreadable(column: usize, text: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        Type::Text,
        format!("`{text}` means nothing here").into(),
    )
}
