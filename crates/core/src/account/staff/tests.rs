use std::collections::BTreeSet;

use jiff::{SignedDuration, ToSpan as _};
use proptest::prelude::*;

use super::*;
use crate::account::claim::{Claim, Claimed};
use crate::histories::histories;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn noon() -> Timestamp {
    at("2026-09-01T12:00:00+08:00")
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn session(n: u8) -> SessionId {
    SessionId::new(noon(), [n; 10])
}

fn new(temporary: bool) -> NewStaff {
    NewStaff {
        id: "42:7".into(),
        shop: "42".into(),
        shop_type: "c".into(),
        name: "客服小王".into(),
        role: Role::CustomerService,
        temporary,
    }
}

fn passed(n: u8) -> Passed {
    let tag = |what: &str| Tag(format!("{what}{n}"));
    Passed { session: session(n), identity: tag("id"), phone: tag("phone"), assisted: false, replaces: None }
}

fn rules() -> StaffRules {
    StaffRules::default()
}

fn fresh() -> Staff {
    Staff::create(new(false), &rules(), noon()).unwrap().0
}

fn asked() -> Staff {
    let mut staff = fresh();
    staff.ask(&rules(), noon()).unwrap();
    staff
}

fn names(done: &Done) -> Vec<&'static str> {
    let name = |e: &Event| e.happened.name().trim_start_matches("staff.");
    done.events.iter().map(name).collect()
}

#[test]
fn staff_account_freezes_seven_days_after_it_was_asked_and_is_reminded_before() {
    let mut staff = asked();
    let just_before = noon() + hours(168) - SignedDuration::from_millis(1);
    assert!(staff.works(just_before));
    assert!(!staff.works(noon() + hours(168)));
    let done = staff.tick(&rules(), noon() + hours(1000)).unwrap();
    assert_eq!(names(&done), ["reminded", "reminded", "frozen"]);
    assert_eq!(
        done.events.iter().map(|e| e.at).collect::<Vec<_>>(),
        [96, 144, 168].map(|h| noon() + hours(h))
    );
    assert_eq!(staff.standing, Standing::Frozen { since: noon() + hours(168) });
    assert_eq!(staff.tick(&rules(), noon() + hours(2000)).unwrap(), Done::default());
}

#[test]
fn the_clock_stands_still_during_review_and_a_refusal_leaves_a_day() {
    for (submitted, refused, freezes) in [(10, 500, 500 + 158), (150, 160, 160 + 24), (167, 900, 900 + 24)] {
        let mut staff = asked();
        staff.submit(session(1), &rules(), noon() + hours(submitted)).unwrap();
        assert_eq!(staff.next_deadline(&rules()), None);
        assert!(staff.works(noon() + hours(refused)));
        staff.refuse(session(1), &rules(), noon() + hours(refused)).unwrap();
        let Standing::Asked(countdown) = staff.standing else { panic!("{:?}", staff.standing) };
        assert_eq!(countdown.end(), Some(noon() + hours(freezes)), "{submitted}");
    }
}

#[test]
fn a_lift_lasts_two_days_is_recorded_and_can_be_limited() {
    let limited = StaffRules { most_lifts: Some(2), ..rules() };
    let mut staff = asked();
    assert_eq!(staff.lift(Actor::Owner, &limited, noon() + hours(167)), Err(Refusal::NotFrozen));
    for n in 0..2 {
        let now = noon() + hours(200 + 100 * n);
        let done = staff.lift(Actor::Owner, &limited, now).unwrap();
        assert_eq!(names(&done).last(), Some(&"lifted"));
        assert!(staff.works(now + hours(47)) && !staff.works(now + hours(48)));
    }
    let refused = staff.lift(Actor::Owner, &limited, noon() + hours(400));
    assert_eq!(refused, Err(Refusal::NoLiftsLeft(2)));
    assert_eq!(staff.lifts.len(), 2);
    for n in 0..20 {
        staff.lift(Actor::Owner, &rules(), noon() + hours(500 + 100 * n)).unwrap();
    }
}

#[test]
fn a_frozen_account_can_verify_and_passing_unfreezes_it() {
    let mut staff = asked();
    let now = noon() + hours(300);
    staff.submit(session(1), &rules(), now).unwrap();
    assert!(!staff.works(now));
    staff.refuse(session(1), &rules(), now).unwrap();
    assert!(!staff.works(now));
    staff.submit(session(2), &rules(), now).unwrap();
    staff.pass(passed(2), &rules(), now).unwrap();
    assert!(
        staff.works(now + hours(24 * 180 - 1)) && !staff.works(now + hours(24 * 180)),
        "until a re-check is missed"
    );
}

#[test]
fn unbinding_keeps_the_account_starts_seven_days_and_lets_the_claims_go() {
    let mut staff = asked();
    staff.submit(session(1), &rules(), noon()).unwrap();
    let made = staff.pass(passed(1), &rules(), noon()).unwrap().claims;
    let claim = |of, tag: &str| Claim { scope: "shop:42".into(), of, tag: Tag(tag.into()) };
    let both = [claim(Claimed::Identity, "id1"), claim(Claimed::Phone, "phone1")];
    assert_eq!(made, both.clone().map(ClaimChange::Make));
    let later = noon() + hours(1000);
    let done = staff.unbind(Actor::Owner, &rules(), later).unwrap();
    assert_eq!(names(&done), ["unbound", "asked"]);
    assert_eq!(done.claims, both.map(ClaimChange::Release));
    assert_eq!((staff.name.as_str(), staff.role), ("客服小王", Role::CustomerService));
    assert_eq!(staff.next_deadline(&rules()), Some(later + hours(96)));
    assert_eq!(staff.unbind(Actor::Owner, &rules(), later), Err(Refusal::NobodyBound));
}

