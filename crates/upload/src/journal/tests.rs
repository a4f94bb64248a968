//! The journal by itself: who may send, what is kept, old and foreign files, many processes at once.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use super::schema::{NEWEST, migrate_to};
use super::{Claim, Connection, EntryId, Journal, JournalError, Resubmit, SentValue, Submission, Which};
use crate::answer::Answer;
use crate::job::JobId;
use crate::parcel::{Format, Parcel, Updates};
use crate::place::{Environment, Place};
use crate::state::{Report, State};

const NOW: Duration = Duration::from_secs(1_700_000_000);

fn now() -> SystemTime {
    UNIX_EPOCH + NOW
}

fn submission(place: &Place, updates: Updates, text: &str, values: &[(&str, &str)]) -> Submission {
    let parcel = Parcel::new(updates, Format::Csv, "a.csv", text.to_owned()).unwrap();
    let values = values
        .iter()
        .map(|(id, value)| SentValue {
            external_id: (*id).to_owned(),
            value: (*value).to_owned(),
            as_of_date: "2024-03-31".to_owned(),
        })
        .collect();
    Submission::new(&parcel, place, 1, values)
}

fn report(state: State) -> Report {
    let job = JobId::parse("2bf2dda7-2aa4-4345-b6a8-8070d6ceec39").ok();
    Report { state, job, http_status: Some(200), attempts: 1, message: "as it is".to_owned() }
}

fn recorded(claim: Claim) -> EntryId {
    match claim {
        Claim::Recorded(id) => id,
        Claim::Known(entry) => panic!("known as {entry:?}"),
    }
}

#[test]
fn content_goes_to_a_place_once_unless_it_was_not_sent_or_is_wanted_again() {
    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("new/journal.sqlite")).unwrap();
    let (home, other) = (Environment::Commercial.into(), Environment::Government.into());
    let first = submission(&home, Updates::Metric, "same", &[]);
    for state in State::ALL {
        let id = recorded(journal.claim(&first, Resubmit::Yes, now()).unwrap());
        journal.record(id, &report(state), now()).unwrap();
        // A newer entry that was not sent does not hide the older one that was.
        let blocking = if state == State::NotSent { State::Failed } else { state };
        let Claim::Known(entry) = journal.claim(&first, Resubmit::No, now()).unwrap() else {
            panic!("recorded again after {state}");
        };
        assert_eq!(entry.report, report(blocking));
        assert_eq!((entry.recorded_at, entry.file.as_str(), entry.rows), (now(), "a.csv", 1));
    }
    for elsewhere in [
        submission(&other, Updates::Metric, "same", &[]),
        submission(&home, Updates::Progress, "same", &[]),
        submission(&home, Updates::Metric, "other", &[]),
    ] {
        let id = recorded(journal.claim(&elsewhere, Resubmit::No, now()).unwrap());
        journal.record(id, &Report { job: None, ..report(State::NotSent) }, now()).unwrap();
        recorded(journal.claim(&elsewhere, Resubmit::No, now()).unwrap());
        assert!(matches!(journal.claim(&elsewhere, Resubmit::No, now()).unwrap(), Claim::Known(_)));
    }
}

#[test]
fn an_entry_is_unknown_from_the_start_and_keeps_its_job() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("journal.sqlite");
    let journal = Journal::open(&path).unwrap();
    let place = Environment::Commercial.into();
    let id =
        recorded(journal.claim(&submission(&place, Updates::Metric, "x", &[]), Resubmit::No, now()).unwrap());
    let fresh = journal.entries(Which::Open).unwrap().remove(0);
    assert_eq!((fresh.report.state, fresh.report.attempts, fresh.report.job), (State::Unknown, 0, None));

    journal.count_try(id, 2, now()).unwrap();
    journal.record(id, &report(State::Queued), now()).unwrap();
    let later = now() + Duration::from_secs(60);
    let silent = Report { job: None, http_status: None, attempts: 0, ..report(State::Processed) };
    journal.record(id, &silent, later).unwrap();
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.entries(Which::Open).unwrap(), []);
    let entry = journal.entries(Which::All).unwrap().remove(0);
    assert_eq!(entry.report, Report { attempts: 2, ..report(State::Processed) });
    assert_eq!((entry.recorded_at, entry.changed_at), (now(), later));
    let job = entry.report.job.clone().unwrap();
    assert_eq!(journal.job(&place, &job).unwrap(), Some(entry));
    assert_eq!(journal.job(&Environment::Government.into(), &job).unwrap(), None);
}

