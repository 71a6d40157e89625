//! Re-checks (rows D4, D5, D9, G8): whether the person who was verified still operates, asked for again and again.
//!
//! ```text
//!            asked 14 days before due         due, undone
//! resting ───────────────────────────▶ asked ─────────────▶ restricted
//!    ▲                                   │                      │
//!    └───────────────── passes ──────────┴──────────────────────┘
//! ```
//!
//! While what was handed in in time is looked at, the due moment stands still, as that of a sub-account does; nobody is
//! restricted for how long others take. Refused, what was left is left again, and the first time at least
//! [`RecheckRules::refused_hours`]. A check before an action that nobody does denies the action and nothing else, unless
//! [`RecheckRules::action_missed`] says otherwise.
//!
//! Time is an argument, and so is chance: what is drawn comes from outside as 64 bits. Every command first brings the
//! re-checks up to date, so that a deadline counts from its own moment however late anybody looks, and it happens once. A
//! command that is refused changes nothing.
//!
//! [`plan`] chooses on which day a check falls due; [`tell_apart`] says what a check that went wrong looks like, [`device`]
//! whether the device is known.

pub mod device;
pub mod plan;
mod rules;
pub mod tell_apart;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use rules::{ActionMissed, Blocks, RecheckRules, RecheckRulesError};

use crate::id::{RolloutId, SessionId};

/// Why a check is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "action")]
pub enum Why {
    /// Its time has come.
    Scheduled,
    /// Bad records (row D5). The day was drawn, and nobody knew it.
    Unscheduled,
    /// Before this action, by the marketplace's own name and id of it (row D9).
    Action(String),
    /// By this rollout (row D2).
    Rollout(#[schemars(with = "String")] RolloutId),
}

impl Why {
    /// The name used everywhere.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Unscheduled => "unscheduled",
            Self::Action(_) => "action",
            Self::Rollout(_) => "rollout",
        }
    }
}

/// A check that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Since when.
    pub at: Timestamp,
    /// By when it must be done.
    pub due: Timestamp,
    /// Why.
    pub why: Why,
    /// Days before it is due of which the person was reminded.
    pub reminded: BTreeSet<u32>,
    /// What is looked at, while something is: the due moment stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// Whether a refusal has left more time than there was.
    #[serde(default)]
    pub extended: bool,
    /// What was asked for before, of a check before an action: it is asked for again when nobody does this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<Asked>>,
}

impl Asked {
    fn new(why: Why, due: Timestamp, at: Timestamp) -> Self {
        Self { at, due, why, reminded: BTreeSet::new(), held: None, extended: false, before: None }
    }

    /// Whether a verification does what is asked for: one on a drawn day or before an action must be begun after it was
    /// asked for, and not be for another action.
    fn takes(&self, verification: &Verification) -> bool {
        match &self.why {
            Why::Scheduled | Why::Rollout(_) => true,
            Why::Unscheduled => self.at <= verification.begun_at,
            Why::Action(action) => {
                let of = verification.action.as_ref();
                self.at <= verification.begun_at && of.is_none_or(|other| other == action)
            }
        }
    }

    /// A verification that does it is looked at from now on; whether it was not before.
    fn hold(&mut self, session: &SessionId, now: Timestamp) -> bool {
        let held = self.held.get_or_insert_with(|| Held { since: now, by: BTreeSet::new() });
        held.by.insert(session.clone())
    }

    /// It was not passed by this one: once nothing else is looked at either, the time that was left runs again. Whether it
    /// does by this.
    fn let_go(&mut self, session: &SessionId, rules: &RecheckRules, now: Timestamp) -> bool {
        let Some(held) = &mut self.held else { return false };
        if !held.by.remove(session) || !held.by.is_empty() {
            return false;
        }
        let left = held.since.duration_until(self.due);
        let least = match self.why {
            Why::Action(_) => rules.action_time(),
            // Once: whoever hands anything in again and again does not stay out of reach.
            _ if self.extended => SignedDuration::ZERO,
            _ => rules.refused_time(),
        };
        self.extended |= left < least;
        self.due = now.saturating_add(left.max(least)).unwrap_or(Timestamp::MAX);
        self.held = None;
        // Of what went by meanwhile nobody is reminded late.
        self.reminded.extend(rules.reminders_before(self.due, now));
        true
    }
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Since when.
    pub since: Timestamp,
    /// The verifications, never none.
    pub by: BTreeSet<SessionId>,
}

/// Where the re-checks of a shop stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecheckStatus {
    /// Nothing is asked for.
    Resting,
    /// One is asked for and not overdue.
    Asked,
    /// One was missed: overdue, and restricted until it is done.
    Restricted,
}

