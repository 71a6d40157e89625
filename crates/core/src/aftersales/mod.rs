//! After-sales requests (售后, row F12): what a buyer asks for about an order, with photographs and a video, gated by
//! verification, reviewed by people, and guided to its end.
//!
//! ```text
//! draft ──▶ verification_required ──▶ submitted ──▶ in_review ──▶ accepted ──▶ completed, or closed when it is not
//!   └───────────────────────────────────▲    ▲          ├────────▶ rejected
//!                                            └─ answer ──┴────────▶ more_needed ──▶ closed (not answered in time)
//! ```
//!
//! Whatever is open can be withdrawn. Nothing is ever accepted or rejected because time went by: a review that is late
//! is escalated, then overdue, and stays a person's to decide. What the buyer writes and shows is personal; here it is
//! only known that it is there.

pub mod attachment;
pub mod kind;
pub mod rules;
pub mod state;
#[cfg(test)]
mod tests;
pub mod video;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::attachment::{Attachment, AttachmentRefusal, Counted};
pub use self::kind::{Ground, Kind, Verdict};
pub use self::rules::AfterSalesRules;
pub use self::state::State;
use crate::account::Account;
use crate::id::{AfterSalesId, AttachmentId, ClockId, SessionId};
use crate::review::Reviewer;
use crate::verification::program::Mode;

/// Most cents that a request may be about.
pub const MOST_CENTS: i64 = 1_000_000_000_000;

/// What a request is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAfterSales {
    /// Its id.
    pub id: AfterSalesId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives, in test mode.
    pub clock: Option<ClockId>,
    /// Whose it is: an account of the kind `buyer`.
    pub buyer: Account,
    /// The marketplace's own id of the order, 1 to 128 printable characters. Not encrypted.
    pub order: String,
    /// What is asked for.
    pub kind: Kind,
    /// How much money it is about, in cents, 0 to [`MOST_CENTS`].
    pub amount_cents: i64,
    /// In which currency: three capital letters (ISO 4217).
    pub currency: String,
}

/// An after-sales request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AfterSales {
    /// Its id.
    pub id: AfterSalesId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives, in test mode.
    pub clock: Option<ClockId>,
    /// Whose it is.
    pub buyer: Account,
    /// The marketplace's own id of the order.
    pub order: String,
    /// What is asked for.
    pub kind: Kind,
    /// How much money it is about, in cents.
    pub amount_cents: i64,
    /// In which currency.
    pub currency: String,
    /// Where it stands.
    pub state: State,
    /// Since when it stood where, the first first.
    pub history: Vec<Stood>,
    /// Photographs and the video, also those on their way.
    pub attachments: Vec<Attachment>,
    /// How many texts of the buyer were handed in: what they wrote at first, and each answer.
    pub texts: u32,
    /// Whether there is a text that was not handed in yet.
    pub has_draft: bool,
    /// The verification that it was submitted on.
    pub verification: Option<SessionId>,
    /// Until when it is reviewed; only while it is.
    pub review: Option<Review>,
    /// When it is closed unless the buyer goes on, while it is their turn; or unless what was accepted is carried out.
    pub close_at: Option<Timestamp>,
    /// Whether the marketplace was reminded to carry out what was accepted.
    #[serde(default)]
    pub reminded: bool,
    /// What reviewers made of it, the first first.
    pub decisions: Vec<Decided>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// When everything personal of it was deleted.
    pub forgotten_at: Option<Timestamp>,
}

/// Since when a request stood somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// Where.
    pub state: State,
    /// Since when.
    pub at: Timestamp,
}

/// The review that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// From when on it is escalated.
    pub escalate_at: Timestamp,
    /// By when it should be decided; missed, nothing is decided by itself.
    pub due_at: Timestamp,
    /// Whether it was escalated.
    pub escalated: bool,
    /// Whether it was noticed that it is late.
    pub overdue: bool,
    /// Who has it before them, and since when.
    pub taken: Option<(Reviewer, Timestamp)>,
}

/// What a reviewer made of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// What.
    pub verdict: Verdict,
    /// On which ground.
    pub ground: Ground,
    /// Whether there is a message to the buyer; its words are sealed.
    pub message: bool,
    /// Who.
    pub by: Reviewer,
    /// When.
    pub at: Timestamp,
}

