//! Going on later, elsewhere.

use askama::Template;
use shiren_app::record::Channel;

use super::Frame;

/// Where a link to go on can be sent.
#[derive(Clone, Debug, Template)]
#[template(path = "later.html")]
pub struct Later {
    /// What stands around it.
    pub frame: Frame,
    /// The ways that there are; none when the marketplace gave no contact.
    pub ways: Vec<Way>,
    /// Minutes until another one can be sent, when one was sent a moment ago.
    pub wait_minutes: Option<u32>,
}

/// A way to send it.
#[derive(Clone, Debug)]
pub struct Way {
    /// By which channel.
    pub channel: Channel,
    /// To whom, masked.
    pub to: String,
}

impl Way {
    /// The key of the button's words.
    pub const fn key(&self) -> &'static str {
        match self.channel {
            Channel::Email => super::word("later.email"),
            Channel::Sms => super::word("later.sms"),
        }
    }
}
