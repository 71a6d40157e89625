//! What is no sound request is refused by every operation of the description, with its field, and nothing changes.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use marketplace::Marketplace;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A command that takes JSON.
struct Command {
    method: String,
    path: String,
    body: Value,
    properties: Vec<String>,
}

/// Each command of the description that takes JSON, on something that need not exist: what is sent is read before.
fn commands() -> Vec<Command> {
    let api = shiren_web::api::openapi();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(media) = operation.pointer("/requestBody/content/application~1json") else { continue };
            let name = media["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let properties = api["components"]["schemas"][name]["properties"].as_object().unwrap();
            all.push(Command {
                method: method.to_uppercase(),
                path: of_something(path, operation),
                body: media["example"].clone(),
                properties: properties.keys().cloned().collect(),
            });
        }
    }
    assert!(all.len() >= 20, "{}", all.len());
    all
}

/// A path with the ids that its description shows.
fn of_something(path: &str, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|p| p["in"] == "path").fold(path.to_owned(), |path, parameter| {
        let name = format!("{{{}}}", parameter["name"].as_str().unwrap());
        path.replace(&name, parameter["example"].as_str().unwrap_or("shop"))
    })
}

async fn nothing_happened(market: &Marketplace) {
    assert_eq!(market.get("/v1/events").await["data"], json!([]), "nothing was changed by it");
}

/// Every operation that takes the version that was looked at refuses an older one in the same way.
#[tokio::test]
async fn a_stale_version_is_told_by_one_code_wherever_a_version_is_taken() {
    let takes: Vec<_> =
        commands().into_iter().filter(|c| c.properties.iter().any(|p| p == "version")).collect();
    let paths: Vec<_> = takes.iter().map(|c| c.path.split('/').nth(2).unwrap()).collect();
    assert_eq!(paths, ["aftersales", "gate"], "a new one belongs into this table");
    let market = Marketplace::new().await;
    market.put("/v1/gate/rules", takes[1].body.clone()).await;
    let mut new = commands().into_iter().find(|c| c.path == "/v1/aftersales").unwrap().body;
    new.as_object_mut().unwrap().remove("test_clock");
    let made = market.post("/v1/aftersales", new).await;
    let decide = format!("/v1/aftersales/{}/decide", made["id"].as_str().unwrap());
    for (path, Command { method, mut body, .. }) in [decide.as_str(), "/v1/gate/rules"].into_iter().zip(takes)
    {
        for version in [0, 99] {
            body["version"] = json!(version);
            let (status, problem) = market.ask(&method, path, &market.key, Some(body.clone())).await;
            assert_eq!(
                (status, &problem["code"]),
                (StatusCode::CONFLICT, &json!("stale")),
                "{path}: {problem}"
            );
            assert!(problem["fix"].is_string(), "{path}: {problem}");
        }
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_every_command_and_named() {
    let market = Marketplace::new().await;
    for Command { method, path, mut body, .. } in commands() {
        body["nobody_knows"] = json!(1);
        let (status, problem) = market.ask(&method, &path, &market.key, Some(body)).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")),
            "{path}: {problem}"
        );
        assert_eq!(problem["field"], "nobody_knows", "{path}: {problem}");
    }
    nothing_happened(&market).await;
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_by_every_command_and_named() {
    let market = Marketplace::new().await;
    for Command { method, path, body, properties } in commands() {
        for name in properties {
            // Nothing takes a list of lists.
            let mut wrong = body.clone();
            wrong[&name] = json!([[[]]]);
            let (status, problem) = market.ask(&method, &path, &market.key, Some(wrong)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}, {name}: {problem}");
            let field = problem["field"].as_str().unwrap_or_default();
            assert!(field == name || field.starts_with(&format!("{name}[")), "{path}, {name}: {problem}");
        }
    }
    nothing_happened(&market).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_every_command_before_it_is_read() {
    let market = Marketplace::new().await;
    for Command { method, path, .. } in commands() {
        let body = json!({ "id": "x".repeat(300_000) });
        let (status, problem) = market.ask(&method, &path, &market.key, Some(body)).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")),
            "{path}"
        );
    }
    nothing_happened(&market).await;
}

#[tokio::test]
async fn what_is_no_json_or_not_sent_as_it_is_refused_by_every_command() {
    let market = Marketplace::new().await;
    for Command { method, path, .. } in commands() {
        for (kind, body, told) in [
            ("application/json", "{", (400, "json_syntax")),
            ("application/json", "[]", (422, "invalid")),
            ("text/plain", "{}", (415, "content_type")),
        ] {
            let request = Request::builder()
                .method(method.as_str())
                .uri(&path)
                .header(header::AUTHORIZATION, format!("Bearer {}", market.key))
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body))
                .unwrap();
            let answer = market.router.clone().oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let problem = to_bytes(answer.into_body(), 100_000).await.unwrap();
            let problem: Value = serde_json::from_slice(&problem).unwrap();
            assert_eq!((status, problem["code"].as_str().unwrap()), told, "{method} {path}: {problem}");
        }
    }
    nothing_happened(&market).await;
}

