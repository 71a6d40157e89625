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

/// All of them hand in at the same moment, and sixteen workers decide.
async fn of_a_hundred_at_once(world: World) {
    let world = Arc::new(world);
    let people: tokio::task::JoinSet<_> = (0..100)
        .map(|n| {
            let world = Arc::clone(&world);
            async move {
                let id = world.session(&format!("shop-{n}")).await;
                world.hand_in(&id, b"ann").await;
                id
            }
        })
        .collect();
    let sessions = people.join_all().await;
    let workers: tokio::task::JoinSet<_> = (0..16)
        .map(|n| {
            let app = Arc::clone(&world.service.app);
            async move { while app.work_once(&format!("worker-{n}")).await.unwrap() {} }
        })
        .collect();
    workers.join_all().await;
    // A check that lost against another one is a job that comes back.
    world.service.clock.turn(SignedDuration::from_mins(5));
    world.service.work().await.unwrap();
    let mut verified = 0;
    for id in &sessions {
        match world.status(id).await.as_str() {
            "verified" => verified += 1,
            _ => assert_eq!(world.codes(id).await, ["identity_in_use"]),
        }
    }
    assert_eq!(verified, 1);
}
