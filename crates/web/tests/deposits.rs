//! Deposits (rows A7, A8) through the API.

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;

fn entry(movement: &str, reference: &str, cents: i64) -> Value {
    json!({ "movement": movement, "reference": reference, "cents": cents })
}

const ENTRIES: &str = "/v1/shops/1/deposit/entries";

#[tokio::test]
async fn laptops_are_listed_once_the_owner_is_certified_and_the_deposit_paid() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let listing = || market.get("/v1/shops/1/listings/laptops");
    let table = market.get("/v1/deposit_categories").await;
    assert_eq!((&table["data"][0]["id"], &table["data"][0]["cents"]), (&json!("laptops"), &json!(2_000_000)));
    let before = listing().await;
    assert_eq!(before["reasons"], json!(["shop_not_open", "deposit_missing"]));
    let needed = before["missing_cents"].as_i64().unwrap();
    assert!(needed >= 2_000_000, "{before}");
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.post(ENTRIES, entry("payment", "p1", needed - 1)).await;
    let short = listing().await;
    assert_eq!((&short["may_list"], &short["missing_cents"]), (&json!(false), &json!(1)));
    market.post(ENTRIES, entry("payment", "p2", 1)).await;
    let covered = listing().await;
    assert_eq!((&covered["may_list"], &covered["reasons"]), (&json!(true), &json!([])));
    market.post(ENTRIES, entry("compensation", "dispute-1", 100)).await;
    assert_eq!(listing().await["may_list"], false);
    let (status, _) = market.ask("GET", "/v1/shops/1/listings/dreams", &market.key, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_left_goes_back_when_the_shop_closes_and_only_then() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.post(ENTRIES, entry("payment", "p1", 10_000)).await;
    market.post(ENTRIES, entry("compensation", "c1", 2_500)).await;
    market.post(ENTRIES, entry("deduction", "d1", 1_000)).await;
    assert_eq!(market.refused(ENTRIES, entry("refund", "r1", 6_500)).await, (422, "invalid".into()));
    let closed = market.post("/v1/shops/1/close", json!({ "reference": "r1" })).await;
    assert_eq!(
        closed,
        json!({
            "shop": "1", "object": "deposit", "shop_status": "closed", "held_cents": 0, "paid_cents": 10_000,
            "compensated_cents": 2_500, "deducted_cents": 1_000, "refunded_cents": 6_500,
        })
    );
    assert_eq!(
        market.refused("/v1/shops/1/close", json!({ "reference": "r1" })).await,
        (409, "shop_closed".into())
    );
    assert_eq!(market.refused(ENTRIES, entry("payment", "p2", 1)).await, (409, "deposit_refunded".into()));
    let staff = json!({ "id": "a", "name": "客服", "role": "other" });
    assert_eq!(market.refused("/v1/shops/1/staff", staff).await, (409, "shop_closed".into()));
    let listed = market.get(&format!("{ENTRIES}?limit=3")).await;
    let references: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|e| e["reference"].as_str().unwrap()).collect();
    assert_eq!((references, &listed["has_more"]), (vec!["r1", "d1", "c1"], &json!(true)));
    assert_eq!(market.get(&format!("{ENTRIES}?after=c1")).await["data"][0]["reference"], "p1");
    assert_eq!(
        market.events("1").await,
        [
            "shop.registered",
            "deposit.paid",
            "deposit.compensated",
            "deposit.deducted",
            "deposit.refunded",
            "shop.closed"
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_moved_is_refused_and_moves_nothing() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.post(ENTRIES, entry("payment", "p1", 100)).await;
    for (body, status, code) in [
        (entry("payment", "p1", 101), 409, "deposit_reference_used"),
        (entry("deduction", "p1", 100), 409, "deposit_reference_used"),
        (entry("deduction", "d1", 101), 409, "deposit_insufficient"),
        (entry("payment", "p2", 0), 422, "deposit_amount"),
        (entry("payment", "p2", -1), 422, "deposit_amount"),
        (entry("payment", "p2", 1_000_000_000_001), 422, "deposit_amount"),
        (entry("payment", "", 1), 422, "deposit_reference"),
        (json!({ "movement": "payment", "reference": "p2", "cents": 0.5 }), 422, "invalid"),
        (json!({ "movement": "payment", "reference": "p2", "cents": 1, "currency": "USD" }), 422, "invalid"),
        (entry("theft", "p2", 1), 422, "invalid"),
    ] {
        assert_eq!(market.refused(ENTRIES, body.clone()).await, (status, code.to_owned()), "{body}");
    }
    // The same again is the same entry, and told once.
    let again = market.post(ENTRIES, entry("payment", "p1", 100)).await;
    assert_eq!((&again["held_cents"], &again["paid_cents"]), (&json!(100), &json!(100)));
    assert_eq!(market.events("1").await, ["shop.registered", "deposit.paid"]);
    let nobody = "/v1/shops/2/deposit/entries";
    assert_eq!(market.refused(nobody, entry("payment", "p1", 100)).await, (404, "not_found".into()));
}

#[tokio::test]
async fn of_a_hundred_requests_at_once_each_cent_counts_once() {
    each_cent_counts_once(Marketplace::new().await).await;
    each_cent_counts_once(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn each_cent_counts_once(market: Marketplace) {
    let market = std::sync::Arc::new(market);
    market.shop("1", "c2c", None).await;
    let payments: Vec<_> = (0..100)
        .map(|n| {
            let market = std::sync::Arc::clone(&market);
            // Every reference comes four times.
            tokio::spawn(
                async move { market.post(ENTRIES, entry("payment", &format!("p{}", n % 25), 7)).await },
            )
        })
        .collect();
    for payment in payments {
        payment.await.expect("it is answered");
    }
    let deposit = market.get("/v1/shops/1/deposit").await;
    assert_eq!((&deposit["held_cents"], &deposit["paid_cents"]), (&json!(175), &json!(175)));
}
