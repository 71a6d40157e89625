//! Bans (row A9) through the API: by identity at once, by face for a person to look at, for a term, and lifted.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use marketplace::{ANN, Marketplace};
use serde_json::{Value, json};
use shiren_core::account::ban::BanRules;
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;

/// Ann's shop, closed permanently.
async fn banned(market: &Marketplace, clock: Option<&str>) -> Value {
    market.shop("1", "c2c", clock).await;
    verify(market, "1", b"ann's card", b"herself").await;
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "counterfeit-goods", "reason": "屡次售假",
        "refund_reference": "r1",
    });
    let imposed = market.post("/v1/shops/1/penalties", penalty).await;
    market.get(&format!("/v1/bans/{}", imposed["ban"].as_str().unwrap_or("none"))).await
}

async fn verify(market: &Marketplace, shop: &str, card: &[u8], selfie: &[u8]) -> SessionId {
    let id = market.session("shop", "shop-owner", shop).await;
    market.hand_in(&id, card, selfie, "13800138000").await;
    market.work().await;
    id
}

async fn came(market: &Marketplace, id: &SessionId) -> (String, Vec<String>) {
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let codes = session["reasons"].as_array().into_iter().flatten();
    let codes = codes.filter_map(|r| r["code"].as_str().map(str::to_owned)).collect();
    (session["status"].as_str().unwrap_or_default().to_owned(), codes)
}

