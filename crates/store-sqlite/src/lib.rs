//! The store on SQLite: one file beside the program, no server to run.
//!
//! One connection writes, in `BEGIN IMMEDIATE`; several read snapshots, and keep no writer waiting (WAL). What was
//! committed is on the disk: every commit waits for it (`synchronous = FULL`).
//!
//! A file here for each thing that is kept; [`Tx`](shiren_app::port::Tx) is put together from them in `tx.rs`.
//! Rules stand elsewhere: this room turns rows into values and back. Why the queries are not checked when the
//! program is built: `docs/adr/0006-runtime-queries.md`.
//!
//! To extend it: a new migration (never a changed one), a file or function for the new thing, its line in `tx.rs`.

mod access;
mod audit;
mod capture;
mod case;
mod claim;
mod endpoint;
mod error;
mod event;
mod evidence;
mod idempotency;
mod job;
mod notice;
mod row;
mod schema;
mod secret;
mod session;
mod tx;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use shiren_app::port::{Store, StoreError, Tx};
use shiren_app::record::LeasedJob;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, SqlitePool, Transaction, query};

use crate::error::{Failure, Result};
use crate::tx::SqliteTx;

/// Snapshots at the same time.
const READERS: u32 = 8;

/// How long one waits for the writer before it is [`StoreError::Busy`]: another process' transaction, or the queue
/// of one's own.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long scrubbing waits for readers, and lets writers wait.
const SCRUB_PATIENCE: Duration = Duration::from_millis(250);

/// Between two tries to open a file that another process is just making.
const PAUSE: Duration = Duration::from_millis(20);

/// A store in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    path: PathBuf,
    writer: SqlitePool,
    readers: SqlitePool,
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
        let writer = writer(path).await?;
        let readers = pool(READERS).connect_lazy_with(reading(path));
        let store = Self { path: path.to_owned(), writer, readers };
        schema::refuse_newer(&mut *store.readers.acquire().await?).await?;
        Ok(store)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When it cannot be, or when the file was written by a newer version of the program.
    pub async fn migrate(&self) -> std::result::Result<(), StoreError> {
        Ok(schema::migrate(&self.writer).await?)
    }

    /// The version of the file's schema: 0 for an empty file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema_version(&self) -> std::result::Result<i64, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(Failure::from)?;
        Ok(schema::version(&mut reader).await?)
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
        let name = part.to_str().ok_or_else(|| Failure::other("the name of the backup is no Unicode"))?;
        let mut db = connecting(&self.path).connect().await?;
        query("VACUUM INTO ?").bind(name).execute(&mut db).await?;
        db.close().await?;
        tokio::fs::File::open(&part).await?.sync_all().await?;
        tokio::fs::rename(&part, to).await?;
        sync_directory_of(to).await
    }

    /// Closes it when everybody is done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// On a connection of its own with little patience: waiting for a long reader (a backup), it holds writers up.
    async fn empty_log(&self) -> Result<bool> {
        let mut db = connecting(&self.path).busy_timeout(SCRUB_PATIENCE).connect().await?;
        let done = sqlx::query_as::<_, (i64, i64, i64)>("PRAGMA wal_checkpoint(TRUNCATE)");
        let (busy, ..) = done.fetch_one(&mut db).await?;
        db.close().await?;
        Ok(busy != 0)
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    async fn read(&self) -> Result<Transaction<'static, Sqlite>> {
        let mut tx = self.readers.begin().await?;
        // SQLite takes the snapshot at the first read, not at BEGIN.
        query("SELECT 1 FROM sqlite_schema LIMIT 1").fetch_optional(&mut *tx).await?;
        Ok(tx)
    }

    async fn lease_one(&self, worker: &str, now: Timestamp, until: Timestamp) -> Result<Option<LeasedJob>> {
        if !job::any_due(&mut *self.readers.acquire().await?, now).await? {
            return Ok(None);
        }
        let mut tx = self.write().await?;
        let leased = job::lease(&mut tx, worker, now, until).await?;
        tx.commit().await?;
        Ok(leased)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx::new(self.write().await?)))
    }

    async fn snapshot(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx::new(self.read().await?)))
    }

    async fn reader(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(SqliteTx::apart(self.readers.acquire().await.map_err(Failure::from)?)))
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
        let mut tx = self.write().await?;
        let held = job::heartbeat(&mut tx, job, until).await?;
        tx.commit().await.map_err(Failure::from)?;
        Ok(held)
    }

    async fn retry(
        &self,
        job: &LeasedJob,
        run_at: Timestamp,
        error: &str,
    ) -> std::result::Result<(), StoreError> {
        let mut tx = self.write().await?;
        job::retry(&mut tx, job, run_at, error).await?;
        Ok(tx.commit().await.map_err(Failure::from)?)
    }

    async fn bury(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        let mut tx = self.write().await?;
        job::bury(&mut tx, job, error, now).await?;
        Ok(tx.commit().await.map_err(Failure::from)?)
    }

    /// Writes the log back into the file and empties it: `secure_delete` has overwritten what was deleted in the
    /// file, but the log still holds the pages as they were.
    async fn scrub(&self) -> std::result::Result<(), StoreError> {
        let busy = self.empty_log().await?;
        if busy { Err(StoreError::Busy) } else { Ok(()) }
    }

    async fn ready(&self) -> std::result::Result<(), StoreError> {
        let mut reader = self.readers.acquire().await.map_err(Failure::from)?;
        Ok(schema::require_current(&mut reader).await?)
    }
}

fn connecting(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .disable_statement_logging()
}

/// The writing connection. Of several processes that begin on a new file one switches it to the write-ahead log;
/// SQLite does not let the others wait for that, so they try again.
async fn writer(path: &Path) -> Result<SqlitePool> {
    let pool = pool(1).connect_lazy_with(writing(path));
    let mut left = PATIENCE;
    loop {
        match pool.acquire().await.map(drop).map_err(Failure::from) {
            Err(failure) if failure.is_busy() && !left.is_zero() => {
                tokio::time::sleep(PAUSE).await;
                left = left.saturating_sub(PAUSE);
            }
            done => return done.map(|()| pool),
        }
    }
}

/// `secure_delete`: a shredded key is overwritten, not only forgotten.
fn writing(path: &Path) -> SqliteConnectOptions {
    connecting(path).journal_mode(SqliteJournalMode::Wal).pragma("secure_delete", "ON")
}

fn reading(path: &Path) -> SqliteConnectOptions {
    connecting(path).pragma("query_only", "ON")
}

/// Connections stay open as long as the store: nothing is won by opening them anew. Except when SQLite has rolled a
/// transaction back by itself (a full disk): then sqlx's own ROLLBACK fails, it goes on believing in an open
/// transaction, and the connection would refuse to begin another one for ever. Such a one is closed.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
}

/// SQLite gives the log the permissions of the file.
fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
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
        let (pages,) =
            sqlx::query_as::<_, (i64,)>("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
        let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 1));
        query(limit).execute(&store.writer).await.unwrap();
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
        let pragma = async |sql: &'static str| {
            sqlx::query_as::<_, (i64,)>(sql).fetch_one(&store.writer).await.unwrap().0
        };
        assert_eq!(pragma("PRAGMA synchronous").await, 2);
        assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma("PRAGMA secure_delete").await, 1);
        let mode = sqlx::query_as::<_, (String,)>("PRAGMA journal_mode").fetch_one(&store.writer).await;
        assert_eq!(mode.unwrap().0, "wal");
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
