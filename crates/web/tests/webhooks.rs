//! Webhook endpoints through the API: their keys, and what reaches them.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::webhook::sign::{self, Secret};
use shiren_testkit::service::Received;

use marketplace::Marketplace;

const HOOK: &str = "https://marketplace.example/hook";

/// An endpoint: its path, and the answer.
async fn endpoint(market: &Marketplace, body: Value) -> (String, Value) {
    let made = market.post("/v1/webhook_endpoints", body).await;
    (format!("/v1/webhook_endpoints/{}", made["id"].as_str().unwrap()), made)
}

fn secret(answer: &Value) -> Secret {
    answer["secret"].as_str().unwrap().parse().unwrap()
}

/// What comes in for a shop that is registered now.
async fn told(market: &Marketplace, shop: &str) -> Received {
    let before = market.service.receiver.received().len();
    market.shop(shop, "c2c", None).await;
    market.work().await;
    market.service.receiver.received().remove(before)
}

fn accepts(market: &Marketplace, webhook: &Received, secret: &Secret) -> bool {
    let now = market.service.app.now();
    sign::verify(&webhook.headers, &webhook.body, std::slice::from_ref(secret), now).is_ok()
}

/// The schemes of a webhook's signatures, in order.
fn schemes(webhook: &Received) -> Vec<&str> {
    webhook.headers[sign::SIGNATURE].split(' ').filter_map(|s| s.split(',').next()).collect()
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_and_no_longer() {
    rotates(Marketplace::new().await).await;
}

#[tokio::test]
async fn a_replaced_secret_signs_for_a_day_over_postgres_too() {
    rotates(Marketplace::over_postgres(Default::default()).await).await;
}

async fn rotates(market: Marketplace) {
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let old = secret(&made);
    let answer = market.post(&format!("{path}/rotate"), json!({})).await;
    let new = secret(&answer);
    assert_eq!(answer["former_key_signs_until"], "2026-11-24T04:00:00Z");
    assert_ne!(made["secret"], answer["secret"]);
    market.work().await;
    let rotated: Value = serde_json::from_slice(&market.service.receiver.received()[0].body).unwrap();
    assert_eq!(rotated["type"], "webhook_endpoint.key_rotated");

    let webhook = told(&market, "1").await;
    assert!(accepts(&market, &webhook, &old) && accepts(&market, &webhook, &new), "either is enough");
    market.service.clock.turn(SignedDuration::from_hours(24));
    let webhook = told(&market, "2").await;
    assert!(!accepts(&market, &webhook, &old) && accepts(&market, &webhook, &new));
    assert_eq!(schemes(&webhook), ["v1"]);
    let seen = market.get(&path).await;
    assert!(seen["secret"].is_null(), "a secret is shown once: {seen}");
}

#[tokio::test]
async fn a_secret_that_leaked_stops_at_once_and_so_do_those_before_it() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let first = secret(&made);
    let rotate = format!("{path}/rotate");
    let second = secret(&market.post(&rotate, json!({ "overlap_hours": 168 })).await);
    let third = market.post(&rotate, json!({ "overlap_hours": 0 })).await;
    assert!(third["former_key_signs_until"].is_null());
    market.work().await;
    let webhook = told(&market, "1").await;
    assert_eq!(
        [&first, &second, &secret(&third)].map(|s| accepts(&market, &webhook, s)),
        [false, false, true]
    );
}

#[tokio::test]
async fn several_replaced_secrets_sign_each_for_its_own_time() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let rotate = format!("{path}/rotate");
    let mut secrets = vec![secret(&made)];
    for hours in [10, 1, 5, 3] {
        secrets.push(secret(&market.post(&rotate, json!({ "overlap_hours": hours })).await));
    }
    let (status, code) = market.refused(&rotate, json!({})).await;
    assert_eq!((status, code.as_str()), (422, "invalid"), "five would make every webhook too long");
    market.work().await;
    market.service.clock.turn(SignedDuration::from_hours(4));
    let webhook = told(&market, "1").await;
    let accepted: Vec<_> = secrets.iter().map(|s| accepts(&market, &webhook, s)).collect();
    assert_eq!(accepted, [true, false, true, false, true]);
}

