use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::account::shop::Shop;
use crate::histories::histories;
use crate::recheck::{RecheckRules, Rechecks, Verification, Why};

fn id(n: u8) -> RolloutId {
    RolloutId::new(Timestamp::UNIX_EPOCH, [n; 10])
}

fn plan(steps: &[(i8, u8)], capacity: u32) -> Plan {
    let steps = steps.iter().map(|(day, percent)| Step { from: date(2026, 11, *day), percent: *percent });
    Plan { steps: steps.collect(), capacity, blackout: vec![], days: 14 }
}

fn new(when: &str, plan: Plan) -> NewRollout {
    NewRollout {
        id: id(1),
        mode: Mode::Live,
        clock: None,
        name: "泄露严重的店铺".to_owned(),
        audience: Audience::Shops,
        when: when.to_owned(),
        plan,
    }
}

fn draft(when: &str, plan: Plan) -> Result<Rollout, RolloutRefusal> {
    Rollout::draft(new(when, plan), Timestamp::UNIX_EPOCH)
}

#[test]
fn what_cannot_be_a_rollout_is_refused_with_its_field() {
    let sound = || plan(&[(1, 10), (3, 100)], 50);
    assert!(draft("true", sound()).is_ok());
    let field = |new: NewRollout| Rollout::draft(new, Timestamp::UNIX_EPOCH).map_err(|e| e.field());
    assert_eq!(field(NewRollout { name: " ".into(), ..new("true", sound()) }), Err(Some("name")));
    for when in ["leak_severty > 1", "age_days", "role == 'manager'", "shop.status == 'opened'"] {
        assert_eq!(field(new(when, sound())), Err(Some("when")), "{when}");
    }
    let staff = NewRollout { audience: Audience::Staff, ..new("role == 'manager' && points > 100", sound()) };
    assert!(field(staff).is_ok());
    for steps in [
        &[][..],
        &[(1, 50)],
        &[(3, 50), (1, 100)],
        &[(1, 50), (1, 100)],
        &[(1, 50), (2, 50)],
        &[(1, 0), (2, 100)],
        &[(1, 101)],
    ] {
        assert_eq!(field(new("true", plan(steps, 1))), Err(Some("steps")), "{steps:?}");
    }
    assert_eq!(field(new("true", plan(&[(1, 100)], 0))), Err(Some("capacity")));
    assert_eq!(field(new("true", Plan { days: 0, ..sound() })), Err(Some("days")));
    let backwards = vec![(date(2026, 11, 12), date(2026, 11, 11))];
    assert_eq!(field(new("true", Plan { blackout: backwards, ..sound() })), Err(Some("blackout")));
}

#[test]
fn it_goes_from_draft_to_its_end_and_no_other_way() {
    type Act = fn(&mut Rollout) -> Happens;
    let acts: [(&str, Act); 5] = [
        ("start", |r| r.start(Timestamp::UNIX_EPOCH)),
        ("pause", Rollout::pause),
        ("resume", Rollout::resume),
        ("cancel", |r| r.cancel(Timestamp::UNIX_EPOCH)),
        ("finish", |r| r.finish(Timestamp::UNIX_EPOCH)),
    ];
    for (status, allowed) in [
        (RolloutStatus::Draft, &["start", "cancel"][..]),
        (RolloutStatus::Started, &["pause", "cancel", "finish"]),
        (RolloutStatus::Paused, &["resume", "cancel"]),
        (RolloutStatus::Done, &[]),
        (RolloutStatus::Canceled, &[]),
    ] {
        for (name, act) in acts {
            let mut rollout = draft("true", plan(&[(1, 100)], 1)).unwrap();
            (rollout.status, rollout.enrolled) = (status, true);
            let before = rollout.clone();
            let done = act(&mut rollout);
            assert_eq!(done.is_ok(), allowed.contains(&name), "{status:?} {name}");
            assert_eq!(done.is_err(), rollout == before, "a refusal changes nothing");
        }
    }
    let mut early = draft("true", plan(&[(1, 100)], 1)).unwrap();
    early.start(Timestamp::UNIX_EPOCH).unwrap();
    assert!(early.finish(Timestamp::UNIX_EPOCH).is_err(), "it is not known yet who is meant");
}

