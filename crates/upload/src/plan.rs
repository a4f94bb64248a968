//! Pulls the items of a plan, page by page. It keeps each item as the service wrote it, digit for digit, and
//! refuses to pass off half a plan as a whole one.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::client::{Client, PlanAddress};
use crate::clock::Clock;
use crate::exchange::ExchangeError;
use crate::retry::{Decision, RetryPolicy, Trouble};

/// The most items that the service gives at once.
const ITEMS_A_PAGE: usize = 1500;

/// An item of a plan: the text of its JSON object.
pub type PlanItem = Box<RawValue>;

/// Why a plan could not be pulled.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// 401 or 403.
    #[error("the service refused the key ({status}{says}); check the key, and that it may see this plan")]
    KeyRefused {
        /// The HTTP status.
        status: u16,
        /// The service's words.
        says: String,
    },
    /// 404 at both addresses.
    #[error("the service knows no plan `{plan}` (404{says}); check the plan's ID and the environment")]
    NoSuchPlan {
        /// The plan's ID as given.
        plan: String,
        /// The service's words.
        says: String,
    },
    /// Any other status, also after trying again.
    #[error("the service did not give the plan ({status}{says}); try again later")]
    NotGiven {
        /// The HTTP status.
        status: u16,
        /// The service's words.
        says: String,
    },
    /// No answer, also after trying again.
    #[error(transparent)]
    NoAnswer(#[from] ExchangeError),
    /// An answer that is no page of items.
    #[error("the answer is no page of plan items: {0}")]
    Unreadable(String),
    /// Fewer items came than were announced, or the number changed from one page to the next.
    #[error(
        "the plan changed while it was read ({came} items came, {announced} were announced); pull it again"
    )]
    Incomplete {
        /// Items that came.
        came: usize,
        /// Items that the last page announced.
        announced: usize,
    },
    /// The ID cannot stand in an address.
    #[error("`{0}` is no plan ID")]
    NotAPlanId(String),
}

/// `{"items": […], "totalCount": n}`
#[derive(Debug, Deserialize)]
struct Page {
    items: Vec<PlanItem>,
    #[serde(rename = "totalCount")]
    total: usize,
}

/// Pulls all items of `plan`, in the service's own order. `on_page` is told how many have come, of how many.
/// Questions change nothing at the service, so each is tried again wherever the policy sees hope.
///
/// # Errors
/// If the service refuses the key, knows no such plan, gives no answer or a strange one, or if the plan
/// changed meanwhile.
pub async fn pull_plan(
    client: &Client,
    clock: &dyn Clock,
    retry: &RetryPolicy,
    plan: &str,
    mut on_page: impl FnMut(usize, usize),
) -> Result<Vec<PlanItem>, PlanError> {
    if matches!(plan, "" | "." | "..") {
        return Err(PlanError::NotAPlanId(plan.to_owned()));
    }
    let pull = Pull { client, clock, retry, plan };
    let mut address = PlanAddress::Exports;
    let mut answer = pull.page(address, 0).await?;
    if answer.status == 404 {
        address = PlanAddress::Items;
        answer = pull.page(address, 0).await?;
    }
    let mut items: Vec<PlanItem> = Vec::new();
    let mut announced = None;
    loop {
        let page = read(&answer, plan)?;
        let came = items.len() + page.items.len();
        let incomplete = PlanError::Incomplete { came, announced: page.total };
        if announced.is_some_and(|announced| announced != page.total) || came > page.total {
            return Err(incomplete);
        }
        announced = Some(page.total);
        let is_last = page.items.is_empty();
        items.extend(page.items);
        on_page(items.len(), page.total);
        if items.len() == page.total {
            return Ok(items);
        }
        if is_last {
            return Err(incomplete);
        }
        answer = pull.page(address, items.len()).await?;
    }
}

struct Pull<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    retry: &'a RetryPolicy,
    plan: &'a str,
}

impl Pull<'_> {
    /// One page, as often as it takes.
    async fn page(&self, address: PlanAddress, skip: usize) -> Result<Answer, PlanError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.client.plan_page(address, self.plan, skip, ITEMS_A_PAGE).await;
            let trouble = match &outcome {
                Ok(answer) if is_worth_another_try(answer) => {
                    Trouble::NotTaken { retry_after: answer.retry_after.clone() }
                }
                Ok(_) => return outcome.map_err(Into::into),
                Err(ExchangeError::Redirect(_)) => Trouble::Refused,
                Err(ExchangeError::NotTrusted { .. }) => Trouble::NotTrusted,
                // A question that arrived twice does no harm.
                Err(_) => Trouble::NothingSent,
            };
            match self.retry.decide(tries, &trouble, self.clock.now(), self.clock.chance()) {
                Decision::Again(pause) => self.clock.sleep(pause).await,
                Decision::GiveUp => return outcome.map_err(Into::into),
            }
        }
    }
}

fn is_worth_another_try(answer: &Answer) -> bool {
    matches!(answer.status, 408 | 429 | 500..=599) || (answer.status == 200 && !answer.complete)
}

fn read(answer: &Answer, plan: &str) -> Result<Page, PlanError> {
    let (status, says) = (answer.status, answer.says());
    match status {
        200 if answer.complete => {
            serde_json::from_slice(&answer.body).map_err(|error| PlanError::Unreadable(error.to_string()))
        }
        200 => Err(PlanError::Unreadable("it is cut short".to_owned())),
        401 | 403 => Err(PlanError::KeyRefused { status, says }),
        404 => Err(PlanError::NoSuchPlan { plan: plan.to_owned(), says }),
        _ => Err(PlanError::NotGiven { status, says }),
    }
}