#[test]
fn the_last_value_that_was_taken_is_found_for_each_id() {
    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("journal.sqlite")).unwrap();
    let place = Environment::Commercial.into();
    let send = |text: &str, values: &[(&str, &str)], state| {
        let submission = submission(&place, Updates::Metric, text, values);
        let id = recorded(journal.claim(&submission, Resubmit::No, now()).unwrap());
        journal.record(id, &report(state), now()).unwrap();
    };
    send("1", &[("A", "1"), ("B", "1"), ("C", "1"), ("D", "1")], State::Processed);
    send("2", &[("A", "2"), ("A", "3")], State::Queued);
    send("3", &[("B", "9")], State::Failed);
    send("4", &[("C", "9")], State::NotSent);
    send("5", &[("D", "9")], State::Unknown);
    let last = journal.last_sent(&place, Updates::Metric, &["D", "A", "X", "C", "B"]).unwrap();
    let values: Vec<_> = last.iter().map(|sent| sent.as_ref().map(|sent| sent.value.as_str())).collect();
    assert_eq!(values, [Some("1"), Some("3"), None, Some("1"), Some("1")]);
    let elsewhere = Environment::Government.into();
    assert_eq!(journal.last_sent(&elsewhere, Updates::Metric, &["A"]).unwrap(), [None]);
    assert_eq!(journal.last_sent(&place, Updates::Progress, &["A"]).unwrap(), [None]);
}

#[test]
fn values_are_kept_as_long_as_something_may_be_compared_with_them() {
    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("journal.sqlite")).unwrap();
    let (home, other) = (Environment::Commercial.into(), Environment::Government.into());
    let send = |place: &Place, text: &str, ids: &[&str], state| {
        let values: Vec<(&str, &str)> = ids.iter().map(|id| (*id, text)).collect();
        let submission = submission(place, Updates::Metric, text, &values);
        let id = recorded(journal.claim(&submission, Resubmit::No, now()).unwrap());
        journal.record(id, &report(state), now()).unwrap();
    };
    let kept = || -> Vec<String> {
        let connection = journal.connection();
        let mut select =
            connection.prepare("SELECT value || external_id FROM sent_value ORDER BY rowid").unwrap();
        let rows = select.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    send(&home, "1", &["A", "B"], State::Processed);
    send(&other, "2", &["A"], State::Processed);
    send(&home, "3", &["A"], State::Unknown);
    send(&home, "4", &["A"], State::Failed);
    send(&home, "5", &["A"], State::NotSent);
    assert_eq!(kept(), ["1A", "1B", "2A", "3A"]);
    send(&home, "6", &["A"], State::Queued);
    assert_eq!(kept(), ["1A", "1B", "2A", "3A", "6A"]);
    send(&home, "7", &["A"], State::Processed);
    assert_eq!(kept(), ["1B", "2A", "3A", "6A", "7A"]);
}

#[cfg(unix)]
#[test]
fn a_new_journal_is_readable_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("journal.sqlite")).unwrap();
    let mode = std::fs::metadata(journal.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_older_journal_is_brought_up_and_keeps_its_entries() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("journal.sqlite");
    let mut connection = Connection::open(&path).unwrap();
    migrate_to(&mut connection, 1).unwrap();
    // Each step works on entries that are there.
    connection
        .execute(
            "INSERT INTO submission (place, updates, file, sha256, rows, state, attempts, message, recorded_at, \
             changed_at) VALUES ('https://x', 'metric-updates', 'old.csv', ?, 3, 'queued', 1, '', 5, 6)",
            ["a".repeat(64)],
        )
        .unwrap();
    drop(connection);
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.entries(Which::Open).unwrap()[0].file, "old.csv");
    let found: i32 = journal.connection().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(found, NEWEST);
    assert_eq!(journal.last_sent(&Environment::Commercial.into(), Updates::Metric, &["A"]).unwrap(), [None]);
}

