//! Cases that nobody decides in time (E8, F7): escalated at three quarters, overdue at the end, each told once, and
//! never passed because time went by. On both stores, with the clock turned by hand.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;

/// A shop on a clock whose owner was refused, and appealed: the session, and the case.
async fn appealed(market: &Marketplace, shop: &str, clock: &str) -> (SessionId, String) {
    market.shop(shop, "c2c", Some(clock)).await;
    let session = market.session("shop", "shop-owner", shop).await;
    market.hand_in(&session, b"ann's card", b"somebody else", "13800138000").await;
    market.work().await;
    market.service.app.appeal(&session, "I had an operation").await.unwrap();
    let case = market.get(&format!("/v1/cases?status=open&account_id={shop}")).await["data"][0].clone();
    (session, case["id"].as_str().unwrap().to_owned())
}

async fn late(market: &Marketplace, how: &str) -> Vec<Value> {
    let listed = market.get(&format!("/v1/cases?status=open&late={how}")).await;
    listed["data"].as_array().unwrap().iter().map(|case| case["account"]["id"].clone()).collect()
}

#[tokio::test]
async fn a_case_that_nobody_decides_is_escalated_then_overdue_on_both_stores() {
    never_decided(Marketplace::new().await).await;
    never_decided(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn never_decided(market: Marketplace) {
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let (session, id) = appealed(&market, "1", &clock).await;
    let case = async || market.get(&format!("/v1/cases/{id}")).await;
    let opened = case().await;
    let (escalate, due) = (opened["escalate_at"].as_str().unwrap(), opened["due_at"].as_str().unwrap());
    assert_eq!((&opened["lateness"], &opened["escalated_at"]), (&json!("in_time"), &Value::Null));
    let before = |moment: &str| {
        let at: jiff::Timestamp = moment.parse().unwrap();
        (at - jiff::SignedDuration::from_secs(1)).to_string()
    };
    market.turn(&clock, &before(escalate)).await;
    assert_eq!(market.events(&id).await, ["case.opened"]);
    assert!(late(&market, "escalated").await.is_empty());
    market.turn(&clock, escalate).await;
    assert_eq!(market.moments(&id, "case.escalated").await, [escalate]);
    assert_eq!(
        (&case().await["lateness"], &case().await["escalated_at"]),
        (&json!("escalated"), &json!(escalate))
    );
    assert_eq!(
        (late(&market, "escalated").await, late(&market, "overdue").await),
        (vec![json!("1")], vec![])
    );
    market.turn(&clock, &before(due)).await;
    assert!(market.moments(&id, "case.overdue").await.is_empty());
    // Far beyond: each once, at its own moment, and nothing passed.
    market.turn(&clock, "2027-03-01T04:00:00Z").await;
    assert_eq!(market.events(&id).await, ["case.opened", "case.escalated", "case.overdue"]);
    assert_eq!(market.moments(&id, "case.overdue").await, [due]);
    assert_eq!(late(&market, "overdue").await, [json!("1")]);
    let session = market.get(&format!("/v1/verification_sessions/{session}")).await;
    assert_eq!(session["status"], "in_review", "missed, it never passes by itself");
    // Late is not too late.
    for by in ["ann", "bea"] {
        let user = market.service.app.create_user(
            by,
            "fifteen letters and more",
            shiren_app::record::Role::Reviewer,
        );
        let by = shiren_core::review::Reviewer::User(user.await.unwrap().id);
        let verdict = shiren_core::review::Verdict::Reject;
        market
            .service
            .app
            .decide_case(None, &id.parse().unwrap(), verdict, "looked at it", by)
            .await
            .unwrap();
    }
    assert_eq!((&case().await["status"], &case().await["lateness"]), (&json!("decided"), &json!("overdue")));
    assert!(late(&market, "escalated").await.is_empty(), "it is late no more");
}

#[tokio::test]
async fn what_is_called_off_in_time_is_never_late_and_a_wrong_filter_is_told() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let (_, id) = appealed(&market, "1", &clock).await;
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    market.turn(&clock, "2026-12-23T04:00:00Z").await;
    assert_eq!(market.events(&id).await, ["case.opened", "case.decided"]);
    for wrong in ["in_time", "soon", ""] {
        let path = format!("/v1/cases?late={wrong}");
        let (status, problem) = market.ask("GET", &path, &market.key, None).await;
        assert_eq!((status.as_u16(), &problem["field"]), (422, &json!("late")), "{wrong}");
    }
}
