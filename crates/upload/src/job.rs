//! Job IDs, and finding one in whatever the service answers. The service's articles promise "a job ID (a
//! GUID) in the body" and leave the form open, so any is taken: bare, quoted, an object's member, nested, in a
//! sentence. Where two IDs could be meant and nothing tells which, none is taken: asking about the wrong job
//! would report another file's verdict.

use std::fmt;

use serde_json::Value;

/// `8-4-4-4-12` hexadecimal digits and the hyphens between them.
const GUID_LENGTH: usize = 36;

/// The name of a job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(String);

/// A text that cannot be a job ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a job ID; it looks like `2bf2dda7-2aa4-4345-b6a8-8070d6ceec39`")]
pub struct NotAJobId {
    /// What was given.
    pub text: String,
}

impl JobId {
    /// Takes a job ID as it was typed or stored: letters, digits, `-` and `_`, at most 128 of them.
    ///
    /// # Errors
    /// If it holds anything else or nothing.
    pub fn parse(text: &str) -> Result<Self, NotAJobId> {
        let bare = text.trim().trim_start_matches('{').trim_end_matches('}');
        let sound = (1..=128).contains(&bare.len())
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if sound { Ok(Self(bare.to_owned())) } else { Err(NotAJobId { text: text.to_owned() }) }
    }

    /// The ID as the service gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The job ID of an answer to a submission, if there is exactly one to be meant.
///
/// `complete` is false when the connection broke in the middle of the body: then only an ID that opens the
/// body or follows a job's label counts, as the right one may be in the part that is lost.
pub(crate) fn find(body: &str, complete: bool) -> Option<JobId> {
    let body = body.trim().trim_start_matches('\u{feff}');
    if !complete {
        return guids(body)
            .find(|(at, _)| alphanumeric(&body[..*at]).is_empty() || is_labelled(&body[..*at]))
            .map(|(_, guid)| guid);
    }
    match serde_json::from_str(body) {
        Ok(Value::String(text)) => find(&text, true),
        Ok(value) => in_json(&value),
        Err(_) => in_text(body),
    }
}

fn in_json(value: &Value) -> Option<JobId> {
    let mut found = Found::default();
    found.walk(value, Label::None);
    let Found { named, of_job, of_id, elsewhere } = found;
    [named, of_job, of_id, elsewhere].into_iter().find(|ids| !ids.is_empty()).and_then(only)
}

fn in_text(text: &str) -> Option<JobId> {
    let labelled: Vec<JobId> =
        guids(text).filter(|(at, _)| is_labelled(&text[..*at])).map(|(_, guid)| guid).collect();
    if labelled.is_empty() { only(guids(text).map(|(_, guid)| guid).collect()) } else { only(labelled) }
}

/// The one ID of the list; the same one twice is still one.
fn only(mut ids: Vec<JobId>) -> Option<JobId> {
    ids.sort();
    ids.dedup();
    if ids.len() == 1 { ids.pop() } else { None }
}

/// What the key of a member says of its value, most telling first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    /// `jobId`, `job`, or `id` inside of a `job`.
    Named,
    /// Something else of a job: `importJobGuid`, but also `jobTypeId`.
    OfJob,
    /// `id`, of whatever.
    Id,
    None,
}

impl Label {
    fn of(key: &str, outer: Self) -> Self {
        match alphanumeric(key).as_str() {
            "job" | "jobid" | "jobguid" => Self::Named,
            "id" | "guid" | "uuid" if outer == Self::Named => Self::Named,
            "id" | "guid" | "uuid" => Self::Id,
            letters if letters.contains("job") => Self::OfJob,
            _ => Self::None,
        }
    }
}

#[derive(Default)]
struct Found {
    named: Vec<JobId>,
    of_job: Vec<JobId>,
    of_id: Vec<JobId>,
    elsewhere: Vec<JobId>,
}

impl Found {
    fn walk(&mut self, value: &Value, label: Label) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    self.walk(value, Label::of(key, label));
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.walk(value, label);
                }
            }
            Value::String(text) => self.take(text, label),
            // A number is an ID under a job's own key; elsewhere it is a count or a code.
            Value::Number(number) if label == Label::Named => {
                self.named.extend(JobId::parse(&number.to_string()));
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    fn take(&mut self, text: &str, label: Label) {
        let alone = text.trim().len() <= GUID_LENGTH + "{}".len();
        let guid = guids(text).next().filter(|_| alone).map(|(_, guid)| guid);
        match label {
            // Under a job's own key an ID need not be a GUID; one without a digit is more likely a word.
            Label::Named => self.named.extend(guid.or_else(|| {
                JobId::parse(text).ok().filter(|id| id.0.bytes().any(|byte| byte.is_ascii_digit()))
            })),
            Label::OfJob => self.of_job.extend(guid),
            Label::Id => self.of_id.extend(guid),
            Label::None => self.elsewhere.extend(guid),
        }
    }
}

/// Whether what stands before an ID ends in a job's label (`Job ID: `, `{"jobId": "`).
fn is_labelled(before: &str) -> bool {
    let letters = alphanumeric(before);
    ["job", "jobid", "jobguid", "jobuuid"].iter().any(|label| letters.ends_with(label))
}

fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Every GUID of a text with its place. One that runs on into further digits is none.
fn guids(text: &str) -> impl Iterator<Item = (usize, JobId)> {
    let bytes = text.as_bytes();
    let part_of_a_word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    (0..bytes.len().saturating_sub(GUID_LENGTH - 1)).filter_map(move |start| {
        let candidate = &bytes[start..start + GUID_LENGTH];
        let alone = !part_of_a_word(start.checked_sub(1).and_then(|before| bytes.get(before)))
            && !part_of_a_word(bytes.get(start + GUID_LENGTH));
        // All bytes of a GUID are ASCII, so the slice of the text falls on character boundaries.
        (alone && is_guid(candidate)).then(|| (start, JobId(text[start..start + GUID_LENGTH].to_owned())))
    })
}

