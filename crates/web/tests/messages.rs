//! Messages to who is responsible (rows E5, E8, D4): whose phone they go to, once each, and what is told of them.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_app::port::Letter;
use shiren_app::record::TakenBy;
use shiren_core::id::SessionId;

const NOON: &str = "2026-09-01T04:00:00Z";
const OWNERS: &str = "+8613700137000";
const ANNS: &str = "+8613800138000";
const BEAS: &str = "+8613900139000";

/// A shop on a clock, whose owner was verified with a phone, and the clock.
async fn shop() -> (Marketplace, String) {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    market.shop("1", "c2c", Some(&clock)).await;
    verify(&market, "shop", "shop-owner", "1", b"cyn's card", b"cyn herself", OWNERS).await;
    (market, clock)
}

async fn verify(
    market: &Marketplace,
    kind: &str,
    program: &str,
    id: &str,
    card: &[u8],
    selfie: &[u8],
    phone: &str,
) -> SessionId {
    let session = market.session(kind, program, id).await;
    market.hand_in(&session, card, selfie, phone).await;
    market.work().await;
    session
}

/// The messages of the shop, newest first.
async fn messages(market: &Marketplace) -> Vec<Value> {
    market.get("/v1/shops/1/messages?limit=100").await["data"].as_array().unwrap().clone()
}

/// What each is about, and of which account, in order of their names: their ids may be of one millisecond.
fn about(messages: &[Value]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut about: Vec<_> = messages.iter().map(|m| (text(&m["kind"]), text(&m["account"]["id"]))).collect();
    about.sort();
    about
}

async fn letter(market: &Marketplace, message: &Value) -> Letter {
    let id = message["id"].as_str().unwrap().parse().unwrap();
    market.service.app.reveal_letter(&id, "tests", "user:tests").await.unwrap()
}

fn invitation(role: Option<&str>) -> Value {
    json!({ "role": role, "kind": "invitation", "text": { "zh": "双十二开始报名。", "en": "Sign up for the sale." } })
}

#[tokio::test]
async fn reminders_and_a_freeze_reach_the_owner_of_a_sub_account_that_nobody_is_bound_to() {
    let (market, clock) = shop().await;
    market.staff("1", "a").await;
    market.post("/v1/staff/a/ask", json!({})).await;
    market.turn(&clock, "2026-09-09T04:00:00Z").await;
    market.work().await;
    let sent = messages(&market).await;
    let of = |kind: &str| (kind.to_owned(), "a".to_owned());
    let told = ["staff_asked", "staff_frozen", "staff_reminded", "staff_reminded"];
    assert_eq!(about(&sent), told.map(of));
    assert!(sent.iter().all(|m| m["state"] == "sandbox"), "{sent:?}");
    let mut said = Vec::new();
    for message in &sent {
        let letter = letter(&market, message).await;
        assert_eq!(letter.to, OWNERS);
        assert_eq!(letter.template, message["kind"].as_str().unwrap());
        said.push(letter.text);
    }
    assert!(
        said.iter().any(|t| t.contains("还有 72 小时")) && said.iter().any(|t| t.contains("已冻结")),
        "{said:?}"
    );
    let all = json!(sent).to_string();
    assert!(!all.contains("13700"), "nothing of the person is told: {all}");
}

#[tokio::test]
async fn the_result_of_a_review_reaches_the_person_and_nobody_is_told_while_they_wait_before_the_page() {
    let (market, _) = shop().await;
    market.staff("1", "a").await;
    let session = verify(&market, "staff", "staff", "a", b"ann's card", b"perhaps", ANNS).await;
    assert_eq!(messages(&market).await, Vec::<Value>::new(), "still looked at");
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let approve = json!({ "verdict": "approve", "note": "the same person, in better light" });
    market.post(&format!("/v1/cases/{case}/decide"), approve).await;
    market.work().await;
    let sent = messages(&market).await;
    assert_eq!(about(&sent), [("review_passed".to_owned(), "a".to_owned())]);
    assert_eq!(sent[0]["verification_session"], json!(session));
    assert_eq!(letter(&market, &sent[0]).await.to, ANNS);
    // What the checks decide is seen at once by whoever did it, also after a reviewer asked for something again.
    market.staff("1", "b").await;
    let session = verify(&market, "staff", "staff", "b", b"bea's card", b"perhaps", BEAS).await;
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    let again = json!({ "verdict": "ask_again", "note": "too dark" });
    market.post(&format!("/v1/cases/{case}/decide"), again).await;
    let app = &market.service.app;
    app.take_picture(&session, "selfie", b"herself".to_vec(), TakenBy::Camera).await.unwrap();
    app.submit(&session, None).await.unwrap();
    market.work().await;
    assert_eq!(market.status("b").await, "verified");
    let kinds = about(&messages(&market).await).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds, ["review_again", "review_passed"]);
}

