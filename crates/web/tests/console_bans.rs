//! Bans at the console: listed with term and basis, those who resemble somebody on the list, and lifting one.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use marketplace::console::Desk;
use serde_json::json;
use shiren_app::record::Role;
use shiren_core::account::ban::BanRules;
use shiren_core::account::staff::StaffRules;

async fn verify(market: &Marketplace, shop: &str, card: &[u8]) {
    let id = market.session("shop", "shop-owner", shop).await;
    market.hand_in(&id, card, b"herself", "13800138000").await;
    market.work().await;
}

/// Ann's shop, closed permanently; the ban's id.
async fn banned(market: &Marketplace) -> String {
    market.shop("1", "c2c", None).await;
    verify(market, "1", b"ann's card").await;
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "counterfeit-goods", "reason": "屡次售假",
        "refund_reference": "r1",
    });
    let imposed = market.post("/v1/shops/1/penalties", penalty).await;
    imposed["ban"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn bans_are_listed_with_their_term_and_basis_and_lifted_with_a_reason_on_both_stores() {
    lifted(Marketplace::new().await).await;
    lifted(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn lifted(market: Marketplace) {
    let id = banned(&market).await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    let link = format!("data-test=\"ban-{id}\"");
    let list = boss.get("/console/bans?mode=test").await.text;
    for said in [link.as_str(), "生效中", "直到解除", "平台服务协议及违规处理规则", "没有。"]
    {
        assert!(list.contains(said), "{said}: {list}");
    }
    assert!(!boss.get("/console/bans?mode=test&state=ended").await.text.contains(&link));
    assert!(!boss.get("/console/bans").await.text.contains(&link), "it is of test mode");
    let path = format!("/console/bans/{id}");
    let page = boss.get(&format!("{path}?mode=test")).await.text;
    assert!(page.contains("/console/shops/1?mode=test") && page.contains("p1"), "{page}");
    let lift = format!("{path}/lift?mode=test");
    let silent = boss.form(&lift, &[("reason", " ")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text.contains("写明原因"), "{}", silent.text);
    let back = format!("name=\"back\" value=\"{path}?mode=test\"");
    assert!(silent.text.contains(&back), "a change of language leads back to the page: {}", silent.text);
    let got = boss.form(&lift, &[("reason", "申诉\r\n成立")]).await;
    assert_eq!(got.to, format!("{path}?mode=test&done=lifted"), "{}", got.text);
    let page = boss.get(&got.to).await.text;
    assert!(page.contains("已解除") && page.contains("申诉 成立") && page.contains(&boss.actor), "{page}");
    assert!(!page.contains("data-test=\"lift\""), "{page}");
    let again = boss.form(&lift, &[("reason", "again")]).await;
    assert!(again.text.contains("这个封禁已经结束了"), "{}", again.text);
    assert!(boss.get("/console/bans?mode=test&state=ended").await.text.contains(&link));
    let told = market.get(&format!("/v1/bans/{id}")).await;
    assert_eq!((&told["status"], &told["lifted_by"]), (&json!("lifted"), &json!(boss.actor)));
    let log = market.log(&id).await;
    assert_eq!((log[0].actor.as_str(), log[0].purpose.as_str()), (boss.actor.as_str(), "申诉 成立"));
    assert_eq!(log.len(), 1, "{log:?}");
}

#[tokio::test]
async fn who_resembles_a_banned_owner_and_who_appeals_await_a_look() {
    let rules = BanRules { days: Some(365), legal_basis: "《电子商务法》".into() };
    let market = Marketplace::with_settings(|settings| settings.bans = rules).await;
    banned(&market).await;
    for shop in ["2", "3"] {
        market.shop(shop, "c2c", None).await;
    }
    verify(&market, "2", b"bea's card").await;
    let mut lin = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let list = lin.get("/console/bans?mode=test").await.text;
    for said in ["365 天", "《电子商务法》", "shop:2", "脸像被封禁的店主", "/console/cases/case_"]
    {
        assert!(list.contains(said), "{said}: {list}");
    }
    let refused = market.session("shop", "shop-owner", "3").await;
    market.hand_in(&refused, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert!(!lin.get("/console/bans?mode=test").await.text.contains("shop:3"), "refused at once");
    market.service.app.appeal(&refused, "it was my sister").await.unwrap();
    let list = lin.get("/console/bans?mode=test").await.text;
    assert!(list.contains("shop:3") && list.contains("说封禁是错的"), "until they appeal: {list}");
}

#[tokio::test]
async fn a_reviewer_sees_bans_and_lifts_none_and_no_form_of_another_page_does() {
    let market = Marketplace::new().await;
    let id = banned(&market).await;
    let mut lin = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    let page = lin.get(&format!("/console/bans/{id}?mode=test")).await;
    assert!(page.status == StatusCode::OK && !page.text.contains("data-test=\"lift\""), "{}", page.text);
    let lift = format!("/console/bans/{id}/lift?mode=test");
    assert_eq!(lin.form(&lift, &[("reason", "friends")]).await.status, StatusCode::FORBIDDEN);
    let other = boss.raw_form(&lift, &[("csrf", "of another page"), ("reason", "friends")]).await;
    assert_eq!((other.status, other.to.as_str()), (StatusCode::SEE_OTHER, "/console"));
    assert_eq!(market.get(&format!("/v1/bans/{id}")).await["status"], "in_force");
    assert_eq!(boss.get(&format!("/console/bans/{id}?mode=live")).await.status, StatusCode::NOT_FOUND);
}