/// Verified at [`noon`].
fn bound() -> Staff {
    let mut staff = asked();
    staff.submit(session(1), &rules(), noon()).unwrap();
    staff.pass(passed(1), &rules(), noon()).unwrap();
    staff
}

fn day(n: i64) -> Timestamp {
    noon() + hours(24 * n)
}

#[test]
fn a_rollout_asks_who_is_bound_for_so_many_days_and_never_beyond_the_scheduled_re_check() {
    let mut staff = bound();
    let done = staff.ask_by_rollout(10, &rules(), day(1)).unwrap();
    let again = |freezes_at| Happened::RecheckAsked { why: RecheckWhy::Rollout, freezes_at };
    assert_eq!(done.events, [Event { at: day(1), happened: again(day(11)) }]);
    assert_eq!(staff.ask_by_rollout(10, &rules(), day(2)), Err(Refusal::AlreadyAsked));
    staff.submit(session(2), &rules(), day(3)).unwrap();
    staff.pass(Passed { session: session(2), ..passed(1) }, &rules(), day(3)).unwrap();
    assert_eq!(staff.next_deadline(&rules()), Some(day(3 + 166)), "the next one is scheduled from now on");
    // The scheduled one is due on day 180: a rollout on day 160 leaves 20 days, however many it gives.
    let mut late = bound();
    let done = late.ask_by_rollout(90, &rules(), day(160)).unwrap();
    assert_eq!(done.events.last().map(|e| &e.happened), Some(&again(day(180))));
    for days in [0, 366] {
        assert_eq!(bound().ask_by_rollout(days, &rules(), day(1)), Err(Refusal::RecheckHours));
    }
    assert_eq!(asked().ask_by_rollout(10, &rules(), noon()), Err(Refusal::NobodyBound));
    let exempt = StaffRules { exempt: [("c2c".to_owned(), None)].into(), ..rules() };
    let of_type = Staff { shop_type: "c2c".to_owned(), ..bound() };
    assert_eq!(of_type.clone().ask_by_rollout(10, &exempt, day(1)), Err(Refusal::Exempt(None)));
}

#[test]
fn who_is_bound_is_asked_after_166_days_and_frozen_after_180_unless_they_pass_again() {
    let mut missed = bound();
    assert_eq!(missed.next_deadline(&rules()), Some(day(166)));
    let done = missed.tick(&rules(), day(400)).unwrap();
    assert_eq!(names(&done), ["recheck_asked", "reminded", "reminded", "frozen"]);
    assert_eq!(done.events.iter().map(|e| e.at).collect::<Vec<_>>(), [166, 177, 179, 180].map(day));
    let asked = Happened::RecheckAsked { why: RecheckWhy::Scheduled, freezes_at: day(180) };
    assert_eq!(done.events[0].happened, asked);
    assert!(missed.bound().is_some() && !missed.works(day(400)), "frozen, and bound all the same");
    missed.submit(session(2), &rules(), day(400)).unwrap();
    let done = missed.pass(Passed { session: session(2), ..passed(1) }, &rules(), day(401)).unwrap();
    assert_eq!(names(&done), ["rechecked"]);
    assert!(missed.works(day(401)) && missed.next_deadline(&rules()) == Some(day(401 + 166)));
    // Who it was stays known without a gap, and the claims are as before.
    assert_eq!(missed.bindings.len(), 2);
    assert_eq!(missed.bindings[0].ended, Some((day(401), Actor::Person)));
    assert_eq!(missed.bound_at(day(401)).map(|b| &b.session), Some(&session(2)));
    let of = |n: usize| missed.bindings[n].claims("42");
    assert_eq!(of(0), of(1));
    let changes = of(0).map(ClaimChange::Release).into_iter().chain(of(1).map(ClaimChange::Make));
    assert_eq!(done.claims, changes.collect::<Vec<_>>());
}

#[test]
fn the_marketplace_asks_again_with_a_deadline_of_its_own() {
    for (given, frozen) in [(None, 168), (Some(1), 1), (Some(72), 72), (Some(8760), 8760)] {
        let mut staff = bound();
        staff.ask_again(given, &rules(), day(1)).unwrap();
        let end = day(1) + hours(frozen);
        assert!(staff.works(end - SignedDuration::from_secs(1)) && !staff.works(end), "{given:?}");
        // Nobody is asked for two at once, and a missed one is still the one that is asked for.
        assert_eq!(staff.ask_again(None, &rules(), day(1)), Err(Refusal::AlreadyAsked));
        staff.tick(&rules(), end).unwrap();
        assert_eq!(staff.ask_again(None, &rules(), end), Err(Refusal::AlreadyAsked));
        staff.lift(Actor::Owner, &rules(), end).unwrap();
        assert!(staff.works(end + hours(47)) && !staff.works(end + hours(48)));
    }
    for wrong in [0, 8761, u32::MAX] {
        assert_eq!(bound().ask_again(Some(wrong), &rules(), day(1)), Err(Refusal::RecheckHours));
    }
    assert_eq!(asked().ask_again(None, &rules(), noon()), Err(Refusal::NobodyBound));
    assert_eq!(fresh().ask_again(None, &rules(), noon()), Err(Refusal::NobodyBound));
    let exempt = StaffRules { exempt: [("c".into(), None)].into(), ..rules() };
    assert_eq!(bound().ask_again(None, &exempt, day(1)), Err(Refusal::Exempt(None)));
}