#[tokio::test]
async fn an_operators_message_goes_to_who_has_the_role_now_and_else_to_the_owner() {
    let (market, clock) = shop().await;
    for (staff, card, phone) in [("a", &b"ann's card"[..], ANNS), ("b", b"bea's card", BEAS)] {
        market.staff("1", staff).await;
        verify(&market, "staff", "staff", staff, card, b"herself", phone).await;
    }
    let path = "/v1/shops/1/messages";
    let to = async |role: Option<&str>| {
        let sent = market.post(path, invitation(role)).await["data"].as_array().unwrap().clone();
        market.work().await;
        let mut to = Vec::new();
        for message in &sent {
            let letter = letter(&market, message).await;
            assert_eq!(letter.parameters["text"], "双十二开始报名。");
            to.push(letter.to);
        }
        to.sort();
        to
    };
    assert_eq!(to(Some("customer_service")).await, [ANNS, BEAS]);
    assert_eq!(to(Some("finance")).await, [OWNERS]);
    assert_eq!(to(None).await, [OWNERS]);
    // Whoever left gets nothing any more, and whoever came instead does.
    market.post("/v1/staff/a/unbind", json!({ "by": "owner" })).await;
    assert_eq!(to(Some("customer_service")).await, [BEAS]);
    market.turn(&clock, "2026-09-02T04:00:00Z").await;
    verify(&market, "staff", "staff", "a", b"ann's card", b"herself", "+8613600136000").await;
    assert_eq!(to(Some("customer_service")).await, ["+8613600136000", BEAS]);
    // Sent again under its key, nobody gets it twice.
    let count = messages(&market).await.len();
    let once = async || {
        let request = axum::http::Request::post(path)
            .header("authorization", format!("Bearer {}", market.key))
            .header("content-type", "application/json")
            .header("idempotency-key", "sale")
            .body(axum::body::Body::from(invitation(None).to_string()))
            .unwrap();
        tower::ServiceExt::oneshot(market.router.clone(), request).await.unwrap().status()
    };
    assert_eq!((once().await, once().await), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(messages(&market).await.len(), count + 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_when_it_is_asked_for() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let path = "/v1/shops/1/messages";
    let field =
        async |body: Value| market.ask("POST", path, &market.key, Some(body)).await.1["field"].clone();
    assert_eq!(field(invitation(None)).await, json!("shop"), "nobody was verified for it yet");
    verify(&market, "shop", "shop-owner", "1", b"cyn's card", b"cyn herself", OWNERS).await;
    let with = |name: &str, value: Value| {
        let mut body = invitation(None);
        body[name] = value;
        body
    };
    assert_eq!(
        field(with("kind", json!("staff_frozen"))).await,
        json!("kind"),
        "those are the service's own"
    );
    assert_eq!(field(with("text", json!({ "zh": " ", "en": "x" }))).await, json!("text.zh"));
    assert_eq!(field(with("text", json!({ "zh": "字", "en": "x".repeat(281) }))).await, json!("text.en"));
    assert_eq!(market.refused(path, with("role", json!("king"))).await.0, 422);
    assert_eq!(market.refused(path, with("urgent", json!(true))).await.0, 422);
    assert_eq!(market.refused("/v1/shops/2/messages", invitation(None)).await.0, 404);
    for _ in 0..50 {
        market.post(path, invitation(None)).await;
    }
    assert_eq!(market.refused(path, invitation(None)).await, (429, "too_many_messages".to_owned()));
    market.service.clock.turn(jiff::SignedDuration::from_hours(24));
    market.post(path, invitation(None)).await;
    // In live mode without a gateway.
    let (status, _) =
        market.ask("POST", "/v1/shops", &market.live_key, Some(json!({ "id": "1", "type": "c2c" }))).await;
    assert_eq!(status, StatusCode::CREATED);
    let (status, problem) = market.ask("POST", path, &market.live_key, Some(invitation(None))).await;
    assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("shop")), "{problem}");
}

#[tokio::test]
async fn a_penalty_and_a_re_check_are_told_to_the_owner_and_each_look_at_the_phone_is_in_the_log() {
    let (market, clock) = shop().await;
    let penalty = json!({
        "reference": "p-1", "kind": "warning", "violation": "late-shipping", "reason": "Three parcels came late.",
    });
    market.post("/v1/shops/1/penalties", penalty).await;
    market.turn(&clock, "2027-03-05T04:00:00Z").await;
    market.work().await;
    let sent = messages(&market).await;
    let kinds: Vec<String> = about(&sent).into_iter().map(|(kind, _)| kind).collect();
    for kind in ["shop_warned", "recheck_asked", "recheck_reminded", "recheck_restricted"] {
        assert!(kinds.contains(&kind.to_owned()), "{kind}: {kinds:?}");
    }
    let session = sent[0]["verification_session"].as_str().unwrap();
    let log = market.store.snapshot().await.unwrap().audit_of(session).await.unwrap();
    let looks = log.iter().filter(|e| e.action == "phone.read" && e.actor == "system");
    assert_eq!(looks.count(), sent.len());
}
