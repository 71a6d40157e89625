//! What must be nowhere, or nowhere any more.

use super::*;

#[tokio::test]
async fn answers_and_shredded_keys_stand_in_no_file_of_the_store() {
    let world = World::embedded().await;
    let found = |needle: &[u8]| {
        let files = std::fs::read_dir(world.folder.path()).unwrap();
        let mut contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents.any(|content| content.windows(needle.len()).any(|window| window == needle))
    };
    let endpoint = json!({ "url": "https://marketplace.example/hook" });
    let (_, endpoint) =
        world.ask_with("POST", "/v1/webhook_endpoints", &world.key, Some(endpoint), Some("k")).await;
    assert!(!found(endpoint["secret"].as_str().unwrap().as_bytes()), "the answer is kept sealed");
    let id = world.session("a").await;
    world.hand_in(&id, b"ann").await;
    world.service.work().await.unwrap();
    let key = world.store.snapshot().await.unwrap().data_key(id.as_str(), Purpose::Evidence).await.unwrap();
    let wrapped = key.unwrap().wrapped.bytes;
    assert!(found(&wrapped));
    let redact = format!("/v1/verification_sessions/{id}/redact");
    assert_eq!(world.ask("POST", &redact, &world.key, None).await.0, StatusCode::OK);
    world.service.work().await.unwrap();
    assert!(!found(&wrapped), "neither in the database nor in its log");
}

#[tokio::test]
async fn pictures_are_sealed_and_deleted_when_their_time_is_over() {
    let world = World::new().await;
    let id = world.session("a").await;
    world.hand_in_and_work(&id, b"ann").await;
    let kept = world.service.blobs.all();
    assert_eq!(kept.len(), 3);
    for bytes in kept.values() {
        assert!(![&b"card"[..], b"back", b"ann"].iter().any(|p| bytes.windows(p.len()).any(|w| w == *p)));
    }
    world.service.clock.turn(SignedDuration::from_hours(24));
    world.service.work().await.unwrap();
    assert_eq!(world.service.blobs.all().len(), 2, "the selfie is kept for a day");
    world.service.clock.turn(SignedDuration::from_hours(29 * 24));
    world.service.work().await.unwrap();
    assert!(world.service.blobs.all().is_empty(), "documents are kept for thirty days");
}

#[tokio::test]
async fn redacting_leaves_nothing_of_the_person() {
    let world = World::new().await;
    let id = world.session("a").await;
    world.hand_in_and_work(&id, b"ann").await;
    let (status, session) =
        world.ask("POST", &format!("/v1/verification_sessions/{id}/redact"), &world.key, None).await;
    assert_eq!((status, session["status"].as_str()), (StatusCode::OK, Some("verified")));
    world.service.work().await.unwrap();
    assert!(world.service.blobs.all().is_empty());
}
