//! Shops, as far as their owner and the rules are concerned: one state machine from registration to the end.
//!
//! ```text
//!               owner passes             temporary closure
//! registered ─────────────────▶ open ──────────────────────▶ temporarily_closed
//!      │                         │ ▲                            │  │
//!      │                         │ └──── owner passes again ────┘  │
//!      ├─────────────────────────┴─────────────────────────────────┤
//!      ├── owner closes ──▶ closed ──┐                             │
//!      └── permanent closure ────────┴──▶ permanently_closed ◀─────┘
//! ```
//!
//! A shop that traded before it was known here is carried over ([`Shop::carry_over`]): it is open without an owner, until one is
//! certified or the time that the owner was given is over.
//!
//! An owner whose identity is taken back by the person whose it is (row C1) is evicted: whatever the shop was, it is
//! registered and without an owner until somebody else is certified.
//!
//! Time alone changes nothing here. Where a shop stands is told by its owners, its penalties and whether its owner closed
//! it, so that there is no state that these do not explain. A refused command changes nothing. What a shop's end does
//! to its deposit and its sub-accounts stands in the application.

mod company;
mod penalty;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::zone::ZoneName;
use crate::id::{ClockId, SessionId};
use crate::rollout::ShopFacts;
use crate::verification::program::Mode;

pub use company::{Company, CompanyError, CompanyRole};
pub use penalty::{NewPenalty, Penalty, PenaltyKind, Restored};

/// Where a shop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShopStatus {
    /// Its owner is not certified, or was evicted.
    Registered,
    /// It may trade.
    Open,
    /// Closed for a violation until its owner has verified again.
    TemporarilyClosed,
    /// Closed for a violation, for ever.
    PermanentlyClosed,
    /// Its owner closed it.
    Closed,
}

impl ShopStatus {
    /// All.
    pub const ALL: [Self; 5] =
        [Self::Registered, Self::Open, Self::TemporarilyClosed, Self::PermanentlyClosed, Self::Closed];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Open => "open",
            Self::TemporarilyClosed => "temporarily_closed",
            Self::PermanentlyClosed => "permanently_closed",
            Self::Closed => "closed",
        }
    }
}

/// Somebody who was certified as the owner, from then on until the next one was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The verification that certified them.
    pub session: SessionId,
    /// Since when.
    pub from: Timestamp,
    /// Until when: another certification followed, or they were evicted.
    pub until: Option<Timestamp>,
    /// By which program; not known of those from before it was kept.
    #[serde(default)]
    pub program: Option<String>,
}

/// A verification that the owner passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certification {
    /// Which.
    pub session: SessionId,
    /// By which program.
    pub program: String,
    /// When it was begun.
    pub begun_at: Timestamp,
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// The marketplace's own id for it.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// Its type, as exemptions name it (row E18).
    pub shop_type: String,
    /// By which clock it lives; the world's without one.
    #[serde(default)]
    pub clock: Option<ClockId>,
    /// Everybody who was certified as its owner, in order.
    pub owners: Vec<Owner>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its owner closed it.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// Every penalty that was ever imposed on it, in order.
    #[serde(default)]
    pub penalties: Vec<Penalty>,
    /// What the marketplace says of it, for rollouts to choose by.
    #[serde(default)]
    pub facts: ShopFacts,
    /// The company that it is of; an individual's shop without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// Since when it is open without an owner who was certified here: it traded before (row H3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_over: Option<Timestamp>,
    /// How many sub-accounts it may have, where the marketplace agreed on more than the rules give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_quota: Option<u32>,
    /// In which zone its days count, and those of its sub-accounts; the platform's without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<ZoneName>,
}

/// What a shop does not allow. It is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopRefusal {
    /// Its owner closed it.
    #[error("the shop was closed")]
    Closed,
    /// It was closed for a violation, for ever.
    #[error("the shop was closed permanently")]
    PermanentlyClosed,
    /// It was never open.
    #[error("the shop was never open")]
    NeverOpen,
    /// This very verification counted before.
    #[error("this verification counted before")]
    Counted,
    /// Another penalty has this reference.
    #[error("the reference stands for another penalty already")]
    ReferenceUsed,
    /// The shop was restored after this penalty.
    #[error("the shop was restored after this penalty, and is not closed for it again")]
    MadeGood,
    /// No id that can be.
    #[error("an id has 1 to 128 printable characters")]
    Id,
    /// No type that can be.
    #[error("a shop's type has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Type,
    /// No reference that can be.
    #[error("a reference has 1 to 128 printable characters")]
    Reference,
    /// No name of a rule that can be.
    #[error("a violation has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Violation,
    /// No reason that can be.
    #[error("a reason has 1 to 500 printable characters")]
    Reason,
}

