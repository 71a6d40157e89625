//! Clocks that are turned by hand (row G2), through the API.

mod marketplace;

use axum::http::StatusCode;
use jiff::SignedDuration;
use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;
use shiren_core::review::calendar::{Office, WorkingCalendar};

const NOON: &str = "2026-09-01T04:00:00Z";

#[tokio::test]
async fn a_clock_shows_what_it_was_given_and_goes_where_it_is_sent() {
    let market = Marketplace::new().await;
    let clock = market.post("/v1/test/clocks", json!({ "name": "双十一", "now": NOON })).await;
    assert_eq!(
        (&clock["status"], &clock["now"], &clock["name"]),
        (&json!("ready"), &json!(NOON), &json!("双十一"))
    );
    let id = clock["id"].as_str().unwrap();
    let path = format!("/v1/test/clocks/{id}/advance");
    let sent = market.ask("POST", &path, &market.key, Some(json!({ "by_minutes": 30 }))).await;
    assert_eq!((sent.0, &sent.1["status"]), (StatusCode::ACCEPTED, &json!("advancing")));
    assert_eq!(sent.1["advancing_to"], "2026-09-01T04:30:00Z");
    market.settle(id).await;
    assert_eq!(market.get(&format!("/v1/test/clocks/{id}")).await["now"], "2026-09-01T04:30:00Z");
    market.turn(id, "2026-11-01T00:00:00Z").await;
    let listed = market.get("/v1/test/clocks").await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    // Without a time it begins with the world's.
    let now = market.post("/v1/test/clocks", json!({})).await["now"].clone();
    assert_eq!(now, market.service.app.world_now().to_string());
}

#[tokio::test]
async fn a_deleted_clock_stands_still_and_what_belongs_to_it_stays_on_both_stores() {
    deleted(Marketplace::new().await).await;
    deleted(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn deleted(market: Marketplace) {
    let id = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&id)).await;
    market.staff("1", "a").await;
    market.post("/v1/staff/a/ask", json!({})).await;
    let path = format!("/v1/test/clocks/{id}");
    let advance = format!("{path}/advance");
    market.post(&advance, json!({ "by_minutes": 60 })).await;
    let (status, problem) = market.ask("DELETE", &path, &market.key, None).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("clock_advancing")));
    market.settle(&id).await;
    for _ in 0..2 {
        let (status, gone) = market.ask("DELETE", &path, &market.key, None).await;
        assert_eq!((status, &gone["status"]), (StatusCode::OK, &json!("deleted")));
        assert_eq!(gone["now"], "2026-09-01T05:00:00Z");
    }
    assert_eq!(market.refused(&advance, json!({ "by_minutes": 1 })).await, (409, "clock_deleted".into()));
    let with_it = |kind: &str| json!({ "id": "2", "type": kind, "test_clock": id });
    assert_eq!(market.refused("/v1/shops", with_it("c2c")).await, (422, "invalid".into()));
    // However long it is by the world's time.
    market.service.clock.turn(SignedDuration::from_hours(24 * 365));
    market.service.work().await.expect("it works");
    assert_eq!(market.get("/v1/staff/a").await["until"], "2026-09-08T04:00:00Z");
    assert_eq!(
        (market.status("a").await, market.get(&path).await["status"].clone()),
        ("asked".into(), json!("deleted"))
    );
    let unknown = "/v1/test/clocks/clk_01aryz6s410000000000000000";
    assert_eq!(market.ask("DELETE", unknown, &market.key, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(market.ask("DELETE", &path, &market.live_key, None).await.1["code"], "test_mode_only");
}

#[tokio::test]
async fn a_clock_that_is_turned_wrongly_stays_as_it_is() {
    let market = Marketplace::new().await;
    let id = market.clock(NOON).await;
    let path = format!("/v1/test/clocks/{id}/advance");
    let before = market.get(&format!("/v1/test/clocks/{id}")).await;
    for (body, status, code) in [
        (json!({ "to": "2026-09-01T03:59:59Z" }), 422, "clock_backwards"),
        (json!({ "to": "2037-01-01T00:00:00Z" }), 422, "clock_too_far"),
        (json!({ "to": "tomorrow" }), 422, "invalid"),
        (json!({ "by_minutes": -1 }), 422, "invalid"),
        (json!({ "by_minutes": 5_260_321 }), 422, "invalid"),
        (json!({}), 422, "invalid"),
        (json!({ "to": NOON, "by_minutes": 1 }), 422, "invalid"),
        (json!({ "until": NOON }), 422, "invalid"),
    ] {
        assert_eq!(market.refused(&path, body.clone()).await, (status, code.to_owned()), "{body}");
        assert_eq!(market.get(&format!("/v1/test/clocks/{id}")).await, before, "{body}");
    }
    market.post(&path, json!({ "by_minutes": 5 })).await;
    assert_eq!(market.refused(&path, json!({ "by_minutes": 5 })).await, (409, "clock_advancing".into()));
    let unknown = "/v1/test/clocks/clk_01aryz6s410000000000000000/advance";
    assert_eq!(market.refused(unknown, json!({ "by_minutes": 5 })).await, (404, "not_found".into()));
    let name = json!({ "name": "钟".repeat(101) });
    assert_eq!(market.refused("/v1/test/clocks", name).await, (422, "clock_name_unsound".into()));
}

#[tokio::test]
async fn live_mode_has_no_clocks() {
    let market = Marketplace::new().await;
    let id = market.clock(NOON).await;
    for (method, path, body) in [
        ("POST", "/v1/test/clocks".to_owned(), Some(json!({}))),
        ("GET", "/v1/test/clocks".to_owned(), None),
        ("GET", format!("/v1/test/clocks/{id}"), None),
        ("POST", format!("/v1/test/clocks/{id}/advance"), Some(json!({ "by_minutes": 1 }))),
        ("POST", "/v1/shops".to_owned(), Some(json!({ "id": "1", "type": "c2c", "test_clock": id }))),
    ] {
        let (status, problem) = market.ask(method, &path, &market.live_key, body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("test_mode_only")), "{path}");
    }
}

