//! Where a session stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The person has something to do.
    RequiresInput,
    /// The checks are being made.
    Processing,
    /// A person decides.
    InReview,
    /// Passed.
    Verified,
    /// Ended, not passed.
    Rejected,
    /// Its time ran out.
    Expired,
    /// It was called off: by the marketplace, or because who it was for is no longer there.
    Canceled,
}

impl Status {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::RequiresInput,
        Self::Processing,
        Self::InReview,
        Self::Verified,
        Self::Rejected,
        Self::Expired,
        Self::Canceled,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequiresInput => "requires_input",
            Self::Processing => "processing",
            Self::InReview => "in_review",
            Self::Verified => "verified",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    /// The status of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether nothing can follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Verified | Self::Rejected | Self::Expired | Self::Canceled)
    }
}
