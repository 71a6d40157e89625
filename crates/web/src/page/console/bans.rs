//! Bans: the list, whoever awaits a look because of it, and one of them.

use askama::Template;
use shiren_core::verification::program::Mode;

use super::{BanRow, CaseRow, Deadline, Event};
use crate::page::ConsoleFrame;

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/bans.html")]
pub struct Bans {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// Which are listed: in force, ended, or all.
    pub state: BanState,
    /// The bans.
    pub rows: Vec<BanRow>,
    /// Where the next ones are.
    pub next: Option<String>,
    /// Cases of whoever resembles somebody on the list, could not be compared with it, or appeals against being on it.
    pub candidates: Vec<CaseRow>,
    /// How long bans last that are imposed now.
    pub term: String,
    /// On what they rest.
    pub basis: String,
}

/// Which bans are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BanState {
    /// In force.
    #[default]
    InForce,
    /// Ended.
    Ended,
    /// All.
    All,
}

impl BanState {
    /// All.
    pub const ALL: [Self; 3] = [Self::InForce, Self::Ended, Self::All];

    /// The name in the query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }

    /// The key of its word.
    pub const fn key(self) -> &'static str {
        match self {
            Self::InForce => crate::page::word("bans.in_force"),
            Self::Ended => crate::page::word("bans.ended"),
            Self::All => crate::page::word("cases.mode_any"),
        }
    }
}

/// One ban.
#[derive(Clone, Debug, Template)]
#[template(path = "console/ban.html")]
pub struct BanPage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Test or live.
    pub mode: Mode,
    /// What stands in the list.
    pub row: BanRow,
    /// The verification that bound the person to the shop.
    pub session: String,
    /// When it ended, by whom and why, if it was lifted.
    pub ended: Option<(Deadline, String, String)>,
    /// Who did what, newest first.
    pub log: Vec<Event>,
    /// Whether whoever looks may lift it, and it is in force.
    pub liftable: bool,
    /// What was entered and not accepted.
    pub reason: String,
    /// What was done.
    pub done: Option<String>,
    /// What was not, and why.
    pub error: Option<String>,
}
