//! What was sent to people, newest first.

use askama::Template;

use super::Deadline;
use crate::page::ConsoleFrame;

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/notices.html")]
pub struct Notices {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// The notices.
    pub rows: Vec<NoticeRow>,
    /// Where the next ones are.
    pub next: Option<String>,
    /// What is wrong with the reason.
    pub error: Option<String>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    /// Its id.
    pub id: String,
    /// When it was asked for.
    pub at: Deadline,
    /// By mail or SMS.
    pub channel: String,
    /// To whom, masked.
    pub to: String,
    /// How far it has come, in words.
    pub state: String,
    /// What went wrong last, in words.
    pub fault: Option<String>,
    /// The session.
    pub session: String,
    /// Whether the sandbox keeps it.
    pub kept: bool,
    /// What the sandbox keeps, in the clear.
    pub shown: Option<Shown>,
}

/// A letter in the clear.
#[derive(Clone, Debug)]
pub struct Shown {
    /// To whom.
    pub to: String,
    /// The text.
    pub text: String,
}
