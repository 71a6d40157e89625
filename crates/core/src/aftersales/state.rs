//! Where a request stands, and where it goes from there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The buyer writes it.
    Draft,
    /// It waits for a verification of the buyer.
    VerificationRequired,
    /// It waits for a reviewer.
    Submitted,
    /// A reviewer has it before them.
    InReview,
    /// The buyer is asked for more.
    MoreNeeded,
    /// It is accepted, and the marketplace carries it out.
    Accepted,
    /// It is rejected.
    Rejected,
    /// What was accepted is carried out.
    Completed,
    /// The buyer did not want it any more.
    Withdrawn,
    /// The buyer did not go on in time, or the marketplace did not carry out what was accepted.
    Closed,
}

impl State {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::VerificationRequired,
        Self::Submitted,
        Self::InReview,
        Self::MoreNeeded,
        Self::Accepted,
        Self::Rejected,
        Self::Completed,
        Self::Withdrawn,
        Self::Closed,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::VerificationRequired => "verification_required",
            Self::Submitted => "submitted",
            Self::InReview => "in_review",
            Self::MoreNeeded => "more_needed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether a request may go from here to there.
    pub const fn leads_to(self, to: Self) -> bool {
        use State::{
            Accepted, Closed, Completed, Draft, InReview, MoreNeeded, Rejected, Submitted,
            VerificationRequired, Withdrawn,
        };
        match self {
            Draft => matches!(to, VerificationRequired | Submitted | Withdrawn | Closed),
            // Handed in once more without a verification, it still waits: that is no step.
            VerificationRequired => matches!(to, Submitted | Withdrawn | Closed),
            Submitted => matches!(to, InReview | Withdrawn),
            InReview => matches!(to, Accepted | Rejected | MoreNeeded | Withdrawn),
            MoreNeeded => matches!(to, VerificationRequired | Submitted | Withdrawn | Closed),
            Accepted => matches!(to, Completed | Closed),
            Rejected | Completed | Withdrawn | Closed => false,
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Rejected | Self::Completed | Self::Withdrawn | Self::Closed)
    }

    /// Whether it is the buyer's turn.
    pub const fn is_the_buyers_turn(self) -> bool {
        matches!(self, Self::Draft | Self::VerificationRequired | Self::MoreNeeded)
    }

    /// Whether it waits for a reviewer's decision.
    pub const fn is_reviewed(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview)
    }
}
