//! Where events are sent.

use shiren_app::record::{DeliveryAttempt, Stored, WebhookEndpoint};
use shiren_core::verification::program::Mode;

use super::given::{at, endpoint, event, event_id};
use super::{Shared, Tested, assert_conflict};

/// Also once it is disabled.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_endpoint(&endpoint(1)).await?;
    assert_eq!(tx.endpoint(&endpoint(1).id).await?, Some(Stored { value: endpoint(1), version: 1 }));
    assert_eq!(tx.endpoint(&endpoint(2).id).await?, None);
    assert_conflict(tx.insert_endpoint(&endpoint(1)).await);
    drop(tx);

    let disabled = WebhookEndpoint { disabled: Some(("gone".to_owned(), at(9))), ..endpoint(1) };
    let mut tx = store.begin().await?;
    tx.insert_endpoint(&endpoint(1)).await?;
    tx.save_endpoint(&Stored { value: disabled.clone(), version: 1 }).await?;
    tx.commit().await?;
    let found = store.snapshot().await?.endpoint(&disabled.id).await?;
    assert_eq!(found, Some(Stored { value: disabled, version: 2 }));
    Ok(())
}

/// As everywhere.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: endpoint(1), version: 1 };
    let mut tx = store.begin().await?;
    tx.insert_endpoint(&loaded.value).await?;
    tx.save_endpoint(&loaded).await?;
    assert_conflict(tx.save_endpoint(&loaded).await);
    Ok(())
}

/// What was sent there stays known.
pub async fn a_deleted_one_is_gone(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_endpoint(&endpoint(1)).await?;
    tx.append_event(&event(1)).await?;
    tx.insert_delivery(&attempt(1)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert!(tx.delete_endpoint(&endpoint(1).id).await?);
    assert!(!tx.delete_endpoint(&endpoint(1).id).await?);
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.endpoint(&endpoint(1).id).await?, None);
    assert_eq!(tx.deliveries(&event_id(1)).await?, [attempt(1)]);
    Ok(())
}

/// And no other mode's.
pub async fn those_of_a_mode_are_listed_oldest_first(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for n in [2, 3, 1] {
        tx.insert_endpoint(&endpoint(n)).await?;
    }
    tx.insert_endpoint(&WebhookEndpoint { mode: Mode::Test, ..endpoint(4) }).await?;
    assert_eq!(tx.endpoints(Mode::Live).await?, [1, 2, 3].map(endpoint));
    assert_eq!(tx.endpoints(Mode::Test).await?.len(), 1);
    Ok(())
}

/// With what came back, or why nothing did.
pub async fn attempts_to_deliver_are_listed_oldest_first(store: Shared) -> Tested {
    let refused = DeliveryAttempt { status: Some(503), error: None, ..attempt(2) };
    let mut tx = store.begin().await?;
    tx.append_event(&event(1)).await?;
    tx.append_event(&event(2)).await?;
    tx.insert_delivery(&attempt(1)).await?;
    tx.insert_delivery(&refused).await?;
    tx.insert_delivery(&DeliveryAttempt { event: event_id(2), ..attempt(1) }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.deliveries(&event_id(1)).await?, [attempt(1), refused]);
    assert_eq!(tx.deliveries(&event_id(3)).await?, []);
    Ok(())
}

fn attempt(n: u32) -> DeliveryAttempt {
    DeliveryAttempt {
        event: event_id(1),
        endpoint: endpoint(1).id,
        attempt: n,
        at: at(u64::from(n)),
        status: None,
        error: Some("no answer in time".to_owned()),
    }
}
