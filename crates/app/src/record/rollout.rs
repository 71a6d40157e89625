//! Whom a rollout means, and what became of them.

use std::collections::BTreeMap;

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
    /// How many of these were asked and how many are not, by their places.
    pub settled: BTreeMap<u8, Settled>,
}

/// How many at a place wait no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Who was asked.
    pub asked: u32,
    /// Who is not asked.
    pub left_out: u32,
}

impl MemberCounts {
    /// Counts so many at a place, where rows say what became of them.
    pub fn add(&mut self, state: &str, place: u8, many: u32) {
        let settled = |counts: &mut Self, of: fn(&mut Settled) -> &mut u32| {
            *of(counts.settled.entry(place).or_default()) += many;
        };
        if state == MemberState::Asked.name() {
            self.asked += many;
            settled(self, |s| &mut s.asked);
        } else if state == MemberState::LeftOut.name() {
            self.left_out += many;
            settled(self, |s| &mut s.left_out);
        } else {
            *self.waiting.entry(place).or_default() += many;
        }
    }
}
