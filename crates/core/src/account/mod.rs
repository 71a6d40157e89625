//! What the marketplace knows: the accounts that people act through.
//!
//! An account is the marketplace's own; here it is a kind and the marketplace's own id for it. Who stands
//! behind it is a person, whom a verification session binds to it.

pub mod actor;
pub mod assertion;
pub mod ban;
pub mod claim;
pub mod reference;
pub mod shop;
pub mod staff;
pub mod verified_person;
pub mod zone;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A shop, by its owner.
    Shop,
    /// A buyer.
    Buyer,
    /// A sub-account of a shop, by whoever works in it.
    Staff,
    /// Somebody who recommends goods (达人), by themselves (row D3).
    Influencer,
    /// The marketplace itself: of it are events that are no account's. Nobody verifies for it.
    Platform,
}

impl AccountKind {
    /// All that people verify for.
    pub const ALL: [Self; 4] = [Self::Shop, Self::Buyer, Self::Staff, Self::Influencer];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Buyer => "buyer",
            Self::Staff => "staff",
            Self::Influencer => "influencer",
            Self::Platform => "platform",
        }
    }

    /// The program that verifies it, where nothing else is said.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Shop | Self::Platform => "shop-owner",
            Self::Buyer => "buyer",
            Self::Staff => "staff",
            Self::Influencer => "influencer",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::Platform]).find(|kind| kind.name() == name)
    }
}

/// One account: its kind and the marketplace's own id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What it is.
    pub kind: AccountKind,
    /// The marketplace's own id for it, 1 to 128 printable characters. Never a name, a phone or a number of a
    /// person: it is not encrypted.
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
}

impl Account {
    /// Whether the id is of the allowed form.
    pub fn is_sound(&self) -> bool {
        (1..=128).contains(&self.id.chars().count()) && !self.id.chars().any(char::is_control)
    }
}

impl fmt::Display for Account {
    /// `shop:42`, as in lists and keys of the store.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.id)
    }
}
