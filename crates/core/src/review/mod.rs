//! Human review: a case for each session that a person must decide.

pub mod calendar;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calendar::WorkingCalendar;
use crate::account::Account;
use crate::id::{CaseId, SessionId, UserId};
use crate::verification::program::{Deadlines, Mode};
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
        let calendar = WorkingCalendar::built_in();
        let due = calendar.due(deadlines.review, deadlines.escalate_at, &calendar::default_zone(), now);
        let (due_at, escalate_at) = (due.due_at, due.escalate_at);
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
