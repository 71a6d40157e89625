//! The gate (rows F1, D3, D9) through the API.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::http::StatusCode;
use jiff::SignedDuration;
use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_app::record::Scope;
use shiren_core::account::staff::StaffRules;
use shiren_core::verification::program::Mode;

const GATE: &str = "/v1/gate";
const RULES: &str = "/v1/gate/rules";

fn purchase(cents: i64, category: &str) -> Value {
    let account = json!({ "kind": "buyer", "id": "b1" });
    json!({ "event": "purchase", "amount_cents": cents, "currency": "CNY", "category": category, "account": account })
}

fn rule(name: &str, when: &str) -> Value {
    json!({ "name": name, "when": when, "because": { "zh": "需要验证。", "en": "Needs verification." } })
}

fn rules(version: i64, rules: &[Value]) -> Value {
    json!({ "version": version, "events": ["registration", "purchase", "go_live"], "rules": rules })
}

/// The rules that ask, and the outcome.
fn told(answer: &Value) -> (String, Vec<String>) {
    let names = answer["reasons"].as_array().unwrap().iter();
    let outcome = answer["outcome"].as_str().unwrap().to_owned();
    (outcome, names.map(|r| r["rule"].as_str().unwrap().to_owned()).collect())
}

fn asks(names: &[&str]) -> (String, Vec<String>) {
    let outcome = if names.is_empty() { "allow" } else { "verification_required" };
    (outcome.to_owned(), names.iter().map(|n| (*n).to_owned()).collect())
}

async fn verify(market: &Marketplace, id: &str, card: &[u8], selfie: &[u8]) {
    let id = id.parse().unwrap();
    market.hand_in(&id, card, selfie, "13800138000").await;
    market.work().await;
    assert_eq!(market.get(&format!("/v1/verification_sessions/{id}")).await["status"], "verified");
}

