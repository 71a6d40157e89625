//! Where the way does not go on: what happened, and what to do now.

use askama::Template;
use shiren_core::account::assertion::AssertionFault;
use shiren_core::verification::session::Refusal;

use super::Frame;

/// A page that says why something does not go.
#[derive(Clone, Debug, Template)]
#[template(path = "failure.html")]
pub struct Failure {
    /// What stands around it.
    pub frame: Frame,
    /// Which.
    pub kind: FailureKind,
    /// Where the person goes now, if the marketplace is known.
    pub return_url: Option<String>,
    /// For support: the session's id, or the request's.
    pub reference: Option<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The link was opened before.
    LinkUsed,
    /// The link's time is over.
    LinkExpired,
    /// The number on the other screen is another one.
    LinkNumber,
    /// The session's time is over.
    SessionExpired,
    /// This browser is not known: the cookie is gone, or the session is open elsewhere.
    SessionEnded,
    /// There is nothing here.
    NotFound,
    /// It was submitted too often.
    TooManyAttempts,
    /// The form is too old.
    FormTooOld,
    /// The account that is signed in is another one, or could not be made out.
    Account(AssertionFault),
    /// Too many people at once.
    Busy,
    /// It is our fault.
    Broken,
}

impl FailureKind {
    /// All; of the accounts one for each that says something else.
    pub const ALL: [Self; 14] = [
        Self::LinkUsed,
        Self::LinkExpired,
        Self::LinkNumber,
        Self::SessionExpired,
        Self::SessionEnded,
        Self::NotFound,
        Self::TooManyAttempts,
        Self::FormTooOld,
        Self::Account(AssertionFault::Mismatch),
        Self::Account(AssertionFault::Expired),
        Self::Account(AssertionFault::Signature),
        Self::Account(AssertionFault::Assisted),
        Self::Busy,
        Self::Broken,
    ];

    /// The page for a refusal that no ordinary page answers.
    pub const fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::Expired => Some(Self::SessionExpired),
            Refusal::TooManyAttempts => Some(Self::TooManyAttempts),
            Refusal::NoSuchMethod | Refusal::NoSuchStep => Some(Self::NotFound),
            _ => None,
        }
    }

    /// The stable code that stands below, for support.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LinkUsed => "link_used",
            Self::LinkExpired => "link_expired",
            Self::LinkNumber => "link_number",
            Self::SessionExpired => "session_expired",
            Self::SessionEnded => "session_unknown",
            Self::NotFound => "not_found",
            Self::TooManyAttempts => "attempts_exhausted",
            Self::FormTooOld => "form_expired",
            Self::Account(fault) => fault.code(),
            Self::Busy => "busy",
            Self::Broken => "internal",
        }
    }

    /// The status of the answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::LinkUsed | Self::LinkExpired | Self::SessionExpired => 410,
            Self::SessionEnded => 401,
            Self::NotFound => 404,
            Self::TooManyAttempts => 429,
            Self::FormTooOld | Self::LinkNumber | Self::Account(_) => 403,
            Self::Busy => 503,
            Self::Broken => 500,
        }
    }

    const fn keys(self) -> [&'static str; 3] {
        use super::word;
        match self {
            Self::LinkUsed => {
                [word("failure.link_used"), word("failure.link_used_why"), word("failure.link_used_do")]
            }
            Self::LinkExpired => [
                word("failure.link_expired"),
                word("failure.link_expired_why"),
                word("failure.link_expired_do"),
            ],
            Self::LinkNumber => {
                [word("failure.number"), word("failure.number_why"), word("failure.number_do")]
            }
            Self::SessionExpired => [
                word("failure.session_expired"),
                word("failure.session_expired_why"),
                word("failure.session_expired_do"),
            ],
            Self::SessionEnded => [
                word("failure.session_ended"),
                word("failure.session_ended_why"),
                word("failure.session_ended_do"),
            ],
            Self::NotFound => {
                [word("failure.not_found"), word("failure.not_found_why"), word("failure.not_found_do")]
            }
            Self::TooManyAttempts => {
                [word("failure.attempts"), word("failure.attempts_why"), word("failure.attempts_do")]
            }
            Self::FormTooOld => [word("failure.form"), word("failure.form_why"), word("failure.form_do")],
            Self::Account(AssertionFault::Missing | AssertionFault::Mismatch) => {
                [word("failure.account"), word("failure.account_why"), word("failure.account_do")]
            }
            Self::Account(AssertionFault::Assisted) => {
                [word("failure.assisted"), word("failure.assisted_why"), word("failure.assisted_do")]
            }
            Self::Account(
                AssertionFault::Expired
                | AssertionFault::LivesTooLong
                | AssertionFault::NotYet
                | AssertionFault::Replayed,
            ) => [word("failure.stale"), word("failure.stale_why"), word("failure.stale_do")],
            Self::Account(_) => {
                [word("failure.unproven"), word("failure.unproven_why"), word("failure.unproven_do")]
            }
            Self::Busy => [word("failure.busy"), word("failure.busy_why"), word("failure.busy_do")],
            Self::Broken => [word("failure.broken"), word("failure.broken_why"), word("failure.broken_do")],
        }
    }

    /// The key of what happened.
    pub const fn title(self) -> &'static str {
        self.keys()[0]
    }

    /// The key of why.
    pub const fn why(self) -> &'static str {
        self.keys()[1]
    }

    /// The key of what to do.
    pub const fn remedy(self) -> &'static str {
        self.keys()[2]
    }

    /// Whether going back to where the person stands can help.
    pub const fn can_go_on(self) -> bool {
        matches!(self, Self::NotFound | Self::FormTooOld | Self::Busy | Self::Broken)
    }
}
