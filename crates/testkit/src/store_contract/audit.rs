//! The audit log.

use shiren_app::record::AuditEntry;
use shiren_core::id::AuditId;

use super::given::{at, random};
use super::{Shared, Tested, assert_conflict};

fn entry(n: u64, object: &str) -> AuditEntry {
    AuditEntry {
        id: AuditId::new(at(0), random(n)),
        at: at(n),
        actor: "user:usr_1".to_owned(),
        action: "case.viewed".to_owned(),
        object: object.to_owned(),
        purpose: "复核".to_owned(),
    }
}

/// And about no other.
pub async fn entries_about_an_object_are_listed_oldest_first(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for n in 1..=3 {
        tx.append_audit(&entry(n, "case_1")).await?;
    }
    tx.append_audit(&entry(4, "case_2")).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.audit_of("case_1").await?, [1, 2, 3].map(|n| entry(n, "case_1")));
    assert_eq!(tx.audit_of("case_3").await?, []);
    Ok(())
}

/// Nothing is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.append_audit(&entry(1, "case_1")).await?;
    assert_conflict(tx.append_audit(&entry(1, "case_1")).await);
    Ok(())
}
