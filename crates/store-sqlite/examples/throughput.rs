//! How many sessions per second: one transaction each, every one on the disk before it is acknowledged, beside the
//! least that SQLite itself needs for the same promise. Give it a folder on the disk that counts:
//! `cargo run -p shiren-store-sqlite --example throughput -- FOLDER`.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use shiren_app::port::{Store, StoreError};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::{Mode, Program, built_in};
use shiren_core::verification::session::{NewSession, Session};
use shiren_store_sqlite::SqliteStore;
use tokio::task::JoinSet;

/// Disks are moody: the three ways take turns, in many short rounds, and the median counts.
const ROUNDS: u64 = 15;
const SESSIONS: u64 = 300;
const WRITERS: u64 = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder")?;
    let program = built_in("buyer").ok_or("there is no built-in program")?;
    let room = tempfile::tempdir_in(&folder)?;
    let bare = bare(&room.path().join("bare.db")).await?;
    let one = store(&room.path().join("one.db")).await?;
    let many = store(&room.path().join("many.db")).await?;
    let mut rates = [const { Vec::new() }; 3];
    for first in (0..ROUNDS).map(|round| round * SESSIONS) {
        let sessions: Arc<Vec<_>> =
            (first..first + SESSIONS).map(|n| session(n, program)).collect::<Vec<_>>().into();
        rates[0].push(rate(async { insert_bare(&bare, &sessions) }).await?);
        rates[1].push(rate(insert(&one, &sessions, 1)).await?);
        rates[2].push(rate(insert(&many, &sessions, WRITERS as usize)).await?);
    }
    let [bare, one, many] = rates.map(median);
    println!("sessions per second, median of {ROUNDS} rounds of {SESSIONS}:");
    println!("bare insert {bare:.0}, store with 1 caller {one:.0}, with {WRITERS} callers {many:.0}");
    Ok(())
}

async fn rate(work: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    work.await?;
    Ok(SESSIONS as f64 / begun.elapsed().as_secs_f64())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn session(n: u64, program: &Program) -> Session {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&n.to_be_bytes());
    let account = Account { kind: AccountKind::Buyer, id: n.to_string() };
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n.cast_signed());
    let id = SessionId::new(now, random);
    let new = NewSession {
        id,
        mode: Mode::Test,
        clock: None,
        account,
        company: None,
        return_url: None,
        action: None,
        metadata: Default::default(),
        account_assertion: false,
    };
    Session::new(new, program, now).0
}

async fn store(path: &Path) -> Result<Arc<SqliteStore>, StoreError> {
    let store = SqliteStore::open(path).await?;
    store.migrate().await?;
    Ok(Arc::new(store))
}

/// One connection, the same table with the same indexes.
async fn bare(path: &Path) -> Result<Connection, Box<dyn Error>> {
    store(path).await?.close().await;
    let db = Connection::open(path)?;
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    Ok(db)
}

/// One prepared statement, no transaction but its own.
fn insert_bare(db: &Connection, sessions: &[Session]) -> Result<(), Box<dyn Error>> {
    let mut statement =
        db.prepare("INSERT INTO sessions VALUES (?, 1, 'test', 'requires_input', 'buyer', ?, ?)")?;
    for session in sessions {
        statement.execute((
            session.id.as_str(),
            session.account.id.as_str(),
            serde_json::to_string(session)?,
        ))?;
    }
    Ok(())
}

async fn insert(
    store: &Arc<SqliteStore>,
    sessions: &Arc<Vec<Session>>,
    callers: usize,
) -> Result<(), Box<dyn Error>> {
    let tasks: JoinSet<_> = (0..callers)
        .map(|caller| insert_some(Arc::clone(store), Arc::clone(sessions), caller, callers))
        .collect();
    Ok(tasks.join_all().await.into_iter().collect::<Result<(), StoreError>>()?)
}

async fn insert_some(
    store: Arc<SqliteStore>,
    sessions: Arc<Vec<Session>>,
    first: usize,
    step: usize,
) -> Result<(), StoreError> {
    for session in sessions.iter().skip(first).step_by(step) {
        let mut tx = store.begin().await?;
        tx.insert_session(session).await?;
        tx.commit().await?;
    }
    Ok(())
}
