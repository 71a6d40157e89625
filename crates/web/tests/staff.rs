//! Sub-accounts (part E of the mission) through the API, with a clock that is turned.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use std::sync::Arc;

use axum::http::StatusCode;
use marketplace::browser::Browser;
use marketplace::{ANN, BEA, Marketplace};
use serde_json::json;
use shiren_app::record::TakenBy;
use shiren_app::{Declared, Error, Insists};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::verification::ReasonCode;
use shiren_testkit::person;

const NOON: &str = "2026-09-01T04:00:00Z";
const PHONE: &str = "13800138000";

/// A shop on a clock that shows [`NOON`], with one sub-account, and the clock.
async fn one() -> (Marketplace, String) {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.staff("1", "a").await;
    (market, clock)
}

#[tokio::test]
async fn a_sub_account_freezes_seven_days_after_it_was_asked_and_again_two_days_after_a_lift() {
    let (market, clock) = one().await;
    let made = market.get("/v1/staff/a").await;
    assert_eq!(
        (&made["status"], &made["works"], &made["role"]),
        (&json!("unasked"), &json!(true), &json!("customer_service"))
    );
    let asked = market.post("/v1/staff/a/ask", json!({})).await;
    assert_eq!((&asked["status"], &asked["until"]), (&json!("asked"), &json!("2026-09-08T04:00:00Z")));
    market.turn(&clock, "2026-09-08T03:59:59Z").await;
    assert_eq!(market.status("a").await, "asked");
    market.turn(&clock, "2026-09-08T04:00:00Z").await;
    let frozen = market.get("/v1/staff/a").await;
    assert_eq!((&frozen["status"], &frozen["works"]), (&json!("frozen"), &json!(false)));
    let lifted = market.post("/v1/staff/a/lift", json!({ "by": "owner" })).await;
    assert_eq!(
        (&lifted["status"], &lifted["works"], &lifted["lifts"]),
        (&json!("lifted"), &json!(true), &json!(1))
    );
    market.turn(&clock, "2026-12-01T00:00:00Z").await;
    assert_eq!(market.status("a").await, "frozen");
    assert_eq!(market.moments("a", "staff.frozen").await, ["2026-09-08T04:00:00Z", "2026-09-10T04:00:00Z"]);
    assert_eq!(
        market.moments("a", "staff.reminded").await,
        ["2026-09-05T04:00:00Z", "2026-09-07T04:00:00Z", "2026-09-09T04:00:00Z"]
    );
    // Freezing and reminding again is a new thing each time, and nothing happened twice.
    assert_eq!(market.events("a").await.len(), 8);
}

#[tokio::test]
async fn the_clock_stands_still_while_a_submission_is_looked_at_and_a_refusal_leaves_a_day() {
    let (market, clock) = one().await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.turn(&clock, "2026-09-08T03:00:00Z").await;
    let id = market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    let reviewed = market.get("/v1/staff/a").await;
    assert_eq!(
        (&reviewed["reviewed"], &reviewed["until"], &reviewed["seconds_left"]),
        (&json!(id), &json!(null), &json!(3600))
    );
    let found = market.get("/v1/shops/1/staff?status=in_review").await;
    assert_eq!(found["data"][0]["id"], "a");
    // The sub-account works however long it takes.
    market.turn(&clock, "2026-09-20T00:00:00Z").await;
    assert_eq!(market.get("/v1/staff/a").await["works"], true);
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let verdict = json!({ "verdict": "ask_again", "note": "the photo shows nobody" });
    market.post(&format!("/v1/cases/{case}/decide"), verdict).await;
    let refused = market.get("/v1/staff/a").await;
    assert_eq!((&refused["until"], &refused["reviewed"]), (&json!("2026-09-21T00:00:00Z"), &json!(null)));
    market.turn(&clock, "2026-09-22T00:00:00Z").await;
    assert_eq!(market.moments("a", "staff.frozen").await, ["2026-09-21T00:00:00Z"]);
}

