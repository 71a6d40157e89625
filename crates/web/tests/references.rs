//! What the marketplace has registered (rows C3, C4, C7): told before anything is handed in, proven, and then registered.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what tests share fails the test that calls it")]

mod marketplace;

use std::sync::Arc;

use axum::http::StatusCode;
use marketplace::{ANN, Marketplace};
use serde_json::json;
use shiren_app::port::NoticeQuery;
use shiren_app::record::TakenBy;
use shiren_app::{Declared, Error, Insists, SendCode, TryCode};
use shiren_core::account::reference::Reference;
use shiren_core::id::SessionId;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::code::Tried;
use shiren_core::verification::session::Refusal;
use shiren_testkit::person;

const PATH: &str = "/v1/accounts/shop/1/references";
const OLD: &str = "+8613800138000";
const NEW: &str = "+8613900139000";
const CARD: &str = "6222021234567894";
const OTHER_CARD: &str = "6222 0212 3456 7803";

fn entered(phone: Option<&str>, card: Option<&str>, name: &str) -> Declared {
    Declared {
        name: Some(name.into()),
        id_number: Some(ANN.into()),
        phone: phone.map(str::to_owned),
        bank_card: card.map(str::to_owned),
        payment_account: None,
    }
}

fn changing(kinds: &[Reference]) -> Insists {
    Insists { changes: kinds.iter().copied().collect(), ..Insists::default() }
}

/// A shop with something registered, and a session of its owner who has agreed and chosen.
async fn one(registered: serde_json::Value) -> (Marketplace, SessionId) {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.post(PATH, registered).await;
    let id = market.session("shop", "shop-owner", "1").await;
    person::agree(&market.service.app, &id).await.unwrap();
    (market, id)
}

async fn refusal(
    market: &Marketplace,
    id: &SessionId,
    what: Declared,
    insists: Insists,
) -> (&'static str, ReasonCode) {
    match market.service.app.declare(id, what, insists).await {
        Err(Error::Entry { field, code }) => (field, code),
        other => panic!("{other:?}"),
    }
}

async fn hand_in(market: &Marketplace, id: &SessionId) -> String {
    let app = &market.service.app;
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(id, None).await.unwrap();
    market.work().await;
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    session["status"].as_str().unwrap().to_owned()
}

async fn reasons(market: &Marketplace, id: &SessionId) -> Vec<String> {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    session["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect()
}

/// Has a code sent, and gives what the sandbox kept: to whom, and the digits.
async fn code(market: &Marketplace, id: &SessionId) -> (String, String) {
    let app = &market.service.app;
    // Nobody asks for two codes in the same millisecond.
    market.service.clock.turn(jiff::SignedDuration::from_secs(1));
    let send =
        SendCode { session: id.clone(), cookie: "a browser".into(), address: None, language: "zh".into() };
    app.run(send).await.unwrap();
    market.work().await;
    let listed = app.notices(&NoticeQuery { limit: 1, ..NoticeQuery::default() }).await.unwrap().remove(0);
    let letter = app.reveal_letter(&listed.notice.id, "tests", "user:tests").await.unwrap();
    (letter.to, letter.parameters["code"].clone())
}

async fn tell(market: &Marketplace, id: &SessionId, code: &str) -> Tried {
    market.service.app.run(TryCode { session: id.clone(), code: code.to_owned() }).await.unwrap()
}

#[tokio::test]
async fn what_is_registered_is_sealed_masked_and_forgotten() {
    let market = Marketplace::new().await;
    let all = json!({ "phone": "138 0013 8000", "payment_account": "Ann@Example.com", "bank_card": CARD });
    let kept = market.post(PATH, all).await;
    let masked = json!({
        "object": "references", "account": { "kind": "shop", "id": "1" }, "name": null, "phone": "+861******8000",
        "payment_account": "a***@example.com", "bank_card": "************7894",
    });
    assert_eq!((&kept, market.get(PATH).await), (&masked, masked.clone()));
    let (_, live) = market.ask("GET", PATH, &market.live_key, None).await;
    assert_eq!(live["phone"], json!(null), "the two modes are worlds of their own");
    assert_eq!(market.get("/v1/accounts/buyer/1/references").await["phone"], json!(null));
    market.post(PATH, json!({})).await;
    assert_eq!(market.get(PATH).await["bank_card"], json!(null));
    for (body, field) in [
        (json!({ "phone": "8000" }), "phone"),
        (json!({ "payment_account": "" }), "payment_account"),
        (json!({ "bank_card": "6222021234567895" }), "bank_card"),
    ] {
        let (status, problem) = market.ask("POST", PATH, &market.key, Some(body)).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{problem}"
        );
    }
    assert_eq!(market.refused(PATH, json!({ "fax": "1" })).await.0, 422);
    assert_eq!(market.refused("/v1/accounts/pigeon/1/references", json!({})).await.0, 404);
}

