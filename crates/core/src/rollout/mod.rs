//! Rollouts (rows D2, E6): which accounts are asked to verify, and on which day.
//!
//! ```text
//!         start                    everybody was asked
//! draft ─────────▶ started ─────────────────────────────▶ done
//!   │               │   ▲
//!   │         pause ▼   │ resume
//!   │               paused
//!   └── cancel ─────┴───┴──▶ canceled
//! ```
//!
//! Who is meant is settled when a rollout is started: accounts of which its condition holds then. Each has a place from 0
//! to 99, by a hash of rollout and account; a step lets the places below its percentage be asked from its day on. On no day
//! more than the capacity have their turn, on days of a promotion nobody, and nobody twice.
//!
//! Days are the platform's: on each, so many have their turn. Each of them is asked on the day of that date where their
//! shop is, between 10 and 20 o'clock there; who has their turn when that is over, in their next morning
//! ([`Plan::asks_at`]). Until then they are due, and the rollout is not done.
//!
//! Time is an argument. What is asked of an account stands in its own state machine ([`crate::recheck`],
//! [`crate::account::staff`]).

mod days;
mod facts;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use days::{Takes, Waiting, forecast};
pub use facts::{AccountFacts, ShopFacts, ShopFactsError, vocabulary};

use crate::condition::{Condition, ConditionError};
use crate::id::{ClockId, RolloutId};
use crate::verification::program::Mode;

/// Places that accounts have.
pub const PLACES: u8 = 100;
/// Most steps, and most promotions.
const MOST: usize = 50;

/// Whom a rollout asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Owners of shops, for a re-check.
    Shops,
    /// Users of sub-accounts, for their first verification.
    Staff,
    /// Users of sub-accounts who are bound, for a re-check.
    StaffRechecks,
}

impl Audience {
    /// All.
    pub const ALL: [Self; 3] = [Self::Shops, Self::Staff, Self::StaffRechecks];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shops => "shops",
            Self::Staff => "staff",
            Self::StaffRechecks => "staff_rechecks",
        }
    }

    /// That of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// From which day on how many in a hundred are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The day.
    #[schemars(with = "String")]
    pub from: Date,
    /// In a hundred, from the first account on; 100 are all.
    pub percent: u8,
}

/// How a rollout goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The steps, in the order of their days; the last one is of all.
    pub steps: Vec<Step>,
    /// How many are asked on one day at most.
    pub capacity: u32,
    /// Days on which nobody is asked, both included: promotions.
    #[schemars(with = "Vec<(String, String)>")]
    pub blackout: Vec<(Date, Date)>,
    /// Days that a re-check may take, 1 to 90. What users of sub-accounts have for their first verification is a setting of
    /// theirs.
    pub days: u32,
}

/// What a rollout is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRollout {
    /// Its id.
    pub id: RolloutId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives; it asks accounts of that clock alone. The world's without one.
    pub clock: Option<ClockId>,
    /// What it is called.
    pub name: String,
    /// Whom it asks.
    pub audience: Audience,
    /// Of which facts: a condition in CEL.
    pub when: String,
    /// How it goes.
    pub plan: Plan,
}

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RolloutStatus {
    /// It was written down.
    Draft,
    /// It asks.
    Started,
    /// It asks nobody for now.
    Paused,
    /// Everybody was asked.
    Done,
    /// It was called off; who was asked is asked.
    Canceled,
}

impl RolloutStatus {
    /// All.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Started, Self::Paused, Self::Done, Self::Canceled];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Canceled => "canceled",
        }
    }
}

/// A rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// Its id.
    pub id: RolloutId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives.
    pub clock: Option<ClockId>,
    /// What it is called.
    pub name: String,
    /// Whom it asks.
    pub audience: Audience,
    /// Of which facts.
    pub when: String,
    /// How it goes.
    pub plan: Plan,
    /// Where it stands.
    pub status: RolloutStatus,
    /// Whether everybody who is meant is known: it takes a while after the start.
    pub enrolled: bool,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it was done or called off.
    pub ended_at: Option<Timestamp>,
}

/// Something that happened to a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutHappened {
    /// It was written down.
    Created,
    /// It asks from now on.
    Started,
    /// It asks nobody for now.
    Paused,
    /// It asks again.
    Resumed,
    /// Everybody was asked.
    Done,
    /// It was called off.
    Canceled,
}

impl RolloutHappened {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Started, Self::Paused, Self::Resumed, Self::Done, Self::Canceled];

    /// The type of the event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "rollout.created",
            Self::Started => "rollout.started",
            Self::Paused => "rollout.paused",
            Self::Resumed => "rollout.resumed",
            Self::Done => "rollout.done",
            Self::Canceled => "rollout.canceled",
        }
    }
}

/// What a rollout does not allow. It is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RolloutRefusal {
    /// No name that can be.
    #[error("a name has 1 to 100 printable characters")]
    Name,
    /// A condition that is none.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// Steps that cannot be.
    #[error("1 to {MOST} steps with days and percentages that grow, from 1 to 100; the last one is 100")]
    Steps,
    /// A capacity that cannot be.
    #[error("a capacity is 1 to 1000000 a day")]
    Capacity,
    /// Days that cannot be.
    #[error("1 to 90 days")]
    Days,
    /// Promotions that cannot be.
    #[error("at most {MOST} promotions, each from a day to the same or a later one")]
    Blackout,
    /// It does not stand so that it could.
    #[error("the rollout is {}", .0.name())]
    Status(RolloutStatus),
}