#[test]
fn nobody_else_can_pass_a_recheck_and_a_refusal_leaves_a_day() {
    let mut staff = bound();
    assert_eq!(staff.may_verify(), Err(Refusal::UserImmutable), "nobody asked");
    staff.ask_again(Some(2), &rules(), day(1)).unwrap();
    staff.submit(session(2), &rules(), day(1) + hours(1)).unwrap();
    let before = staff.clone();
    assert_eq!(staff.pass(passed(2), &rules(), day(2)), Err(Refusal::UserImmutable));
    assert_eq!(staff, before);
    let done = staff.refuse(session(2), &rules(), day(2)).unwrap();
    assert_eq!(done.events[0].happened, Happened::Refused { session: session(2), freezes_at: Some(day(3)) });
}

#[test]
fn a_reviewer_who_decides_about_it_unbinds_who_was_bound_and_nobody_who_was_not() {
    let mut staff = bound();
    staff.ask_again(None, &rules(), day(1)).unwrap();
    staff.submit(session(2), &rules(), day(2)).unwrap();
    let by = Actor::Key("wang".into());
    let done = staff.pass(Passed { replaces: Some(by.clone()), ..passed(2) }, &rules(), day(3)).unwrap();
    assert_eq!(names(&done), ["unbound", "verified"]);
    assert_eq!(staff.bindings[0].ended, Some((day(3), by.clone())));
    assert_eq!(staff.bound().map(|b| &b.session), Some(&session(2)));
    let (old, new) = (staff.bindings[0].claims("42"), staff.bindings[1].claims("42"));
    let changes = old.map(ClaimChange::Release).into_iter().chain(new.map(ClaimChange::Make));
    assert_eq!(done.claims, changes.collect::<Vec<_>>());
    // The same person is not unbound by it, and where nobody is bound nothing happens but that.
    staff.ask_again(None, &rules(), day(4)).unwrap();
    staff.submit(session(3), &rules(), day(4)).unwrap();
    let same = Passed { session: session(3), replaces: Some(by.clone()), ..passed(2) };
    assert_eq!(names(&staff.pass(same, &rules(), day(5)).unwrap()), ["rechecked"]);
    let mut first = asked();
    first.submit(session(1), &rules(), noon()).unwrap();
    let done = first.pass(Passed { replaces: Some(by), ..passed(1) }, &rules(), noon()).unwrap();
    assert_eq!(names(&done), ["verified"]);
}

#[test]
fn excused_they_have_as_long_as_if_they_had_passed_and_unbound_what_was_handed_in_counts_no_more() {
    let mut staff = bound();
    staff.ask_again(None, &rules(), day(1)).unwrap();
    staff.tick(&rules(), day(50)).unwrap();
    staff.excuse(&rules(), day(50)).unwrap();
    assert_eq!(staff.standing, Standing::Verified { since: noon() });
    assert_eq!(staff.next_deadline(&rules()), Some(day(50 + 166)));
    staff.ask_again(None, &rules(), day(51)).unwrap();
    staff.submit(session(2), &rules(), day(52)).unwrap();
    let done = staff.unbind(Actor::Owner, &rules(), day(53)).unwrap();
    assert_eq!(names(&done), ["unbound", "asked"]);
    let late = staff.pass(Passed { session: session(2), ..passed(1) }, &rules(), day(54));
    assert_eq!(late, Err(Refusal::NotBeingReviewed(session(2))));
}

#[test]
fn rechecks_can_be_left_out_and_of_exempt_shops_they_go_by() {
    let none = StaffRules { recheck_days: 0, ..rules() };
    let mut staff = asked();
    staff.submit(session(1), &none, noon()).unwrap();
    staff.pass(passed(1), &none, noon()).unwrap();
    assert_eq!(staff.next_deadline(&none), None);
    let exempt = StaffRules { exempt: [("c".into(), None)].into(), ..rules() };
    let mut staff = bound();
    assert_eq!(staff.tick(&exempt, day(170)), Ok(Done::default()));
    assert_eq!(
        names(&staff.tick(&rules(), day(360)).unwrap()),
        ["recheck_asked", "reminded", "reminded", "frozen"]
    );
    // Shorter rules than it was planned by: nobody has less than a day.
    let mut staff = bound();
    let late = StaffRules { recheck_ask_days: 170, ..rules() };
    staff.next_check = Some(day(3));
    staff.as_of = day(3);
    let done = staff.tick(&late, day(3)).unwrap();
    assert_eq!(
        done.events[0].happened,
        Happened::RecheckAsked { why: RecheckWhy::Scheduled, freezes_at: day(4) }
    );
}

#[test]
fn one_that_was_kept_before_there_were_rechecks_is_asked_for_none() {
    let mut json = serde_json::to_value(bound()).unwrap();
    json.as_object_mut().unwrap().remove("next_check").unwrap();
    let mut staff: Staff = serde_json::from_value(json).unwrap();
    assert_eq!(staff.tick(&rules(), day(1000)), Ok(Done::default()));
}

#[test]
fn what_was_done_is_attributed_to_whom_was_bound_then() {
    let mut staff = asked();
    for (n, from, to) in [(1, 10, 100), (2, 200, 300)] {
        staff.submit(session(n), &rules(), noon() + hours(from)).unwrap();
        staff.pass(passed(n), &rules(), noon() + hours(from)).unwrap();
        staff.unbind(Actor::Owner, &rules(), noon() + hours(to)).unwrap();
    }
    let who = |h| staff.bound_at(noon() + hours(h)).map(|b| b.identity.0.as_str());
    assert_eq!(
        [9, 10, 99, 100, 199, 200, 299, 300].map(who),
        [None, Some("id1"), Some("id1"), None, None, Some("id2"), Some("id2"), None]
    );
}

