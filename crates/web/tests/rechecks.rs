//! Re-checks (rows D4, D5, D7, D8, D9, G8) through the API, on clocks that are turned.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_app::record::TakenBy;
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::recheck::{ActionMissed, RecheckRules};

async fn verify(market: &Marketplace, card: &[u8], selfie: &[u8]) -> SessionId {
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, card, selfie, "13800138000").await;
    market.work().await;
    id
}

async fn opened(market: &Marketplace) -> String {
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    verify(market, b"ann's card", b"herself").await;
    clock
}

async fn codes(market: &Marketplace, id: &SessionId) -> (String, Vec<String>) {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let codes = session["reasons"].as_array().into_iter().flatten();
    let codes = codes.filter_map(|r| r["code"].as_str().map(str::to_owned)).collect();
    (session["status"].as_str().unwrap_or_default().to_owned(), codes)
}

#[tokio::test]
async fn a_shop_is_asked_again_after_180_days_and_restricted_until_it_is_done_on_both_stores() {
    asked_and_restricted(Marketplace::new().await).await;
    asked_and_restricted(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn asked_and_restricted(market: Marketplace) {
    let clock = opened(&market).await;
    let payment = json!({ "movement": "payment", "reference": "p", "cents": 3_000_000 });
    market.post("/v1/shops/1/deposit/entries", payment).await;
    let resting = market.get("/v1/shops/1/recheck").await;
    assert_eq!(
        (&resting["status"], &resting["scheduled_at"]),
        (&json!("resting"), &json!("2026-08-28T04:00:00Z"))
    );
    let ahead = market.get("/v1/rechecks/forecast?from=2026-08-28&to=2026-08-29").await;
    assert_eq!(
        ahead["data"],
        json!([
            { "day": "2026-08-28", "due": 1, "capacity": 1000 }, { "day": "2026-08-29", "due": 0, "capacity": 1000 },
        ])
    );
    market.turn(&clock, "2026-08-20T00:00:00Z").await;
    let asked = market.get("/v1/shops/1/recheck").await;
    assert_eq!(
        (&asked["status"], &asked["why"], &asked["asked_at"], &asked["due_at"]),
        (
            &json!("asked"),
            &json!("scheduled"),
            &json!("2026-08-14T04:00:00Z"),
            &json!("2026-08-28T04:00:00Z")
        )
    );
    assert_eq!(market.get("/v1/shops/1/listings/laptops").await["may_list"], true);
    market.turn(&clock, "2026-09-10T00:00:00Z").await;
    assert_eq!(
        market.moments("1", "recheck.reminded").await,
        ["2026-08-21T04:00:00Z", "2026-08-25T04:00:00Z", "2026-08-27T04:00:00Z",]
    );
    assert_eq!(market.moments("1", "recheck.restricted").await, ["2026-08-28T04:00:00Z"]);
    assert_eq!(market.get("/v1/shops/1/listings/laptops").await["reasons"], json!(["recheck_missed"]));
    let live = json!({ "event": "go_live", "account": { "kind": "shop", "id": "1" } });
    let rule = json!({
        "version": 0, "events": ["go_live"],
        "rules": [{ "name": "all", "when": "event == 'go_live'", "because": { "zh": "开播", "en": "going live" } }],
    });
    market.put("/v1/gate/rules", rule).await;
    assert_eq!(market.post("/v1/gate", live.clone()).await["outcome"], "verification_required");
    verify(&market, b"ann's card", b"herself").await;
    assert_eq!(market.post("/v1/gate", live).await["outcome"], "allow");
    let done = market.get("/v1/shops/1/recheck").await;
    assert_eq!((&done["status"], &done["passed_at"]), (&json!("resting"), &json!("2026-09-10T00:00:00Z")));
    assert_eq!(done["scheduled_at"], "2027-03-09T00:00:00Z");
    assert_eq!(market.get("/v1/shops/1/listings/laptops").await["may_list"], true);
    // A shop that ended is asked for nothing any more.
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    let ahead = market.get("/v1/rechecks/forecast?from=2027-03-09&to=2027-03-09").await;
    assert_eq!(ahead["data"][0]["due"], 0, "and takes nobody's place");
    market.turn(&clock, "2027-06-01T00:00:00Z").await;
    assert_eq!(market.moments("1", "recheck.asked").await.len(), 1);
}

#[tokio::test]
async fn a_bad_record_brings_a_check_on_a_day_that_nobody_can_know() {
    let market = Marketplace::new().await;
    let clock = opened(&market).await;
    let penalty = json!({ "reference": "p1", "kind": "warning", "violation": "late", "reason": "发货太慢" });
    market.post("/v1/shops/1/penalties", penalty).await;
    let before = market.get("/v1/shops/1/recheck").await;
    assert_eq!(
        (&before["status"], &before["scheduled_at"]),
        (&json!("resting"), &json!("2026-08-28T04:00:00Z"))
    );
    market.turn(&clock, "2026-04-05T04:00:00Z").await;
    let asked = market.moments("1", "recheck.asked").await;
    assert_eq!(asked.len(), 1);
    let day = asked[0].as_str();
    assert!(("2026-03-01T04:00:00Z".."2026-03-31T04:00:02Z").contains(&day), "{day}");
    let (events, shown) = (market.events("1").await, market.get("/v1/shops/1/recheck").await);
    assert_eq!(events.last().map(String::as_str), Some("recheck.restricted"), "{events:?}");
    assert_eq!((&shown["status"], &shown["why"]), (&json!("restricted"), &json!("unscheduled")));
}

#[tokio::test]
async fn before_an_action_a_check_is_asked_for_and_bound_to_it() {
    let market = Marketplace::new().await;
    let clock = opened(&market).await;
    let path = "/v1/shops/1/recheck";
    let asked = market.post(path, json!({ "action": "live:room-7" })).await;
    assert_eq!(
        (&asked["status"], &asked["why"], &asked["action"]),
        (&json!("asked"), &json!("action"), &json!("live:room-7"))
    );
    assert_eq!(asked["due_at"], "2026-03-01T04:30:00Z");
    assert_eq!(
        market.refused(path, json!({ "action": "live:room-8" })).await,
        (409, "recheck_already_asked".into())
    );
    assert_eq!(market.refused(path, json!({ "action": "" })).await, (422, "invalid".into()));
    market.turn(&clock, "2026-03-01T04:05:00Z").await;
    verify(&market, b"ann's card", b"herself").await;
    let events = market.get("/v1/events?object=1&limit=100").await;
    let passed = events["data"].as_array().unwrap().iter().find(|e| e["type"] == "recheck.passed").unwrap();
    assert_eq!(passed["data"]["why"], json!({ "kind": "action", "action": "live:room-7" }));
    market.shop("2", "c2c", None).await;
    assert_eq!(
        market.refused("/v1/shops/2/recheck", json!({ "action": "a" })).await,
        (404, "not_found".into())
    );
    let (status, _) =
        market.ask("GET", "/v1/rechecks/forecast?from=2026-01-02&to=2026-01-01", &market.key, None).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn who_operates_is_compared_with_every_past_baseline_and_the_findings_are_kept_apart() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    verify(&market, b"ann's card", b"herself").await;
    let operator = |session: Value| {
        let checks = session["decision"]["checks"].as_array().cloned().unwrap_or_default();
        checks.into_iter().find(|c| c["check"] == "operator").unwrap_or_default()
    };
    // The same person again: the check says so, and by which comparisons.
    let same = verify(&market, b"ann's card", b"herself").await;
    let check = operator(market.get(&format!("/v1/verification_sessions/{same}")).await);
    assert_eq!(
        (&check["result"], &check["operator"]["baselines"][0]["face"]["band"]),
        (&json!("pass"), &json!("same"))
    );
    // Another person with a card of their own.
    let id = verify(&market, b"cyn's card", b"cyn herself").await;
    assert_eq!(codes(&market, &id).await, ("in_review".into(), vec!["shop_transferred".into()]));
    let check = operator(market.get(&format!("/v1/verification_sessions/{id}")).await);
    assert_eq!(check["operator"]["same_identity"], false);
    assert_eq!(check["operator"]["baselines"].as_array().map(Vec::len), Some(2));
    // Another person with the owner's card: a person looks, although the card's face fails too.
    let id = verify(&market, b"ann's card", b"cyn herself").await;
    let (status, found) = codes(&market, &id).await;
    assert_eq!(status, "in_review");
    assert!(found.contains(&"face_mismatch".to_owned()), "{found:?}");
    assert!(found.contains(&"account_taken_over".to_owned()), "{found:?}");
    // The same person with a card of somebody else.
    let id = verify(&market, b"cyn's card", b"herself").await;
    let (status, found) = codes(&market, &id).await;
    assert_eq!(status, "in_review");
    assert!(found.contains(&"identity_borrowed".to_owned()), "{found:?}");
    // Approving overrides what the checks refuse: two people say so.
    let cases = market.get("/v1/cases?status=open").await;
    let asks = |case: &Value| (case["verification_session"].clone(), case["four_eyes"].clone());
    let cases: Vec<_> = cases["data"].as_array().unwrap().iter().map(asks).collect();
    assert!(cases.contains(&(json!(id.as_str()), json!("always"))), "{cases:?}");
}

#[tokio::test]
async fn somebody_elses_card_is_retaken_once_and_then_a_person_looks_the_first_time_too() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let id = verify(&market, b"ann's card", b"somebody else").await;
    assert_eq!(codes(&market, &id).await, ("requires_input".into(), vec!["face_mismatch".into()]));
    let app = &market.service.app;
    app.take_picture(&id, "selfie", b"somebody else".to_vec(), TakenBy::Camera).await.unwrap();
    app.submit(&id, None).await.unwrap();
    market.work().await;
    let (status, found) = codes(&market, &id).await;
    assert_eq!(status, "in_review");
    assert!(found.contains(&"identity_borrowed".to_owned()), "{found:?}");
    // With nothing odd nothing is said.
    market.shop("2", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "2").await;
    market.hand_in(&id, b"cyn's card", b"cyn herself", "13800138000").await;
    market.work().await;
    assert_eq!(codes(&market, &id).await, ("verified".into(), vec![]));
}

#[tokio::test]
async fn when_the_recogniser_changes_nobody_is_taken_for_the_same_and_the_ban_list_for_searched() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    verify(&market, b"ann's card", b"herself").await;
    let id = verify(&market, b"ann's card", b"herself, by another model").await;
    assert_eq!(codes(&market, &id).await, ("in_review".into(), vec!["face_uncertain".into()]));
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "fraud", "reason": "诈骗", "refund_reference": "r1",
    });
    assert!(market.post("/v1/shops/1/penalties", penalty).await["ban"].is_string());
    market.shop("2", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "2").await;
    market.hand_in(&id, b"bea's card", b"herself, by another model", "13800138000").await;
    market.work().await;
    assert_eq!(codes(&market, &id).await, ("in_review".into(), vec!["ban_list_not_searched".into()]));
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let checks = session["decision"]["checks"].as_array().unwrap();
    let list = checks.iter().find(|c| c["check"] == "ban_list").unwrap();
    assert_eq!(list["searched"], json!({ "bans": 0, "not_comparable": 1 }));
}

