//! The requests that the service's articles name, and no others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::judge::{Updates, judge, judge_json};
use crate::{Canned, IdForm, Job, Seen, Shared, Which};

/// The largest body that is taken, in bytes.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

pub(crate) fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/{kind}/{name}", post(submit))
        .route("/api/{kind}/status/{job}", get(status))
        .route("/exports/plans/{plan}", get(plan))
        .fallback(nothing_here)
        .with_state(shared)
}

async fn submit(
    State(shared): State<Arc<Shared>>,
    Path((kind, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    let seen = match record(&shared, request).await {
        Ok(seen) => seen,
        Err(instead) => return instead.into_response(),
    };
    let Some(updates) = Updates::of(&kind) else { return StatusCode::NOT_FOUND.into_response() };
    if let Err(reason) = check_key(&shared, &seen) {
        return (StatusCode::UNAUTHORIZED, reason).into_response();
    }
    let id = new_id();
    shared.memory().jobs.insert(id.clone(), Job { updates, questions: 0, verdict: None });
    let answer = match shared.settings.id_form {
        IdForm::Bare => id.clone(),
        IdForm::Quoted => format!("\"{id}\""),
        IdForm::Object => format!(r#"{{"jobId":"{id}"}}"#),
        IdForm::Nested => {
            format!(r#"{{"requestId":"{}","data":{{"jobId":"{id}","queued":true}}}}"#, new_id())
        }
    };
    tokio::spawn(async move {
        let is_json = seen.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let verdict = if is_json { judge_json(updates, &seen.body) } else { judge(updates, &seen.body) };
        if let Some(job) = shared.memory().jobs.get_mut(&id) {
            job.verdict = Some(verdict);
        }
    });
    (StatusCode::OK, answer).into_response()
}

async fn status(
    State(shared): State<Arc<Shared>>,
    Path((kind, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let seen = match record(&shared, request).await {
        Ok(seen) => seen,
        Err(instead) => return instead.into_response(),
    };
    if let Err(reason) = check_key(&shared, &seen) {
        return (StatusCode::UNAUTHORIZED, reason).into_response();
    }
    let wanted = Updates::of(&kind);
    let mut memory = shared.memory();
    let Some(job) = memory.jobs.get_mut(&id).filter(|job| Some(job.updates) == wanted) else {
        return (StatusCode::NOT_FOUND, format!("there is no job {id}")).into_response();
    };
    match &job.verdict {
        Some(verdict) if job.questions >= shared.settings.questions_before_verdict => match verdict {
            Ok(rows) => {
                (StatusCode::OK, format!(r#"{{"status":"processed","rows":{rows}}}"#)).into_response()
            }
            Err(reason) => (StatusCode::BAD_REQUEST, reason.clone()).into_response(),
        },
        _ => {
            job.questions += 1;
            StatusCode::ACCEPTED.into_response()
        }
    }
}

/// The most items of a plan that one answer holds.
const ITEMS_A_PAGE: usize = 1500;

async fn plan(State(shared): State<Arc<Shared>>, Path(id): Path<String>, request: Request) -> Response {
    let seen = match record(&shared, request).await {
        Ok(seen) => seen,
        Err(instead) => return instead.into_response(),
    };
    if let Err(reason) = check_key(&shared, &seen) {
        return (StatusCode::UNAUTHORIZED, reason).into_response();
    }
    let Some(items) = shared.settings.plans.get(&id) else {
        return (StatusCode::FORBIDDEN, "the key may not see this plan").into_response();
    };
    let query = seen.path.split_once('?').map_or("", |(_, query)| query);
    let number = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse::<usize>().ok())
    };
    let start = number("skip").unwrap_or(0).min(items.len());
    let take = number("take").unwrap_or(ITEMS_A_PAGE).min(ITEMS_A_PAGE);
    let page = &items[start..items.len().min(start + take)];
    format!(r#"{{"items":[{}],"totalCount":{}}}"#, page.join(","), items.len()).into_response()
}

async fn nothing_here(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    match record(&shared, request).await {
        Ok(_) => StatusCode::NOT_FOUND.into_response(),
        Err(instead) => instead.into_response(),
    }
}

/// Why a request is not acted upon.
enum Instead {
    TooLarge,
    Canned(Canned),
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::Canned(canned) => {
                let mut response = canned.body.into_response();
                *response.status_mut() =
                    StatusCode::from_u16(canned.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                for (name, value) in canned.headers {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        response.headers_mut().insert(name, value);
                    }
                }
                response
            }
        }
    }
}

/// Reads the whole request and remembers it.
async fn record(shared: &Shared, request: Request<Body>) -> Result<Seen, Instead> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| Instead::TooLarge)?.to_vec();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let path = head.uri.path_and_query().map_or("", |path| path.as_str()).to_owned();
    let which = if head.method == Method::POST { Which::Submissions } else { Which::Questions };
    let seen = Seen { method: head.method.to_string(), path, headers, body };
    let mut memory = shared.memory();
    memory.seen.push(seen.clone());
    match memory.canned[which as usize].pop_front() {
        Some(canned) => Err(Instead::Canned(canned)),
        None => Ok(seen),
    }
}

fn check_key(shared: &Shared, seen: &Seen) -> Result<(), String> {
    match seen.header("authorization") {
        Some(given) if given == format!("API-KEY {}", shared.settings.key) => Ok(()),
        // The echo is bad manners that real services have; the client must not pass it on.
        Some(given) => Err(format!("not a valid key: {given}")),
        None => Err("no key was given".to_owned()),
    }
}

/// A GUID that differs from all others of this process.
fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{:08x}-0000-4000-8000-{count:012x}", std::process::id())
}
