//! The checks are being made: what really happens, as it happens.

use askama::Template;

use super::Frame;

/// The page of a session that is being processed.
#[derive(Clone, Debug, Template)]
#[template(path = "checking.html")]
pub struct Checking {
    /// What stands around it.
    pub frame: Frame,
    /// What is being done now.
    pub stage: Stage,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The documents are read.
    Reading,
    /// The faces are compared.
    Comparing,
    /// The decision is made.
    Deciding,
}

impl Stage {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Reading, Self::Comparing, Self::Deciding];

    /// The name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Comparing => "comparing",
            Self::Deciding => "deciding",
        }
    }

    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reading => super::word("checking.reading"),
            Self::Comparing => super::word("checking.comparing"),
            Self::Deciding => super::word("checking.deciding"),
        }
    }

    /// Its state while another one is being done: `done`, `now`, `later`.
    pub fn state(self, now: &Self) -> &'static str {
        match self.cmp(now) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "later",
        }
    }
}
