//! A case that nobody decides in time: it is escalated, then overdue, each once, and never passes by itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Case;

/// How late a case is, or was when it was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lateness {
    /// In time.
    #[default]
    InTime,
    /// So much of its time has passed that somebody must look to it now (`escalate_at` of the program, a share).
    Escalated,
    /// Its deadline has passed.
    Overdue,
}

impl Lateness {
    /// All, the latest last.
    pub const ALL: [Self; 3] = [Self::InTime, Self::Escalated, Self::Overdue];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InTime => "in_time",
            Self::Escalated => "escalated",
            Self::Overdue => "overdue",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|late| late.name() == name)
    }
}

impl Case {
    /// How late it is, as was noted: a moment that was reached and not noted yet does not count.
    pub const fn lateness(&self) -> Lateness {
        match (self.overdue_at, self.escalated_at) {
            (Some(_), _) => Lateness::Overdue,
            (None, Some(_)) => Lateness::Escalated,
            (None, None) => Lateness::InTime,
        }
    }

    /// When it becomes later than it is; `None` once it is decided, or as late as can be.
    pub fn later_at(&self) -> Option<Timestamp> {
        match self.lateness() {
            _ if self.decided.is_some() => None,
            Lateness::InTime => Some(self.escalate_at),
            Lateness::Escalated => Some(self.due_at),
            Lateness::Overdue => None,
        }
    }

    /// Notes how late it is now, and tells what it became, in order: each once, however often anybody looks.
    pub fn look_at_the_clock(&mut self, now: Timestamp) -> Vec<Lateness> {
        let mut became = Vec::new();
        while self.later_at().is_some_and(|at| now >= at) {
            match self.lateness() {
                Lateness::InTime => self.escalated_at = Some(now),
                Lateness::Escalated | Lateness::Overdue => self.overdue_at = Some(now),
            }
            became.push(self.lateness());
        }
        became
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::account::{Account, AccountKind};
    use crate::histories::histories;
    use crate::id::{CaseId, SessionId, UserId};
    use crate::review::{CaseDecision, CaseRefusal, FourEyes, Judged, Reviewer, Verdict};
    use crate::verification::program::Mode;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
    }

    fn case(escalate: i64, due: i64, four_eyes: FourEyes) -> Case {
        Case {
            id: CaseId::new(at(0), [1; 10]),
            mode: Mode::Live,
            session: SessionId::new(at(0), [1; 10]),
            account: Account { kind: AccountKind::Buyer, id: "7".into() },
            clock: None,
            reasons: vec![],
            opened_at: at(0),
            due_at: at(due),
            escalate_at: at(escalate),
            assumed: false,
            escalated_at: None,
            overdue_at: None,
            four_eyes,
            opinions: vec![],
            decided: None,
        }
    }

    fn says(n: u8, verdict: Verdict, minute: i64) -> CaseDecision {
        let by = Reviewer::User(UserId::new(at(0), [n; 10]));
        CaseDecision { verdict, note: "why".into(), by, at: at(minute) }
    }

    #[test]
    fn it_is_escalated_then_overdue_and_nothing_more() {
        let mut case = case(75, 100, FourEyes::Never);
        assert_eq!((case.look_at_the_clock(at(74)), case.later_at()), (vec![], Some(at(75))));
        assert_eq!(
            (case.look_at_the_clock(at(75)), case.later_at()),
            (vec![Lateness::Escalated], Some(at(100)))
        );
        assert_eq!(case.look_at_the_clock(at(99)), []);
        assert_eq!((case.look_at_the_clock(at(300)), case.later_at()), (vec![Lateness::Overdue], None));
        assert_eq!(case.look_at_the_clock(at(9000)), []);
        assert_eq!(case.decided, None, "nothing passes because time went by");
        assert_eq!((case.escalated_at, case.overdue_at), (Some(at(75)), Some(at(300))));
    }

    #[test]
    fn one_that_nobody_looked_at_for_long_becomes_both_in_order() {
        let both = vec![Lateness::Escalated, Lateness::Overdue];
        assert_eq!(case(75, 100, FourEyes::Never).look_at_the_clock(at(200)), both);
        assert_eq!(
            case(100, 100, FourEyes::Never).look_at_the_clock(at(100)),
            both,
            "where all of it is the share"
        );
    }

    /// What may happen to a case.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Wait(i64),
        Look,
        Says(u8, Verdict),
        Withdraw,
    }

    fn step() -> impl Strategy<Value = Step> {
        let verdict = prop::sample::select(vec![Verdict::Approve, Verdict::Reject, Verdict::AskAgain]);
        prop_oneof![
            4 => (0i64..60).prop_map(Step::Wait),
            4 => Just(Step::Look),
            2 => (0u8..3, verdict).prop_map(|(n, verdict)| Step::Says(n, verdict)),
            1 => Just(Step::Withdraw),
        ]
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        #[test]
        fn no_deadline_is_missed_or_doubled_and_nothing_is_decided_twice(
            steps in prop::collection::vec(step(), 0..24),
            (escalate, more) in (0i64..200, 0i64..100),
            four_eyes in prop::sample::select(vec![FourEyes::Never, FourEyes::OnReject, FourEyes::Always]),
        ) {
            let due = escalate + more;
            let mut case = case(escalate, due, four_eyes);
            let (mut now, mut told, mut decided) = (0, Vec::new(), 0);
            for step in steps {
                let before = case.clone();
                match step {
                    Step::Wait(minutes) => now += minutes,
                    Step::Look => {
                        let became = case.look_at_the_clock(at(now));
                        prop_assert!(before.decided.is_none() || became.is_empty(), "told of after it was decided");
                        prop_assert_eq!(&case.decided, &before.decided);
                        told.extend(became);
                        if case.decided.is_none() {
                            let reached = 2 - [escalate, due].iter().filter(|moment| now < **moment).count();
                            prop_assert_eq!(told.len(), reached, "missed");
                        }
                    }
                    Step::Says(n, verdict) => match case.judge(says(n, verdict, now)) {
                        Ok(Judged::Decided) => {
                            decided += 1;
                            let agree = case.opinions.iter().filter(|one| one.verdict == verdict).count();
                            let two = four_eyes == FourEyes::Always
                                || (four_eyes == FourEyes::OnReject && verdict == Verdict::Reject);
                            let needed = if two { 2 } else { 1 };
                            prop_assert!(agree >= needed);
                        }
                        Ok(Judged::Proposed) => prop_assert!(case.awaits_another()),
                        Err(refusal) => {
                            prop_assert_eq!(&case, &before, "what is refused changes nothing");
                            prop_assert_eq!(refusal == CaseRefusal::AlreadyDecided, before.decided.is_some());
                        }
                    },
                    Step::Withdraw => match case.withdraw(Reviewer::System, at(now)) {
                        Ok(()) => decided += 1,
                        Err(_) => prop_assert_eq!(&case, &before),
                    },
                }
            }
            prop_assert!(decided <= 1, "decided twice");
            prop_assert_eq!(decided == 1, case.decided.is_some());
            let whole = [Lateness::Escalated, Lateness::Overdue];
            prop_assert_eq!(&told[..], &whole[..told.len()], "doubled, or out of order");
        }
    }
}
