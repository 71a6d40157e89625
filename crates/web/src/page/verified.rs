//! Passed.

use askama::Template;

use super::Frame;

/// The page of a session that is verified.
#[derive(Clone, Debug, Template)]
#[template(path = "verified.html")]
pub struct Verified {
    /// What stands around it.
    pub frame: Frame,
    /// What it rests on, in a sentence (the decision's assurance statement, or that a person reviewed it).
    pub statement: String,
    /// When it was decided, written out.
    pub at: String,
    /// Where the person goes now.
    pub return_url: Option<String>,
    /// The session's id, for support.
    pub session: String,
}
