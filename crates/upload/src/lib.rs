//! Sends files of updates to the service and learns what became of them.
//!
//! A thin client: it knows files (a name and bytes), places, keys and answers. It refuses to know what is in
//! a file; whoever calls it has checked that. It refuses to send the key anywhere but to the place it was
//! given for, and to send a body a second time when the first may have arrived.

mod answer;
mod body;
mod client;
mod clock;
mod exchange;
mod job;
mod journal;
mod key;
mod pace;
mod parcel;
mod place;
mod plan;
mod polling;
mod reading;
mod redirect;
mod retry;
mod state;
mod stop;
mod uploader;

pub use crate::answer::Answer;
pub use crate::client::{Client, ClientError, Options, Proxies, Timeouts};
pub use crate::clock::{Clock, SystemClock, shown};
pub use crate::exchange::ExchangeError;
pub use crate::job::{JobId, NotAJobId};
pub use crate::journal::{
    Claim, Entry, EntryId, Journal, JournalError, Resubmit, SentValue, Submission, Which,
};
pub use crate::key::{ApiKey, KeyError};
pub use crate::pace::Pace;
pub use crate::parcel::{Format, NameError, Parcel, Updates, sha256};
pub use crate::place::{Environment, Place, PlaceError};
pub use crate::plan::{PlanError, PlanItem, pull_plan};
pub use crate::polling::Intervals;
pub use crate::reading::{JobReading, Submitted, read_job, read_submission};
pub use crate::redirect::RedirectRefused;
pub use crate::retry::{Decision, RetryPolicy, Trouble};
pub use crate::state::{Report, State};
pub use crate::stop::Stop;
pub use crate::uploader::{Means, Shipment, Step, Uploader, Wait, Watch};