/// What happened to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happened {
    /// It was made.
    Created,
    /// It waits for its buyer's verification.
    VerificationRequired,
    /// It was handed in.
    Submitted,
    /// Somebody looks at it.
    InReview,
    /// The time for its review is nearly over.
    Escalated,
    /// The time for its review is over.
    Overdue,
    /// The buyer is asked for more.
    MoreNeeded,
    /// It was accepted.
    Accepted,
    /// It was rejected.
    Rejected,
    /// What was accepted is not carried out yet, and it will be closed.
    Reminded,
    /// What was accepted is carried out.
    Completed,
    /// Its buyer does not want it any more.
    Withdrawn,
    /// The buyer did not go on in time, or nobody said that what was accepted is carried out.
    Closed,
    /// Everything personal of it was deleted.
    Forgotten,
}

impl Happened {
    /// All.
    pub const ALL: [Self; 14] = [
        Self::Created,
        Self::VerificationRequired,
        Self::Submitted,
        Self::InReview,
        Self::Escalated,
        Self::Overdue,
        Self::MoreNeeded,
        Self::Accepted,
        Self::Rejected,
        Self::Reminded,
        Self::Completed,
        Self::Withdrawn,
        Self::Closed,
        Self::Forgotten,
    ];

    /// The type of its event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "aftersales.created",
            Self::VerificationRequired => "aftersales.verification_required",
            Self::Submitted => "aftersales.submitted",
            Self::InReview => "aftersales.in_review",
            Self::Escalated => "aftersales.escalated",
            Self::Overdue => "aftersales.overdue",
            Self::MoreNeeded => "aftersales.more_needed",
            Self::Accepted => "aftersales.accepted",
            Self::Rejected => "aftersales.rejected",
            Self::Reminded => "aftersales.reminded",
            Self::Completed => "aftersales.completed",
            Self::Withdrawn => "aftersales.withdrawn",
            Self::Closed => "aftersales.closed",
            Self::Forgotten => "aftersales.forgotten",
        }
    }

    /// What it is called when a request comes to stand somewhere.
    const fn of(state: State) -> Self {
        match state {
            State::Draft => Self::Created,
            State::VerificationRequired => Self::VerificationRequired,
            State::Submitted => Self::Submitted,
            State::InReview => Self::InReview,
            State::MoreNeeded => Self::MoreNeeded,
            State::Accepted => Self::Accepted,
            State::Rejected => Self::Rejected,
            State::Completed => Self::Completed,
            State::Withdrawn => Self::Withdrawn,
            State::Closed => Self::Closed,
        }
    }
}

/// Something that happened, and at which moment: a deadline's own, however late it was noticed.
pub type Event = (Happened, Timestamp);

/// What is not done. The request is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AfterSalesRefusal {
    /// From where it stands it does not go there.
    #[error("it is {} and cannot become {}", .0.name(), .1.name())]
    Transition(State, State),
    /// Its content stands firm.
    #[error("it is {}; nothing can be added or changed", .0.name())]
    Firm(State),
    /// The account is none that requests can be of.
    #[error("an account of the kind buyer, its id 1 to 128 printable characters")]
    Buyer,
    /// The id of the order cannot be.
    #[error("1 to 128 printable characters")]
    Order,
    /// The amount cannot be.
    #[error("0 to 1,000,000,000,000 cents")]
    Amount,
    /// The currency cannot be.
    #[error("three capital letters, such as CNY")]
    Currency,
    /// Something must be there before it is handed in: `text`, `photo`, `answer`.
    #[error("something is missing: {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// Somebody else has it before them.
    #[error("another reviewer has taken it")]
    Taken,
    /// Nobody has taken it, so nobody decides it.
    #[error("take it before you decide it")]
    NotTaken,
    /// The buyer must be told why.
    #[error("a message to the buyer is needed when it is not accepted")]
    NoMessage,
    /// A photograph or video.
    #[error(transparent)]
    Attachment(#[from] AttachmentRefusal),
}

impl AfterSalesRefusal {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transition(..) => "aftersales_state",
            Self::Firm(_) => "aftersales_firm",
            Self::Buyer | Self::Order | Self::Amount | Self::Currency => "invalid",
            Self::Missing(_) => "material_missing",
            Self::Taken => "aftersales_taken",
            Self::NotTaken => "aftersales_not_taken",
            Self::NoMessage => "aftersales_message",
            Self::Attachment(refusal) => refusal.code(),
        }
    }

    /// Which part of what was given is wrong, when it is that.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Buyer => Some("buyer"),
            Self::Order => Some("order"),
            Self::Amount => Some("amount_cents"),
            Self::Currency => Some("currency"),
            Self::NoMessage => Some("message"),
            Self::Transition(..)
            | Self::Firm(_)
            | Self::Missing(_)
            | Self::Taken
            | Self::NotTaken
            | Self::Attachment(_) => None,
        }
    }
}