/// Row E8: a review that nobody decides in its 48 hours passes nobody and stops nobody, and its result is told.
#[tokio::test]
async fn a_review_that_is_missed_never_passes_and_the_sub_account_works_meanwhile() {
    let (market, clock) = one().await;
    market.post("/v1/staff/a/ask", json!({})).await;
    let id = market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    let case = market.get("/v1/cases?status=open").await["data"][0].clone();
    assert_eq!(
        (&case["due_at"], &case["escalate_at"]),
        (&json!("2026-09-03T04:00:00Z"), &json!("2026-09-02T16:00:00Z"))
    );
    market.turn(&clock, "2026-12-01T00:00:00Z").await;
    let session = format!("/v1/verification_sessions/{id}");
    assert_eq!(market.get(&session).await["status"], "in_review");
    let staff = market.get("/v1/staff/a").await;
    assert_eq!(
        (&staff["works"], &staff["bound"], &staff["reviewed"]),
        (&json!(true), &json!(false), &json!(id))
    );
    assert_eq!(market.get("/v1/staff/a/banner").await["urgency"], "info");
    // Nobody begins another one meanwhile.
    let other = json!({ "program": "staff", "account": { "kind": "staff", "id": "a" } });
    let (status, problem) =
        market.ask("POST", "/v1/verification_sessions", &market.key, Some(other.clone())).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("staff_being_reviewed")));
    assert!(
        problem["fix"].as_str().unwrap().contains("due_at")
            && problem["title"].as_str().unwrap().contains(&id.to_string())
    );
    let verdict = json!({ "verdict": "reject", "note": "somebody else" });
    market.post(&format!("/v1/cases/{}/decide", case["id"].as_str().unwrap()), verdict).await;
    assert_eq!(market.get(&session).await["status"], "rejected");
    let told = market.get("/v1/shops/1/messages").await["data"].clone();
    assert_eq!(told[0]["kind"], "review_refused", "{told}");
    // From now on one can, in all of the time that was left when it was handed in.
    assert_eq!(market.get("/v1/staff/a").await["until"], "2026-12-08T00:00:00Z");
    assert!(market.post("/v1/verification_sessions", other).await["link"]["url"].is_string());
}

/// Row E28: the API knows no certificate, so none can follow from a verification, and no verification from one.
#[tokio::test]
async fn a_verification_says_nothing_of_certificates_and_asks_for_none() {
    let described = shiren_web::api::openapi().to_string().to_lowercase();
    for word in ["certificat", "数字证书"] {
        assert!(!described.contains(word), "{word}");
    }
    let (market, _) = one().await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    let mut told = market.get("/v1/staff/a").await.to_string();
    told += &market.get("/v1/staff/a/bindings").await.to_string();
    told += &market.get("/v1/events?limit=100").await.to_string();
    assert!(told.contains("staff.verified") && !told.to_lowercase().contains("certificat"), "{told}");
}

#[tokio::test]
async fn passing_binds_the_user_and_unfreezes_and_a_wrong_face_does_not() {
    let (market, clock) = one().await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.turn(&clock, "2026-09-09T00:00:00Z").await;
    assert_eq!(market.status("a").await, "frozen");
    let other = market.handed_in("a", b"ann's card", b"somebody else", PHONE).await;
    market.work().await;
    assert_eq!(market.get(&format!("/v1/verification_sessions/{other}")).await["status"], "requires_input");
    assert_eq!(market.status("a").await, "frozen");
    let id = market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    let verified = market.get("/v1/staff/a").await;
    assert_eq!(
        (&verified["status"], &verified["since"]),
        (&json!("verified"), &json!("2026-09-09T00:00:00Z"))
    );
    let bindings = market.get("/v1/staff/a/bindings").await;
    assert_eq!(bindings["data"][0]["verification_session"], json!(id));
    // Nothing of the person is told (E15).
    assert!(!bindings.to_string().contains(ANN) && !verified.to_string().contains(PHONE));
    // The user stays until unbound (E25).
    let again = json!({ "program": "staff", "account": { "kind": "staff", "id": "a" } });
    assert_eq!(
        market.refused("/v1/verification_sessions", again).await,
        (409, "staff_user_immutable".into())
    );
}