#[test]
fn a_temporary_account_is_for_the_roles_that_the_rules_name() {
    let now = at("2026-10-28T12:00:00+08:00");
    let with = |role| NewStaff { role, ..new(true) };
    for role in Role::ALL {
        let made = Staff::create(with(role), &rules(), now);
        match role {
            Role::CustomerService => assert!(made.is_ok()),
            _ => {
                let allowed = [Role::CustomerService].into();
                assert_eq!(made.unwrap_err(), Refusal::TemporaryRole { role, allowed });
            }
        }
    }
    let (mut staff, _) = Staff::create(new(true), &rules(), now).unwrap();
    let amend = |role| Amendment { role: Some(role), ..Amendment::default() };
    let before = staff.clone();
    assert!(matches!(staff.amend(amend(Role::Finance), &rules(), now), Err(Refusal::TemporaryRole { .. })));
    assert_eq!(staff, before);
    assert!(staff.amend(amend(Role::CustomerService), &rules(), now).is_ok());
    // An ordinary one may have any; and rules may name others.
    assert!(fresh().amend(amend(Role::Finance), &rules(), now).is_ok());
    let warehouse = StaffRules { temporary_roles: [Role::Warehouse].into(), ..rules() };
    assert!(Staff::create(with(Role::Warehouse), &warehouse, now).is_ok());
    assert!(Staff::create(with(Role::CustomerService), &warehouse, now).is_err());
    let read = StaffRules::from_toml("temporary_roles = [\"customer_service\", \"warehouse\"]").unwrap();
    assert_eq!(read.temporary_roles, [Role::CustomerService, Role::Warehouse].into());
    assert!(StaffRules::from_toml("temporary_roles = [\"boss\"]").is_err());
}

#[test]
fn a_temporary_account_works_in_its_window_alone() {
    let make = |day: &str| Staff::create(new(true), &rules(), at(&format!("{day}+08:00")));
    assert_eq!(make("2026-10-26T23:59:59").unwrap_err(), Refusal::OutsidePromotion);
    assert_eq!(make("2026-12-22T00:00:00").unwrap_err(), Refusal::OutsidePromotion);
    let (mut staff, done) = make("2026-10-27T00:00:00").unwrap();
    assert_eq!(names(&done), ["created"]);
    for (when, works) in [
        ("2026-10-31T23:59:59", false),
        ("2026-11-01T00:00:00", true),
        ("2026-12-21T23:59:59", true),
        ("2026-12-22T00:00:00", false),
    ] {
        assert_eq!(staff.works(at(&format!("{when}+08:00"))), works, "{when}");
    }
    let done = staff.tick(&rules(), at("2027-11-11T00:00:00+08:00")).unwrap();
    assert_eq!(names(&done), ["opened", "disabled"]);
    assert_eq!(done.events[1].at, at("2026-12-22T00:00:00+08:00"));
    let (inside, done) = make("2026-12-21T23:00:00").unwrap();
    assert_eq!(names(&done), ["created", "opened"]);
    assert!(inside.works(at("2026-12-21T23:59:59+08:00")));
    let (mut refused, _) = make("2026-11-11T00:00:00").unwrap();
    assert_eq!(refused.ask(&rules(), at("2026-11-11T00:00:00+08:00")), Err(Refusal::Temporary));
}

#[test]
fn promotions_that_overlap_are_refused() {
    let one = |name: &str, create: &str, from: &str, to: &str, year| Promotion {
        name: name.into(),
        create_from: create.parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        year,
    };
    let with =
        |p: Promotion| StaffRules { promotions: vec![Promotion::double_eleven(), p], ..rules() }.validate();
    assert_eq!(with(one("618", "05-20", "05-25", "06-20", None)), Ok(()));
    assert_eq!(with(one("next", "12-01", "12-22", "12-31", None)), Ok(()));
    let overlap = || Err(StaffRulesError::Promotion(PromotionError::Overlap("双十一".into(), "x".into())));
    assert_eq!(with(one("x", "12-01", "12-21", "12-31", None)), overlap());
    assert_eq!(with(one("x", "10-01", "10-01", "11-01", Some(2027))), overlap());
    let backwards = Err(StaffRulesError::Promotion(PromotionError::Backwards("x".into())));
    assert_eq!(with(one("x", "02-01", "03-02", "03-01", None)), backwards);
    for day in ["02-29", "13-01", "1-01", "11-31", "", "2026-11-01", "０１-01"] {
        assert!(day.parse::<DayOfYear>().is_err(), "{day}");
    }
}

#[test]
fn exempt_shops_are_not_asked_until_the_day() {
    let date = jiff::civil::date(2026, 9, 10);
    let rules = StaffRules { exempt: [("c".into(), Some(date)), ("global".into(), None)].into(), ..rules() };
    let mut staff = fresh();
    assert_eq!(staff.ask(&rules, at("2026-09-09T23:59:59+08:00")), Err(Refusal::Exempt(Some(date))));
    staff.ask(&rules, at("2026-09-10T00:00:00+08:00")).unwrap();
    let (mut global, _) =
        Staff::create(NewStaff { shop_type: "global".into(), ..new(false) }, &rules, noon()).unwrap();
    assert_eq!(global.ask(&rules, noon() + hours(100_000)), Err(Refusal::Exempt(None)));
}

fn exempt(until: Option<&str>) -> StaffRules {
    StaffRules { exempt: [("c".into(), until.map(|d| d.parse().unwrap()))].into(), ..rules() }
}

