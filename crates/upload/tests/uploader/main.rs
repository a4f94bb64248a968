//! The uploader against the local service: on loopback, in parallel, waiting for nothing but answers.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod bench;
mod crash;
mod faults;
mod once;
mod plans;
mod redirects;
mod stopping;
mod tls;
mod verdicts;
