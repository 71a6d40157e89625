//! Whom a rollout means, and what became of them.

use shiren_core::rollout::Waiting;

/// What became of an account that a rollout means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberState {
    /// It was asked, on a day.
    Asked,
    /// It is not asked: it was asked otherwise, verified, is exempt, or is gone.
    LeftOut,
}

impl MemberState {
    /// The name in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::LeftOut => "left_out",
        }
    }
}

/// How the accounts stand that a rollout means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// Who waits, by their places.
    pub waiting: Waiting,
    /// Who was asked.
    pub asked: u32,
    /// Who is not asked.
    pub left_out: u32,
}
