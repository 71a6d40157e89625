//! Rules of the shop's state machine, each pair of status and command, and random histories.

use proptest::prelude::*;

use super::*;
use crate::histories::histories;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn session(n: u8) -> SessionId {
    SessionId::new(at(0), [n; 10])
}

fn shop() -> Shop {
    Shop::register("42".into(), Mode::Test, "c2c".into(), None, at(0)).unwrap().0
}

fn passed(n: u8, begun: i64) -> Certification {
    Certification { session: session(n), program: "shop-owner".into(), begun_at: at(begun) }
}

fn penalty(reference: &str, kind: PenaltyKind) -> NewPenalty {
    NewPenalty { reference: reference.into(), kind, violation: "counterfeit".into(), reason: "假货".into() }
}

/// A shop of each status.
fn standing(status: ShopStatus) -> Shop {
    let mut shop = shop();
    if !matches!(status, ShopStatus::Registered) {
        shop.certify(passed(1, 1), at(5)).unwrap();
    }
    match status {
        ShopStatus::Registered | ShopStatus::Open => {}
        ShopStatus::TemporarilyClosed => {
            shop.penalise(penalty("old", PenaltyKind::TemporaryClosure), at(6)).unwrap();
        }
        ShopStatus::PermanentlyClosed => {
            shop.penalise(penalty("old", PenaltyKind::PermanentClosure), at(6)).unwrap();
        }
        ShopStatus::Closed => {
            shop.close(at(6)).unwrap();
        }
    }
    assert_eq!(shop.status(), status);
    shop
}

