//! The gate's rules at the console: a request that is made up, a draft that is tried, and activating it.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use marketplace::console::Desk;
use serde_json::{Value, json};
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;

const EDIT: &str = "/console/gate/edit";

/// A draft of one rule.
fn draft<'a>(act: &'a str, version: &'a str, when: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("mode", "test"),
        ("version", version),
        ("events", "purchase registration"),
        ("rule_0_name", "amount"),
        ("rule_0_when", when),
        ("rule_0_zh", "金额较高。"),
        ("rule_0_en", "A high amount."),
        ("rule_0_days", "365"),
        ("rule_0_action", "no"),
        ("rule_1_name", "old"),
        ("rule_1_when", "true"),
        ("rule_1_remove", "on"),
        ("rule_2_name", ""),
        ("days", "30"),
        ("do", act),
    ]
}

async fn asked(market: &Marketplace, cents: i64) {
    let question = json!({
        "event": "purchase", "amount_cents": cents, "currency": "CNY", "account": { "kind": "buyer", "id": "7" },
    });
    market.post("/v1/gate", question).await;
}

#[tokio::test]
async fn a_made_up_request_shows_which_rule_answers() {
    let market = Marketplace::new().await;
    let mut lin = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let page = lin.get("/console/gate?mode=test").await.text;
    assert!(page.contains("第 0 版 · 生效中") && page.contains("certain_goods"), "{page}");
    let says = |page: &str, rule: &str| {
        let row = page.split(&format!("data-test=\"says-{rule}\"")).nth(1).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    let ask = "/console/gate?mode=test&ask=1&event=purchase&kind=buyer";
    let high = lin.get(&format!("{ask}&amount=6800")).await.text;
    assert!(high.contains("需要认证") && says(&high, "amount").contains("要求认证"), "{high}");
    assert!(says(&high, "after_sales").contains("不要求"), "{high}");
    // Which goods they are is not said: that cannot be told.
    assert!(says(&high, "certain_goods").contains("缺信息"), "{high}");
    let known = lin.get(&format!("{ask}&amount=6800&category=toys&verified=3")).await.text;
    assert!(known.contains("放行") && says(&known, "amount").contains("不要求"), "{known}");
    for (query, said) in [
        ("amount=1.005", "最多两位小数"),
        ("amount=1&currency=XYZ", "币种用三个大写字母"),
        ("category=Food", "类目用小写字母"),
        ("verified=x", "天数是 0 到 36500"),
        ("event=gift", "没有这个事件"),
    ] {
        let path = format!("/console/gate?mode=test&ask=1&kind=buyer&{query}");
        let page = lin.get(&path).await.text;
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(lin.get("/console/gate?version=7").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_draft_is_tried_on_the_past_activated_and_kept_beside_earlier_versions_on_both_stores() {
    activated(Marketplace::new().await).await;
    activated(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn activated(market: Marketplace) {
    for cents in [100, 200_000, 600_000] {
        asked(&market, cents).await;
    }
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    let form = boss.get(&format!("{EDIT}?mode=test")).await.text;
    assert!(
        form.contains("first_registration") && form.contains("rule_4_name"),
        "with room for one more: {form}"
    );
    let tried = boss.form(EDIT, &draft("try", "0", "amount_cents > 100000")).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text);
    // 2,000 yuan are newly asked; for 1 yuan, nobody knew which goods they were, and nobody asks by them any more.
    assert!(tried.text.contains("data-test=\"trial\"") && tried.text.contains("CNY 1.00"), "{}", tried.text);
    let row = tried.text.split("data-test=\"tried-amount\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains(">1<") && row.contains(">2<"), "today 6,800 alone, by the draft two: {row}");
    assert_eq!(market.get("/v1/gate/rules").await["version"], 0, "nothing is kept");
    let asked = [draft("ask", "0", "amount_cents > 100000"), vec![("event", "purchase"), ("amount", "2000")]]
        .concat();
    let answer = boss.form(EDIT, &asked).await.text;
    assert!(answer.contains("data-test=\"says-amount\"") && answer.contains("要求认证"), "{answer}");
    let got = boss.form(EDIT, &draft("activate", "0", "amount_cents > 100000")).await;
    assert_eq!(got.to, "/console/gate?mode=test&done=activated", "{}", got.text);
    let rules = market.get("/v1/gate/rules").await;
    assert_eq!((&rules["version"], &rules["changed_by"]), (&json!(1), &json!(boss.actor)));
    assert_eq!(rules["rules"].as_array().unwrap().len(), 1, "what was to be removed is gone: {rules}");
    assert_eq!(rules["rules"][0]["valid_days"], 365);
    let page = boss.get(&got.to).await.text;
    assert!(page.contains("第 1 版 · 生效中") && page.contains("新规则已生效"), "{page}");
    let before = boss.get("/console/gate?mode=test&version=0").await.text;
    assert!(before.contains("first_registration") && !before.contains("第 0 版 · 生效中"), "{before}");
    // Somebody else was faster.
    let stale = boss.form(EDIT, &draft("activate", "0", "amount_cents > 1")).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.text.contains("它刚刚变了") && stale.text.contains("amount_cents &#62; 1<"),
        "{}",
        stale.text
    );
    let log = market.log("gate_rules:test:1").await;
    assert_eq!((log[0].actor.as_str(), log[0].purpose.as_str()), (boss.actor.as_str(), "at the console"));
    assert_eq!(
        boss.get("/console/gate").await.text.matches("第 0 版 · 生效中").count(),
        1,
        "live mode has its own"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_told_with_its_rule() {
    let market = Marketplace::new().await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    boss.get(EDIT).await;
    for (field, value, said) in [
        ("rule_0_when", "amount_cents >", "规则 1：条件第 1 行第"),
        ("rule_0_when", "amount > 3", "amount"),
        ("rule_0_name", "金额", "规则 1：规则名用小写字母"),
        ("rule_0_en", "", "规则 1：要写中文和英文各一句"),
        ("rule_0_days", "0", "规则 1：认证有效 1 到 3650 天"),
        ("rule_0_days", "many", "规则 1：认证有效 1 到 3650 天"),
        ("rule_2_name", "amount", "规则 2：要写中文和英文各一句"),
        ("events", "", "要有 1 到 50 个事件"),
        ("events", "purchase 购买", "事件名 购买 不行"),
        ("days", "31", "试算 1 到 30 天"),
    ] {
        let fields: Vec<_> = draft("try", "0", "amount_cents > 3")
            .into_iter()
            .map(|(n, v)| (n, if n == field { value } else { v }))
            .collect();
        let got = boss.form(EDIT, &fields).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
        assert!(got.text.contains(said) && got.text.contains("rule_1_name"), "{said}: {}", got.text);
    }
    let program = [draft("activate", "0", "amount_cents > 3"), vec![("rule_0_program", "nobody")]].concat();
    assert!(boss.form(EDIT, &program).await.text.contains("没有这个认证项目"));
    for (when, ok, said) in
        [("amount_cents > 3", true, "条件可以用"), ("amount_cents", false, "条件第 1 行"), ("", false, "")]
    {
        let fields = [draft("look", "0", when), vec![("check", "rule_0_when")]].concat();
        let got = boss.form("/console/gate/check", &fields).await;
        let answer: Value = serde_json::from_str(&got.text).unwrap();
        assert_eq!(answer["ok"], ok, "{when}: {answer}");
        assert!(answer["said"].as_str().unwrap().contains(said), "{when}: {answer}");
    }
    assert_eq!(market.get("/v1/gate/rules").await["version"], 0);
}

#[tokio::test]
async fn a_reviewer_changes_no_rule_and_no_form_of_another_page_does() {
    let market = Marketplace::new().await;
    let mut lin = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    assert!(!lin.get("/console/gate").await.text.contains("data-test=\"edit\""));
    assert_eq!(lin.get(EDIT).await.status, StatusCode::FORBIDDEN);
    for path in [EDIT, "/console/gate/check"] {
        let refused = lin.form(path, &draft("activate", "0", "true")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let fields = [draft("activate", "0", "true"), vec![("csrf", "of another page")]].concat();
        let other = boss.raw_form(path, &fields).await;
        assert_eq!((other.status, other.to.as_str()), (StatusCode::SEE_OTHER, "/console"), "{path}");
    }
    assert_eq!(market.get("/v1/gate/rules").await["version"], 0);
}