#[tokio::test]
async fn a_session_of_a_shop_lives_by_its_clock() {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("turned", "c2c", Some(&clock)).await;
    market.shop("not", "c2c", None).await;
    let (turned, not) = (
        market.session("shop", "shop-owner", "turned").await,
        market.session("shop", "shop-owner", "not").await,
    );
    let path = format!("/v1/verification_sessions/{turned}");
    let session = market.get(&path).await;
    assert_eq!((&session["created_at"], &session["test_clock"]), (&json!(NOON), &json!(clock)));
    // However late it gets in the world, and however late at the clock.
    market.service.clock.turn(SignedDuration::from_hours(10));
    market.work().await;
    assert_eq!(market.get(&path).await["status"], "requires_input");
    let other = market.get(&format!("/v1/verification_sessions/{not}")).await;
    assert_eq!((&other["status"], &other["test_clock"]), (&json!("expired"), &json!(null)));
    market.turn(&clock, "2026-09-01T04:59:59Z").await;
    assert_eq!(market.get(&path).await["status"], "requires_input");
    market.turn(&clock, "2026-09-02T04:00:00Z").await;
    let session = market.get(&path).await;
    // At its own moment, not where the clock was sent.
    assert_eq!(
        (&session["status"], &session["ended_at"]),
        (&json!("expired"), &json!("2026-09-01T05:00:00Z"))
    );
}

#[tokio::test]
async fn pictures_are_deleted_when_their_time_is_over_at_the_clock() {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.get("/v1/shops/1").await["status"], "open");
    let kept = || market.service.blobs.all().len();
    assert_eq!(kept(), 3);
    market.turn(&clock, "2026-09-02T04:00:00Z").await;
    assert_eq!(kept(), 2);
    market.turn(&clock, "2026-10-01T04:00:00Z").await;
    assert_eq!(kept(), 0);
}

#[tokio::test]
async fn two_workers_turn_a_clock_as_one_does() {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    for n in 0..5 {
        market.staff("1", &format!("s{n}")).await;
        market.post(&format!("/v1/staff/s{n}/ask"), json!({})).await;
    }
    market.post(&format!("/v1/test/clocks/{clock}/advance"), json!({ "to": "2026-10-01T00:00:00Z" })).await;
    for _ in 0..50 {
        let both = ["one", "two"].map(|name| {
            let app = std::sync::Arc::clone(&market.service.app);
            tokio::spawn(async move { while app.work_once(name).await.unwrap() {} })
        });
        for worker in both {
            worker.await.unwrap();
        }
        market.service.clock.turn(SignedDuration::from_millis(100));
    }
    assert_eq!(market.get(&format!("/v1/test/clocks/{clock}")).await["status"], "ready");
    for n in 0..5 {
        let events = market.events(&format!("s{n}")).await;
        assert_eq!(
            events,
            ["staff.created", "staff.asked", "staff.reminded", "staff.reminded", "staff.frozen"]
        );
        assert_eq!(market.moments(&format!("s{n}"), "staff.frozen").await, ["2026-09-08T04:00:00Z"]);
    }
}