#[test]
fn places_are_spread_and_each_rollout_has_its_own() {
    let rollout = draft("true", plan(&[(1, 100)], 1)).unwrap();
    let other = Rollout { id: id(2), ..rollout.clone() };
    let mut counts = [0u32; 100];
    let mut same = 0;
    for n in 0..20_000 {
        let account = format!("shop-{n}");
        counts[usize::from(rollout.place(&account))] += 1;
        same += u32::from(rollout.place(&account) == other.place(&account));
    }
    let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
    assert!(*least > 140 && *most < 260, "200 are expected: {least} to {most}");
    assert!(same < 400, "200 are expected: {same}");
}

#[test]
fn a_forecast_says_how_many_are_asked_on_which_day() {
    let rules =
        RecheckRules { blackout: vec![(date(2026, 11, 5), date(2026, 11, 5))], ..RecheckRules::default() };
    let plan =
        Plan { blackout: vec![(date(2026, 11, 2), date(2026, 11, 3))], ..plan(&[(1, 10), (4, 100)], 30) };
    let waiting: Waiting = (0..100).map(|place| (place, 1)).collect();
    let days = forecast(&plan, date(2026, 10, 30), 0, &waiting, &rules);
    let expected = [(1, 10), (4, 30), (6, 30), (7, 30)].map(|(day, many)| (date(2026, 11, day), many));
    assert_eq!(days, expected);
    assert_eq!(forecast(&plan, date(2026, 11, 4), 25, &waiting, &rules)[0], (date(2026, 11, 4), 5));
    assert_eq!(forecast(&plan, date(2026, 11, 4), 99, &Waiting::new(), &rules), []);
    assert_eq!(plan.next_day(date(2026, 10, 1), &rules), Some(date(2026, 11, 1)));
    assert_eq!(plan.next_day(date(2026, 11, 1), &rules), Some(date(2026, 11, 4)));
}

#[test]
fn everybody_is_asked_on_the_date_of_their_turn_where_they_are_and_neither_at_night_nor_in_a_promotion() {
    let plan = Plan { blackout: vec![(date(2026, 3, 3), date(2026, 3, 3))], ..plan(&[(1, 100)], 1) };
    let turn = date(2026, 3, 2);
    for (zone, now, asked) in [
        // Ten in the morning where the platform is, of 2 March.
        ("Asia/Shanghai", "2026-03-02T02:00:00Z", "2026-03-02T02:00:00Z"),
        // It is the evening before there, and a promotion that is over by then is none.
        ("America/Los_Angeles", "2026-03-02T02:00:00Z", "2026-03-02T18:00:00Z"),
        ("Pacific/Auckland", "2026-03-02T02:00:00Z", "2026-03-02T02:00:00Z"),
        // Its evening there: the next morning would be one of the promotion.
        ("Pacific/Auckland", "2026-03-02T07:00:00Z", "2026-03-03T21:00:00Z"),
        ("Asia/Shanghai", "2026-03-02T11:59:59Z", "2026-03-02T11:59:59Z"),
        ("Asia/Shanghai", "2026-03-02T12:00:00Z", "2026-03-04T02:00:00Z"),
        // Nobody noticed for a day, and then on the day of the promotion.
        ("America/Los_Angeles", "2026-03-03T19:00:00Z", "2026-03-04T18:00:00Z"),
    ] {
        let rules = RecheckRules { zone: zone.to_owned(), ..RecheckRules::default() };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(plan.asks_at(turn, at(now), &rules), at(asked), "{zone} {now}");
        assert_eq!(plan.asks_at(turn, at(asked), &rules), at(asked), "{zone} {asked}: then it is asked");
    }
    let endless = Plan { blackout: vec![(Date::MIN, Date::MAX)], ..plan };
    let at = endless.asks_at(Date::MAX, Timestamp::MAX, &RecheckRules::default());
    assert_eq!(at, Timestamp::MAX, "a day that no calendar has");
}

