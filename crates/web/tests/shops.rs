//! The whole life of a shop (rows A1, A8, D11, D12) through the API.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::browser::Browser;
use marketplace::{ANN, COMPANY, Marketplace, OTHER_COMPANY};
use serde_json::{Value, json};
use shiren_app::record::TakenBy;
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::verification::program::LICENCE;

const PENALTIES: &str = "/v1/shops/1/penalties";

fn penalty(reference: &str, kind: &str) -> Value {
    json!({ "reference": reference, "kind": kind, "violation": "counterfeit-goods", "reason": "三位买家证实是假货" })
}

async fn verified(market: &Marketplace, shop: &str, card: &[u8]) {
    let id = market.session("shop", "shop-owner", shop).await;
    market.hand_in(&id, card, b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.get(&format!("/v1/verification_sessions/{id}")).await["status"], "verified");
}

async fn standing(market: &Marketplace, shop: &str) -> String {
    market.get(&format!("/v1/shops/{shop}")).await["status"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_shop_that_was_closed_for_a_violation_opens_by_the_same_verification_again_on_both_stores() {
    closed_and_restored(Marketplace::new().await).await;
    closed_and_restored(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn closed_and_restored(market: Marketplace) {
    market.shop("1", "c2c", None).await;
    assert_eq!(market.refused(PENALTIES, penalty("p1", "warning")).await, (409, "shop_never_open".into()));
    verified(&market, "1", b"ann's card").await;
    market
        .post(
            "/v1/shops/1/deposit/entries",
            json!({ "movement": "payment", "reference": "pay", "cents": 3_000_000 }),
        )
        .await;
    assert_eq!(market.get("/v1/shops/1/listings/laptops").await["may_list"], true);
    // One that was under way before the closure does not count for it.
    let before = market.session("shop", "shop-owner", "1").await;
    market.service.clock.turn(jiff::SignedDuration::from_secs(60));
    let mut closure = penalty("p1", "temporary_closure");
    closure["deduct_cents"] = json!(1_000);
    let imposed = market.post(PENALTIES, closure.clone()).await;
    assert_eq!(
        (&imposed["shop_status"], &imposed["refunded_cents"]),
        (&json!("temporarily_closed"), &Value::Null)
    );
    market.post(PENALTIES, closure).await;
    let deposit = market.get("/v1/shops/1/deposit").await;
    assert_eq!((&deposit["held_cents"], &deposit["deducted_cents"]), (&json!(2_999_000), &json!(1_000)));
    let listing = market.get("/v1/shops/1/listings/laptops").await;
    assert_eq!(listing["reasons"], json!(["shop_not_open"]));
    let found = market.get("/v1/shops?status=temporarily_closed").await;
    assert_eq!((&found["data"][0]["id"], &found["data"][1]), (&json!("1"), &Value::Null));
    market.hand_in(&before, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(standing(&market, "1").await, "temporarily_closed");
    verified(&market, "1", b"ann's card").await;
    assert_eq!(standing(&market, "1").await, "open");
    let listed = market.get(PENALTIES).await;
    assert_eq!(listed["data"][0]["reference"], "p1");
    assert!(
        listed["data"][0]["restored_at"].is_string() && listed["data"][0]["verification_session"].is_string()
    );
    assert_eq!(
        market.refused(PENALTIES, penalty("p1", "temporary_closure")).await,
        (409, "penalty_made_good".into())
    );
    assert_eq!(
        market.refused(PENALTIES, penalty("p1", "warning")).await,
        (409, "penalty_reference_used".into())
    );
    assert_eq!(standing(&market, "1").await, "open");
    market.post(PENALTIES, penalty("p2", "warning")).await;
    assert_eq!(market.get(&format!("{PENALTIES}?limit=1")).await["data"][0]["reference"], "p2");
    assert_eq!(market.get(&format!("{PENALTIES}?after=p2")).await["data"][0]["reference"], "p1");
    assert_eq!(
        market.events("1").await,
        [
            "shop.registered",
            "shop.opened",
            "recheck.planned",
            "deposit.paid",
            "shop.temporarily_closed",
            "deposit.deducted",
            "shop.recertified",
            "recheck.passed",
            "recheck.planned",
            "shop.restored",
            "recheck.passed",
            "recheck.planned",
            "shop.warned",
        ]
    );
}

#[tokio::test]
async fn a_permanent_closure_ends_the_sub_accounts_gives_the_rest_back_and_nothing_opens_it_again() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    verified(&market, "1", b"ann's card").await;
    market
        .post(
            "/v1/shops/1/deposit/entries",
            json!({ "movement": "payment", "reference": "pay", "cents": 500 }),
        )
        .await;
    market.staff("1", "s1").await;
    market.staff("1", "s2").await;
    market.handed_in("s1", b"bea's card", b"herself", "13800138001").await;
    market.work().await;
    assert_eq!(market.status("s1").await, "verified");
    let ending = |refund: Value, deduct: i64| {
        let mut body = penalty("p9", "permanent_closure");
        body["refund_reference"] = refund;
        body["deduct_cents"] = json!(deduct);
        body
    };
    for (body, status, code) in [
        (ending(Value::Null, 0), 422, "invalid"),
        (ending(json!("r"), 501), 409, "deposit_insufficient"),
        (ending(json!("r"), -1), 422, "deposit_amount"),
        (ending(json!("pay"), 0), 409, "deposit_reference_used"),
    ] {
        assert_eq!(market.refused(PENALTIES, body.clone()).await, (status, code.to_owned()), "{body}");
    }
    // Nothing of what was refused happened.
    assert_eq!(
        (standing(&market, "1").await.as_str(), market.status("s1").await.as_str()),
        ("open", "verified")
    );
    let ended = market.post(PENALTIES, ending(json!("r"), 100)).await;
    assert_eq!(
        (&ended["shop_status"], &ended["refunded_cents"]),
        (&json!("permanently_closed"), &json!(400))
    );
    for staff in ["s1", "s2"] {
        assert_eq!(market.status(staff).await, "disabled");
        assert_eq!(market.events(staff).await.last().map(String::as_str), Some("staff.disabled"));
    }
    let new = json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" } });
    for (path, body) in [
        (PENALTIES, penalty("p10", "temporary_closure")),
        ("/v1/shops/1/close", json!({ "reference": "r2" })),
        ("/v1/verification_sessions", new),
        ("/v1/shops/1/staff", json!({ "id": "s3", "name": "客服", "role": "other" })),
    ] {
        assert_eq!(market.refused(path, body).await, (409, "shop_permanently_closed".into()), "{path}");
    }
    let events = market.events("1").await;
    assert_eq!(events[4..], ["shop.permanently_closed", "deposit.deducted", "deposit.refunded"]);
}

#[tokio::test]
async fn who_closed_their_own_shop_opens_another_one() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.shop("2", "c2c", None).await;
    verified(&market, "1", b"ann's card").await;
    market.staff("1", "s1").await;
    let second = market.session("shop", "shop-owner", "2").await;
    let taken = market.enter(&second, Some(ANN), "13800138000").await.unwrap_err();
    assert!(matches!(taken, shiren_app::Error::Entry { field: "id_number", .. }), "{taken}");
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    assert_eq!(market.status("s1").await, "disabled");
    verified(&market, "2", b"ann's card").await;
    assert_eq!(standing(&market, "2").await, "open");
}

#[tokio::test]
async fn a_shop_that_ends_while_its_owner_is_checked_holds_nobodys_identity() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    market.work().await;
    market.shop("2", "c2c", None).await;
    verified(&market, "2", b"ann's card").await;
    assert_eq!(standing(&market, "2").await, "open");
}

#[tokio::test]
async fn whoever_owned_a_shop_before_is_free_to_open_another_one() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.shop("2", "c2c", None).await;
    verified(&market, "1", b"ann's card").await;
    verified(&market, "1", b"bea's card").await;
    verified(&market, "2", b"ann's card").await;
    assert_eq!(standing(&market, "2").await, "open");
}

#[tokio::test]
async fn a_penalty_that_cannot_be_is_refused_and_changes_nothing() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    verified(&market, "1", b"ann's card").await;
    let with = |key: &str, value: Value| {
        let mut body = penalty("p1", "temporary_closure");
        body[key] = value;
        body
    };
    for body in [
        with("kind", json!("ban")),
        with("violation", json!("Fake Goods")),
        with("reason", json!("")),
        with("reason", json!("two\nlines")),
        with("reference", json!("")),
        with("deduct_cents", json!(0.5)),
        with("name", json!("Ann")),
    ] {
        assert_eq!(market.refused(PENALTIES, body.clone()).await, (422, "invalid".into()), "{body}");
    }
    let nobody = market.refused("/v1/shops/2/penalties", penalty("p1", "warning")).await;
    assert_eq!(nobody, (404, "not_found".into()));
    let (status, _) = market.ask("GET", "/v1/shops?status=banned", &market.key, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(market.get(PENALTIES).await["data"], json!([]));
    assert_eq!(standing(&market, "1").await, "open");
}

#[tokio::test]
async fn a_companys_shop_has_a_credit_code_whose_check_digits_are_right() {
    let market = Marketplace::new().await;
    let company = |code: &str, role: &str| json!({ "credit_code": code, "verifies_as": role });
    let shop = |id: &str, company: Value| json!({ "id": id, "type": "enterprise", "company": company });
    let made = market.post("/v1/shops", shop("c-1", company("91350100m0001 00y43", "operator"))).await;
    let named = |name: Value| json!({ "credit_code": COMPANY, "name": name, "verifies_as": "operator" });
    assert_eq!(made["company"], named(Value::Null));
    assert_eq!(market.get("/v1/shops/c-1").await["company"]["verifies_as"], "operator");
    for wrong in ["91350100M000100Y44", "91350100M000100Z43", "9135", ""] {
        let asked = shop("c-2", company(wrong, "legal_person"));
        assert_eq!(market.refused("/v1/shops", asked).await, (422, "invalid".into()), "{wrong}");
    }
    assert_eq!(
        market.refused("/v1/shops", shop("c-2", company("91350100M000100Y43", "friend"))).await.0,
        422
    );
    for name in ["", " ", "a\nb", &"长".repeat(101)] {
        let asked = shop("c-2", named(json!(name)));
        assert_eq!(market.refused("/v1/shops", asked).await, (422, "invalid".into()), "{name:?}");
    }
    let made = market.post("/v1/shops", shop("c-3", named(json!("样本贸易（福州）有限公司")))).await;
    assert_eq!(made["company"]["name"], "样本贸易（福州）有限公司");
    // An individual's has none.
    let made = market.post("/v1/shops", json!({ "id": "i-1", "type": "c2c" })).await;
    assert_eq!(made["company"], Value::Null);
}

/// A company's shop, and a session of its owner in which everything is handed in, with this picture for the licence.
async fn company_shop(market: &Marketplace, id: &str, role: &str, picture: &[u8]) -> SessionId {
    let company = json!({ "credit_code": COMPANY, "name": "样本贸易(福州) 有限公司", "verifies_as": role });
    market.post("/v1/shops", json!({ "id": id, "type": "b2c", "company": company })).await;
    let session = market.session("shop", "shop-owner", id).await;
    market.prepare(&session, b"ann's card", b"herself", "13800138000").await;
    let app = &market.service.app;
    app.take_picture(&session, LICENCE, picture.to_vec(), TakenBy::Camera).await.unwrap();
    app.submit(&session, None).await.unwrap();
    market.work().await;
    session
}

#[tokio::test]
async fn a_companys_owner_shows_the_business_licence_and_an_individual_one_card_alone() {
    // The legal person stands on it; an operator need not. What is wrong is told of the licence alone.
    for (role, picture, status, code) in [
        ("legal_person", COMPANY.as_bytes(), "verified", None),
        ("operator", COMPANY.as_bytes(), "verified", None),
        ("operator", b"somebody else's licence", "verified", None),
        ("legal_person", b"somebody else's licence", "requires_input", Some("legal_person_mismatch")),
        ("operator", OTHER_COMPANY.as_bytes(), "requires_input", Some("credit_code_mismatch")),
        ("operator", b"a licence that ended", "requires_input", Some("document_expired")),
        ("operator", b"ann's card", "requires_input", Some("document_wrong_type")),
        // What may be misread goes to a person.
        ("operator", b"a smudged code", "in_review", Some("credit_code_mismatch")),
    ] {
        let market = Marketplace::new().await;
        let id = company_shop(&market, "c-1", role, picture).await;
        let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
        let what = String::from_utf8_lossy(picture);
        assert_eq!(session["status"], status, "{role} with {what}: {session}");
        let told = session["reasons"].as_array().unwrap();
        assert_eq!(told.first().map(|r| r["code"].as_str().unwrap()), code, "{role} with {what}: {session}");
        assert!(told.iter().all(|reason| reason["steps"] == json!([LICENCE])), "{session}");
        assert_eq!(standing(&market, "c-1").await, if status == "verified" { "open" } else { "registered" });
    }
    // One identity card is enough for an individual: no licence is asked for, and none is taken.
    let market = Marketplace::new().await;
    market.shop("i-1", "c2c", None).await;
    let session = market.session("shop", "shop-owner", "i-1").await;
    market.prepare(&session, b"ann's card", b"herself", "13800138000").await;
    let app = &market.service.app;
    let taken = app.take_picture(&session, LICENCE, COMPANY.into(), TakenBy::Camera).await;
    assert!(taken.is_err(), "{taken:?}");
    app.submit(&session, None).await.unwrap();
    market.work().await;
    assert_eq!(standing(&market, "i-1").await, "open");
}

#[tokio::test]
async fn a_company_cannot_hand_in_without_its_licence_and_is_shown_where_to_take_it() {
    let market = Marketplace::new().await;
    let company = json!({ "credit_code": COMPANY, "verifies_as": "operator" });
    market.post("/v1/shops", json!({ "id": "c-1", "type": "b2c", "company": company })).await;
    let mut browser = Browser::default();
    let session = browser.opens(&market, "shop", "shop-owner", "c-1").await;
    market.enter(&session, None, "13800138000").await.unwrap();
    let app = &market.service.app;
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(&session, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    let refused = app.submit(&session, None).await;
    assert!(format!("{refused:?}").contains(LICENCE), "{refused:?}");
    for path in [&format!("/verify/step/{LICENCE}"), "/verify/review"] {
        let page = browser.page(&market, path).await;
        assert!(page.contains("Business licence"), "{path}: {page}");
    }
}