/// Rules that change while something is asked: nobody is reminded or frozen meanwhile, and all of the time begins with
/// the end.
#[test]
fn who_was_asked_before_the_exemption_waits_for_its_end() {
    let frozen = || {
        let mut staff = asked();
        staff.tick(&rules(), day(8)).unwrap();
        staff
    };
    let lifted = || {
        let mut staff = frozen();
        staff.lift(Actor::Owner, &rules(), day(8)).unwrap();
        staff
    };
    let again = || {
        let mut staff = bound();
        staff.ask_again(None, &rules(), day(1)).unwrap();
        staff
    };
    let midnight = at("2026-09-21T00:00:00+08:00");
    for (mut staff, from) in [(asked(), 1), (frozen(), 9), (lifted(), 9), (again(), 2)] {
        let rests = if staff.bound().is_some() { "verified" } else { "unasked" };
        assert!(staff.exemption_changed(&exempt(None), day(from)));
        let done = staff.tick(&exempt(None), day(from)).unwrap();
        assert_eq!((names(&done), staff.standing.name()), (vec!["excused"], rests));
        assert!(staff.works(day(200)) && staff.next_deadline(&exempt(None)).is_none());
        assert!(!staff.exemption_changed(&exempt(None), day(10)));
        // A date is announced, and moved.
        let moved = exempt(Some("2026-09-21"));
        for dated in [exempt(Some("2026-09-15")), moved.clone()] {
            assert!(staff.exemption_changed(&dated, day(10)));
            assert_eq!(staff.tick(&dated, day(10)), Ok(Done::default()));
        }
        assert_eq!(staff.next_deadline(&moved), Some(midnight));
        // However late it is noticed: everybody knew that day.
        let done = staff.tick(&moved, midnight + hours(400)).unwrap();
        let asked = if rests == "verified" { "recheck_asked" } else { "asked" };
        assert_eq!(names(&done), [asked, "reminded", "reminded", "frozen"]);
        let moments: Vec<_> = done.events.iter().map(|e| e.at).collect();
        assert_eq!(moments, [0, 96, 144, 168].map(|h| midnight + hours(h)));
    }
}

#[test]
fn an_exemption_that_ends_sooner_than_was_known_takes_nobodys_time() {
    let removed = rules();
    let past = exempt(Some("2026-09-05"));
    for (known, ended) in
        [(exempt(None), &removed), (exempt(Some("2026-12-01")), &removed), (exempt(None), &past)]
    {
        let mut staff = asked();
        staff.tick(&known, day(2)).unwrap();
        assert!(staff.exemption_changed(ended, day(30)));
        let done = staff.tick(ended, day(30)).unwrap();
        assert_eq!(done.events, [Event { at: day(30), happened: Happened::Asked { freezes_at: day(37) } }]);
    }
    // Nobody looked while it lasted.
    let mut staff = asked();
    let done = staff.tick(&past, day(9)).unwrap();
    assert_eq!((names(&done), staff.next_deadline(&past)), (vec!["excused", "asked"], Some(day(13))));
}

#[test]
fn what_else_happens_during_an_exemption() {
    // A verification under way goes on; refused, nothing is asked; passed, nothing waits.
    let looked_at = || {
        let mut staff = asked();
        staff.submit(session(1), &rules(), day(1)).unwrap();
        staff.tick(&exempt(None), day(2)).unwrap();
        staff
    };
    let mut refused = looked_at();
    let done = refused.refuse(session(1), &exempt(None), day(3)).unwrap();
    let happened = Happened::Refused { session: session(1), freezes_at: None };
    assert_eq!(done.events, [Event { at: day(3), happened }]);
    assert_eq!(names(&refused.tick(&rules(), day(4)).unwrap()), ["asked"]);
    let mut stands = looked_at();
    assert_eq!(names(&stands.tick(&rules(), day(3)).unwrap()), ["asked"]);
    assert_eq!(stands.next_deadline(&rules()), None, "looked at, its time stands still");
    let mut passes = looked_at();
    passes.pass(passed(1), &exempt(None), day(3)).unwrap();
    assert_eq!(passes.next_deadline(&exempt(None)), Some(day(3 + 166)));
    // Taken back for good.
    let mut staff = asked();
    staff.tick(&exempt(None), day(1)).unwrap();
    assert_eq!(staff.ask(&exempt(None), day(1)), Err(Refusal::Exempt(None)));
    staff.excuse(&exempt(None), day(1)).unwrap();
    assert_eq!(staff.tick(&rules(), day(2)), Ok(Done::default()));
    // Unbound meanwhile: the next user is asked when it ends. Who was never asked is not.
    let mut unbound = bound();
    unbound.unbind(Actor::Owner, &exempt(None), day(1)).unwrap();
    assert_eq!(unbound.standing, Standing::Unasked);
    assert_eq!(names(&unbound.tick(&rules(), day(5)).unwrap()), ["asked"]);
    let mut never = fresh();
    never.tick(&exempt(None), day(1)).unwrap();
    assert_eq!(never.tick(&rules(), day(5)), Ok(Done::default()));
    // Removed.
    let mut gone = asked();
    gone.tick(&exempt(None), day(1)).unwrap();
    gone.remove(Actor::Owner, &exempt(None), day(2)).unwrap();
    assert_eq!(gone.tick(&rules(), day(5)), Ok(Done::default()));
}

#[test]
fn what_cannot_change_does_not() {
    let mut staff = asked();
    let name = |name: &str| Amendment { name: Some(name.into()), ..Amendment::default() };
    assert_eq!(staff.amend(name("别的"), &rules(), noon()), Err(Refusal::NameImmutable));
    staff.amend(name("客服小王"), &rules(), noon()).unwrap();
    staff.submit(session(1), &rules(), noon()).unwrap();
    staff.pass(passed(1), &rules(), noon()).unwrap();
    assert_eq!(staff.submit(session(2), &rules(), noon()), Err(Refusal::UserImmutable));
    let security_phone = Some(Tag("other".into()));
    staff
        .amend(Amendment { security_phone: security_phone.clone(), ..Amendment::default() }, &rules(), noon())
        .unwrap();
    assert_eq!((staff.bindings[0].phone.0.as_str(), &staff.security_phone), ("phone1", &security_phone));
    assert_eq!(staff.scanned_by("42", "42:8"), Err(Refusal::AccountMismatch));
    assert_eq!(staff.scanned_by("43", "42:7"), Err(Refusal::AccountMismatch));
    assert_eq!(staff.tick(&rules(), noon() - hours(1)), Err(Refusal::ClockBackwards(noon())));
}

