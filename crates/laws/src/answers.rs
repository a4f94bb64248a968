//! Laws of answers: whatever the service says, it is read, and what is told of it is one line without control
//! characters that is not longer than a message may be.

use metricsheet_upload::{Answer, JobReading, Submitted, read_job, read_submission};

const STATUSES: &[u16] =
    &[200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504, 599];

/// An answer to a submission, and to a question for a job.
pub(crate) fn answer(data: &[u8]) {
    let Some((status, rest)) = crate::choice(data, STATUSES) else { return };
    let Some((complete, body)) = crate::choice(rest, &[true, false]) else { return };
    let answer = Answer { status: *status, retry_after: None, body: body.to_vec(), complete: *complete };
    match read_submission(&answer) {
        Submitted::Queued(job) => assert_line(&job.to_string()),
        Submitted::NotTaken { message, .. } | Submitted::Settled { message, .. } => assert_line(&message),
    }
    match read_job(&answer) {
        JobReading::InProcess => {}
        JobReading::Verdict { message, .. }
        | JobReading::Later { message, .. }
        | JobReading::NoSuchJob { message }
        | JobReading::Refused { message } => assert_line(&message),
    }
}

fn assert_line(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.chars().count() < 2_000, "{text:?}");
}