#[test]
fn facts_are_what_conditions_see() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-11-01T00:00:00Z");
    let (mut shop, _) =
        Shop::register("1".into(), Mode::Live, "c2c".into(), None, at("2026-10-22T00:00:00Z")).unwrap();
    let rules = RecheckRules::default();
    let holds = |when: &str, shop: &Shop| {
        let condition = Condition::read(when, &vocabulary(Audience::Shops)).unwrap();
        condition.holds(&AccountFacts::of(shop, None, &rules, now))
    };
    assert_eq!(
        holds("age_days == 10 && points == 0 && verified_days == -1 && shop.status == 'registered'", &shop),
        Ok(true)
    );
    assert!(holds("leak_severity > 1", &shop).is_err(), "nobody said");
    shop.facts = ShopFacts {
        category: Some("toys".into()),
        leak_severity: Some(7),
        registered_on: Some(date(2020, 11, 1)),
    };
    assert_eq!(
        holds("leak_severity > 6 && category == 'toys' && age_days > 2000 && shop.type == 'c2c'", &shop),
        Ok(true)
    );
    let today = date(2026, 11, 1);
    assert_eq!(shop.facts.check(today), Ok(()));
    for (wrong, field) in [
        (ShopFacts { leak_severity: Some(11), ..shop.facts.clone() }, "leak_severity"),
        (ShopFacts { category: Some("a b".into()), ..shop.facts.clone() }, "category"),
        (ShopFacts { registered_on: Some(date(2026, 11, 2)), ..shop.facts.clone() }, "registered_on"),
        (ShopFacts { registered_on: Some(date(1970, 1, 1)), ..shop.facts.clone() }, "registered_on"),
    ] {
        assert_eq!(wrong.check(today).map_err(ShopFactsError::field), Err(field));
    }
}

#[test]
fn a_rollout_asks_whoever_is_asked_nothing_else_and_counts_what_follows() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (rules, now) = (RecheckRules::default(), at("2026-03-01T04:00:00Z"));
    let due = now + (24 * 14).hours();
    // Never verified: asked, and restricted when it is missed.
    let (mut first, _) = Rechecks::await_first("1".into(), rules.latest(now), now);
    let events = first.ask_by_rollout(&id(1), due, &rules, now).unwrap();
    assert_eq!(events.len(), 1);
    let asked = first.asked.clone().unwrap();
    assert_eq!((asked.why, asked.due), (Why::Rollout(id(1)), due));
    assert!(first.ask_by_rollout(&id(2), due, &rules, now).is_err(), "nobody is asked twice at a time");
    let mut missed = first.clone();
    missed.tick(&rules, due);
    assert_eq!(missed.restricted, Some(due));
    let session = crate::id::SessionId::new(now, [1; 10]);
    first
        .pass(
            Verification { session: session.clone(), begun_at: now, action: None },
            rules.latest(now),
            &rules,
            now,
        )
        .unwrap();
    assert_eq!((first.asked.clone(), first.passed.clone()), (None, Some((session, now))));
    // Verified before, and due sooner by time: never later than that.
    let soon = at("2026-08-10T04:00:00Z");
    let mut second = first.clone();
    second.ask_by_rollout(&id(2), at("2026-12-01T00:00:00Z"), &rules, soon).unwrap();
    assert_eq!(second.asked.unwrap().due, second.due);
}

/// One thing that happens to a rollout.
#[derive(Clone, Debug)]
enum Act {
    /// A worker runs, and takes so many at once.
    Run(u8),
    /// A worker runs and dies before anything is kept.
    Crash(u8),
    NextDay,
    Pause,
    Resume,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1u8..9).prop_map(Act::Run),
        1 => (1u8..9).prop_map(Act::Crash),
        3 => Just(Act::NextDay),
        1 => Just(Act::Pause),
        1 => Just(Act::Resume),
    ]
}

/// What is kept of who was asked, and on which day.
type Kept = BTreeMap<u32, Date>;

/// One run of a worker, as the application does it: it looks at what is kept, and takes whoever waits.
fn run(
    rollout: &Rollout,
    members: &BTreeMap<u32, u8>,
    kept: &Kept,
    day: Date,
    chunk: u8,
    rules: &RecheckRules,
) -> Kept {
    let mut next = kept.clone();
    if rollout.status != RolloutStatus::Started {
        return next;
    }
    let asked = kept.values().filter(|on| **on == day).count();
    let takes = rollout.plan.takes(day, u32::try_from(asked).unwrap(), rules);
    let waiting = members.iter().filter(|(n, place)| **place < takes.below && !kept.contains_key(n));
    let many = takes.at_most.min(u32::from(chunk)) as usize;
    next.extend(waiting.take(many).map(|(n, _)| (*n, day)));
    next
}

