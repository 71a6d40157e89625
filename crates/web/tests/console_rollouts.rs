//! Rollouts at the console: written with a condition that is looked at meanwhile, started, paused, called off.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use marketplace::console::{Desk, Got};
use serde_json::{Value, json};
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;

const NEW: &str = "/console/rollouts/new";

/// What is written into the form: some from 2 March on and all from 4 March on, but nobody on 3 March.
fn fields<'a>(clock: &'a str, when: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("mode", "test"),
        ("clock", clock),
        ("name", "泄露严重"),
        ("audience", "shops"),
        ("when", when),
        ("step_0_from", "2026-03-02"),
        ("step_0_percent", "50"),
        ("step_1_from", ""),
        ("step_1_percent", ""),
        ("step_2_from", "2026-03-04"),
        ("step_2_percent", "100"),
        ("capacity", "4"),
        ("blackout_0_from", "2026-03-03"),
        ("blackout_0_to", "2026-03-03"),
        ("days", "10"),
    ]
}

async fn shops(market: &Marketplace, clock: &str, many: u32) {
    for n in 0..many {
        market.shop(&format!("s{n}"), "c2c", Some(clock)).await;
        market.put(&format!("/v1/shops/s{n}/facts"), json!({ "leak_severity": 7 })).await;
    }
}

fn id_of(got: &Got) -> String {
    assert!(got.to.starts_with("/console/rollouts/"), "{}", got.text);
    got.to["/console/rollouts/".len()..].split('?').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_rollout_is_written_forecast_started_and_asks_in_batches_on_both_stores() {
    in_batches(Marketplace::new().await).await;
    in_batches(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn in_batches(market: Marketplace) {
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    shops(&market, &clock, 12).await;
    market.shop("other", "c2c", Some(&clock)).await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    let form = boss.get(&format!("{NEW}?mode=test")).await.text;
    assert!(form.contains("leak_severity") && form.contains("temporarily_closed"), "{form}");
    let got = boss.form(NEW, &fields(&clock, "leak_severity >= 7")).await;
    let id = id_of(&got);
    let path = format!("/console/rollouts/{id}");
    let draft = boss.get(&got.to).await.text;
    for said in [
        "草稿",
        "现在开始会选中",
        ">12<",
        "缺信息，判断不了",
        "<rect class=\"will\"",
        "存为草稿，还没有要求任何人",
    ] {
        assert!(draft.contains(said), "{said}: {draft}");
    }
    let act = async |desk: &mut Desk<'_>, act: &str| {
        let got = desk.form(&format!("{path}/{act}?mode=test"), &[]).await;
        assert_eq!(got.to, format!("{path}?mode=test&done={act}"), "{}", got.text);
    };
    act(&mut boss, "start").await;
    market.turn(&clock, "2026-03-02T03:00:00Z").await;
    let page = boss.get(&format!("{path}?mode=test")).await.text;
    assert!(page.contains("进行中") && page.contains("<rect class=\"did\""), "{page}");
    let batch = page.split("data-test=\"batch-1\"").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(batch.contains("0% — 50%") && batch.contains("<progress"), "{batch}");
    act(&mut boss, "pause").await;
    act(&mut boss, "resume").await;
    market.turn(&clock, "2026-03-20T00:00:00Z").await;
    let done = boss.get(&format!("{path}?mode=test")).await.text;
    assert!(done.contains("已完成") && !done.contains("data-test=\"cancel\""), "{done}");
    assert_eq!(market.get(&format!("/v1/rollouts/{id}")).await["progress"]["asked"], 12);
    let log: Vec<_> = market.log(&id).await.into_iter().map(|e| (e.action, e.actor, e.purpose)).collect();
    let mine = |action: &str| (action.to_owned(), boss.actor.clone(), "at the console".to_owned());
    assert_eq!(log, ["rollout.created", "rollout.started", "rollout.paused", "rollout.resumed"].map(mine));
}

#[tokio::test]
async fn what_cannot_be_is_told_with_everything_that_was_entered() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    for (name, value, said) in [
        ("name", "", "名称要填"),
        ("when", "leak_severity >", "条件第 1 行第"),
        ("when", "leaks > 3", "leaks"),
        ("step_0_percent", "100", "批次要按日期和百分比递增"),
        ("step_0_from", "", "批次要按日期和百分比递增"),
        ("step_2_percent", "90", "最后一批是 100"),
        ("capacity", "0", "每天最多人数"),
        ("capacity", "many", "每天最多人数"),
        ("blackout_0_to", "2026-03-01", "不打扰的日子要有起止"),
        ("blackout_0_to", "", "不打扰的日子要有起止"),
        ("days", "91", "复核期限是 1 到 90 天"),
        ("clock", "clk_nobody", "没有这个测试时钟"),
        ("clock", "clk_01aryz6s410000000000000000", "没有这个测试时钟"),
    ] {
        let fields: Vec<_> = fields(&clock, "points > 3")
            .into_iter()
            .map(|(n, v)| (n, if n == name { value } else { v }))
            .collect();
        let got = boss.form(NEW, &fields).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}: {}", got.to);
        assert!(got.text.contains(said), "{said}: {}", got.text);
        assert!(got.text.contains("value=\"2026-03-04\""), "nothing is lost: {}", got.text);
    }
    assert_eq!(market.get("/v1/rollouts").await["data"], json!([]));
}