impl RolloutRefusal {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Status(_) => "rollout_status",
            _ => "invalid",
        }
    }

    /// Which part of a new one it is about.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name"),
            Self::Condition(_) => Some("when"),
            Self::Steps => Some("steps"),
            Self::Capacity => Some("capacity"),
            Self::Days => Some("days"),
            Self::Blackout => Some("blackout"),
            Self::Status(_) => None,
        }
    }
}

type Happens = Result<RolloutHappened, RolloutRefusal>;

impl Rollout {
    /// Writes one down.
    ///
    /// # Errors
    /// What of it cannot be.
    pub fn draft(new: NewRollout, now: Timestamp) -> Result<Self, RolloutRefusal> {
        let name = new.name.trim();
        if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(RolloutRefusal::Name);
        }
        Condition::read(&new.when, &vocabulary(new.audience))?;
        new.plan.check()?;
        Ok(Self {
            id: new.id,
            mode: new.mode,
            clock: new.clock,
            name: name.to_owned(),
            audience: new.audience,
            when: new.when,
            plan: new.plan,
            status: RolloutStatus::Draft,
            enrolled: false,
            created_at: now,
            started_at: None,
            ended_at: None,
        })
    }

    /// The condition, ready to be asked.
    ///
    /// # Errors
    /// When another version of the program wrote it.
    pub fn condition(&self) -> Result<Condition, ConditionError> {
        Condition::read(&self.when, &vocabulary(self.audience))
    }

    /// The place of an account: the same whenever it is asked.
    pub fn place(&self, account: &str) -> u8 {
        // FNV-1a, 64 bits: spread is all that is needed of it.
        let bytes = self.id.as_str().bytes().chain([0]).chain(account.bytes());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        // Its low bits mix better than its high ones; both are folded together.
        u8::try_from((hash ^ (hash >> 32)) % u64::from(PLACES)).unwrap_or(0)
    }

    /// Lets it ask.
    ///
    /// # Errors
    /// When it is no draft.
    pub fn start(&mut self, now: Timestamp) -> Happens {
        self.must_be(&[RolloutStatus::Draft])?;
        (self.status, self.started_at) = (RolloutStatus::Started, Some(now));
        Ok(RolloutHappened::Started)
    }

    /// Lets it ask nobody for now.
    ///
    /// # Errors
    /// When it does not ask.
    pub fn pause(&mut self) -> Happens {
        self.must_be(&[RolloutStatus::Started])?;
        self.status = RolloutStatus::Paused;
        Ok(RolloutHappened::Paused)
    }

    /// Lets it ask again.
    ///
    /// # Errors
    /// When it is not paused.
    pub fn resume(&mut self) -> Happens {
        self.must_be(&[RolloutStatus::Paused])?;
        self.status = RolloutStatus::Started;
        Ok(RolloutHappened::Resumed)
    }

    /// Calls it off. Who was asked is asked.
    ///
    /// # Errors
    /// When it ended.
    pub fn cancel(&mut self, now: Timestamp) -> Happens {
        self.must_be(&[RolloutStatus::Draft, RolloutStatus::Started, RolloutStatus::Paused])?;
        (self.status, self.ended_at) = (RolloutStatus::Canceled, Some(now));
        Ok(RolloutHappened::Canceled)
    }

    /// Everybody was asked.
    ///
    /// # Errors
    /// When it does not ask, or it is not known yet who is meant.
    pub fn finish(&mut self, now: Timestamp) -> Happens {
        self.must_be(&[RolloutStatus::Started])?;
        if !self.enrolled {
            return Err(RolloutRefusal::Status(self.status));
        }
        (self.status, self.ended_at) = (RolloutStatus::Done, Some(now));
        Ok(RolloutHappened::Done)
    }

    fn must_be(&self, one_of: &[RolloutStatus]) -> Result<(), RolloutRefusal> {
        if one_of.contains(&self.status) { Ok(()) } else { Err(RolloutRefusal::Status(self.status)) }
    }
}

impl Plan {
    fn check(&self) -> Result<(), RolloutRefusal> {
        let grows = self.steps.windows(2).all(|w| w[0].from < w[1].from && w[0].percent < w[1].percent);
        let bounds = self.steps.first().is_some_and(|s| s.percent >= 1)
            && self.steps.last().is_some_and(|s| s.percent == PLACES)
            && self.steps.len() <= MOST;
        if !grows || !bounds {
            return Err(RolloutRefusal::Steps);
        }
        if !(1..=1_000_000).contains(&self.capacity) {
            return Err(RolloutRefusal::Capacity);
        }
        if !(1..=90).contains(&self.days) {
            return Err(RolloutRefusal::Days);
        }
        if self.blackout.len() > MOST || self.blackout.iter().any(|(from, to)| from > to) {
            return Err(RolloutRefusal::Blackout);
        }
        Ok(())
    }
}
