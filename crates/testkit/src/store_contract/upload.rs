//! Pictures on their way in pieces.

use shiren_app::record::{Stored, TakenBy, UploadRecord};
use shiren_core::id::{SessionId, UploadId};

use super::given::{at, kept_session, random};
use super::{Shared, Tested, assert_conflict};

fn upload(n: u64, session: &SessionId) -> UploadRecord {
    UploadRecord {
        id: UploadId::new(at(n), random(n)),
        session: session.clone(),
        step: "front".to_owned(),
        taken_by: TakenBy::Camera,
        length: 5_000_000,
        sha256: "00".repeat(32),
        pieces: vec![262_144, 262_144],
        expires_at: at(n + 10),
        picture: None,
    }
}

async fn keep(store: &Shared, uploads: &[UploadRecord]) -> Tested {
    let mut tx = store.begin().await?;
    for upload in uploads {
        tx.insert_upload(upload).await?;
    }
    tx.commit().await
}

/// New and saved.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let first = upload(1, &kept_session(&*store, 1).await?.id);
    keep(&store, std::slice::from_ref(&first)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.upload(&first.id).await?, Some(Stored { value: first.clone(), version: 1 }));
    let longer = UploadRecord { pieces: vec![1, 2, 3], ..first };
    tx.save_upload(&Stored { value: longer.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.upload(&longer.id).await?, Some(Stored { value: longer.clone(), version: 2 }));
    assert_eq!(tx.upload(&upload(2, &longer.session).id).await?, None);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    let first = upload(1, &kept_session(&*store, 1).await?.id);
    keep(&store, std::slice::from_ref(&first)).await?;
    assert_conflict(store.begin().await?.insert_upload(&first).await);
    Ok(())
}

/// Of two pieces that come for the same place one counts.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: upload(1, &kept_session(&*store, 1).await?.id), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_upload(&loaded).await?;
    assert_conflict(tx.save_upload(&loaded).await);
    Ok(())
}

/// A piece that comes late does not bring it back.
pub async fn a_deleted_one_is_gone_and_cannot_be_saved(store: Shared) -> Tested {
    let one = Stored { value: upload(1, &kept_session(&*store, 1).await?.id), version: 1 };
    keep(&store, std::slice::from_ref(&one.value)).await?;
    let mut tx = store.begin().await?;
    assert!(tx.delete_upload(&one.value.id).await?);
    assert!(!tx.delete_upload(&one.value.id).await?);
    assert_eq!(tx.upload(&one.value.id).await?, None);
    assert_conflict(tx.save_upload(&one).await);
    Ok(())
}

/// And no other ones.
pub async fn those_of_a_session_are_listed_oldest_first(store: Shared) -> Tested {
    let (one, two) = (kept_session(&*store, 1).await?.id, kept_session(&*store, 2).await?.id);
    keep(&store, &[upload(2, &one), upload(1, &one), upload(3, &two)]).await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.uploads_of(&one).await?, [upload(1, &one), upload(2, &one)]);
    Ok(())
}
