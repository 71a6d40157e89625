//! What stands around every page.

use jiff::tz::TimeZone;
use shiren_core::verification::program::Mode;

use crate::words::{Language, Phrase, say};

/// What all pages need.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language in which the page speaks.
    pub language: Language,
    /// What forms send back to show that they come from this page. Empty where nobody is known.
    pub csrf: String,
    /// Test mode is marked on every page.
    pub mode: Mode,
    /// The marketplace's name.
    pub marketplace: String,
    /// How to reach a person.
    pub support: Support,
    /// This page's path and query, to which a change of language returns.
    pub back: String,
    /// A stylesheet of the marketplace that sets tokens, by its path.
    pub theme: Option<String>,
    /// In which zone dates and hours are told: that of the account which the page is about; the platform's without one.
    pub zone: Option<TimeZone>,
}

/// How to reach a person at the marketplace.
#[derive(Clone, Debug, Default)]
pub struct Support {
    /// A telephone number, as it is dialled.
    pub phone: Option<String>,
    /// A mail address.
    pub mail: Option<String>,
    /// When somebody is there, in the page's language.
    pub hours: Option<String>,
}

/// The four stops of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Agreeing.
    Consent,
    /// Choosing the document, entering name and number.
    Document,
    /// Taking the pictures.
    Pictures,
    /// Looking over everything and sending it.
    Send,
}

impl Stop {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Consent, Self::Document, Self::Pictures, Self::Send];

    /// 1 for the first.
    pub const fn number(self) -> usize {
        self as usize + 1
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Consent => super::word("stop.consent"),
            Self::Document => super::word("stop.document"),
            Self::Pictures => super::word("stop.pictures"),
            Self::Send => super::word("stop.send"),
        }
    }
}

/// How much time the session has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds until it ends.
    pub seconds_left: u64,
    /// From how many seconds on the page offers more.
    pub warn_seconds: u64,
    /// Whether more can be given.
    pub renewable: bool,
}

impl Time {
    /// Whether it is time to offer more.
    pub const fn is_short(&self) -> bool {
        self.seconds_left <= self.warn_seconds
    }

    /// Minutes left, begun ones counted.
    pub const fn minutes_left(&self) -> u64 {
        self.seconds_left.div_ceil(60)
    }
}

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The message to a person was sent.
    Told,
    /// More time was given.
    Renewed,
    /// A link to go on later is on its way.
    LinkSent,
    /// What was written is kept.
    Kept,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Told, Self::Renewed, Self::LinkSent, Self::Kept];

    /// How an address says it.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Told => "told=1",
            Self::Renewed => "renewed=1",
            Self::LinkSent => "later=1",
            Self::Kept => "kept=1",
        }
    }

    /// The key of its sentence.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Told => super::word("notice.told"),
            Self::Renewed => super::word("notice.renewed"),
            Self::LinkSent => super::word("notice.link_sent"),
            Self::Kept => super::word("notice.kept"),
        }
    }
}

/// What stands around a page of the person.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What all pages need.
    pub shell: Shell,
    /// Where the person is on the way; `None` before and after it.
    pub stop: Option<Stop>,
    /// The time left; `None` when there is nothing to do.
    pub time: Option<Time>,
    /// What has just been done.
    pub notice: Option<Notice>,
    /// Whether the session is known, so that a message to a person can be sent from here.
    pub can_write: bool,
    /// Whether the phone is somebody else's, who helps.
    pub assisted: bool,
}

/// What stands around a page of the console.
#[derive(Clone, Debug)]
pub struct ConsoleFrame {
    /// What all pages need.
    pub shell: Shell,
    /// Who is signed in.
    pub login: Option<String>,
    /// Whether something must be looked after: a job was given up, an endpoint takes no webhooks.
    pub attention: bool,
    /// Whether they are an administrator.
    pub admin: bool,
}

/// The path to which a change of language may return: one on this host, or the person's page. What comes in a form
/// must not lead people elsewhere.
pub fn local_path(path: &str) -> &str {
    let elsewhere = path.starts_with("//") || path.contains('\\') || path.chars().any(char::is_control);
    if path.starts_with('/') && !elsewhere { path } else { "/verify" }
}

impl Shell {
    /// A sentence in the page's language.
    pub fn t(&self, key: &str) -> Phrase {
        say(self.language, key)
    }

    /// Whether this is test mode.
    pub fn is_test(&self) -> bool {
        self.mode == Mode::Test
    }

    /// The language that the switch offers.
    pub const fn other(&self) -> Language {
        match self.language {
            Language::Zh => Language::En,
            Language::En => Language::Zh,
        }
    }
}

impl Frame {
    /// A sentence in the page's language.
    pub fn t(&self, key: &str) -> Phrase {
        self.shell.t(key)
    }
}

impl ConsoleFrame {
    /// A sentence in the page's language.
    pub fn t(&self, key: &str) -> Phrase {
        self.shell.t(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_cannot_lead_elsewhere() {
        for path in ["/verify", "/console/cases?state=open&page=b2zQ", "/verify/step/front"] {
            assert_eq!(local_path(path), path);
        }
        for path in
            ["", "verify", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x"]
        {
            assert_eq!(local_path(path), "/verify", "{path:?}");
        }
    }

    #[test]
    fn more_time_is_offered_in_the_last_minutes() {
        let time = |seconds_left| Time { seconds_left, warn_seconds: 300, renewable: true };
        assert!(!time(301).is_short() && time(300).is_short());
        assert_eq!(time(241).minutes_left(), 5);
        assert_eq!(time(0).minutes_left(), 0);
    }
}
