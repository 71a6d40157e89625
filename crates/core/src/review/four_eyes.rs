//! Four eyes (E8, F7): where it is asked for, a decision takes effect when two different reviewers say the same.
//!
//! Each reviewer has one opinion of a case, the latest that they gave. The first is a proposal; the case stays open, its
//! deadline goes on, and it waits for the second pair of eyes. Another reviewer who says the same confirms it. One who
//! says otherwise does not overrule it: both opinions stand, and the case waits until two agree, whether that is a
//! third person or one of the two who changed their mind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CaseDecision, Reviewer, Verdict};
use crate::verification::program::Mode;
use crate::verification::session::Reason;
use crate::verification::{ReasonCode, Severity};

/// When a decision needs two reviewers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FourEyes {
    /// One is enough.
    #[default]
    Never,
    /// To reject somebody.
    OnReject,
    /// In live mode, whatever is decided.
    InLiveMode,
    /// Always, whatever is decided.
    Always,
}

impl FourEyes {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnReject => "on_reject",
            Self::InLiveMode => "in_live_mode",
            Self::Always => "always",
        }
    }

    /// What it comes to in a mode: never, on rejection, or always.
    const fn in_mode(self, mode: Mode) -> Self {
        match (self, mode) {
            (Self::InLiveMode, Mode::Live) => Self::Always,
            (Self::InLiveMode, Mode::Test) => Self::Never,
            _ => self,
        }
    }

    const fn strictness(self) -> u8 {
        match self {
            Self::Never => 0,
            Self::OnReject => 1,
            Self::InLiveMode => 2,
            Self::Always => 3,
        }
    }

    /// Whether it asks for two to decide so.
    pub const fn asks(self, verdict: Verdict) -> bool {
        match self {
            Self::Never => false,
            Self::OnReject => matches!(verdict, Verdict::Reject),
            Self::InLiveMode | Self::Always => true,
        }
    }
}

/// When a program's reviews need two reviewers. Of several that fit a case the strictest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewRules {
    /// Any case.
    pub four_eyes: FourEyes,
    /// Cases in which approving takes the identity from another account (row C1).
    pub reclaim: FourEyes,
    /// Cases of somebody who resembles a banned owner (row A9).
    pub ban_candidate: FourEyes,
    /// Cases that the person brought by an appeal, and others in which approving overrides what the checks refuse.
    pub appeal: FourEyes,
}

impl Default for ReviewRules {
    fn default() -> Self {
        Self {
            four_eyes: FourEyes::Never,
            reclaim: FourEyes::Always,
            ban_candidate: FourEyes::Always,
            appeal: FourEyes::Always,
        }
    }
}

impl ReviewRules {
    /// What counts for a case: never, on rejection, or always.
    pub fn of(&self, mode: Mode, reasons: &[Reason], appealed: bool) -> FourEyes {
        let why = |code| reasons.iter().any(|r| r.code == code);
        let fitting = [
            (true, self.four_eyes),
            (why(ReasonCode::IdentityInUse), self.reclaim),
            (why(ReasonCode::FaceResemblesBanned), self.ban_candidate),
            (appealed || reasons.iter().any(|r| r.severity == Severity::Fail), self.appeal),
        ];
        let asked = fitting.into_iter().filter(|(fits, _)| *fits).map(|(_, rule)| rule.in_mode(mode));
        asked.max_by_key(|rule| rule.strictness()).unwrap_or_default()
    }
}

/// What came of an opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It waits for another reviewer who says the same.
    Proposed,
    /// It takes effect.
    Decided,
}