#[test]
fn the_banner_grows_more_urgent() {
    let staff = asked();
    let urgency = |h| staff.banner(&rules(), noon() + hours(h)).map(|b| b.urgency);
    assert_eq!(
        [0, 143, 144, 167, 168, 9999].map(urgency),
        [
            Some(Urgency::Due),
            Some(Urgency::Due),
            Some(Urgency::Overdue),
            Some(Urgency::Overdue),
            Some(Urgency::Frozen),
            Some(Urgency::Frozen)
        ]
    );
    assert_eq!(
        staff.banner(&rules(), noon()).unwrap().text.zh,
        "还有 7 天完成实人认证，逾期子账号将被冻结。"
    );
    let last = staff.banner(&rules(), noon() + hours(167)).unwrap();
    assert_eq!(last.text.en, "1 hour left to verify yourself; then this sub-account is frozen.");
    assert_eq!(fresh().banner(&rules(), noon()), None);
    let mut reviewed = asked();
    reviewed.submit(session(1), &rules(), noon()).unwrap();
    assert_eq!(reviewed.banner(&rules(), noon() + hours(999)).unwrap().urgency, Urgency::Info);
}

#[test]
fn rules_that_cannot_be_kept_are_refused() {
    assert_eq!(rules().validate(), Ok(()));
    for (broken, error) in [
        (StaffRules { freeze_after_hours: 0, ..rules() }, StaffRulesError::Range("freeze_after_hours")),
        (StaffRules { after_refusal_hours: 169, ..rules() }, StaffRulesError::Range("after_refusal_hours")),
        (StaffRules { lift_hours: 0, ..rules() }, StaffRulesError::Range("lift_hours")),
        (StaffRules { recheck_days: 3651, ..rules() }, StaffRulesError::Range("recheck_days")),
        (StaffRules { recheck_ask_days: 181, ..rules() }, StaffRulesError::Range("recheck_ask_days")),
        (StaffRules { recheck_ask_days: 0, ..rules() }, StaffRulesError::Range("recheck_ask_days")),
        (StaffRules { remind_hours: [0].into(), ..rules() }, StaffRulesError::Range("remind_hours")),
        (StaffRules { quota_verified: 1, ..rules() }, StaffRulesError::Range("quota_verified")),
        (StaffRules { zone: "Mars/Base".into(), ..rules() }, StaffRulesError::Zone("Mars/Base".into())),
    ] {
        assert_eq!(broken.validate(), Err(error));
    }
    let read: StaffRules = serde_json::from_str("{\"lift_hours\": 24}").unwrap();
    assert_eq!(read, StaffRules { lift_hours: 24, ..rules() });
    assert!(serde_json::from_str::<StaffRules>("{\"lift_days\": 1}").is_err());
}

#[derive(Clone, Debug)]
enum Command {
    Tick,
    Ask,
    AskAgain(Option<u32>),
    Excuse,
    Submit(u8),
    Refuse(u8),
    Pass(u8),
    Unbind,
    Lift,
    Amend,
    Remove,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => Just(Command::Tick),
        4 => Just(Command::Ask),
        3 => prop::option::of(0u32..400).prop_map(Command::AskAgain),
        1 => Just(Command::Excuse),
        6 => (0u8..3).prop_map(Command::Submit),
        4 => (0u8..3).prop_map(Command::Refuse),
        4 => (0u8..3).prop_map(Command::Pass),
        3 => Just(Command::Unbind),
        3 => Just(Command::Lift),
        1 => Just(Command::Amend),
        1 => prop::sample::select(&[0, 0, 0, 1]).prop_map(|n| if n == 0 { Command::Tick } else { Command::Remove }),
    ]
}

/// Steps of seconds, hours and weeks; some land exactly on a deadline.
fn wait() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        1i64..7200,
        (0i64..30).prop_map(|h| h * 12 * 3600),
        Just(168 * 3600),
        Just(48 * 3600),
        (0i64..200).prop_map(|d| d * 24 * 3600),
        Just(166 * 24 * 3600),
        Just(14 * 24 * 3600)
    ]
}

fn run(staff: &mut Staff, command: &Command, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
    match command {
        Command::Tick => staff.tick(rules, now),
        Command::Ask => staff.ask(rules, now),
        Command::AskAgain(hours) => staff.ask_again(*hours, rules, now),
        Command::Excuse => staff.excuse(rules, now),
        Command::Submit(n) => staff.submit(session(*n), rules, now),
        Command::Refuse(n) => staff.refuse(session(*n), rules, now),
        Command::Pass(n) => staff.pass(passed(*n), rules, now),
        Command::Unbind => staff.unbind(Actor::Owner, rules, now),
        Command::Lift => staff.lift(Actor::Owner, rules, now),
        Command::Amend => {
            staff.amend(Amendment { role: Some(Role::Other), ..Amendment::default() }, rules, now)
        }
        Command::Remove => staff.remove(Actor::Owner, rules, now),
    }
}

/// What the mission says of time, told over again from the events alone: how much is left and since when it runs.
#[derive(Default)]
struct Oracle {
    left: Option<SignedDuration>,
    running_since: Option<Timestamp>,
    reviewed: bool,
    frozen: bool,
    bound: bool,
    /// When the next re-check is due, if none is asked for.
    check: Option<Timestamp>,
}

impl Oracle {
    fn end(&self) -> Option<Timestamp> {
        Some(self.running_since? + self.left?)
    }

    fn start(&mut self, long: SignedDuration, at: Timestamp) {
        self.frozen = false;
        self.left = Some(long);
        self.running_since = (!self.reviewed).then_some(at);
    }