#[tokio::test]
async fn a_condition_is_looked_at_while_it_is_written_and_nothing_is_kept() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    shops(&market, &clock, 3).await;
    market.shop("other", "c2c", Some(&clock)).await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    boss.get(NEW).await;
    for (when, ok, said) in [
        ("leak_severity >= 7", true, "现在选中 3 个。豁免 0 个，缺信息判断不了 1 个。"),
        ("shop.type == 'c2c'", true, "现在选中 4 个"),
        ("leak_severity >=", false, "条件第 1 行"),
        ("role == 'manager'", false, "role"),
        ("", false, "写下条件"),
    ] {
        let got = boss.form("/console/rollouts/check", &fields(&clock, when)).await;
        let answer: Value = serde_json::from_str(&got.text).unwrap();
        assert_eq!(answer["ok"], ok, "{when}: {answer}");
        assert!(answer["said"].as_str().unwrap().contains(said), "{when}: {answer}");
    }
    assert_eq!(market.get("/v1/rollouts").await["data"], json!([]));
}

#[tokio::test]
async fn a_reviewer_sees_rollouts_and_starts_none_and_no_form_of_another_page_does() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    boss.get(NEW).await;
    let got = boss.form(NEW, &fields(&clock, "points > 3")).await;
    let id = id_of(&got);
    let mut lin = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let list = lin.get("/console/rollouts?mode=test&status=draft").await.text;
    assert!(list.contains("泄露严重") && list.contains("points &#62; 3") && !list.contains(NEW), "{list}");
    assert!(!lin.get("/console/rollouts?mode=test&status=started").await.text.contains("泄露严重"));
    let page = lin.get(&got.to).await.text;
    assert!(!page.contains("data-test=\"start\""), "{page}");
    assert_eq!(lin.get(NEW).await.status, StatusCode::FORBIDDEN);
    let acts =
        ["start", "pause", "resume", "cancel"].map(|act| format!("/console/rollouts/{id}/{act}?mode=test"));
    for path in acts.iter().map(String::as_str).chain([NEW, "/console/rollouts/check"]) {
        let refused = lin.form(path, &fields(&clock, "points > 3")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let other = boss.raw_form(path, &[("csrf", "of another page")]).await;
        assert_eq!((other.status, other.to.as_str()), (StatusCode::SEE_OTHER, "/console"), "{path}");
    }
    assert_eq!(market.get(&format!("/v1/rollouts/{id}")).await["status"], "draft");
    // What does not stand so is not done, and the page says so.
    let paused = boss.form(&acts[1], &[]).await;
    assert_eq!(paused.status, StatusCode::CONFLICT);
    assert!(paused.text.contains("它刚刚变了"), "{}", paused.text);
    assert_eq!(boss.form(&acts[3], &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(market.get(&format!("/v1/rollouts/{id}")).await["status"], "canceled");
    assert_eq!(boss.get(&format!("/console/rollouts/{id}?mode=live")).await.status, StatusCode::NOT_FOUND);
}
