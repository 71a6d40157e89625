//! What draft rules would have meant for what was asked before.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, RuleSet, Standing, decide};

/// What was asked before, and what was known then. Nothing of it tells who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// What was asked.
    pub asked: Asked,
    /// What was known.
    pub standing: Standing,
}

/// How many one rule would have asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// By today's rules.
    pub now: u32,
    /// By the draft.
    pub draft: u32,
    /// Of those by the draft: because it could not be told whether its condition held.
    pub untold: u32,
}

/// What a draft would have meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DryRun {
    /// How many were asked about.
    pub total: u32,
    /// How many could not be asked about under the draft: it does not know their event.
    pub unknown_event: u32,
    /// How many need a verification by today's rules.
    pub now: u32,
    /// How many would need one by the draft.
    pub draft: u32,
    /// How many would need one who do not today.
    pub newly: u32,
    /// How many would not need one who do today.
    pub no_longer: u32,
    /// By the names of the rules.
    pub rules: BTreeMap<String, Count>,
    /// Of those whose answer would change, the first that were given, at most [`MOST_CHANGES`].
    pub changes: Vec<Change>,
}

/// Most requests that are told one by one.
pub const MOST_CHANGES: usize = 50;

/// A request whose answer would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was asked, and what was known then.
    pub past: Past,
    /// How many like it there were.
    pub many: u32,
    /// The rules that ask today.
    pub now: Vec<String>,
    /// The rules of the draft that would.
    pub draft: Vec<String>,
}

/// Asks again what was asked before, by today's rules and by the draft. Each request stands for so many like it.
pub fn dry_run<'a>(
    today: &RuleSet,
    draft: &RuleSet,
    past: impl IntoIterator<Item = (&'a Past, u32)>,
) -> DryRun {
    let mut run = DryRun::default();
    for name in today.each().chain(draft.each()).map(|(rule, _)| &rule.name) {
        run.rules.entry(name.clone()).or_default();
    }
    for (past, many) in past {
        let Past { asked, standing } = past;
        let count = |is: bool| if is { many } else { 0 };
        run.total += many;
        let (now, then) = (decide(today, asked, standing), decide(draft, asked, standing));
        for ask in &now {
            run.rules.entry(ask.rule.name.clone()).or_default().now += many;
        }
        for ask in &then {
            let of = run.rules.entry(ask.rule.name.clone()).or_default();
            of.draft += many;
            of.untold += count(ask.untold.is_some());
        }
        run.now += count(!now.is_empty());
        if !draft.events().contains(&asked.event) {
            run.unknown_event += many;
            continue;
        }
        run.draft += count(!then.is_empty());
        run.newly += count(now.is_empty() && !then.is_empty());
        run.no_longer += count(!now.is_empty() && then.is_empty());
        if now.is_empty() != then.is_empty() && run.changes.len() < MOST_CHANGES {
            let names = |asks: &[super::Ask<'_>]| asks.iter().map(|ask| ask.rule.name.clone()).collect();
            let (now, draft) = (names(&now), names(&then));
            run.changes.push(Change { past: past.clone(), many, now, draft });
        }
    }
    run
}