impl ShopRefusal {
    /// The stable name, for problems.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Closed => "shop_closed",
            Self::PermanentlyClosed => "shop_permanently_closed",
            Self::NeverOpen => "shop_never_open",
            Self::Counted => "shop_verification_counted",
            Self::ReferenceUsed => "penalty_reference_used",
            Self::MadeGood => "penalty_made_good",
            Self::Id | Self::Type | Self::Reference | Self::Violation | Self::Reason => "invalid",
        }
    }

    /// Which part of what was given is wrong, if it is that.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Id => Some("id"),
            Self::Type => Some("type"),
            Self::Reference => Some("reference"),
            Self::Violation => Some("violation"),
            Self::Reason => Some("reason"),
            _ => None,
        }
    }
}

/// What happened to a shop, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopHappened {
    /// It was registered.
    Registered,
    /// Its owner was certified, for the first time or after an eviction.
    Opened,
    /// Its owner was certified again.
    Recertified,
    /// A violation is on record.
    Warned,
    /// It was closed for a violation, until its owner has verified again.
    TemporarilyClosed,
    /// Its owner verified again after that.
    Restored,
    /// It was closed for a violation, for ever.
    PermanentlyClosed,
    /// Its owner closed it.
    Closed,
    /// Its owner's identity was taken back by the person whose it is.
    Evicted,
    /// It traded before it was known here, and goes on.
    CarriedOver,
    /// The time was over in which an owner of a shop that was carried over had to be certified.
    CarryOverEnded,
}

impl ShopHappened {
    /// All.
    pub const ALL: [Self; 11] = [
        Self::Registered,
        Self::Opened,
        Self::Recertified,
        Self::Warned,
        Self::TemporarilyClosed,
        Self::Restored,
        Self::PermanentlyClosed,
        Self::Closed,
        Self::Evicted,
        Self::CarriedOver,
        Self::CarryOverEnded,
    ];

    /// The type of the event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "shop.registered",
            Self::Opened => "shop.opened",
            Self::Recertified => "shop.recertified",
            Self::Warned => "shop.warned",
            Self::TemporarilyClosed => "shop.temporarily_closed",
            Self::Restored => "shop.restored",
            Self::PermanentlyClosed => "shop.permanently_closed",
            Self::Closed => "shop.closed",
            Self::Evicted => "shop.evicted",
            Self::CarriedOver => "shop.carried_over",
            Self::CarryOverEnded => "shop.carry_over_ended",
        }
    }
}

impl Shop {
    /// Registers one.
    ///
    /// # Errors
    /// When id or type are not of the allowed form.
    pub fn register(
        id: String,
        mode: Mode,
        shop_type: String,
        clock: Option<ClockId>,
        now: Timestamp,
    ) -> Result<(Self, ShopHappened), ShopRefusal> {
        if !(1..=128).contains(&id.chars().count()) || id.chars().any(char::is_control) {
            return Err(ShopRefusal::Id);
        }
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if !(1..=64).contains(&shop_type.len()) || !shop_type.bytes().all(allowed) {
            return Err(ShopRefusal::Type);
        }
        let shop = Self {
            id,
            mode,
            shop_type,
            clock,
            owners: Vec::new(),
            created_at: now,
            closed_at: None,
            penalties: Vec::new(),
            facts: ShopFacts::default(),
            company: None,
            carried_over: None,
            staff_quota: None,
            time_zone: None,
        };
        Ok((shop, ShopHappened::Registered))
    }

    /// Where it stands.
    pub fn status(&self) -> ShopStatus {
        if self.penalties.iter().any(|p| p.kind == PenaltyKind::PermanentClosure) {
            ShopStatus::PermanentlyClosed
        } else if self.closed_at.is_some() {
            ShopStatus::Closed
        } else if self.owner().is_none() && self.carried_over.is_none() {
            ShopStatus::Registered
        } else if self.penalties.iter().any(Penalty::closes_for_now) {
            ShopStatus::TemporarilyClosed
        } else {
            ShopStatus::Open
        }
    }

    /// Lets one go on that traded before it was known here: it is open until its owner is certified, or the time for that is
    /// over. One that ever had an owner here, or is open so already, stays as it is: `None`.
    ///
    /// # Errors
    /// When it is closed for ever.
    pub fn carry_over(&mut self, now: Timestamp) -> Result<Option<ShopHappened>, ShopRefusal> {
        self.still_there()?;
        if !self.owners.is_empty() || self.carried_over.is_some() {
            return Ok(None);
        }
        self.carried_over = Some(now);
        Ok(Some(ShopHappened::CarriedOver))
    }

    /// The time was over in which an owner had to be certified; `None` of a shop that was not carried over, or has one.
    pub fn end_carry_over(&mut self) -> Option<ShopHappened> {
        self.still_there().ok()?;
        self.carried_over.take().map(|_| ShopHappened::CarryOverEnded)
    }

    /// Who is certified as its owner now.
    pub fn owner(&self) -> Option<&Owner> {
        self.owners.last().filter(|owner| owner.until.is_none())
    }

