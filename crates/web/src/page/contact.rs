//! A person to turn to: one tap away on every page.

use askama::Template;

use super::Frame;

/// The page for a message to a person, when it stands alone: after it could not be sent, with what was written.
#[derive(Clone, Debug, Template)]
#[template(path = "contact.html")]
pub struct Contact {
    /// What stands around it.
    pub frame: Frame,
    /// What was written.
    pub message: String,
    /// What is wrong with it, in the page's language.
    pub error: Option<String>,
}
