//! How many sessions per second: one transaction each, every one on the disk before it is acknowledged, beside the
//! least that SQLite itself needs for the same promise. Give it a folder on the disk that counts:
//! `cargo run -p shiren-store-sqlite --example throughput -- FOLDER`.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use shiren_app::port::{Store, StoreError};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::{Mode, Program, built_in};
use shiren_core::verification::session::{NewSession, Session};
use shiren_store_sqlite::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, query};

const SESSIONS: u64 = 2000;
const WRITERS: u64 = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder")?;
    let program = built_in("buyer").ok_or("there is no built-in program")?;
    for round in 1..=3 {
        let room = tempfile::tempdir_in(&folder)?;
        let bare = bare(&room.path().join("bare.db"), program).await?;
        let one = through_the_store(&room.path().join("one.db"), program, 1).await?;
        let many = through_the_store(&room.path().join("many.db"), program, WRITERS).await?;
        println!(
            "round {round}: bare insert {bare:.0}/s; store, 1 caller {one:.0}/s; {WRITERS} callers {many:.0}/s"
        );
    }
    Ok(())
}

fn session(n: u64, program: &Program) -> Session {
    let mut random = [0; 10];
    random[..8].copy_from_slice(&n.to_be_bytes());
    let account = Account { kind: AccountKind::Buyer, id: n.to_string() };
    let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n.cast_signed());
    let id = SessionId::new(now, random);
    let new = NewSession { id, mode: Mode::Test, account, return_url: None, metadata: Default::default() };
    Session::new(new, program, now).0
}

/// One connection, one prepared statement, no explicit transaction, the same table with the same indexes.
async fn bare(path: &Path, program: &Program) -> Result<f64, Box<dyn Error>> {
    SqliteStore::open(path).await?.migrate().await?;
    let options = SqliteConnectOptions::new().filename(path).journal_mode(SqliteJournalMode::Wal);
    let mut db = options.synchronous(SqliteSynchronous::Full).disable_statement_logging().connect().await?;
    let begun = Instant::now();
    for n in 0..SESSIONS {
        let session = session(n, program);
        query("INSERT INTO sessions VALUES (?, 1, 'test', 'requires_input', 'buyer', ?, ?)")
            .bind(session.id.as_str())
            .bind(session.account.id.as_str())
            .bind(serde_json::to_string(&session)?)
            .execute(&mut db)
            .await?;
    }
    Ok(SESSIONS as f64 / begun.elapsed().as_secs_f64())
}

async fn through_the_store(
    path: &Path,
    program: &'static Program,
    callers: u64,
) -> Result<f64, Box<dyn Error>> {
    let store = Arc::new(SqliteStore::open(path).await?);
    store.migrate().await?;
    let begun = Instant::now();
    let tasks: tokio::task::JoinSet<_> =
        (0..callers).map(|caller| insert_some(Arc::clone(&store), program, caller, callers)).collect();
    tasks.join_all().await.into_iter().collect::<Result<(), StoreError>>()?;
    Ok(SESSIONS as f64 / begun.elapsed().as_secs_f64())
}

async fn insert_some(
    store: Arc<SqliteStore>,
    program: &'static Program,
    caller: u64,
    callers: u64,
) -> Result<(), StoreError> {
    for n in (caller..SESSIONS).step_by(callers as usize) {
        let mut tx = store.begin().await?;
        tx.insert_session(&session(n, program)).await?;
        tx.commit().await?;
    }
    Ok(())
}
