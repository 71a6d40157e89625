//! From evidence to a decision.
//!
//! [`examine()`] turns what eyes reported about the pictures of one session into [`check::Check`]s, by the rules
//! of [`check`]; [`decide()`] weighs them by a [`program::Program`]. Both are pure: the same input gives the same
//! decision for ever, whatever the order of the checks.
//!
//! To extend it: a reason goes into the table of [`ReasonCode`], a rule into [`check`], a kind of check into
//! [`program::CheckKind`] and [`examine()`].

mod assurance;
pub mod check;
pub mod code;
mod decide;
mod evidence;
mod examine;
mod finding;
pub mod program;
mod reason;
pub mod session;

pub use assurance::{Assurance, DocumentBasis, Level, Liveness, PhoneBasis, RestsOn, Source};
pub use decide::{CheckResult, Decision, Grounds, Outcome, Passed, ProgramVersion, Reason, decide};
pub use evidence::{Digest, Evidence};
pub use examine::{Dossier, Material, examine};
pub use finding::{Finding, Severity};
pub use reason::{ReasonCode, Remedy, Sentences, UnknownReason};