#[tokio::test]
async fn unbinding_begins_anew_and_the_past_knows_who_it_was() {
    let (market, clock) = one().await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    market.turn(&clock, "2026-10-01T00:00:00Z").await;
    let unbound = market.post("/v1/staff/a/unbind", json!({ "by": "owner" })).await;
    assert_eq!((&unbound["status"], &unbound["until"]), (&json!("asked"), &json!("2026-10-08T00:00:00Z")));
    market.turn(&clock, "2026-10-02T00:00:00Z").await;
    market.handed_in("a", b"bea's card", b"herself", "13900139000").await;
    market.work().await;
    let purpose = "purpose=dispute%204711";
    for (at, number) in [
        ("2026-08-31T00:00:00Z", json!(null)),
        ("2026-09-01T04:00:00Z", json!("110*************2X")),
        ("2026-09-30T23:59:59Z", json!("110*************2X")),
        ("2026-10-01T00:00:00Z", json!(null)),
        ("2026-10-02T00:00:00Z", json!("110*************46")),
    ] {
        let found = market.get(&format!("/v1/staff/a/responsible?at={at}&{purpose}")).await;
        assert_eq!(found["person"]["number"], number, "{at}");
    }
    let now = market.get(&format!("/v1/staff/a/responsible?{purpose}")).await;
    assert_eq!((&now["person"]["name"], &now["person"]["assisted"]), (&json!("王*"), &json!(false)));
    assert!(now["person"]["assurance"]["level"].is_string(), "{now}");
    // Every look is in the log, with who and why.
    let log = market.store.snapshot().await.unwrap().audit_of("staff:a").await.unwrap();
    assert_eq!(log.len(), 6);
    assert_eq!((log[1].actor.as_str(), log[1].action.as_str()), ("key:tests", "responsible.looked_up"));
    assert_eq!(log[1].purpose, "2026-09-01T04:00:00Z: dispute 4711");
    for wrong in ["at=2026-10-03T00:00:00Z&purpose=dispute", "purpose=why", ""] {
        let path = format!("/v1/staff/a/responsible?{wrong}");
        let (status, problem) = market.ask("GET", &path, &market.key, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {problem}");
    }
}

#[tokio::test]
async fn within_a_shop_an_identity_and_a_phone_are_one_sub_accounts() {
    let (market, _) = one().await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    market.staff("1", "b").await;
    let id = market.session("staff", "staff", "b").await;
    // Told before any picture, also when the number is written in another way.
    for (number, phone, field, code) in [
        (Some("11010519491231002x"), "13700137000", "id_number", ReasonCode::StaffIdentityInUse),
        (Some(BEA), "+86 138-0013-8000", "phone", ReasonCode::StaffPhoneInUse),
        (None, "12345", "phone", ReasonCode::PhoneInvalid),
        (None, " ", "phone", ReasonCode::MaterialMissing),
    ] {
        let told = market.enter(&id, number, phone).await.unwrap_err();
        assert!(matches!(&told, Error::Entry { field: f, code: c } if *f == field && *c == code), "{told}");
    }
    // And by what the card itself says.
    market.hand_in(&id, b"ann's card", b"herself", "13700137000").await;
    market.work().await;
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    assert_eq!(session["reasons"][0]["code"], "staff_identity_in_use");
    assert_eq!(market.status("b").await, "unasked");
    // In another shop the same person is welcome.
    market.shop("2", "c2c", None).await;
    market.staff("2", "c").await;
    market.handed_in("c", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(market.status("c").await, "verified");
    // Unbound, identity and phone are free again.
    market.post("/v1/staff/a/unbind", json!({})).await;
    market.handed_in("b", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(market.status("b").await, "verified");
}

#[tokio::test]
async fn of_a_hundred_who_hand_in_one_identity_in_one_shop_one_is_bound() {
    let rules = StaffRules { quota: 100, quota_verified: 100, ..StaffRules::default() };
    one_is_bound(Marketplace::with_rules(rules.clone()).await).await;
    one_is_bound(Marketplace::over_postgres(rules).await).await;
}

async fn one_is_bound(market: Marketplace) {
    market.shop("1", "c2c", None).await;
    for n in 0..100 {
        market.staff("1", &format!("s{n}")).await;
        market.handed_in(&format!("s{n}"), b"ann's card", b"herself", &format!("138001{n:05}")).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|n| {
            let app = Arc::clone(&market.service.app);
            tokio::spawn(
                async move { while app.work_once(&format!("worker-{n}")).await.expect("it works") {} },
            )
        })
        .collect();
    for worker in workers {
        worker.await.expect("it works");
    }
    let found = |status: &'static str| {
        let market = &market;
        async move {
            let page = market.get(&format!("/v1/shops/1/staff?status={status}&limit=100")).await;
            page["data"].as_array().map_or(0, Vec::len)
        }
    };
    assert_eq!((found("verified").await, found("unasked").await, found("in_review").await), (1, 99, 0));
}

#[tokio::test]
async fn temporary_sub_accounts_work_inside_their_window_only() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-10-26T15:59:59Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let new =
        |id: &str| json!({ "id": id, "name": "临时客服", "role": "customer_service", "type": "temporary" });
    assert_eq!(market.refused("/v1/shops/1/staff", new("t")).await, (409, "outside_promotion".into()));
    market.turn(&clock, "2026-10-26T16:00:00Z").await;
    let made = market.post("/v1/shops/1/staff", new("t")).await;
    assert_eq!((&made["status"], &made["works"]), (&json!("waiting"), &json!(false)));
    assert_eq!(market.refused("/v1/staff/t/ask", json!({})).await, (409, "staff_temporary".into()));
    market.turn(&clock, "2026-11-01T00:00:00Z").await;
    let open = market.get("/v1/staff/t").await;
    assert_eq!((&open["status"], &open["works"]), (&json!("open"), &json!(true)));
    market.turn(&clock, "2026-12-31T00:00:00Z").await;
    let over = market.get("/v1/staff/t").await;
    assert_eq!((&over["status"], &over["since"]), (&json!("disabled"), &json!("2026-12-21T16:00:00Z")));
    assert_eq!(market.events("t").await, ["staff.created", "staff.opened", "staff.disabled"]);
    assert_eq!(market.moments("t", "staff.opened").await, ["2026-10-31T16:00:00Z"]);
}

#[tokio::test]
async fn exempt_shops_are_not_asked_and_a_demand_can_be_taken_back() {
    let date = "2027-01-01".parse().unwrap();
    let rules =
        StaffRules { exempt: [("tmall-global".to_owned(), Some(date))].into(), ..StaffRules::default() };
    let market = Marketplace::with_rules(rules).await;
    let clock = market.clock("2026-12-31T15:59:59Z").await;
    market.shop("1", "tmall-global", Some(&clock)).await;
    market.shop("2", "c2c", None).await;
    market.staff("1", "a").await;
    market.staff("2", "b").await;
    assert_eq!(market.refused("/v1/staff/a/ask", json!({})).await, (409, "staff_exempt".into()));
    market.turn(&clock, "2026-12-31T16:00:00Z").await;
    assert_eq!(market.post("/v1/staff/a/ask", json!({})).await["status"], "asked");
    assert_eq!(market.refused("/v1/staff/b/excuse", json!({})).await, (409, "staff_not_asked".into()));
    market.post("/v1/staff/b/ask", json!({})).await;
    assert_eq!(market.post("/v1/staff/b/excuse", json!({})).await["status"], "unasked");
}

/// Rules change while countdowns run (row E18): on both stores in CI.
#[tokio::test]
async fn an_exemption_that_begins_later_ends_countdowns_and_its_end_begins_them_anew() {
    let mut market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "tmall-global", Some(&clock)).await;
    market.shop("2", "c2c", Some(&clock)).await;
    for (shop, id) in [("1", "a"), ("1", "b"), ("1", "c"), ("2", "d")] {
        market.staff(shop, id).await;
    }
    market.post("/v1/staff/b/ask", json!({})).await;
    market.turn(&clock, "2026-09-08T04:00:00Z").await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.post("/v1/staff/d/ask", json!({})).await;
    assert_eq!(market.status("b").await, "frozen");

    let exempt = |until: Option<&str>| StaffRules {
        exempt: [("tmall-global".to_owned(), until.map(|date| date.parse().unwrap()))].into(),
        ..StaffRules::default()
    };
    market.restart(exempt(None)).await;
    for id in ["a", "b"] {
        let excused = market.get(&format!("/v1/staff/{id}")).await;
        assert_eq!((&excused["status"], &excused["works"]), (&json!("unasked"), &json!(true)), "{id}");
        assert_eq!(market.moments(id, "staff.excused").await, ["2026-09-08T04:00:00Z"]);
    }
    assert_eq!(market.status("d").await, "asked");
    market.turn(&clock, "2026-10-01T04:00:00Z").await;
    assert_eq!((market.status("a").await, market.status("d").await), ("unasked".into(), "frozen".into()));
    assert_eq!(market.moments("a", "staff.reminded").await, [""; 0]);

    // A date is announced: 2026-11-01 in Shanghai.
    market.restart(exempt(Some("2026-11-01"))).await;
    assert_eq!(market.refused("/v1/staff/a/ask", json!({})).await, (409, "staff_exempt".into()));
    market.turn(&clock, "2026-11-05T00:00:00Z").await;
    for id in ["a", "b"] {
        let asked = market.get(&format!("/v1/staff/{id}")).await;
        assert_eq!((&asked["status"], &asked["until"]), (&json!("asked"), &json!("2026-11-07T16:00:00Z")));
        assert_eq!(market.moments(id, "staff.asked").await.last().unwrap(), "2026-10-31T16:00:00Z");
        assert_eq!(market.moments(id, "staff.reminded").await.last().unwrap(), "2026-11-04T16:00:00Z");
    }
    // Who was never asked is not.
    assert_eq!(market.status("c").await, "unasked");

    // It begins once more, and ends without a day that anybody knew of: nobody's time begins in the past.
    market.restart(exempt(Some("2027-01-01"))).await;
    assert_eq!(market.status("a").await, "unasked");
    market.turn(&clock, "2026-11-20T00:00:00Z").await;
    market.restart(StaffRules::default()).await;
    for id in ["a", "b"] {
        assert_eq!(market.get(&format!("/v1/staff/{id}")).await["until"], "2026-11-27T00:00:00Z");
    }
    market.turn(&clock, "2026-11-27T00:00:00Z").await;
    assert_eq!((market.status("a").await, market.status("b").await), ("frozen".into(), "frozen".into()));
}

