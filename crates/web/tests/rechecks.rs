//! Re-checks (rows D4, D5, D7, D8, D9, G8) through the API, on clocks that are turned.

mod marketplace;

use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::recheck::RecheckRules;

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
    verify(&market, b"ann's card", b"herself").await;
    let done = market.get("/v1/shops/1/recheck").await;
    assert_eq!((&done["status"], &done["passed_at"]), (&json!("resting"), &json!("2026-09-10T00:00:00Z")));
    assert_eq!(done["scheduled_at"], "2027-03-09T00:00:00Z");
    assert_eq!(market.get("/v1/shops/1/listings/laptops").await["may_list"], true);
    // A shop that ended is asked for nothing any more.
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
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
    // Another person with the owner's card.
    let id = verify(&market, b"ann's card", b"cyn herself").await;
    let (_, found) = codes(&market, &id).await;
    assert!(found.contains(&"account_taken_over".to_owned()), "{found:?}");
    // The same person with a card of somebody else.
    let id = verify(&market, b"cyn's card", b"herself").await;
    let (_, found) = codes(&market, &id).await;
    assert!(found.contains(&"identity_borrowed".to_owned()), "{found:?}");
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
