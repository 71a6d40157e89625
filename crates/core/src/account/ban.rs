//! Bans (封禁, row A9): the owner of a shop that was closed permanently cannot open another one, for a term and on a legal
//! basis that are settings.
//!
//! A ban is of an identity. Who only resembles a banned owner is a candidate for a person to look at, and nothing else:
//! on a large list, chance hits are the rule.

use jiff::{Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use crate::id::{BanId, ClockId, SessionId};
use crate::see::FaceMatch;
use crate::verification::program::Mode;

/// What bans are imposed by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BanRules {
    /// For how many days, 1 to 36 500; without a number, until it is lifted.
    #[schemars(range(min = 1, max = 36500))]
    pub days: Option<u32>,
    /// What it rests on, 1 to 500 characters: it is told with every ban.
    #[schemars(length(min = 1, max = 500))]
    pub legal_basis: String,
}

impl Default for BanRules {
    fn default() -> Self {
        Self { days: None, legal_basis: "平台服务协议及违规处理规则".to_owned() }
    }
}

impl BanRules {
    /// The rules that say so; `days` 0 is until it is lifted.
    ///
    /// # Errors
    /// The name of the setting that is out of its range.
    pub fn checked(days: u32, legal_basis: &str) -> Result<Self, &'static str> {
        let basis = legal_basis.trim();
        if days > 36_500 {
            return Err("days");
        }
        if !(1..=500).contains(&basis.chars().count()) {
            return Err("legal_basis");
        }
        Ok(Self { days: (days > 0).then_some(days), legal_basis: basis.to_owned() })
    }
}

/// Why a ban is not in force any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanEnd {
    /// Its term was over.
    TermOver,
    /// It was lifted.
    Lifted {
        /// By whom.
        by: Actor,
        /// Why, in their words.
        reason: String,
    },
}

/// The ban of one person. Nothing of them stands here: tags and faces are kept apart, and go when it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Its id.
    pub id: BanId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives.
    pub clock: Option<ClockId>,
    /// The shop that was closed for it.
    pub shop: String,
    /// The penalty that closed it.
    pub penalty: String,
    /// The verification that bound the person to the shop.
    pub session: SessionId,
    /// On what it rests.
    pub legal_basis: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until it is lifted.
    pub until: Option<Timestamp>,
    /// How many pictures' faces are kept to compare with.
    pub faces: u32,
    /// When and how it ended.
    pub ended: Option<(Timestamp, BanEnd)>,
}

/// What a ban is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBan {
    /// Its id.
    pub id: BanId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives.
    pub clock: Option<ClockId>,
    /// The shop that was closed for it.
    pub shop: String,
    /// The penalty that closed it.
    pub penalty: String,
    /// The verification that bound the person to the shop.
    pub session: SessionId,
    /// How many pictures' faces are kept.
    pub faces: u32,
}

/// What happened to a ban, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanHappened {
    /// It was imposed.
    Imposed,
    /// It was lifted.
    Lifted,
    /// Its term was over.
    TermOver,
}

impl BanHappened {
    /// All.
    pub const ALL: [Self; 3] = [Self::Imposed, Self::Lifted, Self::TermOver];

    /// The type of the event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Imposed => "ban.imposed",
            Self::Lifted => "ban.lifted",
            Self::TermOver => "ban.term_over",
        }
    }
}

/// What a ban does not allow. It is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BanRefusal {
    /// It is not in force any more.
    #[error("the ban is not in force any more")]
    Ended,
    /// No reason that can be.
    #[error("a reason has 1 to 500 printable characters")]
    Reason,
}

impl BanRefusal {
    /// The stable name, for problems.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ended => "ban_ended",
            Self::Reason => "invalid",
        }
    }
}

/// A banned owner whom the person of a session resembles: for a person to look at, whoever they are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The ban.
    pub ban: BanId,
    /// What comparing gave; its false-match rate is that of one comparison.
    pub face: FaceMatch,
}

/// What a search over the ban list went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// Bans with a face that could be compared.
    pub bans: u32,
    /// Bans with faces of another recogniser alone: whoever they are, nobody was found among them.
    pub not_comparable: u32,
}

impl Searched {
    /// The chance that somebody who is on no list is found by chance at this false-match rate of one comparison, 0 to 1.
    pub fn chance(&self, fmr: f64) -> f64 {
        // As 1 - (1 - fmr)^n, and exact where that is small.
        -(f64::from(self.bans) * (-fmr).ln_1p()).exp_m1()
    }
}

impl Ban {
    /// Imposes one.
    pub fn impose(new: NewBan, rules: &BanRules, now: Timestamp) -> (Self, BanHappened) {
        let until = rules.days.map(|days| {
            // More than 100 years at most: beyond what time can be, it is for ever.
            now.saturating_add((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MAX)
        });
        let NewBan { id, mode, clock, shop, penalty, session, faces } = new;
        let legal_basis = rules.legal_basis.clone();
        let ban = Self {
            id,
            mode,
            clock,
            shop,
            penalty,
            session,
            legal_basis,
            since: now,
            until,
            faces,
            ended: None,
        };
        (ban, BanHappened::Imposed)
    }

    /// Whether it counts at that moment, however late anybody notices its end.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| now < until)
    }

