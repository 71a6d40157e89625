//! The store on SQLite: one file beside the program, no server to run.
//!
//! One connection writes, and many transactions wait for the disk together (`writer.rs`); several read snapshots, and
//! keep no writer waiting (WAL). What was committed is on the disk: every commit waits for it (`synchronous = FULL`).
//! Statements run on the caller's thread: they take microseconds, and handing them over took longer (ADR 8).
//!
//! A file here for each thing that is kept; [`Tx`](shiren_app::port::Tx) is put together from them in `tx.rs`.
//! Rules stand elsewhere: this room turns rows into values and back. Why the queries are not checked when the
//! program is built: `docs/adr/0006-runtime-queries.md`.
//!
//! To extend it: a new migration (never a changed one), a file or function for the new thing, its line in `tx.rs`.

mod access;
mod aftersales;
mod audit;
mod ban;
mod capture;
mod case;
mod claim;
mod clock;
mod connection;
mod endpoint;
mod error;
mod event;
mod evidence;
mod gate;
mod idempotency;
mod job;
mod ledger;
mod management;
mod notice;
mod pace;
mod phone_code;
mod recheck;
mod rollout;
mod schema;
mod secret;
mod session;
mod shop;
mod sql;
mod staff;
mod tx;
mod upload;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::{Store, StoreError, Tx};
use shiren_app::record::LeasedJob;

use crate::connection::{PATIENCE, Readers, create_private, open, writing};
use crate::error::{Failure, Result};
use crate::tx::SqliteTx;
use crate::writer::{Writer, Writing};

/// Snapshots at the same time.
const READERS: usize = 8;

/// How long scrubbing waits for readers, and lets writers wait.
const SCRUB_PATIENCE: Duration = Duration::from_millis(250);

/// A store in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens the file, or makes it, readable by its owner alone. Its schema is brought up to date by
    /// [`migrate`](Self::migrate), not here.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database, or was written by a newer version of the program.
    pub async fn open(path: impl AsRef<Path>) -> std::result::Result<Self, StoreError> {
        Ok(Self::opened(path.as_ref()).await?)
    }

    async fn opened(path: &Path) -> Result<Self> {
        create_private(path)?;
        // The writer first: it makes the write-ahead log that readers need.
        let writer = Writer::new(writing(path).await?);
        let store = Self { path: path.to_owned(), writer, readers: Readers::new(path, READERS) };
        schema::refuse_newer(store.readers.take().await?.db()?)?;
        Ok(store)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When it cannot be, or when the file was written by a newer version of the program.
    pub async fn migrate(&self) -> std::result::Result<(), StoreError> {
        let tx = self.writer.begin().await?;
        schema::migrate(tx.db()?)?;
        Ok(tx.commit().await?)
    }

    /// The version of the file's schema: 0 for an empty file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema_version(&self) -> std::result::Result<i64, StoreError> {
        Ok(schema::version(self.readers.take().await?.db()?)?)
    }

    /// Copies everything that is committed now into a new file, whole or not at all; nobody waits for it.
    ///
    /// # Errors
    /// `Conflict` when the file exists; otherwise when it cannot be written.
    pub async fn backup(&self, to: &Path) -> std::result::Result<(), StoreError> {
        Ok(self.copy(to).await?)
    }

    async fn copy(&self, to: &Path) -> Result<()> {
        if tokio::fs::try_exists(to).await? {
            return Err(Failure::CONFLICT);
        }
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        if tokio::fs::try_exists(&part).await? {
            tokio::fs::remove_file(&part).await?;
        }
        create_private(&part)?;
        // A connection of its own: the copy may take long, and `query_only` would forbid it.
        let name =
            part.to_str().ok_or_else(|| Failure::other("the name of the backup is no Unicode"))?.to_owned();
        self.apart(PATIENCE, move |db| Ok(db.execute("VACUUM INTO ?", (name,))?)).await?;
        tokio::fs::File::open(&part).await?.sync_all().await?;
        tokio::fs::rename(&part, to).await?;
        sync_directory_of(to).await
    }

    /// Closes it when everybody is done.
    pub async fn close(&self) {
        self.readers.close();
        self.writer.close().await;
    }

    /// Does what takes long on a thread and a connection of its own, so that nobody waits for it.
    async fn apart<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&open(&path, patience)?)).await;
        done.map_err(Failure::other)?
    }

    async fn lease_one(&self, worker: &str, now: Timestamp, until: Timestamp) -> Result<Option<LeasedJob>> {
        if !job::any_due(self.readers.take().await?.db()?, now)? {
            return Ok(None);
        }
        self.write(|db| job::lease(db, worker, now, until)).await
    }

    /// One step in a transaction of its own.
    async fn write<T: Send>(&self, step: impl FnOnce(&Connection) -> Result<T> + Send) -> Result<T> {
        let tx: Writing = self.writer.begin().await?;
        let done = step(tx.db()?)?;
        tx.commit().await?;
        Ok(done)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx::writing(self.writer.begin().await?)))
    }

    async fn snapshot(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        let reader = self.readers.take().await?;
        reader.begin()?;
        Ok(Box::new(SqliteTx::reading(reader)))
    }

    async fn reader(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx::reading(self.readers.take().await?)))
    }

    async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> std::result::Result<Option<LeasedJob>, StoreError> {
        Ok(self.lease_one(worker, now, until).await?)
    }

    async fn heartbeat(&self, job: &LeasedJob, until: Timestamp) -> std::result::Result<bool, StoreError> {
        Ok(self.write(|db| job::heartbeat(db, job, until)).await?)
    }

    async fn retry(
        &self,
        job: &LeasedJob,
        run_at: Timestamp,
        error: &str,
    ) -> std::result::Result<(), StoreError> {
        Ok(self.write(|db| job::retry(db, job, run_at, error)).await?)
    }

    async fn bury(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        Ok(self.write(|db| job::bury(db, job, error, now).map(drop)).await?)
    }

    /// Writes the log back into the file and empties it: `secure_delete` has overwritten what was deleted in the
    /// file, but the log still holds the pages as they were.
    async fn scrub(&self) -> std::result::Result<(), StoreError> {
        // With little patience: waiting for a long reader (a backup), it holds writers up.
        let emptied =
            |db: &Connection| sql::sole::<(i64, i64, i64)>(db, "PRAGMA wal_checkpoint(TRUNCATE)", ());
        let (busy, ..) = self.apart(SCRUB_PATIENCE, emptied).await?;
        if busy != 0 { Err(StoreError::Busy) } else { Ok(()) }
    }

    async fn ready(&self) -> std::result::Result<(), StoreError> {
        Ok(schema::require_current(self.readers.take().await?.db()?)?)
    }
}

