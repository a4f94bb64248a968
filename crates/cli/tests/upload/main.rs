//! `upload`, `status` and `plan` as a user runs them, against the local service: exit status, output, and what
//! the service saw. One binary, so that it is linked once.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod desk;
#[cfg(unix)]
mod guide;
mod key;
mod many;
mod plan;
mod sending;
mod status;
