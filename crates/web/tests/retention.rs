//! How long identity records are kept after an account has ended: as long as the program says, and no longer.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use marketplace::Marketplace;
use serde_json::json;
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;

const PHONE: &str = "13800138000";

async fn erased(market: &Marketplace, id: &SessionId) -> bool {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    assert_eq!(session["status"], "verified", "the outcome stays");
    !session["redacted_at"].is_null()
}

/// Turns a clock a year at a time: clocks are not turned further at once.
async fn turn(market: &Marketplace, clock: &str, through: &[&str]) {
    for to in through {
        market.turn(clock, to).await;
    }
}

#[tokio::test]
async fn a_shops_records_are_erased_three_years_after_it_was_closed_on_both_stores() {
    of_a_shop(Marketplace::new().await).await;
    of_a_shop(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn of_a_shop(market: Marketplace) {
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"ann's card", b"herself", PHONE).await;
    market.staff("1", "a").await;
    let staff = market.handed_in("a", b"bea's card", b"herself", "13800138001").await;
    market.work().await;
    let registered = json!({ "bank_card": "6222021234567894" });
    market.post("/v1/accounts/shop/1/references", registered).await;
    market.turn(&clock, "2026-05-01T04:00:00Z").await;
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    turn(&market, &clock, &["2027-05-01T04:00:00Z", "2028-05-01T04:00:00Z", "2029-05-01T03:59:59Z"]).await;
    assert_eq!((erased(&market, &owner).await, erased(&market, &staff).await), (false, false));
    let look = "/v1/shops/1/responsible?at=2026-04-01T00:00:00Z&purpose=dispute";
    assert!(market.get(look).await["person"]["name"].is_string(), "found as long as it is kept");
    market.turn(&clock, "2029-05-01T04:00:00Z").await;
    assert_eq!((erased(&market, &owner).await, erased(&market, &staff).await), (true, true));
    let person = market.get(look).await["person"].clone();
    assert_eq!((&person["verification_session"], &person["name"]), (&json!(owner), &json!(null)));
    assert!(market.get("/v1/accounts/shop/1/references").await["bank_card"].is_null());
    assert_eq!(market.events(owner.as_str()).await.last().unwrap(), "verification_session.redacted");
    let log = market.store.snapshot().await.unwrap().audit_of(owner.as_str()).await.unwrap();
    let entry = log.iter().find(|e| e.action == "identity.erased").unwrap();
    assert_eq!((entry.actor.as_str(), entry.purpose.contains("2026-05-01")), ("system", true));
}

#[tokio::test]
async fn a_shop_that_goes_on_keeps_its_records_and_who_was_unbound_leaves_by_themselves() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"ann's card", b"herself", PHONE).await;
    market.staff("1", "a").await;
    let first = market.handed_in("a", b"bea's card", b"herself", "13800138001").await;
    market.work().await;
    market.turn(&clock, "2026-03-02T04:00:00Z").await;
    market.post("/v1/staff/a/unbind", json!({})).await;
    let second = market.handed_in("a", b"cyn's card", b"cyn herself", "13800138002").await;
    market.work().await;
    assert_eq!(market.status("a").await, "verified");
    turn(&market, &clock, &["2027-03-02T04:00:00Z", "2028-03-02T04:00:00Z", "2029-03-02T04:00:00Z"]).await;
    let all = [erased(&market, &first).await, erased(&market, &second).await, erased(&market, &owner).await];
    assert_eq!(all, [true, false, false]);
    assert_eq!(market.get("/v1/shops/1").await["status"], "open");
}
