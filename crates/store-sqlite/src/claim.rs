//! Values that only one account may hold.

use rusqlite::Connection;
use shiren_app::record::{Claim, Claimed};
use shiren_core::account::Account;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{account, micros};

/// A transaction that writes is alone, so nobody claims between the look and the insert.
pub(crate) fn claim(db: &Connection, claim: &Claim) -> Result<Claimed> {
    for tag in &claim.tags {
        match holder_of(db, &claim.kind, claim.mode, tag)? {
            Some(holder) if holder != claim.account => return Ok(Claimed::TakenBy(holder)),
            _ => {}
        }
    }
    for tag in &claim.tags {
        insert(db, claim, tag)?;
    }
    Ok(Claimed::Yes)
}

pub(crate) fn holder(
    db: &Connection,
    kind: &str,
    mode: Mode,
    tags: &[(u32, Vec<u8>)],
) -> Result<Option<Account>> {
    for tag in tags {
        if let Some(holder) = holder_of(db, kind, mode, tag)? {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}

/// What an account holds.
pub(crate) fn of(db: &Connection, kind: &str, mode: Mode, account: &Account) -> Result<Vec<(u32, Vec<u8>)>> {
    all(
        db,
        "SELECT key_version, tag FROM claims
         WHERE mode = ? AND account_kind = ? AND account_id = ? AND kind = ? ORDER BY key_version, tag",
        (mode.name(), account.kind.name(), account.id.as_str(), kind),
    )
}

/// Whoever holds it holds it no longer.
pub(crate) fn release(db: &Connection, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<()> {
    for (version, tag) in tags {
        run(
            db,
            "DELETE FROM claims WHERE kind = ? AND mode = ? AND key_version = ? AND tag = ?",
            (kind, mode.name(), version, tag.as_slice()),
        )?;
    }
    Ok(())
}

fn holder_of(
    db: &Connection,
    kind: &str,
    mode: Mode,
    (version, tag): &(u32, Vec<u8>),
) -> Result<Option<Account>> {
    let found = one::<(String, String)>(
        db,
        "SELECT account_kind, account_id FROM claims
         WHERE kind = ? AND mode = ? AND key_version = ? AND tag = ?",
        (kind, mode.name(), version, tag.as_slice()),
    )?;
    Ok(found.map(|(kind, id)| account(&kind, id)).transpose()?)
}

/// A tag that the account holds already stays as it is: with its first session and time.
fn insert(db: &Connection, claim: &Claim, (version, tag): &(u32, Vec<u8>)) -> Result<()> {
    run(
        db,
        "INSERT INTO claims (kind, mode, key_version, tag, account_kind, account_id, session, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, mode, key_version, tag) DO NOTHING",
        (
            claim.kind.as_str(),
            claim.mode.name(),
            version,
            tag.as_slice(),
            claim.account.kind.name(),
            claim.account.id.as_str(),
            claim.session.as_str(),
            micros(claim.at),
        ),
    )?;
    Ok(())
}
