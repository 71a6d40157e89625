//! The schema and its versions.
//!
//! Versions are noted as sqlx does, in `_sqlx_migrations`: files from before this store left sqlx (ADR 8) go on.

use rusqlite::Connection;
use sha2::{Digest as _, Sha384};

use crate::error::{Failure, Result};
use crate::sql::{all, one, run, sole};

/// Every migration there ever was, in the program itself, in order: version, what it does, its text. Never changed once
/// it was published: its SHA-384 is kept in every file.
const MIGRATIONS: [(i64, &str, &str); 19] = [
    (1, "begin", include_str!("../migrations/0001_begin.sql")),
    (2, "answers and accounts", include_str!("../migrations/0002_answers_and_accounts.sql")),
    (3, "captures", include_str!("../migrations/0003_captures.sql")),
    (4, "numbered links", include_str!("../migrations/0004_numbered_links.sql")),
    (5, "notices", include_str!("../migrations/0005_notices.sql")),
    (6, "clocks, shops, staff", include_str!("../migrations/0006_clocks_shops_staff.sql")),
    (7, "uploads", include_str!("../migrations/0007_uploads.sql")),
    (8, "shop rules", include_str!("../migrations/0008_shop_rules.sql")),
    (9, "paces", include_str!("../migrations/0009_paces.sql")),
    (10, "gate", include_str!("../migrations/0010_gate.sql")),
    (11, "accounts", include_str!("../migrations/0011_accounts.sql")),
    (12, "phones", include_str!("../migrations/0012_phones.sql")),
    (13, "after-sales requests", include_str!("../migrations/0013_after.sql")),
    (14, "bound staff", include_str!("../migrations/0014_bound_staff.sql")),
    (15, "inbox", include_str!("../migrations/0015_inbox.sql")),
    (17, "paces of re-checks", include_str!("../migrations/0017_paces_of_rechecks.sql")),
    (18, "late cases", include_str!("../migrations/0018_late_cases.sql")),
    (20, "console", include_str!("../migrations/0020_console.sql")),
    (21, "due members", include_str!("../migrations/0021_due_members.sql")),
];

const NOTES: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)";

/// The version that this program knows.
fn latest() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// The version of the file: 0 before the first migration.
pub(crate) fn version(db: &Connection) -> Result<i64> {
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations'";
    if one::<(i64,)>(db, table, ())?.is_none() {
        return Ok(0);
    }
    let (version,) = sole(db, "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success", ())?;
    Ok(version)
}

/// A newer program's file is not touched: what its rows mean is not known here.
pub(crate) fn refuse_newer(db: &Connection) -> Result<()> {
    let (found, known) = (version(db)?, latest());
    if found > known {
        let why = format!("the schema has version {found}, and this program knows up to {known}");
        return Err(Failure::unreadable(why));
    }
    Ok(())
}

/// Neither newer nor older.
pub(crate) fn require_current(db: &Connection) -> Result<()> {
    refuse_newer(db)?;
    let (found, known) = (version(db)?, latest());
    if found < known {
        let why = format!("the schema has version {found}, and {known} is needed: migrate it");
        return Err(Failure::other(why));
    }
    Ok(())
}

/// Does what was not done yet, in the caller's transaction, which is one that writes: of several processes that start at
/// once one migrates, and the others wait and find it done.
pub(crate) fn migrate(db: &Connection) -> Result<()> {
    refuse_newer(db)?;
    db.execute_batch(NOTES)?;
    let done: Vec<(i64, Vec<u8>)> = all(db, "SELECT version, checksum FROM _sqlx_migrations", ())?;
    for (version, what, sql) in MIGRATIONS {
        let checksum = Sha384::digest(sql.as_bytes());
        match done.iter().find(|(of, _)| *of == version) {
            Some((_, noted)) if noted[..] != checksum[..] => {
                let why = format!("migration {version} was another one when this file was migrated");
                return Err(Failure::unreadable(why));
            }
            Some(_) => {}
            None => {
                db.execute_batch(sql)?;
                let note =
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                            VALUES (?, ?, TRUE, ?, 0)";
                run(db, note, (version, what, &checksum[..]))?;
            }
        }
    }
    Ok(())
}
