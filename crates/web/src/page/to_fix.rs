//! What to take again, and nothing else.

use askama::Template;

use super::{Card, Frame};

/// The page of a session in which something must be done again.
#[derive(Clone, Debug, Template)]
#[template(path = "to-fix.html")]
pub struct ToFix {
    /// What stands around it.
    pub frame: Frame,
    /// One card for each picture or entry with something wrong.
    pub cards: Vec<Card>,
    /// What was good, by name: it is kept.
    pub kept: Vec<String>,
    /// How many attempts are left.
    pub attempts_left: u32,
    /// The session's id, for support.
    pub session: String,
}