#[test]
fn every_command_in_every_status_does_what_the_table_says() {
    use ShopStatus::*;
    let certified = |shop: &mut Shop| shop.certify(passed(2, 7), at(9)).map(drop);
    let punished = |kind| move |shop: &mut Shop| shop.penalise(penalty("new", kind), at(9)).map(drop);
    let closed = |shop: &mut Shop| shop.close(at(9)).map(drop);
    let gone = Err(ShopRefusal::PermanentlyClosed);
    let done = Err(ShopRefusal::Closed);
    let never = Err(ShopRefusal::NeverOpen);
    type Act<'a> = &'a dyn Fn(&mut Shop) -> Result<(), ShopRefusal>;
    let (warned, stopped, ended) = (
        punished(PenaltyKind::Warning),
        punished(PenaltyKind::TemporaryClosure),
        punished(PenaltyKind::PermanentClosure),
    );
    let table: [(Act<'_>, [Result<ShopStatus, ShopRefusal>; 5]); 5] = [
        // In the order of `ShopStatus::ALL`: registered, open, temporarily closed, permanently closed, closed.
        (&certified, [Ok(Open), Ok(Open), Ok(Open), gone, done]),
        (&warned, [never, Ok(Open), Ok(TemporarilyClosed), gone, done]),
        (&stopped, [never, Ok(TemporarilyClosed), Ok(TemporarilyClosed), gone, done]),
        (
            &ended,
            [
                Ok(PermanentlyClosed),
                Ok(PermanentlyClosed),
                Ok(PermanentlyClosed),
                gone,
                Ok(PermanentlyClosed),
            ],
        ),
        (&closed, [Ok(Closed), Ok(Closed), Ok(Closed), gone, done]),
    ];
    for (n, (act, expected)) in table.into_iter().enumerate() {
        for (status, expected) in ShopStatus::ALL.into_iter().zip(expected) {
            let mut shop = standing(status);
            let before = shop.clone();
            let came = act(&mut shop).map(|()| shop.status());
            assert_eq!(came, expected, "command {n} on {status:?}");
            assert!(came.is_ok() || shop == before, "command {n} on {status:?}: a refusal changed it");
        }
    }
}

#[test]
fn a_shop_is_not_open_before_its_owner_is_certified() {
    let mut shop = shop();
    assert_eq!(shop.status(), ShopStatus::Registered);
    assert_eq!(shop.certify(passed(1, 1), at(5)), Ok(ShopHappened::Opened));
    assert_eq!(shop.certify(passed(1, 1), at(6)), Err(ShopRefusal::Counted));
    assert_eq!(shop.certify(passed(2, 6), at(9)), Ok(ShopHappened::Recertified));
}

#[test]
fn restoring_takes_the_same_verification_begun_after_the_closure() {
    let closed = standing(ShopStatus::TemporarilyClosed);
    for (passed, happened, status) in [
        (passed(2, 5), ShopHappened::Recertified, ShopStatus::TemporarilyClosed),
        (
            Certification { program: "buyer".into(), ..passed(2, 7) },
            ShopHappened::Recertified,
            ShopStatus::TemporarilyClosed,
        ),
        (passed(2, 7), ShopHappened::Restored, ShopStatus::Open),
    ] {
        let mut shop = closed.clone();
        assert_eq!((shop.certify(passed, at(9)), shop.status()), (Ok(happened), status));
    }
}

#[test]
fn once_restored_it_is_not_closed_again_for_the_old_violation_but_for_a_new_one() {
    let mut shop = standing(ShopStatus::TemporarilyClosed);
    let old = penalty("old", PenaltyKind::TemporaryClosure);
    assert_eq!(shop.penalise(old.clone(), at(7)), Ok(None), "the same one twice is one");
    shop.certify(passed(2, 8), at(9)).unwrap();
    assert_eq!(shop.penalise(old, at(10)), Err(ShopRefusal::MadeGood));
    assert_eq!(
        shop.penalise(penalty("old", PenaltyKind::PermanentClosure), at(10)),
        Err(ShopRefusal::ReferenceUsed)
    );
    assert_eq!(shop.status(), ShopStatus::Open);
    let new = penalty("new", PenaltyKind::TemporaryClosure);
    assert_eq!(shop.penalise(new, at(11)), Ok(Some(ShopHappened::TemporarilyClosed)));
}

#[test]
fn a_closed_shop_stays_closed_and_its_owner_known() {
    let shop = standing(ShopStatus::Closed);
    assert_eq!(shop.owner_at(at(8)).map(|o| o.session.clone()), Some(session(1)));
}

#[test]
fn an_evicted_owner_is_nobodys_and_another_one_opens_the_shop_again() {
    let mut shop = standing(ShopStatus::Open);
    assert_eq!(shop.evict(at(8)), Ok(Some(ShopHappened::Evicted)));
    assert_eq!((shop.status(), shop.owner()), (ShopStatus::Registered, None));
    assert_eq!(shop.evict(at(9)), Ok(None), "once");
    let known = |shop: &Shop, second| shop.owner_at(at(second)).map(|o| o.session.clone());
    assert_eq!((known(&shop, 7), known(&shop, 8), known(&shop, 99)), (Some(session(1)), None, None));
    // A shop that was open can be punished for what it did then.
    assert!(shop.clone().penalise(penalty("late", PenaltyKind::Warning), at(9)).is_ok());
    assert_eq!(shop.certify(passed(2, 9), at(10)), Ok(ShopHappened::Opened));
    assert_eq!((known(&shop, 9), known(&shop, 10)), (None, Some(session(2))));
    assert_eq!(shop.status(), ShopStatus::Open);
    for ended in [ShopStatus::Closed, ShopStatus::PermanentlyClosed] {
        let (mut shop, before) = (standing(ended), standing(ended));
        assert!(shop.evict(at(9)).is_err());
        assert_eq!(shop, before);
    }
}

#[test]
fn an_eviction_makes_no_violation_good() {
    let mut shop = standing(ShopStatus::TemporarilyClosed);
    shop.evict(at(8)).unwrap();
    assert_eq!(shop.status(), ShopStatus::Registered);
    let mut other = shop.clone();
    let buyers = Certification { program: "buyer".into(), ..passed(2, 9) };
    assert_eq!(other.certify(buyers, at(10)), Ok(ShopHappened::Recertified));
    assert_eq!(other.status(), ShopStatus::TemporarilyClosed);
    assert_eq!(shop.certify(passed(2, 9), at(10)), Ok(ShopHappened::Restored));
    assert_eq!(shop.status(), ShopStatus::Open);
}

#[test]
fn every_moment_since_the_first_certification_has_one_responsible_person() {
    let mut shop = shop();
    shop.certify(passed(1, 1), at(5)).unwrap();
    shop.certify(passed(2, 1), at(9)).unwrap();
    for (second, responsible) in [(4, None), (5, Some(1)), (8, Some(1)), (9, Some(2)), (10_000, Some(2))] {
        let found = shop.owner_at(at(second)).map(|o| o.session.clone());
        assert_eq!(found, responsible.map(session), "{second}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let register =
        |id: &str, kind: &str| Shop::register(id.into(), Mode::Test, kind.into(), None, at(0)).map(drop);
    assert_eq!(register("", "c2c"), Err(ShopRefusal::Id));
    assert_eq!(register("a\u{7}", "c2c"), Err(ShopRefusal::Id));
    assert_eq!(register(&"店".repeat(129), "c2c"), Err(ShopRefusal::Id));
    for kind in ["", "天猫", "Tmall", "a b"] {
        assert_eq!(register("42", kind), Err(ShopRefusal::Type), "{kind}");
    }
    assert_eq!(register("店 1", "tmall-global"), Ok(()));
    let sound = penalty("p", PenaltyKind::Warning);
    for (wrong, refusal) in [
        (NewPenalty { reference: String::new(), ..sound.clone() }, ShopRefusal::Reference),
        (NewPenalty { reference: "假".repeat(129), ..sound.clone() }, ShopRefusal::Reference),
        (NewPenalty { violation: "Fake goods".into(), ..sound.clone() }, ShopRefusal::Violation),
        (NewPenalty { reason: "two\nlines".into(), ..sound.clone() }, ShopRefusal::Reason),
        (NewPenalty { reason: String::new(), ..sound }, ShopRefusal::Reason),
    ] {
        assert_eq!(standing(ShopStatus::Open).penalise(wrong, at(9)), Err(refusal));
    }
}

#[test]
fn shops_from_before_penalties_are_read() {
    let old = r#"{"id":"42","mode":"test","shop_type":"c2c","clock":null,"owners":[{"session":"vs_01aryz6s410000000000000000",
        "from":"2026-11-01T00:00:00Z","until":null}],"created_at":"2026-10-01T00:00:00Z","closed_at":null}"#;
    let shop: Shop = serde_json::from_str(old).unwrap();
    assert_eq!((shop.status(), shop.penalties.len()), (ShopStatus::Open, 0));
}

