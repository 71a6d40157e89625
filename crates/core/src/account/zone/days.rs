//! Days in zones whose clocks are changed: the days of the changes have 23 and 25 hours. America/New_York goes forward on
//! 2026-03-08 and back on 2026-11-01, Pacific/Auckland back on 2026-04-05 and forward on 2026-09-27; Asia/Shanghai never does.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::account::staff::{NewStaff, Promotion, Refusal, Role, Staff, StaffRules, Standing};
use crate::recheck::{RecheckRules, plan};
use crate::review::calendar::WorkingCalendar;
use crate::verification::program::ReviewDeadline;

const SHANGHAI: &str = "Asia/Shanghai";
const NEW_YORK: &str = "America/New_York";
const AUCKLAND: &str = "Pacific/Auckland";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn before(text: &str) -> Timestamp {
    at(text) - jiff::SignedDuration::from_secs(1)
}

fn made(rules: &StaffRules, now: Timestamp) -> Result<Staff, Refusal> {
    let new = NewStaff {
        id: "t".to_owned(),
        shop: "1".to_owned(),
        shop_type: "c2c".to_owned(),
        name: "临时客服".to_owned(),
        role: Role::CustomerService,
        temporary: true,
    };
    Staff::create(new, rules, now).map(|(staff, _)| staff)
}

fn one_day(day: &str) -> Vec<Promotion> {
    let day = || day.parse().unwrap();
    vec![Promotion { name: "one day".to_owned(), create_from: day(), from: day(), to: day(), year: None }]
}

#[test]
fn temporary_accounts_are_made_and_work_on_the_days_of_their_zone() {
    for (zone, made_from, opens, closes) in [
        (SHANGHAI, "2026-10-26T16:00:00Z", "2026-10-31T16:00:00Z", "2026-12-21T16:00:00Z"),
        // Opened by summer time, closed by winter time.
        (NEW_YORK, "2026-10-27T04:00:00Z", "2026-11-01T04:00:00Z", "2026-12-22T05:00:00Z"),
        (AUCKLAND, "2026-10-26T11:00:00Z", "2026-10-31T11:00:00Z", "2026-12-21T11:00:00Z"),
    ] {
        let rules = StaffRules { zone: zone.to_owned(), ..StaffRules::default() };
        assert_eq!(made(&rules, before(made_from)).unwrap_err(), Refusal::OutsidePromotion, "{zone}");
        let mut staff = made(&rules, at(made_from)).unwrap();
        for (now, stands) in [
            (before(opens), "waiting"),
            (at(opens), "open"),
            (before(closes), "open"),
            (at(closes), "disabled"),
        ] {
            staff.tick(&rules, now).unwrap();
            assert_eq!(staff.standing.name(), stands, "{zone} at {now}");
        }
        assert_eq!(made(&rules, at(closes)).unwrap_err(), Refusal::OutsidePromotion, "{zone}");
    }
}

#[test]
fn a_promotion_on_the_day_of_a_change_has_its_hours() {
    for (zone, day, opens, hours) in [
        (NEW_YORK, "03-08", "2026-03-08T05:00:00Z", 23),
        (NEW_YORK, "11-01", "2026-11-01T04:00:00Z", 25),
        (AUCKLAND, "04-05", "2026-04-04T11:00:00Z", 25),
        (AUCKLAND, "09-27", "2026-09-26T12:00:00Z", 23),
        (SHANGHAI, "03-08", "2026-03-07T16:00:00Z", 24),
        (SHANGHAI, "11-01", "2026-10-31T16:00:00Z", 24),
    ] {
        let rules = StaffRules { zone: zone.to_owned(), promotions: one_day(day), ..StaffRules::default() };
        assert!(made(&rules, before(opens)).is_err(), "{zone} {day}");
        let Standing::Open(window) = made(&rules, at(opens)).unwrap().standing else {
            unreachable!("{zone} {day}: not open at its first moment")
        };
        assert_eq!(window.opens_at, at(opens), "{zone} {day}");
        assert_eq!(window.closes_at.duration_since(window.opens_at).as_hours(), hours, "{zone} {day}");
    }
}

