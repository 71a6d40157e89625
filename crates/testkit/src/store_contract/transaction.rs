//! Whole or not at all; seen when committed.

use std::time::Duration;

use shiren_app::record::Stored;

use super::given::{self, kept_session};
use super::{Shared, Tested, assert_conflict};

/// A commit is for all.
pub async fn what_is_committed_is_seen_by_everybody(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let expected = Some(Stored { value: session.clone(), version: 1 });
    assert_eq!(store.begin().await?.session(&session.id).await?, expected);
    assert_eq!(store.snapshot().await?.session(&session.id).await?, expected);
    Ok(())
}

/// Without a commit nothing stays, and the next one can write at once.
pub async fn what_is_dropped_never_happened(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_session(&given::session(1)).await?;
    tx.append_event(&given::event(1)).await?;
    tx.enqueue(&given::job(1, 0)).await?;
    drop(tx);
    let mut tx = store.begin().await?;
    assert_eq!(tx.session(&given::session_id(1)).await?, None);
    assert_eq!(tx.event(&given::event_id(1)).await?, None);
    assert_eq!(tx.job_counts().await?.waiting, 0);
    tx.insert_session(&given::session(1)).await?;
    tx.commit().await
}

/// The picture that a snapshot shows is that of the moment when it was taken, also of what it looks at later.
pub async fn a_snapshot_sees_nothing_that_is_committed_later(store: Shared) -> Tested {
    let mut snapshot = store.snapshot().await?;
    let session = kept_session(&*store, 1).await?;
    assert_eq!(snapshot.session(&session.id).await?, None);
    drop(snapshot);
    assert!(store.snapshot().await?.session(&session.id).await?.is_some());
    Ok(())
}

/// Each read sees what is committed by then; nothing can be written or committed.
pub async fn a_reader_sees_what_is_committed_meanwhile(store: Shared) -> Tested {
    let mut reader = store.reader().await?;
    assert_eq!(reader.session(&given::session_id(1)).await?, None);
    let session = kept_session(&*store, 1).await?;
    assert_eq!(reader.session(&session.id).await?.map(|s| s.value), Some(session));
    assert!(reader.insert_session(&given::session(2)).await.is_err());
    assert!(store.reader().await?.commit().await.is_err());
    assert_eq!(store.snapshot().await?.session(&given::session_id(2)).await?, None);
    Ok(())
}

/// Somebody who reads for long stops nobody.
pub async fn a_snapshot_keeps_no_writer_waiting(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let mut snapshot = store.snapshot().await?;
    let before = snapshot.session(&session.id).await?;
    let writing = async {
        let mut tx = store.begin().await?;
        let loaded = tx.session(&session.id).await?;
        let mut loaded = loaded.ok_or(shiren_app::port::StoreError::Conflict)?;
        loaded.value.declared = false;
        tx.save_session(&loaded).await?;
        tx.commit().await
    };
    let written = tokio::time::timeout(Duration::from_secs(5), writing).await;
    written.expect("the writer did not wait for the reader")?;
    assert_eq!(snapshot.session(&session.id).await?, before);
    Ok(())
}

/// Nor does it wait for a writer.
pub async fn a_snapshot_does_not_see_what_is_not_committed(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_session(&given::session(1)).await?;
    assert_eq!(store.snapshot().await?.session(&given::session_id(1)).await?, None);
    tx.commit().await
}

/// Writing through it is an error, and nothing is written.
pub async fn a_snapshot_does_not_write(store: Shared) -> Tested {
    let mut snapshot = store.snapshot().await?;
    assert!(snapshot.insert_session(&given::session(1)).await.is_err());
    drop(snapshot);
    assert_eq!(store.snapshot().await?.session(&given::session_id(1)).await?, None);
    Ok(())
}

/// What a command did is there for the rest of it.
pub async fn a_transaction_sees_its_own_writes(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_session(&given::session(1)).await?;
    assert!(tx.session(&given::session_id(1)).await?.is_some());
    Ok(())
}

/// Whatever it was: stores differ in what they keep of a transaction then, so none of it may count.
pub async fn after_an_error_it_can_only_be_dropped(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let mut tx = store.begin().await?;
    tx.insert_session(&given::session(2)).await?;
    assert_conflict(tx.insert_session(&given::session(1)).await);
    assert!(tx.insert_session(&given::session(3)).await.is_err());
    assert!(tx.commit().await.is_err());
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.session(&given::session_id(2)).await?, None);
    assert_eq!(tx.session(&given::session_id(3)).await?, None);
    kept_session(&*store, 4).await?;
    Ok(())
}

/// A request that is called off while it waits for its turn takes nobody else's.
pub async fn after_an_abandoned_begin_others_go_on(store: Shared) -> Tested {
    let first = store.begin().await?;
    let waiting = tokio::time::timeout(Duration::from_millis(50), store.begin()).await;
    drop(waiting);
    drop(first);
    for _ in 0..20 {
        drop(tokio::time::timeout(Duration::from_micros(50), store.begin()).await);
    }
    let next = tokio::time::timeout(Duration::from_secs(5), kept_session(&*store, 1)).await;
    next.expect("nobody holds the store any more")?;
    Ok(())
}

/// It says so.
pub async fn a_migrated_store_is_ready(store: Shared) -> Tested {
    store.ready().await
}