#[derive(Clone, Debug)]
enum Command {
    Certify { session: u8, begun: i64, same: bool },
    Penalise { reference: u8, kind: PenaltyKind },
    Close,
    Evict,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        6 => (any::<u8>(), -30i64..1, prop::bool::weighted(0.8))
            .prop_map(|(session, begun, same)| Command::Certify { session, begun, same }),
        6 => (0u8..6, prop::sample::select(&[0, 1, 1, 1, 1, 1, 1, 2]))
            .prop_map(|(reference, kind)| Command::Penalise { reference, kind: PenaltyKind::ALL[kind] }),
        1 => Just(Command::Close),
        1 => Just(Command::Evict),
    ]
}

/// What the mission says of a shop, told over again from what happened alone.
#[derive(Debug, Default)]
struct Oracle {
    certified: bool,
    /// Whether it ever had an owner.
    owned: bool,
    closed: bool,
    ended: bool,
    /// Closures in force, by reference, and when they were imposed.
    closures: std::collections::BTreeMap<u8, i64>,
    made_good: std::collections::BTreeSet<u8>,
}

impl Oracle {
    fn status(&self) -> ShopStatus {
        match self {
            Self { ended: true, .. } => ShopStatus::PermanentlyClosed,
            Self { closed: true, .. } => ShopStatus::Closed,
            Self { certified: false, .. } => ShopStatus::Registered,
            Self { closures, .. } if !closures.is_empty() => ShopStatus::TemporarilyClosed,
            _ => ShopStatus::Open,
        }
    }