#[tokio::test]
async fn an_endpoint_goes_over_to_public_keys_without_a_gap() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let answer = market.post(&format!("{path}/rotate"), json!({ "signature": "v1a" })).await;
    assert!(answer["secret"].is_null(), "what signs is nobody's but ours: {answer}");
    assert!(answer["public_key"].as_str().unwrap().starts_with("whpk_"));
    market.work().await;
    let webhook = told(&market, "1").await;
    assert_eq!(schemes(&webhook), ["v1a", "v1"]);
    assert!(accepts(&market, &webhook, &secret(&made)), "who verifies by v1 passes over v1a");

    let (_, made) = endpoint(&market, json!({ "url": HOOK, "signature": "v1a" })).await;
    assert!(made["secret"].is_null() && made["public_key"].is_string(), "{made}");
    let listed = market.get("/v1/webhook_endpoints").await;
    let signatures: Vec<_> = listed["data"].as_array().unwrap().iter().map(|e| &e["signature"]).collect();
    assert_eq!(signatures, ["v1a", "v1a"]);
}

#[tokio::test]
async fn what_cannot_be_is_told_and_changes_nothing() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    let rotate = format!("{path}/rotate");
    for body in [
        json!({ "overlap_hours": 169 }),
        json!({ "overlap_hours": -1 }),
        json!({ "overlap_hours": 1.5 }),
        json!({ "signature": "v2" }),
        json!({ "secret": "whsec_mine" }),
    ] {
        assert_eq!(market.refused(&rotate, body.clone()).await.0, 422, "{body}");
    }
    let webhook = told(&market, "1").await;
    assert!(accepts(&market, &webhook, &secret(&made)));
    assert_eq!(schemes(&webhook), ["v1"]);
    assert_eq!(market.refused("/v1/webhook_endpoints", json!({ "url": HOOK, "signature": "" })).await.0, 422);
}

