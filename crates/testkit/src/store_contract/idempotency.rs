//! Answers that were given under idempotency keys.

use shiren_app::record::{IdempotencyKey, IdempotentAnswer};
use shiren_core::id::ApiKeyId;
use shiren_vault::Sealed;

use super::given::{at, hash, random};
use super::{Shared, Tested, assert_conflict};

fn key(n: u64) -> IdempotencyKey {
    IdempotencyKey {
        api_key: ApiKeyId::new(at(0), random(n)),
        route: "POST /v1/things".to_owned(),
        value: "a".to_owned(),
    }
}

fn answer(byte: u8) -> IdempotentAnswer {
    IdempotentAnswer { request: hash(1), sealed: Sealed(vec![0, 159, 146, byte]), expires_at: at(10) }
}

/// Bytes and all.
pub async fn an_answer_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    assert_eq!(tx.idempotent(&key(1)).await?, None);
    tx.insert_idempotent(&key(1), &answer(1)).await?;
    tx.commit().await?;
    assert_eq!(store.snapshot().await?.idempotent(&key(1)).await?, Some(answer(1)));
    Ok(())
}

/// And the first one stays.
pub async fn a_second_answer_is_a_conflict(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_idempotent(&key(1), &answer(1)).await?;
    tx.commit().await?;
    assert_conflict(store.begin().await?.insert_idempotent(&key(1), &answer(2)).await);
    assert_eq!(store.snapshot().await?.idempotent(&key(1)).await?, Some(answer(1)));
    Ok(())
}

/// Nobody gets another one's answer.
pub async fn each_api_key_has_its_own(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_idempotent(&key(1), &answer(1)).await?;
    assert_eq!(tx.idempotent(&key(2)).await?, None);
    tx.insert_idempotent(&key(2), &answer(2)).await?;
    assert_eq!(tx.idempotent(&key(1)).await?, Some(answer(1)));
    assert_eq!(tx.idempotent(&key(2)).await?, Some(answer(2)));
    Ok(())
}

/// A key that was used for one thing is free for another.
pub async fn each_route_has_its_own(store: Shared) -> Tested {
    let other = IdempotencyKey { route: "POST /v1/others".to_owned(), ..key(1) };
    let mut tx = store.begin().await?;
    tx.insert_idempotent(&key(1), &answer(1)).await?;
    assert_eq!(tx.idempotent(&other).await?, None);
    tx.insert_idempotent(&other, &answer(2)).await?;
    assert_eq!(tx.idempotent(&key(1)).await?, Some(answer(1)));
    Ok(())
}