/// The opinions of a case, and what becomes of them with another one. `None` when whoever gives it gave the same before.
pub(super) fn with(opinions: &mut Vec<CaseDecision>, rule: FourEyes, new: &CaseDecision) -> Option<Judged> {
    let same = |a: &Reviewer, b: &Reviewer| a == b;
    if opinions.iter().any(|o| same(&o.by, &new.by) && o.verdict == new.verdict) {
        return None;
    }
    opinions.retain(|o| !same(&o.by, &new.by));
    let confirmed = opinions.iter().any(|o| o.verdict == new.verdict);
    let contested = opinions.iter().any(|o| o.verdict != new.verdict);
    opinions.push(new.clone());
    // One alone decides only where that is enough and nobody said otherwise.
    let decided = confirmed || !(rule.asks(new.verdict) || contested);
    Some(if decided { Judged::Decided } else { Judged::Proposed })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::account::{Account, AccountKind};
    use crate::histories::histories;
    use crate::id::{CaseId, SessionId, UserId};
    use crate::review::{Case, CaseRefusal};
    use crate::verification::Severity;

    const RULES: [FourEyes; 3] = [FourEyes::Never, FourEyes::OnReject, FourEyes::Always];
    const VERDICTS: [Verdict; 3] = [Verdict::Approve, Verdict::Reject, Verdict::AskAgain];

    fn case(four_eyes: FourEyes) -> Case {
        let at = Timestamp::UNIX_EPOCH;
        Case {
            id: CaseId::new(at, [1; 10]),
            mode: Mode::Live,
            session: SessionId::new(at, [1; 10]),
            account: Account { kind: AccountKind::Shop, id: "42".into() },
            clock: None,
            reasons: vec![],
            opened_at: at,
            due_at: at,
            escalate_at: at,
            assumed: false,
            escalated_at: None,
            overdue_at: None,
            four_eyes,
            opinions: vec![],
            decided: None,
        }
    }

    fn says(n: u8, verdict: Verdict) -> CaseDecision {
        let by = Reviewer::User(UserId::new(Timestamp::UNIX_EPOCH, [n; 10]));
        CaseDecision { verdict, note: "why".into(), by, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn the_second_confirms_and_the_first_alone_does_not() {
        let mut case = case(FourEyes::Always);
        assert_eq!(case.judge(says(1, Verdict::Approve)), Ok(Judged::Proposed));
        assert_eq!(case.judge(says(1, Verdict::Approve)), Err(CaseRefusal::SameReviewer));
        assert_eq!(case.decided, None);
        assert_eq!(case.judge(says(2, Verdict::Approve)), Ok(Judged::Decided));
        assert_eq!(case.decided, Some(says(2, Verdict::Approve)));
        assert_eq!(case.judge(says(3, Verdict::Reject)), Err(CaseRefusal::AlreadyDecided));
    }

    #[test]
    fn who_disagrees_does_not_overrule_and_a_third_decides() {
        let mut case = case(FourEyes::Always);
        for (n, verdict) in [(1, Verdict::Approve), (2, Verdict::Reject)] {
            assert_eq!(case.judge(says(n, verdict)), Ok(Judged::Proposed));
        }
        let (mut third, mut mind) = (case.clone(), case);
        assert_eq!(third.judge(says(3, Verdict::Reject)), Ok(Judged::Decided));
        // Where there are but two reviewers, one of them may change their mind.
        assert_eq!(mind.judge(says(1, Verdict::Reject)), Ok(Judged::Decided));
        assert_eq!(mind.opinions.len(), 2, "an opinion replaces the same person's earlier one");
    }

    #[test]
    fn one_is_enough_to_approve_unless_somebody_would_reject() {
        let mut case = case(FourEyes::OnReject);
        assert_eq!(case.clone().judge(says(1, Verdict::Approve)), Ok(Judged::Decided));
        assert_eq!(case.judge(says(1, Verdict::Reject)), Ok(Judged::Proposed));
        assert_eq!(case.judge(says(2, Verdict::Approve)), Ok(Judged::Proposed), "they disagree");
        assert_eq!(case.judge(says(3, Verdict::Approve)), Ok(Judged::Decided));
    }

    #[test]
    fn the_opinion_of_who_may_no_longer_review_does_not_count() {
        let mut case = case(FourEyes::Always);
        case.judge(says(1, Verdict::Approve)).unwrap();
        case.forget_opinions(|by| *by == says(1, Verdict::Approve).by);
        assert_eq!(case.judge(says(2, Verdict::Approve)), Ok(Judged::Proposed));
    }

    #[test]
    fn of_several_rules_the_strictest_counts() {
        let reason = |code| Reason { code, severity: Severity::Review, steps: vec![], region: None };
        let usual = ReviewRules::default();
        let of = |rules: &ReviewRules, codes: &[ReasonCode], appealed| {
            let reasons: Vec<Reason> = codes.iter().map(|c| reason(*c)).collect();
            [Mode::Test, Mode::Live].map(|mode| rules.of(mode, &reasons, appealed))
        };
        let (never, always) = ([FourEyes::Never; 2], [FourEyes::Always; 2]);
        assert_eq!(of(&usual, &[ReasonCode::FaceUncertain], false), never);
        assert_eq!(of(&usual, &[ReasonCode::FaceUncertain], true), always);
        assert_eq!(of(&usual, &[ReasonCode::FaceUncertain, ReasonCode::IdentityInUse], false), always);
        assert_eq!(of(&usual, &[ReasonCode::FaceResemblesBanned], false), always);
        // Whoever approves what the checks refuse overrides them.
        let fails = Reason { severity: Severity::Fail, ..reason(ReasonCode::FaceMismatch) };
        let suspected = [reason(ReasonCode::AccountTakenOver), fails];
        assert_eq!(usual.of(Mode::Test, &suspected, false), FourEyes::Always);
        assert_eq!(usual.of(Mode::Test, &suspected[..1], false), FourEyes::Never);
        let own = ReviewRules { four_eyes: FourEyes::InLiveMode, appeal: FourEyes::OnReject, ..usual };
        assert_eq!(of(&own, &[], true), [FourEyes::OnReject, FourEyes::Always]);
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        /// Whoever says what, in whatever order, and whoever may no longer review: nothing takes effect with fewer than
        /// two people where two are asked for, nor against somebody who stands against it with one alone.
        #[test]
        fn nothing_takes_effect_with_fewer_people_than_are_asked_for(
            rule in prop::sample::select(&RULES[..]),
            acts in prop::collection::vec((0u8..4, 0usize..3, any::<bool>()), 1..20),
        ) {
            let mut case = case(rule);
            let (mut gone, mut standing) = (BTreeSet::new(), Vec::<(u8, Verdict)>::new());
            for (who, verdict, leaves) in acts {
                let verdict = VERDICTS[verdict];
                if gone.contains(&who) {
                    continue;
                }
                let people: Vec<Reviewer> = gone.iter().map(|n| says(*n, verdict).by).collect();
                case.forget_opinions(|by| people.contains(by));
                standing.retain(|(n, _)| !gone.contains(n));
                let judged = case.judge(says(who, verdict));
                if judged == Err(CaseRefusal::SameReviewer) {
                    prop_assert!(standing.contains(&(who, verdict)));
                    continue;
                }
                standing.retain(|(n, _)| *n != who);
                let agree = standing.iter().filter(|(_, v)| *v == verdict).count();
                let against = standing.len() - agree;
                standing.push((who, verdict));
                match judged {
                    Ok(Judged::Decided) => {
                        let needed = if rule.asks(verdict) || against > 0 { 2 } else { 1 };
                        prop_assert!(agree + 1 >= needed, "{:?} with {} of {}", verdict, agree + 1, needed);
                        prop_assert_eq!(case.decided.as_ref().map(|d| d.verdict), Some(verdict));
                        break;
                    }
                    Ok(Judged::Proposed) => {
                        prop_assert_eq!(agree, 0);
                        prop_assert!(case.decided.is_none());
                    }
                    Err(refusal) => prop_assert!(false, "{}", refusal),
                }
                if leaves {
                    gone.insert(who);
                }
            }
        }
    }
}
