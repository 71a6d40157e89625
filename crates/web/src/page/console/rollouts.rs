//! Rollouts: the list, a new one, and one of them.

use askama::Template;
use shiren_core::verification::program::Mode;

use super::{Choice, Deadline, Event, Signal};
use crate::page::{Bars, ConsoleFrame};

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/rollouts.html")]
pub struct Rollouts {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// By which status.
    pub statuses: Vec<Choice>,
    /// The rollouts.
    pub rows: Vec<RolloutRow>,
    /// Where the next ones are.
    pub next: Option<String>,
    /// Whether whoever looks may write one.
    pub operates: bool,
}

/// One rollout in the list.
#[derive(Clone, Debug)]
pub struct RolloutRow {
    /// Where it is.
    pub path: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: Signal,
    /// Whom it asks.
    pub audience: String,
    /// Of which facts.
    pub when: String,
    /// Its first and its last day.
    pub days: String,
    /// How many are asked on one day at most.
    pub capacity: u32,
    /// When it was written down.
    pub since: Deadline,
}

/// A new one.
#[derive(Clone, Debug, Template)]
#[template(path = "console/rollout-new.html")]
pub struct RolloutNew {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// What it is called.
    pub name: String,
    /// Whom it may ask.
    pub audiences: Vec<Choice>,
    /// Of which facts.
    pub when: String,
    /// What a condition may name: the name, what it is, and what it can be.
    pub facts: Vec<(String, String, String)>,
    /// From which day on how many in a hundred are asked.
    pub steps: Vec<(String, String)>,
    /// How many are asked on one day at most.
    pub capacity: String,
    /// Days on which nobody is asked.
    pub blackout: Vec<(String, String)>,
    /// Days that are left out for all re-checks.
    pub always: Vec<String>,
    /// How long an owner has.
    pub days: String,
    /// By which clock it lives.
    pub clock: String,
    /// What is wrong with what was sent.
    pub error: Option<String>,
}

/// One rollout.
#[derive(Clone, Debug, Template)]
#[template(path = "console/rollout.html")]
pub struct RolloutPage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Test or live.
    pub mode: Mode,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: Signal,
    /// Of which facts.
    pub when: String,
    /// What else is known of it: labels and values.
    pub facts: Vec<(String, String)>,
    /// Its batches.
    pub batches: Vec<Batch>,
    /// How its accounts stand: labels and numbers.
    pub counts: Vec<(String, u32)>,
    /// What is said of whom it means.
    pub hint: Option<String>,
    /// How many were and will be asked on which day.
    pub chart: Option<Bars>,
    /// Who did what, newest first.
    pub log: Vec<Event>,
    /// What can be done now: name in the path, key of its word.
    pub acts: Vec<(&'static str, &'static str)>,
    /// What was done.
    pub done: Option<String>,
    /// What was not, and why.
    pub error: Option<String>,
}

/// A batch: the places that a step adds.
#[derive(Clone, Debug)]
pub struct Batch {
    /// From which day on.
    pub from: String,
    /// From where to where, in a hundred.
    pub percent: String,
    /// Not asked yet.
    pub waiting: u32,
    /// Asked.
    pub asked: u32,
    /// Not asked at all.
    pub left_out: u32,
}

impl Batch {
    /// How many there are.
    pub const fn all(&self) -> u32 {
        self.waiting + self.asked + self.left_out
    }

    /// How many wait no longer.
    pub const fn settled(&self) -> u32 {
        self.asked + self.left_out
    }
}

impl RolloutPage {
    /// Whether it is in test mode.
    pub fn is_test(&self) -> bool {
        self.mode == Mode::Test
    }
}
