//! The verified-person claim (row A2): what payments may ask of an account, in every state that it can be in.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::{ANN, Marketplace};
use serde_json::{Value, json};
use shiren_app::record::{Scope, TakenBy};
use shiren_app::{Declared, Insists};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_testkit::person;

const PHONE: &str = "13800138000";

fn path(kind: &str, id: &str) -> String {
    format!("/v1/accounts/{kind}/{id}/claim?purpose=payout%204711")
}

async fn claim(market: &Marketplace, kind: &str, id: &str) -> Value {
    market.get(&path(kind, id)).await
}

/// Whether it counts, and why not.
async fn counts(market: &Marketplace, kind: &str, id: &str) -> (bool, Vec<String>) {
    let claim = claim(market, kind, id).await;
    let reasons = claim["reasons"].as_array().unwrap().iter();
    (claim["valid"].as_bool().unwrap(), reasons.map(|r| r.as_str().unwrap().to_owned()).collect())
}

fn not(reasons: &[&str]) -> (bool, Vec<String>) {
    (false, reasons.iter().map(|r| (*r).to_owned()).collect())
}

fn yes() -> (bool, Vec<String>) {
    (true, Vec::new())
}

async fn verify(market: &Marketplace, kind: &str, program: &str, id: &str, card: &[u8]) -> SessionId {
    let session = market.session(kind, program, id).await;
    market.hand_in(&session, card, b"herself", PHONE).await;
    market.work().await;
    let status = market.get(&format!("/v1/verification_sessions/{session}")).await["status"].clone();
    assert_eq!(status, "verified");
    session
}

async fn nobody(market: &Marketplace, kind: &str, id: &str, key: &str) {
    let (status, answer) = market.ask("GET", &path(kind, id), key, None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!("not_found")), "{kind} {id}");
}

