//! Rules of re-checks by examples, random histories, and ten simulated years.

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::plan::{self, Load, choose};
use super::*;
use crate::histories::histories;

fn rules() -> RecheckRules {
    RecheckRules::default()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-03-01T12:00:00+08:00")
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn session(n: u16) -> SessionId {
    let [a, b] = n.to_be_bytes();
    SessionId::new(noon(), [a, b, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn begun() -> Rechecks {
    Rechecks::begin("42".into(), session(0), rules().latest(noon()), &rules(), noon()).0
}

fn of(session: SessionId, begun_at: Timestamp) -> Verification {
    Verification { session, begun_at, action: None }
}

fn names(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|e| e.happened.name()).collect()
}

#[test]
fn six_months_end_on_the_last_day_of_a_shorter_month() {
    let rules = RecheckRules { every_days: 184, ..rules() };
    for (passed, latest) in [
        ("2025-08-31T09:00:00+08:00", "2026-02-28T09:00:00+08:00"),
        ("2026-03-31T09:00:00+08:00", "2026-09-30T09:00:00+08:00"),
        // 184 days before six months of 184 days.
        ("2026-03-01T09:00:00+08:00", "2026-09-01T09:00:00+08:00"),
    ] {
        assert_eq!(rules.latest(at(passed)), at(latest), "{passed}");
    }
    // 180 days are sooner than any six months.
    assert_eq!(self::rules().latest(noon()), noon() + days(180));
}

#[test]
fn it_is_asked_for_fourteen_days_before_reminded_of_and_restricts_when_it_is_missed() {
    let mut shop = begun();
    let due = noon() + days(180);
    assert_eq!(shop.tick(&rules(), due - days(14) - SignedDuration::from_secs(1)), []);
    let events = shop.tick(&rules(), due + days(30));
    let moments: Vec<_> = events.iter().map(|e| (e.happened.name(), e.at)).collect();
    assert_eq!(
        moments,
        [
            ("recheck.asked", due - days(14)),
            ("recheck.reminded", due - days(7)),
            ("recheck.reminded", due - days(3)),
            ("recheck.reminded", due - days(1)),
            ("recheck.restricted", due),
        ]
    );
    assert_eq!(shop.restricted, Some(due));
    assert_eq!(shop.next_deadline(&rules()), None);
    let now = due + days(31);
    let events = shop.pass(of(session(1), now), now + days(170), &rules(), now).unwrap();
    assert_eq!(names(&events), ["recheck.passed", "recheck.planned"]);
    assert_eq!((shop.restricted, &shop.asked, shop.due), (None, &None, now + days(170)));
}

#[test]
fn passing_unasked_counts_and_nothing_is_planned_behind_six_months() {
    let mut shop = begun();
    let now = noon() + days(40);
    let late = rules().latest(now) + SignedDuration::from_secs(1);
    assert_eq!(shop.pass(of(session(1), now), late, &rules(), now), Err(RecheckRefusal::TooLate));
    assert_eq!(shop, begun());
    shop.pass(of(session(1), now), rules().latest(now), &rules(), now).unwrap();
    assert_eq!(
        shop.pass(of(session(1), now), now, &rules(), now),
        Err(RecheckRefusal::DoesNotCount),
        "the same one counts once"
    );
}

#[test]
fn bad_records_add_checks_by_their_weight_on_days_that_nobody_knows() {
    let rules = RecheckRules { weights: [("late".into(), 40), ("fraud".into(), 250)].into(), ..rules() };
    let mut shop = begun();
    shop.bad_record("late", || 0, &rules, noon());
    shop.bad_record("late", || 0, &rules, noon());
    assert_eq!((shop.drawn.len(), shop.weight), (0, 80));
    shop.bad_record("late", || u64::MAX / 2, &rules, noon());
    assert_eq!((shop.drawn.len(), shop.weight), (1, 20));
    let mut chance = [0, u64::MAX].into_iter();
    shop.bad_record("fraud", || chance.next().unwrap(), &rules, noon());
    assert_eq!((shop.drawn.len(), shop.weight), (3, 70));
    assert_eq!(shop.drawn[0], noon() + SignedDuration::from_secs(1));
    assert_eq!(shop.drawn[2], noon() + days(30));
    assert_eq!(shop.next_deadline(&rules), Some(shop.drawn[0]), "a drawn day is told to nobody, and kept");
}

#[test]
fn drawn_moments_are_spread_over_the_whole_window() {
    let mut counts = [0u32; 30];
    for n in 0..30_000u64 {
        // A Weyl sequence: spread evenly, so that the map from bits to days is what is tested.
        let moment = rules().drawn(n.wrapping_mul(0x9e37_79b9_7f4a_7c15), noon());
        let second = moment.duration_since(noon()).as_secs() - 1;
        counts[usize::try_from(second / 86_400).unwrap()] += 1;
    }
    assert!(counts.iter().all(|c| (900..=1100).contains(c)), "{counts:?}");
}

#[test]
fn a_check_on_a_drawn_day_takes_a_verification_begun_after_it_was_asked_for() {
    let mut shop = begun();
    shop.bad_record("any", || u64::MAX / 2, &rules(), noon());
    let asked = shop.drawn[0];
    let now = asked + days(1);
    assert_eq!(names(&shop.tick(&rules(), now)), ["recheck.asked"]);
    let due = rules().latest(now);
    let before = of(session(1), asked - SignedDuration::from_secs(1));
    assert_eq!(shop.pass(before, due, &rules(), now), Err(RecheckRefusal::DoesNotCount));
    let events = shop.pass(of(session(1), asked), due, &rules(), now).unwrap();
    let Happened::Passed { why, .. } = &events[0].happened else { panic!("{events:?}") };
    assert_eq!(*why, Some(Why::Unscheduled));
}

#[test]
fn before_an_action_a_check_is_bound_to_it_and_one_at_a_time() {
    let mut shop = begun();
    let events = shop.ask_for("live:room-7", &rules(), noon()).unwrap();
    let why = Why::Action("live:room-7".into());
    let due = noon() + SignedDuration::from_mins(30);
    assert_eq!(events[0].happened, Happened::Asked { why: why.clone(), due });
    assert_eq!(shop.ask_for("live:room-7", &rules(), noon()).unwrap(), [], "the same one twice is one");
    assert_eq!(shop.ask_for("live:room-8", &rules(), noon()), Err(RecheckRefusal::AlreadyAsked));
    for wrong in ["", "a\nb", &"播".repeat(129)] {
        assert_eq!(shop.ask_for(wrong, &rules(), noon()), Err(RecheckRefusal::Action));
    }
    let now = noon() + SignedDuration::from_mins(5);
    let events = shop.pass(of(session(1), now), rules().latest(now), &rules(), now).unwrap();
    assert_eq!(events[0].happened, Happened::Passed { session: session(1), why: Some(why) });
    shop.ask_for("live:room-8", &rules(), now).unwrap();
}

#[test]
fn while_it_is_looked_at_its_time_stands_still_and_a_refusal_leaves_a_day_once() {
    let mut shop = begun();
    let due = noon() + days(180);
    let last = due - SignedDuration::from_mins(10);
    shop.tick(&rules(), last);
    let events = shop.submitted(&of(session(1), last), &rules(), last);
    assert_eq!(names(&events), ["recheck.submitted"]);
    assert_eq!((shop.next_deadline(&rules()), shop.tick(&rules(), due + days(9))), (None, vec![]));
    let mut passed = shop.clone();
    passed.pass(of(session(1), last), rules().latest(due + days(9)), &rules(), due + days(9)).unwrap();
    assert_eq!((passed.restricted, &passed.asked), (None, &None));
    // Refused, a day is left; the second time what was left of it, and a stranger's refusal is nothing.
    let now = due + days(9);
    assert_eq!(shop.refused(&session(2), &rules(), now), []);
    let refused = |session, due| Happened::Refused { session, due };
    let events = shop.refused(&session(1), &rules(), now);
    assert_eq!(events[0].happened, refused(session(1), now + days(1)));
    let again = now + SignedDuration::from_hours(23);
    shop.submitted(&of(session(2), again), &rules(), again);
    let hour = SignedDuration::from_hours(1);
    let events = shop.refused(&session(2), &rules(), again + days(2));
    assert_eq!(events[0].happened, refused(session(2), again + days(2) + hour));
    let events = shop.tick(&rules(), again + days(30));
    assert_eq!((names(&events), events[0].at), (vec!["recheck.restricted"], again + days(2) + hour));
    // What was missed is missed.
    assert_eq!(shop.submitted(&of(session(3), now), &rules(), again + days(31)), []);
}

#[test]
fn of_two_that_are_looked_at_the_last_one_lets_time_run() {
    let mut shop = begun();
    let asked = noon() + days(170);
    shop.submitted(&of(session(1), asked), &rules(), asked);
    shop.submitted(&of(session(2), asked), &rules(), asked + days(1));
    assert_eq!(shop.refused(&session(1), &rules(), asked + days(20)), []);
    let events = shop.refused(&session(2), &rules(), asked + days(30));
    let due = asked + days(30) + days(10);
    assert_eq!(events[0].happened, Happened::Refused { session: session(2), due });
    // Those whose moments went by meanwhile are not told late.
    let told = shop.tick(&rules(), due);
    assert_eq!(
        names(&told),
        ["recheck.reminded", "recheck.reminded", "recheck.reminded", "recheck.restricted"]
    );
    assert_eq!(told[0].at, due - days(7));
}

#[test]
fn an_action_that_nobody_verifies_for_is_denied_and_what_was_asked_before_is_asked_again() {
    let mut shop = begun();
    let mut idle = shop.clone();
    idle.ask_for("live:room-7", &rules(), noon()).unwrap();
    let due = noon() + SignedDuration::from_mins(30);
    let denied = Happened::Denied { action: "live:room-7".into() };
    assert_eq!(idle.tick(&rules(), noon() + days(1)), [Event { at: due, happened: denied.clone() }]);
    assert_eq!((&idle.asked, idle.restricted), (&None, None));
    let restrict = RecheckRules { action_missed: ActionMissed::Restrict, ..rules() };
    let mut strict = shop.clone();
    strict.ask_for("live:room-7", &restrict, noon()).unwrap();
    assert_eq!(names(&strict.tick(&restrict, due)), ["recheck.restricted"]);
    // Over one that is asked for, which is not forgotten by it.
    let now = noon() + days(179);
    shop.tick(&rules(), now);
    shop.ask_for("live:room-7", &rules(), now).unwrap();
    let events = shop.tick(&rules(), noon() + days(200));
    assert_eq!(names(&events), ["recheck.denied", "recheck.restricted"]);
    assert_eq!(events[1].at, noon() + days(180));
    // Missed, an action can still be asked for, and ends by itself.
    shop.ask_for("live:room-8", &rules(), noon() + days(201)).unwrap();
    assert_eq!(names(&shop.tick(&rules(), noon() + days(202))), ["recheck.denied"]);
    assert_eq!(shop.restricted, Some(noon() + days(180)));
}

#[test]
fn a_review_outlasts_an_actions_half_hour_and_another_actions_session_does_nothing_for_it() {
    let mut shop = begun();
    shop.ask_for("live:room-7", &rules(), noon()).unwrap();
    let now = noon() + SignedDuration::from_mins(20);
    let other = Verification { action: Some("live:room-8".into()), ..of(session(1), now) };
    assert_eq!(shop.submitted(&other, &rules(), now), []);
    let late = rules().latest(now);
    assert_eq!(shop.pass(other, late, &rules(), now), Err(RecheckRefusal::DoesNotCount));
    let own = Verification { action: Some("live:room-7".into()), ..of(session(2), now) };
    assert_eq!(names(&shop.submitted(&own, &rules(), now)), ["recheck.submitted"]);
    let mut refused = shop.clone();
    let later = now + days(2);
    let again = later + SignedDuration::from_mins(30);
    let events = refused.refused(&session(2), &rules(), later);
    assert_eq!(events[0].happened, Happened::Refused { session: session(2), due: again });
    assert_eq!(names(&refused.tick(&rules(), again)), ["recheck.denied"]);
    let events = shop.pass(own, rules().latest(later), &rules(), later).unwrap();
    let why = Some(Why::Action("live:room-7".into()));
    assert_eq!(events[0].happened, Happened::Passed { session: session(2), why });
}

#[test]
fn what_was_handed_in_before_an_action_was_asked_for_does_what_was_asked_before_it() {
    let mut shop = begun();
    let asked = noon() + days(170);
    shop.submitted(&of(session(1), asked), &rules(), asked);
    let now = asked + days(15);
    shop.ask_for("live:room-7", &rules(), now).unwrap();
    let due = shop.asked.as_ref().map(|a| a.due);
    assert_eq!(due, Some(now + SignedDuration::from_mins(30)), "what is looked at presses nobody");
    let now = now + SignedDuration::from_mins(10);
    let events = shop.pass(of(session(1), asked), rules().latest(now), &rules(), now).unwrap();
    let why = Some(Why::Scheduled);
    assert_eq!(events[0].happened, Happened::Passed { session: session(1), why });
    assert_eq!(names(&shop.tick(&rules(), now + days(1))), ["recheck.denied"]);
    assert_eq!((shop.restricted, &shop.asked), (None, &None));
}

#[test]
fn rules_are_read_over_the_defaults_and_checked() {
    let text = "every_days = 90\nblackout = [[\"2026-11-01\", \"2026-11-12\"]]\n[weights]\nfraud = 300\n";
    let read = RecheckRules::from_toml(text).unwrap();
    assert_eq!((read.every_days, read.weight_of("fraud"), read.weight_of("late")), (90, 300, 100));
    assert_eq!(RecheckRules::from_toml("").unwrap(), rules());
    for wrong in [
        "every_days = 185",
        "every_days = 0",
        "ask_days_before = 180",
        "spread_days = 170",
        "capacity = 0",
        "threshold = 0",
        "blackout = [[\"2026-11-12\", \"2026-11-01\"]]",
        "window_days = 0",
        "action_minutes = 1",
        "refused_hours = 169",
        "action_missed = \"shrug\"",
        "zone = \"Mars\"",
        "every = 1",
        "blocks = [\"everything\"]",
    ] {
        assert!(RecheckRules::from_toml(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_planner_spreads_leaves_promotions_out_and_takes_heavier_records_first() {
    let passed = noon();
    let latest = date(2026, 8, 28);
    assert_eq!(plan::window(passed, 0, &rules()), (date(2026, 7, 29), latest));
    assert_eq!(plan::window(passed, 100, &rules()).1, date(2026, 8, 13));
    assert_eq!(plan::window(passed, 9000, &rules()), (date(2026, 7, 29), date(2026, 7, 29)));
    let mut load = Load::new();
    assert_eq!(choose(passed, 0, &load, &rules()).day, latest);
    load.insert(latest, 1);
    assert_eq!(choose(passed, 0, &load, &rules()).day, date(2026, 8, 27));
    let promotion = vec![(date(2026, 8, 20), date(2026, 8, 31))];
    let with = |blackout| RecheckRules { blackout, ..rules() };
    assert_eq!(choose(passed, 0, &load, &with(promotion)).day, date(2026, 8, 19));
    // All of the window: the nearest day before it. Everything: late is worse.
    let month = vec![(date(2026, 7, 20), date(2026, 8, 31))];
    assert_eq!(choose(passed, 0, &load, &with(month)).day, date(2026, 7, 19));
    let ever = vec![(date(2020, 1, 1), date(2030, 1, 1))];
    assert_eq!(choose(passed, 0, &load, &with(ever)).day, date(2026, 7, 29));
    let one = RecheckRules { capacity: 1, spread_days: 1, ..rules() };
    load.insert(date(2026, 8, 27), 1);
    let chosen = choose(passed, 0, &load, &one);
    assert!(chosen.over && chosen.due <= rules().latest(passed));
    let ahead = plan::forecast(date(2026, 8, 26), latest, &load, &with(vec![(latest, latest)]));
    let told: Vec<_> = ahead.iter().map(|f| (f.due, f.capacity)).collect();
    assert_eq!(told, [(0, 1000), (1, 1000), (1, 0)]);
}

/// Ten years of ten thousand shops that verify some day after they were asked, one in twenty of them too late; bad records
/// by chance, promotions each year. Small numbers of chance: splitmix64, from a fixed seed.
#[test]
fn in_ten_years_of_ten_thousand_shops_none_is_planned_late_and_no_day_takes_more_than_it_can() {
    const SHOPS: u32 = 10_000;
    let years = 2026i16..2038;
    let blackout =
        years.clone().flat_map(|y| [(date(y, 6, 10), date(y, 6, 20)), (date(y, 11, 1), date(y, 11, 12))]);
    let rules = RecheckRules { blackout: blackout.collect(), capacity: 160, ..rules() };
    let mut seed = 20_261_123u64;
    let mut chance = move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let begin = at("2026-01-01T00:00:00+08:00");
    let end = begin + days(3653);
    let (mut load, mut ever) = (Load::new(), Load::new());
    let mut take = |load: &mut Load, day: Date| {
        *load.entry(day).or_default() += 1;
        *ever.entry(day).or_default() += 1;
    };
    // Everybody in the order of what happens next: in each step one is asked, and verifies.
    let mut queue = std::collections::BTreeMap::new();
    for n in 0..SHOPS {
        // They joined in the course of half a year.
        let now = begin + SignedDuration::from_secs((chance() % (180 * 86_400)) as i64);
        queue.insert((now, n), None::<(Rechecks, Date)>);
    }
    let (mut checks, mut missed, mut over) = (0u32, 0u32, 0u32);
    while let Some(((now, n), shop)) = queue.pop_first() {
        if now >= end {
            continue;
        }
        let weight = shop.as_ref().map_or(0, |(s, _)| s.weight);
        let chosen = choose(now, weight, &load, &rules);
        assert!(chosen.due <= rules.latest(now), "planned late");
        assert!(!plan::is_blackout(chosen.day, &rules), "{} is a day of a promotion", chosen.day);
        over += u32::from(chosen.over);
        let [a, b, c, d] = n.to_be_bytes();
        let id = SessionId::new(now, [a, b, c, d, 0, 0, 0, 0, 0, 0]);
        let mut shop = match shop {
            None => Rechecks::begin(n.to_string(), id, chosen.due, &rules, now).0,
            Some((mut shop, day)) => {
                *load.get_mut(&day).unwrap() -= 1;
                let before = shop.passed.as_ref().unwrap().1;
                let events = shop.pass(of(id, now), chosen.due, &rules, now).unwrap();
                let late = events.iter().any(|e| matches!(e.happened, Happened::Restricted));
                missed += u32::from(late);
                // Whoever has not verified within six months has been asked in time, and is restricted from that very moment.
                assert_eq!(now > rules.latest(before), late && now > rules.latest(before));
                checks += 1;
                shop
            }
        };
        take(&mut load, chosen.day);
        if chance() % 8 == 0 {
            shop.bad_record("any", &mut chance, &rules, now);
        }
        let asked = shop.next_deadline(&rules).unwrap();
        let scheduled = asked == rules.asks_at(shop.due);
        let has = if scheduled { 14 } else { 3 };
        let takes = SignedDuration::from_secs((chance() % (has * 86_400)) as i64);
        let late = if chance() % 20 == 0 { days(has as i64) } else { SignedDuration::ZERO };
        queue.insert(((asked + takes + late).max(now), n), Some((shop, chosen.day)));
    }
    assert!(checks > 190_000, "{checks} checks");
    assert!(missed > checks / 40, "{missed} of {checks} were missed: the test did not try it");
    assert_eq!(over, 0, "a day took more than its capacity");
    let busiest = ever.values().max().copied().unwrap();
    let usual = checks / 3653;
    assert!(busiest < 6 * usual, "{busiest} on the busiest day, {usual} on the average one");
}

#[derive(Clone, Debug)]
enum Command {
    Tick,
    Pass { fresh: bool, sooner: i64 },
    Bad { weight: u8, chance: u64 },
    Action(u8),
    Submit { fresh: bool },
    Refuse,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => Just(Command::Tick),
        3 => (any::<bool>(), 0i64..60).prop_map(|(fresh, sooner)| Command::Pass { fresh, sooner }),
        2 => (0u8..4, any::<u64>()).prop_map(|(weight, chance)| Command::Bad { weight, chance }),
        1 => (0u8..3).prop_map(Command::Action),
        2 => any::<bool>().prop_map(|fresh| Command::Submit { fresh }),
        2 => Just(Command::Refuse),
    ]
}

/// Steps of minutes, days and months; some land exactly on a deadline.
fn wait() -> impl Strategy<Value = SignedDuration> {
    prop_oneof![
        (0i64..90).prop_map(SignedDuration::from_mins),
        (0i64..20).prop_map(days),
        (0i64..200).prop_map(days),
        Just(days(166)),
        Just(days(14)),
        Just(days(3)),
    ]
}

proptest! {
    #![proptest_config(histories(10_000))]

    #[test]
    fn no_recheck_is_missed_or_doubled_in_any_history(steps in prop::collection::vec((wait(), command()), 1..25)) {
        let rules = rules();
        let (mut shop, mut now, mut last) = (begun(), noon(), noon());
        // What is asked for and by when, the latest last, and whether it was missed, told over from the events alone; and
        // what is looked at.
        let (mut asked, mut missed) = (Vec::<(Timestamp, Why)>::new(), false);
        let mut looked_at = std::collections::BTreeSet::new();
        for (n, (wait, command)) in steps.iter().enumerate() {
            now += *wait;
            let before = shop.clone();
            let done = match command {
                Command::Tick => Ok(shop.tick(&rules, now)),
                Command::Pass { fresh, sooner } => {
                    let began = if *fresh { now } else { now - days(200) };
                    let due = rules.latest(now) - days(*sooner);
                    shop.pass(of(session(1 + u16::try_from(n).unwrap()), began), due, &rules, now)
                }
                Command::Bad { weight, chance } => {
                    let rules = RecheckRules { weight: 50 * u32::from(*weight), ..rules.clone() };
                    Ok(shop.bad_record("any", || *chance, &rules, now))
                }
                Command::Action(action) => shop.ask_for(&action.to_string(), &rules, now),
                Command::Submit { fresh } => {
                    let began = if *fresh { now } else { now - days(200) };
                    Ok(shop.submitted(&of(session(1000 + u16::try_from(n).unwrap()), began), &rules, now))
                }
                Command::Refuse => {
                    // Whatever was handed in last; nothing, where nothing was.
                    let last = looked_at.last().cloned().unwrap_or_else(|| session(999));
                    Ok(shop.refused(&last, &rules, now))
                }
            };
            let Ok(events) = done else {
                prop_assert_eq!(&shop, &before);
                continue;
            };
            for event in &events {
                prop_assert!(last <= event.at && event.at <= now, "{:?}", event);
                last = event.at;
                match &event.happened {
                    Happened::Planned => {}
                    Happened::Asked { why, due } => {
                        prop_assert!(asked.is_empty() || matches!(why, Why::Action(_)), "asked twice");
                        prop_assert!(*due >= event.at && asked.len() < 2);
                        asked.push((*due, why.clone()));
                    }
                    Happened::Reminded { .. } => {
                        prop_assert!(!missed && asked.last().is_some_and(|(due, _)| event.at < *due));
                    }
                    Happened::Submitted { session } => {
                        prop_assert!(!asked.is_empty());
                        looked_at.insert(session.clone());
                    }
                    Happened::Refused { session, due } => {
                        prop_assert!(looked_at.contains(session) && *due > event.at);
                        let outer = shop.asked.as_ref().unwrap();
                        prop_assert_eq!(outer.due, *due);
                        // How long it stood still is told by the examples above.
                        let inner = outer.before.as_ref().map(|b| (b.due, b.why.clone()));
                        asked = inner.into_iter().chain([(*due, outer.why.clone())]).collect();
                    }
                    Happened::Denied { .. } => {
                        let (due, why) = asked.pop().unwrap();
                        prop_assert!(due == event.at && matches!(why, Why::Action(_)), "at another moment");
                    }
                    Happened::Restricted => {
                        prop_assert!(!missed);
                        prop_assert!(asked.last().is_some_and(|(due, _)| *due == event.at), "at another moment");
                        missed = true;
                    }
                    Happened::Passed { why, .. } => {
                        // By the latest one everything is done; by another one, that one.
                        if why.as_ref() == asked.last().map(|(_, why)| why) {
                            asked.clear();
                        } else {
                            prop_assert_eq!(why.as_ref(), Some(&asked.remove(0).1));
                            prop_assert_eq!(asked.len(), 1);
                        }
                        missed = false;
                    }
                }
            }
            prop_assert_eq!(missed, shop.restricted.is_some());
            let held = |a: &Asked| a.held.as_ref().is_some_and(|h| !h.by.is_empty());
            let stands_still = shop.asked.as_ref().is_some_and(held);
            looked_at.retain(|s| {
                let by = |a: &Asked| a.held.as_ref().is_some_and(|h| h.by.contains(s));
                shop.asked.as_ref().is_some_and(|a| by(a) || a.before.as_deref().is_some_and(by))
            });
            let noticed = missed || stands_still || asked.last().is_none_or(|(due, _)| now < *due);
            prop_assert!(noticed, "missed, and nobody noticed");
            prop_assert_eq!(asked.last().map(|(_, why)| why), shop.asked.as_ref().map(|a| &a.why));
            let passed = shop.passed.as_ref().map(|p| p.1);
            prop_assert!(passed.is_none_or(|at| shop.due <= rules.latest(at)), "later than six months");
            prop_assert!(!asked.is_empty() || now < rules.asks_at(shop.due), "not asked in time");
            let json = serde_json::to_string(&shop).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Rechecks>(&json).unwrap(), &shop);
        }
    }

    #[test]
    fn how_often_anybody_looks_makes_no_difference(
        steps in prop::collection::vec((wait(), command()), 1..15), looks in prop::collection::vec(0i32..100, 0..6),
    ) {
        let rules = rules();
        let (mut lazy, mut eager) = (begun(), begun());
        let (mut seldom, mut often, mut now) = (vec![], vec![], noon());
        for (wait, command) in &steps {
            for look in &looks {
                let between = now + *wait * *look / 100;
                if between >= eager.as_of {
                    often.extend(eager.tick(&rules, between));
                }
            }
            now += *wait;
            for (shop, events) in [(&mut lazy, &mut seldom), (&mut eager, &mut often)] {
                events.extend(match command {
                    Command::Bad { chance, .. } => shop.bad_record("any", || *chance, &rules, now),
                    Command::Action(action) => shop.ask_for(&action.to_string(), &rules, now).unwrap_or_default(),
                    Command::Submit { fresh } => {
                        let began = if *fresh { now } else { now - days(200) };
                        shop.submitted(&of(session(7), began), &rules, now)
                    }
                    Command::Refuse => shop.refused(&session(7), &rules, now),
                    Command::Tick | Command::Pass { .. } => shop.tick(&rules, now),
                });
            }
        }
        seldom.extend(lazy.tick(&rules, now));
        often.extend(eager.tick(&rules, now));
        prop_assert_eq!(seldom, often);
        prop_assert_eq!(lazy, eager);
    }

    #[test]
    fn wherever_it_is_planned_it_is_never_late_and_never_before_the_last_one(
        passed in 0i64..4000, weight in 0u32..1000, busy in prop::collection::btree_map(0i64..60, 0u32..5, 0..40),
        promotion in (0i64..240, 0i64..400),
    ) {
        let now = noon() + days(passed);
        let day = |n: i64| (now + days(n)).to_zoned(rules().time_zone()).date();
        let load: Load = busy.into_iter().map(|(n, many)| (day(130 + n), many)).collect();
        let blackout = vec![(day(promotion.0), day(promotion.0 + promotion.1))];
        let rules = RecheckRules { capacity: 2, blackout, ..rules() };
        let chosen = choose(now, weight, &load, &rules);
        prop_assert!(chosen.due <= rules.latest(now));
        prop_assert!(chosen.due > now);
        prop_assert_eq!(chosen.over, load.get(&chosen.day).is_some_and(|many| *many >= 2));
    }
}