    /// Ends its owner: the identity that they were certified by is another account's (row C1). Who was certified stays
    /// known; `None` when nobody is.
    ///
    /// # Errors
    /// When it is closed for ever.
    pub fn evict(&mut self, now: Timestamp) -> Result<Option<ShopHappened>, ShopRefusal> {
        self.still_there()?;
        let Some(owner) = self.owners.last_mut().filter(|owner| owner.until.is_none()) else {
            return Ok(None);
        };
        owner.until = Some(now);
        Ok(Some(ShopHappened::Evicted))
    }

    /// Closes it for its owner, for ever. Who was responsible stays known.
    ///
    /// # Errors
    /// When it is closed for ever.
    pub fn close(&mut self, now: Timestamp) -> Result<ShopHappened, ShopRefusal> {
        self.still_there()?;
        self.closed_at = Some(now);
        Ok(ShopHappened::Closed)
    }

    /// Whether anything new can be made in it.
    ///
    /// # Errors
    /// When it is closed for ever.
    pub fn still_there(&self) -> Result<(), ShopRefusal> {
        match self.status() {
            ShopStatus::Closed => Err(ShopRefusal::Closed),
            ShopStatus::PermanentlyClosed => Err(ShopRefusal::PermanentlyClosed),
            ShopStatus::Registered | ShopStatus::Open | ShopStatus::TemporarilyClosed => Ok(()),
        }
    }

    /// Imposes a penalty; `None` when this very one was imposed before. A shop that its owner closed can still be
    /// closed permanently: nobody escapes a ban by being quicker.
    ///
    /// # Errors
    /// When something of it is not of the allowed form, its reference stands for another one, the shop was restored
    /// after it, or the shop does not stand so that it could be imposed.
    pub fn penalise(&mut self, new: NewPenalty, now: Timestamp) -> Result<Option<ShopHappened>, ShopRefusal> {
        new.checked()?;
        if let Some(known) = self.penalties.iter().find(|p| p.reference == new.reference) {
            return match known.is(&new) {
                false => Err(ShopRefusal::ReferenceUsed),
                true if known.restored.is_some() => Err(ShopRefusal::MadeGood),
                true => Ok(None),
            };
        }
        let happened = match (new.kind, self.status()) {
            (_, ShopStatus::PermanentlyClosed) => return Err(ShopRefusal::PermanentlyClosed),
            (PenaltyKind::PermanentClosure, _) => ShopHappened::PermanentlyClosed,
            (_, ShopStatus::Closed) => return Err(ShopRefusal::Closed),
            (_, ShopStatus::Registered) if self.owners.is_empty() => return Err(ShopRefusal::NeverOpen),
            (PenaltyKind::Warning, _) => ShopHappened::Warned,
            (PenaltyKind::TemporaryClosure, _) => ShopHappened::TemporarilyClosed,
        };
        self.penalties.push(Penalty::imposed(new, now));
        Ok(Some(happened))
    }

    /// Its owner passed. That opens it for the first time, and restores it after a temporary closure when it is the
    /// same verification again, begun after the closure: one that was under way is not about it.
    ///
    /// # Errors
    /// When this very verification counted before, or the shop is closed for ever.
    pub fn certify(&mut self, passed: Certification, now: Timestamp) -> Result<ShopHappened, ShopRefusal> {
        self.still_there()?;
        if self.owners.iter().any(|o| o.session == passed.session) {
            return Err(ShopRefusal::Counted);
        }
        let closed = self.penalties.iter().any(Penalty::closes_for_now);
        let happened = match self.status() {
            // Evicted meanwhile or not: what it was closed for is not made good by another owner alone.
            _ if closed && self.is_restored_by(&passed) => ShopHappened::Restored,
            ShopStatus::Registered if !closed => ShopHappened::Opened,
            // Open until now without anybody who answers for it.
            ShopStatus::Open if self.owners.is_empty() => ShopHappened::Opened,
            _ => ShopHappened::Recertified,
        };
        if happened == ShopHappened::Restored {
            for penalty in self.penalties.iter_mut().filter(|p| p.closes_for_now()) {
                penalty.restored = Some(Restored { session: passed.session.clone(), at: now });
            }
        }
        if let Some(last) = self.owners.last_mut() {
            last.until.get_or_insert(now);
        }
        self.carried_over = None;
        let Certification { session, program, .. } = passed;
        self.owners.push(Owner { session, from: now, until: None, program: Some(program) });
        Ok(happened)
    }

    fn is_restored_by(&self, passed: &Certification) -> bool {
        let same = |o: &Owner| o.program.as_ref().is_none_or(|p| *p == passed.program);
        let mut closures = self.penalties.iter().filter(|p| p.closes_for_now());
        self.owners.first().is_none_or(same) && closures.all(|p| p.at <= passed.begun_at)
    }

    /// Who was responsible at that moment: from being certified on, until just before the next one was.
    pub fn owner_at(&self, at: Timestamp) -> Option<&Owner> {
        self.owners.iter().find(|o| o.from <= at && o.until.is_none_or(|until| at < until))
    }
}
