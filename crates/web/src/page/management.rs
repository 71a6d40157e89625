//! The owner's page of a shop's sub-accounts: how they stand, never who stands behind them.

use askama::Template;
use shiren_app::port::StaffCount;

use super::{ConsoleFrame, PhoneStep, word};

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "manage/list.html")]
pub struct Manage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Which are shown.
    pub chosen: ManageFilter,
    /// How many stand how.
    pub counts: Vec<StaffCount>,
    /// The sub-accounts.
    pub rows: Vec<ManageRow>,
    /// Where the next ones are.
    pub next: Option<String>,
    /// What was done a moment ago, or why not.
    pub notice: Option<ManageNotice>,
    /// Whether the shop's type is exempt for now (row E18).
    pub exempt: bool,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct ManageRow {
    /// The marketplace's own id.
    pub id: String,
    /// Where its code is shown.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What its user does, in words.
    pub role: String,
    /// How it stands, in words.
    pub status: String,
    /// How that looks: `ok`, `warn`, `fail` or `note`.
    pub class: &'static str,
    /// Since when, or until when, in words.
    pub when: Option<String>,
    /// Whether its user may verify now.
    pub can_verify: bool,
    /// Whether that is who is bound, once more.
    pub again: bool,
    /// Whether a user can be unbound.
    pub can_unbind: bool,
    /// Whether a freeze can be lifted.
    pub can_lift: bool,
    /// Whether it is for a promotion only (row E10).
    pub temporary: bool,
}

impl ManageRow {
    /// The icon beside its status.
    pub fn icon(&self) -> &'static str {
        match self.class {
            "ok" => "check",
            "warn" => "clock",
            "fail" => "lock",
            _ => "info",
        }
    }
}

/// Which sub-accounts are shown (row E2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ManageFilter {
    /// All.
    #[default]
    All,
    /// Asked to verify, for the first time.
    Asked,
    /// Bound, and asked to verify once more.
    Recheck,
    /// Being looked at.
    InReview,
    /// Verified.
    Verified,
    /// Frozen.
    Frozen,
    /// Frozen, and lifted for a while.
    Lifted,
    /// Not asked.
    Unasked,
    /// Temporary, before its window.
    Waiting,
    /// Temporary, in its window.
    Open,
    /// Removed, or over.
    Disabled,
}

impl ManageFilter {
    /// All, in the order of the page.
    pub const ALL: [Self; 11] = [
        Self::All,
        Self::Asked,
        Self::Recheck,
        Self::InReview,
        Self::Verified,
        Self::Frozen,
        Self::Lifted,
        Self::Unasked,
        Self::Waiting,
        Self::Open,
        Self::Disabled,
    ];

    /// How an address says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Asked => "asked",
            Self::Recheck => "recheck",
            Self::InReview => "in_review",
            Self::Verified => "verified",
            Self::Frozen => "frozen",
            Self::Lifted => "lifted",
            Self::Unasked => "unasked",
            Self::Waiting => "waiting",
            Self::Open => "open",
            Self::Disabled => "disabled",
        }
    }

    /// The one of this name; all for any other.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|f| f.name() == name).unwrap_or_default()
    }

    /// The standing that it is, if it is one.
    pub fn standing(self) -> Option<&'static str> {
        match self {
            Self::All | Self::InReview => None,
            Self::Recheck => Some(Self::Asked.name()),
            _ => Some(self.name()),
        }
    }

    /// Whether somebody is bound to it, if that matters.
    pub fn bound(self) -> Option<bool> {
        match self {
            Self::Asked => Some(false),
            Self::Recheck => Some(true),
            _ => None,
        }
    }

    /// Whether a verification is being looked at, if that matters.
    pub fn reviewed(self) -> Option<bool> {
        (self == Self::InReview).then_some(true)
    }

    /// How many of those that are counted it shows.
    pub fn count(self, counts: &[StaffCount]) -> u32 {
        let shown = |c: &&StaffCount| {
            self.standing().is_none_or(|standing| standing == c.standing)
                && self.reviewed().is_none_or(|reviewed| reviewed == c.reviewed)
                && self.bound().is_none_or(|bound| bound == c.bound)
        };
        counts.iter().filter(shown).map(|c| c.count).sum()
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::All => word("manage.all"),
            Self::Asked => word("manage.asked"),
            Self::Recheck => word("manage.recheck"),
            Self::InReview => word("manage.in_review"),
            Self::Verified => word("manage.verified"),
            Self::Frozen => word("manage.frozen"),
            Self::Lifted => word("manage.lifted"),
            Self::Unasked => word("manage.unasked"),
            Self::Waiting => word("manage.waiting"),
            Self::Open => word("manage.open"),
            Self::Disabled => word("manage.disabled"),
        }
    }
}

/// What was done a moment ago, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManageNotice {
    /// A user was unbound.
    Unbound,
    /// A freeze was lifted.
    Lifted,
    /// It was lifted as often as may be.
    NoLiftsLeft,
    /// It stands otherwise by now.
    Changed,
}

impl ManageNotice {
    /// Those that an address can say.
    pub const ALL: [Self; 2] = [Self::Unbound, Self::Lifted];

    /// How an address says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Lifted => "lifted",
            Self::NoLiftsLeft => "no_lifts_left",
            Self::Changed => "changed",
        }
    }

    /// Whether nothing was done.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::NoLiftsLeft | Self::Changed)
    }

    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unbound => word("manage.done_unbound"),
            Self::Lifted => word("manage.done_lifted"),
            Self::NoLiftsLeft => word("manage.no_lifts_left"),
            Self::Changed => word("manage.changed"),
        }
    }
}

/// The prompt to verify, with a code for the phone of whoever works there (row E1).
#[derive(Clone, Debug, Template)]
#[template(path = "manage/code.html")]
pub struct ManageCode {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// The sub-account.
    pub row: ManageRow,
    /// The code, when it was asked for.
    pub code: Option<PhoneCode>,
    /// This page's address.
    pub back: String,
}

/// A code, and what the phone that scans it does.
#[derive(Clone, Debug)]
pub struct PhoneCode {
    /// The code as SVG, drawn by us.
    pub svg: String,
    /// What stands in it, for who cannot scan.
    pub link: String,
    /// Until when it can be opened.
    pub until: String,
    /// Where it is told what was done.
    pub follow: String,
    /// What there is to do.
    pub steps: Vec<PhoneStep>,
    /// Whether it opens in the marketplace's own app alone.
    pub own_app: bool,
}

/// For who is not, or no longer, known.
#[derive(Clone, Debug, Template)]
#[template(path = "manage/gone.html")]
pub struct ManageGone {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Where to go instead.
    pub home: Option<String>,
}
