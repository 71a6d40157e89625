//! The same over PostgreSQL, where many write at the same time. One test: it has one server.

use shiren_store_postgres::PostgresStore;
use shiren_testkit::postgres;

use super::*;

async fn world() -> World {
    let store = PostgresStore::open(&postgres::database()).await.unwrap();
    store.migrate().await.unwrap();
    World::over(Arc::new(store), tempfile::tempdir().unwrap(), Limiting::default()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_verified_told_of_and_unique_over_postgres_too() {
    right_person(world().await).await;
    uncertain_face(world().await).await;
    signed_webhooks(world().await).await;
    every_attempt_is_noted(world().await).await;
    repeating::one_effect(world().await).await;
    one_identity(world().await).await;
    of_a_hundred_at_once(world().await).await;
}

/// Decided, told, and what came of telling kept.
async fn every_attempt_is_noted(world: World) {
    world.post("/v1/webhook_endpoints", json!({ "url": "https://marketplace.example/hook" })).await;
    let id = world.session("a").await;
    world.hand_in_and_work(&id, b"ann").await;
    assert_eq!(world.status(&id).await, "verified");
    let (_, events) = world.get(&format!("/v1/events?object={id}")).await;
    let events = events["data"].as_array().unwrap();
    let kinds: Vec<_> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.first(), Some(&"verification_session.created"));
    assert_eq!(kinds.last(), Some(&"verification_session.verified"));
    assert_eq!(world.service.receiver.received().len(), events.len());
    for event in events {
        let event = event["id"].as_str().unwrap().parse().unwrap();
        let attempts = world.store.snapshot().await.unwrap().deliveries(&event).await.unwrap();
        assert_eq!(attempts.iter().map(|a| a.status).collect::<Vec<_>>(), [Some(200)]);
    }
}
