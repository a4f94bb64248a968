//! The journal's tables and how older ones become newer ones. A released step is never changed: a journal out
//! there has taken it already. It refuses a file that is no journal, and one from a newer program.

use rusqlite::{Connection, TransactionBehavior};

use super::JournalError;

/// "MSHJ": tells a journal from any other SQLite file.
const APPLICATION: i32 = 0x4d53_484a;

/// Each step takes a journal from the version of its index to the next.
const STEPS: [&str; 3] = [
    // 1: one row for each submission, written before anything is sent.
    "CREATE TABLE submission (
        id          INTEGER PRIMARY KEY,
        place       TEXT NOT NULL,      -- base URL without a final slash
        updates     TEXT NOT NULL CHECK (updates IN ('metric-updates', 'progress-updates')),
        file        TEXT NOT NULL,      -- name as sent
        sha256      TEXT NOT NULL CHECK (length(sha256) = 64),
        rows        INTEGER NOT NULL,
        state       TEXT NOT NULL CHECK (state IN
                        ('queued', 'processing', 'processed', 'failed', 'not-sent', 'unknown')),
        job         TEXT,
        http_status INTEGER,
        attempts    INTEGER NOT NULL,
        message     TEXT NOT NULL,
        recorded_at INTEGER NOT NULL,   -- seconds since 1970, UTC
        changed_at  INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX submission_by_content ON submission (place, updates, sha256);
    CREATE INDEX submission_by_job ON submission (job) WHERE job IS NOT NULL;",
    // 2: the values of each submission, to compare the next one with.
    "CREATE TABLE sent_value (
        submission  INTEGER NOT NULL REFERENCES submission (id),
        external_id TEXT NOT NULL,
        value       TEXT NOT NULL,
        as_of_date  TEXT NOT NULL
    ) STRICT;
    CREATE INDEX sent_value_by_submission ON sent_value (submission);
    CREATE INDEX sent_value_by_id ON sent_value (external_id);",
    // 3: an answer as it came, until it has been read: what the service said outlives the process that asked.
    "ALTER TABLE submission ADD COLUMN answer_status INTEGER;
    ALTER TABLE submission ADD COLUMN answer BLOB;
    ALTER TABLE submission ADD COLUMN answer_is_whole INTEGER;",
];

/// The version that this program writes.
pub(super) const NEWEST: i32 = {
    assert!(STEPS.len() < 1000);
    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "asserted above")]
    let newest = STEPS.len() as i32;
    newest
};

/// Brings a journal to the newest version. Of several processes that open it at once, one does the work and
/// the others find it done.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), JournalError> {
    migrate_to(connection, NEWEST)
}

/// Stops at `target`: for tests that need an older journal.
pub(super) fn migrate_to(connection: &mut Connection, target: i32) -> Result<(), JournalError> {
    if version(connection)? == target {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again: another process may have finished while this one waited for the lock.
    let found = version(&transaction)?;
    for (index, step) in (0..target).zip(STEPS) {
        if index >= found {
            transaction.execute_batch(step)?;
        }
    }
    if found < target {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", target)?;
    }
    transaction.commit()?;
    Ok(())
}

/// The version of the journal; 0 for a new file.
fn version(connection: &Connection) -> Result<i32, JournalError> {
    // In one statement, or another process could make the journal between two of them and it would look foreign.
    let (application, version, tables): (i32, i32, i64) = connection.query_row(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
         FROM pragma_application_id, pragma_user_version",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if application != APPLICATION && (application != 0 || version != 0 || tables != 0) {
        return Err(JournalError::Foreign);
    }
    if version > NEWEST {
        return Err(JournalError::Newer { found: version, newest: NEWEST });
    }
    Ok(version)
}
