//! How long a person takes, part by part (row D6): between the moments that a session keeps anyway.

use jiff::{SignedDuration, Timestamp};

use super::Session;

/// From opening the link to agreeing. Like the other names here it is none that a step can have.
pub const CONSENT: &str = ":consent";
/// From there to entering name and number, or to going on without.
pub const ENTRIES: &str = ":entries";
/// From the last picture to handing in.
pub const SENDING: &str = ":sending";
/// From opening the link to handing in.
pub const WHOLE: &str = ":whole";

/// How long one part took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A step of the program, or one of the names above.
    pub part: String,
    /// How long; never negative.
    pub took: SignedDuration,
}

impl Session {
    /// How long the person took until they handed in for the first time: the whole, and each part since the one
    /// before it, whichever order they chose. `taken_at` gives, for each step, when the picture that counts was taken.
    ///
    /// Empty before that, for a session that nobody opened in a browser, and for one whose clock is turned by hand.
    pub fn pace<'s>(&self, taken_at: impl IntoIterator<Item = (&'s str, Timestamp)>) -> Vec<Pace> {
        let (Some(opened), [handed_in]) = (self.opened_at, self.submissions.as_slice()) else {
            return Vec::new();
        };
        if self.clock.is_some() {
            return Vec::new();
        }
        let agreed = self.consents.iter().map(|c| c.at).max().map(|at| (CONSENT, at));
        let entered = self.declared_at.map(|at| (ENTRIES, at));
        let mut reached: Vec<(&str, Timestamp)> = agreed.into_iter().chain(entered).chain(taken_at).collect();
        reached.sort_by_key(|(_, at)| *at);
        reached.push((SENDING, *handed_in));
        let part = |part: &str, from: Timestamp, to: Timestamp| Pace {
            part: part.to_owned(),
            took: to.duration_since(from).max(SignedDuration::ZERO),
        };
        let mut before = opened;
        let mut paces = vec![part(WHOLE, opened, *handed_in)];
        for (name, at) in reached {
            paces.push(part(name, before, at));
            before = at;
        }
        paces
    }
}
