//! Why a person is asked, and what they need at hand.

use askama::Template;

use super::Frame;

/// Why somebody is asked to show who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They open a shop.
    Shop,
    /// They buy goods that are declared at the border.
    Border,
    /// They work in a shop's sub-account (row E4).
    Staff,
    /// Anything else.
    Other,
}

impl Why {
    /// The reason of a program of this name.
    pub fn of_program(name: &str) -> Self {
        match name {
            "shop-owner" => Self::Shop,
            "buyer" => Self::Border,
            "staff" => Self::Staff,
            _ => Self::Other,
        }
    }

    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Shop => super::word("start.why_shop"),
            Self::Border => super::word("start.why_border"),
            Self::Staff => super::word("start.why_staff"),
            Self::Other => super::word("start.why_other"),
        }
    }
}

/// The first page.
#[derive(Clone, Debug, Template)]
#[template(path = "start.html")]
pub struct Start {
    /// What stands around it.
    pub frame: Frame,
    /// The program's title.
    pub title: String,
    /// Why.
    pub why: Why,
    /// About how many minutes it takes.
    pub minutes: u32,
    /// Days until document pictures are deleted.
    pub document_days: u32,
    /// Hours until face pictures are deleted.
    pub face_hours: u32,
    /// Whether something was begun before: the button then goes on with it.
    pub begun: bool,
    /// Whether a specimen can be drawn (test mode).
    pub specimen: bool,
}
