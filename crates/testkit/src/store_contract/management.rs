//! Links to the page of a shop's sub-accounts, and the visits that come of them.

use shiren_app::record::ManagementPass;
use shiren_core::verification::program::Mode;

use super::given::{at, hash};
use super::{Shared, Tested, assert_conflict, at_once};

fn pass(n: u64, expires: u64) -> ManagementPass {
    let staff = (n == 1).then(|| "42:7".to_owned());
    ManagementPass { hash: hash(n), mode: Mode::Live, shop: "42".to_owned(), staff, expires_at: at(expires) }
}

/// And is gone then.
pub async fn a_link_is_taken_once(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_management_link(&pass(1, 10)).await?;
    tx.insert_management_link(&pass(2, 10)).await?;
    tx.commit().await?;
    // What is dropped never happened.
    assert_eq!(store.begin().await?.take_management_link(hash(1), at(5)).await?, Some(pass(1, 10)));
    let mut tx = store.begin().await?;
    assert_eq!(tx.take_management_link(hash(1), at(5)).await?, Some(pass(1, 10)));
    assert_eq!(tx.take_management_link(hash(1), at(5)).await?, None);
    assert_eq!(tx.take_management_link(hash(3), at(5)).await?, None);
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.take_management_link(hash(1), at(5)).await?, None);
    assert_eq!(tx.take_management_link(hash(2), at(5)).await?, Some(pass(2, 10)));
    Ok(())
}

/// The last moment is too late.
pub async fn a_link_is_not_taken_too_late(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_management_link(&pass(1, 10)).await?;
    tx.commit().await?;
    assert_eq!(store.begin().await?.take_management_link(hash(1), at(10)).await?, None);
    assert_eq!(store.begin().await?.take_management_link(hash(1), at(9)).await?, Some(pass(1, 10)));
    assert_conflict(store.begin().await?.insert_management_link(&pass(1, 20)).await);
    Ok(())
}

/// The others get nothing.
pub async fn of_a_hundred_who_take_a_link_at_once_one_succeeds(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_management_link(&pass(1, 10)).await?;
    tx.commit().await?;
    let taken = at_once(100, &store, |store, _| async move {
        let mut tx = store.begin().await?;
        let taken = tx.take_management_link(hash(1), at(5)).await?;
        tx.commit().await?;
        Ok(taken)
    });
    assert_eq!(taken.await?.into_iter().flatten().count(), 1);
    Ok(())
}

/// Also when its time is over, until it is swept away.
pub async fn a_visit_is_found_by_its_hash(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_management_visit(&pass(1, 10)).await?;
    tx.insert_management_link(&pass(2, 10)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.management_visit(hash(1)).await?, Some(pass(1, 10)));
    // A link is no visit.
    assert_eq!(tx.management_visit(hash(2)).await?, None);
    assert_eq!(tx.sweep(at(10)).await?, 2);
    assert_eq!(tx.management_visit(hash(1)).await?, None);
    Ok(())
}
