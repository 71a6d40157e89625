//! What happened to a session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened to a session, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Happened {
    /// It was created.
    #[serde(rename = "verification_session.created")]
    Created,
    /// It was submitted.
    #[serde(rename = "verification_session.processing")]
    Processing,
    /// Something must be done, or done again.
    #[serde(rename = "verification_session.requires_input")]
    RequiresInput,
    /// It went to a person.
    #[serde(rename = "verification_session.in_review")]
    InReview,
    /// It passed.
    #[serde(rename = "verification_session.verified")]
    Verified,
    /// It did not pass.
    #[serde(rename = "verification_session.rejected")]
    Rejected,
    /// Its time ran out.
    #[serde(rename = "verification_session.expired")]
    Expired,
    /// It was called off.
    #[serde(rename = "verification_session.canceled")]
    Canceled,
    /// What it held of the person was deleted.
    #[serde(rename = "verification_session.redacted")]
    Redacted,
    /// The person took their own copy of their data.
    #[serde(rename = "verification_session.exported")]
    Exported,
}

impl Happened {
    /// All.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Processing,
        Self::RequiresInput,
        Self::InReview,
        Self::Verified,
        Self::Rejected,
        Self::Expired,
        Self::Canceled,
        Self::Redacted,
        Self::Exported,
    ];

    /// The type of the event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "verification_session.created",
            Self::Processing => "verification_session.processing",
            Self::RequiresInput => "verification_session.requires_input",
            Self::InReview => "verification_session.in_review",
            Self::Verified => "verification_session.verified",
            Self::Rejected => "verification_session.rejected",
            Self::Expired => "verification_session.expired",
            Self::Canceled => "verification_session.canceled",
            Self::Redacted => "verification_session.redacted",
            Self::Exported => "verification_session.exported",
        }
    }
}
