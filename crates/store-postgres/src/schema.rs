//! The schema and its versions.
//!
//! Versions are noted in `_sqlx_migrations`, like the embedded store's.

use sha2::{Digest as _, Sha384};
use sqlx::{PgConnection, raw_sql};

use crate::error::{Failure, Result};
use crate::sql::{all, run, sole};

/// Every migration there ever was, in the program itself, in order: version, what it does, its text. Never changed once
/// it was published: its SHA-384 is kept in every database.
const MIGRATIONS: [(i64, &str, &str); 14] = [
    (1, "begin", include_str!("../migrations/0001_begin.sql")),
    (2, "uploads", include_str!("../migrations/0002_uploads.sql")),
    (3, "shop rules", include_str!("../migrations/0003_shop_rules.sql")),
    (4, "paces", include_str!("../migrations/0004_paces.sql")),
    (5, "gate", include_str!("../migrations/0005_gate.sql")),
    (6, "accounts", include_str!("../migrations/0006_accounts.sql")),
    (7, "phones", include_str!("../migrations/0007_phones.sql")),
    (8, "after-sales requests", include_str!("../migrations/0008_after.sql")),
    (9, "bound staff", include_str!("../migrations/0009_bound_staff.sql")),
    (10, "inbox", include_str!("../migrations/0010_inbox.sql")),
    (12, "paces of re-checks", include_str!("../migrations/0012_paces_of_rechecks.sql")),
    (13, "late cases", include_str!("../migrations/0013_late_cases.sql")),
    (15, "console", include_str!("../migrations/0015_console.sql")),
    (16, "due members", include_str!("../migrations/0016_due_members.sql")),
];

const NOTES: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)";

/// Whoever migrates holds this lock until the transaction ends.
const MIGRATING: i64 = 0x0073_6869_7265_6e01;

/// The version that this program knows.
fn latest() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// The version of the database: 0 before the first migration.
pub(crate) async fn version(db: &mut PgConnection) -> Result<i64> {
    let (there,) = sole::<(bool,)>(db, "SELECT to_regclass('_sqlx_migrations') IS NOT NULL", ()).await?;
    if !there {
        return Ok(0);
    }
    let newest = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";
    Ok(sole::<(i64,)>(db, newest, ()).await?.0)
}

/// Every text must fit, and be the same when it comes back.
pub(crate) async fn require_unicode(db: &mut PgConnection) -> Result<()> {
    let (encoding,) = sole::<(String,)>(db, "SELECT current_setting('server_encoding')", ()).await?;
    if encoding != "UTF8" {
        return Err(Failure::other(format!("the database's encoding is {encoding}, and UTF8 is needed")));
    }
    Ok(())
}

/// A newer program's database is not touched: what its rows mean is not known here.
pub(crate) async fn refuse_newer(db: &mut PgConnection) -> Result<()> {
    let (found, known) = (version(db).await?, latest());
    if found > known {
        let why = format!("the schema has version {found}, and this program knows up to {known}");
        return Err(Failure::unreadable(why));
    }
    Ok(())
}

/// Neither newer nor older.
pub(crate) async fn require_current(db: &mut PgConnection) -> Result<()> {
    refuse_newer(db).await?;
    let (found, known) = (version(db).await?, latest());
    if found < known {
        let why = format!("the schema has version {found}, and {known} is needed: migrate it");
        return Err(Failure::other(why));
    }
    Ok(())
}

/// Does what was not done yet, in the caller's transaction: of several processes that start at once one migrates, and the
/// others wait and find it done.
pub(crate) async fn migrate(db: &mut PgConnection) -> Result<()> {
    // Waiting for somebody else's long migration is no fault.
    raw_sql("SET LOCAL lock_timeout = 0").execute(&mut *db).await?;
    run(db, "SELECT pg_advisory_xact_lock($1)", (MIGRATING,)).await?;
    refuse_newer(db).await?;
    raw_sql(NOTES).execute(&mut *db).await?;
    let done: Vec<(i64, Vec<u8>)> = all(db, "SELECT version, checksum FROM _sqlx_migrations", ()).await?;
    for (version, what, sql) in MIGRATIONS {
        let checksum = Sha384::digest(sql.as_bytes());
        match done.iter().find(|(of, _)| *of == version) {
            Some((_, noted)) if noted[..] != checksum[..] => {
                let why = format!("migration {version} was another one when this database was migrated");
                return Err(Failure::unreadable(why));
            }
            Some(_) => {}
            None => {
                raw_sql(sql).execute(&mut *db).await?;
                let note =
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                            VALUES ($1, $2, TRUE, $3, 0)";
                run(db, note, (version, what, &checksum[..])).await?;
            }
        }
    }
    Ok(())
}
