//! Sealed records, and the wrapped keys to them.

use shiren_app::record::{DataKeyRecord, RecordKey};
use shiren_vault::{Purpose, Sealed, WrappedKey};
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::narrowed;

pub(crate) async fn put(db: &mut SqliteConnection, key: &RecordKey, sealed: &Sealed) -> Result<()> {
    query(
        "INSERT INTO records (owner, name, sealed) VALUES (?, ?, ?)
         ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed",
    )
    .bind(key.owner.as_str())
    .bind(key.name.as_str())
    .bind(sealed.0.as_slice())
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn get(db: &mut SqliteConnection, key: &RecordKey) -> Result<Option<Sealed>> {
    let found = query_as::<_, (Vec<u8>,)>("SELECT sealed FROM records WHERE owner = ? AND name = ?")
        .bind(key.owner.as_str())
        .bind(key.name.as_str());
    Ok(found.fetch_optional(db).await?.map(|(bytes,)| Sealed(bytes)))
}

pub(crate) async fn insert_key(db: &mut SqliteConnection, key: &DataKeyRecord) -> Result<()> {
    query("INSERT INTO data_keys (owner, purpose, master, wrapped) VALUES (?, ?, ?, ?)")
        .bind(key.owner.as_str())
        .bind(key.purpose.name())
        .bind(key.wrapped.master)
        .bind(key.wrapped.bytes.as_slice())
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn key(
    db: &mut SqliteConnection,
    owner: &str,
    purpose: Purpose,
) -> Result<Option<DataKeyRecord>> {
    let found = query_as::<_, (i64, Vec<u8>)>(
        "SELECT master, wrapped FROM data_keys WHERE owner = ? AND purpose = ?",
    )
    .bind(owner)
    .bind(purpose.name())
    .fetch_optional(db)
    .await?;
    let Some((master, bytes)) = found else { return Ok(None) };
    let wrapped = WrappedKey { master: narrowed(master)?, bytes };
    Ok(Some(DataKeyRecord { owner: owner.to_owned(), purpose, wrapped }))
}

pub(crate) async fn shred(db: &mut SqliteConnection, owner: &str, purpose: Purpose) -> Result<bool> {
    let deleted = query("DELETE FROM data_keys WHERE owner = ? AND purpose = ?")
        .bind(owner)
        .bind(purpose.name())
        .execute(db)
        .await?;
    Ok(deleted.rows_affected() > 0)
}
