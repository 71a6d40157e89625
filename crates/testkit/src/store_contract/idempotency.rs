//! Answers that were given under idempotency keys.

use shiren_app::record::IdempotentAnswer;
use shiren_core::id::ApiKeyId;

use super::given::{at, hash, random};
use super::{Shared, Tested, assert_conflict};

fn key(n: u64) -> ApiKeyId {
    ApiKeyId::new(at(0), random(n))
}

fn answer(status: u16) -> IdempotentAnswer {
    IdempotentAnswer { request: hash(1), status, body: vec![0, 159, 146, 150], expires_at: at(10) }
}

/// Bytes and all.
pub async fn an_answer_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    assert_eq!(tx.idempotent(&key(1), "a").await?, None);
    tx.insert_idempotent(&key(1), "a", &answer(201)).await?;
    tx.commit().await?;
    assert_eq!(store.snapshot().await?.idempotent(&key(1), "a").await?, Some(answer(201)));
    Ok(())
}

/// And the first one stays.
pub async fn a_second_answer_is_a_conflict(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_idempotent(&key(1), "a", &answer(201)).await?;
    tx.commit().await?;
    assert_conflict(store.begin().await?.insert_idempotent(&key(1), "a", &answer(409)).await);
    assert_eq!(store.snapshot().await?.idempotent(&key(1), "a").await?, Some(answer(201)));
    Ok(())
}

/// Nobody gets another one's answer.
pub async fn each_api_key_has_its_own(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_idempotent(&key(1), "a", &answer(201)).await?;
    assert_eq!(tx.idempotent(&key(2), "a").await?, None);
    tx.insert_idempotent(&key(2), "a", &answer(202)).await?;
    assert_eq!(tx.idempotent(&key(1), "a").await?, Some(answer(201)));
    assert_eq!(tx.idempotent(&key(2), "a").await?, Some(answer(202)));
    Ok(())
}
