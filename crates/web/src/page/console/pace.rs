//! How long people take, part by part.

use askama::Template;
use shiren_core::verification::program::Mode;

use crate::page::ConsoleFrame;

/// The table.
#[derive(Clone, Debug, Template)]
#[template(path = "console/pace.html")]
pub struct Pace {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// How many days it looks back.
    pub days: u32,
    /// Each program's parts, the whole first.
    pub rows: Vec<PaceRow>,
}

/// One part of a program.
#[derive(Clone, Debug)]
pub struct PaceRow {
    /// By what rows are sorted.
    pub order: (String, bool, usize, String),
    /// The program's title, and whether it is of first verifications or of re-checks.
    pub program: String,
    /// What the part is called.
    pub part: String,
    /// Whether it is all of them together.
    pub whole: bool,
    /// How many people.
    pub count: u64,
    /// Half of them took no longer: minutes and seconds.
    pub median: String,
    /// 95 of 100 took no longer.
    pub p95: String,
    /// Whether that is longer than it should be.
    pub late: bool,
}
