//! Connections to the file, as writing, reading and copying need them.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Failure, Result};

/// How long one waits for the file before it is [`StoreError::Busy`](shiren_app::port::StoreError::Busy): for another
/// process' transaction, or in one's own queue.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Between two tries to write what another process is just writing to.
pub(crate) const PAUSE: Duration = Duration::from_millis(5);

/// Statements that stay prepared: more than there are.
const PREPARED: usize = 128;

/// A connection that waits for others up to `patience`, on its own thread.
pub(crate) fn open(path: &Path, patience: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(patience)?;
    db.set_prepared_statement_cache_capacity(PREPARED);
    // A plan does not depend on what is bound. Otherwise SQLite looks at the number behind each `LIMIT ?`, and prepares the
    // statement anew whenever it is another one.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")?;
    Ok(db)
}

/// The writing connection. Of several processes that begin on a new file one switches it to the write-ahead log;
/// SQLite does not let the others wait for that, so they try again. `secure_delete`: a shredded key is overwritten,
/// not only forgotten. `temp_store`: what a savepoint may have to take back stays in memory; where many commit together
/// it grew beyond what SQLite keeps there by itself, and half of all writes went to a file that nobody needs.
pub(crate) async fn writing(path: &Path) -> Result<Connection> {
    let mut left = PATIENCE;
    loop {
        match switched(path) {
            Err(failure) if failure.is_busy() && !left.is_zero() => {}
            done => return done,
        }
        tokio::time::sleep(PAUSE).await;
        left = left.saturating_sub(PAUSE);
    }
}

/// Waiting is done by whoever waits, without a thread.
fn switched(path: &Path) -> Result<Connection> {
    let db = open(path, Duration::ZERO)?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;")?;
    Ok(db)
}

/// SQLite gives the log the permissions of the file.
pub(crate) fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

/// Connections that only read. They stay open as long as the store.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Room>);

#[derive(Debug)]
struct Room {
    path: PathBuf,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// A reading connection, given back when dropped.
pub(crate) struct Reader {
    db: Option<Connection>,
    room: Arc<Room>,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn new(path: &Path, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places));
        Self(Arc::new(Room { path: path.to_owned(), places, idle: Mutex::default() }))
    }

    /// The next free one.
    pub(crate) async fn take(&self) -> Result<Reader> {
        let place = match Arc::clone(&self.0.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => self.wait().await?,
        };
        let idle = self.0.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => {
                let db = open(&self.0.path, PATIENCE)?;
                db.execute_batch("PRAGMA query_only = ON;")?;
                db
            }
        };
        Ok(Reader { db: Some(db), room: Arc::clone(&self.0), _place: place })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.0.places).acquire_owned()).await;
        place.map_err(|_| Failure::BUSY)?.map_err(Failure::other)
    }

    pub(crate) fn close(&self) {
        self.0.places.close();
        self.0.idle().clear();
    }
}

impl Room {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    pub(crate) fn db(&self) -> Result<&Connection> {
        self.db.as_ref().ok_or_else(|| Failure::other("the connection is given back"))
    }

    /// From now on all reads see one moment. SQLite takes it at the first read, not at BEGIN.
    pub(crate) fn begin(&self) -> Result<()> {
        let db = self.db()?;
        db.execute_batch("BEGIN")?;
        crate::sql::one::<(i64,)>(db, "SELECT 1 FROM sqlite_schema LIMIT 1", ())?;
        Ok(())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        let clean = db.is_autocommit() || db.execute_batch("ROLLBACK").is_ok();
        if clean && !self.room.places.is_closed() {
            self.room.idle().push(db);
        }
    }
}