impl RecheckStatus {
    /// All.
    pub const ALL: [Self; 3] = [Self::Resting, Self::Asked, Self::Restricted];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Asked => "asked",
            Self::Restricted => "restricted",
        }
    }
}

/// A verification of the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Which.
    pub session: SessionId,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// For which action, if for one alone.
    pub action: Option<String>,
}

/// The re-checks of one shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rechecks {
    /// The marketplace's own id for the shop.
    pub shop: String,
    /// The verification that counted last, and since when; `None` before the first one, of a shop that was known elsewhere
    /// or was asked by a rollout.
    pub passed: Option<(SessionId, Timestamp)>,
    /// When the next scheduled one is due: never later than six months after the last one that was passed.
    pub due: Timestamp,
    /// Moments that were drawn, soonest first. Nobody is told before they come.
    pub drawn: Vec<Timestamp>,
    /// What bad records weigh that have not led to a check yet.
    pub weight: u32,
    /// What is asked for now.
    pub asked: Option<Asked>,
    /// Since when something was missed.
    pub restricted: Option<Timestamp>,
    /// The latest moment that it was brought up to.
    pub as_of: Timestamp,
}

/// Something that happened to a shop's re-checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When: for a deadline, its own moment.
    pub at: Timestamp,
    /// What.
    pub happened: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The next one was planned.
    Planned,
    /// One is asked for.
    Asked {
        /// Why.
        why: Why,
        /// By when it must be done.
        due: Timestamp,
    },
    /// The person is reminded.
    Reminded {
        /// Days that are left.
        days: u32,
    },
    /// What was handed in for it is looked at: the due moment stands still.
    Submitted {
        /// The verification.
        session: SessionId,
    },
    /// It was not passed by what was handed in: time runs again.
    Refused {
        /// The verification.
        session: SessionId,
        /// By when it must be done now.
        due: Timestamp,
    },
    /// Nobody did it in time: the action is denied, and what was asked for before is asked for again.
    Denied {
        /// The marketplace's own name and id of it.
        action: String,
    },
    /// It was missed: what that blocks is a setting.
    Restricted,
    /// It was passed.
    Passed {
        /// The verification.
        session: SessionId,
        /// What it was asked for; `None` when nothing was asked for.
        why: Option<Why>,
    },
}

impl Happened {
    /// The types of all events.
    pub const NAMES: [&str; 8] = [
        "recheck.planned",
        "recheck.asked",
        "recheck.reminded",
        "recheck.submitted",
        "recheck.refused",
        "recheck.denied",
        "recheck.restricted",
        "recheck.passed",
    ];

    /// The type of the event.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Planned => "recheck.planned",
            Self::Asked { .. } => "recheck.asked",
            Self::Reminded { .. } => "recheck.reminded",
            Self::Submitted { .. } => "recheck.submitted",
            Self::Refused { .. } => "recheck.refused",
            Self::Denied { .. } => "recheck.denied",
            Self::Restricted => "recheck.restricted",
            Self::Passed { .. } => "recheck.passed",
        }
    }
}

/// A command that is not allowed. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecheckRefusal {
    /// This very verification counted before, was begun before what is asked for, or is for another action.
    #[error("this verification does not count for the re-check")]
    DoesNotCount,
    /// The day that was chosen lies behind six months.
    #[error("a re-check is never later than six months after the last one")]
    TooLate,
    /// No action that can be.
    #[error("an action has 1 to 128 printable characters")]
    Action,
    /// One was missed, and that blocks this.
    #[error("a re-check was missed: its owner verifies first")]
    Missed,
    /// Another one is asked for and not done.
    #[error("a re-check is asked for already")]
    AlreadyAsked,
}

impl RecheckRefusal {
    /// The stable name, for problems.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DoesNotCount => "recheck_does_not_count",
            Self::TooLate => "recheck_too_late",
            Self::Action => "invalid",
            Self::Missed => "recheck_missed",
            Self::AlreadyAsked => "recheck_already_asked",
        }
    }
}

impl Rechecks {
    /// Where they stand, as of the latest moment that they were brought up to.
    pub const fn status(&self) -> RecheckStatus {
        match (&self.restricted, &self.asked) {
            (Some(_), _) => RecheckStatus::Restricted,
            (None, Some(_)) => RecheckStatus::Asked,
            (None, None) => RecheckStatus::Resting,
        }
    }

    /// Begins them when an owner was verified for the first time. `due` is the planner's; later than six months it is
    /// brought forward.
    pub fn begin(
        shop: String,
        session: SessionId,
        due: Timestamp,
        rules: &RecheckRules,
        now: Timestamp,
    ) -> (Self, Vec<Event>) {
        let due = due.min(rules.latest(now));
        let rechecks = Self {
            shop,
            passed: Some((session, now)),
            due,
            drawn: vec![],
            weight: 0,
            asked: None,
            restricted: None,
            as_of: now,
        };
        (rechecks, vec![Event { at: now, happened: Happened::Planned }])
    }