#[tokio::test]
async fn a_name_is_for_ever_and_the_security_phone_is_another_one() {
    let (market, _) = one().await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    let renamed = json!({ "name": "客服小李" });
    assert_eq!(market.refused("/v1/staff/a", renamed).await, (422, "staff_name_immutable".into()));
    let amended = market
        .post("/v1/staff/a", json!({ "name": "客服小王", "role": "finance", "security_phone": PHONE }))
        .await;
    assert_eq!(
        (&amended["role"], &amended["security_phone"], &amended["status"]),
        (&json!("finance"), &json!(true), &json!("verified"))
    );
    // The phone of a verified user may guard another sub-account's sign-ins.
    market.staff("1", "b").await;
    assert_eq!(market.post("/v1/staff/b", json!({ "security_phone": PHONE })).await["security_phone"], true);
    for body in [json!({ "security_phone": "1" }), json!({ "role": "boss" }), json!({ "user": "x" })] {
        assert_eq!(market.refused("/v1/staff/a", body.clone()).await, (422, "invalid".into()), "{body}");
    }
}

#[tokio::test]
async fn the_banner_says_what_is_to_be_done_and_how_long_there_is_time() {
    let (market, clock) = one().await;
    let banner = || market.get("/v1/staff/a/banner");
    assert_eq!(banner().await["urgency"], json!(null));
    market.post("/v1/staff/a/ask", json!({})).await;
    let due = banner().await;
    assert_eq!((&due["urgency"], &due["until"]), (&json!("due"), &json!("2026-09-08T04:00:00Z")));
    assert_eq!(due["text"]["zh"], "还有 7 天完成实人认证，逾期子账号将被冻结。");
    market.turn(&clock, "2026-09-07T06:00:00Z").await;
    assert_eq!(banner().await["urgency"], "overdue");
    market.turn(&clock, "2026-09-08T06:00:00Z").await;
    assert_eq!(banner().await["urgency"], "frozen");
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(banner().await["urgency"], json!(null));
}

