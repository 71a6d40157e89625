//! Whom a rollout means, and what became of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use shiren_core::rollout::Waiting;

/// What became of an account that a rollout means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberState {
    /// It had its turn on a day, and is asked then: it is not the hour of it where its shop is.
    Due(Timestamp),
    /// It was asked.
    Asked,
    /// It is not asked: it was asked otherwise, verified, is exempt, or is gone.
    LeftOut,
}

impl MemberState {
    /// The name in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Due(_) => "due",
            Self::Asked => "asked",
            Self::LeftOut => "left_out",
        }
    }

    /// When it is asked, of one that is due.
    pub const fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Due(at) => Some(at),
            Self::Asked | Self::LeftOut => None,
        }
    }
}

/// An account that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMember {
    /// Which.
    pub account: String,
    /// The day of its turn.
    pub day: Date,
    /// When it is asked.
    pub at: Timestamp,
}

/// How the accounts stand that a rollout means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberCounts {
    /// Who waits for their turn, by their places.
    pub waiting: Waiting,
    /// Who had their turn and is asked when it is the hour of it at their shop, by their places.
    pub due: Waiting,
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
        match state {
            "asked" => {
                self.asked += many;
                settled(self, |s| &mut s.asked);
            }
            "left_out" => {
                self.left_out += many;
                settled(self, |s| &mut s.left_out);
            }
            "due" => *self.due.entry(place).or_default() += many,
            _ => *self.waiting.entry(place).or_default() += many,
        }
    }

    /// How many were not asked yet, whether they had their turn or not.
    pub fn unasked(&self) -> u32 {
        self.waiting.values().chain(self.due.values()).sum()
    }
}
