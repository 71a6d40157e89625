//! Penalties (处罚) of a shop: what was broken, what it costs, and whether it was made good.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ShopRefusal;
use crate::id::SessionId;

/// What a penalty does to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyKind {
    /// It is on record, and no more.
    Warning,
    /// The shop is closed until its owner has passed the same verification again (row D11).
    TemporaryClosure,
    /// The shop is closed for ever (row D12).
    PermanentClosure,
}

impl PenaltyKind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Warning, Self::TemporaryClosure, Self::PermanentClosure];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::TemporaryClosure => "temporary_closure",
            Self::PermanentClosure => "permanent_closure",
        }
    }
}

/// What a penalty is imposed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPenalty {
    /// The marketplace's own id of it, 1 to 128 printable characters: the same one again is the same penalty.
    pub reference: String,
    /// What it does.
    pub kind: PenaltyKind,
    /// Which rule was broken, as the marketplace's own list calls it: 1 to 64 lower-case letters, digits, hyphens and
    /// underscores.
    pub violation: String,
    /// Why, in a sentence of 1 to 500 printable characters, without anything of a person: it is not encrypted.
    pub reason: String,
}

impl NewPenalty {
    /// Checks the form of everything.
    pub(super) fn checked(&self) -> Result<(), ShopRefusal> {
        let printable = |text: &str, most| {
            (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        };
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if !printable(&self.reference, 128) {
            return Err(ShopRefusal::Reference);
        }
        if !(1..=64).contains(&self.violation.len()) || !self.violation.bytes().all(allowed) {
            return Err(ShopRefusal::Violation);
        }
        if printable(&self.reason, 500) { Ok(()) } else { Err(ShopRefusal::Reason) }
    }
}

/// A penalty that was imposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Penalty {
    /// The marketplace's own id of it.
    pub reference: String,
    /// What it does.
    pub kind: PenaltyKind,
    /// Which rule was broken.
    pub violation: String,
    /// Why, in a sentence.
    pub reason: String,
    /// When it was imposed.
    pub at: Timestamp,
    /// How the shop was restored after it.
    pub restored: Option<Restored>,
}

/// A shop was restored after a temporary closure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// The verification that its owner passed.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
}

impl Penalty {
    pub(super) fn imposed(new: NewPenalty, now: Timestamp) -> Self {
        let NewPenalty { reference, kind, violation, reason } = new;
        Self { reference, kind, violation, reason, at: now, restored: None }
    }

    /// Whether it is this one, and not another of the same reference.
    pub(super) fn is(&self, new: &NewPenalty) -> bool {
        self.kind == new.kind && self.violation == new.violation && self.reason == new.reason
    }

    /// Whether the shop is closed by it until its owner has verified again.
    pub fn closes_for_now(&self) -> bool {
        self.kind == PenaltyKind::TemporaryClosure && self.restored.is_none()
    }
}
