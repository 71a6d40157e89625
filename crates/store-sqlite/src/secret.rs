//! Sealed records, and the wrapped keys to them.

use rusqlite::Connection;
use shiren_app::record::{DataKeyRecord, RecordKey};
use shiren_vault::{Purpose, Sealed, WrappedKey};

use crate::error::Result;
use crate::sql::{one, run};
use shiren_app::port::row::narrowed;

pub(crate) fn put(db: &Connection, key: &RecordKey, sealed: &Sealed) -> Result<()> {
    run(
        db,
        "INSERT INTO records (owner, name, sealed) VALUES (?, ?, ?)
         ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed",
        (key.owner.as_str(), key.name.as_str(), sealed.0.as_slice()),
    )?;
    Ok(())
}

pub(crate) fn get(db: &Connection, key: &RecordKey) -> Result<Option<Sealed>> {
    Ok(one::<(Vec<u8>,)>(
        db,
        "SELECT sealed FROM records WHERE owner = ? AND name = ?",
        (key.owner.as_str(), key.name.as_str()),
    )?
    .map(|(bytes,)| Sealed(bytes)))
}

pub(crate) fn insert_key(db: &Connection, key: &DataKeyRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO data_keys (owner, purpose, master, wrapped) VALUES (?, ?, ?, ?)",
        (key.owner.as_str(), key.purpose.name(), key.wrapped.master, key.wrapped.bytes.as_slice()),
    )?;
    Ok(())
}

pub(crate) fn key(db: &Connection, owner: &str, purpose: Purpose) -> Result<Option<DataKeyRecord>> {
    let found = one::<(i64, Vec<u8>)>(
        db,
        "SELECT master, wrapped FROM data_keys WHERE owner = ? AND purpose = ?",
        (owner, purpose.name()),
    )?;
    let Some((master, bytes)) = found else { return Ok(None) };
    let wrapped = WrappedKey { master: narrowed(master)?, bytes };
    Ok(Some(DataKeyRecord { owner: owner.to_owned(), purpose, wrapped }))
}

pub(crate) fn shred(db: &Connection, owner: &str, purpose: Purpose) -> Result<bool> {
    let deleted = run(db, "DELETE FROM data_keys WHERE owner = ? AND purpose = ?", (owner, purpose.name()))?;
    Ok(deleted > 0)
}
