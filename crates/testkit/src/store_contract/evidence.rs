//! Pictures' records, and decisions.

use serde_json::json;
use shiren_app::record::{DecisionRecord, EvidenceRecord};
use shiren_core::id::DecisionId;
use shiren_core::verification::Outcome;

use super::given::{at, evidence, kept_session, random, session, session_id};
use super::{Shared, Tested, assert_conflict};

/// Every field of it.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let picture = evidence(1, &session.id);
    let mut tx = store.begin().await?;
    tx.insert_evidence(&picture).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.evidence(&picture.id).await?, Some(picture));
    assert_eq!(tx.evidence(&evidence(2, &session.id).id).await?, None);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let mut tx = store.begin().await?;
    tx.insert_evidence(&evidence(1, &session.id)).await?;
    assert_conflict(tx.insert_evidence(&evidence(1, &session.id)).await);
    Ok(())
}

/// At the latest when it is committed; others go on.
pub async fn that_of_no_session_is_refused(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    let kept = match tx.insert_evidence(&evidence(1, &session_id(1))).await {
        Ok(()) => tx.commit().await,
        Err(refused) => Err(refused),
    };
    assert!(kept.is_err());
    assert_eq!(store.snapshot().await?.evidence(&evidence(1, &session_id(1)).id).await?, None);
    kept_session(&*store, 2).await?;
    Ok(())
}

/// The order within a transaction does not matter.
pub async fn its_session_may_follow_in_the_same_transaction(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_evidence(&evidence(1, &session_id(1))).await?;
    tx.insert_session(&session(1)).await?;
    tx.commit().await
}

/// And no other session's.
pub async fn that_of_a_session_is_listed_oldest_first(store: Shared) -> Tested {
    let (one, other) = (kept_session(&*store, 1).await?, kept_session(&*store, 2).await?);
    let mut tx = store.begin().await?;
    for n in [3, 1, 2] {
        tx.insert_evidence(&evidence(n, &one.id)).await?;
    }
    tx.insert_evidence(&evidence(4, &other.id)).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.evidence_of(&one.id).await?, [1, 2, 3].map(|n| evidence(n, &one.id)));
    assert_eq!(tx.evidence_of(&session_id(9)).await?, []);
    Ok(())
}

/// The rest of the record stays. What is not there is forgotten already.
pub async fn its_bytes_can_be_forgotten(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let picture = evidence(1, &session.id);
    let mut tx = store.begin().await?;
    tx.insert_evidence(&picture).await?;
    tx.forget_blob(&picture.id).await?;
    tx.forget_blob(&evidence(2, &session.id).id).await?;
    tx.commit().await?;
    let found = store.snapshot().await?.evidence(&picture.id).await?;
    assert_eq!(found, Some(EvidenceRecord { blob: None, ..picture }));
    Ok(())
}

/// Of every outcome.
pub async fn a_decision_comes_back_as_it_went_in(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let outcomes = [Outcome::Verified, Outcome::InReview, Outcome::RequiresInput, Outcome::Rejected];
    for (n, outcome) in (0..).zip(outcomes) {
        let decision = DecisionRecord {
            id: DecisionId::new(at(n), random(n)),
            session: session.id.clone(),
            at: at(n),
            outcome,
            body: json!({ "decision": "…", "reasons": [{ "code": "photo_too_small" }] }),
        };
        let mut tx = store.begin().await?;
        assert_eq!(tx.decision(&decision.id).await?, None);
        tx.insert_decision(&decision).await?;
        tx.commit().await?;
        let mut tx = store.begin().await?;
        assert_eq!(tx.decision(&decision.id).await?, Some(decision.clone()));
        assert_conflict(tx.insert_decision(&decision).await);
    }
    Ok(())
}
