//! The gate's rules: as they are written and kept, and ready to be asked.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_name, vocabulary};
use crate::condition::{Condition, ConditionError};
use crate::verification::program::Text;

/// Most rules.
pub(super) const MOST_RULES: usize = 50;
/// Most events.
const MOST_EVENTS: usize = 50;
/// Most days that a verification can be good for.
const MOST_DAYS: u32 = 3650;
/// Longest sentence, in characters.
const LONGEST_SENTENCE: usize = 200;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is known by: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub name: String,
    /// When it asks for a verification: a condition in CEL.
    pub when: String,
    /// Why it asks, for the person.
    pub because: Text,
    /// By which program; without one, that of the account's kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Days for which a verification answers it, 1 to 3650; without them, for as long as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_days: Option<u32>,
    /// Only a verification for the very action answers it (row D9).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_action: bool,
}

/// Rules as they are written and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What may be asked about; another event is refused, so that a slip of the pen lets nobody through.
    pub events: BTreeSet<String>,
    /// The rules, in the order in which they are told.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// Rules that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// Too many, or no event.
    #[error("1 to {MOST_EVENTS} events and up to {MOST_RULES} rules")]
    TooMany,
    /// A name of an event that cannot be.
    #[error("event {0:?}: 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Event(String),
    /// A name of a rule that cannot be.
    #[error("rule {0}: a name has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Name(usize),
    /// A name that stands twice.
    #[error("rule {0}: the name {1:?} stands twice")]
    Twice(usize, String),
    /// A condition that is none.
    #[error("rule {0}: {1}")]
    Condition(usize, ConditionError),
    /// Sentences that cannot be.
    #[error(
        "rule {0}: `because` needs a Chinese and an English sentence of 1 to {LONGEST_SENTENCE} printable characters"
    )]
    Because(usize),
    /// Days that cannot be.
    #[error("rule {0}: a verification is good for 1 to {MOST_DAYS} days")]
    Days(usize),
}

impl RulesError {
    /// Which part of the rules it is about, as `rules[2].when`.
    pub fn field(&self) -> String {
        match self {
            Self::TooMany => "rules".to_owned(),
            Self::Event(_) => "events".to_owned(),
            Self::Name(n) | Self::Twice(n, _) => format!("rules[{n}].name"),
            Self::Condition(n, _) => format!("rules[{n}].when"),
            Self::Because(n) => format!("rules[{n}].because"),
            Self::Days(n) => format!("rules[{n}].valid_days"),
        }
    }
}

/// Rules that are ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    draft: Draft,
    conditions: Vec<Condition>,
}

impl RuleSet {
    /// Makes them ready.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(draft: Draft) -> Result<Self, RulesError> {
        if draft.events.is_empty() || draft.events.len() > MOST_EVENTS || draft.rules.len() > MOST_RULES {
            return Err(RulesError::TooMany);
        }
        if let Some(event) = draft.events.iter().find(|e| !is_name(e)) {
            return Err(RulesError::Event(event.clone()));
        }
        let words = vocabulary(&draft.events);
        let mut names = BTreeSet::new();
        let mut conditions = Vec::new();
        for (n, rule) in draft.rules.iter().enumerate() {
            rule.check(n)?;
            if !names.insert(&rule.name) {
                return Err(RulesError::Twice(n, rule.name.clone()));
            }
            let condition = Condition::read(&rule.when, &words).map_err(|e| RulesError::Condition(n, e))?;
            conditions.push(condition);
        }
        Ok(Self { draft, conditions })
    }

    /// The rules that come with the product: the four triggers of row F1.
    pub fn built_in() -> &'static Self {
        // The embedded text is validated by a test; if it could not be read, every event would be refused.
        static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
            let draft = toml::from_str::<Draft>(include_str!("../../data/gate-rules.toml")).ok();
            let none =
                || RuleSet { draft: Draft { events: BTreeSet::new(), rules: vec![] }, conditions: vec![] };
            draft.and_then(|draft| RuleSet::new(draft).ok()).unwrap_or_else(none)
        });
        &RULES
    }

    /// As they are written.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// What may be asked about.
    pub fn events(&self) -> &BTreeSet<String> {
        &self.draft.events
    }

    /// Each rule with its condition.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Rule, &Condition)> {
        self.draft.rules.iter().zip(&self.conditions)
    }
}

impl Rule {
    fn check(&self, n: usize) -> Result<(), RulesError> {
        let sentence = |text: &str| {
            (1..=LONGEST_SENTENCE).contains(&text.trim().chars().count())
                && !text.chars().any(char::is_control)
        };
        if !is_name(&self.name) {
            return Err(RulesError::Name(n));
        }
        if !sentence(&self.because.zh) || !sentence(&self.because.en) {
            return Err(RulesError::Because(n));
        }
        if self.valid_days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            return Err(RulesError::Days(n));
        }
        Ok(())
    }
}
