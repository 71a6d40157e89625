//! Passed.

use askama::Template;

use super::Frame;

/// How the person's own copy of their data stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnCopy {
    /// It can be taken until then, written out.
    Ready(String),
    /// It was taken then.
    Taken(String),
    /// Nobody took it in time.
    Over,
}

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
    /// The copy that they verified for.
    pub copy: Option<OwnCopy>,
    /// Where the person goes now.
    pub return_url: Option<String>,
    /// The session's id, for support.
    pub session: String,
}
