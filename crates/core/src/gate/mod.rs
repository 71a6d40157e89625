//! The gate (row F1): whether a purchase or an action needs somebody who is verified.
//!
//! The answer is a function of the rules, what is asked, and what is known of the account's verifications. A rule whose
//! condition holds asks for a verification; one that is fresh enough for the rule answers it. What a condition cannot tell
//! counts as if it held: nobody gets through because a fact is missing.
//!
//! To extend it: a fact is a line in [`vocabulary`] and in [`Asked`]'s answers; when an operator changes rules, [`dry_run`]
//! says what that would have meant.

mod currency;
pub mod dry_run;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use currency::currencies;
pub use rules::{Draft, Rule, RuleSet, RulesError};

use crate::account::AccountKind;
use crate::condition::{Fact, Facts, Kind, Name, NotTold, Vocabulary};
use crate::verification::Sentences;

/// Largest amount, in the currency's smallest unit.
pub const MOST_CENTS: i64 = 1_000_000_000_000;

/// Said where it could not be told whether a rule means somebody.
pub const UNTOLD: Sentences = Sentences {
    zh: "信息不全，无法判断，需要先完成身份验证。",
    en: "Not everything is known that decides, so a verified person is needed.",
};

/// What is asked. Nothing of it tells who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What is about to happen: one of the rules' events.
    pub event: String,
    /// How much it costs, in the currency's smallest unit, from 0 to [`MOST_CENTS`].
    pub amount_cents: Option<i64>,
    /// In which currency, by ISO 4217; given with the amount, and never without it.
    pub currency: Option<String>,
    /// Which goods, by the marketplace's own name.
    pub category: Option<String>,
    /// Which kind of account.
    pub account: AccountKind,
}

/// What is asked cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskedError {
    /// No rule knows the event.
    #[error("there is no event {event:?}; the rules know {known}")]
    Event {
        /// The event.
        event: String,
        /// Those that there are.
        known: String,
    },
    /// An amount that nothing costs.
    #[error("an amount is a whole number from 0 to {MOST_CENTS}, in the currency's smallest unit")]
    Amount,
    /// An amount without its currency.
    #[error("an amount needs its currency")]
    CurrencyMissing,
    /// A currency without an amount.
    #[error("a currency needs its amount")]
    AmountMissing,
    /// No currency.
    #[error("{0:?} is no currency of ISO 4217, as CNY")]
    Currency(String),
    /// No name of goods.
    #[error("a category has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Category,
    /// No action that can be.
    #[error("an action has 1 to 128 printable characters")]
    Action,
}

impl AskedError {
    /// Which part of the request it is about.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Event { .. } => "event",
            Self::Amount | Self::AmountMissing => "amount_cents",
            Self::CurrencyMissing | Self::Currency(_) => "currency",
            Self::Category => "category",
            Self::Action => "action",
        }
    }
}

/// The marketplace's own name of something: goods, events, rules.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// Whether an action can be named so.
///
/// # Errors
/// When it cannot.
pub fn sound_action(action: Option<&str>) -> Result<(), AskedError> {
    let sound = |a: &str| (1..=128).contains(&a.chars().count()) && !a.chars().any(char::is_control);
    if action.is_none_or(sound) { Ok(()) } else { Err(AskedError::Action) }
}

impl Asked {
    /// Checks that it can be asked.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(&self, rules: &RuleSet) -> Result<(), AskedError> {
        let events = rules.events();
        if !events.contains(&self.event) {
            let known: Vec<&str> = events.iter().map(String::as_str).collect();
            return Err(AskedError::Event { event: self.event.clone(), known: known.join(", ") });
        }
        if self.amount_cents.is_some_and(|cents| !(0..=MOST_CENTS).contains(&cents)) {
            return Err(AskedError::Amount);
        }
        match (&self.amount_cents, &self.currency) {
            (Some(_), None) => return Err(AskedError::CurrencyMissing),
            (None, Some(_)) => return Err(AskedError::AmountMissing),
            (_, Some(code)) if !currencies().any(|c| c == code) => {
                return Err(AskedError::Currency(code.clone()));
            }
            _ => {}
        }
        if self.category.as_deref().is_some_and(|c| !is_name(c)) {
            return Err(AskedError::Category);
        }
        Ok(())
    }
}