#[tokio::test]
async fn a_buyer_is_asked_verifies_and_is_let_through_on_both_stores() {
    let_through(Marketplace::new().await).await;
    let_through(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn let_through(market: Marketplace) {
    assert_eq!(told(&market.post(GATE, purchase(500_000, "books")).await), asks(&[]));
    let asked = market.post(GATE, purchase(500_001, "food")).await;
    assert_eq!(told(&asked), asks(&["certain_goods", "amount"]));
    assert_eq!((&asked["program"], &asked["rules_version"]), (&json!("buyer"), &json!(0)));
    let reason = &asked["reasons"][1];
    assert_eq!((&reason["code"], &reason["needs"]), (&json!("condition_holds"), &json!("verification")));
    assert_eq!(reason["message"]["zh"], "订单金额较高，需要先完成身份验证。");
    assert_eq!(asked["verification_session"], Value::Null);
    assert_eq!(market.get("/v1/verification_sessions").await["data"], json!([]), "nothing is made unasked");
    let mut wanted = purchase(500_001, "food");
    wanted["create_session"] = json!(true);
    wanted["return_url"] = json!("https://market.example/cart");
    let asked = market.post(GATE, wanted.clone()).await;
    let session = &asked["verification_session"];
    assert_eq!(
        (&session["program"]["name"], &session["return_url"]),
        (&json!("buyer"), &json!("https://market.example/cart"))
    );
    assert!(session["link"]["url"].as_str().unwrap().starts_with("https://verify.example/v/"));
    verify(&market, session["id"].as_str().unwrap(), b"ann's card", b"herself").await;
    let allowed = market.post(GATE, wanted).await;
    assert_eq!(told(&allowed), asks(&[]));
    assert_eq!((&allowed["program"], &allowed["verification_session"]), (&Value::Null, &Value::Null));
    // Another account, and the other mode, know nothing of it.
    let mut other = purchase(500_001, "books");
    other["account"]["id"] = json!("b2");
    assert_eq!(told(&market.post(GATE, other).await), asks(&["amount"]));
    let (_, live) = market.ask("POST", GATE, &market.live_key, Some(purchase(500_001, "books"))).await;
    assert_eq!(told(&live), asks(&["amount"]));
}

#[tokio::test]
async fn what_is_left_out_lets_nobody_through() {
    let market = Marketplace::new().await;
    let asked = json!({ "event": "purchase", "account": { "kind": "buyer", "id": "b1" } });
    let answer = market.post(GATE, asked).await;
    assert_eq!(told(&answer), asks(&["certain_goods", "amount"]));
    assert_eq!(answer["reasons"][1]["code"], "cannot_be_told");
    assert_eq!(
        answer["reasons"][1]["message"]["en"],
        "Not everything is known that decides, so a verified person is needed."
    );
    assert_eq!(answer["reasons"][1]["detail"], "Undeclared reference to 'amount_cents'");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_and_says_why() {
    let market = Marketplace::new().await;
    let with = |field: &str, value: Value| {
        let mut body = purchase(1, "food");
        body[field] = value;
        body
    };
    for (body, field) in [
        (with("event", json!("purchse")), "event"),
        (with("amount_cents", json!(-1)), "amount_cents"),
        (with("amount_cents", json!(1_000_000_000_001_i64)), "amount_cents"),
        (with("amount_cents", Value::Null), "amount_cents"),
        (with("currency", json!("RMB")), "currency"),
        (with("currency", Value::Null), "currency"),
        (with("category", json!("Fine Food")), "category"),
        (with("account", json!({ "kind": "buyer", "id": "" })), "account.id"),
        (with("account", json!({ "kind": "seller", "id": "1" })), "account.kind"),
        (with("action", json!("")), "action"),
    ] {
        let (status, problem) = market.ask("POST", GATE, &market.key, Some(body.clone())).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{body} {problem}"
        );
    }
    for body in [with("amount_cents", json!(1.5)), with("amount_cents", json!("1")), with("amont", json!(1))]
    {
        assert_eq!(market.refused(GATE, body).await, (422, "invalid".to_owned()));
    }
    // A session that cannot be made: nothing of it was.
    let mut unsound = with("return_url", json!("http://elsewhere.example"));
    unsound["create_session"] = json!(true);
    assert_eq!(market.refused(GATE, unsound).await.0, 422);
    let (_, few) =
        market.service.app.create_api_key("few", Mode::Test, [Scope::GateRead].into()).await.unwrap();
    let (status, _) = market.ask("POST", GATE, &few, Some(purchase(1, "food"))).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = market.ask("POST", GATE, &few, Some(with("create_session", json!(true)))).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "it makes no sessions");
    let (status, _) = market.ask("PUT", RULES, &few, Some(rules(0, &[]))).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "it changes no rules");
}

#[tokio::test]
async fn rules_are_changed_in_versions_and_asked_at_once() {
    let market = Marketplace::new().await;
    let first = market.get(RULES).await;
    assert_eq!((&first["version"], first["rules"].as_array().map(Vec::len)), (&json!(0), Some(4)));
    let mut once = rule("toys", "category == 'toys' && verified_days != 3");
    once["valid_days"] = json!(30);
    let changed = market.put(RULES, rules(0, &[once, rule("all", "event == 'registration'")])).await;
    assert_eq!((&changed["version"], &changed["changed_by"]), (&json!(1), &json!("tests")));
    assert_eq!(market.get(RULES).await, changed);
    assert_eq!(market.get(&format!("{RULES}?version=0")).await, first);
    let answer = market.post(GATE, purchase(9_000_000, "toys")).await;
    assert_eq!((told(&answer), &answer["rules_version"]), (asks(&["toys"]), &json!(1)));
    assert_eq!(told(&market.post(GATE, purchase(9_000_000, "food")).await), asks(&[]));
    let audit = market.store.snapshot().await.unwrap().audit_of("gate_rules:test:1").await.unwrap();
    assert_eq!(audit.len(), 1);
    // Who looked at an earlier version is told, and changes nothing.
    let (status, problem) = market.ask("PUT", RULES, &market.key, Some(rules(0, &[]))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("stale")));
    assert_eq!(market.get(RULES).await, changed);
    let (status, _) = market.ask("GET", &format!("{RULES}?version=2"), &market.key, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, live) = market.ask("GET", RULES, &market.live_key, None).await;
    assert_eq!(live["version"], 0, "each mode has its own");
}