#[tokio::test]
async fn what_happens_to_an_endpoint_is_an_event() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    market.post(&format!("{path}/rotate"), json!({})).await;
    let (status, _) = market.ask("DELETE", &path, &market.key, None).await;
    assert_eq!(status, 204);
    let events = market.get(&format!("/v1/events?object={}", made["id"].as_str().unwrap())).await;
    let seen: Vec<_> =
        events["data"].as_array().unwrap().iter().map(|e| (&e["type"], &e["sequence"])).collect();
    let wanted = ["created", "key_rotated", "deleted"].map(|what| json!(format!("webhook_endpoint.{what}")));
    assert_eq!(seen.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), wanted.iter().collect::<Vec<_>>());
    assert_eq!(seen.iter().map(|(_, n)| n.as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(!events.to_string().contains("marketplace.example"), "an address may be a secret: {events}");
}

/// Types and sequence numbers of what came in behind so many.
fn came(market: &Marketplace, behind: usize) -> Vec<(String, String)> {
    let of = |r: &Received| {
        let body: Value = serde_json::from_slice(&r.body).unwrap();
        (r.headers[sign::ID].clone(), body["type"].as_str().unwrap().to_owned())
    };
    market.service.receiver.received()[behind..].iter().map(of).collect()
}

#[tokio::test]
async fn an_event_is_sent_again_under_its_own_id() {
    replays(Marketplace::new().await).await;
}

#[tokio::test]
async fn events_are_sent_again_over_postgres_too() {
    replays(Marketplace::over_postgres(Default::default()).await).await;
}

async fn replays(market: Marketplace) {
    let chosen = json!(["shop.registered"]);
    let (path, _) = endpoint(&market, json!({ "url": HOOK, "events": chosen })).await;
    for shop in ["1", "2"] {
        market.shop(shop, "c2c", None).await;
        market.work().await;
        market.service.clock.turn(SignedDuration::from_hours(1));
    }
    market.staff("1", "a").await;
    market.work().await;
    let first = came(&market, 0);
    assert_eq!(first.len(), 2);

    let replay = format!("{path}/replay");
    let answer = market.post(&replay, json!({ "event": first[0].0 })).await;
    assert_eq!(answer["status"], "accepted");
    market.post(&replay, json!({ "event": first[0].0 })).await;
    market.work().await;
    assert_eq!(came(&market, 2), [first[0].clone()], "asked for twice before it left, it leaves once");

    market.post(&replay, json!({ "since": "2026-11-23T04:00:00Z" })).await;
    market.work().await;
    assert_eq!(came(&market, 3), first, "all of the types that it chose");
    market.post(&replay, json!({ "since": "2026-11-23T05:00:00Z" })).await;
    market.work().await;
    assert_eq!(came(&market, 5), [first[1].clone()]);
    market.post(&replay, json!({ "after": first[0].0 })).await;
    market.work().await;
    assert_eq!(came(&market, 6), [first[1].clone()]);

    let others = market.events("a").await;
    let other = market.get("/v1/events?object=a").await["data"][0]["id"].clone();
    assert!(!others.is_empty());
    market.post(&replay, json!({ "event": other })).await;
    market.work().await;
    assert_eq!(came(&market, 7).len(), 1, "one that is named is sent whatever its type");

    for body in [
        json!({}),
        json!({ "event": "evt_01aryz6s410000000000000000" }),
        json!({ "after": "evt_01aryz6s410000000000000000" }),
        json!({ "event": "nonsense" }),
        json!({ "event": first[0].0, "since": "2026-11-23T04:00:00Z" }),
        json!({ "since": "2027-11-23T04:00:00Z" }),
        json!({ "since": "yesterday" }),
    ] {
        assert_eq!(market.refused(&replay, body.clone()).await.0, 422, "{body}");
    }
    market.work().await;
    assert_eq!(came(&market, 8), []);
}

#[tokio::test]
async fn a_span_of_many_events_is_replayed_whole_and_what_happens_meanwhile_comes_once() {
    let market = Marketplace::new().await;
    for shop in 0..230 {
        market.shop(&shop.to_string(), "c2c", None).await;
    }
    market.service.clock.turn(SignedDuration::from_secs(1));
    let (path, _) = endpoint(&market, json!({ "url": HOOK })).await;
    market.post(&format!("{path}/replay"), json!({ "since": "2026-11-23T04:00:00Z" })).await;
    market.service.clock.turn(SignedDuration::from_secs(1));
    market.shop("later", "c2c", None).await;
    market.work().await;
    let came = came(&market, 0);
    let shops = came.iter().filter(|(_, kind)| kind == "shop.registered").count();
    let ids: std::collections::BTreeSet<_> = came.iter().map(|(id, _)| id).collect();
    assert_eq!((shops, ids.len()), (231, came.len()));
}

#[tokio::test]
async fn an_endpoint_that_was_gone_is_enabled_again_and_gets_what_it_missed() {
    let market = Marketplace::new().await;
    let (gone, _) = endpoint(&market, json!({ "url": HOOK })).await;
    let enable = format!("{gone}/enable");
    assert_eq!(market.refused(&enable, json!({})).await, (409, "endpoint_enabled".to_owned()));
    market.service.receiver.answer(410);
    market.shop("1", "c2c", None).await;
    market.work().await;
    market.service.receiver.answer(200);
    let chosen = json!(["webhook_endpoint.disabled", "webhook_endpoint.enabled"]);
    endpoint(&market, json!({ "url": HOOK, "events": chosen })).await;
    let disabled = market.get(&gone).await;
    assert_eq!(disabled["disabled_because"], "the receiver answered 410 Gone");
    let again = json!({ "since": disabled["disabled_at"] });
    let replay = format!("{gone}/replay");
    assert_eq!(market.refused(&replay, again.clone()).await, (409, "endpoint_disabled".to_owned()));
    market.shop("2", "c2c", None).await;
    market.work().await;
    assert_eq!(came(&market, 1), [], "nothing is sent to who does not take it");

    let enabled = market.post(&enable, json!({})).await;
    assert!(enabled["disabled_at"].is_null() && enabled["disabled_because"].is_null(), "{enabled}");
    market.work().await;
    let told: Vec<_> = came(&market, 1).into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(told, ["webhook_endpoint.enabled"; 2], "both are told");
    market.post(&replay, again).await;
    market.work().await;
    let missed = came(&market, 3).into_iter().filter(|(_, kind)| kind == "shop.registered").count();
    assert_eq!(missed, 2);
}

#[tokio::test]
async fn the_other_endpoints_are_told_when_one_is_gone() {
    let market = Marketplace::new().await;
    let (gone, _) = endpoint(&market, json!({ "url": HOOK, "events": ["shop.registered"] })).await;
    endpoint(&market, json!({ "url": HOOK, "events": ["webhook_endpoint.disabled"] })).await;
    market.service.receiver.answer(410);
    market.shop("1", "c2c", None).await;
    market.service.app.work_once("test").await.unwrap();
    market.service.receiver.answer(200);
    market.work().await;
    let came = came(&market, 0);
    assert_eq!(
        came.iter().map(|(_, kind)| kind.as_str()).collect::<Vec<_>>(),
        ["shop.registered", "webhook_endpoint.disabled"]
    );
    let told: Value = serde_json::from_slice(&market.service.receiver.received()[1].body).unwrap();
    assert_eq!(json!(gone.rsplit('/').next()), told["data"]["id"]);
    assert_eq!(told["data"]["disabled_because"], "the receiver answered 410 Gone");
}

#[tokio::test]
async fn an_address_that_must_not_be_called_is_refused_when_it_is_registered() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK })).await;
    for url in [
        "http://marketplace.example/hook",
        "https://127.0.0.1/hook",
        "https://2130706433/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://10.0.0.1/hook",
        "https://192.168.1.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://100.100.100.200/latest",
        "https://[fd00:ec2::254]/latest",
        "https://marketplace.example:22/hook",
        "https://user:word@marketplace.example/hook",
    ] {
        for path in ["/v1/webhook_endpoints", path.as_str()] {
            let (status, problem) = market.ask("POST", path, &market.key, Some(json!({ "url": url }))).await;
            let told = (status.as_u16(), problem["code"].as_str(), problem["field"].as_str());
            assert_eq!(told, (422, Some("address_not_allowed"), Some("url")), "{url}: {problem}");
            assert!(
                problem["fix"].is_string() && !problem["title"].to_string().ends_with(": \""),
                "{problem}"
            );
        }
    }
    for url in ["ftp://marketplace.example", "gopher://a", "file:///etc/passwd", "", "hook"] {
        assert_eq!(market.refused(&path, json!({ "url": url })).await.0, 422, "{url}");
    }
    assert_eq!(market.get(&path).await["url"], made["url"], "and nothing changed");
    assert_eq!(market.get("/v1/webhook_endpoints").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_endpoint_is_changed_in_part() {
    let market = Marketplace::new().await;
    let (path, made) = endpoint(&market, json!({ "url": HOOK, "description": "first" })).await;
    let changed = market.post(&path, json!({ "events": ["shop.registered"] })).await;
    assert_eq!((&changed["url"], &changed["description"]), (&made["url"], &made["description"]));
    assert_eq!(changed["events"], json!(["shop.registered"]));
    market.post(&path, json!({})).await;
    let id = made["id"].as_str().unwrap();
    let told = ["webhook_endpoint.created", "webhook_endpoint.changed"];
    assert_eq!(market.events(id).await, told, "what changes nothing is no event");
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    market.work().await;
    assert_eq!(came(&market, 0).len(), 1, "only what it chose");
    for body in [json!({ "events": ["shop.sold"] }), json!({ "description": "x".repeat(201) })] {
        assert_eq!(market.refused(&path, body.clone()).await.0, 422, "{body}");
    }
}

/// What the operator changes is told like everything else, and what changes nothing is not.
#[tokio::test]
async fn rules_facts_and_references_are_told_when_they_change() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    let rules = json!({ "version": 0, "events": ["purchase"], "rules": [] });
    market.put("/v1/gate/rules", rules.clone()).await;
    assert_eq!(market.events("gate_rules:test:1").await, ["gate.rules_changed"]);
    let (status, _) = market.ask("PUT", "/v1/gate/rules", &market.key, Some(rules)).await;
    assert_eq!(status, 409);
    assert_eq!(market.events("gate_rules:test:2").await, Vec::<String>::new());

    let facts = json!({ "leak_severity": 3 });
    for _ in 0..2 {
        market.put("/v1/shops/1/facts", facts.clone()).await;
    }
    assert_eq!(market.events("1").await, ["shop.registered", "shop.facts_changed"]);

    let path = "/v1/accounts/shop/1/references";
    for body in [json!({ "phone": "13800138000" }), json!({ "phone": "+8613800138000" }), json!({})] {
        market.post(path, body).await;
    }
    let told = market.get("/v1/events?object=shop:1").await;
    let changed: Vec<_> = told["data"].as_array().unwrap().iter().map(|e| &e["data"]["changed"]).collect();
    assert_eq!(changed, [&json!(["phone"]), &json!(["phone"])], "registered, and forgotten");
    assert!(!told.to_string().contains("13800138000"));

    let rollout = market.post("/v1/rollouts", rollout(1)).await;
    assert_eq!(market.events(rollout["id"].as_str().unwrap()).await, ["rollout.created"]);
}

