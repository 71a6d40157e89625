//! The devices of a shop's owner (rows D8, G9), with two browsers: what they keep, what is told of them, and to whom.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use marketplace::Marketplace;
use marketplace::browser::Browser;
use serde_json::{Value, json};
use shiren_app::record::Role;
use shiren_core::id::SessionId;

const PHONE: &str = "13800138000";

/// What a browser keeps of itself, and a verification that it hands in.
trait OwnersBrowser {
    fn mark(&self) -> Option<&str>;
    async fn hands_in(&mut self, market: &Marketplace, selfie: &[u8]) -> SessionId;
    async fn verifies(&mut self, market: &Marketplace, selfie: &[u8]) -> SessionId;
}

impl OwnersBrowser for Browser {
    fn mark(&self) -> Option<&str> {
        self.jar.get("shiren_device").map(String::as_str)
    }

    /// A verification of shop 1's owner, handed in by this browser and looked at.
    async fn verifies(&mut self, market: &Marketplace, selfie: &[u8]) -> SessionId {
        let id = self.hands_in(market, selfie).await;
        market.work().await;
        id
    }

    async fn hands_in(&mut self, market: &Marketplace, selfie: &[u8]) -> SessionId {
        let id = self.opens(market, "shop", "shop-owner", "1").await;
        market.prepare(&id, b"ann's card", selfie, PHONE).await;
        let (_, page) = self.send(market, Request::get("/verify/review").body(Body::empty()).unwrap()).await;
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = Request::post("/verify/submit")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("csrf={csrf}")));
        let (status, page) = self.send(market, form.unwrap()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        id
    }
}

async fn operator(market: &Marketplace, id: &SessionId) -> Value {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let checks = session["decision"]["checks"].as_array().unwrap().iter();
    checks.filter(|c| c["check"] == "operator").map(|c| c["operator"].clone()).next().unwrap_or_default()
}

async fn devices(market: &Marketplace, of: &[&SessionId]) -> Vec<bool> {
    let mut tx = market.store.snapshot().await.unwrap();
    let mut kept = Vec::new();
    for id in of {
        kept.push(tx.session(id).await.unwrap().unwrap().value.device.is_some());
    }
    kept
}

#[tokio::test]
async fn a_device_of_the_owner_is_known_again_and_another_one_counts_for_a_transfer() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let (mut hers, mut other) = (Browser::default(), Browser::default());

    let first = hers.verifies(&market, b"herself").await;
    let mark = hers.mark().unwrap().to_owned();
    assert_eq!((mark.len(), operator(&market, &first).await), (64, Value::Null));

    // The next link, on the same device: the mark stays, and is out of reach of scripts and other sites.
    let again = hers.opens(&market, "shop", "shop-owner", "1").await;
    let set = hers.set.iter().find(|c| c.starts_with("shiren_device=")).unwrap();
    assert!(set.contains(&mark) && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    assert!(set.contains("Secure") && set.contains("Max-Age="), "{set}");
    market.post(&format!("/v1/verification_sessions/{again}/cancel"), json!({})).await;
    let second = hers.verifies(&market, b"herself").await;
    let seen = operator(&market, &second).await;
    assert_eq!((&seen["known_device"], &seen["transfer_score"]), (&json!(true), &json!(0.0)), "{seen}");

    // Another browser, and a face that is perhaps hers: half, and a reviewer is told why.
    let third = other.verifies(&market, b"perhaps").await;
    assert_ne!(other.mark(), Some(mark.as_str()));
    let seen = operator(&market, &third).await;
    assert_eq!((&seen["known_device"], &seen["transfer_score"]), (&json!(false), &json!(0.5)), "{seen}");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let app = &market.service.app;
    app.create_user("wang", "correct horse battery", Role::Reviewer).await.unwrap();
    let (_, cookie) = app.sign_in("wang", "correct horse battery", None).await.unwrap();
    let mut desk = Browser::default();
    desk.jar.insert("shiren_console".to_owned(), cookie);
    let request = Request::get(format!("/console/cases/{case}")).header(header::ACCEPT_LANGUAGE, "en");
    let (status, page) = desk.send(&market, request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    for told in ["50 / 100", "not used before", "the one that was known", "Face of verification 2"] {
        assert!(page.contains(told), "{told}");
    }

    // Approved, it is known from then on.
    let verdict = json!({ "verdict": "approve", "note": "seen in person" });
    market.post(&format!("/v1/cases/{case}/decide"), verdict).await;
    let fourth = other.verifies(&market, b"herself").await;
    assert_eq!(operator(&market, &fourth).await["known_device"], true);

    // Nothing of any mark is told to anybody, and nothing of it is kept but of what passed.
    let told = [
        market.get("/v1/events?limit=100").await.to_string(),
        market.get("/v1/verification_sessions?limit=100").await.to_string(),
        page,
    ];
    let tag = market
        .store
        .snapshot()
        .await
        .unwrap()
        .session(&first)
        .await
        .unwrap()
        .unwrap()
        .value
        .device
        .unwrap()
        .tag
        .0;
    assert!(told.iter().all(|text| !text.contains(&mark) && !text.contains(&tag)));
    assert!(!tag.contains(&mark));
    assert_eq!(
        devices(&market, &[&first, &second, &third, &fourth, &again]).await,
        [true, true, true, true, false]
    );
    market.post(&format!("/v1/verification_sessions/{second}/redact"), json!({})).await;
    assert_eq!(devices(&market, &[&first, &second]).await, [true, false]);
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    assert_eq!(devices(&market, &[&first, &third, &fourth]).await, [false; 3]);
}

#[tokio::test]
async fn a_shop_that_ends_while_its_owner_is_being_checked_leaves_no_device() {
    for selfie in [&b"herself"[..], b"perhaps"] {
        for checked in [false, true] {
            let market = Marketplace::new().await;
            market.shop("1", "c2c", None).await;
            let mut hers = Browser::default();
            let first = hers.verifies(&market, b"herself").await;
            let second = hers.hands_in(&market, selfie).await;
            if checked {
                market.work().await;
            }
            assert_eq!(devices(&market, &[&first, &second]).await, [true, true]);
            market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
            market.work().await;
            assert_eq!(devices(&market, &[&first, &second]).await, [false, false], "{checked}");
            // And the identity is free: nothing of a shop that is gone holds it.
            market.shop("2", "c2c", None).await;
            let id = market.session("shop", "shop-owner", "2").await;
            market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
            market.work().await;
            assert_eq!(market.get("/v1/shops/2").await["status"], "open");
        }
    }
}

#[tokio::test]
async fn of_nobody_but_owners_a_device_is_marked_and_a_made_up_mark_counts_for_nothing() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    let mut theirs = Browser::default();
    theirs.opens(&market, "staff", "staff", "a").await;
    theirs.opens(&market, "buyer", "buyer", "b").await;
    assert_eq!(theirs.mark(), None);
    theirs.jar.insert("shiren_device".to_owned(), "me".to_owned());
    let id = theirs.verifies(&market, b"herself").await;
    assert!(theirs.mark().unwrap().len() == 64 && devices(&market, &[&id]).await == [true]);
}