fn is_guid(candidate: &[u8]) -> bool {
    candidate.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "2bf2dda7-2aa4-4345-b6a8-8070d6ceec39";
    const OTHER: &str = "00000000-1111-2222-3333-444444444444";

    #[test]
    fn every_form_of_a_body_gives_its_job() {
        let cases = [
            ("bare", ID.to_owned()),
            ("bare with a line end", format!("{ID}\r\n")),
            ("bare after a byte order mark", format!("\u{feff}{ID}")),
            ("in braces", format!("{{{ID}}}")),
            ("quoted", format!("\"{ID}\"")),
            ("quoted twice", format!("\"\\\"{ID}\\\"\"")),
            ("jobId", format!(r#"{{"jobId":"{ID}"}}"#)),
            ("JobID with braces", format!(r#"{{"JobID":"{{{ID}}}"}}"#)),
            ("job_id beside another ID", format!(r#"{{"requestId":"{OTHER}","job_id":"{ID}"}}"#)),
            ("job-guid", format!(r#"{{"job-guid":"{ID}","id":"{OTHER}"}}"#)),
            ("id", format!(r#"{{"id":"{ID}","organisation":"{OTHER}"}}"#)),
            ("nested", format!(r#"{{"data":{{"result":[{{"jobId":"{ID}"}}]}}}}"#)),
            (
                "an object called job",
                format!(r#"{{"id":"{OTHER}","job":{{"id":"{ID}","status":"queued"}}}}"#),
            ),
            ("the only GUID of an object", format!(r#"{{"result":"{ID}","code":200}}"#)),
            ("an array", format!(r#"["{ID}"]"#)),
            (
                "a job's type",
                format!(r#"{{"jobTypeId":"{OTHER}","jobId":"{ID}","jobCreated":"2026-01-31"}}"#),
            ),
            ("another name of a job", format!(r#"{{"importJobKey":"{ID}","id":"{OTHER}","jobCount":1}}"#)),
            ("the same twice", format!(r#"{{"jobId":"{ID}","job":{{"id":"{ID}"}}}}"#)),
            ("a sentence", format!("Your file was queued. Job ID: {ID}.")),
            ("a sentence with another ID", format!("request {OTHER}, job id {ID}")),
            ("HTML", format!("<html><body><p>Job <b>{ID}</b></p></body></html>")),
        ];
        for (form, body) in cases {
            assert_eq!(find(&body, true).as_ref().map(JobId::as_str), Some(ID), "{form}: {body}");
        }
        let capitals = ID.to_uppercase();
        assert_eq!(find(&capitals, true).unwrap().as_str(), capitals, "kept as the service wrote it");
        assert_eq!(find(r#"{"jobId": 4711}"#, true).unwrap().as_str(), "4711");
        assert_eq!(
            find(r#"{"jobId": "job_4711", "jobStatus": "queued"}"#, true).unwrap().as_str(),
            "job_4711"
        );
    }

    #[test]
    fn where_no_job_is_certain_none_is_taken() {
        let cases = [
            ("nothing", String::new()),
            ("an empty object", "{}".to_owned()),
            ("a word", "queued".to_owned()),
            ("a status word under a job's key", r#"{"jobStatus":"queued"}"#.to_owned()),
            ("two unlabelled IDs", format!("{ID} {OTHER}")),
            ("two unlabelled members", format!(r#"{{"a":"{ID}","b":"{OTHER}"}}"#)),
            ("two jobs", format!(r#"{{"jobs":["{ID}","{OTHER}"]}}"#)),
            ("one digit too many", format!("{ID}0")),
            ("a number elsewhere", r#"{"code": 4711}"#.to_owned()),
            ("a path under a job's key", r#"{"jobId": "../../secret1"}"#.to_owned()),
            ("bytes that are no text", "\u{0}\u{1}é€".to_owned()),
        ];
        for (form, body) in cases {
            assert_eq!(find(&body, true), None, "{form}: {body}");
        }
    }

    #[test]
    fn a_broken_body_gives_its_job_only_where_it_is_labelled() {
        let cases = [
            (ID.to_owned(), true),
            (format!("\"{ID}"), true),
            (format!(r#"{{"jobId":"{ID}"#), true),
            (format!(r#"{{"data":{{"jobId":"{ID}","queu"#), true),
            (format!(r#"{{"requestId":"{ID}","jo"#), false),
            (format!(r#"{{"jobId":"{}"#, &ID[..30]), false),
        ];
        for (body, found) in cases {
            assert_eq!(find(&body, false).is_some(), found, "{body}");
        }
    }

    #[test]
    fn typed_ids_are_held_to_what_a_path_can_carry() {
        for (text, sound) in [(ID, true), (" {2bf2} ", true), ("", false), ("a/b", false), ("a b", false)] {
            assert_eq!(JobId::parse(text).is_ok(), sound, "{text:?}");
        }
        assert!(JobId::parse(&"a".repeat(129)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_found_stands_in_the_body_and_fits_into_a_path(
            body in "(2bf2dda7-2aa4-4345-b6a8-8070d6ceec39|\"job_?[iI]d\":|[{}\\[\\]\":,0-9a-f-]|é|\\PC){0,30}",
            complete in proptest::bool::ANY,
        ) {
            if let Some(job) = find(&body, complete) {
                proptest::prop_assert!(body.contains(job.as_str()), "{}", job);
                proptest::prop_assert!(JobId::parse(job.as_str()).is_ok(), "{}", job);
            }
        }
    }
}