/// A new name is on the disk only when its directory is.
async fn sync_directory_of(path: &Path) -> Result<()> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(tokio::fs::File::open(parent).await?.sync_all().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_told_as_such() {
        let room = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(room.path().join("full.db")).await.unwrap();
        store.migrate().await.unwrap();
        let limited = |db: &Connection| {
            let (pages,) = sql::sole::<(i64,)>(db, "PRAGMA page_count", ())?;
            sql::sole::<(i64,)>(db, &format!("PRAGMA max_page_count = {}", pages + 1), ())
        };
        store.write(limited).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let key = shiren_app::record::RecordKey { owner: "vs".into(), name: "declared".into() };
        let sealed = shiren_vault::Sealed(vec![1; 100_000]);
        let refused = tx.put_record(&key, &sealed).await;
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        // SQLite has rolled back by itself: nothing that follows may slip through.
        assert!(tx.put_record(&key, &shiren_vault::Sealed(vec![1])).await.is_err());
        assert!(tx.commit().await.is_err());
        assert_eq!(store.snapshot().await.unwrap().record(&key).await.unwrap(), None);
        // Others go on with what fits.
        let mut tx = store.begin().await.unwrap();
        tx.put_record(&key, &shiren_vault::Sealed(vec![1])).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn every_commit_waits_for_the_disk() {
        let room = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(room.path().join("a.db")).await.unwrap();
        let tx = store.writer.begin().await.unwrap();
        let pragma = |sql: &str| sql::sole::<(i64,)>(tx.db().unwrap(), sql, ()).unwrap().0;
        assert_eq!(pragma("PRAGMA synchronous"), 2);
        assert_eq!(pragma("PRAGMA foreign_keys"), 1);
        assert_eq!(pragma("PRAGMA secure_delete"), 1);
        assert_eq!(pragma("PRAGMA temp_store"), 2);
        let (mode,) = sql::sole::<(String,)>(tx.db().unwrap(), "PRAGMA journal_mode", ()).unwrap();
        assert_eq!(mode, "wal");
    }

    #[tokio::test]
    async fn a_statement_is_prepared_once_whatever_is_bound() {
        let room = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(room.path().join("a.db")).await.unwrap();
        store.migrate().await.unwrap();
        let tx = store.writer.begin().await.unwrap();
        let sql = "SELECT body FROM sessions WHERE mode = ? ORDER BY id DESC LIMIT ?";
        let mut statement = tx.db().unwrap().prepare(sql).unwrap();
        for limit in [1, 10, 1] {
            assert!(statement.query(("test", limit)).unwrap().next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_its_owner_can_read_the_file_and_its_log() {
        use std::os::unix::fs::PermissionsExt;
        let room = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(room.path().join("a.db")).await.unwrap();
        store.migrate().await.unwrap();
        for file in ["a.db", "a.db-wal"] {
            let mode = std::fs::metadata(room.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}