#[tokio::test]
async fn a_verified_shop_may_have_more_sub_accounts() {
    let (market, _) = one().await;
    for n in 1..5 {
        market.staff("1", &format!("s{n}")).await;
    }
    let one_more = json!({ "id": "six", "name": "客服", "role": "other" });
    assert_eq!(market.refused("/v1/shops/1/staff", one_more.clone()).await, (409, "staff_quota_full".into()));
    market.post("/v1/staff/s1/remove", json!({ "by": "owner" })).await;
    market.post("/v1/shops/1/staff", one_more).await;
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"bea's card", b"herself", PHONE).await;
    market.work().await;
    let shop = market.get("/v1/shops/1").await;
    assert_eq!((&shop["status"], &shop["staff_quota"]), (&json!("open"), &json!(10)));
    market.staff("1", "seven").await;
    let owner = market.get("/v1/shops/1/responsible?purpose=payment").await;
    assert_eq!(owner["person"]["number"], "110*************46");
    assert_eq!(market.events("1").await, ["shop.registered", "shop.opened", "recheck.planned"]);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_nothing_changes() {
    let (market, _) = one().await;
    let before = market.get("/v1/staff/a").await;
    let staff = |id: &str, name: &str, role: &str| json!({ "id": id, "name": name, "role": role });
    for (path, body, status, code) in [
        ("/v1/shops", json!({ "id": "1", "type": "c2c" }), 409, "exists"),
        ("/v1/shops", json!({ "id": "", "type": "c2c" }), 422, "invalid"),
        ("/v1/shops", json!({ "id": "3", "type": "天猫" }), 422, "invalid"),
        ("/v1/shops", json!({ "id": "3", "type": "c2c", "owner": "Ann" }), 422, "invalid"),
        ("/v1/shops", json!({ "id": "3", "type": "c2c", "test_clock": "noon" }), 422, "invalid"),
        (
            "/v1/shops",
            json!({ "id": "3", "type": "c2c", "test_clock": "clk_01aryz6s410000000000000000" }),
            422,
            "invalid",
        ),
        ("/v1/shops/2/staff", staff("b", "客服", "other"), 404, "not_found"),
        ("/v1/shops/1/staff", staff("a", "客服", "other"), 409, "exists"),
        ("/v1/shops/1/staff", staff("b", "", "other"), 422, "staff_name_unsound"),
        ("/v1/shops/1/staff", staff("b\u{7}", "客服", "other"), 422, "invalid"),
        ("/v1/shops/1/staff", staff("b", "客服", "boss"), 422, "invalid"),
        ("/v1/staff/a/lift", json!({}), 409, "staff_not_frozen"),
        ("/v1/staff/a/unbind", json!({}), 409, "staff_nobody_bound"),
        ("/v1/staff/a/unbind", json!({ "by": "a friend" }), 422, "invalid"),
        ("/v1/staff/a/excuse", json!({}), 409, "staff_not_asked"),
        ("/v1/staff/nobody/ask", json!({}), 404, "not_found"),
        (
            "/v1/verification_sessions",
            json!({ "program": "staff", "account": { "kind": "staff", "id": "nobody" } }),
            422,
            "invalid",
        ),
        (
            "/v1/verification_sessions",
            json!({ "program": "buyer", "account": { "kind": "staff", "id": "a" } }),
            422,
            "invalid",
        ),
    ] {
        assert_eq!(market.refused(path, body.clone()).await, (status, code.to_owned()), "{path} {body}");
    }
    // The other mode does not see it.
    let (status, _) = market.ask("GET", "/v1/staff/a", &market.live_key, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = market.ask("POST", "/v1/staff/a/ask", &market.live_key, Some(json!({}))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(market.get("/v1/staff/a").await, before);
    assert_eq!(market.events("a").await, ["staff.created"]);
    let (status, _) = market.ask("GET", "/v1/shops/1/staff?status=happy", &market.key, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn two_submissions_for_one_sub_account_are_not_looked_at_at_once() {
    let (market, _) = one().await;
    market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    let asked = json!({ "program": "staff", "account": { "kind": "staff", "id": "a" } });
    assert_eq!(
        market.refused("/v1/verification_sessions", asked).await,
        (409, "staff_being_reviewed".into())
    );
}

#[tokio::test]
async fn a_session_that_is_called_off_lets_the_countdown_go_on() {
    let (market, clock) = one().await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.turn(&clock, "2026-09-03T04:00:00Z").await;
    let id = market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    market.turn(&clock, "2026-09-13T04:00:00Z").await;
    market.post(&format!("/v1/verification_sessions/{id}/cancel"), json!({})).await;
    let staff = market.get("/v1/staff/a").await;
    assert_eq!((&staff["until"], &staff["reviewed"]), (&json!("2026-09-18T04:00:00Z"), &json!(null)));
}

#[tokio::test]
async fn who_is_no_longer_there_when_the_result_comes_is_bound_to_nothing_on_both_stores() {
    gone_meanwhile(Marketplace::new().await).await;
    gone_meanwhile(Marketplace::over_postgres(StaffRules::default()).await).await;
}

/// A sub-account's user is unbound, it is removed, its shop closes or is banned, while a verification is processed or in
/// review.
async fn gone_meanwhile(market: Marketplace) {
    for (ending, called_off) in [
        ("unbind", "user_unbound"),
        ("remove", "account_removed"),
        ("close", "shop_ended"),
        ("ban", "shop_ended"),
    ] {
        for reviewed in [false, true] {
            let (shop, staff) = (format!("{ending}-{reviewed}"), format!("{ending}-{reviewed}-a"));
            let file = format!("/v1/staff/{staff}");
            market.shop(&shop, "c2c", None).await;
            market.staff(&shop, &staff).await;
            if ending == "unbind" {
                market.handed_in(&staff, b"ann's card", b"herself", PHONE).await;
                market.work().await;
                market.post(&format!("{file}/recheck"), json!({})).await;
            }
            let mut browser = Browser::default();
            let id = browser.opens(&market, "staff", "staff", &staff).await;
            let selfie: &[u8] = if reviewed { b"perhaps" } else { b"herself" };
            market.hand_in(&id, b"ann's card", selfie, PHONE).await;
            let status = if reviewed { "in_review" } else { "processing" };
            if reviewed {
                market.work().await;
            }
            let session = format!("/v1/verification_sessions/{id}");
            assert_eq!(market.get(&session).await["status"], status);
            match ending {
                "unbind" => market.post(&format!("{file}/unbind"), json!({ "by": "owner" })).await,
                "remove" => market.post(&format!("{file}/remove"), json!({ "by": "owner" })).await,
                "close" => market.post(&format!("/v1/shops/{shop}/close"), json!({ "reference": "r" })).await,
                _ => {
                    let penalty = json!({
                        "reference": "p", "kind": "permanent_closure", "violation": "fake-goods",
                        "reason": "屡次售假", "refund_reference": "r",
                    });
                    market.post(&format!("/v1/shops/{shop}/penalties"), penalty).await
                }
            };
            let said = |s: &serde_json::Value| (s["status"].clone(), s["called_off"].clone());
            let ended = (json!("canceled"), json!(called_off));
            assert_eq!(said(&market.get(&session).await), ended, "{ending} {status}");
            // The result comes late, and nothing waits for anybody.
            market.work().await;
            assert_eq!(said(&market.get(&session).await), ended);
            let counts = market.service.app.job_counts().await.unwrap();
            assert_eq!(counts.dead, 0, "{ending} {status}");
            let after = market.get(&file).await;
            assert_eq!((&after["bound"], &after["reviewed"]), (&json!(false), &json!(null)), "{ending}");
            let cases = market.get(&format!("/v1/cases?account_id={staff}")).await["data"].clone();
            let verdicts: Vec<_> = cases.as_array().unwrap().iter().map(|c| c["verdict"].clone()).collect();
            assert_eq!(verdicts, if reviewed { vec![json!("withdrawn")] } else { vec![] });
            let told = market.get(&format!("/v1/events?object={id}&limit=100")).await["data"].clone();
            let told = told.as_array().unwrap().last().unwrap();
            assert_eq!(told["type"], "verification_session.canceled");
            assert_eq!(told["data"]["called_off"], called_off);
            let page = browser.page(&market, "/verify").await;
            let says = match called_off {
                "user_unbound" => "unbound whoever uses this sub-account",
                "account_removed" => "The sub-account was removed",
                _ => "The shop was closed",
            };
            assert!(page.contains(says), "{page}");
        }
    }
    // She is not asked for by anybody, and can stand behind another sub-account.
    market.staff("unbind-true", "b").await;
    market.handed_in("b", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(market.status("b").await, "verified");
}

#[tokio::test]
async fn an_open_draft_of_who_was_unbound_is_over_with_it() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    market.post("/v1/staff/a/recheck", json!({})).await;
    let draft = market.session("staff", "staff", "a").await;
    market.prepare(&draft, b"ann's card", b"herself", PHONE).await;
    market.post("/v1/staff/a/unbind", json!({})).await;
    assert!(matches!(market.service.app.submit(&draft, None).await, Err(Error::Refused(_))));
    market.work().await;
    assert_eq!(market.status("a").await, "asked");
}

#[tokio::test]
async fn a_reviewer_cannot_bind_one_identity_twice_in_a_shop() {
    let (market, _) = one().await;
    market.staff("1", "b").await;
    let id = market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    market.handed_in("b", b"ann's card", b"herself", "13700137000").await;
    market.work().await;
    assert_eq!(market.status("b").await, "verified");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/cases/{case}/decide");
    let approve = json!({ "verdict": "approve", "note": "it is she" });
    assert_eq!(market.refused(&path, approve).await, (409, "staff_identity_in_use".into()));
    assert_eq!(market.get(&format!("/v1/verification_sessions/{id}")).await["status"], "in_review");
    market.post(&path, json!({ "verdict": "reject", "note": "bound to another one" })).await;
    assert_eq!(market.events("a").await.last().unwrap(), "staff.refused");
}

#[tokio::test]
async fn a_deadline_whose_worker_was_killed_happens_once() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.service.clock.turn(jiff::SignedDuration::from_hours(168));
    let now = market.service.app.world_now();
    let until = now + jiff::SignedDuration::from_secs(12);
    let killed = market.store.lease("killed", now, until).await.unwrap().unwrap();
    market.work().await;
    assert_eq!(market.status("a").await, "asked");
    market.service.clock.turn(jiff::SignedDuration::from_secs(12));
    market.work().await;
    assert_eq!(market.status("a").await, "frozen");
    // Late, it finds that its lease is lost.
    let mut tx = market.store.begin().await.unwrap();
    assert!(tx.finish(&killed).await.unwrap().is_err());
    drop(tx);
    let expected = ["staff.created", "staff.asked", "staff.reminded", "staff.reminded", "staff.frozen"];
    assert_eq!(market.events("a").await, expected);
}

/// A session of a sub-account by passport, with everything handed in.
async fn by_passport(
    market: &Marketplace,
    staff: &str,
    card: &[u8],
    selfie: &[u8],
    phone: &str,
) -> SessionId {
    let id = market.session("staff", "staff", staff).await;
    let app = &market.service.app;
    person::consent(app, &id).await.unwrap();
    app.choose_method(&id, "passport").await.unwrap();
    let entered =
        Declared { id_number: Some("L898902C3".into()), phone: Some(phone.into()), ..Declared::default() };
    app.declare(&id, entered, Insists::default()).await.unwrap();
    for (step, bytes) in [("passport", card), ("selfie", selfie)] {
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(&id, None).await.unwrap();
    market.work().await;
    id
}

#[tokio::test]
async fn passports_of_two_states_with_one_number_are_two_people_in_a_shop() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    for staff in ["a", "b", "c"] {
        market.staff("1", staff).await;
    }
    by_passport(&market, "a", b"utopia's passport", b"eve", "13800138001").await;
    assert_eq!(market.status("a").await, "verified");
    by_passport(&market, "b", b"ruritania's passport", b"fay", "13800138002").await;
    assert_eq!(market.status("b").await, "verified", "another state's");
    // The same passport at a third sub-account is hers already.
    let again = by_passport(&market, "c", b"utopia's passport", b"eve", "13800138003").await;
    let session = market.get(&format!("/v1/verification_sessions/{again}")).await;
    assert_eq!(session["reasons"][0]["code"], "staff_identity_in_use");
    // And the re-check of who is bound takes the passport of her state alone.
    market.post("/v1/staff/a/recheck", json!({})).await;
    let other = by_passport(&market, "a", b"ruritania's passport", b"fay", "13800138001").await;
    let session = market.get(&format!("/v1/verification_sessions/{other}")).await;
    let codes: Vec<_> = session["reasons"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert!(codes.contains(&&json!("staff_user_immutable")), "{codes:?}");
    let own = by_passport(&market, "a", b"utopia's passport", b"eve", "13800138001").await;
    assert_eq!(market.get(&format!("/v1/verification_sessions/{own}")).await["status"], "verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_sub_accounts_of_a_shop_one_binds_a_phone_on_both_stores() {
    let many = || StaffRules { quota: 200, quota_verified: 200, ..StaffRules::default() };
    one_phone(Marketplace::with_rules(many()).await).await;
    one_phone(Marketplace::over_postgres(many()).await).await;
}

/// A hundred people, each with a passport of their own state, hand in one phone at the same moment.
async fn one_phone(market: Marketplace) {
    market.shop("1", "c2c", None).await;
    let mut sessions = Vec::new();
    for n in 0..100 {
        let staff = format!("s{n}");
        market.staff("1", &staff).await;
        sessions.push(market.session("staff", "staff", &staff).await);
    }
    let market = std::sync::Arc::new(market);
    let handing_in: tokio::task::JoinSet<_> = sessions
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let (market, id) = (std::sync::Arc::clone(&market), id.clone());
            async move {
                let app = &market.service.app;
                person::consent(app, &id).await.unwrap();
                app.choose_method(&id, "passport").await.unwrap();
                let entered = Declared {
                    id_number: Some("L898902C3".into()),
                    phone: Some("13800138000".into()),
                    ..Declared::default()
                };
                app.declare(&id, entered, Insists::default()).await.unwrap();
                let (card, selfie) = (format!("passport {n}"), format!("person {n}"));
                for (step, bytes) in [("passport", card), ("selfie", selfie)] {
                    app.take_picture(&id, step, bytes.into_bytes(), TakenBy::Camera).await.unwrap();
                }
                app.submit(&id, None).await.unwrap();
            }
        })
        .collect();
    handing_in.join_all().await;
    let workers: tokio::task::JoinSet<_> = (0..16)
        .map(|n| {
            let app = std::sync::Arc::clone(&market.service.app);
            async move { while app.work_once(&format!("worker-{n}")).await.unwrap() {} }
        })
        .collect();
    workers.join_all().await;
    // A check that lost against another one is a job that comes back.
    market.service.clock.turn(jiff::SignedDuration::from_mins(5));
    market.work().await;
    let mut bound = 0;
    for (n, id) in sessions.iter().enumerate() {
        let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
        if session["status"] == "verified" {
            assert_eq!(market.status(&format!("s{n}")).await, "verified");
            bound += 1;
        } else {
            assert_eq!(session["reasons"][0]["code"], "staff_phone_in_use", "{session}");
        }
    }
    assert_eq!(bound, 1);
}
