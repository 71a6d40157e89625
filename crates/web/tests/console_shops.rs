//! Shops at the console: found, looked at, and changed by whoever operates the marketplace; who was responsible when.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use marketplace::console::Desk;
use serde_json::json;
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;

/// A shop of Ann's with a sub-account of Bea's, and what it paid in.
async fn shop(market: &Marketplace) {
    market.shop("42", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "42").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.staff("42", "42:7").await;
    let paid = json!({ "movement": "payment", "reference": "pay-1", "cents": 2_000_000 });
    market.post("/v1/shops/42/deposit/entries", paid).await;
}

const SHOP: &str = "/console/shops/42?mode=test";

fn to(act: &str) -> String {
    format!("/console/shops/42/{act}?mode=test")
}

#[tokio::test]
async fn a_shop_is_found_by_its_id_by_a_sub_account_and_by_its_companys_code() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let company = json!({ "credit_code": "91350100M000100Y43", "verifies_as": "operator" });
    market.post("/v1/shops", json!({ "id": "a/b?c", "type": "b2c", "company": company })).await;
    let mut desk = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    for find in ["42", "shop:42", "42%3A7"] {
        let got = desk.get(&format!("/console/shops?mode=test&find={find}")).await;
        assert_eq!((got.status, got.to.as_str()), (StatusCode::SEE_OTHER, SHOP), "{find}");
    }
    // Also where it is known in the other mode alone.
    assert_eq!(desk.get("/console/shops?find=42").await.to, SHOP);
    let of_company = desk.get("/console/shops?mode=test&find=91350100M000100Y43").await.text;
    assert!(of_company.contains("a/b?c") && !of_company.contains("shop-42"), "{of_company}");
    let odd = desk.get("/console/shops/a%2Fb%3Fc?mode=test").await;
    assert!(odd.status == StatusCode::OK && odd.text.contains("店铺 a/b?c"), "{}", odd.text);
    let none = desk.get("/console/shops?mode=test&find=9").await;
    assert!(none.text.contains("没有编号是 9 的店铺"), "{}", none.text);
    assert_eq!(desk.get("/console/shops/9?mode=test").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.get("/console/shops/42?mode=live").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn shops_are_filtered_by_status_by_re_check_and_by_who_holds_them_on_both_stores() {
    filtered(Marketplace::new().await).await;
    filtered(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn filtered(market: Marketplace) {
    shop(&market).await;
    market.shop("43", "c2c", None).await;
    let company = json!({ "credit_code": "91350100M000100Y43", "verifies_as": "operator" });
    market.post("/v1/shops", json!({ "id": "44", "type": "b2c", "company": company })).await;
    market.post("/v1/shops/42/recheck", json!({ "action": "live:7" })).await;
    let mut desk = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    for (filter, expected) in [
        ("", "44 43 42"),
        ("status=open", "42"),
        ("status=registered", "44 43"),
        ("recheck=asked", "42"),
        ("recheck=restricted", ""),
        ("kind=company", "44"),
        ("kind=individual&status=registered", "43"),
    ] {
        let list = desk.get(&format!("/console/shops?mode=test&{filter}")).await.text;
        let ids: Vec<&str> =
            list.split("data-test=\"shop-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids.join(" "), expected, "{filter}");
    }
    assert!(
        !desk.get("/console/shops").await.text.contains("data-test=\"shop-"),
        "of live mode there are none"
    );
}

#[tokio::test]
async fn a_reviewer_sees_a_shop_and_changes_nothing_of_it() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let page = desk.get(SHOP).await.text;
    for said in ["营业中", "¥20,000.00", "店主通过开店认证", "42:7", "下次定期复核", "只有管理员可以查责任人"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    for act in ["responsible", "reveal", "penalty", "end", "deposit", "close", "recheck"] {
        assert!(!page.contains(&format!("/console/shops/42/{act}?")), "{act} is not offered");
        let got = desk.form(&to(act), &[("reference", "x"), ("purpose", "dispute 4711")]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{act}");
    }
    assert_eq!(market.get("/v1/shops/42").await["status"], "open");
    assert!(market.log("shop:42").await.iter().all(|entry| !entry.actor.starts_with("user:")));
}

#[tokio::test]
async fn a_form_of_another_page_does_nothing() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    for act in ["responsible", "reveal", "penalty", "end", "deposit", "close", "recheck"] {
        let fields = [("csrf", "of another page"), ("reference", "x"), ("purpose", "dispute 4711")];
        let got = desk.raw_form(&to(act), &fields).await;
        assert_eq!((got.status, got.to.as_str()), (StatusCode::SEE_OTHER, "/console"), "{act}");
    }
    assert_eq!(market.get("/v1/shops/42").await["status"], "open");
    assert!(market.log("shop:42").await.iter().all(|entry| !entry.actor.starts_with("user:")));
}

#[tokio::test]
async fn penalties_are_imposed_weighed_and_made_good_on_both_stores() {
    penalised(Marketplace::new().await).await;
    penalised(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn penalised(market: Marketplace) {
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    let penalty = [
        ("kind", "temporary_closure"),
        ("violation", "counterfeit-goods"),
        ("reason", "三位买家\r\n证明是假货"),
        ("reference", "p-1"),
        ("deduct", "500.5"),
    ];
    let wrong =
        desk.form(&to("penalty"), &[("violation", "假货"), ("reason", "x"), ("reference", "p")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("规则名用小写字母") && wrong.text.contains("假货"), "{}", wrong.text);
    let got = desk.form(&to("penalty"), &penalty).await;
    assert_eq!(got.to, format!("{SHOP}&done=penalty"), "{}", got.text);
    let page = desk.get(&got.to).await.text;
    for said in ["处罚已生效", "临时关店", "三位买家 证明是假货", "¥19,499.50", "店主重新通过同样的认证后"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(market.get("/v1/shops/42").await["status"], "temporarily_closed");
    // Sent twice, it has one effect.
    desk.form(&to("penalty"), &penalty).await;
    assert_eq!(market.get("/v1/shops/42/penalties").await["data"].as_array().unwrap().len(), 1);
    let log = market.log("shop:42").await;
    let penalised: Vec<_> = log.iter().filter(|e| e.action == "shop.penalised").collect();
    assert_eq!(penalised.len(), 1, "{log:?}");
    assert_eq!(penalised[0].actor, desk.actor);
    assert_eq!(penalised[0].purpose, "test: temporary_closure p-1: 三位买家 证明是假货");
    let again = market.session("shop", "shop-owner", "42").await;
    market.hand_in(&again, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let page = desk.get(SHOP).await.text;
    assert!(page.contains("已恢复") && page.contains(again.as_str()), "{page}");
}

#[tokio::test]
async fn a_permanent_closure_gives_back_the_deposit_and_bans_the_owner() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    let mut end = vec![("violation", "fraud"), ("reason", "诈骗"), ("reference", "p-1")];
    let missing = desk.form(&to("end"), &end).await;
    assert!(missing.text.contains("要填退还的编号"), "{}", missing.text);
    assert_eq!(market.get("/v1/shops/42").await["status"], "open", "nothing was half done");
    end.push(("refund", "r-1"));
    assert_eq!(desk.form(&to("end"), &end).await.to, format!("{SHOP}&done=end"));
    let page = desk.get(SHOP).await.text;
    for said in ["永久关店", "已退还", "生效中", "平台服务协议及违规处理规则", "已停用"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    for act in ["penalty", "end", "deposit", "close", "recheck"] {
        assert!(!page.contains(&format!("/console/shops/42/{act}?")), "{act} is not offered any more");
    }
}

#[tokio::test]
async fn money_of_the_deposit_is_entered_once_for_each_id_and_goes_back_when_the_owner_closes() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    let moved =
        |movement, amount, reference| [("movement", movement), ("amount", amount), ("reference", reference)];
    for _ in 0..2 {
        let got = desk.form(&to("deposit"), &moved("deduction", "1,500", "d-1")).await;
        assert_eq!(got.to, format!("{SHOP}&done=deposit"), "{}", got.text);
    }
    for (amount, reference, said) in [
        ("1.005", "d-2", "最多两位小数"),
        ("20000", "d-2", "保证金只有 ¥18,500.00"),
        ("1", "d-1", "已经登记过别的收支"),
        ("1", " ", "编号要填"),
    ] {
        let got = desk.form(&to("deposit"), &moved("deduction", amount, reference)).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.text.contains(said), "{said}: {}", got.text);
    }
    assert_eq!(market.get("/v1/shops/42/deposit").await["held_cents"], 1_850_000);
    assert_eq!(desk.form(&to("close"), &[("reference", "r-1")]).await.to, format!("{SHOP}&done=close"));
    let closed = market.get("/v1/shops/42/deposit").await;
    assert_eq!((&closed["refunded_cents"], &closed["shop_status"]), (&json!(1_850_000), &json!("closed")));
    let log = market.log("shop:42").await;
    let mine: Vec<_> = log.iter().filter(|e| e.actor == desk.actor).collect();
    let told: Vec<_> = mine.iter().map(|e| (e.action.as_str(), e.purpose.as_str())).collect();
    assert_eq!(
        told,
        [("deposit.deducted", "test: d-1, 150000 cents"), ("shop.closed", "test: refund r-1")],
        "{log:?}"
    );
}

#[tokio::test]
async fn a_re_check_is_asked_before_an_action() {
    let market = Marketplace::new().await;
    shop(&market).await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    let got = desk.form(&to("recheck"), &[("action", "live:room-7")]).await;
    assert_eq!(got.to, format!("{SHOP}&done=recheck"));
    let page = desk.get(&got.to).await.text;
    assert!(page.contains("待复核") && page.contains("操作之前：live:room-7"), "{page}");
    let other = desk.form(&to("recheck"), &[("action", "live:room-8")]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.text);
    let log = market.log("shop:42").await;
    let asked = log.iter().find(|e| e.action == "recheck.asked").unwrap();
    assert_eq!((asked.actor.as_str(), asked.purpose.as_str()), (desk.actor.as_str(), "test: live:room-7"));
}

#[tokio::test]
async fn the_responsible_person_of_a_moment_is_shown_masked_and_one_value_with_a_reason() {
    let market = Marketplace::new().await;
    shop(&market).await;
    market.handed_in("42:7", b"cyn's card", b"cyn herself", "13900139000").await;
    market.work().await;
    let mut desk = Desk::signed_in(&market, "boss", Role::Admin).await;
    let why = ("purpose", "dispute 4711");
    let owner = desk.form(&to("responsible"), &[why]).await;
    assert_eq!(owner.status, StatusCode::OK, "{}", owner.text);
    assert!(owner.text.contains("shop:42 在") && owner.text.contains("110*************2X"), "{}", owner.text);
    assert!(!owner.text.contains(marketplace::ANN));
    let user = desk.form(&to("responsible"), &[("staff", "42:7"), why]).await.text;
    assert!(user.contains("staff:42:7 在") && user.contains("110*************89"), "{user}");
    // Before anybody was certified nobody was responsible; ahead, nobody can be.
    let before = desk.form(&to("responsible"), &[("at", "2020-01-01T08:00"), why]).await.text;
    assert!(before.contains("2020-01-01 08:00") && before.contains("那时没有认证过的责任人"), "{before}");
    market.shop("43", "c2c", None).await;
    market.staff("43", "43:1").await;
    for (fields, said) in [
        (vec![("at", "2099-01-01T08:00"), why], "这个时刻还没到"),
        (vec![("at", "yesterday"), why], "时间看不懂"),
        (vec![("purpose", "why")], "用 4 到 200 个字"),
        (vec![("staff", "43:1"), why], "这家店没有这个子账号"),
        (vec![("staff", "nobody"), why], "这家店没有这个子账号"),
    ] {
        let got = desk.form(&to("responsible"), &fields).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(got.text.contains(said), "{said}: {}", got.text);
    }
    // One value in the clear, with a reason of its own.
    let moment = owner.text.split("name=\"moment\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let reveal = |field, purpose| [("field", field), ("moment", moment), ("purpose", purpose)];
    let silent = desk.form(&to("reveal"), &reveal("number", "")).await;
    assert!(silent.status == StatusCode::UNPROCESSABLE_ENTITY && !silent.text.contains(marketplace::ANN));
    let shown = desk.form(&to("reveal"), &reveal("number", "court order 7")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text.contains(marketplace::ANN), "{}", shown.text);
    let log = market.log("shop:42").await;
    let mine: Vec<_> = log.iter().filter(|e| e.actor == desk.actor).map(|e| e.action.as_str()).collect();
    assert_eq!(
        mine,
        ["responsible.looked_up", "responsible.looked_up", "responsible.looked_up", "responsible.revealed"],
        "the owner, before, and to show the number: {log:?}"
    );
    assert!(log.last().unwrap().purpose.ends_with("number: court order 7"), "{log:?}");
    let of_user = market.log("staff:42:7").await;
    assert_eq!((of_user.len(), of_user[0].actor.as_str()), (1, desk.actor.as_str()));
}
