//! Webhook endpoints through the API: their keys, and what reaches them.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::webhook::sign::{self, Secret};
use shiren_testkit::service::Received;

use marketplace::Marketplace;

const HOOK: &str = "https://marketplace.example/hook";

/// An endpoint: its path, and the answer.
async fn endpoint(market: &Marketplace, body: Value) -> (String, Value) {
    let made = market.post("/v1/webhook_endpoints", body).await;
    (format!("/v1/webhook_endpoints/{}", made["id"].as_str().unwrap()), made)
}

fn secret(answer: &Value) -> Secret {
    answer["secret"].as_str().unwrap().parse().unwrap()
}

/// What comes in for a shop that is registered now.
async fn told(market: &Marketplace, shop: &str) -> Received {
    let before = market.service.receiver.received().len();
    market.shop(shop, "c2c", None).await;
    market.work().await;
    market.service.receiver.received().remove(before)
}

fn accepts(market: &Marketplace, webhook: &Received, secret: &Secret) -> bool {
    let now = market.service.app.now();
    sign::verify(&webhook.headers, &webhook.body, std::slice::from_ref(secret), now).is_ok()
}

/// The schemes of a webhook's signatures, in order.
fn schemes(webhook: &Received) -> Vec<&str> {
    webhook.headers[sign::SIGNATURE].split(' ').filter_map(|s| s.split(',').next()).collect()
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_and_no_longer() {
    rotates(Marketplace::new().await).await;
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_over_postgres_too() {
    rotates(Marketplace::over_postgres(Default::default()).await).await;
}

async fn rotates(market: Marketplace) {
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let old = secret(&made);
    let answer = market.post(&format!("{path}/rotate"), json!({})).await;
    let new = secret(&answer);
    assert_eq!(answer["former_key_signs_until"], "2026-11-24T04:00:00Z");
    assert_ne!(made["secret"], answer["secret"]);
    market.work().await;
    let rotated: Value = serde_json::from_slice(&market.service.receiver.received()[0].body).unwrap();
    assert_eq!(rotated["type"], "webhook_endpoint.key_rotated");

    let webhook = told(&market, "1").await;
    assert!(accepts(&market, &webhook, &old) && accepts(&market, &webhook, &new), "either is enough");
    market.service.clock.turn(SignedDuration::from_hours(24));
    let webhook = told(&market, "2").await;
    assert!(!accepts(&market, &webhook, &old) && accepts(&market, &webhook, &new));
    assert_eq!(schemes(&webhook), ["v1"]);
    let seen = market.get(&path).await;
    assert!(seen["secret"].is_null(), "a secret is shown once: {seen}");
}

#[tokio::test]
async fn a_secret_that_leaked_stops_at_once_and_so_do_those_before_it() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let first = secret(&made);
    let rotate = format!("{path}/rotate");
    let second = secret(&market.post(&rotate, json!({ "overlap_hours": 168 })).await);
    let third = market.post(&rotate, json!({ "overlap_hours": 0 })).await;
    assert!(third["former_key_signs_until"].is_null());
    market.work().await;
    let webhook = told(&market, "1").await;
    assert_eq!(
        [&first, &second, &secret(&third)].map(|s| accepts(&market, &webhook, s)),
        [false, false, true]
    );
}

#[tokio::test]
async fn several_replaced_secrets_sign_each_for_its_own_time() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let rotate = format!("{path}/rotate");
    let mut secrets = vec![secret(&made)];
    for hours in [10, 1, 5, 3] {
        secrets.push(secret(&market.post(&rotate, json!({ "overlap_hours": hours })).await));
    }
    let (status, code) = market.refused(&rotate, json!({})).await;
    assert_eq!((status, code.as_str()), (422, "invalid"), "five would make every webhook too long");
    market.work().await;
    market.service.clock.turn(SignedDuration::from_hours(4));
    let webhook = told(&market, "1").await;
    let accepted: Vec<_> = secrets.iter().map(|s| accepts(&market, &webhook, s)).collect();
    assert_eq!(accepted, [true, false, true, false, true]);
}

#[tokio::test]
async fn an_endpoint_goes_over_to_public_keys_without_a_gap() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let answer = market.post(&format!("{path}/rotate"), json!({ "signature": "v1a" })).await;
    assert!(answer["secret"].is_null(), "what signs is nobody's but ours: {answer}");
    assert!(answer["public_key"].as_str().unwrap().starts_with("whpk_"));
    market.work().await;
    let webhook = told(&market, "1").await;
    assert_eq!(schemes(&webhook), ["v1a", "v1"]);
    assert!(accepts(&market, &webhook, &secret(&made)), "who verifies by v1 passes over v1a");

    let (_, made) = endpoint(&market, json!({ "url": HOOK, "signature": "v1a" })).await;
    assert!(made["secret"].is_null() && made["public_key"].is_string(), "{made}");
    let listed = market.get("/v1/webhook_endpoints").await;
    let signatures: Vec<_> = listed["data"].as_array().unwrap().iter().map(|e| &e["signature"]).collect();
    assert_eq!(signatures, ["v1a", "v1a"]);
}

#[tokio::test]
async fn what_cannot_be_is_told_and_changes_nothing() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let rotate = format!("{path}/rotate");
    for body in [
        json!({ "overlap_hours": 169 }),
        json!({ "overlap_hours": -1 }),
        json!({ "overlap_hours": 1.5 }),
        json!({ "signature": "v2" }),
        json!({ "secret": "whsec_mine" }),
    ] {
        assert_eq!(market.refused(&rotate, body.clone()).await.0, 422, "{body}");
    }
    let webhook = told(&market, "1").await;
    assert!(accepts(&market, &webhook, &secret(&made)));
    assert_eq!(schemes(&webhook), ["v1"]);
    assert_eq!(market.refused("/v1/webhook_endpoints", json!({ "url": HOOK, "signature": "" })).await.0, 422);
}

#[tokio::test]
async fn what_happens_to_an_endpoint_is_an_event() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    market.post(&format!("{path}/rotate"), json!({})).await;
    let (status, _) = market.ask("DELETE", &path, &market.key, None).await;
    assert_eq!(status, 204);
    let events = market.get(&format!("/v1/events?object={}", made["id"].as_str().unwrap())).await;
    let seen: Vec<_> =
        events["data"].as_array().unwrap().iter().map(|e| (&e["type"], &e["sequence"])).collect();
    let wanted = ["created", "key_rotated", "deleted"].map(|what| json!(format!("webhook_endpoint.{what}")));
    assert_eq!(seen.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), wanted.iter().collect::<Vec<_>>());
    assert_eq!(seen.iter().map(|(_, n)| n.as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(!events.to_string().contains("marketplace.example"), "an address may be a secret: {events}");
}