#[tokio::test]
async fn what_is_registered_is_asked_for_and_another_one_is_told_at_once() {
    let (market, id) = one(json!({ "phone": OLD, "bank_card": CARD })).await;
    let app = Arc::clone(&market.service.app);
    let told =
        async |phone, card| refusal(&market, &id, entered(phone, card, "王芳"), Insists::default()).await;
    assert_eq!(told(None, Some(CARD)).await, ("phone", ReasonCode::MaterialMissing));
    assert_eq!(told(Some(OLD), None).await, ("bank_card", ReasonCode::MaterialMissing));
    assert_eq!(told(Some(OLD), Some("1234")).await, ("bank_card", ReasonCode::BankCardInvalid));
    assert_eq!(told(Some(NEW), Some(CARD)).await, ("phone", ReasonCode::PhoneChanged));
    assert_eq!(told(Some(OLD), Some(OTHER_CARD)).await, ("bank_card", ReasonCode::BankCardChanged));
    // Insisting on one of them does not change the other one unseen.
    let both = entered(Some(NEW), Some(OTHER_CARD), "王芳");
    let one = refusal(&market, &id, both, changing(&[Reference::Phone])).await;
    assert_eq!(one, ("bank_card", ReasonCode::BankCardChanged));
    // As it is registered, whoever insists on what, nothing changes and nothing is asked.
    let same = entered(Some("138-0013-8000"), Some("6222-0212-3456-7894"), "王芳");
    let session = app.declare(&id, same, changing(&Reference::ALL)).await.unwrap();
    assert!(session.changes.is_empty());
    assert_eq!(hand_in(&market, &id).await, "verified");
    assert!(!market.events(id.as_str()).await.iter().any(|e| e.starts_with("account.")));
}

#[tokio::test]
async fn what_is_registered_cannot_be_guessed_one_number_after_the_other() {
    let (market, id) = one(json!({ "phone": OLD })).await;
    for n in 0..10 {
        let guess = entered(Some(&format!("1370013700{n}")), None, "王芳");
        assert_eq!(
            refusal(&market, &id, guess, Insists::default()).await,
            ("phone", ReasonCode::PhoneChanged)
        );
    }
    let right = entered(Some(NEW), None, "王芳");
    let told = market.service.app.declare(&id, right, Insists::default()).await;
    assert!(matches!(told, Err(Error::TooManyTries(_))), "{told:?}");
    // Another session of the same account is no way around, and who knows the number goes on.
    let again = market.session("shop", "shop-owner", "1").await;
    person::agree(&market.service.app, &again).await.unwrap();
    let guess = entered(Some(NEW), None, "王芳");
    assert!(matches!(
        market.service.app.declare(&again, guess, Insists::default()).await,
        Err(Error::TooManyTries(_))
    ));
    market.service.app.declare(&id, entered(Some(OLD), None, "王芳"), Insists::default()).await.unwrap();
}