/// What is known of an account's verifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// How many seconds ago it was verified last; `None` if it is not.
    pub verified_seconds: Option<i64>,
    /// How many seconds ago it was verified last for the very action that is asked about.
    pub for_action_seconds: Option<i64>,
}

impl Standing {
    /// That of an account whose verifications ended then, each for an action or for none.
    pub fn of<'a>(
        verified: impl IntoIterator<Item = (Timestamp, Option<&'a str>)>,
        action: Option<&str>,
        now: Timestamp,
    ) -> Self {
        let mut standing = Self::default();
        for (at, of) in verified {
            let seconds = Some(now.duration_since(at).as_secs().max(0));
            let sooner = |known: Option<i64>| known.into_iter().chain(seconds).min();
            standing.verified_seconds = sooner(standing.verified_seconds);
            if action.is_some() && of == action {
                standing.for_action_seconds = sooner(standing.for_action_seconds);
            }
        }
        standing
    }
}

/// What a rule still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// The account was never verified.
    Verification,
    /// Its last verification is too old.
    FresherVerification,
    /// It was not verified for this action.
    VerificationForAction,
}

impl Needs {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::FresherVerification => "fresher_verification",
            Self::VerificationForAction => "verification_for_action",
        }
    }
}

/// A rule that asks for a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask<'a> {
    /// Which.
    pub rule: &'a Rule,
    /// What it needs.
    pub needs: Needs,
    /// Its condition does not hold: it could not be told whether it does.
    pub untold: Option<NotTold>,
}

/// Which rules ask for a verification, in their order; nobody is asked when none does.
pub fn decide<'a>(rules: &'a RuleSet, asked: &Asked, standing: &Standing) -> Vec<Ask<'a>> {
    let facts = Known { asked, standing };
    let ask = |(rule, condition): (&'a Rule, &crate::condition::Condition)| {
        // What answers the rule answers it whether its condition holds or not.
        let needs = needs(rule, standing)?;
        match condition.holds(&facts) {
            Ok(false) => None,
            Ok(true) => Some(Ask { rule, needs, untold: None }),
            Err(untold) => Some(Ask { rule, needs, untold: Some(untold) }),
        }
    };
    rules.each().filter_map(ask).collect()
}

fn needs(rule: &Rule, standing: &Standing) -> Option<Needs> {
    let Some(last) = standing.verified_seconds else { return Some(Needs::Verification) };
    let counts = if rule.for_action { standing.for_action_seconds } else { Some(last) };
    let Some(seconds) = counts else { return Some(Needs::VerificationForAction) };
    let longest = rule.valid_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)).as_secs());
    longest.is_some_and(|longest| seconds > longest).then_some(Needs::FresherVerification)
}

struct Known<'a> {
    asked: &'a Asked,
    standing: &'a Standing,
}

impl Facts for Known<'_> {
    fn fact(&self, name: &str) -> Option<Fact<'_>> {
        match name {
            "event" => Some(Fact::Text(&self.asked.event)),
            "amount_cents" => self.asked.amount_cents.map(Fact::Number),
            "currency" => self.asked.currency.as_deref().map(Fact::Text),
            "category" => self.asked.category.as_deref().map(Fact::Text),
            "account.kind" => Some(Fact::Text(self.asked.account.name())),
            "verified" => Some(Fact::Truth(self.standing.verified_seconds.is_some())),
            "verified_days" => {
                Some(Fact::Number(self.standing.verified_seconds.map_or(-1, |s| s / (24 * 60 * 60))))
            }
            _ => None,
        }
    }
}

/// What conditions of the gate may name.
pub fn vocabulary(events: &BTreeSet<String>) -> Vocabulary {
    let name = |name, kind| Name { name, kind, values: None };
    let one_of = |name, values: Vec<String>| Name { name, kind: Kind::Text, values: Some(values) };
    Vocabulary(vec![
        one_of("event", events.iter().cloned().collect()),
        name("amount_cents", Kind::Number),
        one_of("currency", currencies().map(str::to_owned).collect()),
        name("category", Kind::Text),
        one_of("account.kind", AccountKind::ALL.iter().map(|k| k.name().to_owned()).collect()),
        name("verified", Kind::Truth),
        name("verified_days", Kind::Number),
    ])
}
