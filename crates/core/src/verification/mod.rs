//! From evidence to a decision.

pub mod check;
mod finding;
mod reason;

pub use finding::{Finding, Severity};
pub use reason::{ReasonCode, Remedy, Sentences, UnknownReason};
