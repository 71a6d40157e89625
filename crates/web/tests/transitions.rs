//! Every command in every state, lifecycle by lifecycle, over HTTP: what may be done and what is refused is one table
//! each, and what is refused changes nothing.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use std::fmt::Write as _;

use axum::http::StatusCode;
use jiff::SignedDuration;
use marketplace::Marketplace;
use serde_json::{Value, json};

const NOON: &str = "2026-09-01T04:00:00Z";
const PHONE: &str = "13800138000";

/// What stands before the commands: the marketplace, and the path of what they are tried on.
struct Ground {
    market: Marketplace,
    at: String,
}

/// A name, what stands behind the path, and what is sent.
type Command = (&'static str, &'static str, Value);

impl Ground {
    async fn send(&self, (_, action, body): &Command) -> (StatusCode, Value) {
        // What stands elsewhere begins with a slash; what is sent says of what.
        let path = match action.strip_prefix("//") {
            Some(elsewhere) => format!("/{elsewhere}"),
            None => format!("{}{action}", self.at),
        };
        self.market.ask("POST", &path, &self.market.key, Some(body.clone())).await
    }

    /// What must not change: the object, and everything that ever happened.
    async fn all(&self) -> (Value, Value) {
        (self.market.get(&self.at).await, self.market.get("/v1/events?limit=100").await)
    }
}

/// Tries every command in every state; a state is made anew after each command that was taken.
async fn table(states: &[&str], commands: &[Command], made: impl AsyncFn(&str) -> Ground) -> String {
    let mut table = String::new();
    for state in states {
        writeln!(table, "{state}").unwrap();
        let mut ground = made(state).await;
        for command in commands {
            let before = ground.all().await;
            let (status, answer) = ground.send(command).await;
            let told = if status.is_success() {
                ground = made(state).await;
                "taken"
            } else {
                assert!(status.is_client_error(), "{state}, {}: {answer}", command.0);
                assert_eq!(answer["status"], status.as_u16(), "a problem: {answer}");
                assert_eq!(
                    ground.all().await,
                    before,
                    "{state}, {}: refused, and changed something",
                    command.0
                );
                answer["code"].as_str().unwrap()
            };
            writeln!(table, "  {:<22}{told}", command.0).unwrap();
        }
    }
    table
}

async fn verified(market: &Marketplace, kind: &str, program: &str, id: &str, card: &[u8]) -> String {
    let session = market.session(kind, program, id).await;
    market.hand_in(&session, card, b"herself", PHONE).await;
    market.work().await;
    session.to_string()
}

async fn staff(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let clock = market.clock(if state == "waiting" { "2026-10-28T04:00:00Z" } else { NOON }).await;
    market.shop("1", "c2c", Some(&clock)).await;
    if ["waiting", "open"].contains(&state) {
        market.turn(&clock, "2026-10-28T05:00:00Z").await;
        let new = json!({ "id": "a", "name": "客服小王", "role": "customer_service", "type": "temporary" });
        market.post("/v1/shops/1/staff", new).await;
    } else {
        market.staff("1", "a").await;
    }
    if ["asked", "frozen", "lifted"].contains(&state) {
        market.post("/v1/staff/a/ask", json!({})).await;
    }
    if ["frozen", "lifted"].contains(&state) {
        market.turn(&clock, "2026-09-08T04:00:00Z").await;
    }
    match state {
        "lifted" => drop(market.post("/v1/staff/a/lift", json!({ "by": "owner" })).await),
        "verified" => drop(verified(&market, "staff", "staff", "a", b"ann's card").await),
        "open" => market.turn(&clock, "2026-11-02T00:00:00Z").await,
        "disabled" => drop(market.post("/v1/staff/a/remove", json!({})).await),
        _ => {}
    }
    if state == "being looked at" {
        market.handed_in("a", b"ann's card", b"perhaps", PHONE).await;
        market.work().await;
        assert!(market.get("/v1/staff/a").await["reviewed"].is_string());
    } else {
        assert_eq!(market.status("a").await, state);
    }
    Ground { market, at: "/v1/staff/a".into() }
}

#[tokio::test]
async fn sub_accounts() {
    let states = [
        "unasked",
        "asked",
        "being looked at",
        "frozen",
        "lifted",
        "verified",
        "waiting",
        "open",
        "disabled",
    ];
    let session = json!({ "program": "staff", "account": { "kind": "staff", "id": "a" } });
    let commands = [
        ("ask", "/ask", json!({})),
        ("excuse", "/excuse", json!({})),
        ("recheck", "/recheck", json!({ "hours": 48 })),
        ("unbind", "/unbind", json!({})),
        ("lift", "/lift", json!({})),
        ("rename", "", json!({ "name": "另一个名字" })),
        ("another role", "", json!({ "role": "finance" })),
        ("verify", "//v1/verification_sessions", session),
        ("remove", "/remove", json!({})),
    ];
    insta::assert_snapshot!(table(&states, &commands, staff).await);
}

