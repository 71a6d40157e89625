//! Claims: what must be unique, as tags that tell nothing, for the store to hold in one table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A keyed hash of an identity, a phone or a face, made by the vault: equal for equal things, and nothing else can
/// be read from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Tag(pub String);

/// What a tag was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claimed {
    /// A document's number with its kind.
    Identity,
    /// A phone number.
    Phone,
}

/// Something that one holder alone may have within a scope: the same claim by another holder is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Where it must be unique: `shop:42` for the staff of a shop, `shops` for all owners.
    pub scope: String,
    /// What it is.
    pub of: Claimed,
    /// Its tag.
    pub tag: Tag,
}

/// What must be true of the claims table when a transition is saved, in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimChange {
    /// Make it; held by another, the whole transition fails.
    Make(Claim),
    /// Let it go.
    Release(Claim),
}