proptest! {
    #![proptest_config(histories(10_000))]

    #[test]
    fn nobody_is_asked_twice_or_in_a_promotion_or_over_capacity_and_all_in_the_end(
        acts in prop::collection::vec(act(), 0..120),
        members in 0u32..40,
        capacity in 1u32..9,
        first in 1u8..100,
        blackout in prop::collection::btree_set(1i8..28, 0..10),
        everywhere in prop::collection::btree_set(1i8..28, 0..4),
    ) {
        let closed = |days: &BTreeSet<i8>| days.iter().map(|d| (date(2026, 11, *d), date(2026, 11, *d))).collect::<Vec<_>>();
        let rules = RecheckRules { blackout: closed(&everywhere), ..RecheckRules::default() };
        let plan = Plan { blackout: closed(&blackout), ..plan(&[(3, first), (9, 100)], capacity) };
        let mut rollout = draft("true", plan).unwrap();
        rollout.start(Timestamp::UNIX_EPOCH).unwrap();
        let members: BTreeMap<u32, u8> = (0..members).map(|n| (n, rollout.place(&n.to_string()))).collect();
        let (mut kept, mut day) = (Kept::new(), date(2026, 11, 1));
        let mut days_ahead = |acts: Vec<Act>, rollout: &mut Rollout, kept: &mut Kept| -> Result<(), TestCaseError> {
            for act in acts {
                let before = kept.clone();
                match act {
                    Act::Run(chunk) => *kept = run(rollout, &members, kept, day, chunk, &rules),
                    Act::Crash(chunk) => drop(run(rollout, &members, kept, day, chunk, &rules)),
                    Act::NextDay => day = day.tomorrow().unwrap(),
                    Act::Pause => drop(rollout.pause()),
                    Act::Resume => drop(rollout.resume()),
                }
                prop_assert!(before.iter().all(|(n, on)| kept.get(n) == Some(on)), "somebody was asked twice");
                if rollout.status != RolloutStatus::Started {
                    prop_assert_eq!(&before, &*kept, "a paused rollout asked");
                }
            }
            Ok(())
        };
        days_ahead(acts, &mut rollout, &mut kept)?;
        let resumed = [Act::Resume].into_iter();
        let rest = (0..120).flat_map(|_| [Act::Run(8), Act::Run(8), Act::NextDay]);
        days_ahead(resumed.chain(rest).collect(), &mut rollout, &mut kept)?;
        for (n, on) in &kept {
            prop_assert!(!blackout.contains(&on.day()) || on.month() != 11, "asked in a promotion");
            prop_assert!(!everywhere.contains(&on.day()) || on.month() != 11, "asked in a promotion of all");
            prop_assert!(*on >= date(2026, 11, 3) && (*on >= date(2026, 11, 9) || members[n] < first), "too early");
        }
        let mut by_day = BTreeMap::new();
        kept.values().for_each(|on| *by_day.entry(*on).or_insert(0u32) += 1);
        prop_assert!(by_day.values().all(|many| *many <= capacity), "over capacity");
        prop_assert_eq!(kept.len(), members.len(), "not all were asked");
    }
}

proptest! {
    #![proptest_config(histories(200))]

    #[test]
    fn what_was_forecast_is_what_happens(
        members in 0u32..200, capacity in 1u32..30, first in 1u8..100, from in 1i8..12,
        blackout in prop::collection::btree_set(1i8..28, 0..10),
    ) {
        let rules = RecheckRules::default();
        let blackout = blackout.iter().map(|d| (date(2026, 11, *d), date(2026, 11, *d))).collect();
        let plan = Plan { blackout, ..plan(&[(3, first), (9, 100)], capacity) };
        let mut rollout = draft("true", plan).unwrap();
        rollout.start(Timestamp::UNIX_EPOCH).unwrap();
        let members: BTreeMap<u32, u8> = (0..members).map(|n| (n, rollout.place(&n.to_string()))).collect();
        let mut waiting = Waiting::new();
        members.values().for_each(|place| *waiting.entry(*place).or_insert(0) += 1);
        let mut day = date(2026, 11, from);
        let ahead: BTreeMap<Date, u32> = forecast(&rollout.plan, day, 0, &waiting, &rules).into_iter().collect();
        let mut kept = Kept::new();
        for _ in 0..240 {
            for _ in 0..4 {
                kept = run(&rollout, &members, &kept, day, 8, &rules);
            }
            day = day.tomorrow().unwrap();
        }
        let mut happened = BTreeMap::new();
        kept.values().for_each(|on| *happened.entry(*on).or_insert(0u32) += 1);
        prop_assert_eq!(ahead, happened);
    }
}