#[tokio::test]
async fn both_phones_codes_change_the_phone_when_the_verification_passes() {
    let (market, id) = one(json!({ "phone": OLD })).await;
    let app = Arc::clone(&market.service.app);
    app.declare(&id, entered(Some(NEW), None, "王芳"), changing(&[Reference::Phone])).await.unwrap();
    assert!(matches!(app.submit(&id, None).await, Err(Error::Refused(Refusal::Missing(_)))));
    let (to, digits) = code(&market, &id).await;
    assert_eq!((to.as_str(), tell(&market, &id, &digits).await), (NEW, Tried::Right));
    assert_eq!(tell(&market, &id, &digits).await, Tried::Over, "the new phone's code proves no old one");
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    assert!(matches!(app.submit(&id, None).await, Err(Error::Refused(Refusal::PhoneUnverified))));
    let (to, digits) = code(&market, &id).await;
    assert_eq!((to.as_str(), tell(&market, &id, &digits).await), (OLD, Tried::Right));
    assert_eq!(market.get(PATH).await["phone"], "+861******8000", "nothing changes before it passes");
    assert_eq!(hand_in(&market, &id).await, "verified");
    assert_eq!(market.get(PATH).await["phone"], "+861******9000");
    let events = market.get(&format!("/v1/events?object={id}&limit=100")).await;
    let changed: Vec<_> =
        events["data"].as_array().unwrap().iter().filter(|e| e["type"] == "account.phone_changed").collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(
        changed[0]["data"],
        json!({ "account": { "kind": "shop", "id": "1" }, "verification_session": id })
    );
    assert!(!events.to_string().contains("139001"), "no event has the phone in it");
}

#[tokio::test]
async fn an_old_phone_that_is_lost_is_for_a_person_to_decide() {
    let (market, id) = one(json!({ "phone": OLD })).await;
    let app = Arc::clone(&market.service.app);
    app.declare(&id, entered(Some(NEW), None, "王芳"), changing(&[Reference::Phone])).await.unwrap();
    let (_, digits) = code(&market, &id).await;
    tell(&market, &id, &digits).await;
    app.lost_old_phone(&id).await.unwrap();
    assert_eq!(hand_in(&market, &id).await, "in_review");
    assert_eq!(reasons(&market, &id).await, ["phone_changed"]);
    assert_eq!(market.get(PATH).await["phone"], "+861******8000");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let file = app.open_case(&case.parse().unwrap(), "user:tests").await.unwrap();
    let masked = (Reference::Phone, "+861******8000".to_owned(), "+861******9000".to_owned());
    assert_eq!(file.differ, [masked]);
    let approve = json!({ "verdict": "approve", "note": "called her on the new phone" });
    market.post(&format!("/v1/cases/{case}/decide"), approve).await;
    assert_eq!(market.get(PATH).await["phone"], "+861******9000");
    assert!(market.events(id.as_str()).await.contains(&"account.phone_changed".to_owned()));
}

#[tokio::test]
async fn the_source_vouches_for_another_card_or_a_person_decides() {
    for (name, status, told) in [
        ("王芳", "verified", &[][..]),
        ("不符王芳", "requires_input", &["payment_name_mismatch", "name_mismatch"][..]),
        ("超时王芳", "requires_input", &["name_mismatch", "bank_card_changed"][..]),
    ] {
        let (market, id) = one(json!({ "bank_card": CARD })).await;
        let app = Arc::clone(&market.service.app);
        let other = entered(None, Some(OTHER_CARD), name);
        app.declare(&id, other, changing(&[Reference::BankCard])).await.unwrap();
        assert_eq!(hand_in(&market, &id).await, status, "{name}");
        let mut found = reasons(&market, &id).await;
        let mut told: Vec<String> = told.iter().map(|t| (*t).to_owned()).collect();
        found.sort();
        told.sort();
        assert_eq!(found, told, "{name}");
        let card = if status == "verified" { "************7803" } else { "************7894" };
        assert_eq!(market.get(PATH).await["bank_card"], card, "{name}");
    }
}

#[tokio::test]
async fn what_was_registered_meanwhile_is_told_in_the_end() {
    let (market, id) = one(json!({})).await;
    let app = Arc::clone(&market.service.app);
    app.declare(&id, entered(Some(NEW), None, "王芳"), Insists::default()).await.unwrap();
    market.post(PATH, json!({ "phone": OLD })).await;
    assert_eq!(hand_in(&market, &id).await, "requires_input");
    assert_eq!(reasons(&market, &id).await, ["phone_changed"]);
    app.declare(&id, entered(Some(OLD), None, "王芳"), Insists::default()).await.unwrap();
    assert_eq!(hand_in(&market, &id).await, "verified");
}

