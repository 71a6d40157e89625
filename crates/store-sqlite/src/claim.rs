//! Values that only one account may hold.

use shiren_app::record::{Claim, Claimed};
use shiren_core::account::Account;
use shiren_core::verification::program::Mode;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{account, micros};

/// A transaction that writes is alone, so nobody claims between the look and the insert.
pub(crate) async fn claim(db: &mut SqliteConnection, claim: &Claim) -> Result<Claimed> {
    for tag in &claim.tags {
        match holder_of(&mut *db, &claim.kind, claim.mode, tag).await? {
            Some(holder) if holder != claim.account => return Ok(Claimed::TakenBy(holder)),
            _ => {}
        }
    }
    for tag in &claim.tags {
        insert(&mut *db, claim, tag).await?;
    }
    Ok(Claimed::Yes)
}

pub(crate) async fn holder(
    db: &mut SqliteConnection,
    kind: &str,
    mode: Mode,
    tags: &[(u32, Vec<u8>)],
) -> Result<Option<Account>> {
    for tag in tags {
        if let Some(holder) = holder_of(&mut *db, kind, mode, tag).await? {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}

/// Whoever holds it holds it no longer.
pub(crate) async fn release(
    db: &mut SqliteConnection,
    kind: &str,
    mode: Mode,
    tags: &[(u32, Vec<u8>)],
) -> Result<()> {
    for (version, tag) in tags {
        query("DELETE FROM claims WHERE kind = ? AND mode = ? AND key_version = ? AND tag = ?")
            .bind(kind)
            .bind(mode.name())
            .bind(version)
            .bind(tag.as_slice())
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

async fn holder_of(
    db: &mut SqliteConnection,
    kind: &str,
    mode: Mode,
    (version, tag): &(u32, Vec<u8>),
) -> Result<Option<Account>> {
    let found = query_as::<_, (String, String)>(
        "SELECT account_kind, account_id FROM claims
         WHERE kind = ? AND mode = ? AND key_version = ? AND tag = ?",
    )
    .bind(kind)
    .bind(mode.name())
    .bind(version)
    .bind(tag.as_slice())
    .fetch_optional(db)
    .await?;
    found.map(|(kind, id)| account(&kind, id)).transpose()
}

/// A tag that the account holds already stays as it is: with its first session and time.
async fn insert(db: &mut SqliteConnection, claim: &Claim, (version, tag): &(u32, Vec<u8>)) -> Result<()> {
    query(
        "INSERT INTO claims (kind, mode, key_version, tag, account_kind, account_id, session, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, mode, key_version, tag) DO NOTHING",
    )
    .bind(claim.kind.as_str())
    .bind(claim.mode.name())
    .bind(version)
    .bind(tag.as_slice())
    .bind(claim.account.kind.name())
    .bind(claim.account.id.as_str())
    .bind(claim.session.as_str())
    .bind(micros(claim.at))
    .execute(db)
    .await?;
    Ok(())
}
