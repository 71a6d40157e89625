//! Human review: a case for each session that a person must decide.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::id::{CaseId, SessionId, UserId};
use crate::verification::program::{Deadlines, Mode, ReviewDeadline};
use crate::verification::session::Reason;

/// What a reviewer makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is the person.
    Approve,
    /// It is not, or it will not do; the session ends.
    Reject,
    /// Something must be done again.
    AskAgain,
    /// Nothing is left to decide: the marketplace called the session off. No reviewer gives it.
    Withdrawn,
}

/// A reviewer's decision. Superseded by none: a case is decided once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDecision {
    /// What was made of it.
    pub verdict: Verdict,
    /// In the reviewer's words, for colleagues; never shown to the person.
    pub note: String,
    /// Who decided.
    pub by: Reviewer,
    /// When.
    pub at: Timestamp,
}

/// Who decided a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Reviewer {
    /// Somebody at the console.
    User(UserId),
    /// The marketplace's own system, by the name of its API key.
    Key(String),
}

/// One review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Test or live.
    pub mode: Mode,
    /// What is reviewed.
    pub session: SessionId,
    /// Whose it is.
    pub account: Account,
    /// Why it came here.
    pub reasons: Vec<Reason>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By when it must be decided.
    pub due_at: Timestamp,
    /// From when on it is escalated.
    pub escalate_at: Timestamp,
    /// What came of it.
    pub decided: Option<CaseDecision>,
}

/// The case is decided already.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the case is decided already")]
pub struct AlreadyDecided;

impl Case {
    /// Opens a case; its deadline is the program's.
    pub fn open(
        id: CaseId,
        mode: Mode,
        session: SessionId,
        account: Account,
        reasons: Vec<Reason>,
        deadlines: &Deadlines,
        now: Timestamp,
    ) -> Self {
        let due_at = due(deadlines.review, now);
        let whole = now.duration_until(due_at).as_secs_f64();
        let escalate_at =
            later(now, SignedDuration::from_secs((whole * f64::from(deadlines.escalate_at)) as i64));
        Self { id, mode, session, account, reasons, opened_at: now, due_at, escalate_at, decided: None }
    }

    /// Decides it.
    ///
    /// # Errors
    /// When it was decided before.
    pub fn decide(&mut self, decision: CaseDecision) -> Result<(), AlreadyDecided> {
        if self.decided.is_some() {
            return Err(AlreadyDecided);
        }
        self.decided = Some(decision);
        Ok(())
    }

    /// Whether its deadline has passed undecided.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.decided.is_none() && now >= self.due_at
    }
}

/// When a review that begins now must be done. Working days are counted as days without Saturdays and Sundays
/// in Asia/Shanghai; public holidays are not known yet.
fn due(deadline: ReviewDeadline, now: Timestamp) -> Timestamp {
    match deadline {
        ReviewDeadline::Hours(hours) => later(now, SignedDuration::from_hours(i64::from(hours))),
        ReviewDeadline::WorkingDays(days) => {
            let Ok(zone) = jiff::tz::TimeZone::get("Asia/Shanghai") else {
                return later(now, SignedDuration::from_hours(24 * i64::from(days)));
            };
            let mut day = now.to_zoned(zone);
            let mut left = days;
            while left > 0 {
                let Ok(next) = day.tomorrow() else { break };
                day = next;
                let weekend =
                    matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
                left -= u32::from(!weekend);
            }
            day.timestamp()
        }
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