#[tokio::test]
async fn rules_that_could_not_be_asked_are_refused_with_their_place() {
    let market = Marketplace::new().await;
    let wrong = |field: &str, value: Value| {
        let mut wrong = rule("b", "true");
        wrong[field] = value;
        wrong
    };
    for (wrong, field, said) in [
        (
            wrong("when", json!("amout > 1")),
            "rules[1].when",
            "rule 1: line 1, character 1: there is no `amout`",
        ),
        (wrong("when", json!("event == 'purchase' &&")), "rules[1].when", "line 1, character"),
        (wrong("when", json!("category.matches('(a+)+$')")), "rules[1].when", "`matches` is not offered"),
        (wrong("when", json!("event == 'buy'")), "rules[1].when", "`event` is never \"buy\""),
        (wrong("when", json!("(".repeat(500))), "rules[1].when", "nested more than 12 deep"),
        (wrong("when", json!("!".repeat(1_001))), "rules[1].when", "at most 1000 characters"),
        (wrong("name", json!("a")), "rules[1].name", "stands twice"),
        (wrong("valid_days", json!(0)), "rules[1].valid_days", "1 to 3650 days"),
        (wrong("program", json!("nope")), "rules", "there is no program \"nope\""),
    ] {
        for (method, path, mut body) in
            [("PUT", RULES, rules(0, &[])), ("POST", "/v1/gate/dry-run", rules(0, &[]))]
        {
            if method == "POST" {
                body.as_object_mut().unwrap().remove("version");
            }
            body["rules"] = json!([rule("a", "true"), wrong]);
            let (status, problem) = market.ask(method, path, &market.key, Some(body)).await;
            assert_eq!(
                (status, &problem["field"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
                "{problem}"
            );
            assert!(problem["title"].as_str().unwrap().contains(said), "{problem}");
        }
    }
    assert_eq!(market.get(RULES).await["version"], 0);
}

#[tokio::test]
async fn a_draft_is_tried_on_what_was_asked_before_on_both_stores() {
    tried(Marketplace::new().await).await;
    tried(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn tried(market: Marketplace) {
    for (cents, category) in [(100, "books"), (600_000, "books"), (100, "food"), (100, "toys")] {
        market.post(GATE, purchase(cents, category)).await;
    }
    let mut draft = rules(0, &[rule("amount", "amount_cents > 500000"), rule("toys", "category == 'toys'")]);
    draft.as_object_mut().unwrap().remove("version");
    let trial = market.post("/v1/gate/dry-run", draft.clone()).await;
    let counts =
        ["total", "now", "draft", "newly", "no_longer", "unknown_event"].map(|n| trial[n].as_u64().unwrap());
    assert_eq!(counts, [4, 2, 2, 1, 1, 0]);
    let of = |name: &str| {
        let rules = trial["rules"].as_array().unwrap();
        let of = rules.iter().find(|r| r["rule"] == name).unwrap();
        (of["now"].as_u64().unwrap(), of["draft"].as_u64().unwrap())
    };
    assert_eq!([of("amount"), of("toys"), of("certain_goods")], [(1, 1), (0, 1), (1, 0)]);
    assert_eq!(market.get(RULES).await["version"], 0, "nothing is kept");
    market.service.clock.turn(SignedDuration::from_hours(25));
    draft["days"] = json!(1);
    assert_eq!(market.post("/v1/gate/dry-run", draft.clone()).await["total"], 0);
    draft["days"] = json!(31);
    assert_eq!(market.refused("/v1/gate/dry-run", draft).await, (422, "invalid".to_owned()));
    // Nothing that was kept tells who asked.
    let kept = market.store.snapshot().await.unwrap();
    let kept = {
        let mut kept = kept;
        kept.gate_requests(Mode::Test, jiff::Timestamp::MIN, 9).await.unwrap()
    };
    assert!(!serde_json::to_string(&kept).unwrap().contains("b1"));
}

#[tokio::test]
async fn an_influencer_verifies_for_the_very_action() {
    let market = Marketplace::new().await;
    let mut live = rule("live", "event == 'go_live' && account.kind == 'influencer'");
    live["for_action"] = json!(true);
    market.put(RULES, rules(0, &[live])).await;
    let ask = |action: &str, create: bool| {
        let account = json!({ "kind": "influencer", "id": "i1" });
        json!({ "event": "go_live", "account": account, "action": action, "create_session": create })
    };
    let asked = market.post(GATE, ask("room-7", true)).await;
    let session = &asked["verification_session"];
    assert_eq!((&session["program"]["name"], &session["action"]), (&json!("influencer"), &json!("room-7")));
    verify(&market, session["id"].as_str().unwrap(), b"ann's card", b"herself").await;
    assert_eq!(told(&market.post(GATE, ask("room-7", false)).await), asks(&[]));
    let other = market.post(GATE, ask("room-8", false)).await;
    assert_eq!(
        (told(&other), &other["reasons"][0]["needs"]),
        (asks(&["live"]), &json!("verification_for_action"))
    );
    // A session that the marketplace makes itself is for an action too.
    let new = json!({ "program": "influencer", "account": { "kind": "influencer", "id": "i1" }, "action": "room-8" });
    let made = market.post("/v1/verification_sessions", new.clone()).await;
    verify(&market, made["id"].as_str().unwrap(), b"ann's card", b"herself").await;
    assert_eq!(told(&market.post(GATE, ask("room-8", false)).await), asks(&[]));
    assert_eq!(
        told(&market.post(GATE, ask("room-7", false)).await),
        asks(&[]),
        "the earlier one still counts"
    );
    // However many others came since.
    for n in 0..11 {
        let mut new = new.clone();
        new["action"] = json!(format!("room-9{n}"));
        let made = market.post("/v1/verification_sessions", new).await;
        verify(&market, made["id"].as_str().unwrap(), b"ann's card", b"herself").await;
    }
    assert_eq!(told(&market.post(GATE, ask("room-7", false)).await), asks(&[]));
}

#[tokio::test]
async fn one_person_may_own_a_shop_buy_and_recommend_but_each_once() {
    let market = Marketplace::new().await;
    for (kind, program) in [("shop", "shop-owner"), ("buyer", "buyer"), ("influencer", "influencer")] {
        let id = market.session(kind, program, "1").await;
        verify(&market, id.as_str(), b"ann's card", b"herself").await;
        let id = market.session(kind, program, "2").await;
        market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
        market.work().await;
        let second = market.get(&format!("/v1/verification_sessions/{id}")).await;
        assert_eq!(second["reasons"][0]["code"], "identity_in_use", "{kind}: {second}");
    }
}

#[tokio::test]
async fn who_does_not_stand_behind_the_account_any_more_vouches_for_nothing() {
    let market = Marketplace::new().await;
    market.put(RULES, rules(0, &[rule("all", "event == 'go_live'")])).await;
    let ask = |kind: &str, id: &str| json!({ "event": "go_live", "account": { "kind": kind, "id": id } });
    market.shop("1", "c2c", None).await;
    assert_eq!(told(&market.post(GATE, ask("shop", "1")).await), asks(&["all"]));
    let id = market.session("shop", "shop-owner", "1").await;
    verify(&market, id.as_str(), b"ann's card", b"herself").await;
    assert_eq!(told(&market.post(GATE, ask("shop", "1")).await), asks(&[]));
    market.staff("1", "s").await;
    let id = market.handed_in("s", b"bea's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.get(&format!("/v1/verification_sessions/{id}")).await["status"], "verified");
    assert_eq!(told(&market.post(GATE, ask("staff", "s")).await), asks(&[]));
    market.post("/v1/staff/s/unbind", json!({})).await;
    assert_eq!(told(&market.post(GATE, ask("staff", "s")).await), asks(&["all"]));
    let penalty =
        json!({ "reference": "p1", "kind": "temporary_closure", "violation": "fake", "reason": "假货" });
    market.post("/v1/shops/1/penalties", penalty).await;
    assert_eq!(told(&market.post(GATE, ask("shop", "1")).await), asks(&["all"]));
}

#[tokio::test]
async fn an_identity_that_was_another_accounts_vouches_no_longer() {
    let market = Marketplace::new().await;
    let ask = |id: &str| json!({ "event": "registration", "account": { "kind": "buyer", "id": id } });
    let id = market.session("buyer", "buyer", "thief").await;
    verify(&market, id.as_str(), b"ann's card", b"herself").await;
    assert_eq!(told(&market.post(GATE, ask("thief")).await), asks(&[]));
    let id = market.session("buyer", "buyer", "ann").await;
    let app = &market.service.app;
    shiren_testkit::person::agree(app, &id).await.unwrap();
    let entered = shiren_app::Declared { id_number: Some(marketplace::ANN.into()), ..Default::default() };
    let mine = shiren_app::Insists { reclaims: true, ..Default::default() };
    app.declare(&id, entered, mine).await.unwrap();
    for (step, bytes) in [("front", &b"ann's card"[..]), ("back", b"back"), ("selfie", b"herself")] {
        app.take_picture(&id, step, bytes.to_vec(), shiren_app::record::TakenBy::Camera).await.unwrap();
    }
    app.submit(&id, None).await.unwrap();
    market.work().await;
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
    // Two people say so.
    let (path, approve) =
        (format!("/v1/cases/{case}/decide"), json!({ "verdict": "approve", "note": "it is hers" }));
    market.post(&path, approve.clone()).await;
    let second = market.another_key("second").await;
    let (status, _) = market.ask("POST", &path, &second, Some(approve)).await;
    assert_eq!(status.as_u16(), 200);
    assert_eq!(told(&market.post(GATE, ask("ann")).await), asks(&[]));
    assert_eq!(told(&market.post(GATE, ask("thief")).await), asks(&["first_registration"]));
}

#[tokio::test]
async fn a_question_under_a_key_makes_one_session() {
    let market = Marketplace::new().await;
    let mut body = purchase(600_000, "books");
    body["create_session"] = json!(true);
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = http(&market, body.clone()).await;
        answers.push(request);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(market.get("/v1/verification_sessions").await["data"].as_array().map(Vec::len), Some(1));
}

async fn http(market: &Marketplace, body: Value) -> Value {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use tower::ServiceExt as _;
    let request = Request::builder()
        .method("POST")
        .uri(GATE)
        .header(header::AUTHORIZATION, format!("Bearer {}", market.key))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", "k")
        .body(Body::from(body.to_string()));
    let response = market.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_slice(&to_bytes(response.into_body(), 100_000).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_key_from_before_the_gate_gets_its_scopes_and_keeps_its_secret() {
    let market = Marketplace::new().await;
    let app = &market.service.app;
    let before =
        Scope::ALL.into_iter().filter(|s| !matches!(s, Scope::GateRead | Scope::GateWrite)).collect();
    let (key, secret) = app.create_api_key("old", Mode::Test, before).await.unwrap();
    let rules = async || market.ask("GET", "/v1/gate/rules", &secret, None).await;
    let (status, refused) = rules().await;
    assert_eq!((status.as_u16(), &refused["code"]), (403, &json!("scope_missing")));
    let gate = [Scope::GateRead].into();
    let changed = app.change_key_scopes(&key.id, &gate, &[Scope::PeopleRead].into()).await.unwrap();
    assert!(changed.scopes.contains(&Scope::GateRead) && !changed.scopes.contains(&Scope::PeopleRead));
    assert_eq!(rules().await.0.as_u16(), 200);
    let log = market.store.snapshot().await.unwrap().audit_of(key.id.as_str()).await.unwrap();
    let told: Vec<_> =
        log.iter().map(|e| (e.actor.as_str(), e.action.as_str(), e.purpose.as_str())).collect();
    assert_eq!(told, [("command line", "api_key.scopes_changed", "+gate_read -people_read")]);
    // Nothing asked, nothing left, and one that was revoked.
    assert!(app.change_key_scopes(&key.id, &[].into(), &[].into()).await.is_err());
    assert!(app.change_key_scopes(&key.id, &[].into(), &Scope::ALL.into()).await.is_err());
    assert_eq!(rules().await.0.as_u16(), 200);
    app.revoke_api_key(&key.id).await.unwrap();
    assert!(app.change_key_scopes(&key.id, &gate, &[].into()).await.is_err());
}