impl AfterSales {
    /// Makes one, as a draft.
    ///
    /// # Errors
    /// When something given cannot be.
    pub fn create(
        new: NewAfterSales,
        rules: &AfterSalesRules,
        now: Timestamp,
    ) -> Result<(Self, Event), AfterSalesRefusal> {
        let printable = (1..=128).contains(&new.order.chars().count());
        if new.buyer.kind != crate::account::AccountKind::Buyer || !new.buyer.is_sound() {
            return Err(AfterSalesRefusal::Buyer);
        }
        if !printable || new.order.chars().any(char::is_control) {
            return Err(AfterSalesRefusal::Order);
        }
        if !(0..=MOST_CENTS).contains(&new.amount_cents) {
            return Err(AfterSalesRefusal::Amount);
        }
        if new.currency.len() != 3 || !new.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(AfterSalesRefusal::Currency);
        }
        let NewAfterSales { id, mode, clock, buyer, order, kind, amount_cents, currency } = new;
        let made = Self {
            id,
            mode,
            clock,
            buyer,
            order,
            kind,
            amount_cents,
            currency,
            state: State::Draft,
            history: vec![Stood { state: State::Draft, at: now }],
            attachments: Vec::new(),
            texts: 0,
            has_draft: false,
            verification: None,
            review: None,
            close_at: Some(after_days(now, rules.draft_days)),
            reminded: false,
            decisions: Vec::new(),
            created_at: now,
            ended_at: None,
            forgotten_at: None,
        };
        Ok((made, (Happened::Created, now)))
    }

    /// Whether the buyer can write and show something now.
    ///
    /// # Errors
    /// When it is not their turn, or the time for it is over.
    pub fn may_change(&self, now: Timestamp) -> Result<(), AfterSalesRefusal> {
        let in_time = self.close_at.is_none_or(|at| now < at);
        if self.state.is_the_buyers_turn() && in_time {
            Ok(())
        } else {
            Err(AfterSalesRefusal::Firm(self.state))
        }
    }

    /// The buyer wrote something, in place of what they had not handed in yet.
    ///
    /// # Errors
    /// As [`AfterSales::may_change`].
    pub fn wrote(&mut self, now: Timestamp) -> Result<(), AfterSalesRefusal> {
        self.may_change(now)?;
        self.has_draft = true;
        Ok(())
    }

    /// The attachment of this id.
    pub fn attachment(&self, id: &AttachmentId) -> Option<&Attachment> {
        self.attachments.iter().find(|a| a.id == *id)
    }

    /// A photograph or video is going to come, in pieces.
    ///
    /// # Errors
    /// When it is not the buyer's turn, there are as many as there may be, or it would be too large.
    pub fn announce(
        &mut self,
        attachment: Attachment,
        rules: &AfterSalesRules,
        now: Timestamp,
    ) -> Result<(), AfterSalesRefusal> {
        self.may_change(now)?;
        let most = rules.most(attachment.kind);
        let have = self.attachments.iter().filter(|a| a.kind == attachment.kind).count();
        if have >= most as usize {
            return Err(AttachmentRefusal::TooMany(attachment.kind, most).into());
        }
        if attachment.length == 0 || attachment.length > rules.most_bytes(attachment.kind) {
            return Err(AttachmentRefusal::TooLarge(rules.most_bytes(attachment.kind)).into());
        }
        self.attachments.push(attachment);
        Ok(())
    }

    /// A piece of an attachment came; says whether it was the last.
    ///
    /// # Errors
    /// When it is not the buyer's turn, there is no such attachment, or the piece does not fit.
    pub fn piece(
        &mut self,
        id: &AttachmentId,
        offset: u64,
        bytes: u64,
        now: Timestamp,
    ) -> Result<bool, AfterSalesRefusal> {
        self.may_change(now)?;
        let found = self.attachments.iter_mut().find(|a| a.id == *id);
        Ok(found.ok_or(AttachmentRefusal::Unknown)?.piece(offset, bytes)?)
    }

    /// An attachment is whole and was looked at: it counts.
    ///
    /// # Errors
    /// When it is not the buyer's turn, or there is no such attachment.
    pub fn counted(
        &mut self,
        id: &AttachmentId,
        as_what: Counted,
        now: Timestamp,
    ) -> Result<(), AfterSalesRefusal> {
        self.may_change(now)?;
        let found = self.attachments.iter_mut().find(|a| a.id == *id);
        found.ok_or(AttachmentRefusal::Unknown)?.counted = Some(as_what);
        Ok(())
    }

    /// The buyer takes an attachment away: it counts no more. Whoever sweeps its bytes takes it from the list. What was
    /// handed in stays.
    ///
    /// # Errors
    /// When there is no such attachment, or it was handed in.
    pub fn remove(&mut self, id: &AttachmentId, now: Timestamp) -> Result<(), AfterSalesRefusal> {
        self.may_change(now)?;
        let found = self.attachments.iter_mut().find(|a| a.id == *id).ok_or(AttachmentRefusal::Unknown)?;
        if found.handed_in {
            return Err(AttachmentRefusal::HandedIn.into());
        }
        found.counted = None;
        Ok(())
    }

    /// Takes an attachment away that did not come whole, or is none that is taken: whoever's turn it is.
    ///
    /// # Errors
    /// When there is no such attachment, or it was handed in.
    pub fn drop_attachment(&mut self, id: &AttachmentId) -> Result<Attachment, AfterSalesRefusal> {
        let at = self.attachments.iter().position(|a| a.id == *id).ok_or(AttachmentRefusal::Unknown)?;
        if self.attachments[at].handed_in {
            return Err(AttachmentRefusal::HandedIn.into());
        }
        Ok(self.attachments.remove(at))
    }

    /// The buyer hands it in. With a verification that counts it is submitted, without one it waits for one.
    ///
    /// # Errors
    /// When something is missing, or it is not their turn.
    pub fn submit(
        &mut self,
        verified: Option<SessionId>,
        rules: &AfterSalesRules,
        now: Timestamp,
    ) -> Result<Event, AfterSalesRefusal> {
        let to = if verified.is_some() { State::Submitted } else { State::VerificationRequired };
        self.may_become(to)?;
        self.may_change(now)?;
        let missing = self.missing(rules);
        if !missing.is_empty() {
            return Err(AfterSalesRefusal::Missing(missing));
        }
        if to == State::Submitted {
            self.hand_in(rules, now);
            self.verification = verified;
        }
        Ok(self.goes_to(to, now))
    }

    /// What must be there before it can be handed in.
    pub fn missing(&self, rules: &AfterSalesRules) -> Vec<&'static str> {
        let counted = |a: &&Attachment| a.counted.is_some();
        let fresh = self.attachments.iter().filter(counted).any(|a| !a.handed_in);
        if self.texts > 0 {
            // An answer to what was asked: words, or something to see.
            return if self.has_draft || fresh { Vec::new() } else { vec!["answer"] };
        }
        let text = (!self.has_draft).then_some("text");
        let photo = (rules.shown.contains(&self.kind) && !fresh).then_some("photo");
        text.into_iter().chain(photo).collect()
    }

    /// What counts is handed in; the review's time begins.
    fn hand_in(&mut self, rules: &AfterSalesRules, now: Timestamp) {
        // What did not come whole is not handed in; whoever swept its pieces takes it away.
        self.attachments.iter_mut().for_each(|a| a.handed_in = a.counted.is_some());
        self.texts += u32::from(std::mem::take(&mut self.has_draft));
        self.close_at = None;
        let due = rules.office.due(rules.review, rules.escalate_at, now);
        let (due_at, escalate_at) = (due.due_at, due.escalate_at);
        self.review = Some(Review { escalate_at, due_at, escalated: false, overdue: false, taken: None });
    }

    /// A reviewer takes it before them. Whoever took it before loses it when they left it for long.
    ///
    /// # Errors
    /// When it is not to be reviewed, or somebody else has it.
    pub fn take(
        &mut self,
        by: Reviewer,
        rules: &AfterSalesRules,
        now: Timestamp,
    ) -> Result<Option<Event>, AfterSalesRefusal> {
        if self.state != State::InReview {
            self.may_become(State::InReview)?;
        }
        let Some(review) = &mut self.review else { return Err(AfterSalesRefusal::NotTaken) };
        let left = |since: Timestamp| now.duration_since(since) >= rules.taken();
        if review.taken.as_ref().is_some_and(|(who, since)| *who != by && !left(*since)) {
            return Err(AfterSalesRefusal::Taken);
        }
        review.taken = Some((by, now));
        Ok((self.state != State::InReview).then(|| self.goes_to(State::InReview, now)))
    }

    /// The reviewer who took it decides.
    ///
    /// # Errors
    /// When it is not in review, somebody else took it, or the buyer would not be told why.
    pub fn decide(
        &mut self,
        decided: Decided,
        rules: &AfterSalesRules,
        now: Timestamp,
    ) -> Result<Event, AfterSalesRefusal> {
        let to = decided.verdict.state();
        self.may_become(to)?;
        match self.review.as_ref().and_then(|r| r.taken.as_ref()) {
            Some((who, _)) if *who == decided.by => {}
            Some(_) => return Err(AfterSalesRefusal::Taken),
            None => return Err(AfterSalesRefusal::NotTaken),
        }
        if decided.verdict != Verdict::Accept && !decided.message {
            return Err(AfterSalesRefusal::NoMessage);
        }
        self.decisions.push(decided);
        self.review = None;
        self.close_at = match to {
            State::MoreNeeded => Some(after_days(now, rules.answer_days)),
            State::Accepted => Some(after_days(now, rules.complete_days)),
            _ => None,
        };
        Ok(self.goes_to(to, now))
    }

    /// The marketplace has carried out what was accepted.
    ///
    /// # Errors
    /// When it was not accepted.
    pub fn complete(&mut self, now: Timestamp) -> Result<Event, AfterSalesRefusal> {
        self.may_become(State::Completed)?;
        self.close_at = None;
        Ok(self.goes_to(State::Completed, now))
    }

    /// The buyer does not want it any more.
    ///
    /// # Errors
    /// When it is decided or over.
    pub fn withdraw(&mut self, now: Timestamp) -> Result<Event, AfterSalesRefusal> {
        self.may_become(State::Withdrawn)?;
        (self.review, self.close_at) = (None, None);
        Ok(self.goes_to(State::Withdrawn, now))
    }

    /// Lets happen what time alone makes happen until now. Done again, it changes nothing.
    pub fn tick(&mut self, rules: &AfterSalesRules, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(review) = &mut self.review {
            if !review.escalated && now >= review.escalate_at {
                review.escalated = true;
                events.push((Happened::Escalated, review.escalate_at));
            }
            if !review.overdue && now >= review.due_at {
                review.overdue = true;
                events.push((Happened::Overdue, review.due_at));
            }
        }
        if let Some(at) = self.remind_at(rules).filter(|at| now >= *at) {
            self.reminded = true;
            events.push((Happened::Reminded, at));
        }
        if let Some(at) = self.close_at.filter(|at| now >= *at) {
            self.close_at = None;
            events.push(self.goes_to(State::Closed, at));
        }
        if let Some(at) = self.forget_at(rules).filter(|at| now >= *at) {
            self.forgotten_at = Some(at);
            self.attachments.clear();
            self.has_draft = false;
            events.push((Happened::Forgotten, at));
        }
        events
    }

    /// The next moment at which time alone changes something.
    pub fn next_deadline(&self, rules: &AfterSalesRules) -> Option<Timestamp> {
        let review = self.review.as_ref().and_then(|r| match (r.escalated, r.overdue) {
            (false, _) => Some(r.escalate_at),
            (true, false) => Some(r.due_at),
            (true, true) => None,
        });
        [review, self.remind_at(rules), self.close_at, self.forget_at(rules)].into_iter().flatten().min()
    }

    /// When the marketplace is reminded to carry out what was accepted.
    fn remind_at(&self, rules: &AfterSalesRules) -> Option<Timestamp> {
        let waits = self.state == State::Accepted && !self.reminded && rules.complete_remind_days > 0;
        let before = SignedDuration::from_hours(24 * i64::from(rules.complete_remind_days));
        // Rules may have changed since it was accepted: never before that.
        let accepted = self.history.last().map(|stood| stood.at)?;
        let at = self.close_at.filter(|_| waits)?.saturating_sub(before).unwrap_or(accepted);
        Some(at.max(accepted))
    }

    /// Whether it was accepted, and closed without anybody saying that it was carried out.
    pub fn closed_uncompleted(&self) -> bool {
        self.state == State::Closed
            && self.history.iter().rev().nth(1).is_some_and(|s| s.state == State::Accepted)
    }

    /// When everything personal of it is deleted.
    pub fn forget_at(&self, rules: &AfterSalesRules) -> Option<Timestamp> {
        self.ended_at.filter(|_| self.forgotten_at.is_none()).map(|at| after_days(at, rules.retention_days))
    }

    fn may_become(&self, to: State) -> Result<(), AfterSalesRefusal> {
        if self.state.leads_to(to) { Ok(()) } else { Err(AfterSalesRefusal::Transition(self.state, to)) }
    }

    fn goes_to(&mut self, to: State, at: Timestamp) -> Event {
        self.state = to;
        self.history.push(Stood { state: to, at });
        if to.is_final() {
            self.ended_at = Some(at);
        }
        (Happened::of(to), at)
    }
}

fn after_days(at: Timestamp, days: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}
