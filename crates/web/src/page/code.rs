//! The code that was sent to the phone.

use askama::Template;

use super::Frame;

/// The page on which a person tells the code that came to their phone.
#[derive(Clone, Debug, Template)]
#[template(path = "code.html")]
pub struct Code {
    /// What stands around it.
    pub frame: Frame,
    /// The phone, masked.
    pub to: String,
    /// Whether a code is on its way or can be tried.
    pub sent: bool,
    /// Whether it is the registered phone that changes.
    pub old: bool,
    /// Minutes for which it counts.
    pub minutes: u32,
    /// Seconds until another one can be sent.
    pub wait_seconds: u32,
    /// Why what was entered, or asked for, was refused.
    pub error: Option<String>,
    /// Whether the ways to a person stand open: no code helps here.
    pub ask_a_person: bool,
}
