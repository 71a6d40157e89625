//! kill -9 at every write of a verification, and a disk that is full from there on for a while: nothing acknowledged is
//! ever lost.
//!
//! `SHIREN_CRASH_ROUNDS=50` does so at each of them fifty times; by default once.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use shiren_app::port::StoreError;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::crash::{Acknowledged, Blow, Board, faults, live, prepare, shim};

const FOLDER: &str = "SHIREN_TEST_FOLDER";
const LIFE: &str = "SHIREN_TEST_LIFE";
const SESSION: &str = "SHIREN_TEST_SESSION";

async fn opened(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(try_opened(folder).await.unwrap())
}

async fn try_opened(folder: &Path) -> Result<SqliteStore, StoreError> {
    let store = SqliteStore::open(folder.join("store.db")).await?;
    store.migrate().await?;
    Ok(store)
}

/// No test: one life of a process, in which a verification goes on from wherever it stands.
#[tokio::test]
#[ignore = "started and killed by a test"]
async fn child_that_verifies() {
    let Ok(folder) = std::env::var(FOLDER).map(PathBuf::from) else { return };
    let life = std::env::var(LIFE).unwrap().parse().unwrap();
    let known = std::env::var(SESSION).ok().map(|id| id.parse().unwrap());
    // Whoever starts it on a full disk starts it again.
    let mut store = try_opened(&folder).await;
    for _ in 0..100 {
        if store.is_err() {
            store = try_opened(&folder).await;
        }
    }
    live(Arc::new(store.unwrap()), &folder, life, known).await.unwrap();
}

/// How a verification went.
struct Through {
    /// Of its first life.
    writes: u64,
    died: bool,
    wrong: Vec<String>,
}

/// What every verification begins with, made once.
struct Ground {
    folder: tempfile::TempDir,
    shim: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shim = shim(folder.path()).unwrap();
        let first = folder.path().join("first");
        fs::create_dir(&first).unwrap();
        awaited(async {
            let store = opened(&first).await;
            prepare(Arc::clone(&store) as _, &first).await.unwrap();
            store.close().await;
        });
        Self { folder, shim }
    }

    /// Lives through it, with a blow at a write, 0 for none.
    fn through(&self, name: &str, at: u64, blow: Blow) -> Through {
        let folder = self.folder.path().join(name);
        copied(&self.folder.path().join("first"), &folder);
        let board = Board::new(self.folder.path().join(format!("{name}.board")), at, blow).unwrap();
        let mut told = Acknowledged::default();
        let first = self.life(&folder, 0, Some(&board), &mut told);
        let mut wrong = Vec::new();
        let died = first.status.signal() == Some(9);
        let last = if died { self.life(&folder, 1, None, &mut told) } else { first };
        if !last.status.success() {
            wrong.push(String::from_utf8_lossy(&last.stderr).into_owned());
        }
        wrong.extend(awaited(async { faults(opened(&folder).await, &folder, &told).await.unwrap() }));
        let writes = board.count().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        fs::remove_file(board.path()).unwrap();
        Through { writes, died, wrong }
    }

    fn life(&self, folder: &Path, life: u32, board: Option<&Board>, told: &mut Acknowledged) -> Output {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child_that_verifies", "--ignored", "--nocapture"]);
        child.env(FOLDER, folder).env(LIFE, life.to_string());
        if let Some(board) = board {
            child.env("LD_PRELOAD", &self.shim).env("CRASH_BOARD", board.path());
        }
        if let Some(id) = &told.session {
            child.env(SESSION, id.to_string());
        }
        let output = child.output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().for_each(|line| told.hear(line));
        output
    }
}

fn awaited<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every write of a verification once, or as often as the environment asks. Gives what was done and how many died.
fn at_every_write(blow: Blow) -> (u64, u64) {
    let ground = Ground::new();
    let undisturbed = ground.through("undisturbed", 0, blow);
    assert_eq!((undisturbed.wrong, undisturbed.died), (vec![], false));
    let rounds: u64 = std::env::var("SHIREN_CRASH_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let (points, runs) = (undisturbed.writes, undisturbed.writes * rounds);
    let (next, deaths, bad) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    let run_on = || {
        loop {
            let run = next.fetch_add(1, Ordering::Relaxed);
            if run >= runs {
                break;
            }
            let point = run % points + 1;
            let through = ground.through(&format!("run-{run}"), point, blow);
            deaths.fetch_add(u64::from(through.died), Ordering::Relaxed);
            if !through.wrong.is_empty() {
                bad.lock().unwrap().push((point, through.wrong));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(run_on);
        }
    });
    let (deaths, bad) = (deaths.into_inner(), bad.into_inner().unwrap());
    println!("{points} writes in a verification, {rounds} times each: {deaths} deaths, {} bad", bad.len());
    assert!(bad.is_empty(), "{bad:#?}");
    assert!(points > 50, "{points} writes");
    (runs, deaths)
}

#[test]
fn a_verification_survives_a_death_before_each_of_its_writes() {
    let (runs, deaths) = at_every_write(Blow::Death);
    // A life may make a write less than the first one made; nearly all must have been cut short all the same.
    assert!(deaths * 10 > runs * 8, "{deaths} deaths in {runs} runs");
}

#[test]
fn a_verification_outlasts_a_full_disk_from_each_of_its_writes_on() {
    let (_, deaths) = at_every_write(Blow::Full(25));
    assert_eq!(deaths, 0);
}
