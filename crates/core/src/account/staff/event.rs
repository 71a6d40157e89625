//! What happens to a sub-account, and why a command is refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Role, Window};
use crate::account::actor::Actor;
use crate::account::claim::ClaimChange;
use crate::id::SessionId;

/// Something that happened to a sub-account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened: for a deadline, the deadline itself, however late it was noticed.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub happened: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Happened {
    /// It was made.
    #[serde(rename = "staff.created")]
    Created {
        /// When it works, for a temporary one.
        window: Option<Window>,
    },
    /// Its user must verify.
    #[serde(rename = "staff.asked")]
    Asked {
        /// When it freezes otherwise.
        freezes_at: Timestamp,
    },
    /// Its user, who is bound, must verify once more (D4, E16).
    #[serde(rename = "staff.recheck_asked")]
    RecheckAsked {
        /// Why.
        why: RecheckWhy,
        /// When it freezes otherwise.
        freezes_at: Timestamp,
    },
    /// Its user need not verify for now.
    #[serde(rename = "staff.excused")]
    Excused,
    /// A freeze draws near.
    #[serde(rename = "staff.reminded")]
    Reminded {
        /// Hours before it.
        hours: u32,
    },
    /// A verification was handed in: the countdown stands still.
    #[serde(rename = "staff.submitted")]
    Submitted {
        /// The verification session.
        session: SessionId,
    },
    /// A verification did not pass: the countdown goes on.
    #[serde(rename = "staff.refused")]
    Refused {
        /// The verification session.
        session: SessionId,
        /// When it freezes otherwise; `None` when it is frozen, or not asked.
        freezes_at: Option<Timestamp>,
    },
    /// A verification passed: the user is bound.
    #[serde(rename = "staff.verified")]
    Verified {
        /// The verification session.
        session: SessionId,
        /// Captured on an administrator's phone.
        assisted: bool,
    },
    /// The user passed once more, and stays bound.
    #[serde(rename = "staff.rechecked")]
    Rechecked {
        /// The verification session.
        session: SessionId,
        /// Captured on an administrator's phone.
        assisted: bool,
    },
    /// The user was unbound.
    #[serde(rename = "staff.unbound")]
    Unbound {
        /// By whom.
        by: Actor,
    },
    /// It is frozen.
    #[serde(rename = "staff.frozen")]
    Frozen,
    /// Its freeze was lifted.
    #[serde(rename = "staff.lifted")]
    Lifted {
        /// By whom.
        by: Actor,
        /// When it freezes again; `None` while a verification is being looked at.
        until: Option<Timestamp>,
    },
    /// A temporary one began to work.
    #[serde(rename = "staff.opened")]
    Opened,
    /// It will not work again.
    #[serde(rename = "staff.disabled")]
    Disabled {
        /// Why.
        why: DisabledWhy,
    },
    /// Role or security phone changed.
    #[serde(rename = "staff.amended")]
    Amended {
        /// Its role now.
        role: Role,
    },
}

impl Happened {
    /// The types of all events.
    pub const NAMES: [&str; 15] = [
        "staff.created",
        "staff.asked",
        "staff.recheck_asked",
        "staff.excused",
        "staff.reminded",
        "staff.submitted",
        "staff.refused",
        "staff.verified",
        "staff.rechecked",
        "staff.unbound",
        "staff.frozen",
        "staff.lifted",
        "staff.opened",
        "staff.disabled",
        "staff.amended",
    ];

    /// The type of the event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "staff.created",
            Self::Asked { .. } => "staff.asked",
            Self::RecheckAsked { .. } => "staff.recheck_asked",
            Self::Excused => "staff.excused",
            Self::Reminded { .. } => "staff.reminded",
            Self::Submitted { .. } => "staff.submitted",
            Self::Refused { .. } => "staff.refused",
            Self::Verified { .. } => "staff.verified",
            Self::Rechecked { .. } => "staff.rechecked",
            Self::Unbound { .. } => "staff.unbound",
            Self::Frozen => "staff.frozen",
            Self::Lifted { .. } => "staff.lifted",
            Self::Opened => "staff.opened",
            Self::Disabled { .. } => "staff.disabled",
            Self::Amended { .. } => "staff.amended",
        }
    }
}

