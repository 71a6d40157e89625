//! The same request again.

use super::*;

#[tokio::test]
async fn the_same_request_has_one_effect_however_often_it_comes() {
    one_effect(World::new().await).await;
}

pub(crate) async fn one_effect(world: World) {
    let sessions = "/v1/verification_sessions";
    let asking: Vec<_> = (0..100)
        .map(|n| {
            let world = &world;
            // The order of fields is no other request.
            let account = json!({ "kind": "shop", "id": "a" });
            let body = match n % 2 {
                0 => json!({ "program": "shop-owner", "account": account }),
                _ => json!({ "account": account, "program": "shop-owner" }),
            };
            async move { world.ask_with("POST", sessions, &world.key, Some(body), Some("k")).await }
        })
        .collect();
    let answers: std::collections::BTreeSet<_> = futures_util::future::join_all(asking)
        .await
        .into_iter()
        .map(|(status, session)| (status.as_u16(), session.to_string()))
        .collect();
    assert_eq!(answers.len(), 1, "one answer, with its link: {answers:?}");
    assert_eq!(world.get(sessions).await.1["data"].as_array().unwrap().len(), 1);
    let (status, problem) = world.ask_with("POST", sessions, &world.key, Some(new("b")), Some("k")).await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("idempotency_key_reused"))
    );
}

#[tokio::test]
async fn every_command_can_be_sent_again() {
    let world = World::new().await;
    let (id, reviewed) = (world.session("a").await, world.session("b").await);
    world.hand_in(&reviewed, b"perhaps ann").await;
    world.service.work().await.unwrap();
    let case = world.get("/v1/cases").await.1["data"][0]["id"].as_str().unwrap().to_owned();
    let session = format!("/v1/verification_sessions/{id}");
    let commands = [
        ("/v1/verification_sessions".to_owned(), Some(new("c"))),
        (format!("{session}/link"), None),
        (format!("{session}/cancel"), None),
        (format!("{session}/redact"), None),
        (format!("/v1/cases/{case}/decide"), Some(json!({ "verdict": "approve", "note": "the same mole" }))),
        ("/v1/webhook_endpoints".to_owned(), Some(json!({ "url": "https://marketplace.example/hook" }))),
    ];
    let mut first = Vec::new();
    for (path, body) in &commands {
        // One key for all: each route has its own.
        let answer = world.ask_with("POST", path, &world.key, body.clone(), Some("k")).await;
        assert!(answer.0.is_success(), "{path}: {answer:?}");
        first.push(answer);
    }
    let count = async || world.get("/v1/events?limit=100").await.1["data"].as_array().unwrap().len();
    let events = count().await;
    for ((path, body), first) in commands.iter().zip(&first) {
        let again = world.ask_with("POST", path, &world.key, body.clone(), Some("k")).await;
        assert_eq!(again, *first, "{path}");
    }
    assert_eq!(count().await, events, "nothing happened again");
    let other = format!("/v1/verification_sessions/{reviewed}/redact");
    let (_, problem) = world.ask_with("POST", &other, &world.key, None, Some("k")).await;
    assert_eq!(problem["code"], "idempotency_key_reused", "another session is another request");
}

#[tokio::test]
async fn a_refused_command_leaves_its_key_free() {
    let world = World::new().await;
    let sessions = "/v1/verification_sessions";
    assert_eq!(
        world.ask_with("POST", sessions, &world.key, Some(new("")), Some("k")).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(
        world.ask_with("POST", sessions, &world.key, Some(new("a")), Some("k")).await.0,
        StatusCode::CREATED
    );
    for bad in [String::new(), "k".repeat(256)] {
        let (status, problem) =
            world.ask_with("POST", sessions, &world.key, Some(new("a")), Some(&bad)).await;
        assert_eq!((status.as_u16(), problem["field"].as_str()), (422, Some("Idempotency-Key")));
    }
}

#[tokio::test]
async fn deleting_can_be_sent_again_too() {
    let world = World::new().await;
    let endpoint = json!({ "url": "https://marketplace.example/hook" });
    let (_, endpoint) = world.post("/v1/webhook_endpoints", endpoint).await;
    let path = format!("/v1/webhook_endpoints/{}", endpoint["id"].as_str().unwrap());
    for _ in 0..2 {
        let answer = world.ask_with("DELETE", &path, &world.key, None, Some("k")).await;
        assert_eq!(answer, (StatusCode::NO_CONTENT, Value::Null));
    }
    assert_eq!(world.ask("DELETE", &path, &world.key, None).await.0, StatusCode::NOT_FOUND);
}
