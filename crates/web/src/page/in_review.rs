//! A person decides.

use askama::Template;

use super::{Frame, Problem};

/// The page of a session that is in review.
#[derive(Clone, Debug, Template)]
#[template(path = "in-review.html")]
pub struct InReview {
    /// What stands around it.
    pub frame: Frame,
    /// Why a person looks at it.
    pub reasons: Vec<Problem>,
    /// By when it is decided, written out.
    pub due: String,
    /// How long that is, in words: `48 小时内`.
    pub within: String,
    /// Whether that time is over.
    pub overdue: bool,
    /// Where the person may go meanwhile.
    pub return_url: Option<String>,
    /// The session's id, for support.
    pub session: String,
}
