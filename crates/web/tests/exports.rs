//! The person's own copy of their data (row E15): after verifying again, once, and for a short time; and nothing of them on
//! any page once a session has ended.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use std::io::{Cursor, Read as _};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use marketplace::browser::Browser;
use marketplace::{ANN, Marketplace};
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use zip::ZipArchive;

const PHONE: &str = "13800138000";

/// Asks for a copy, and opens its link in a browser.
async fn asked(market: &Marketplace, kind: &str, id: &str) -> (SessionId, Browser) {
    let session = market.post(&format!("/v1/accounts/{kind}/{id}/exports"), json!({})).await;
    assert_eq!(session["purpose"], "export");
    let link = session["link"]["url"].as_str().unwrap().strip_prefix("https://verify.example").unwrap();
    let mut browser = Browser::default();
    let (status, _) = browser.send(market, Request::get(link).body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    (session["id"].as_str().unwrap().parse().unwrap(), browser)
}

async fn verified(market: &Marketplace, kind: &str, program: &str, id: &str) -> SessionId {
    let session = market.session(kind, program, id).await;
    market.hand_in(&session, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(status(market, &session).await.0, "verified");
    session
}

async fn status(market: &Marketplace, id: &SessionId) -> (String, Vec<String>) {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let codes = session["reasons"].as_array().into_iter().flatten();
    let codes = codes.filter_map(|r| r["code"].as_str().map(str::to_owned)).collect();
    (session["status"].as_str().unwrap().to_owned(), codes)
}

/// Presses the button of the page, if it is there; what comes back.
async fn press(market: &Marketplace, browser: &mut Browser) -> (StatusCode, Vec<u8>) {
    let page = browser.page(market, "/verify").await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    take(market, browser, csrf.unwrap_or_default()).await
}

async fn take(market: &Marketplace, browser: &mut Browser, csrf: &str) -> (StatusCode, Vec<u8>) {
    let form =
        Request::post("/verify/copy").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    browser.fetch(market, form.body(Body::from(format!("csrf={csrf}"))).unwrap()).await
}

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[tokio::test]
async fn who_verifies_again_takes_a_copy_once_and_it_is_recorded_on_both_stores() {
    taken(Marketplace::new().await).await;
    taken(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn taken(market: Marketplace) {
    let first = verified(&market, "buyer", "buyer", "b1").await;
    let (id, mut browser) = asked(&market, "buyer", "b1").await;
    let page = browser.page(&market, "/verify").await;
    assert!(page.contains("data-test=\"export\"") && !page.contains("take-copy"), "{page}");
    // Nothing before they have passed.
    assert_ne!(press(&market, &mut browser).await.0, StatusCode::OK);
    market.hand_in(&id, b"ann's card", b"herself", "13900139000").await;
    market.work().await;
    assert_eq!(status(&market, &id).await.0, "verified");
    let page = browser.page(&market, "/verify").await;
    assert!(page.contains("data-test=\"take-copy\"") && page.contains("2026-11-23 12:30"), "{page}");
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (refused, _) = take(&market, &mut browser, "guessed").await;
    assert_ne!(refused, StatusCode::OK);
    let (status, archive) = take(&market, &mut browser, &csrf).await;
    assert_eq!(status, StatusCode::OK);
    let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    let data: Value = serde_json::from_slice(&read(&mut archive, "data.json")).unwrap();
    assert_eq!((&data["object"], &data["account"]["id"]), (&json!("personal_data"), &json!("b1")));
    let of = &data["verifications"][0];
    assert_eq!(
        (&of["id"], &data["verifications"][1]),
        (&json!(first), &Value::Null),
        "not this session's own"
    );
    assert_eq!(of["read"]["id_number"], ANN);
    assert_eq!(of["entered"]["phone"], "+8613800138000");
    assert_eq!(of["consents"].as_array().unwrap().len(), 2);
    let pictures = of["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 3);
    let front = pictures.iter().find(|p| p["step"] == "front").unwrap();
    assert_eq!(read(&mut archive, front["file"].as_str().unwrap()), b"ann's card");
    // Once.
    assert_eq!(take(&market, &mut browser, &csrf).await.0, StatusCode::SEE_OTHER);
    let page = browser.page(&market, "/verify").await;
    assert!(page.contains("2026-11-23 12:00") && !page.contains("take-copy"), "{page}");
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    assert_eq!(session["exported_at"], "2026-11-23T04:00:00Z");
    let log = market.store.snapshot().await.unwrap().audit_of(first.as_str()).await.unwrap();
    let exported = log.iter().find(|e| e.action == "data.exported").unwrap();
    assert_eq!((exported.actor.as_str(), exported.purpose.contains(id.as_str())), ("person", true));
    // What it showed itself is erased; what it was of is not.
    market.work().await;
    let events = market.events(id.as_str()).await;
    assert_eq!(
        events[events.len() - 3..],
        ["verification_session.verified", "verification_session.exported", "verification_session.redacted",]
    );
    assert!(market.get(&format!("/v1/verification_sessions/{first}")).await["redacted_at"].is_null());
}

#[tokio::test]
async fn nobody_else_gets_it() {
    let market = Marketplace::new().await;
    verified(&market, "buyer", "buyer", "b1").await;
    // Another document; and the same number, with another face than the one that is kept.
    for (card, selfie) in [(&b"bea's card"[..], &b"herself"[..]), (b"ann's number, dan's portrait", b"dan")] {
        let (id, mut browser) = asked(&market, "buyer", "b1").await;
        market.hand_in(&id, card, selfie, PHONE).await;
        market.work().await;
        let (status, codes) = status(&market, &id).await;
        assert!(
            status != "verified" && codes.contains(&"export_another_person".to_owned()),
            "{status} {codes:?}"
        );
        assert_ne!(press(&market, &mut browser).await.0, StatusCode::OK);
        assert_eq!(market.get(&format!("/v1/verification_sessions/{id}")).await["exported_at"], Value::Null);
    }
    // A session that is no export has no copy, whoever passed.
    let mut browser = Browser::default();
    let id = browser.opens(&market, "buyer", "buyer", "b1").await;
    market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert!(!browser.page(&market, "/verify").await.contains("data-test=\"copy\""));
    assert_eq!(market.service.app.take_copy(&id).await.unwrap(), None);
}

#[tokio::test]
async fn many_who_try_at_once_take_it_once() {
    let market = Marketplace::new().await;
    verified(&market, "buyer", "buyer", "b1").await;
    let (id, _) = asked(&market, "buyer", "b1").await;
    market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (app, id) = (market.service.app.clone(), id.clone());
            tokio::spawn(async move { app.take_copy(&id).await })
        })
        .collect();
    let mut got = 0;
    for tried in tries {
        got += usize::from(tried.await.unwrap().unwrap().is_some());
    }
    assert_eq!(got, 1);
}

#[tokio::test]
async fn a_copy_that_nobody_took_in_time_is_gone() {
    let market = Marketplace::new().await;
    verified(&market, "buyer", "buyer", "b1").await;
    let (id, mut browser) = asked(&market, "buyer", "b1").await;
    market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    market.service.clock.turn(SignedDuration::from_mins(30));
    let page = browser.page(&market, "/verify").await;
    assert!(page.contains("data-test=\"copy\"") && !page.contains("take-copy"), "{page}");
    assert_eq!(market.service.app.take_copy(&id).await.unwrap(), None);
    market.work().await;
    assert!(market.get(&format!("/v1/verification_sessions/{id}")).await["redacted_at"].is_string());
}

#[tokio::test]
async fn of_whom_nothing_is_kept_there_is_nothing_to_take() {
    let market = Marketplace::new().await;
    let none = (409, "nothing_to_export".to_owned());
    assert_eq!(market.refused("/v1/accounts/buyer/b1/exports", json!({})).await, none);
    let session = verified(&market, "buyer", "buyer", "b1").await;
    let (id, _) = asked(&market, "buyer", "b1").await;
    market.post(&format!("/v1/verification_sessions/{session}/redact"), json!({})).await;
    assert_eq!(market.refused("/v1/accounts/buyer/b1/exports", json!({})).await, none);
    // Erased while they were at it.
    market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(status(&market, &id).await.1, ["export_nothing_kept"]);
    for (path, code) in [("/v1/accounts/person/b1/exports", 404), ("/v1/accounts/shop/b1/exports", 409)] {
        assert_eq!(market.refused(path, json!({})).await.0, code, "{path}");
    }
    let wrong = json!({ "return_url": "http://elsewhere.example" });
    assert_eq!(market.refused("/v1/accounts/buyer/b1/exports", wrong).await.0, 422);
}

#[tokio::test]
async fn the_account_does_not_follow_a_session_for_a_copy() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let owner = verified(&market, "shop", "shop-owner", "1").await;
    let events = market.events("1").await;
    let (id, _) = asked(&market, "shop", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
    market.work().await;
    assert_eq!(status(&market, &id).await.0, "verified");
    assert_eq!(market.get("/v1/shops/1").await["verification_session"], json!(owner));
    assert_eq!(market.events("1").await, events);
    // A sub-account's user who was not asked, and one who was unbound since, have the same right.
    market.staff("1", "a").await;
    market.handed_in("a", b"ann's card", b"herself", PHONE).await;
    market.work().await;
    for unbound in [false, true] {
        if unbound {
            market.post("/v1/staff/a/unbind", json!({})).await;
            market.handed_in("a", b"cyn's card", b"cyn herself", "13800138009").await;
            market.work().await;
            assert_eq!(market.status("a").await, "verified");
        }
        let (id, mut browser) = asked(&market, "staff", "a").await;
        market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
        market.work().await;
        assert_eq!(status(&market, &id).await.0, "verified");
        assert_eq!(market.status("a").await, "verified");
        let (status, archive) = press(&market, &mut browser).await;
        assert_eq!(status, StatusCode::OK);
        let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
        let data: Value = serde_json::from_slice(&read(&mut archive, "data.json")).unwrap();
        assert_eq!(data["verifications"].as_array().unwrap().len(), 1, "hers alone");
        assert_eq!(data["verifications"][0]["read"]["id_number"], ANN);
    }
}

#[tokio::test]
async fn a_drafts_pictures_are_served_to_nobody_once_the_session_has_ended() {
    let market = Marketplace::new().await;
    let mut browser = Browser::default();
    let id = browser.opens(&market, "buyer", "buyer", "b1").await;
    market.prepare(&id, b"ann's card", b"herself", PHONE).await;
    let pictures = market.store.snapshot().await.unwrap().evidence_of(&id).await.unwrap();
    let front = pictures.iter().find(|p| p.step == "front").unwrap();
    let path = format!("/verify/evidence/{}", front.id);
    let get = || Request::get(&path).body(Body::empty()).unwrap();
    assert_eq!(browser.fetch(&market, get()).await, (StatusCode::OK, b"ann's card".to_vec()));
    market.service.app.submit(&id, None).await.unwrap();
    market.work().await;
    assert_eq!(status(&market, &id).await.0, "verified");
    assert_eq!(browser.fetch(&market, get()).await.0, StatusCode::NOT_FOUND);
    for path in ["/verify", "/verify?show=details", "/verify/review", "/verify/step/front/preview"] {
        let (_, page) = browser.fetch(&market, Request::get(path).body(Body::empty()).unwrap()).await;
        let page = String::from_utf8(page).unwrap();
        assert!(
            !page.contains("/verify/evidence/") && !page.contains("王") && !page.contains("110105"),
            "{path}"
        );
    }
    // What failed or was called off shows nothing any more either.
    let mut other = Browser::default();
    let id = other.opens(&market, "buyer", "buyer", "b2").await;
    market.prepare(&id, b"bea's card", b"herself", PHONE).await;
    let pictures = market.store.snapshot().await.unwrap().evidence_of(&id).await.unwrap();
    market.post(&format!("/v1/verification_sessions/{id}/cancel"), json!({})).await;
    let path = format!("/verify/evidence/{}", pictures[0].id);
    assert_eq!(
        other.fetch(&market, Request::get(&path).body(Body::empty()).unwrap()).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn however_often_somebody_takes_a_copy_their_verification_counts_as_before() {
    let market = Marketplace::new().await;
    let first = verified(&market, "buyer", "buyer", "b1").await;
    let ask = json!({ "event": "registration", "account": { "kind": "buyer", "id": "b1" } });
    assert_eq!(market.post("/v1/gate", ask.clone()).await["outcome"], "allow");
    for _ in 0..12 {
        let (id, _) = asked(&market, "buyer", "b1").await;
        market.hand_in(&id, b"ann's card", b"herself", PHONE).await;
        market.work().await;
        assert_eq!(status(&market, &id).await.0, "verified");
    }
    assert_eq!(market.post("/v1/gate", ask).await["outcome"], "allow");
    let claim = market.get("/v1/accounts/buyer/b1/claim?purpose=payout").await;
    assert_eq!((&claim["verification_session"], &claim["valid"]), (&json!(first), &json!(true)));
    // Copies hold nothing to make another copy of.
    market.post(&format!("/v1/verification_sessions/{first}/redact"), json!({})).await;
    assert_eq!(market.refused("/v1/accounts/buyer/b1/exports", json!({})).await.0, 409);
}
