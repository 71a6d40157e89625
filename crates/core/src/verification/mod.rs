//! From evidence to a decision.

mod finding;
mod reason;

pub use finding::{Finding, Severity};
pub use reason::{ReasonCode, Remedy, Sentences, UnknownReason};
