//! What an authoritative source said about an identity.

use jiff::Timestamp;

use super::{Check, Confirmation};
use crate::verification::program::CheckKind;
use crate::verification::{Finding, ReasonCode};

/// What a source answers about a name and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The identity is as declared.
    Confirms,
    /// The number is known, under another name.
    NameDiffers,
    /// It knows nobody of this number.
    Unknown,
}

impl Answer {
    /// What is wrong with the identity, if anything.
    pub const fn reason(self) -> Option<ReasonCode> {
        match self {
            Self::Confirms => None,
            Self::NameDiffers => Some(ReasonCode::PaymentNameMismatch),
            Self::Unknown => Some(ReasonCode::SourceIdentityUnknown),
        }
    }
}

/// The check of an identity by a source of this name; `None` when it could not be asked: a person looks then.
pub fn source(name: &str, answer: Option<Answer>, at: Timestamp) -> Check {
    let found = match answer {
        Some(answer) => answer.reason().map(Finding::fail),
        None => Some(Finding::review(ReasonCode::SourceUnavailable)),
    };
    let confirmed = (answer == Some(Answer::Confirms)).then(|| Confirmation { source: name.to_owned(), at });
    Check { confirmed, ..Check::new(CheckKind::Source, &[], found.into_iter().collect()) }
}
