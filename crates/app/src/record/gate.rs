//! The gate's rules in their versions, and what it was asked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_core::gate::Draft;
use shiren_core::gate::dry_run::Past;
use shiren_core::verification::program::Mode;

/// One version of the gate's rules. None is ever changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRulesRecord {
    /// Test or live: each has its own.
    pub mode: Mode,
    /// From 1.
    pub version: i64,
    /// Since when.
    pub at: Timestamp,
    /// By whom: the name of an API key.
    pub by: String,
    /// The rules.
    pub draft: Draft,
}

/// What the gate was asked. Nobody stands in it: neither an account nor an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRecord {
    /// Test or live.
    pub mode: Mode,
    /// When.
    pub at: Timestamp,
    /// What was asked, and what was known.
    pub past: Past,
    /// By which version of the rules it was answered; 0 are those that come with the product.
    pub version: i64,
    /// How many requests it stands for: where many are asked, not each is kept.
    pub stands_for: u32,
    /// The rules that asked for a verification; none when it was not needed.
    pub asked_by: BTreeSet<String>,
}