    fn stop(&mut self) {
        self.left = None;
        self.running_since = None;
        self.frozen = false;
    }

    fn asks_at(&self) -> Option<Timestamp> {
        self.check.map(|due| due - hours(14 * 24))
    }

    /// What happened to re-checks.
    fn see_checks(&mut self, event: &Event) {
        let (at, due) = (event.at, self.asks_at());
        if let Happened::RecheckAsked { why: RecheckWhy::Scheduled, freezes_at } = event.happened {
            assert_eq!(
                (Some(at), Some(freezes_at)),
                (due, self.check),
                "asked at another moment than the one due"
            );
        } else {
            assert!(due.is_none_or(|due| at < due), "a re-check was missed before {:?}", event.happened);
        }
        match &event.happened {
            Happened::RecheckAsked { freezes_at, .. } => {
                self.start(at.duration_until(*freezes_at), at);
                self.check = None;
            }
            Happened::Verified { .. } | Happened::Rechecked { .. } => {
                assert_eq!(self.bound, matches!(event.happened, Happened::Rechecked { .. }));
                (self.bound, self.check) = (true, Some(at + hours(180 * 24)));
            }
            Happened::Excused => self.check = self.bound.then(|| at + hours(180 * 24)),
            Happened::Unbound { .. } | Happened::Disabled { .. } => {
                (self.bound, self.check, self.reviewed) = (false, None, false);
                self.stop();
            }
            _ => {}
        }
    }

    fn see(&mut self, event: &Event) {
        let at = event.at;
        match &event.happened {
            Happened::Frozen => {
                assert_eq!(self.end(), Some(at), "it froze at another moment than the one due");
                self.stop();
                self.frozen = true;
            }
            other => {
                assert!(self.end().is_none_or(|end| at < end), "a deadline was missed before {other:?}");
                match other {
                    Happened::Asked { .. } => self.start(hours(168), at),
                    Happened::Lifted { .. } => self.start(hours(48), at),
                    Happened::Submitted { .. } => {
                        self.reviewed = true;
                        if let (Some(left), Some(since)) = (self.left, self.running_since.take()) {
                            self.left = Some(left - since.duration_until(at));
                        }
                    }
                    Happened::Refused { .. } => {
                        self.reviewed = false;
                        if let Some(left) = self.left {
                            self.left = Some(left.max(hours(24)));
                            self.running_since = Some(at);
                        }
                    }
                    Happened::Verified { .. } | Happened::Rechecked { .. } => {
                        self.reviewed = false;
                        self.stop();
                    }
                    Happened::Excused | Happened::Disabled { .. } => self.stop(),
                    _ => {}
                }
            }
        }
        self.see_checks(event);
    }
}

proptest! {
    #![proptest_config(histories(10_000))]

    #[test]
    fn no_deadline_is_missed_or_doubled_in_any_history(steps in prop::collection::vec((wait(), command()), 1..40)) {
        let (rules, mut now, mut staff) = (rules(), noon(), fresh());
        let (mut oracle, mut held, mut last) = (Oracle::default(), BTreeSet::new(), noon());
        for (wait, command) in &steps {
            now += SignedDuration::from_secs(*wait);
            let (before, works) = (staff.clone(), staff.works(now));
            match run(&mut staff, command, &rules, now) {
                Err(_) => prop_assert_eq!(&staff, &before),
                Ok(done) => {
                    for event in &done.events {
                        prop_assert!(last <= event.at && event.at <= now);
                        last = event.at;
                        oracle.see(event);
                    }
                    for change in done.claims {
                        match change {
                            ClaimChange::Make(claim) => prop_assert!(held.insert(claim)),
                            ClaimChange::Release(claim) => prop_assert!(held.remove(&claim)),
                        }
                    }
                    prop_assert!(oracle.end().is_none_or(|end| now < end), "a deadline was missed");
                    prop_assert!(oracle.asks_at().is_none_or(|at| now < at), "a re-check was missed");
                    prop_assert_eq!(oracle.bound, staff.bound().is_some());
                    prop_assert_eq!(oracle.frozen, matches!(staff.standing, Standing::Frozen { .. }));
                    if matches!(command, Command::Tick) {
                        prop_assert_eq!(staff.works(now), works, "noticing changes nothing");
                    }
                }
            }
            let bound = staff.bound().is_some();
            let (verified, over) = (staff.standing.name() == "verified", staff.standing.name() == "disabled");
            prop_assert!(bound || !verified);
            prop_assert!(!bound || !(over || staff.standing == Standing::Unasked));
            prop_assert_eq!(staff.bindings.iter().filter(|b| b.ended.is_none()).count(), usize::from(bound));
            prop_assert_eq!(held.len(), if bound { 2 } else { 0 });
            let json = serde_json::to_string(&staff).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Staff>(&json).unwrap(), &staff);
        }
    }

    #[test]
    fn how_often_anybody_looks_makes_no_difference(
        steps in prop::collection::vec((wait(), command()), 1..25), looks in prop::collection::vec(0i64..100, 0..8),
    ) {
        let rules = rules();
        let (mut lazy, mut eager) = (fresh(), fresh());
        let (mut seldom, mut often) = (vec![], vec![]);
        let mut now = noon();
        for (wait, command) in &steps {
            for look in &looks {
                let between = now + SignedDuration::from_secs(wait * look / 100);
                if between >= eager.as_of {
                    often.extend(eager.tick(&rules, between).unwrap().events);
                }
            }
            now += SignedDuration::from_secs(*wait);
            let (a, b) = (run(&mut lazy, command, &rules, now), run(&mut eager, command, &rules, now));
            prop_assert_eq!(a.as_ref().err(), b.as_ref().err());
            seldom.extend(a.unwrap_or_default().events);
            often.extend(b.unwrap_or_default().events);
        }
        seldom.extend(lazy.tick(&rules, now).unwrap().events);
        often.extend(eager.tick(&rules, now).unwrap().events);
        prop_assert_eq!(seldom, often);
        prop_assert_eq!(lazy, eager);
    }

    #[test]
    fn a_temporary_account_never_works_outside_its_window(
        made in 0i64..366 * 24, steps in prop::collection::vec((wait(), command()), 1..25),
    ) {
        let rules = rules();
        let mut now = at("2027-01-01T00:00:00+08:00") + hours(made);
        let Ok((mut staff, _)) = Staff::create(new(true), &rules, now) else { return Ok(()) };
        for (wait, command) in &steps {
            now += SignedDuration::from_secs(*wait);
            let _ = run(&mut staff, command, &rules, now);
            let day = now.to_zoned(rules.zone()).date();
            let inside = day >= jiff::civil::date(2027, 11, 1) && day <= jiff::civil::date(2027, 12, 21);
            prop_assert!(inside || !staff.works(now));
            prop_assert!(staff.bindings.is_empty());
        }
    }

    #[test]
    fn promotions_in_order_never_share_a_day(days in prop::collection::vec((0i32..365, 0i32..40, 0i32..40), 1..5)) {
        let day = |n: i32| DayOfYear::try_from((jiff::civil::date(2025, 1, 1) + n.days()).strftime("%m-%d").to_string());
        let promotions: Vec<_> = days.iter().enumerate().filter_map(|(i, (create, wait, long))| {
            let (create_from, from, to) = (day(*create).ok()?, day(create + wait).ok()?, day(create + wait + long).ok()?);
            Some(Promotion { name: i.to_string(), create_from, from, to, year: None })
        }).collect();
        if Promotion::validate(&promotions).is_ok() {
            for n in 0..365 {
                let day = day(n).unwrap();
                prop_assert!(promotions.iter().filter(|p| p.from <= day && day <= p.to).count() <= 1);
            }
        }
    }
}

