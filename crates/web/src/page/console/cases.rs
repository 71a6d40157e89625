//! The list of cases, the most urgent first.

use askama::Template;

use crate::page::{ConsoleFrame, word};

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/cases.html")]
pub struct Cases {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Which cases are listed.
    pub state: ListState,
    /// Of which mode.
    pub mode: ModeFilter,
    /// Only this account's, when not empty.
    pub account: String,
    /// How many there are of each state.
    pub counts: CaseCount,
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// In which time zone their deadlines are told.
    pub zone: String,
    /// Where the next ones are.
    pub next: Option<String>,
}

/// Which cases are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListState {
    /// Not decided.
    #[default]
    Open,
    /// Not decided, and nearly late or late.
    Escalated,
    /// Not decided, and late.
    Overdue,
    /// Decided.
    Decided,
}

impl ListState {
    /// All.
    pub const ALL: [Self; 4] = [Self::Open, Self::Escalated, Self::Overdue, Self::Decided];

    /// The name in the query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Escalated => "escalated",
            Self::Overdue => "overdue",
            Self::Decided => "decided",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// The key of its word.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => word("cases.open"),
            Self::Escalated => word("cases.escalated"),
            Self::Overdue => word("cases.overdue"),
            Self::Decided => word("cases.decided"),
        }
    }
}

/// Of which mode cases are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModeFilter {
    /// Both.
    #[default]
    Any,
    /// Live alone.
    Live,
    /// Test alone.
    Test,
}

impl ModeFilter {
    /// All.
    pub const ALL: [Self; 3] = [Self::Any, Self::Live, Self::Test];

    /// The name in the query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// The key of its word.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Any => word("cases.mode_any"),
            Self::Live => word("cases.mode_live"),
            Self::Test => word("cases.mode_test"),
        }
    }
}

/// How many cases there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseCount {
    /// Not decided.
    pub open: u64,
    /// Not decided, and nearly late or late.
    pub escalated: u64,
    /// Not decided, and late.
    pub overdue: u64,
    /// Decided in the last days.
    pub decided: u64,
}

impl CaseCount {
    /// How many of a state.
    pub const fn of(&self, state: &ListState) -> u64 {
        match state {
            ListState::Open => self.open,
            ListState::Escalated => self.escalated,
            ListState::Overdue => self.overdue,
            ListState::Decided => self.decided,
        }
    }
}

/// A point in time, for people who work by it.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// For machines: RFC 3339.
    pub rfc3339: String,
    /// Written out, in the page's language.
    pub absolute: String,
    /// From now: `还有 3 小时`.
    pub relative: String,
    /// How pressing: `""`, `due`, `overdue`.
    pub class: &'static str,
}

/// One case in the list.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Its id.
    pub id: String,
    /// By when it must be decided.
    pub due: Deadline,
    /// How late it is, where it is: the key of a word.
    pub late: Option<&'static str>,
    /// Whose it is: kind and reference.
    pub account: String,
    /// The program's title.
    pub program: String,
    /// The document's title.
    pub document: String,
    /// Why it came here, in short.
    pub reasons: Vec<String>,
    /// Whether it is a test.
    pub test: bool,
    /// What was made of it, in a word, and by whom.
    pub decided: Option<String>,
    /// Whether it waits for the second pair of eyes.
    pub awaits_another: bool,
}
