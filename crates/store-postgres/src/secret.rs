//! Sealed records, and the wrapped keys to them.

use shiren_app::record::{DataKeyRecord, RecordKey};
use shiren_vault::{Purpose, Sealed, WrappedKey};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, one, run};
use shiren_app::port::row::narrowed;

pub(crate) async fn put(db: &mut PgConnection, key: &RecordKey, sealed: &Sealed) -> Result<()> {
    run(
        db,
        "INSERT INTO records (owner, name, sealed) VALUES ($1, $2, $3)
         ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed",
        (key.owner.as_str(), key.name.as_str(), sealed.0.as_slice()),
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(db: &mut PgConnection, key: &RecordKey) -> Result<Option<Sealed>> {
    Ok(one::<(Vec<u8>,)>(
        db,
        "SELECT sealed FROM records WHERE owner = $1 AND name = $2",
        (key.owner.as_str(), key.name.as_str()),
    )
    .await?
    .map(|(bytes,)| Sealed(bytes)))
}

pub(crate) async fn insert_key(db: &mut PgConnection, key: &DataKeyRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO data_keys (owner, purpose, master, wrapped) VALUES ($1, $2, $3, $4)",
        (key.owner.as_str(), key.purpose.name(), key.wrapped.master, key.wrapped.bytes.as_slice()),
    )
    .await?;
    Ok(())
}

/// Who looks for a key in order to make one holds its place: of many, one makes it, and the others find it.
pub(crate) async fn key(
    db: &mut PgConnection,
    hold: Hold,
    owner: &str,
    purpose: Purpose,
) -> Result<Option<DataKeyRecord>> {
    let find = "SELECT master, wrapped FROM data_keys WHERE owner = $1 AND purpose = $2";
    let mut found = one::<(i64, Vec<u8>)>(db, find, (owner, purpose.name())).await?;
    if found.is_none() && hold == Hold::Row {
        let place = "SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))";
        one::<(i32,)>(db, place, (owner, purpose.name())).await?;
        found = one(db, find, (owner, purpose.name())).await?;
    }
    let Some((master, bytes)) = found else { return Ok(None) };
    let wrapped = WrappedKey { master: narrowed(master)?, bytes };
    Ok(Some(DataKeyRecord { owner: owner.to_owned(), purpose, wrapped }))
}

pub(crate) async fn shred(db: &mut PgConnection, owner: &str, purpose: Purpose) -> Result<bool> {
    let deleted =
        run(db, "DELETE FROM data_keys WHERE owner = $1 AND purpose = $2", (owner, purpose.name())).await?;
    Ok(deleted > 0)
}