    /// Begins them for a shop whose owner was never verified here: the first check is due then.
    pub fn await_first(shop: String, due: Timestamp, now: Timestamp) -> (Self, Vec<Event>) {
        let rechecks = Self {
            shop,
            passed: None,
            due: due.max(now),
            drawn: vec![],
            weight: 0,
            asked: None,
            restricted: None,
            as_of: now,
        };
        (rechecks, vec![Event { at: now, happened: Happened::Planned }])
    }

    /// Brings them up to date.
    pub fn tick(&mut self, rules: &RecheckRules, now: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(at) = self.next_deadline(rules).filter(|at| *at <= now) {
            let at = at.max(self.as_of);
            events.push(Event { at, happened: self.meet(rules, at) });
            self.as_of = at;
        }
        self.as_of = self.as_of.max(now);
        events
    }

    /// The next moment at which time alone changes or says something.
    pub fn next_deadline(&self, rules: &RecheckRules) -> Option<Timestamp> {
        let runs = self.asked.as_ref().filter(|a| a.held.is_none());
        let reminded = runs.filter(|_| self.restricted.is_none());
        let reminder = reminded.and_then(|a| rules.next_reminder(a)).map(|(_, at)| at);
        let due = runs.filter(|a| self.restricted.is_none() || rules.denies(a)).map(|a| a.due);
        // What is asked for covers everything else that falls into its time; restricted, nothing more can be asked.
        let idle = self.asked.is_none();
        let scheduled = idle.then(|| rules.asks_at(self.due));
        let drawn = self.drawn.first().copied().filter(|_| idle);
        [reminder, due, scheduled, drawn].into_iter().flatten().min()
    }

    fn meet(&mut self, rules: &RecheckRules, at: Timestamp) -> Happened {
        if let Some(asked) = self.asked.take_if(|a| a.due <= at && rules.denies(a)) {
            self.asked = asked.before.map(|before| *before);
            let action = if let Why::Action(action) = asked.why { action } else { String::new() };
            return Happened::Denied { action };
        }
        if let Some(asked) = &mut self.asked {
            if asked.due <= at {
                self.restricted = Some(at);
                return Happened::Restricted;
            }
            if let Some((days, _)) = rules.next_reminder(asked).filter(|(_, moment)| *moment <= at) {
                asked.reminded.insert(days);
                return Happened::Reminded { days };
            }
        }
        // The scheduled one goes before a drawn one of the same moment, and takes it with it.
        if rules.asks_at(self.due) <= at {
            self.drawn.retain(|moment| *moment > at);
            // Behind it only when a check before an action was looked at over it: nobody is restricted unasked.
            let due = if self.due < at { at.saturating_add(rules.refused_time()) } else { Ok(self.due) };
            return self.ask(Why::Scheduled, due.unwrap_or(Timestamp::MAX), at);
        }
        self.drawn.retain(|moment| *moment > at);
        let due = rules.unscheduled_due(at).min(self.due);
        self.ask(Why::Unscheduled, due, at)
    }

    fn ask(&mut self, why: Why, due: Timestamp, at: Timestamp) -> Happened {
        self.asked = Some(Asked::new(why.clone(), due, at));
        Happened::Asked { why, due }
    }

    /// A bad record. Each time that what they weigh together reaches the threshold, a check is drawn: at any moment of
    /// the window from now on, by 64 bits of `chance`.
    pub fn bad_record(
        &mut self,
        violation: &str,
        mut chance: impl FnMut() -> u64,
        rules: &RecheckRules,
        now: Timestamp,
    ) -> Vec<Event> {
        let events = self.tick(rules, now);
        self.weight = self.weight.saturating_add(rules.weight_of(violation));
        while self.weight >= rules.threshold && self.drawn.len() < MOST_DRAWN {
            self.weight -= rules.threshold;
            self.drawn.push(rules.drawn(chance(), now));
        }
        self.drawn.sort_unstable();
        events
    }

    /// Asks for a check before an action; what was asked for with more time left is asked for at once instead, and again
    /// when nobody does this one.
    ///
    /// # Errors
    /// When the action is none, or another action's check is asked for.
    pub fn ask_for(
        &mut self,
        action: &str,
        rules: &RecheckRules,
        now: Timestamp,
    ) -> Result<Vec<Event>, RecheckRefusal> {
        if !(1..=128).contains(&action.chars().count()) || action.chars().any(char::is_control) {
            return Err(RecheckRefusal::Action);
        }
        let mut next = self.clone();
        let mut events = next.tick(rules, now);
        let why = Why::Action(action.to_owned());
        match &next.asked {
            Some(asked) if asked.why == why => {}
            Some(Asked { why: Why::Action(_), .. }) => return Err(RecheckRefusal::AlreadyAsked),
            _ => {
                let before = next.asked.take().map(Box::new);
                // What is looked at, or was missed, presses nobody.
                let runs = before.as_ref().filter(|b| b.held.is_none() && next.restricted.is_none());
                let due = rules.action_due(now).min(runs.map_or(Timestamp::MAX, |b| b.due)).max(now);
                let happened = next.ask(why, due, now);
                next.asked = next.asked.map(|asked| Asked { before, ..asked });
                events.push(Event { at: now, happened });
            }
        }
        *self = next;
        Ok(events)
    }