#[test]
fn an_exemption_ends_with_the_day_before_its_date() {
    for (zone, until, ends) in [
        (NEW_YORK, "2026-03-09", "2026-03-09T04:00:00Z"),
        (NEW_YORK, "2026-11-01", "2026-11-01T04:00:00Z"),
        (NEW_YORK, "2026-11-02", "2026-11-02T05:00:00Z"),
        (AUCKLAND, "2026-04-06", "2026-04-05T12:00:00Z"),
        (AUCKLAND, "2026-09-28", "2026-09-27T11:00:00Z"),
        (SHANGHAI, "2026-11-02", "2026-11-01T16:00:00Z"),
    ] {
        let until: Date = until.parse().unwrap();
        let exempt = [("global".to_owned(), Some(until))].into();
        let rules = StaffRules { zone: zone.to_owned(), exempt, ..StaffRules::default() };
        let new = NewStaff {
            id: "a".to_owned(),
            shop: "1".to_owned(),
            shop_type: "global".to_owned(),
            name: "客服小王".to_owned(),
            role: Role::CustomerService,
            temporary: false,
        };
        let (mut staff, _) = Staff::create(new, &rules, at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(
            staff.ask(&rules, before(ends)).unwrap_err(),
            Refusal::Exempt(Some(until)),
            "{zone} {until}"
        );
        assert!(staff.ask(&rules, at(ends)).is_ok(), "{zone} {until}");
    }
}

/// 180 days after they passed, at the same time of day. An hour that is left out is the next one; of an hour that comes
/// twice it is the first.
#[test]
fn re_checks_fall_due_on_the_days_of_their_zone() {
    for (zone, passed, due) in [
        (SHANGHAI, "2026-05-05T23:30", "2026-11-01T15:30:00Z"),
        (NEW_YORK, "2026-05-05T23:30", "2026-11-02T04:30:00Z"),
        (AUCKLAND, "2026-05-05T23:30", "2026-11-01T10:30:00Z"),
        (NEW_YORK, "2025-09-09T02:30", "2026-03-08T07:30:00Z"),
        (NEW_YORK, "2026-05-05T01:30", "2026-11-01T05:30:00Z"),
        (AUCKLAND, "2026-03-31T02:30", "2026-09-26T14:30:00Z"),
        (AUCKLAND, "2025-10-07T02:30", "2026-04-04T13:30:00Z"),
    ] {
        let rules = RecheckRules { zone: zone.to_owned(), ..RecheckRules::default() };
        let passed = in_zone(zone, passed);
        assert_eq!(rules.latest(passed), at(due), "{zone} {passed}");
        let chosen = plan::choose(passed, 0, &plan::Load::new(), &rules);
        assert_eq!(chosen.due, at(due), "{zone} {passed}");
    }
}

#[test]
fn no_re_check_falls_due_on_a_day_of_a_promotion_in_its_zone() {
    for (zone, due) in [
        (SHANGHAI, "2026-10-31T15:30:00Z"),
        // In UTC and in Shanghai this is a moment of the promotion.
        (NEW_YORK, "2026-11-01T03:30:00Z"),
        (AUCKLAND, "2026-10-31T10:30:00Z"),
    ] {
        let blackout = vec![(date(2026, 11, 1), date(2026, 11, 12))];
        let rules = RecheckRules { zone: zone.to_owned(), blackout, ..RecheckRules::default() };
        let chosen = plan::choose(in_zone(zone, "2026-05-05T23:30"), 0, &plan::Load::new(), &rules);
        assert_eq!((chosen.day, chosen.due), (date(2026, 10, 31), at(due)), "{zone}");
    }
}

/// One working day from the last before a weekend or holiday in which clocks are changed: at the same time of day.
#[test]
fn working_days_end_at_the_same_time_of_day_across_a_change() {
    for (zone, opened, due) in [
        (NEW_YORK, "2026-03-06T12:00", "2026-03-09T16:00:00Z"),
        (NEW_YORK, "2026-10-30T12:00", "2026-11-02T17:00:00Z"),
        // 中秋节 is on Friday, 25 September; 清明节 lasts until Monday, 6 April.
        (AUCKLAND, "2026-09-24T12:00", "2026-09-27T23:00:00Z"),
        (AUCKLAND, "2026-04-03T12:00", "2026-04-07T00:00:00Z"),
        (SHANGHAI, "2026-10-30T12:00", "2026-11-02T04:00:00Z"),
    ] {
        let rules = TimeZone::get(zone).unwrap();
        let now = in_zone(zone, opened);
        let due_then = WorkingCalendar::built_in().due(ReviewDeadline::WorkingDays(1), 0.75, &rules, now);
        assert_eq!(due_then.due_at, at(due), "{zone} {opened}");
        assert!(now < due_then.escalate_at && due_then.escalate_at < due_then.due_at, "{zone} {opened}");
    }
}

fn in_zone(zone: &str, civil: &str) -> Timestamp {
    let civil: jiff::civil::DateTime = civil.parse().unwrap();
    civil.to_zoned(TimeZone::get(zone).unwrap()).unwrap().timestamp()
}
