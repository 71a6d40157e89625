//! The store on PostgreSQL: for any number of servers and workers over one database.
//!
//! Many transactions write at the same time (READ COMMITTED). What a transaction loads to change it, it holds until it
//! ends; what must be there once is unique in the schema; counters are rows. Why this and not SERIALIZABLE, and what it
//! asks of use cases: `docs/adr/0010-many-writers.md`. Snapshots are REPEATABLE READ, and nobody waits for them.
//!
//! A file here for each thing that is kept, as in `store-sqlite`; [`Tx`](shiren_app::port::Tx) is put together from
//! them in `tx.rs`. Rules stand elsewhere: this room turns rows into values and back.
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

use async_trait::async_trait;
use jiff::Timestamp;
use shiren_app::port::{Store, StoreError, Tx};
use shiren_app::record::LeasedJob;
use sqlx::pool::PoolConnection;
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Postgres, Transaction, raw_sql};

use crate::error::Result;
use crate::tx::PgTx;

/// A snapshot is that of its first statement, not of BEGIN.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";

/// A store in one PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    writers: PgPool,
    readers: PgPool,
}

impl PostgresStore {
    /// Connects to the database at an address: `postgres://user:password@host:port/database`, with what libpq's
    /// environment variables and `~/.pgpass` add. Its schema is brought up to date by [`migrate`](Self::migrate), not
    /// here.
    ///
    /// # Errors
    /// When it cannot be reached, when its encoding is not UTF-8, or when a newer version of the program has written to
    /// it. Errors do not show the address.
    pub async fn open(url: &str) -> std::result::Result<Self, StoreError> {
        Ok(Self::opened(url).await?)
    }

    async fn opened(url: &str) -> Result<Self> {
        let server = connection::server(url)?;
        // On a connection of its own: a pool would try again and again, and say only that it was in vain.
        let mut first = server.connect().await?;
        schema::require_unicode(&mut first).await?;
        schema::refuse_newer(&mut first).await?;
        first.close().await?;
        Ok(Self { writers: connection::writers(server.clone()), readers: connection::readers(server) })
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When it cannot be, or when a newer version of the program has written to it.
    pub async fn migrate(&self) -> std::result::Result<(), StoreError> {
        let mut tx = self.write().await?;
        schema::migrate(&mut tx).await?;
        Ok(tx.commit().await.map_err(error::Failure::from)?)
    }

    /// The version of the schema: 0 for an empty database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn schema_version(&self) -> std::result::Result<i64, StoreError> {
        Ok(schema::version(&mut *self.read().await?).await?)
    }

    /// Closes it when everybody is done.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.writers.begin().await?)
    }

    async fn read(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.readers.acquire().await?)
    }

    /// For one statement, which is a transaction of its own.
    async fn single(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.writers.acquire().await?)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(PgTx::writing(self.write().await?)))
    }

    async fn snapshot(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        let tx = self.readers.begin_with(SNAPSHOT).await.map_err(error::Failure::from)?;
        Ok(Box::new(PgTx::snapshot(tx)))
    }

    async fn reader(&self) -> std::result::Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(PgTx::reading(self.read().await?)))
    }

    async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> std::result::Result<Option<LeasedJob>, StoreError> {
        Ok(job::lease(&mut *self.single().await?, worker, now, until).await?)
    }

    async fn heartbeat(&self, job: &LeasedJob, until: Timestamp) -> std::result::Result<bool, StoreError> {
        Ok(job::heartbeat(&mut *self.single().await?, job, until).await?)
    }

    async fn retry(
        &self,
        job: &LeasedJob,
        run_at: Timestamp,
        error: &str,
    ) -> std::result::Result<(), StoreError> {
        Ok(job::retry(&mut *self.single().await?, job, run_at, error).await?)
    }

    async fn bury(
        &self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        Ok(job::bury(&mut *self.single().await?, job, error, now).await.map(drop)?)
    }

    /// Gives the space of deleted keys and records back to be written over. What this cannot reach (pages that nobody
    /// has written over yet, the server's log, its backups) is the operator's: ADR 10.
    async fn scrub(&self) -> std::result::Result<(), StoreError> {
        let mut db = self.single().await?;
        let done = raw_sql("VACUUM data_keys, records").execute(&mut *db).await;
        done.map(drop).map_err(|e| error::Failure::from(e).into())
    }

    async fn ready(&self) -> std::result::Result<(), StoreError> {
        Ok(schema::require_current(&mut *self.read().await?).await?)
    }
}
