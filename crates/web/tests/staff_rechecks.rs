//! Re-checks of sub-accounts (rows D4, E16, E25) through the API, on clocks that are turned.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use marketplace::{CYN, Marketplace};
use serde_json::{Value, json};
use shiren_app::record::TakenBy;
use shiren_app::{Declared, Error, Insists};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::session::{Consent, ConsentTo};
use shiren_testkit::person::METHOD;

const PHONE: &str = "13800138000";
const DANS: &[u8] = b"ann's number, dan's portrait";

/// Ann, bound to sub-account `a` of shop 1 since the first of March, and the clock.
async fn bound(market: &Marketplace) -> String {
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.staff("1", "a").await;
    verify(market, b"ann's card", b"herself").await;
    assert_eq!(market.status("a").await, "verified");
    clock
}

async fn verify(market: &Marketplace, card: &[u8], selfie: &[u8]) -> SessionId {
    let id = market.handed_in("a", card, selfie, PHONE).await;
    market.work().await;
    id
}

async fn session(market: &Marketplace, id: &SessionId) -> (String, Vec<String>, Value) {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let codes = session["reasons"].as_array().into_iter().flatten();
    let codes = codes.filter_map(|r| r["code"].as_str().map(str::to_owned)).collect();
    let checks = session["decision"]["checks"].as_array().cloned().unwrap_or_default();
    let operator = checks.into_iter().find(|c| c["check"] == "operator").unwrap_or_default();
    (session["status"].as_str().unwrap().to_owned(), codes, operator["operator"].clone())
}

