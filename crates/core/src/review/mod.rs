//! Human review: a case for each session that a person must decide.

pub mod calendar;
mod four_eyes;
mod lateness;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calendar::Office;
pub use self::four_eyes::{FourEyes, Judged, ReviewRules};
pub use self::lateness::Lateness;
use crate::account::Account;
use crate::account::actor::Actor;
use crate::id::{CaseId, ClockId, SessionId, UserId};
use crate::verification::ReasonCode;
use crate::verification::program::{Mode, Program};
use crate::verification::session::{Reason, Session};

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
    /// Nothing is left to decide: the session was called off. No reviewer gives it.
    Withdrawn,
}

impl Verdict {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::AskAgain => "ask_again",
            Self::Withdrawn => "withdrawn",
        }
    }
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
    /// Nobody: it followed from something else that happened. Never an opinion.
    System,
}

impl Reviewer {
    /// Who caused what their decision brings about.
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::User(id) => Some(Actor::User(id.clone())),
            Self::Key(name) => Some(Actor::Key(name.clone())),
            Self::System => None,
        }
    }
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
    /// By which clock it lives, in test mode: its session's.
    #[serde(default)]
    pub clock: Option<ClockId>,
    /// Why it came here.
    pub reasons: Vec<Reason>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// By when it must be decided.
    pub due_at: Timestamp,
    /// From when on it is escalated.
    pub escalate_at: Timestamp,
    /// Whether a year was counted whose holidays are not announced: the true deadline may be later.
    #[serde(default)]
    pub assumed: bool,
    /// When it was escalated.
    #[serde(default)]
    pub escalated_at: Option<Timestamp>,
    /// When it was noted that its deadline had passed.
    #[serde(default)]
    pub overdue_at: Option<Timestamp>,
    /// Whether it needs two reviewers: never, to reject, or always. As it was when it was opened.
    #[serde(default)]
    pub four_eyes: FourEyes,
    /// What reviewers said of it, each the latest that they said; the last one decided it, if it is decided.
    #[serde(default)]
    pub opinions: Vec<CaseDecision>,
    /// What came of it.
    pub decided: Option<CaseDecision>,
}

/// A decision that is not taken. The case is unchanged.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CaseRefusal {
    /// It is decided.
    #[error("the case is decided already")]
    AlreadyDecided,
    /// Nothing was checked of what was handed in, so nobody knows whose it is.
    #[error("the checks were not made: ask for it again, reject it, or let the checks be made first")]
    NotChecked,
    /// The second pair of eyes must be somebody else's.
    #[error("you said the same before; another reviewer must confirm it")]
    SameReviewer,
}

impl CaseRefusal {
    /// The stable name, for problems.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyDecided => "case_decided",
            Self::NotChecked => "case_not_checked",
            Self::SameReviewer => "case_same_reviewer",
        }
    }
}

impl Case {
    /// Opens a case of a session; its deadline is the program's, and whether it needs two reviewers. `appealed`: the person
    /// brought it.
    pub fn open(
        id: CaseId,
        session: &Session,
        reasons: Vec<Reason>,
        appealed: bool,
        program: &Program,
        office: &Office,
        now: Timestamp,
    ) -> Self {
        let due = office.due(program.deadlines.review, program.deadlines.escalate_at, now);
        let four_eyes = program.review.of(session.mode, &reasons, appealed);
        Self {
            id,
            mode: session.mode,
            session: session.id.clone(),
            account: session.account.clone(),
            clock: session.clock.clone(),
            reasons,
            opened_at: now,
            due_at: due.due_at,
            escalate_at: due.escalate_at,
            assumed: due.assumed,
            escalated_at: None,
            overdue_at: None,
            four_eyes,
            opinions: Vec::new(),
            decided: None,
        }
    }

    /// A reviewer says what they make of it: it is decided, or waits for another one who says the same.
    ///
    /// # Errors
    /// When it was decided before, they said the same before, or they approve what was never checked.
    pub fn judge(&mut self, opinion: CaseDecision) -> Result<Judged, CaseRefusal> {
        if self.decided.is_some() {
            return Err(CaseRefusal::AlreadyDecided);
        }
        let unchecked = self.reasons.iter().any(|r| r.code == ReasonCode::NotChecked);
        if unchecked && opinion.verdict == Verdict::Approve {
            return Err(CaseRefusal::NotChecked);
        }
        let judged = four_eyes::with(&mut self.opinions, self.four_eyes, &opinion);
        let judged = judged.ok_or(CaseRefusal::SameReviewer)?;
        if judged == Judged::Decided {
            self.decided = Some(opinion);
        }
        Ok(judged)
    }

    /// Forgets the opinions of those who may no longer review, while it is not decided.
    pub fn forget_opinions(&mut self, gone: impl Fn(&Reviewer) -> bool) {
        if self.decided.is_none() {
            self.opinions.retain(|o| !gone(&o.by));
        }
    }

    /// Nothing is left to decide: it ends whoever said what.
    ///
    /// # Errors
    /// When it was decided before.
    pub fn withdraw(&mut self, by: Reviewer, now: Timestamp) -> Result<(), CaseRefusal> {
        if self.decided.is_some() {
            return Err(CaseRefusal::AlreadyDecided);
        }
        self.decided = Some(CaseDecision { verdict: Verdict::Withdrawn, note: String::new(), by, at: now });
        Ok(())
    }

    /// Whether somebody said what they make of it, and it waits for another one.
    pub fn awaits_another(&self) -> bool {
        self.decided.is_none() && !self.opinions.is_empty()
    }
}