/// Why a user who is bound must verify once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecheckWhy {
    /// Its time has come.
    Scheduled,
    /// The marketplace asked.
    Requested,
    /// A rollout asked.
    Rollout,
}

/// Why a sub-account will not work again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledWhy {
    /// It was temporary, and its window is over.
    WindowOver,
    /// It was removed.
    Removed,
    /// Its shop was closed for ever.
    ShopClosed,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What happened, in order, deadlines that had passed meanwhile first.
    pub events: Vec<Event>,
    /// What the claims table must take with it.
    pub claims: Vec<ClaimChange>,
}

/// A command that is not allowed. The sub-account is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Time went backwards.
    #[error("the clock was turned back: this sub-account has seen {0}")]
    ClockBackwards(Timestamp),
    /// A name that cannot be.
    #[error("a name has 1 to 64 printable characters")]
    NameUnsound,
    /// The shop has as many as it may have (E5).
    #[error("the shop has {0} sub-accounts, as many as it may have")]
    QuotaFull(u32),
    /// No promotion is near.
    #[error("temporary sub-accounts cannot be made today")]
    OutsidePromotion,
    /// Users of temporary sub-accounts do not do this (E10).
    #[error("the user of a temporary sub-account cannot be a {}: only {}", .role.name(), .allowed.iter().map(|r| r.name()).collect::<Vec<_>>().join(", "))]
    TemporaryRole {
        /// What was asked for.
        role: Role,
        /// What they may do.
        allowed: BTreeSet<Role>,
    },
    /// It is temporary: nobody verifies for it.
    #[error("a temporary sub-account needs no verification")]
    Temporary,
    /// It does not work any more.
    #[error("the sub-account was disabled")]
    Disabled,
    /// The shop's type is exempt.
    #[error("shops of this type are exempt{}", .0.map(|d| format!(" until {d}")).unwrap_or_default())]
    Exempt(Option<Date>),
    /// It was asked before.
    #[error("its user was asked before")]
    AlreadyAsked,
    /// It was not asked.
    #[error("its user was not asked")]
    NotAsked,
    /// Its user is verified and stays until unbound.
    #[error("the user of a verified sub-account cannot be changed: unbind first")]
    UserImmutable,
    /// A sub-account's name stays.
    #[error("the name of a sub-account cannot be changed")]
    NameImmutable,
    /// A verification is being looked at.
    #[error("a verification is being looked at: {0}")]
    BeingReviewed(SessionId),
    /// No verification, or another one, is being looked at.
    #[error("the verification {0} is not being looked at")]
    NotBeingReviewed(SessionId),
    /// A time for a re-check that cannot be.
    #[error("a re-check has 1 to 8760 hours")]
    RecheckHours,
    /// Nobody is bound.
    #[error("nobody is bound to this sub-account")]
    NobodyBound,
    /// It is not frozen.
    #[error("the sub-account is not frozen")]
    NotFrozen,
    /// Its freeze was lifted as often as it may be.
    #[error("the freeze was lifted {0} times already, as often as allowed")]
    NoLiftsLeft(u32),
    /// The account that scanned is another one.
    #[error("the account that scanned is not the one that the code was made for")]
    AccountMismatch,
}

impl Refusal {
    /// The stable name, for problems and pages.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ClockBackwards(_) => "clock_backwards",
            Self::NameUnsound => "staff_name_unsound",
            Self::QuotaFull(_) => "staff_quota_full",
            Self::OutsidePromotion => "outside_promotion",
            Self::TemporaryRole { .. } => "staff_temporary_role",
            Self::Temporary => "staff_temporary",
            Self::Disabled => "staff_disabled",
            Self::Exempt(_) => "staff_exempt",
            Self::AlreadyAsked => "staff_already_asked",
            Self::NotAsked => "staff_not_asked",
            Self::UserImmutable => "staff_user_immutable",
            Self::NameImmutable => "staff_name_immutable",
            Self::BeingReviewed(_) => "staff_being_reviewed",
            Self::NotBeingReviewed(_) => "staff_not_being_reviewed",
            Self::RecheckHours => "invalid",
            Self::NobodyBound => "staff_nobody_bound",
            Self::NotFrozen => "staff_not_frozen",
            Self::NoLiftsLeft(_) => "staff_no_lifts_left",
            Self::AccountMismatch => "account_mismatch",
        }
    }
}