#[tokio::test]
async fn a_clock_goes_on_where_a_killed_worker_left_it() {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.staff("1", "a").await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.post(&format!("/v1/test/clocks/{clock}/advance"), json!({ "to": "2026-10-01T00:00:00Z" })).await;
    // Every third worker is killed with what it leased: it is found again when the lease is over.
    for turn in 0..90 {
        let now = market.service.app.world_now();
        if turn % 3 == 0 {
            let until = now + SignedDuration::from_secs(12);
            market.store.lease("killed", now, until).await.unwrap();
        } else {
            market.service.app.work_once("next").await.unwrap();
        }
        market.service.clock.turn(SignedDuration::from_secs(13));
    }
    assert_eq!(market.get(&format!("/v1/test/clocks/{clock}")).await["status"], "ready");
    let expected = ["staff.created", "staff.asked", "staff.reminded", "staff.reminded", "staff.frozen"];
    assert_eq!(market.events("a").await, expected);
    assert_eq!(market.moments("a", "staff.frozen").await, ["2026-09-08T04:00:00Z"]);
}

/// A buyer's session at a clock.
async fn buyer(market: &Marketplace, program: &str, id: &str, clock: Option<&str>) -> Value {
    let account = json!({ "kind": program, "id": id });
    let new = json!({ "program": program, "account": account, "test_clock": clock });
    market.post("/v1/verification_sessions", new).await
}

#[tokio::test]
async fn a_buyer_lives_by_the_clock_that_they_were_given_and_keeps_it() {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    for program in ["buyer", "influencer"] {
        let first = buyer(&market, program, "b1", Some(&clock)).await;
        assert_eq!((&first["created_at"], &first["test_clock"]), (&json!(NOON), &json!(clock)), "{program}");
        let again = buyer(&market, program, "b1", None).await;
        assert_eq!((&again["created_at"], &again["test_clock"]), (&json!(NOON), &json!(clock)), "{program}");
        assert_eq!(buyer(&market, program, "b2", None).await["test_clock"], json!(null));
    }
    let asked = json!({ "buyer": "b1", "order": "o-1", "kind": "refund", "amount_cents": 100 });
    let request = market.post("/v1/aftersales", asked).await;
    assert_eq!((&request["test_clock"], &request["created_at"]), (&json!(clock), &json!(NOON)));
    // Turned, their sessions end, at their own moment.
    let session = buyer(&market, "buyer", "b1", None).await;
    market.turn(&clock, "2026-09-02T04:00:00Z").await;
    let ended = market.get(&format!("/v1/verification_sessions/{}", session["id"].as_str().unwrap())).await;
    assert_eq!((&ended["status"], &ended["ended_at"]), (&json!("expired"), &json!("2026-09-01T05:00:00Z")));
}

#[tokio::test]
async fn a_session_cannot_be_given_a_clock_that_its_account_does_not_live_by() {
    let market = Marketplace::new().await;
    let (mine, other) = (market.clock(NOON).await, market.clock(NOON).await);
    market.shop("1", "c2c", Some(&mine)).await;
    market.shop("2", "c2c", None).await;
    let new = |kind: &str, program: &str, id: &str, clock: &str| json!({ "program": program, "account": { "kind": kind, "id": id }, "test_clock": clock });
    let path = "/v1/verification_sessions";
    for body in [
        new("shop", "shop-owner", "1", &other),
        new("shop", "shop-owner", "2", &other),
        new("buyer", "buyer", "b", "clk_01aryz6s410000000000000000"),
        new("buyer", "buyer", "b", "tomorrow"),
    ] {
        assert_eq!(market.refused(path, body.clone()).await, (422, "invalid".into()), "{body}");
    }
    market.post(path, new("shop", "shop-owner", "1", &mine)).await;
    let live = market.ask("POST", path, &market.live_key, Some(new("buyer", "buyer", "b", &mine))).await;
    assert_eq!((live.0, &live.1["code"]), (StatusCode::FORBIDDEN, &json!("test_mode_only")));
}

