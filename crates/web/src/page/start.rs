//! Why a person is asked, and what they need at hand.

use askama::Template;

use super::Frame;
use crate::why::Why;

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
    /// Whether it is for the person's own copy of their data.
    pub export: bool,
}