fn penalty(kind: &str) -> Value {
    json!({ "reference": "p9", "kind": kind, "violation": "counterfeit-goods", "reason": "三位买家证实是假货" })
}

async fn shop(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    if state != "registered" {
        verified(&market, "shop", "shop-owner", "1", b"ann's card").await;
        market
            .post(
                "/v1/shops/1/deposit/entries",
                json!({ "movement": "payment", "reference": "d1", "cents": 900 }),
            )
            .await;
    }
    let closed = async |kind: &str, refund: Value| {
        let mut closure = penalty(kind);
        (closure["reference"], closure["refund_reference"]) = (json!("p1"), refund);
        drop(market.post("/v1/shops/1/penalties", closure).await);
    };
    match state {
        "temporarily_closed" => closed("temporary_closure", Value::Null).await,
        "permanently_closed" => closed("permanent_closure", json!("r1")).await,
        "closed" => drop(market.post("/v1/shops/1/close", json!({ "reference": "r1" })).await),
        "restricted" => market.turn(&clock, "2027-03-15T00:00:00Z").await,
        _ => {}
    }
    let stands = market.get("/v1/shops/1").await;
    assert_eq!(stands["status"], if state == "restricted" { "open" } else { state }, "{stands}");
    Ground { market, at: "/v1/shops/1".into() }
}

#[tokio::test]
async fn shops() {
    let states = ["registered", "open", "restricted", "temporarily_closed", "closed", "permanently_closed"];
    let mut permanent = penalty("permanent_closure");
    permanent["refund_reference"] = json!("r9");
    let session = json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" } });
    let moved = |movement: &str| json!({ "movement": movement, "reference": "d9", "cents": 100 });
    let new_staff = json!({ "id": "a", "name": "客服小王", "role": "customer_service" });
    let commands = [
        ("warning", "/penalties", penalty("warning")),
        ("temporary closure", "/penalties", penalty("temporary_closure")),
        ("permanent closure", "/penalties", permanent),
        ("payment", "/deposit/entries", moved("payment")),
        ("compensation", "/deposit/entries", moved("compensation")),
        ("deduction", "/deposit/entries", moved("deduction")),
        ("recheck", "/recheck", json!({ "action": "live:1" })),
        ("sub-account", "/staff", new_staff),
        ("verify", "//v1/verification_sessions", session),
        ("close", "/close", json!({ "reference": "r9" })),
    ];
    insta::assert_snapshot!(table(&states, &commands, shop).await);
}

async fn session(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let id = market.session("buyer", "buyer", "7").await;
    let selfie: &[u8] = if state == "verified" { b"herself" } else { b"perhaps" };
    if !["requires_input", "expired", "canceled"].contains(&state) {
        market.hand_in(&id, b"ann's card", selfie, PHONE).await;
    }
    if !["requires_input", "expired", "canceled", "processing"].contains(&state) {
        market.work().await;
    }
    let at = format!("/v1/verification_sessions/{id}");
    match state {
        "canceled" => drop(market.post(&format!("{at}/cancel"), json!({})).await),
        "expired" => {
            market.service.clock.turn(SignedDuration::from_hours(24 * 30));
            market.work().await;
        }
        "rejected" => {
            let case =
                market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
            let verdict = json!({ "verdict": "reject", "note": "the photo shows nobody" });
            market.post(&format!("/v1/cases/{case}/decide"), verdict).await;
        }
        _ => {}
    }
    assert_eq!(market.get(&at).await["status"], state);
    Ground { market, at }
}

#[tokio::test]
async fn sessions() {
    let states = ["requires_input", "processing", "in_review", "verified", "rejected", "expired", "canceled"];
    let commands =
        [("link", "/link", json!({})), ("cancel", "/cancel", json!({})), ("redact", "/redact", json!({}))];
    insta::assert_snapshot!(table(&states, &commands, session).await);
}