    /// Asks for a check by a rollout, due then and never later than the scheduled one.
    ///
    /// # Errors
    /// When one is asked for already: nobody is asked twice at a time.
    pub fn ask_by_rollout(
        &mut self,
        rollout: &RolloutId,
        due: Timestamp,
        rules: &RecheckRules,
        now: Timestamp,
    ) -> Result<Vec<Event>, RecheckRefusal> {
        let mut next = self.clone();
        let mut events = next.tick(rules, now);
        if next.asked.is_some() {
            return Err(RecheckRefusal::AlreadyAsked);
        }
        let happened = next.ask(Why::Rollout(rollout.clone()), due.min(next.due).max(now), now);
        events.push(Event { at: now, happened });
        *self = next;
        Ok(events)
    }

    /// A verification of the owner was handed in, and is looked at: what it would do stands still.
    pub fn submitted(&mut self, of: &Verification, rules: &RecheckRules, now: Timestamp) -> Vec<Event> {
        let mut events = self.tick(rules, now);
        let restricted = self.restricted.is_some();
        let Some(asked) = &mut self.asked else { return events };
        // What was missed is missed; an action that is denied for nothing else is not.
        let mut holds =
            asked.takes(of) && (!restricted || rules.denies(asked)) && asked.hold(&of.session, now);
        if let Some(before) = asked.before.as_mut().filter(|b| b.takes(of) && !restricted) {
            holds |= before.hold(&of.session, now);
        }
        // Handed in, and given to a person: looked at once.
        if holds {
            events.push(Event { at: now, happened: Happened::Submitted { session: of.session.clone() } });
        }
        events
    }

    /// A verification that was looked at did not pass, or was called off: time runs again.
    pub fn refused(&mut self, session: &SessionId, rules: &RecheckRules, now: Timestamp) -> Vec<Event> {
        let mut events = self.tick(rules, now);
        let Some(asked) = &mut self.asked else { return events };
        let mut runs = asked.let_go(session, rules, now);
        if let Some(before) = &mut asked.before {
            runs |= before.let_go(session, rules, now);
            if before.held.is_none() && self.restricted.is_none() {
                asked.due = asked.due.min(before.due);
            }
        }
        if runs {
            let happened = Happened::Refused { session: session.clone(), due: asked.due };
            events.push(Event { at: now, happened });
        }
        events
    }

    /// The owner passed a verification. That does what is asked for, ends a restriction, and plans the next one on the
    /// day that the planner chose, six months later at most. One that does what was asked for before a check for an
    /// action, and not that, leaves the latter asked for.
    ///
    /// # Errors
    /// When this very verification counted before, was begun before the check was asked for on a drawn day or for an
    /// action, or is for another action.
    pub fn pass(
        &mut self,
        passed: Verification,
        due: Timestamp,
        rules: &RecheckRules,
        now: Timestamp,
    ) -> Result<Vec<Event>, RecheckRefusal> {
        let mut next = self.clone();
        let mut events = next.tick(rules, now);
        let counted = next.passed.as_ref().is_some_and(|(before, _)| *before == passed.session);
        let done = match &mut next.asked {
            None => None,
            Some(asked) if asked.takes(&passed) => next.asked.take(),
            Some(asked) => {
                let before = asked.before.take_if(|before| before.takes(&passed));
                Some(*before.ok_or(RecheckRefusal::DoesNotCount)?)
            }
        };
        if counted {
            return Err(RecheckRefusal::DoesNotCount);
        }
        if due > rules.latest(now) {
            return Err(RecheckRefusal::TooLate);
        }
        let (why, session) = (done.map(|a| a.why), passed.session);
        next.restricted = None;
        // What was drawn for the time until now is done by it.
        next.drawn.retain(|moment| *moment > now);
        next.passed = Some((session.clone(), now));
        next.due = due;
        events.push(Event { at: now, happened: Happened::Passed { session, why } });
        events.push(Event { at: now, happened: Happened::Planned });
        *self = next;
        Ok(events)
    }
}

/// Most checks that wait to be asked for on drawn days: more than one a month make nobody safer.
const MOST_DRAWN: usize = 12;
