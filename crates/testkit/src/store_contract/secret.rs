//! Sealed records and wrapped keys: the store sees bytes.

use shiren_app::record::{DataKeyRecord, RecordKey};
use shiren_vault::{Purpose, Sealed, WrappedKey};

use super::{Shared, Tested, assert_conflict};

fn key(owner: &str, purpose: Purpose, fill: u8) -> DataKeyRecord {
    let wrapped = WrappedKey { master: u32::MAX, bytes: vec![fill; 72] };
    DataKeyRecord { owner: owner.to_owned(), purpose, wrapped }
}

/// A later one takes its place; others are untouched.
pub async fn a_sealed_record_is_kept_and_replaced(store: Shared) -> Tested {
    let at = |owner: &str, name: &str| RecordKey { owner: owner.to_owned(), name: name.to_owned() };
    let mut tx = store.begin().await?;
    tx.put_record(&at("vs_1", "declared"), &Sealed(vec![1])).await?;
    tx.put_record(&at("vs_1", "identity"), &Sealed(vec![2])).await?;
    tx.put_record(&at("vs_1", "declared"), &Sealed(vec![0, 255])).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.record(&at("vs_1", "declared")).await?, Some(Sealed(vec![0, 255])));
    assert_eq!(tx.record(&at("vs_1", "identity")).await?, Some(Sealed(vec![2])));
    assert_eq!(tx.record(&at("vs_2", "declared")).await?, None);
    Ok(())
}

/// For every purpose.
pub async fn a_data_key_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for (fill, purpose) in (1..).zip(Purpose::ALL) {
        tx.insert_data_key(&key("vs_1", purpose, fill)).await?;
    }
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    for (fill, purpose) in (1..).zip(Purpose::ALL) {
        assert_eq!(tx.data_key("vs_1", purpose).await?, Some(key("vs_1", purpose, fill)));
        assert_eq!(tx.data_key("vs_2", purpose).await?, None);
    }
    Ok(())
}

/// A second one would make what the first one sealed unreadable.
pub async fn an_owner_has_one_key_for_each_purpose(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_data_key(&key("vs_1", Purpose::Face, 1)).await?;
    tx.insert_data_key(&key("vs_2", Purpose::Face, 2)).await?;
    assert_conflict(tx.insert_data_key(&key("vs_1", Purpose::Face, 3)).await);
    Ok(())
}

/// While nobody reads it always can; what is special about files is the store's own test.
pub async fn what_was_shredded_can_be_scrubbed(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_data_key(&key("vs_1", Purpose::Face, 1)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    tx.shred_data_key("vs_1", Purpose::Face).await?;
    tx.commit().await?;
    store.scrub().await?;
    store.scrub().await?;
    assert_eq!(store.snapshot().await?.data_key("vs_1", Purpose::Face).await?, None);
    Ok(())
}

/// Once.
pub async fn a_shredded_key_is_gone_and_the_others_stay(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_data_key(&key("vs_1", Purpose::Face, 1)).await?;
    tx.insert_data_key(&key("vs_1", Purpose::Identity, 2)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert!(tx.shred_data_key("vs_1", Purpose::Face).await?);
    assert!(!tx.shred_data_key("vs_1", Purpose::Face).await?);
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.data_key("vs_1", Purpose::Face).await?, None);
    assert!(tx.data_key("vs_1", Purpose::Identity).await?.is_some());
    Ok(())
}
