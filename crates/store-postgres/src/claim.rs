//! Values that only one account may hold.

use shiren_app::record::{Claim, Claimed};
use shiren_core::account::Account;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::{Failure, Result};
use crate::sql::{Hold, all, one, run};
use shiren_app::port::row::{account, micros, narrowed};

/// Whoever comes second waits until the first one's transaction ends, and is told who holds it. What is certain is the
/// unique key.
pub(crate) async fn claim(db: &mut PgConnection, claim: &Claim) -> Result<Claimed> {
    guard(db, &claim.kind, claim.mode, &claim.tags).await?;
    let mut taken = Vec::new();
    for tag in sorted(&claim.tags) {
        let before = holder_of(db, &claim.kind, claim.mode, tag).await?;
        let holder = match before {
            Some(holder) => Some(holder),
            None if insert(db, claim, tag).await? => {
                taken.push(tag.clone());
                continue;
            }
            // Somebody was faster.
            None => holder_of(db, &claim.kind, claim.mode, tag).await?,
        };
        if holder.as_ref() != Some(&claim.account) {
            release(db, &claim.kind, claim.mode, &taken).await?;
            // It may have been given up at this very moment; then it is tried again.
            return holder.map(Claimed::TakenBy).ok_or(Failure::BUSY);
        }
    }
    Ok(Claimed::Yes)
}

/// Who looks for a holder in a transaction that writes may be about to claim the value: nobody else claims it before that
/// one ends.
pub(crate) async fn holder(
    db: &mut PgConnection,
    hold: Hold,
    kind: &str,
    mode: Mode,
    tags: &[(u32, Vec<u8>)],
) -> Result<Option<Account>> {
    if hold == Hold::Row {
        guard(db, kind, mode, tags).await?;
    }
    for tag in tags {
        if let Some(holder) = holder_of(db, kind, mode, tag).await? {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}

/// What an account holds.
pub(crate) async fn of(
    db: &mut PgConnection,
    kind: &str,
    mode: Mode,
    account: &Account,
) -> Result<Vec<(u32, Vec<u8>)>> {
    let held = all::<(i64, Vec<u8>)>(
        db,
        "SELECT key_version, tag FROM claims
         WHERE mode = $1 AND account_kind = $2 AND account_id = $3 AND kind = $4 ORDER BY key_version, tag",
        (mode.name(), account.kind.name(), account.id.as_str(), kind),
    )
    .await?;
    held.into_iter().map(|(version, tag)| Ok((narrowed(version)?, tag))).collect()
}

/// Whoever holds it holds it no longer.
pub(crate) async fn release(
    db: &mut PgConnection,
    kind: &str,
    mode: Mode,
    tags: &[(u32, Vec<u8>)],
) -> Result<()> {
    for (version, tag) in tags {
        run(
            db,
            "DELETE FROM claims WHERE kind = $1 AND mode = $2 AND key_version = $3 AND tag = $4",
            (kind, mode.name(), *version, tag.as_slice()),
        )
        .await?;
    }
    Ok(())
}

/// Holds a value until the transaction ends, whether somebody has claimed it or not.
async fn guard(db: &mut PgConnection, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<()> {
    let lock = "SELECT 1 FROM pg_advisory_xact_lock(
                    hashtextextended($1 || '/' || $2 || '/' || $3::text || '/' || encode($4, 'hex'), 0))";
    for (version, tag) in sorted(tags) {
        one::<(i32,)>(db, lock, (kind, mode.name(), *version, tag.as_slice())).await?;
    }
    Ok(())
}

/// In one order, so that nobody waits in a circle.
fn sorted(tags: &[(u32, Vec<u8>)]) -> Vec<&(u32, Vec<u8>)> {
    let mut tags: Vec<_> = tags.iter().collect();
    tags.sort_unstable();
    tags
}

async fn holder_of(
    db: &mut PgConnection,
    kind: &str,
    mode: Mode,
    (version, tag): &(u32, Vec<u8>),
) -> Result<Option<Account>> {
    let found = one::<(String, String)>(
        db,
        "SELECT account_kind, account_id FROM claims
         WHERE kind = $1 AND mode = $2 AND key_version = $3 AND tag = $4",
        (kind, mode.name(), *version, tag.as_slice()),
    )
    .await?;
    Ok(found.map(|(kind, id)| account(&kind, id)).transpose()?)
}

/// Whether it was free.
async fn insert(db: &mut PgConnection, claim: &Claim, (version, tag): &(u32, Vec<u8>)) -> Result<bool> {
    let inserted = run(
        db,
        "INSERT INTO claims (kind, mode, key_version, tag, account_kind, account_id, session, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, mode, key_version, tag) DO NOTHING",
        (
            claim.kind.as_str(),
            claim.mode.name(),
            *version,
            tag.as_slice(),
            claim.account.kind.name(),
            claim.account.id.as_str(),
            claim.session.as_str(),
            micros(claim.at),
        ),
    )
    .await?;
    Ok(inserted > 0)
}
