//! How long people take. Nobody stands in it: neither a session nor an account.

use jiff::{SignedDuration, Timestamp};
use shiren_core::verification::program::Mode;

/// How long somebody took for one part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaceRecord {
    /// Test or live.
    pub mode: Mode,
    /// The program's name.
    pub program: String,
    /// Whether somebody was verified for the account before: a re-check (row D6), or else the first verification.
    pub recheck: bool,
    /// A step of it, or one of the names in [`shiren_core::verification::session::pace`].
    pub part: String,
    /// How long; kept to the millisecond.
    pub took: SignedDuration,
    /// When they handed in.
    pub at: Timestamp,
}

/// How long people take for one part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paced {
    /// The program's name.
    pub program: String,
    /// Whether of re-checks, or of first verifications.
    pub recheck: bool,
    /// The part.
    pub part: String,
    /// How many there were, from 1.
    pub count: u64,
    /// Half of them were at least as fast (nearest rank).
    pub median: SignedDuration,
    /// 95 of 100 were at least as fast (nearest rank).
    pub p95: SignedDuration,
}