#[tokio::test]
async fn days_that_do_not_exist_are_refused_with_their_field() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    let clock = market.clock("2026-09-01T04:00:00Z").await;
    let before = market.get("/v1/events").await;
    let rollout = |from: &str, blackout: &str| {
        json!({
            "name": "autumn", "audience": "shops", "when": "true", "capacity": 10,
            "steps": [{ "from": from, "percent": 100 }],
            "blackout": [{ "from": blackout, "to": "2026-11-12" }],
        })
    };
    let sent = [
        ("PUT", "/v1/shops/1/facts".to_owned(), json!({ "registered_on": "2026-02-30" }), "registered_on"),
        ("POST", "/v1/rollouts".into(), rollout("2026-02-29", "2026-11-10"), "steps[0].from"),
        ("POST", "/v1/rollouts".into(), rollout("2026-02-28", "2026-11-31"), "blackout[0].from"),
        ("POST", "/v1/test/clocks".into(), json!({ "now": "2026-02-30T00:00:00Z" }), "now"),
        ("POST", format!("/v1/test/clocks/{clock}/advance"), json!({ "to": "2027-04-31T00:00:00Z" }), "to"),
    ];
    for (method, path, body, field) in sent {
        let (status, problem) = market.ask(method, &path, &market.key, Some(body)).await;
        assert_eq!((status.as_u16(), &problem["field"]), (422, &json!(field)), "{path}: {problem}");
    }
    for path in ["/v1/shops/1/responsible", "/v1/staff/a/responsible"] {
        let path = format!("{path}?purpose=to%20know&at=2026-02-30T00:00:00Z");
        let (status, problem) = market.ask("GET", &path, &market.key, None).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid")), "{path}: {problem}");
    }
    assert_eq!(market.get("/v1/events").await, before, "and nothing changed");
}

#[tokio::test]
async fn amounts_below_nothing_or_above_the_limit_are_refused_and_move_nothing() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let session = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let before = (market.get("/v1/events?limit=100").await, market.get("/v1/shops/1/deposit").await);
    for cents in [
        json!(-1),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(1_000_000_000_000_000_i64),
        json!(0.5),
        json!("1"),
    ] {
        let request = json!({ "buyer": "7", "order": "o", "kind": "refund", "amount_cents": cents });
        let entry = json!({ "movement": "payment", "reference": "d1", "cents": cents });
        let mut penalty =
            json!({ "reference": "p1", "kind": "warning", "violation": "v", "reason": "to see" });
        penalty["deduct_cents"] = cents.clone();
        let asked = json!({
            "event": "purchase", "amount_cents": cents, "currency": "CNY", "account": { "kind": "buyer", "id": "7" },
        });
        for (path, body) in [
            ("/v1/aftersales", request),
            ("/v1/shops/1/deposit/entries", entry),
            ("/v1/shops/1/penalties", penalty),
            ("/v1/gate", asked),
        ] {
            let (status, problem) = market.ask("POST", path, &market.key, Some(body)).await;
            // More than there is in the deposit is a conflict.
            assert!([422, 409].contains(&status.as_u16()), "{path}, {cents}: {problem}");
        }
    }
    let after = (market.get("/v1/events?limit=100").await, market.get("/v1/shops/1/deposit").await);
    assert_eq!(after, before);
}

