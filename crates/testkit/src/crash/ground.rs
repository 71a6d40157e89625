//! Lives and deaths, on whatever store.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use shiren_app::port::{Store, StoreError};

use super::board::{Blow, Board, shim};
use super::person::{Acknowledged, faults, live, prepare};

const FOLDER: &str = "SHIREN_TEST_FOLDER";
const LIFE: &str = "SHIREN_TEST_LIFE";
const SESSION: &str = "SHIREN_TEST_SESSION";
/// The test that is a life: `#[ignore]`d, in the binary that calls [`at_every_point`].
const CHILD: &str = "child_that_verifies";

/// One kind of store. Each run has a folder of its own, in which its store, or where it is, can be found.
#[async_trait::async_trait]
pub trait Stores: Sync {
    /// The kind.
    type Kept: Store;

    /// The store of a folder, its schema made where there is none.
    async fn open(&self, folder: &Path) -> Result<Arc<Self::Kept>, StoreError>;

    /// Lets go of a store, so that it can be copied or deleted.
    async fn close(&self, store: Arc<Self::Kept>);

    /// What is not in the folder was copied with it, for a run of its own.
    fn copied(&self, _run: &Path) {}

    /// What is not in the folder is deleted with it.
    fn deleted(&self, _run: &Path) {}
}

/// One life of a process, in which a verification goes on from wherever it stands; nothing where no test started it.
///
/// # Panics
/// When something is refused that should not be.
pub async fn child(stores: &impl Stores) {
    let Ok(folder) = std::env::var(FOLDER).map(PathBuf::from) else { return };
    let life = std::env::var(LIFE).ok().and_then(|n| n.parse().ok()).expect("the number of this life");
    let known = std::env::var(SESSION).ok().map(|id| id.parse().expect("the id of a session"));
    // Whoever starts it on a full disk starts it again.
    let mut store = stores.open(&folder).await;
    for _ in 0..100 {
        if store.is_err() {
            store = stores.open(&folder).await;
        }
    }
    live(store.expect("the store opens"), &folder, life, known).await.expect("a life goes to its end");
}

/// What came of a blow at every point of a verification.
#[derive(Clone, Copy, Debug)]
pub struct Blows {
    /// Points of a verification at which one can fall.
    pub points: u64,
    /// Verifications that were begun.
    pub runs: u64,
    /// Processes that died.
    pub deaths: u64,
}

/// A verification for every point at which it changes a file or ends a transaction, with a blow there; once, or as
/// often as the environment asks (`SHIREN_CRASH_ROUNDS`).
///
/// # Panics
/// When something acknowledged was lost, or happened twice.
pub fn at_every_point(stores: &impl Stores, blow: Blow) -> Blows {
    let ground = Ground::new(stores);
    let undisturbed = ground.through("undisturbed", 0, blow);
    assert_eq!((undisturbed.wrong, undisturbed.died), (vec![], false));
    let rounds: u64 =
        std::env::var("SHIREN_CRASH_ROUNDS").map_or(1, |n| n.parse().expect("a number of rounds"));
    let (points, runs) = (undisturbed.points, undisturbed.points * rounds);
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
                bad.lock().expect("nobody panicked").push((point, through.wrong));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(run_on);
        }
    });
    let (deaths, bad) = (deaths.into_inner(), bad.into_inner().expect("nobody panicked"));
    println!("{points} points in a verification, {rounds} times each: {deaths} deaths, {} bad", bad.len());
    assert!(bad.is_empty(), "{bad:#?}");
    Blows { points, runs, deaths }
}

/// How a verification went.
struct Through {
    /// Of its first life.
    points: u64,
    died: bool,
    wrong: Vec<String>,
}

/// What every verification begins with, made once.
struct Ground<'a, S> {
    stores: &'a S,
    folder: tempfile::TempDir,
    shim: PathBuf,
}

impl<'a, S: Stores> Ground<'a, S> {
    fn new(stores: &'a S) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shim = shim(folder.path()).expect("the shim is compiled");
        let first = folder.path().join("first");
        fs::create_dir(&first).expect("a folder");
        awaited(async {
            let store = stores.open(&first).await.expect("the store opens");
            prepare(Arc::clone(&store) as _, &first).await.expect("a key and an endpoint");
            stores.close(store).await;
        });
        Self { stores, folder, shim }
    }

    /// Lives through it, with a blow at a point, 0 for none.
    fn through(&self, name: &str, at: u64, blow: Blow) -> Through {
        let folder = self.folder.path().join(name);
        copied(&self.folder.path().join("first"), &folder);
        self.stores.copied(&folder);
        let board = Board::new(self.folder.path().join(format!("{name}.board")), at, blow).expect("a board");
        let mut told = Acknowledged::default();
        let first = self.life(&folder, 0, Some(&board), &mut told);
        let mut wrong = Vec::new();
        let died = first.status.signal() == Some(9);
        let last = if died { self.life(&folder, 1, None, &mut told) } else { first };
        if !last.status.success() {
            wrong.push(String::from_utf8_lossy(&last.stderr).into_owned());
        }
        wrong.extend(awaited(async {
            let store = self.stores.open(&folder).await.expect("the store opens");
            let wrong =
                faults(Arc::clone(&store) as _, &folder, &told).await.expect("the end can be looked at");
            self.stores.close(store).await;
            wrong
        }));
        let points = board.count().expect("the board can be read");
        self.stores.deleted(&folder);
        fs::remove_dir_all(&folder).expect("the folder goes");
        fs::remove_file(board.path()).expect("the board goes");
        Through { points, died, wrong }
    }

    fn life(&self, folder: &Path, life: u32, board: Option<&Board>, told: &mut Acknowledged) -> Output {
        let mut child = Command::new(std::env::current_exe().expect("this very binary"));
        child.args(["--exact", CHILD, "--ignored", "--nocapture"]);
        child.env(FOLDER, folder).env(LIFE, life.to_string());
        if let Some(board) = board {
            child.env("LD_PRELOAD", &self.shim).env("CRASH_BOARD", board.path());
        }
        if let Some(id) = &told.session {
            child.env(SESSION, id.to_string());
        }
        let output = child.output().expect("a child");
        String::from_utf8_lossy(&output.stdout).lines().for_each(|line| told.hear(line));
        output
    }
}

fn awaited<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the first folder").map(|e| e.expect("its entries")) {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