#[tokio::test]
async fn the_owner_of_a_banned_shop_is_refused_at_once_under_another_shop_on_both_stores() {
    refused_at_once(Marketplace::new().await).await;
    refused_at_once(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn refused_at_once(market: Marketplace) {
    let ban = banned(&market, None).await;
    assert_eq!(
        (&ban["status"], &ban["shop"], &ban["penalty"]),
        (&json!("in_force"), &json!("1"), &json!("p1"))
    );
    assert_eq!((&ban["until"], &ban["faces"]), (&Value::Null, &json!(2)));
    assert!(ban["legal_basis"].as_str().is_some_and(|basis| !basis.is_empty()));
    market.shop("2", "c2c", None).await;
    // Told before any picture is taken.
    let second = market.session("shop", "shop-owner", "2").await;
    let told = market.enter(&second, Some(ANN), "13800138000").await.expect_err("they are banned");
    assert!(
        matches!(told, shiren_app::Error::Entry { field: "id_number", code } if code.name() == "subject_banned"),
        "{told}"
    );
    // And when the number is read from the card alone.
    let third = verify(&market, "2", b"ann's card", b"herself").await;
    let (status, codes) = came(&market, &third).await;
    assert_eq!((status.as_str(), codes[0].as_str()), ("rejected", "subject_banned"));
    assert_eq!(market.get("/v1/shops/2").await["status"], "registered");
    // Nothing was claimed by it, and a banned owner may still buy or work for somebody.
    market.shop("3", "c2c", None).await;
    market.staff("3", "s1").await;
    market.handed_in("s1", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.status("s1").await, "verified");
    let events = market.events(ban["id"].as_str().unwrap_or_default()).await;
    assert_eq!(events, ["ban.imposed"]);
}

#[tokio::test]
async fn who_resembles_a_banned_owner_under_another_identity_is_looked_at_by_a_person_and_never_refused() {
    let market = Marketplace::new().await;
    let ban = banned(&market, None).await;
    market.shop("2", "c2c", None).await;
    let id = verify(&market, "2", b"bea's card", b"herself").await;
    let (status, codes) = came(&market, &id).await;
    assert_eq!((status.as_str(), codes), ("in_review", vec!["face_resembles_banned".to_owned()]));
    let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
    let checks = session["decision"]["checks"].as_array().unwrap();
    let list = checks.iter().find(|c| c["check"] == "ban_list").unwrap();
    assert_eq!(list["candidates"][0]["ban"], ban["id"]);
    assert!(list["candidates"][0]["face"]["fmr"].as_f64().is_some_and(|fmr| fmr > 0.0), "{list}");
    assert_eq!(list["searched"], json!({ "bans": 1, "not_comparable": 0 }));
    // Two people decide that it is somebody else, and the shop opens.
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    // Whoever reviews sees whom they resemble, masked, and that they looked is in the log.
    let file = market.service.app.open_case(&case.parse().unwrap(), "user:tests").await.unwrap();
    let alike = &file.banned[0];
    assert_eq!((alike.ban.id.as_str(), alike.searched), (ban["id"].as_str().unwrap(), 1));
    assert!(alike.name.as_deref().is_some_and(|name| name.contains('*')), "{alike:?}");
    assert!(
        (alike.chance - alike.fmr).abs() < 1e-9,
        "of one on the list the chance is that of one comparison"
    );
    let log = market.store.snapshot().await.unwrap().audit_of(alike.ban.id.as_str()).await.unwrap();
    assert_eq!((log[0].action.as_str(), log[0].actor.as_str()), ("ban.viewed", "user:tests"));
    let (path, approve) =
        (format!("/v1/cases/{case}/decide"), json!({ "verdict": "approve", "note": "another person" }));
    market.post(&path, approve.clone()).await;
    assert_eq!(market.get("/v1/shops/2").await["status"], "registered");
    let second = market.another_key("second").await;
    let (status, _) = market.ask("POST", &path, &second, Some(approve)).await;
    assert_eq!(status.as_u16(), 200);
    assert_eq!(market.get("/v1/shops/2").await["status"], "open");
    // Somebody who looks different is not even looked at.
    market.shop("3", "c2c", None).await;
    let other = verify(&market, "3", b"cyn's card", b"cyn herself").await;
    assert_eq!(came(&market, &other).await.0, "verified");
}

#[tokio::test]
async fn a_lifted_ban_is_recorded_and_leaves_nothing_behind() {
    let market = Marketplace::new().await;
    let ban = banned(&market, None).await;
    let path = format!("/v1/bans/{}/lift", ban["id"].as_str().unwrap());
    assert_eq!(market.refused(&path, json!({ "reason": " " })).await, (422, "invalid".into()));
    let lifted = market.post(&path, json!({ "reason": "申诉成立" })).await;
    assert_eq!(
        (&lifted["status"], &lifted["lifted_by"], &lifted["lifted_for"], &lifted["faces"]),
        (&json!("lifted"), &json!("tests"), &json!("申诉成立"), &json!(0))
    );
    assert_eq!(market.refused(&path, json!({ "reason": "again" })).await, (409, "ban_ended".into()));
    let mut tx = market.store.snapshot().await.unwrap();
    let log = tx.audit_of(ban["id"].as_str().unwrap()).await.unwrap();
    assert_eq!((log[0].action.as_str(), log[0].purpose.as_str()), ("ban.lifted", "申诉成立"));
    let key = tx.data_key(ban["id"].as_str().unwrap(), shiren_vault::Purpose::Face).await.unwrap();
    assert_eq!(key, None, "the faces cannot be opened any more");
    drop(tx);
    assert_eq!(market.get("/v1/bans?in_force=true").await["data"], json!([]));
    assert_eq!(market.get("/v1/bans").await["data"][0]["id"], ban["id"]);
    market.shop("2", "c2c", None).await;
    let id = verify(&market, "2", b"ann's card", b"herself").await;
    assert_eq!(came(&market, &id).await.0, "verified");
    let nobody = "/v1/bans/ban_01aryz6s410000000000000000/lift";
    assert_eq!(market.refused(nobody, json!({ "reason": "why" })).await, (404, "not_found".into()));
}

#[tokio::test]
async fn a_ban_ends_with_its_term_at_its_own_moment() {
    let rules = BanRules { days: Some(30), legal_basis: "《电子商务法》与平台规则".into() };
    let market = Marketplace::with_settings(|settings| settings.bans = rules).await;
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let ban = banned(&market, Some(&clock)).await;
    assert_eq!(ban["until"], "2026-12-23T04:00:00Z");
    assert_eq!(ban["legal_basis"], "《电子商务法》与平台规则");
    market.turn(&clock, "2027-01-05T04:00:00Z").await;
    let id = ban["id"].as_str().unwrap();
    let over = market.get(&format!("/v1/bans/{id}")).await;
    assert_eq!((&over["status"], &over["ended_at"]), (&json!("term_over"), &json!("2026-12-23T04:00:00Z")));
    assert_eq!(market.moments(id, "ban.term_over").await, ["2026-12-23T04:00:00Z"]);
    market.shop("2", "c2c", Some(&clock)).await;
    let id = verify(&market, "2", b"ann's card", b"herself").await;
    assert_eq!(came(&market, &id).await.0, "verified");
}

#[tokio::test]
async fn whoever_was_never_verified_cannot_be_banned_and_a_shop_that_its_owner_closed_can() {
    let market = Marketplace::new().await;
    let penalty = |shop: &str| {
        (
            format!("/v1/shops/{shop}/penalties"),
            json!({
                "reference": "p1", "kind": "permanent_closure", "violation": "fraud", "reason": "诈骗", "refund_reference": "r1",
            }),
        )
    };
    market.shop("0", "c2c", None).await;
    let (path, body) = penalty("0");
    assert_eq!(market.post(&path, body).await["ban"], Value::Null);
    market.shop("1", "c2c", None).await;
    verify(&market, "1", b"ann's card", b"herself").await;
    market.post("/v1/shops/1/close", json!({ "reference": "r" })).await;
    let (path, body) = penalty("1");
    let imposed = market.post(&path, body).await;
    assert!(imposed["ban"].is_string(), "{imposed}");
    market.shop("2", "c2c", None).await;
    let id = verify(&market, "2", b"ann's card", b"herself").await;
    assert_eq!(came(&market, &id).await.0, "rejected");
}

#[tokio::test]
async fn a_banned_company_opens_no_other_shop_under_another_person_on_both_stores() {
    company_banned(Marketplace::new().await).await;
    company_banned(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn company_banned(market: Marketplace) {
    let of = |id: &str, code: &str| {
        let company = json!({ "credit_code": code, "verifies_as": "operator" });
        json!({ "id": id, "type": "b2c", "company": company })
    };
    let (banned, other) = ("91350100M000100Y43", "91330100799655058B");
    for id in ["1", "2"] {
        market.post("/v1/shops", of(id, banned)).await;
    }
    verify(&market, "1", b"ann's card", b"herself").await;
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "fraud", "reason": "诈骗", "refund_reference": "r1",
    });
    let imposed = market.post("/v1/shops/1/penalties", penalty).await;
    // Another person of the same company: told when a shop is registered, and of one that was, before anything is verified.
    assert_eq!(market.refused("/v1/shops", of("3", banned)).await, (409, "subject_banned".into()));
    let id = verify(&market, "2", b"cyn's card", b"cyn herself").await;
    let (status, codes) = came(&market, &id).await;
    assert_eq!((status.as_str(), codes), ("rejected", vec!["subject_banned".to_owned()]));
    // Another company, and the same person who is not banned: nobody's business.
    market.post("/v1/shops", of("4", other)).await;
    let id = verify(&market, "4", b"cyn's card", b"cyn herself").await;
    assert_eq!(came(&market, &id).await.0, "verified");
    let path = format!("/v1/bans/{}/lift", imposed["ban"].as_str().unwrap());
    market.post(&path, json!({ "reason": "申诉成立" })).await;
    market.post("/v1/shops", of("5", banned)).await;
}

#[tokio::test]
async fn who_is_refused_for_a_ban_can_appeal_and_a_lifted_ban_lets_two_people_approve() {
    let market = Marketplace::new().await;
    let ban = banned(&market, None).await;
    market.shop("2", "c2c", None).await;
    let id = verify(&market, "2", b"ann's card", b"herself").await;
    assert_eq!(came(&market, &id).await.0, "rejected");
    let app = &market.service.app;
    app.appeal(&id, "it was my sister").await.unwrap();
    assert_eq!(came(&market, &id).await.0, "in_review");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let (path, approve) =
        (format!("/v1/cases/{case}/decide"), json!({ "verdict": "approve", "note": "the ban was wrong" }));
    market.post(&path, approve.clone()).await;
    // The ban is lifted first: that is recorded.
    let second = market.another_key("second").await;
    let (status, problem) = market.ask("POST", &path, &second, Some(approve.clone())).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (409, Some("subject_banned")));
    let lift = format!("/v1/bans/{}/lift", ban["id"].as_str().unwrap());
    market.post(&lift, json!({ "reason": "申诉成立" })).await;
    let (status, _) = market.ask("POST", &path, &second, Some(approve)).await;
    assert_eq!(status.as_u16(), 200);
    assert_eq!(market.get("/v1/shops/2").await["status"], "open");
    // What people decided is decided.
    assert!(app.appeal(&id, "once more").await.is_err());
}

#[tokio::test]
async fn who_says_that_a_ban_is_a_mistake_goes_on_to_where_it_can_be_appealed() {
    let market = Marketplace::new().await;
    banned(&market, None).await;
    market.shop("2", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "2").await;
    let app = &market.service.app;
    shiren_testkit::person::agree(app, &id).await.unwrap();
    let entered = shiren_app::Declared { id_number: Some(ANN.into()), ..Default::default() };
    let mistaken = shiren_app::Insists { reclaims: true, ..Default::default() };
    app.declare(&id, entered.clone(), Default::default()).await.unwrap_err();
    app.declare(&id, entered, mistaken).await.unwrap();
}
