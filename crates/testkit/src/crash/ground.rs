//! Lives and deaths, on whatever store.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use shiren_app::port::{Store, StoreError};

use super::board::{Blow, Board, shim};
use super::house::House;
use super::life::Life;
use super::lives::LIVES;
use super::told::Told;

const FOLDER: &str = "SHIREN_TEST_FOLDER";
const LIFE: &str = "SHIREN_TEST_LIFE";
const NTH: &str = "SHIREN_TEST_NTH";
/// The test that is a life: `#[ignore]`d, in the binary that calls [`at_every_point`].
const CHILD: &str = "child_that_lives";

/// One kind of store. Each run has a folder of its own, in which its store, or where it is, can be found.
#[async_trait::async_trait]
pub trait Stores: Sync {
    /// The kind.
    type Kept: Store;

    /// The store of a folder, its schema made where there is none.
    async fn open(&self, folder: &Path) -> Result<Arc<Self::Kept>, StoreError>;

    /// Lets go of a store, so that it can be copied or deleted.
    async fn close(&self, store: Arc<Self::Kept>);

    /// How many times as long a run takes as on the quickest store: so many times fewer there are by default.
    fn slowness(&self) -> u64 {
        1
    }

    /// What is not in the folder was copied with it, for a run of its own.
    fn copied(&self, _run: &Path) {}

    /// What is not in the folder is deleted with it.
    fn deleted(&self, _run: &Path) {}
}

/// One process of a life, which goes on from wherever it stands; nothing where no test started it.
///
/// # Panics
/// When something is refused that should not be.
pub async fn child(stores: &impl Stores) {
    let Ok(folder) = std::env::var(FOLDER).map(PathBuf::from) else { return };
    let name = std::env::var(LIFE).expect("the name of a life");
    let life = LIVES.into_iter().find(|life| life.name() == name).expect("a life of that name");
    let nth = std::env::var(NTH).ok().and_then(|n| n.parse().ok()).expect("the number of this process");
    // Whoever starts it on a full disk starts it again.
    let mut store = stores.open(&folder).await;
    let mut house = None;
    for _ in 0..100 {
        match &store {
            Ok(store) if house.is_none() => {
                house = House::new(life, Arc::clone(store) as _, &folder, nth).ok()
            }
            Ok(_) => break,
            Err(_) => store = stores.open(&folder).await,
        }
    }
    store.expect("the store opens");
    life.live(&house.expect("there is a place for pictures")).await.expect("a life goes to its end");
}

/// What came of blows at the points of a life.
#[derive(Clone, Copy, Debug)]
pub struct Blows {
    /// Points of a life at which one can fall.
    pub points: u64,
    /// Lives that were begun.
    pub runs: u64,
    /// Processes that died.
    pub deaths: u64,
}

/// A life for every point at which it changes a file or ends a transaction, with a blow there: at every one as often as
/// the environment asks (`SHIREN_CRASH_ROUNDS`); by default once at as many as the life itself says ([`Life::blows`]),
/// spread evenly, and at others in each run of the tests.
///
/// # Panics
/// When something acknowledged was lost, or happened twice.
pub fn at_every_point(stores: &impl Stores, life: &dyn Life, blow: Blow) -> Blows {
    let ground = Ground::new(stores, life);
    let undisturbed = ground.through("undisturbed", 0, blow);
    assert_eq!((undisturbed.wrong, undisturbed.died), (vec![], false));
    let points = undisturbed.points;
    let chosen: Vec<u64> = match std::env::var("SHIREN_CRASH_ROUNDS") {
        Ok(rounds) => {
            let rounds: u64 = rounds.parse().expect("a number of rounds");
            (0..rounds).flat_map(|_| 1..=points).collect()
        }
        Err(_) => spread(points, life.blows() / stores.slowness(), u64::from(std::process::id())),
    };
    let runs = chosen.len() as u64;
    let (next, deaths, bad) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    let run_on = || {
        loop {
            let run = next.fetch_add(1, Ordering::Relaxed);
            let Some(point) = usize::try_from(run).ok().and_then(|run| chosen.get(run)).copied() else {
                break;
            };
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
    let name = life.name();
    println!("{points} points in the life of a {name}, {runs} runs: {deaths} deaths, {} bad", bad.len());
    assert!(bad.is_empty(), "{bad:#?}");
    Blows { points, runs, deaths }
}

/// At most so many of the points, evenly spread, from a start of chance on.
fn spread(points: u64, most: u64, chance: u64) -> Vec<u64> {
    let step = points.div_ceil(most.max(1)).max(1);
    (chance % step + 1..=points).step_by(usize::try_from(step).unwrap_or(usize::MAX)).collect()
}

/// How a life went.
struct Through {
    /// Of its first process.
    points: u64,
    died: bool,
    wrong: Vec<String>,
}

/// What every run of a life begins with, made once.
struct Ground<'a, S> {
    stores: &'a S,
    life: &'a dyn Life,
    folder: tempfile::TempDir,
    shim: PathBuf,
}

impl<'a, S: Stores> Ground<'a, S> {
    fn new(stores: &'a S, life: &'a dyn Life) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shim = shim(folder.path()).expect("the shim is compiled");
        let first = folder.path().join("first");
        fs::create_dir(&first).expect("a folder");
        awaited(async {
            let store = stores.open(&first).await.expect("the store opens");
            let house = House::new(life, Arc::clone(&store) as _, &first, 0).expect("a place for pictures");
            house.furnish().await.expect("a key and an endpoint");
            life.prepare(&house).await.expect("what stands before it");
            drop(house);
            stores.close(store).await;
        });
        Self { stores, life, folder, shim }
    }

    /// Lives through it, with a blow at a point, 0 for none.
    fn through(&self, name: &str, at: u64, blow: Blow) -> Through {
        let folder = self.folder.path().join(name);
        copied(&self.folder.path().join("first"), &folder);
        self.stores.copied(&folder);
        let board = Board::new(self.folder.path().join(format!("{name}.board")), at, blow).expect("a board");
        let mut told = Told::default();
        let first = self.process(&folder, 0, Some(&board), &mut told);
        let mut wrong = Vec::new();
        let died = first.status.signal() == Some(9);
        let last = if died { self.process(&folder, 1, None, &mut told) } else { first };
        if !last.status.success() {
            wrong.push(String::from_utf8_lossy(&last.stderr).into_owned());
        }
        wrong.extend(awaited(async {
            let store = self.stores.open(&folder).await.expect("the store opens");
            let house = House::new(self.life, Arc::clone(&store) as _, &folder, 2);
            let house = house.expect("a place for pictures");
            let wrong = self.life.faults(&house, &told).await.expect("the end can be looked at");
            drop(house);
            self.stores.close(store).await;
            wrong
        }));
        let points = board.count().expect("the board can be read");
        self.stores.deleted(&folder);
        fs::remove_dir_all(&folder).expect("the folder goes");
        fs::remove_file(board.path()).expect("the board goes");
        Through { points, died, wrong }
    }

    fn process(&self, folder: &Path, nth: u32, board: Option<&Board>, told: &mut Told) -> Output {
        let mut child = Command::new(std::env::current_exe().expect("this very binary"));
        child.args(["--exact", CHILD, "--ignored", "--nocapture"]);
        child.env(FOLDER, folder).env(LIFE, self.life.name()).env(NTH, nth.to_string());
        if let Some(board) = board {
            child.env("LD_PRELOAD", &self.shim).env("CRASH_BOARD", board.path());
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
