//! The gate's rules: those in force, a draft of others, and what they answer.

use askama::Template;
use shiren_core::verification::program::Mode;

use super::{Choice, Deadline, Signal};
use crate::page::ConsoleFrame;

/// The rules of a version.
#[derive(Clone, Debug, Template)]
#[template(path = "console/gate.html")]
pub struct GatePage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// Which version is shown.
    pub version: i64,
    /// Which one is in force.
    pub newest: i64,
    /// What may be asked about.
    pub events: String,
    /// The rules.
    pub rules: Vec<GateRuleRow>,
    /// All versions, the newest first.
    pub versions: Vec<GateVersion>,
    /// What is asked to see what they answer.
    pub sample: GateSample,
    /// What they answer.
    pub answer: Option<GateSaid>,
    /// Whether whoever looks may change them.
    pub operates: bool,
    /// What was done.
    pub done: Option<String>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct GateRuleRow {
    /// What it is known by.
    pub name: String,
    /// When it asks.
    pub when: String,
    /// Why, for the person.
    pub because: String,
    /// By which program.
    pub program: String,
    /// What answers it.
    pub answered: String,
}

/// A version of the rules.
#[derive(Clone, Debug)]
pub struct GateVersion {
    /// Its number.
    pub version: i64,
    /// Since when.
    pub at: Option<Deadline>,
    /// Who changed them.
    pub by: String,
    /// How many rules there are.
    pub rules: usize,
}

/// A made-up request.
#[derive(Clone, Debug, Default)]
pub struct GateSample {
    /// What is about to happen.
    pub events: Vec<Choice>,
    /// How much it costs.
    pub amount: String,
    /// In which currency.
    pub currency: String,
    /// Which goods.
    pub category: String,
    /// Which kind of account.
    pub kinds: Vec<Choice>,
    /// How many days ago it was verified; never without.
    pub verified: String,
    /// Whether that was for the very action.
    pub for_action: bool,
}

/// What the gate says to a made-up request.
#[derive(Clone, Debug)]
pub struct GateSaid {
    /// In a word; or what is wrong with the request.
    pub outcome: Signal,
    /// Each rule: its name, whether it asks, and why.
    pub rules: Vec<(String, Signal, String)>,
}

/// A draft of other rules.
#[derive(Clone, Debug, Template)]
#[template(path = "console/gate-edit.html")]
pub struct GateEdit {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// From which version it was made.
    pub version: i64,
    /// What may be asked about.
    pub events: String,
    /// The rules, and one that is empty.
    pub rules: Vec<GateRuleForm>,
    /// What a condition may name.
    pub facts: Vec<(String, String, String)>,
    /// What is asked to see what they answer.
    pub sample: GateSample,
    /// What they answer.
    pub answer: Option<GateSaid>,
    /// How many days of the past they are tried on.
    pub days: String,
    /// What they would have meant.
    pub trial: Option<GateTrialView>,
    /// What is wrong with what was sent.
    pub error: Option<String>,
}

/// A rule while somebody writes it.
#[derive(Clone, Debug, Default)]
pub struct GateRuleForm {
    /// What it is known by.
    pub name: String,
    /// When it asks.
    pub when: String,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
    /// By which program.
    pub program: String,
    /// For how many days a verification answers it.
    pub days: String,
    /// Whether only a verification for the action answers it.
    pub for_action: bool,
}

/// What a draft would have meant.
#[derive(Clone, Debug)]
pub struct GateTrialView {
    /// Sums: labels and numbers.
    pub sums: Vec<(String, u32)>,
    /// Since when there are requests.
    pub since: Option<Deadline>,
    /// There were more.
    pub more: bool,
    /// Each rule: its name, how many it asks today, by the draft, and of these how many because it cannot be told.
    pub rules: Vec<(String, u32, u32, u32)>,
    /// Requests whose answer would change.
    pub changes: Vec<GateChange>,
}

/// A request whose answer would change.
#[derive(Clone, Debug)]
pub struct GateChange {
    /// What was asked.
    pub asked: String,
    /// What was known of who asked.
    pub known: String,
    /// How many like it.
    pub many: u32,
    /// What is answered today.
    pub now: String,
    /// What the draft answers.
    pub draft: String,
    /// Whether the draft asks more.
    pub newly: bool,
}
