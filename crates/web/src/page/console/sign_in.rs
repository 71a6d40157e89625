//! Signing in to the console.

use askama::Template;

use crate::page::ConsoleFrame;

/// The console's door.
#[derive(Clone, Debug, Template)]
#[template(path = "console/sign-in.html")]
pub struct SignIn {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// What was entered.
    pub login: String,
    /// Whether that was refused. Never says which of the two was wrong.
    pub refused: bool,
    /// Minutes to wait after too many refusals.
    pub wait_minutes: Option<u32>,
}
