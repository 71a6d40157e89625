//! Why something was not done, in the words of whoever works at the console.

use shiren_app::Error;
use shiren_core::account::ban::BanRefusal;
use shiren_core::account::shop::ShopRefusal;
use shiren_core::condition::ConditionError;
use shiren_core::deposit::LedgerError;
use shiren_core::gate::{AskedError, RulesError};
use shiren_core::recheck::RecheckRefusal;
use shiren_core::rollout::RolloutRefusal;

use super::money::yuan;
use crate::api::Problem as ApiProblem;
use crate::page::{Shell, word};

/// The sentence for an error.
pub(super) fn told(shell: &Shell, error: Error) -> String {
    let key = match &error {
        Error::Conflict | Error::Stale(_) | Error::Busy => word("told.changed"),
        Error::Shop(refusal) => shop(*refusal),
        Error::Deposit(LedgerError::Insufficient { held }) => {
            return shell.t(word("told.insufficient")).with("held", yuan(*held)).into();
        }
        Error::Deposit(error) => deposit(error),
        Error::Ban(BanRefusal::Ended) => word("told.ban_ended"),
        Error::Ban(BanRefusal::Reason) => word("told.reason"),
        Error::Recheck(RecheckRefusal::Action) => word("told.action"),
        Error::Recheck(RecheckRefusal::AlreadyAsked) => word("told.already_asked"),
        Error::Rollout(RolloutRefusal::Condition(error)) => return condition(shell, error),
        Error::Rollout(refusal) => rollout(refusal),
        Error::Invalid { field: "test_clock", .. } | Error::TestModeOnly | Error::NotFound("clock") => {
            word("told.clock")
        }
        Error::GateRules(error) => return rules(shell, error),
        Error::Asked(error) => asked(error),
        Error::Invalid { field: "rules", .. } => word("told.program"),
        Error::Invalid { field: "days", .. } => word("told.trial_days"),
        Error::Invalid { field: "purpose", .. } => word("told.purpose"),
        Error::Invalid { field: "at", .. } => word("told.ahead"),
        Error::Invalid { field: "refund_reference", .. } => word("told.refund_reference"),
        Error::NotFound("sub-account") => word("told.no_staff"),
        Error::NotFound("value") => word("told.deleted"),
        _ => return ApiProblem::from(error).title,
    };
    shell.t(key).into()
}

const fn shop(refusal: ShopRefusal) -> &'static str {
    match refusal {
        ShopRefusal::Closed => word("told.shop_closed"),
        ShopRefusal::PermanentlyClosed => word("told.shop_ended"),
        ShopRefusal::NeverOpen => word("told.never_open"),
        ShopRefusal::ReferenceUsed => word("told.penalty_used"),
        ShopRefusal::MadeGood => word("told.made_good"),
        ShopRefusal::Violation => word("told.violation"),
        ShopRefusal::Reason => word("told.reason"),
        ShopRefusal::Reference | ShopRefusal::Id | ShopRefusal::Type => word("told.reference"),
        // Nobody is certified from here.
        ShopRefusal::Counted => word("told.changed"),
    }
}

/// Where a condition is wrong; what is wrong with it is told in the language of conditions.
pub(super) fn condition(shell: &Shell, error: &ConditionError) -> String {
    let place = shell.t(word("told.condition")).with("line", error.line).with("column", error.column);
    place.with("problem", &error.problem).into()
}

/// What is wrong with the gate's rules, and with which, counted from 1.
fn rules(shell: &Shell, error: &RulesError) -> String {
    let (n, why) = match error {
        RulesError::TooMany => return shell.t(word("told.rules_many")).into(),
        RulesError::Event(event) => return shell.t(word("told.rules_event")).with("event", event).into(),
        RulesError::Name(n) => (n, shell.t(word("told.rules_name")).into()),
        RulesError::Twice(n, name) => (n, shell.t(word("told.rules_twice")).with("name", name).into()),
        RulesError::Condition(n, error) => (n, condition(shell, error)),
        RulesError::Because(n) => (n, shell.t(word("told.rules_because")).into()),
        RulesError::Days(n) => (n, shell.t(word("told.rules_days")).into()),
    };
    let why: String = why;
    shell.t(word("told.rules_at")).with("n", n + 1).with("why", why).into()
}

const fn asked(error: &AskedError) -> &'static str {
    match error {
        AskedError::Event { .. } => word("told.no_event"),
        AskedError::Currency(_) => word("gate.no_currency"),
        AskedError::Category => word("told.category"),
        AskedError::Action => word("told.action"),
        AskedError::Amount | AskedError::CurrencyMissing | AskedError::AmountMissing => word("told.amount"),
    }
}

const fn rollout(refusal: &RolloutRefusal) -> &'static str {
    match refusal {
        RolloutRefusal::Name => word("told.name"),
        RolloutRefusal::Steps => word("told.steps"),
        RolloutRefusal::Capacity => word("told.capacity"),
        RolloutRefusal::Days => word("told.days"),
        RolloutRefusal::Blackout => word("told.blackout"),
        RolloutRefusal::Status(_) | RolloutRefusal::Condition(_) => word("told.changed"),
    }
}

const fn deposit(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Reference => word("told.reference"),
        LedgerError::Conflict => word("told.entry_used"),
        LedgerError::Closed => word("told.refunded"),
        LedgerError::Amount | LedgerError::Insufficient { .. } | LedgerError::Overflow => word("told.amount"),
    }
}
