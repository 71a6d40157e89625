//! The one that writes: transactions one after the other, and one wait for the disk for many of them.
//!
//! Waiting for the disk is what a small transaction costs most. So each is a savepoint in one transaction of SQLite's,
//! and while others stand in the queue that one stays open for them; its COMMIT makes all of them true at once, and only
//! then is any of them told so (*group commit*). One that is rolled back leaves the others as they are. When SQLite
//! rolls back by itself (a full disk), or COMMIT fails, every one of them is told that it failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use shiren_app::port::StoreError;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::connection::{PATIENCE, PAUSE};
use crate::error::{Failure, Result};
use crate::sql::run;

/// Most transactions that wait for the disk together.
const MEMBERS: usize = 64;

/// Longest that the first of them waits for company.
const COMPANY: Duration = Duration::from_millis(4);

/// The queue before the one connection that writes.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    desk: Arc<Mutex<Desk>>,
    waiting: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Desk {
    /// `None` once closed.
    db: Option<Connection>,
    batch: Vec<oneshot::Sender<std::result::Result<(), StoreError>>>,
    began: Instant,
}

/// A transaction that writes. Dropped without a commit, it never happened.
pub(crate) struct Writing {
    desk: Option<OwnedMutexGuard<Desk>>,
    writer: Writer,
}

/// Counts somebody who waits, for as long as they do.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Writer {
    pub(crate) fn new(db: Connection) -> Self {
        let desk = Desk { db: Some(db), batch: Vec::new(), began: Instant::now() };
        Self { desk: Arc::new(Mutex::new(desk)), waiting: Arc::default() }
    }

    /// Waits for its turn and begins.
    pub(crate) async fn begin(&self) -> Result<Writing> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let waits = Waits(&self.waiting);
        let desk = tokio::time::timeout(PATIENCE, Arc::clone(&self.desk).lock_owned()).await;
        drop(waits);
        let mut writing = Writing { desk: Some(desk.map_err(|_| Failure::BUSY)?), writer: self.clone() };
        if writing.db()?.is_autocommit() {
            writing.begin_all().await?;
        }
        run(writing.db()?, "SAVEPOINT one", ())?;
        Ok(writing)
    }

    /// Closes the connection when whoever is at it is done.
    pub(crate) async fn close(&self) {
        let mut desk = self.desk.lock().await;
        desk.settle();
        desk.db = None;
    }

    /// Makes true what waits, also when nobody comes who would do it.
    fn settle_later(&self) {
        let desk = Arc::clone(&self.desk);
        tokio::spawn(async move {
            tokio::time::sleep(COMPANY).await;
            settle(desk.lock_owned().await).await;
        });
    }
}

impl Writing {
    pub(crate) fn db(&self) -> Result<&Connection> {
        let db = self.desk.as_ref().and_then(|desk| desk.db.as_ref());
        db.ok_or_else(|| Failure::other("the store is closed"))
    }

    /// Another process may be writing: this one waits for it without a thread.
    async fn begin_all(&mut self) -> Result<()> {
        let mut left = PATIENCE;
        loop {
            match run(self.db()?, "BEGIN IMMEDIATE", ()) {
                Err(failure) if failure.is_busy() && !left.is_zero() => {}
                done => return done.map(drop),
            }
            tokio::time::sleep(PAUSE).await;
            left = left.saturating_sub(PAUSE);
        }
    }

    /// Makes it true; comes back when it is on the disk.
    pub(crate) async fn commit(mut self) -> Result<()> {
        if self.db()?.is_autocommit() {
            return Err(Failure::other("SQLite has rolled the transaction back"));
        }
        run(self.db()?, "RELEASE one", ())?;
        let Some(mut desk) = self.desk.take() else { return Err(Failure::other("there is no transaction")) };
        let (tell, told) = oneshot::channel();
        if desk.batch.is_empty() {
            desk.began = Instant::now();
        }
        desk.batch.push(tell);
        let company = self.writer.waiting.load(Ordering::SeqCst) > 0;
        if company && desk.batch.len() < MEMBERS && desk.began.elapsed() < COMPANY {
            if desk.batch.len() == 1 {
                self.writer.settle_later();
            }
            drop(desk);
        } else {
            settle(desk).await;
        }
        let told = told.await.map_err(|_| Failure::other("nobody told whether it was committed"))?;
        told.map_err(Failure::from)
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let Some(desk) = &mut self.desk else { return };
        let Some(db) = &desk.db else { return };
        if db.is_autocommit() {
            // Nothing was begun, or SQLite has rolled all of it back.
            desk.fail(&StoreError::Full);
        } else if desk.batch.is_empty() {
            let _ = db.execute_batch("ROLLBACK");
        } else if db.execute_batch("ROLLBACK TO one; RELEASE one").is_err() {
            let _ = db.execute_batch("ROLLBACK");
            desk.fail(&StoreError::Other("a transaction beside it could not be rolled back".to_owned()));
        }
    }
}

/// On a thread that may wait for the disk.
async fn settle(mut desk: OwnedMutexGuard<Desk>) {
    if desk.batch.is_empty() {
        return;
    }
    // Whoever waits for it is told by what is in the desk; if the runtime ends meanwhile, nobody is.
    let _ = tokio::task::spawn_blocking(move || desk.settle()).await;
}

impl Desk {
    /// Commits what waits, and tells everybody.
    fn settle(&mut self) {
        let Some(db) = self.db.as_ref().filter(|_| !self.batch.is_empty()) else { return };
        if db.is_autocommit() {
            return self.fail(&StoreError::Full);
        }
        match run(db, "COMMIT", ()) {
            Ok(_) => self.batch.drain(..).for_each(|member| drop(member.send(Ok(())))),
            Err(failure) => {
                if !db.is_autocommit() {
                    let _ = db.execute_batch("ROLLBACK");
                }
                self.fail(&failure.into());
            }
        }
    }

    fn fail(&mut self, error: &StoreError) {
        self.batch.drain(..).for_each(|member| drop(member.send(Err(error.clone()))));
    }
}