#[test]
fn an_event_is_written_under_the_name_that_it_has() {
    let all = [
        Happened::Created { window: None },
        Happened::Asked { freezes_at: noon() },
        Happened::RecheckAsked { why: RecheckWhy::Scheduled, freezes_at: noon() },
        Happened::Excused,
        Happened::Reminded { hours: 24 },
        Happened::Submitted { session: session(1) },
        Happened::Refused { session: session(1), freezes_at: None },
        Happened::Verified { session: session(1), assisted: false },
        Happened::Rechecked { session: session(1), assisted: false },
        Happened::Unbound { by: Actor::Owner },
        Happened::Frozen,
        Happened::Lifted { by: Actor::Owner, until: None },
        Happened::Opened,
        Happened::Disabled { why: DisabledWhy::Removed },
        Happened::Amended { role: Role::Other },
    ];
    assert_eq!(all.each_ref().map(Happened::name), Happened::NAMES);
    for happened in all {
        assert_eq!(serde_json::to_value(&happened).unwrap()["type"], happened.name());
    }
}

#[test]
fn a_shop_that_ends_takes_its_sub_accounts_with_it() {
    let mut staff = asked();
    staff.submit(session(1), &rules(), noon()).unwrap();
    staff.pass(passed(1), &rules(), noon()).unwrap();
    let done = staff.end_with_shop(Actor::Owner, &rules(), noon()).unwrap();
    assert_eq!(done.claims.len(), 2, "identity and phone are free again");
    assert_eq!(staff.standing, Standing::Disabled { since: noon(), why: DisabledWhy::ShopClosed });
    assert_eq!(staff.bindings[0].ended, Some((noon(), Actor::Owner)));
    assert_eq!(staff.end_with_shop(Actor::Owner, &rules(), noon()), Ok(Done::default()));
}

#[test]
fn who_is_verified_temporary_or_disabled_is_asked_for_no_verification() {
    let mut staff = asked();
    assert_eq!(staff.may_verify(), Ok(()));
    staff.submit(session(1), &rules(), noon()).unwrap();
    assert_eq!(staff.may_verify(), Err(Refusal::BeingReviewed(session(1))));
    staff.pass(passed(1), &rules(), noon()).unwrap();
    assert_eq!(staff.may_verify(), Err(Refusal::UserImmutable));
    staff.remove(Actor::Owner, &rules(), noon()).unwrap();
    assert_eq!(staff.may_verify(), Err(Refusal::Disabled));
    let (temporary, _) = Staff::create(new(true), &rules(), at("2026-11-02T12:00:00+08:00")).unwrap();
    assert_eq!(temporary.may_verify(), Err(Refusal::Temporary));
}

#[test]
fn rules_are_read_from_a_file_over_the_defaults() {
    let text = "freeze_after_hours = 24\nquota = 3\n[exempt]\ntmall-global = \"\"\nb2b = \"2027-03-01\"\n";
    let read = StaffRules::from_toml(text).unwrap();
    let exempt = [("tmall-global".into(), None), ("b2b".into(), Some(jiff::civil::date(2027, 3, 1)))].into();
    assert_eq!(read, StaffRules { freeze_after_hours: 24, quota: 3, exempt, ..rules() });
    assert_eq!(StaffRules::from_toml("").unwrap(), rules());
    for wrong in [
        "freeze_after = 24",
        "freeze_after_hours = 0",
        "after_refusal_hours = 200",
        "zone = \"Mars/Olympus\"",
        "[exempt]\nb2b = \"soon\"",
        "remind_hours = [0]",
        "[[promotions]]\nname = \"x\"\ncreate_from = \"11-02\"\nfrom = \"11-01\"\nto = \"12-21\"",
        "quota",
    ] {
        assert!(StaffRules::from_toml(wrong).is_err(), "{wrong}");
    }
}
