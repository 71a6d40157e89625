//! Why a session does not do what it is asked.

use super::Status;

/// A transition that is not allowed. The session is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has ended.
    #[error("the session has ended: it is {}", .0.name())]
    Ended(Status),
    /// Its time is over.
    #[error("the session's time is over")]
    Expired,
    /// There is nothing for the person to do.
    #[error("there is nothing to do: the session is {}", .0.name())]
    NotYourTurn(Status),
    /// The checks are not being made.
    #[error("the session is not being processed: it is {}", .0.name())]
    NotProcessing(Status),
    /// No reviewer is asked.
    #[error("the session is not in review: it is {}", .0.name())]
    NotInReview(Status),
    /// It is being decided.
    #[error("the session is being decided: it is {}", .0.name())]
    Busy(Status),
    /// It was redacted before.
    #[error("the session was redacted before")]
    Redacted,
    /// The person has not agreed.
    #[error("the person has not agreed yet")]
    NoConsent,
    /// No method was chosen.
    #[error("no method was chosen")]
    NoMethod,
    /// The program has no such method.
    #[error("the program has no such method")]
    NoSuchMethod,
    /// The method has no such step.
    #[error("the method has no such step")]
    NoSuchStep,
    /// Something is missing.
    #[error("missing: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// A code is asked for, and the person has not told it.
    #[error("the phone is not shown to be the person's: the code that was sent to it must be entered")]
    PhoneUnverified,
    /// Nothing was decided that a person could look at again.
    #[error("nothing was decided yet")]
    NothingDecided,
    /// It was submitted too often.
    #[error("submitted too often; later it is possible again")]
    TooManyAttempts,
}

impl Refusal {
    /// The stable name of the refusal, for problems and pages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ended(_) => "session_ended",
            Self::Expired => "session_expired",
            Self::NotYourTurn(_) => "session_not_open",
            Self::NotProcessing(_) => "session_not_processing",
            Self::NotInReview(_) => "session_not_in_review",
            Self::Busy(_) => "session_busy",
            Self::Redacted => "session_redacted",
            Self::NoConsent => "consent_missing",
            Self::NoMethod => "method_missing",
            Self::NoSuchMethod => "method_unknown",
            Self::NoSuchStep => "step_unknown",
            Self::Missing(_) => "material_missing",
            Self::PhoneUnverified => "phone_unverified",
            Self::NothingDecided => "nothing_decided",
            Self::TooManyAttempts => "attempts_exhausted",
        }
    }
}
