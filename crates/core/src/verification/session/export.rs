//! The person's own copy of their data (row E15; 个人信息保护法 45): a session that is made for it alone. It says nothing
//! about its account. Once it has passed, what is kept of the person can be taken once, for a short time, by whoever passed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Session, Status};

/// What makes a session one for a copy, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// When the copy was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
}

/// How the copy of a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStanding {
    /// It can be taken until then.
    Ready(Timestamp),
    /// It was taken then.
    Taken(Timestamp),
    /// Nobody took it in time.
    Over,
}

impl Session {
    /// How its copy stands, which can be taken for `time` after it passed; `None` when it is for none, or did not pass.
    pub fn copy(&self, time: SignedDuration, now: Timestamp) -> Option<CopyStanding> {
        let export = self.export.as_ref()?;
        let passed = self.ended_at.filter(|_| self.status == Status::Verified)?;
        let until = passed.saturating_add(time).unwrap_or(Timestamp::MAX);
        Some(match export.taken_at {
            Some(at) => CopyStanding::Taken(at),
            None if now < until => CopyStanding::Ready(until),
            None => CopyStanding::Over,
        })
    }

    /// Notes that its copy is taken; false when it cannot be, and nothing changed.
    pub fn take_copy(&mut self, time: SignedDuration, now: Timestamp) -> bool {
        let ready = matches!(self.copy(time, now), Some(CopyStanding::Ready(_)));
        if let Some(export) = self.export.as_mut().filter(|_| ready) {
            export.taken_at = Some(now);
        }
        ready
    }
}