    fn see(&mut self, command: &Command, happened: ShopHappened, now: i64) {
        match (happened, command) {
            (ShopHappened::Opened, Command::Certify { .. }) => {
                assert_eq!(self.status(), ShopStatus::Registered);
                assert!(self.closures.is_empty(), "opened although it is closed for a violation");
                (self.certified, self.owned) = (true, true);
            }
            (ShopHappened::Recertified, Command::Certify { .. }) => {
                assert!((self.certified || !self.closures.is_empty()) && !self.closed && !self.ended);
                self.certified = true;
            }
            (ShopHappened::Restored, Command::Certify { begun, same, .. }) => {
                assert!(!self.closures.is_empty() && !self.closed && !self.ended);
                self.certified = true;
                assert!(*same, "another verification restored it");
                assert!(self.closures.values().all(|at| *at <= now + begun), "one from before restored it");
                self.made_good.extend(std::mem::take(&mut self.closures).into_keys());
            }
            (ShopHappened::Warned, Command::Penalise { .. }) => {
                assert!(self.owned && !self.closed && !self.ended);
            }
            (ShopHappened::TemporarilyClosed, Command::Penalise { reference, .. }) => {
                assert!(self.owned && !self.closed && !self.ended);
                assert!(!self.made_good.contains(reference), "blocked again for an old violation");
                self.closures.insert(*reference, now);
            }
            (ShopHappened::PermanentlyClosed, Command::Penalise { .. }) => {
                assert!(!self.ended);
                self.ended = true;
            }
            (ShopHappened::Closed, Command::Close) => {
                assert!(!self.closed && !self.ended);
                self.closed = true;
            }
            (ShopHappened::Evicted, Command::Evict) => {
                assert!(self.certified && !self.closed && !self.ended);
                self.certified = false;
            }
            other => panic!("{other:?} cannot be"),
        }
    }
}

proptest! {
    #![proptest_config(histories(10_000))]

    #[test]
    fn no_history_leads_to_an_illegal_state(steps in prop::collection::vec((0i64..20, command()), 1..30)) {
        let (mut shop, mut oracle, mut now) = (shop(), Oracle::default(), 0);
        for (wait, command) in &steps {
            now += wait;
            let before = shop.clone();
            let done = match command {
                Command::Certify { session: n, begun, same } => {
                    let program = if *same { "shop-owner" } else { "other" };
                    // The first owner is always certified by the program that counts.
                    let program = if shop.owners.is_empty() { "shop-owner" } else { program };
                    let of = Certification { program: program.into(), ..passed(*n, now + begun) };
                    shop.certify(of, at(now)).map(Some)
                }
                Command::Penalise { reference, kind } => {
                    shop.penalise(penalty(&reference.to_string(), *kind), at(now))
                }
                Command::Close => shop.close(at(now)).map(Some),
                Command::Evict => shop.evict(at(now)),
            };
            match done {
                Ok(Some(happened)) => oracle.see(command, happened, now),
                Ok(None) | Err(_) => prop_assert_eq!(&shop, &before),
            }
            prop_assert_eq!(shop.status(), oracle.status());
            let references: std::collections::BTreeSet<_> = shop.penalties.iter().map(|p| &p.reference).collect();
            prop_assert_eq!(references.len(), shop.penalties.len());
            prop_assert_eq!(shop.owners.iter().filter(|o| o.until.is_none()).count(), usize::from(oracle.certified));
            prop_assert!(shop.owners.windows(2).all(|pair| pair[0].until.is_some_and(|until| until <= pair[1].from)));
        }
        let json = serde_json::to_string(&shop).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Shop>(&json).unwrap(), &shop);
    }
}