#[tokio::test]
async fn payments_learn_who_was_verified_and_every_look_is_in_the_log_on_both_stores() {
    learnt(Marketplace::new().await).await;
    learnt(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn learnt(market: Marketplace) {
    market.shop("1", "c2c", None).await;
    nobody(&market, "shop", "1", &market.key).await;
    let session = verify(&market, "shop", "shop-owner", "1", b"ann's card").await;
    let claim = claim(&market, "shop", "1").await;
    assert_eq!(claim["object"], "verified_person_claim");
    assert_eq!((&claim["mode"], &claim["account"]["id"]), (&json!("test"), &json!("1")));
    assert_eq!((&claim["valid"], &claim["reasons"]), (&json!(true), &json!([])));
    assert_eq!((&claim["document"], &claim["reviewed"]), (&json!("resident-id-card"), &json!(false)));
    assert_eq!(claim["assurance_level"], "pictures_agree");
    assert_eq!(claim["program"]["name"], "shop-owner");
    assert_eq!(claim["verification_session"], json!(session));
    assert_eq!(claim["verified_at"], "2026-11-23T04:00:00Z");
    let name = claim["name"].as_str().unwrap();
    assert!(name.ends_with('*') && name.chars().filter(|c| *c != '*').count() == 1, "{name}");
    assert!(!claim.to_string().contains(ANN), "{claim}");
    let log = market.store.snapshot().await.unwrap().audit_of("shop:1").await.unwrap();
    let looks: Vec<_> = log.iter().filter(|e| e.action == "claim.read").collect();
    // The one that found nobody too.
    assert_eq!(looks.len(), 2);
    assert!(looks.iter().all(|e| e.actor == "key:tests" && e.purpose == "payout 4711"));
}

#[tokio::test]
async fn only_a_key_with_its_own_scope_a_purpose_and_the_right_mode_is_answered() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    verify(&market, "shop", "shop-owner", "1", b"ann's card").await;
    let app = &market.service.app;
    let others: std::collections::BTreeSet<Scope> =
        Scope::ALL.into_iter().filter(|s| *s != Scope::ClaimsRead).collect();
    let (_, without) = app.create_api_key("without", Mode::Test, others).await.unwrap();
    let (_, payments) = app.create_api_key("payments", Mode::Test, [Scope::ClaimsRead].into()).await.unwrap();
    let (status, answer) = market.ask("GET", &path("shop", "1"), &without, None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::FORBIDDEN, &json!("scope_missing")));
    assert_eq!(market.ask("GET", &path("shop", "1"), &payments, None).await.0, StatusCode::OK);
    assert_eq!(market.ask("GET", "/v1/shops/1", &payments, None).await.0, StatusCode::FORBIDDEN);
    // The two modes do not see one another.
    nobody(&market, "shop", "1", &market.live_key).await;
    for (path, status, code) in [
        ("/v1/accounts/shop/1/claim", StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ("/v1/accounts/shop/1/claim?purpose=abc", StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ("/v1/accounts/shop/1/claim?purpose=payout&at=now", StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
        ("/v1/accounts/person/1/claim?purpose=payout", StatusCode::NOT_FOUND, "not_found"),
        ("/v1/accounts/platform/1/claim?purpose=payout", StatusCode::NOT_FOUND, "not_found"),
        ("/v1/accounts/shop/2/claim?purpose=payout", StatusCode::NOT_FOUND, "not_found"),
        ("/v1/accounts/staff/2/claim?purpose=payout", StatusCode::NOT_FOUND, "not_found"),
        ("/v1/accounts/buyer/2/claim?purpose=payout", StatusCode::NOT_FOUND, "not_found"),
    ] {
        let (got, answer) = market.ask("GET", path, &market.key, None).await;
        assert_eq!((got, &answer["code"]), (status, &json!(code)), "{path}");
    }
}

#[tokio::test]
async fn the_claim_of_a_shop_counts_while_it_is_open_and_its_rechecks_are_done() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    verify(&market, "shop", "shop-owner", "1", b"ann's card").await;
    assert_eq!(counts(&market, "shop", "1").await, yes());
    market.turn(&clock, "2026-09-10T00:00:00Z").await;
    assert_eq!(counts(&market, "shop", "1").await, not(&["recheck_missed"]));
    verify(&market, "shop", "shop-owner", "1", b"ann's card").await;
    assert_eq!(counts(&market, "shop", "1").await, yes());
    assert_eq!(claim(&market, "shop", "1").await["verified_at"], "2026-09-10T00:00:00Z");
    let penalty = |reference: &str, kind: &str| {
        json!({
            "reference": reference, "kind": kind, "violation": "fake", "reason": "假货", "refund_reference": "r1",
        })
    };
    let mut closure = penalty("p1", "temporary_closure");
    closure["refund_reference"] = Value::Null;
    market.post("/v1/shops/1/penalties", closure).await;
    assert_eq!(counts(&market, "shop", "1").await, not(&["shop_not_open"]));
    market.post("/v1/shops/1/penalties", penalty("p2", "permanent_closure")).await;
    assert_eq!(counts(&market, "shop", "1").await, not(&["shop_not_open", "subject_banned"]));
    // A buyer's claim is none of a shop's ban's business.
    verify(&market, "buyer", "buyer", "b1", b"ann's card").await;
    assert_eq!(counts(&market, "buyer", "b1").await, yes());
}

#[tokio::test]
async fn a_document_that_ran_out_since_and_data_that_was_erased_are_told() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-11-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let session = market.session("shop", "shop-owner", "1").await;
    market.enter(&session, None, PHONE).await.unwrap();
    let app = &market.service.app;
    for (step, bytes) in [("front", &b"a short card"[..]), ("back", b"its back"), ("selfie", b"herself")] {
        app.take_picture(&session, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(&session, None).await.unwrap();
    market.work().await;
    assert_eq!(counts(&market, "shop", "1").await, yes());
    market.turn(&clock, "2026-11-30T15:59:59Z").await;
    assert_eq!(counts(&market, "shop", "1").await, yes());
    // Midnight in Shanghai.
    market.turn(&clock, "2026-11-30T16:00:00Z").await;
    assert_eq!(counts(&market, "shop", "1").await, not(&["document_expired"]));
    market.post(&format!("/v1/verification_sessions/{session}/redact"), json!({})).await;
    let claim = claim(&market, "shop", "1").await;
    assert_eq!((&claim["valid"], &claim["name"]), (&json!(false), &Value::Null));
    assert_eq!(claim["reasons"], json!(["identity_erased"]));
}

#[tokio::test]
async fn an_identity_that_its_owner_took_back_vouches_for_nobody() {
    let market = Marketplace::new().await;
    market.shop("thief", "c2c", None).await;
    market.shop("ann", "c2c", None).await;
    verify(&market, "shop", "shop-owner", "thief", b"ann's card").await;
    assert_eq!(counts(&market, "shop", "thief").await, yes());
    let id = market.session("shop", "shop-owner", "ann").await;
    let app = &market.service.app;
    person::agree(app, &id).await.unwrap();
    let entered = Declared { id_number: Some(ANN.into()), phone: Some(PHONE.into()), ..Declared::default() };
    app.declare(&id, entered, Insists { reclaims: true, ..Insists::default() }).await.unwrap();
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(&id, None).await.unwrap();
    market.work().await;
    nobody(&market, "shop", "ann", &market.key).await;
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let approve = json!({ "verdict": "approve", "note": "it is hers" });
    let decide = format!("/v1/cases/{case}/decide");
    market.post(&decide, approve.clone()).await;
    let second = market.another_key("second").await;
    assert_eq!(market.ask("POST", &decide, &second, Some(approve)).await.0, StatusCode::OK);
    assert_eq!(counts(&market, "shop", "ann").await, yes());
    assert_eq!(claim(&market, "shop", "ann").await["reviewed"], true);
    assert_eq!(counts(&market, "shop", "thief").await, not(&["shop_not_open", "identity_reclaimed"]));
}

#[tokio::test]
async fn the_claim_of_a_sub_account_is_its_users_while_they_are_bound() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.staff("1", "a").await;
    nobody(&market, "staff", "a", &market.key).await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(counts(&market, "staff", "a").await, yes());
    // The re-check of a sub-account that nobody does freezes it.
    market.turn(&clock, "2026-10-01T00:00:00Z").await;
    assert_eq!(counts(&market, "staff", "a").await, not(&["staff_frozen"]));
    market.post("/v1/staff/a/unbind", json!({})).await;
    assert_eq!(counts(&market, "staff", "a").await, not(&["user_unbound"]));
    market.handed_in("a", b"bea's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(counts(&market, "staff", "a").await, yes());
}

#[tokio::test]
async fn buyers_and_influencers_and_shops_that_are_the_marketplaces_alone_have_claims() {
    let market = Marketplace::new().await;
    for (kind, program) in [("buyer", "buyer"), ("influencer", "influencer")] {
        verify(&market, kind, program, "x", b"ann's card").await;
        assert_eq!(counts(&market, kind, "x").await, yes(), "{kind}");
    }
    verify(&market, "shop", "shop-owner", "unregistered", b"ann's card").await;
    assert_eq!(counts(&market, "shop", "unregistered").await, yes());
}