#[tokio::test]
async fn the_source_says_of_name_number_and_phone_whether_each_equals() {
    for (phone, status, told, equal) in [
        ("+8613800138000", "verified", &[][..], json!(true)),
        ("+8613800130000", "requires_input", &["source_phone_mismatch"][..], json!(false)),
        ("+8613800139999", "verified", &[][..], json!(null)),
    ] {
        let (market, id) = one(json!({})).await;
        let app = Arc::clone(&market.service.app);
        app.choose_method(&id, "payment-account").await.unwrap();
        app.declare(&id, entered(Some(phone), None, "王芳"), Insists::default()).await.unwrap();
        assert_eq!(hand_in(&market, &id).await, status, "{phone}");
        assert_eq!(reasons(&market, &id).await, told, "{phone}");
        let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
        let checks = session["decision"]["checks"].as_array().unwrap();
        let source = checks.iter().find(|c| c["check"] == "source").unwrap();
        assert_eq!(source["equals"], json!({ "name": true, "id_number": true, "phone": equal }), "{phone}");
    }
}

#[tokio::test]
async fn a_registered_payment_account_must_be_of_the_name_on_the_document() {
    for (registered, status, told) in [
        (json!({ "payment_account": "ann@example.com" }), "requires_input", &["payment_name_mismatch"][..]),
        (json!({ "bank_card": CARD }), "requires_input", &["payment_name_mismatch"][..]),
        (json!({}), "verified", &[][..]),
    ] {
        let (market, id) = one(registered.clone()).await;
        let app = Arc::clone(&market.service.app);
        let mut own = entered(None, None, "不符芳");
        own.payment_account = registered["payment_account"].as_str().map(str::to_owned);
        own.bank_card = registered["bank_card"].as_str().map(str::to_owned);
        app.declare(&id, own, Insists::default()).await.unwrap();
        let pictures =
            [("front", &b"a card that does not pay"[..]), ("back", b"back"), ("selfie", b"herself")];
        for (step, bytes) in pictures {
            app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
        app.submit(&id, None).await.unwrap();
        market.work().await;
        let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
        assert_eq!(session["status"], status, "{registered}");
        assert_eq!(reasons(&market, &id).await, told, "{registered}");
    }
}

#[tokio::test]
async fn another_name_than_is_registered_is_for_a_person_to_decide_and_registered_then() {
    // In whatever writing it is the same one.
    let (market, id) = one(json!({ "name": " 王 芳 " })).await;
    let app = Arc::clone(&market.service.app);
    assert_eq!(market.get(PATH).await["name"], "王*");
    app.declare(&id, entered(None, None, "王芳"), Insists::default()).await.unwrap();
    assert_eq!(hand_in(&market, &id).await, "verified");
    let (market, id) = one(json!({ "name": "李雷", "phone": OLD })).await;
    let app = Arc::clone(&market.service.app);
    app.declare(&id, entered(Some(OLD), None, "王芳"), Insists::default()).await.unwrap();
    assert_eq!(hand_in(&market, &id).await, "in_review");
    assert_eq!(reasons(&market, &id).await, ["registered_name_differs"]);
    assert_eq!(market.get(PATH).await["name"], "李*");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let approve = json!({ "verdict": "approve", "note": "the legal person changed in the register" });
    market.post(&format!("/v1/cases/{case}/decide"), approve).await;
    let kept = market.get(PATH).await;
    assert_eq!((&kept["name"], &kept["phone"]), (&json!("王*"), &json!("+861******8000")));
    let events = market.get(&format!("/v1/events?object={id}&limit=100")).await;
    assert!(
        events["data"].as_array().unwrap().iter().any(|e| e["type"] == "account.name_changed"),
        "{events}"
    );
    assert!(!events.to_string().contains("王芳"), "no event has a name in it");
    for wrong in ["", " ", "two\nlines"] {
        let (status, answer) = market.ask("POST", PATH, &market.key, Some(json!({ "name": wrong }))).await;
        assert_eq!(
            (status, &answer["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("name")),
            "{wrong:?}"
        );
    }
}