#[tokio::test]
async fn doing_it_in_time_protects_the_shop_however_long_a_person_takes_to_look_on_both_stores() {
    protected(Marketplace::new().await).await;
    protected(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn protected(market: Marketplace) {
    let clock = opened(&market).await;
    market.turn(&clock, "2026-08-28T03:00:00Z").await;
    // An hour before it is due, with a face that a person must look at; who takes a day.
    verify(&market, b"ann's card", b"perhaps").await;
    let asked = market.get("/v1/shops/1/recheck").await;
    assert_eq!(
        (&asked["status"], &asked["looked_at_since"]),
        (&json!("asked"), &json!("2026-08-28T03:00:00Z"))
    );
    market.turn(&clock, "2026-08-29T03:00:00Z").await;
    assert_eq!(market.moments("1", "recheck.restricted").await, Vec::<String>::new());
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let again = json!({ "verdict": "ask_again", "note": "too dark" });
    market.post(&format!("/v1/cases/{case}/decide"), again).await;
    let asked = market.get("/v1/shops/1/recheck").await;
    assert_eq!((&asked["due_at"], &asked["looked_at_since"]), (&json!("2026-08-30T03:00:00Z"), &Value::Null));
    market.turn(&clock, "2026-08-30T02:00:00Z").await;
    verify(&market, b"ann's card", b"herself").await;
    assert_eq!(market.get("/v1/shops/1/recheck").await["status"], "resting");
    let events = market.events("1").await;
    let of = |kind: &str| events.iter().filter(|e| *e == kind).count();
    assert_eq!(
        (of("recheck.submitted"), of("recheck.refused"), of("recheck.restricted")),
        (2, 1, 0),
        "{events:?}"
    );
}

#[tokio::test]
async fn an_action_that_nobody_verifies_for_is_denied_and_restricts_nothing() {
    let market = Marketplace::new().await;
    let clock = opened(&market).await;
    market.post("/v1/shops/1/recheck", json!({ "action": "live:room-7" })).await;
    market.turn(&clock, "2026-03-01T06:00:00Z").await;
    assert_eq!(market.moments("1", "recheck.denied").await, ["2026-03-01T04:30:00Z"]);
    let events = market.get("/v1/events?object=1&limit=100").await;
    let denied = events["data"].as_array().unwrap().iter().find(|e| e["type"] == "recheck.denied").unwrap();
    assert_eq!(denied["data"]["action"], "live:room-7");
    let shop = market.get("/v1/shops/1/recheck").await;
    assert_eq!((&shop["status"], &shop["restricted_since"]), (&json!("resting"), &Value::Null));
    // As strict as any other, where the operator says so.
    let rules = RecheckRules { action_missed: ActionMissed::Restrict, ..RecheckRules::default() };
    let market = Marketplace::with_settings(|settings| settings.rechecks = rules).await;
    let clock = opened(&market).await;
    market.post("/v1/shops/1/recheck", json!({ "action": "live:room-7" })).await;
    market.turn(&clock, "2026-03-01T06:00:00Z").await;
    assert_eq!(market.get("/v1/shops/1/recheck").await["status"], "restricted");
}

#[tokio::test]
async fn a_session_for_another_action_does_nothing_for_the_one_that_is_asked_about() {
    let market = Marketplace::new().await;
    let clock = opened(&market).await;
    market.post("/v1/shops/1/recheck", json!({ "action": "live:room-7" })).await;
    market.turn(&clock, "2026-03-01T04:01:00Z").await;
    for (action, status) in [("live:room-8", "asked"), ("live:room-7", "resting")] {
        let new = json!({
            "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "action": action,
        });
        let session = market.post("/v1/verification_sessions", new).await;
        let id: SessionId = session["id"].as_str().unwrap().parse().unwrap();
        market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
        market.work().await;
        assert_eq!(codes(&market, &id).await.0, "verified");
        assert_eq!(market.get("/v1/shops/1/recheck").await["status"], status, "{action}");
    }
}

#[tokio::test]
async fn due_days_are_spread_and_leave_promotions_out() {
    let blackout = vec![(jiff::civil::date(2026, 8, 27), jiff::civil::date(2026, 8, 31))];
    let rules = RecheckRules { blackout, ..RecheckRules::default() };
    let market = Marketplace::with_settings(|settings| settings.rechecks = rules).await;
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    let mut due = Vec::new();
    for (shop, card, selfie) in
        [("1", &b"ann's card"[..], &b"herself"[..]), ("2", b"cyn's card", b"cyn herself")]
    {
        market.shop(shop, "c2c", Some(&clock)).await;
        let id = market.session("shop", "shop-owner", shop).await;
        market.hand_in(&id, card, selfie, "13800138000").await;
        market.work().await;
        due.push(market.get(&format!("/v1/shops/{shop}/recheck")).await["scheduled_at"].clone());
    }
    assert_eq!(due, [json!("2026-08-26T04:00:00Z"), json!("2026-08-25T04:00:00Z")]);
}