#[tokio::test]
async fn a_user_is_asked_again_after_180_days_and_frozen_until_it_is_done_on_both_stores() {
    asked_and_frozen(Marketplace::new().await).await;
    asked_and_frozen(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn asked_and_frozen(market: Marketplace) {
    let clock = bound(&market).await;
    let resting = market.get("/v1/staff/a").await;
    assert_eq!(
        (&resting["bound"], &resting["recheck_due_at"]),
        (&json!(true), &json!("2026-08-28T04:00:00Z"))
    );
    // Before anybody asks, nobody verifies for it, and who is bound stays.
    let new = json!({ "program": "staff", "account": { "kind": "staff", "id": "a" } });
    let immutable = (409, "staff_user_immutable".to_owned());
    assert_eq!(market.refused("/v1/verification_sessions", new).await, immutable);
    market.turn(&clock, "2026-08-20T00:00:00Z").await;
    let asked = market.get("/v1/staff/a").await;
    assert_eq!(
        (&asked["status"], &asked["works"], &asked["bound"], &asked["until"], &asked["recheck_due_at"]),
        (&json!("asked"), &json!(true), &json!(true), &json!("2026-08-28T04:00:00Z"), &json!(null))
    );
    market.turn(&clock, "2026-09-10T00:00:00Z").await;
    assert_eq!(market.moments("a", "staff.recheck_asked").await, ["2026-08-14T04:00:00Z"]);
    assert_eq!(market.moments("a", "staff.reminded").await, ["2026-08-25T04:00:00Z", "2026-08-27T04:00:00Z"]);
    assert_eq!(market.moments("a", "staff.frozen").await, ["2026-08-28T04:00:00Z"]);
    let frozen = market.get("/v1/staff/a").await;
    assert_eq!((&frozen["works"], &frozen["bound"]), (&json!(false), &json!(true)));
    let second = verify(&market, b"ann's card", b"herself").await;
    let done = market.get("/v1/staff/a").await;
    assert_eq!(
        (&done["status"], &done["works"], &done["recheck_due_at"]),
        (&json!("verified"), &json!(true), &json!("2027-03-09T00:00:00Z"))
    );
    assert_eq!(market.moments("a", "staff.rechecked").await, ["2026-09-10T00:00:00Z"]);
    let bindings = market.get("/v1/staff/a/bindings").await;
    assert_eq!(bindings["data"].as_array().unwrap().len(), 2);
    assert_eq!(bindings["data"][0]["verification_session"], json!(second));
    assert_eq!(
        (&bindings["data"][0]["from"], &bindings["data"][1]["until"], &bindings["data"][1]["ended_by"]),
        (&json!("2026-09-10T00:00:00Z"), &json!("2026-09-10T00:00:00Z"), &json!("person"))
    );
    // Asked for one that is missed and lifted, and unbound in the middle of it.
    market.turn(&clock, "2027-03-10T00:00:00Z").await;
    market.post("/v1/staff/a/lift", json!({ "by": "owner" })).await;
    let unbound = market.post("/v1/staff/a/unbind", json!({ "by": "owner" })).await;
    assert_eq!((&unbound["status"], &unbound["bound"]), (&json!("asked"), &json!(false)));
    assert_eq!(unbound["until"], "2027-03-17T00:00:00Z");
}

#[tokio::test]
async fn the_marketplace_asks_for_one_with_a_deadline_and_each_refusal_has_its_name() {
    let market = Marketplace::new().await;
    let clock = bound(&market).await;
    let path = "/v1/staff/a/recheck";
    for (wrong, status) in
        [(json!({ "hours": 0 }), 422), (json!({ "hours": 8761 }), 422), (json!({ "days": 1 }), 422)]
    {
        assert_eq!(market.refused(path, wrong).await.0, status);
    }
    let asked = market.post(path, json!({ "hours": 72 })).await;
    assert_eq!((&asked["status"], &asked["until"]), (&json!("asked"), &json!("2026-03-04T04:00:00Z")));
    assert_eq!(market.refused(path, json!({})).await, (409, "staff_already_asked".into()));
    let events = market.get("/v1/events?object=a&limit=100").await;
    let told =
        events["data"].as_array().unwrap().iter().find(|e| e["type"] == "staff.recheck_asked").unwrap();
    assert_eq!((&told["data"]["why"], &told["data"]["shop"]), (&json!("requested"), &json!("1")));
    market.turn(&clock, "2026-03-05T00:00:00Z").await;
    assert_eq!(market.status("a").await, "frozen");
    let excused = market.post("/v1/staff/a/excuse", json!({})).await;
    assert_eq!(
        (&excused["status"], &excused["recheck_due_at"]),
        (&json!("verified"), &json!("2026-09-01T00:00:00Z"))
    );
    market.staff("1", "b").await;
    assert_eq!(market.refused("/v1/staff/b/recheck", json!({})).await, (409, "staff_nobody_bound".into()));
    assert_eq!(market.refused("/v1/staff/c/recheck", json!({})).await, (404, "not_found".into()));
}

#[tokio::test]
async fn another_face_goes_to_a_person_and_another_identity_is_refused() {
    let market = Marketplace::new().await;
    bound(&market).await;
    market.post("/v1/staff/a/recheck", json!({})).await;
    // Told before any picture, when the number is entered.
    let id = market.session("staff", "staff", "a").await;
    let refused = market.enter(&id, Some(CYN), PHONE).await;
    let told = Error::Entry { field: "id_number", code: ReasonCode::StaffUserImmutable };
    assert_eq!(refused.unwrap_err().to_string(), told.to_string());
    market.post(&format!("/v1/verification_sessions/{id}/cancel"), json!({})).await;
    // And by the document, face or no face.
    let id = verify(&market, b"cyn's card", b"cyn herself").await;
    let (status, codes, _) = session(&market, &id).await;
    assert_eq!(status, "requires_input");
    assert_eq!(codes.first().map(String::as_str), Some("staff_user_immutable"), "{codes:?}");
    market.post(&format!("/v1/verification_sessions/{id}/cancel"), json!({})).await;

    // The card of who is bound, with another face on it and before the camera.
    let id = verify(&market, DANS, b"dan").await;
    let (status, codes, operator) = session(&market, &id).await;
    assert_eq!((status.as_str(), codes), ("in_review", vec!["several_faces_on_account".to_owned()]));
    assert_eq!((&operator["same_identity"], &operator["transfer_score"]), (&json!(true), &json!(null)));
    assert_eq!(operator["baselines"][0]["face"]["band"], "different");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let verdict = json!({ "verdict": "reject", "note": "somebody else" });
    market.post(&format!("/v1/cases/{case}/decide"), verdict).await;
    assert_eq!(market.status("a").await, "asked");

    // Herself.
    let id = verify(&market, b"ann's card", b"herself").await;
    let (status, _, operator) = session(&market, &id).await;
    assert_eq!((status.as_str(), &operator["baselines"][0]["face"]["band"]), ("verified", &json!("same")));
    assert_eq!(market.status("a").await, "verified");
}

/// Two reviewers approve the only open case.
async fn approve(market: &Marketplace) {
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let (path, other) = (format!("/v1/cases/{case}/decide"), market.another_key("second").await);
    let verdict = json!({ "verdict": "approve", "note": "she took over, the owner says so" });
    for key in [&market.key, &other] {
        let (status, answer) = market.ask("POST", &path, key, Some(verdict.clone())).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(market.get(&format!("/v1/cases/{case}")).await["verdict"], "approve");
}

#[tokio::test]
async fn an_appeal_about_another_identity_can_be_approved_and_unbinds_who_was_bound() {
    let market = Marketplace::new().await;
    bound(&market).await;
    market.post("/v1/staff/a/recheck", json!({})).await;
    let draft = market.session("staff", "staff", "a").await;
    let id = verify(&market, b"cyn's card", b"cyn herself").await;
    market.service.app.appeal(&id, "I have the job now").await.unwrap();
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().parse().unwrap();
    let desk = market.service.app.open_case(&case, "user:wang").await.unwrap();
    assert_eq!(desk.holder.map(|h| h.id).as_deref(), Some("a"));
    approve(&market).await;
    assert_eq!(session(&market, &id).await.0, "verified");
    let after = market.get("/v1/staff/a").await;
    assert_eq!((&after["status"], &after["bound"]), (&json!("verified"), &json!(true)));
    let bindings = market.get("/v1/staff/a/bindings").await["data"].clone();
    assert_eq!((&bindings[0]["verification_session"], &bindings[0]["until"]), (&json!(id), &json!(null)));
    assert_eq!(bindings[1]["ended_by"], "key");
    let events = market.events("a").await;
    assert_eq!(events[events.len() - 2..], ["staff.unbound", "staff.verified"]);
    // What she had begun is over, and she may stand behind another sub-account.
    assert_eq!(session(&market, &draft).await.0, "canceled");
    market.staff("1", "b").await;
    market.handed_in("b", b"ann's card", b"herself", "13700137000").await;
    market.work().await;
    assert_eq!(market.status("b").await, "verified");
    // The face that is kept is that of who is bound now, and of nobody else.
    market.post("/v1/staff/a/recheck", json!({})).await;
    let again = verify(&market, b"cyn's card", b"cyn herself").await;
    let (status, _, operator) = session(&market, &again).await;
    assert_eq!((status.as_str(), operator["baselines"].as_array().unwrap().len()), ("verified", 1));
    assert_eq!(operator["baselines"][0]["face"]["band"], "same");
}

#[tokio::test]
async fn an_appeal_about_an_identity_of_another_sub_account_takes_it_from_there() {
    let market = Marketplace::new().await;
    bound(&market).await;
    market.staff("1", "b").await;
    let id = market.handed_in("b", b"ann's card", b"herself", "13900139000").await;
    market.work().await;
    assert_eq!(session(&market, &id).await.1, ["staff_identity_in_use"]);
    market.service.app.appeal(&id, "I moved to this desk").await.unwrap();
    approve(&market).await;
    assert_eq!((market.status("a").await, market.status("b").await), ("asked".into(), "verified".into()));
    assert_eq!(market.get("/v1/staff/a").await["bound"], false);
    assert_eq!(market.moments(id.as_str(), "identity.reclaimed").await.len(), 1);
}

#[tokio::test]
async fn a_face_is_kept_until_the_user_is_unbound_and_of_nobody_who_was_not_told() {
    let market = Marketplace::new().await;
    bound(&market).await;
    market.post("/v1/staff/a/unbind", json!({ "by": "owner" })).await;
    verify(&market, b"cyn's card", b"cyn herself").await;
    market.post("/v1/staff/a/recheck", json!({})).await;
    let id = verify(&market, b"cyn's card", b"cyn herself").await;
    let (status, _, operator) = session(&market, &id).await;
    assert_eq!(
        (status.as_str(), operator["baselines"].as_array().unwrap().len()),
        ("verified", 1),
        "ann's is gone"
    );

    // Who agreed to words that did not say so.
    market.post("/v1/staff/a/unbind", json!({ "by": "owner" })).await;
    let (id, app) = (market.session("staff", "staff", "a").await, &market.service.app);
    let earlier = |to| Consent {
        to,
        version: "2026-11".into(),
        language: "zh".into(),
        text_sha256: "00".into(),
        at: app.now(),
    };
    app.consent(&id, ConsentTo::ALL.map(earlier).into()).await.unwrap();
    app.choose_method(&id, METHOD).await.unwrap();
    let entered = Declared { phone: Some(PHONE.into()), ..Declared::default() };
    app.declare(&id, entered, Insists::default()).await.unwrap();
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(&id, None).await.unwrap();
    market.work().await;
    assert_eq!(market.status("a").await, "verified");
    market.post("/v1/staff/a/recheck", json!({})).await;
    let id = verify(&market, DANS, b"dan").await;
    let (status, _, operator) = session(&market, &id).await;
    assert_eq!((status.as_str(), operator), ("verified", Value::Null), "there is nothing to compare with");
}
