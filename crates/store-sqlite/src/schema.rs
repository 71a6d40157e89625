//! The schema and its versions.

use sqlx::migrate::Migrator;
use sqlx::{SqliteConnection, SqlitePool, query_as};

use crate::error::{Failure, Result};

/// Every migration there ever was, in the program itself.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// The version that this program knows.
fn latest() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// The version of the file: 0 before the first migration.
pub(crate) async fn version(db: &mut SqliteConnection) -> Result<i64> {
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations'";
    if query_as::<_, (i64,)>(table).fetch_optional(&mut *db).await?.is_none() {
        return Ok(0);
    }
    let (version,) = query_as("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success")
        .fetch_one(db)
        .await?;
    Ok(version)
}

/// A newer program's file is not touched: what its rows mean is not known here.
pub(crate) async fn refuse_newer(db: &mut SqliteConnection) -> Result<()> {
    let (found, known) = (version(db).await?, latest());
    if found > known {
        let why = format!("the schema has version {found}, and this program knows up to {known}");
        return Err(Failure::unreadable(why));
    }
    Ok(())
}

/// Neither newer nor older.
pub(crate) async fn require_current(db: &mut SqliteConnection) -> Result<()> {
    refuse_newer(&mut *db).await?;
    let (found, known) = (version(db).await?, latest());
    if found < known {
        let why = format!("the schema has version {found}, and {known} is needed: migrate it");
        return Err(Failure::other(why));
    }
    Ok(())
}

/// In one transaction that writes: of several processes that start at once one migrates, and the others wait and find
/// it done.
pub(crate) async fn migrate(writer: &SqlitePool) -> Result<()> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    refuse_newer(&mut tx).await?;
    // Not `run`: with it the compiler does not see that this may move between threads.
    MIGRATIONS.run_direct(None, &mut *tx, false).await?;
    Ok(tx.commit().await?)
}