fn rollout(n: usize) -> Value {
    json!({
        "name": format!("batch {n}"), "audience": "shops", "when": "true", "capacity": 10,
        "steps": [{ "from": "2026-12-02", "percent": 100 }],
    })
}

#[tokio::test]
async fn a_receiver_that_is_down_for_a_day_gets_everything_of_every_subject() {
    down_for_a_day(Marketplace::new().await).await;
}

#[tokio::test]
async fn a_receiver_that_is_down_for_a_day_gets_everything_over_postgres_too() {
    down_for_a_day(Marketplace::over_postgres(Default::default()).await).await;
}

async fn quarters(market: &Marketplace, many: usize) {
    for _ in 0..many {
        market.service.clock.turn(SignedDuration::from_mins(15));
        market.work().await;
    }
}

/// Something of every kind of subject happens every hour while nobody takes what is told.
async fn down_for_a_day(market: Marketplace) {
    endpoint(&market, json!({ "url": HOOK })).await;
    market.service.receiver.answer(503);
    for hour in 0..24_usize {
        let shop = hour.to_string();
        market.shop(&shop, "c2c", None).await;
        let session = market.session("buyer", "buyer", &format!("buyer-{hour}")).await;
        market.post(&format!("/v1/verification_sessions/{session}/cancel"), json!({})).await;
        market.staff(&shop, &format!("staff-{hour}")).await;
        market.post(&format!("/v1/staff/staff-{hour}/ask"), json!({})).await;
        let entry = json!({ "movement": "payment", "reference": format!("p{hour}"), "cents": 100 });
        market.post(&format!("/v1/shops/{shop}/deposit/entries"), entry).await;
        let request =
            json!({ "buyer": "7", "order": format!("o{hour}"), "kind": "refund", "amount_cents": 1 });
        let request = market.post("/v1/aftersales", request).await;
        market.post(&format!("/v1/aftersales/{}/withdraw", request["id"].as_str().unwrap()), json!({})).await;
        market.put("/v1/gate/rules", json!({ "version": hour, "events": ["purchase"], "rules": [] })).await;
        let made = market.post("/v1/rollouts", rollout(hour)).await;
        market.post(&format!("/v1/rollouts/{}/cancel", made["id"].as_str().unwrap()), json!({})).await;
        quarters(&market, 4).await;
    }
    let down = market.service.receiver.received().len();
    market.service.receiver.answer(200);
    // The retries' pauses grow to 14 hours: in a day more everything has come.
    quarters(&market, 96).await;

    let mut came = std::collections::BTreeMap::<String, Vec<i64>>::new();
    for webhook in &market.service.receiver.received()[down..] {
        let body: Value = serde_json::from_slice(&webhook.body).unwrap();
        came.entry(webhook.headers[sign::ID].clone()).or_default().push(body["sequence"].as_i64().unwrap());
    }
    let (mut kinds, mut subjects) = (std::collections::BTreeSet::new(), std::collections::BTreeMap::new());
    let mut after = String::new();
    loop {
        let page = market.get(&format!("/v1/events?limit=100{after}")).await;
        for event in page["data"].as_array().unwrap() {
            let (id, kind) = (event["id"].as_str().unwrap(), event["type"].as_str().unwrap());
            after = format!("&after={id}");
            // The endpoint was not there yet when it was told that it is.
            if kind == "webhook_endpoint.created" {
                continue;
            }
            let sequence = event["sequence"].as_i64().unwrap();
            assert_eq!(came.remove(id), Some(vec![sequence]), "{kind}: once, and in its place");
            kinds.insert(kind.split('.').next().unwrap().to_owned());
            subjects.entry(event["account"].to_string()).or_insert_with(Vec::new).push(sequence);
        }
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(came.len(), 0, "nothing came that did not happen");
    for (subject, mut numbers) in subjects {
        numbers.sort_unstable();
        let whole: Vec<i64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, whole, "{subject}");
    }
    for kind in ["verification_session", "shop", "staff", "deposit", "aftersales", "gate", "rollout"] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
    assert!(market.service.app.dead_jobs(1).await.unwrap().is_empty(), "nothing was given up");
}