/// Row F7: of two working days from a Friday afternoon one is a Saturday that is worked in exchange, and one lies behind the
/// holidays of the Spring Festival.
#[tokio::test]
async fn a_buyers_case_is_escalated_over_a_holiday_and_never_passes_by_itself() {
    for market in [Marketplace::new().await, Marketplace::over_postgres(Default::default()).await] {
        // Friday, 13 February 2026, 13:00 in China.
        let clock = market.clock("2026-02-13T05:00:00Z").await;
        let id = buyer(&market, "buyer", "b1", Some(&clock)).await["id"].as_str().unwrap().parse().unwrap();
        market.hand_in(&id, b"ann's card", b"perhaps", "13800138000").await;
        market.work().await;
        let case = market.get("/v1/cases?account_id=b1").await["data"][0].clone();
        let path = format!("/v1/cases/{}", case["id"].as_str().unwrap());
        assert_eq!(
            (&case["test_clock"], &case["opened_at"]),
            (&json!(clock), &json!("2026-02-13T05:00:00Z"))
        );
        // Saturday the 14th is worked, then nobody works until Tuesday the 24th: due there at 13:00. Of 48 hours of
        // working days 36 are over on the 24th at 01:00.
        assert_eq!(
            (&case["due_at"], &case["escalate_at"]),
            (&json!("2026-02-24T05:00:00Z"), &json!("2026-02-23T17:00:00Z"))
        );
        assert_eq!((&case["assumed"], &case["escalated_at"]), (&json!(false), &json!(null)));
        market.turn(&clock, "2026-02-23T16:59:59Z").await;
        assert_eq!(market.get(&path).await["escalated_at"], json!(null));
        market.turn(&clock, "2026-03-23T05:00:00Z").await;
        let late = market.get(&path).await;
        assert_eq!(
            (&late["status"], &late["escalated_at"]),
            (&json!("open"), &json!("2026-02-23T17:00:00Z"))
        );
        let case = case["id"].as_str().unwrap();
        assert_eq!(market.events(case).await, ["case.opened", "case.escalated", "case.overdue"]);
        assert_eq!(market.moments(case, "case.escalated").await, ["2026-02-23T17:00:00Z"]);
        let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
        assert_eq!(session["status"], "in_review");
    }
}

#[tokio::test]
async fn a_case_that_was_decided_is_not_escalated_and_an_unknown_year_is_said() {
    let market = Marketplace::new().await;
    let clock = market.clock("2027-03-01T05:00:00Z").await;
    let id = buyer(&market, "buyer", "b1", Some(&clock)).await["id"].as_str().unwrap().parse().unwrap();
    market.hand_in(&id, b"ann's card", b"perhaps", "13800138000").await;
    market.work().await;
    let case = market.get("/v1/cases?account_id=b1").await["data"][0].clone();
    assert_eq!((&case["assumed"], &case["due_at"]), (&json!(true), &json!("2027-03-03T05:00:00Z")));
    let case = case["id"].as_str().unwrap();
    let verdict = json!({ "verdict": "reject", "note": "not the same person" });
    market.post(&format!("/v1/cases/{case}/decide"), verdict).await;
    market.turn(&clock, "2027-03-10T05:00:00Z").await;
    assert_eq!(market.events(case).await, ["case.opened", "case.decided"]);
}

#[tokio::test]
async fn working_days_are_those_of_the_operators_calendar_in_the_platforms_zone() {
    let text = r#"
        [[year]]
        year = 2027
        notice = "made up for this test"
        confirmed = true
        holidays = [{ name = "a holiday", from = "2027-03-15", to = "2027-03-15" }]
        worked = ["2027-03-20"]
    "#;
    let office = Office {
        calendar: WorkingCalendar::updated_by(text).unwrap(),
        zone: jiff::tz::TimeZone::get("America/New_York").unwrap(),
    };
    let market = Marketplace::with_settings(|settings| {
        (settings.zone, settings.office) = (office.zone.clone(), office);
    })
    .await;
    // Friday 12 March 2027, 21:00 in New York, which is the 13th in China; summer time begins there on the 14th.
    let clock = market.clock("2027-03-13T02:00:00Z").await;
    let id = buyer(&market, "buyer", "b1", Some(&clock)).await["id"].as_str().unwrap().parse().unwrap();
    market.hand_in(&id, b"ann's card", b"perhaps", "13800138000").await;
    market.work().await;
    let case = market.get("/v1/cases?account_id=b1").await["data"][0].clone();
    // Monday is a holiday: due on Wednesday at the same time of day, an hour earlier by UTC.
    assert_eq!((&case["assumed"], &case["due_at"]), (&json!(false), &json!("2027-03-18T01:00:00Z")));
    // 3 hours of Friday, Tuesday, 21 of Wednesday: three quarters are 36 hours, Wednesday at 09:00.
    assert_eq!(case["escalate_at"], json!("2027-03-17T13:00:00Z"));
}
