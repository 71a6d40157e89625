//! It cannot go on here, why, and what else there is.

use askama::Template;

use shiren_core::verification::session::CalledOff;

use super::{Frame, Problem, word};

/// The page of a session that was rejected or called off.
#[derive(Clone, Debug, Template)]
#[template(path = "closed.html")]
pub struct Closed {
    /// What stands around it.
    pub frame: Frame,
    /// Why it was called off, if that is so and it was not that it did not pass.
    pub called_off: Option<CalledOff>,
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

impl Closed {
    /// The key of the sentence that says what happened.
    pub const fn lead(&self) -> &'static str {
        match self.called_off {
            None => word("closed.lead"),
            Some(CalledOff::ByPlatform) => word("closed.canceled_lead"),
            Some(CalledOff::UserUnbound) => word("closed.user_unbound_lead"),
            Some(CalledOff::AccountRemoved) => word("closed.account_removed_lead"),
            Some(CalledOff::ShopEnded) => word("closed.shop_ended_lead"),
        }
    }
}