async fn aftersales(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let new = json!({
        "buyer": "7", "order": "order-1", "kind": "refund", "amount_cents": 100, "text": "收到时杯子碎了。",
    });
    let id = market.post("/v1/aftersales", new).await["id"].as_str().unwrap().to_owned();
    let at = format!("/v1/aftersales/{id}");
    let submitted = !["draft", "verification_required", "withdrawn", "closed"].contains(&state);
    if submitted {
        verified(&market, "buyer", "buyer", "7", b"ann's card").await;
    }
    if submitted || state == "verification_required" {
        market.post(&format!("{at}/submit"), json!({})).await;
    }
    let decide = async |verdict: &str, ground: &str| {
        let decision = json!({ "verdict": verdict, "ground": ground, "message": "请看说明" });
        drop(market.post(&format!("{at}/decide"), decision).await);
    };
    match state {
        "withdrawn" => drop(market.post(&format!("{at}/withdraw"), json!({})).await),
        "in_review" => drop(market.post(&format!("{at}/take"), json!({})).await),
        "more_needed" => decide("more_needed", "unclear").await,
        "accepted" | "completed" => decide("accept", "shown").await,
        "rejected" => decide("reject", "not_shown").await,
        "closed" => {
            market.service.clock.turn(SignedDuration::from_hours(24 * 60));
            market.work().await;
        }
        _ => {}
    }
    if state == "completed" {
        market.post(&format!("{at}/complete"), json!({})).await;
    }
    assert_eq!(market.get(&at).await["state"], state);
    Ground { market, at }
}

#[tokio::test]
async fn requests_after_sales() {
    let states = [
        "draft",
        "verification_required",
        "submitted",
        "in_review",
        "more_needed",
        "accepted",
        "rejected",
        "completed",
        "withdrawn",
        "closed",
    ];
    let decision =
        |verdict: &str, ground: &str| json!({ "verdict": verdict, "ground": ground, "message": "请看说明" });
    let commands = [
        ("link", "/link", json!({})),
        ("submit", "/submit", json!({})),
        ("take", "/take", json!({})),
        ("accept", "/decide", decision("accept", "shown")),
        ("reject", "/decide", decision("reject", "not_shown")),
        ("ask for more", "/decide", decision("more_needed", "unclear")),
        ("complete", "/complete", json!({})),
        ("withdraw", "/withdraw", json!({})),
    ];
    insta::assert_snapshot!(table(&states, &commands, aftersales).await);
}

async fn rollout(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    verified(&market, "shop", "shop-owner", "1", b"ann's card").await;
    let draft = json!({
        "name": "autumn", "audience": "shops", "when": "true", "capacity": 10, "days": 7,
        "steps": [{ "from": "2026-09-02", "percent": 100 }], "test_clock": clock,
    });
    let id = market.post("/v1/rollouts", draft).await["id"].as_str().unwrap().to_owned();
    let at = format!("/v1/rollouts/{id}");
    if state != "draft" {
        market.post(&format!("{at}/start"), json!({})).await;
    }
    match state {
        "paused" => drop(market.post(&format!("{at}/pause"), json!({})).await),
        "canceled" => drop(market.post(&format!("{at}/cancel"), json!({})).await),
        "done" => market.turn(&clock, "2026-10-01T00:00:00Z").await,
        _ => {}
    }
    assert_eq!(market.get(&at).await["status"], state);
    Ground { market, at }
}

#[tokio::test]
async fn rollouts() {
    let states = ["draft", "started", "paused", "done", "canceled"];
    let commands = [("start", "/start"), ("pause", "/pause"), ("resume", "/resume"), ("cancel", "/cancel")];
    let commands = commands.map(|(name, action)| (name, action, json!({})));
    insta::assert_snapshot!(table(&states, &commands, rollout).await);
}

/// A case after it was decided so; open before.
async fn case(state: &str) -> Ground {
    let market = Marketplace::new().await;
    let session = market.session("buyer", "buyer", "7").await;
    market.hand_in(&session, b"ann's card", b"perhaps", PHONE).await;
    market.work().await;
    let id = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let at = format!("/v1/cases/{id}");
    if state != "open" {
        let verdict = json!({ "verdict": state, "note": "the photo shows nobody" });
        market.post(&format!("{at}/decide"), verdict).await;
    }
    Ground { market, at }
}

#[tokio::test]
async fn cases() {
    let verdict = |verdict: &str| json!({ "verdict": verdict, "note": "looked at again" });
    let commands = [
        ("approve", "/decide", verdict("approve")),
        ("reject", "/decide", verdict("reject")),
        ("ask again", "/decide", verdict("ask_again")),
    ];
    insta::assert_snapshot!(table(&["open", "approve", "reject", "ask_again"], &commands, case).await);
}

async fn ban(state: &str) -> Ground {
    let Ground { market, .. } = shop("permanently_closed").await;
    let id = market.get("/v1/bans").await["data"][0]["id"].as_str().unwrap().to_owned();
    let at = format!("/v1/bans/{id}");
    if state == "lifted" {
        market.post(&format!("{at}/lift"), json!({ "reason": "an error of ours" })).await;
    }
    Ground { market, at }
}

#[tokio::test]
async fn bans() {
    let commands = [("lift", "/lift", json!({ "reason": "an error of ours" }))];
    insta::assert_snapshot!(table(&["in force", "lifted"], &commands, ban).await);
}