/// One of each thing that has an id, in test mode.
async fn one_of_each(market: &Marketplace) -> Vec<(&'static str, String)> {
    market.shop("1", "c2c", None).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.staff("1", "a").await;
    market.handed_in("a", b"bea's card", b"perhaps", "13800138001").await;
    market.work().await;
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "v", "reason": "to see", "refund_reference": "r1",
    });
    let endpoint = json!({ "url": "https://marketplace.example/hooks" });
    let endpoint = market.post("/v1/webhook_endpoints", endpoint).await;
    let case = market.get("/v1/cases?status=open").await["data"][0]["id"].clone();
    market.post("/v1/shops/1/penalties", penalty).await;
    let rollout = json!({
        "name": "autumn", "audience": "shops", "when": "true", "capacity": 10,
        "steps": [{ "from": "2026-12-02", "percent": 100 }],
    });
    let rollout = market.post("/v1/rollouts", rollout).await;
    let request = json!({ "buyer": "7", "order": "o", "kind": "refund", "amount_cents": 1 });
    let request = market.post("/v1/aftersales", request).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    vec![
        ("/v1/verification_sessions/{id}", owner.to_string()),
        ("/v1/shops/{id}", "1".into()),
        ("/v1/staff/{id}", "a".into()),
        ("/v1/cases/{id}", text(&case)),
        ("/v1/bans/{id}", text(&market.get("/v1/bans").await["data"][0]["id"])),
        ("/v1/events/{id}", text(&market.get("/v1/events").await["data"][0]["id"])),
        ("/v1/webhook_endpoints/{id}", text(&endpoint["id"])),
        ("/v1/rollouts/{id}", text(&rollout["id"])),
        ("/v1/aftersales/{id}", text(&request["id"])),
    ]
}

#[tokio::test]
async fn the_other_modes_things_do_not_exist_for_any_operation() {
    let market = Marketplace::new().await;
    let each = one_of_each(&market).await;
    let before = market.get("/v1/events?limit=100").await;
    let api = shiren_web::api::openapi();
    let mut tried = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        let Some((of, id)) = each.iter().find(|(of, _)| path.starts_with(of)) else { continue };
        for (method, operation) in item.as_object().unwrap() {
            if method == "post" && path.ends_with("/messages") {
                // Without a gateway none is sent in live mode, whoever is meant.
                continue;
            }
            let here = path.replacen(of, &of.replace("{id}", id), 1);
            let here =
                here.replace("{category}", "laptops").replace("{file}", "asf_01aryz6s410000000000000000");
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let asked_why = parameters.into_iter().any(|p| p["name"] == "purpose");
            let here = if asked_why { format!("{here}?purpose=to%20know") } else { here };
            let body = operation.pointer("/requestBody/content/application~1json/example").cloned();
            let (status, answer) = market.ask(&method.to_uppercase(), &here, &market.live_key, body).await;
            assert_eq!(
                (status, &answer["code"]),
                (StatusCode::NOT_FOUND, &json!("not_found")),
                "{method} {here}: {answer}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 40, "{tried}");
    let event = each.iter().find(|(of, _)| of.starts_with("/v1/events")).unwrap();
    assert_eq!(
        market.get(&event.0.replace("{id}", &event.1)).await["id"],
        json!(event.1),
        "in its own mode it is"
    );
    for list in [
        "verification_sessions",
        "shops",
        "cases",
        "bans",
        "events",
        "webhook_endpoints",
        "rollouts",
        "aftersales",
    ] {
        let (_, answer) = market.ask("GET", &format!("/v1/{list}"), &market.live_key, None).await;
        assert_eq!(answer["data"], json!([]), "{list}");
    }
    assert_eq!(market.get("/v1/events?limit=100").await, before, "and nothing changed");
}
