//! Deposits of shops.

use shiren_app::record::Stored;
use shiren_core::deposit::Ledger;
use shiren_core::verification::program::Mode;

use super::given::{at, registered};
use super::{Shared, Tested, assert_conflict, at_once};

fn paid(reference: &str) -> Ledger {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.pay(reference, 2_000_000, at(1)), Ok(true));
    ledger
}

async fn keep(store: &Shared, ledger: &Ledger) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_shop(&registered(1, "42")).await?;
    tx.insert_ledger(Mode::Live, "42", ledger).await?;
    tx.commit().await
}

/// New and saved, every entry.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut ledger = paid("支付/1");
    keep(&store, &ledger).await?;
    let mut tx = store.begin().await?;
    let kept = tx.ledger(Mode::Live, "42").await?;
    assert_eq!(kept, Some(Stored { value: ledger.clone(), version: 1 }));
    assert_eq!(ledger.compensate("dispute", 500, at(2)), Ok(true));
    assert_eq!(ledger.refund("closing", at(3)), Ok(1_999_500));
    tx.save_ledger(Mode::Live, "42", &Stored { value: ledger.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.ledger(Mode::Live, "42").await?, Some(Stored { value: ledger, version: 2 }));
    assert_eq!(tx.ledger(Mode::Test, "42").await?, None);
    Ok(())
}

/// Nothing is paid into a second one.
pub async fn a_shop_has_one(store: Shared) -> Tested {
    keep(&store, &paid("1")).await?;
    assert_conflict(store.begin().await?.insert_ledger(Mode::Live, "42", &paid("2")).await);
    Ok(())
}

/// The transaction fails at its end, if not before.
pub async fn that_of_no_shop_is_refused(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    let added = tx.insert_ledger(Mode::Live, "nobody's", &paid("1")).await;
    assert!(added.is_err() || tx.commit().await.is_err());
    assert_eq!(store.snapshot().await?.ledger(Mode::Live, "nobody's").await?, None);
    Ok(())
}

/// No cent is lost or doubled: each of the others must look again.
pub async fn of_many_who_save_at_once_one_succeeds(store: Shared) -> Tested {
    keep(&store, &paid("1")).await?;
    let loaded = Stored { value: paid("1"), version: 1 };
    let saved = at_once(20, &store, |store, i| {
        let mut mine = loaded.clone();
        async move {
            assert_eq!(mine.value.pay(&format!("more {i}"), 1, at(2)), Ok(true));
            let mut tx = store.begin().await?;
            match tx.save_ledger(Mode::Live, "42", &mine).await {
                Ok(()) => tx.commit().await.map(|()| true),
                Err(shiren_app::port::StoreError::Conflict) => Ok(false),
                Err(other) => Err(other),
            }
        }
    });
    assert_eq!(saved.await?.into_iter().filter(|won| *won).count(), 1);
    let kept = store.snapshot().await?.ledger(Mode::Live, "42").await?;
    assert_eq!(kept.map(|k| (k.version, k.value.entries().len())), Some((2, 2)));
    Ok(())
}