#[test]
fn an_unread_answer_is_read_by_whoever_comes_next() {
    const JOB: &str = "2bf2dda7-2aa4-4345-b6a8-8070d6ceec39";
    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("journal.sqlite")).unwrap();
    let place = Environment::Commercial.into();
    let labelled = format!("{{\"jobId\":\"{JOB}\",");
    let cases = [
        // status, body, whether it is whole; state, job, and whether it stays unread
        (200, JOB, true, State::Queued, true, false),
        (200, labelled.as_str(), false, State::Queued, true, false),
        (200, "thanks", true, State::Unknown, false, false),
        (200, &JOB[..20], false, State::Unknown, false, true),
        (400, "bad", true, State::Failed, false, false),
        (403, "", true, State::NotSent, false, false),
        // Whoever got these may be about to try again.
        (429, "", true, State::Unknown, false, true),
        (500, "failed to be queued", true, State::Unknown, false, true),
        (502, "", true, State::Unknown, false, false),
    ];
    for (status, body, complete, state, has_job, stays) in cases {
        let content = submission(&place, Updates::Metric, &format!("{status} {body} {complete}"), &[]);
        let id = recorded(journal.claim(&content, Resubmit::No, now()).unwrap());
        journal.count_try(id, 1, now()).unwrap();
        let answer = Answer { status, retry_after: None, body: body.as_bytes().to_vec(), complete };
        journal.keep_answer(id, &answer, now()).unwrap();
        let entry = journal.entries(Which::All).unwrap().pop().unwrap();
        assert_eq!((entry.report.state, &entry.unread), (State::Unknown, &Some(answer)), "{status}");
        let read = journal.caught_up(entry, now()).unwrap();
        assert_eq!((read.report.state, read.report.job.is_some()), (state, has_job), "{status} {body}");
        let again = journal.entries(Which::All).unwrap().pop().unwrap();
        assert_eq!((&again.report, again.unread.is_some()), (&read.report, stays), "{status} {body}");
        // The next try makes the answer to this one worthless.
        journal.count_try(id, 2, now()).unwrap();
        assert_eq!(journal.entries(Which::All).unwrap().pop().unwrap().unread, None, "{status} {body}");
    }
}

#[test]
fn a_verdict_is_the_last_word_and_content_that_went_again_closes_the_older_entry() {
    let directory = TempDir::new().unwrap();
    let journal = Journal::open(&directory.path().join("journal.sqlite")).unwrap();
    let place = Environment::Commercial.into();
    let content = submission(&place, Updates::Metric, "x", &[]);
    let lost = recorded(journal.claim(&content, Resubmit::No, now()).unwrap());
    let open = || journal.entries(Which::Open).unwrap().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(open(), [lost]);
    let again = recorded(journal.claim(&content, Resubmit::Yes, now()).unwrap());
    assert_eq!(open(), [lost, again], "as long as the fate of neither is known");
    for (state, expected) in [
        (State::Queued, State::Queued),
        (State::Processed, State::Processed),
        (State::Processing, State::Processed),
        (State::Unknown, State::Processed),
    ] {
        journal.record(again, &report(state), now()).unwrap();
        let entry = journal.entries(Which::All).unwrap().pop().unwrap();
        assert_eq!(entry.report.state, expected);
        assert!(!open().contains(&lost), "{state}");
    }
    assert_eq!(open(), []);
}

#[test]
fn files_that_are_no_journal_of_ours_are_refused_and_left_alone() {
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("text"), "KPI-1,1,2024-03-31\n".repeat(100)).unwrap();
    let foreign = Connection::open(path("foreign")).unwrap();
    foreign.execute_batch("CREATE TABLE notes (note TEXT)").unwrap();
    let newer = Connection::open(path("newer")).unwrap();
    newer
        .execute_batch(&format!("PRAGMA application_id = {}; PRAGMA user_version = 99", 0x4d53_484a))
        .unwrap();
    drop((foreign, newer));
    for (name, expected) in [("text", "not a journal"), ("foreign", "not a journal"), ("newer", "version 99")]
    {
        let before = std::fs::read(path(name)).unwrap();
        let error = Journal::open(&path(name)).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert_eq!(std::fs::read(path(name)).unwrap(), before, "{name}");
    }
    std::fs::write(path("blocked"), "").unwrap();
    let error = Journal::open(&path("blocked").join("journal.sqlite")).unwrap_err();
    assert!(matches!(error, JournalError::Directory { .. }), "{error}");
}

#[test]
fn of_many_that_open_a_new_journal_at_once_one_may_send() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("journal.sqlite");
    let place = Environment::Commercial.into();
    let claims: Vec<Claim> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let journal = Journal::open(&path).unwrap();
                    journal
                        .claim(&submission(&place, Updates::Metric, "x", &[("A", "1")]), Resubmit::No, now())
                        .unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let recorded = claims.iter().filter(|claim| matches!(claim, Claim::Recorded(_))).count();
    assert_eq!(recorded, 1, "{claims:?}");
    let ids: BTreeSet<i64> = claims
        .iter()
        .map(|claim| match claim {
            Claim::Recorded(id) => id.0,
            Claim::Known(entry) => entry.id.0,
        })
        .collect();
    assert_eq!(ids.len(), 1, "{claims:?}");
}

#[test]
fn whoever_opens_a_journal_while_another_makes_it_finds_it_made() {
    for _ in 0..60 {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("journal.sqlite");
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| Journal::open(&path).map(drop))).collect();
            for thread in threads {
                thread.join().unwrap().unwrap();
            }
        });
    }
}
