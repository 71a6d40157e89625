//! It cannot go on here, why, and what else there is.

use askama::Template;

use super::{Frame, Problem};

/// The page of a session that was rejected or called off.
#[derive(Clone, Debug, Template)]
#[template(path = "closed.html")]
pub struct Closed {
    /// What stands around it.
    pub frame: Frame,
    /// Whether the marketplace called it off, rather than it not passing.
    pub canceled: bool,
    /// Whether a person can be asked to look at it again now.
    pub may_appeal: bool,
    /// Whether another document may pass.
    pub other_document: bool,
    /// Why.
    pub reasons: Vec<Problem>,
    /// Where the person goes now.
    pub return_url: Option<String>,
    /// The session's id, for support.
    pub session: String,
}