    /// Lifts it.
    ///
    /// # Errors
    /// When it is not in force, or the reason is none.
    pub fn lift(&mut self, by: Actor, reason: &str, now: Timestamp) -> Result<BanHappened, BanRefusal> {
        let reason = reason.trim();
        if !(1..=500).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
            return Err(BanRefusal::Reason);
        }
        if !self.in_force(now) {
            return Err(BanRefusal::Ended);
        }
        self.ended = Some((now, BanEnd::Lifted { by, reason: reason.to_owned() }));
        Ok(BanHappened::Lifted)
    }

    /// Lets its term end; `None` when it is not over yet, or it ended before. It ended at its own moment.
    pub fn tick(&mut self, now: Timestamp) -> Option<BanHappened> {
        let until = self.until.filter(|until| self.ended.is_none() && *until <= now)?;
        self.ended = Some((until, BanEnd::TermOver));
        Some(BanHappened::TermOver)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::histories::histories;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn ban(days: Option<u32>) -> Ban {
        let new = NewBan {
            id: BanId::new(at(0), [1; 10]),
            mode: Mode::Test,
            clock: None,
            shop: "42".into(),
            penalty: "p1".into(),
            session: SessionId::new(at(0), [1; 10]),
            faces: 2,
        };
        Ban::impose(new, &BanRules { days, ..BanRules::default() }, at(0)).0
    }

    const DAY: i64 = 24 * 3600;

    #[test]
    fn the_chance_of_a_hit_grows_with_the_list_and_stays_one_at_most() {
        let of = |bans, fmr| Searched { bans, not_comparable: 0 }.chance(fmr);
        assert_eq!((of(0, 0.5), of(1, 1.0)), (0.0, 1.0));
        assert!((of(1, 1e-6) - 1e-6).abs() < 1e-12);
        assert!((of(1000, 1e-5) - 0.00995).abs() < 1e-5, "{}", of(1000, 1e-5));
        assert!(of(1_000_000, 1e-3) <= 1.0);
    }

    #[test]
    fn it_ends_with_its_term_at_its_own_moment_and_once() {
        let mut ban = ban(Some(2));
        assert!(ban.in_force(at(2 * DAY - 1)) && !ban.in_force(at(2 * DAY)));
        assert_eq!(ban.tick(at(2 * DAY - 1)), None);
        assert_eq!(ban.tick(at(9 * DAY)), Some(BanHappened::TermOver));
        assert_eq!(ban.ended, Some((at(2 * DAY), BanEnd::TermOver)));
        assert_eq!(ban.tick(at(9 * DAY)), None);
        assert_eq!(ban.lift(Actor::Owner, "appeal", at(9 * DAY)), Err(BanRefusal::Ended));
    }

    #[test]
    fn without_a_term_it_stays_until_it_is_lifted_with_a_reason() {
        let mut ban = ban(None);
        assert_eq!(ban.tick(at(40_000 * DAY)), None);
        for reason in ["", "  ", "a\nb", &"长".repeat(501)] {
            assert_eq!(ban.lift(Actor::Owner, reason, at(1)), Err(BanRefusal::Reason), "{reason}");
        }
        assert_eq!(ban.lift(Actor::Key("ops".into()), "申诉成立", at(DAY)), Ok(BanHappened::Lifted));
        assert!(!ban.in_force(at(DAY)));
        assert_eq!(ban.lift(Actor::Owner, "again", at(2 * DAY)), Err(BanRefusal::Ended));
    }

    #[test]
    fn rules_out_of_range_are_told() {
        assert_eq!(BanRules::checked(0, " 法 ").unwrap(), BanRules { days: None, legal_basis: "法".into() });
        assert_eq!(BanRules::checked(36_501, "法"), Err("days"));
        assert_eq!(BanRules::checked(1, " "), Err("legal_basis"));
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        #[test]
        fn in_any_history_it_ends_once_and_never_after_its_term(
            days in prop::option::of(1u32..30), steps in prop::collection::vec((0i64..10 * DAY, any::<bool>()), 1..20),
        ) {
            let (mut ban, mut now, mut ends) = (ban(days), 0, 0);
            for (wait, lifts) in steps {
                now += wait;
                let (before, counted) = (ban.clone(), ban.in_force(at(now)));
                let happened = match lifts {
                    true => ban.lift(Actor::Owner, "reason", at(now)).ok(),
                    false => ban.tick(at(now)),
                };
                ends += u32::from(happened.is_some());
                match happened {
                    Some(BanHappened::Lifted) => prop_assert!(counted && !ban.in_force(at(now))),
                    Some(_) => prop_assert!(!counted, "noticing changes nothing"),
                    None => prop_assert_eq!(&ban, &before),
                }
                prop_assert!(ends <= 1);
                let over = days.is_some_and(|d| now >= i64::from(d) * DAY);
                prop_assert!(!(over && ban.in_force(at(now))));
                prop_assert_eq!(&serde_json::from_str::<Ban>(&serde_json::to_string(&ban).unwrap()).unwrap(), &ban);
            }
        }
    }
}
