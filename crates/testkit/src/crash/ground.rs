//! Lives and deaths, on whatever store.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use shiren_app::port::{Store, StoreError};

use super::at::{BOARD, hear_jobs};
use super::board::{Blow, Board, Points, shim};
use super::house::House;
use super::life::Life;
use super::lives::LIVES;
use super::told::Told;

const FOLDER: &str = "SHIREN_TEST_FOLDER";
const LIFE: &str = "SHIREN_TEST_LIFE";
const NTH: &str = "SHIREN_TEST_NTH";
/// The test that is a life: `#[ignore]`d, in the binary that calls [`at_every_point`].
const CHILD: &str = "child_that_lives";
/// Most times that a life is begun, and most processes of one: more means that it never comes to an end.
const MOST: u32 = 500;

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

/// One process of a life, which goes on from wherever it stands; nothing where no test started it.
///
/// # Panics
/// When something is refused that should not be.
pub async fn child(stores: &impl Stores) {
    let Ok(folder) = std::env::var(FOLDER).map(PathBuf::from) else { return };
    let name = std::env::var(LIFE).expect("the name of a life");
    let life = LIVES.into_iter().find(|life| life.name() == name).expect("a life of that name");
    let nth = std::env::var(NTH).ok().and_then(|n| n.parse().ok()).expect("the number of this process");
    hear_jobs();
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

/// What came of deaths at the points of a life.
#[derive(Clone, Copy, Debug)]
pub struct Deaths {
    /// Points of a life that nothing disturbs.
    pub points: usize,
    /// Lives that were begun.
    pub runs: u32,
    /// Processes that died: at those points, and at those of going on after a death.
    pub deaths: u32,
}

/// A life with deaths: at every point of each step of it, and of each kind of job that is done in that step. In one run the process dies at one point of each of these at most, and another one
/// goes on; it is lived again until a run comes to its end without a death.
///
/// # Panics
/// When something acknowledged was lost, or happened twice; or when a point was not tripped.
pub fn at_every_point(stores: &impl Stores, life: &dyn Life, points: Points) -> Deaths {
    let ground = Ground::new(stores, life, points);
    let undisturbed = ground.through("undisturbed", &Blow::Never);
    assert_eq!((undisturbed.wrong, undisturbed.deaths), (vec![], 0));
    assert!(undisturbed.jobs.iter().map(String::as_str).eq(jobs_of(life)), "{:?}", undisturbed.jobs);
    let (points, mut tripped) = (undisturbed.points, BTreeSet::new());
    let (mut runs, mut deaths, mut bad) = (0, 0, Vec::new());
    loop {
        let through = ground.through(&format!("run-{runs}"), &Blow::Each(tripped));
        tripped = through.points;
        if !through.wrong.is_empty() {
            bad.push((runs, through.died_at, through.wrong));
        }
        if through.deaths == 0 {
            break;
        }
        (runs, deaths) = (runs + 1, deaths + through.deaths);
        assert!(runs < MOST, "{runs} runs, and still there are points that were not tripped");
    }
    let missed = points.difference(&tripped).count();
    let points = points.len();
    println!(
        "{}: {points} points, {deaths} deaths in {runs} runs, {missed} points missed, {} bad",
        life.name(),
        bad.len()
    );
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(missed, 0);
    Deaths { points, runs, deaths }
}

/// The kinds of jobs that are done in a life.
pub(super) fn jobs_of(life: &dyn Life) -> BTreeSet<&'static str> {
    life.jobs().iter().copied().collect()
}

/// A life that finds the disk full for a while, so many times, from points on that are spread evenly over it and are others
/// in each run of the tests. Returns how many points it has.
///
/// # Panics
/// When something acknowledged was lost, or happened twice; or when a process died of it.
pub fn on_a_full_disk(stores: &impl Stores, life: &dyn Life, times: u64) -> u64 {
    let ground = Ground::new(stores, life, Points::Writes);
    let points = ground.through("undisturbed", &Blow::Never).count;
    let chance = u64::from(std::process::id());
    let mut bad = Vec::new();
    for at in spread(points, times, chance) {
        let through = ground.through(&format!("from-{at}"), &Blow::Full { at, calls: 25 });
        if !through.wrong.is_empty() || through.deaths > 0 {
            bad.push((at, through.deaths, through.wrong));
        }
    }
    println!("{}: {points} points, {} bad", life.name(), bad.len());
    assert!(bad.is_empty(), "{bad:#?}");
    points
}

/// At most so many of the points, evenly spread, from a start of chance on.
fn spread(points: u64, most: u64, chance: u64) -> Vec<u64> {
    let step = points.div_ceil(most.max(1)).max(1);
    (chance % step + 1..=points).step_by(usize::try_from(step).unwrap_or(usize::MAX)).collect()
}

/// How a life went.
struct Through {
    /// How many points it passed.
    count: u64,
    /// Those that were noted or tripped, in this run and before.
    points: BTreeSet<i64>,
    deaths: u32,
    /// The kinds of jobs that were begun.
    jobs: BTreeSet<String>,
    /// After what each process had said last.
    died_at: Vec<String>,
    wrong: Vec<String>,
}

/// What every run of a life begins with, made once.
struct Ground<'a, S> {
    stores: &'a S,
    life: &'a dyn Life,
    points: Points,
    folder: tempfile::TempDir,
    shim: PathBuf,
}

impl<'a, S: Stores> Ground<'a, S> {
    fn new(stores: &'a S, life: &'a dyn Life, points: Points) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let shim = shim(folder.path()).expect("the shim is compiled");
        let first = folder.path().join("first");
        fs::create_dir(&first).expect("a folder");
        awaited(async {
            let store = stores.open(&first).await.expect("the store opens");
            let house = House::new(life, Arc::clone(&store) as _, &first, 0).expect("a place for pictures");
            house.furnish().await.expect("a key and an endpoint");
            drop(house);
            stores.close(store).await;
        });
        Self { stores, life, points, folder, shim }
    }

    /// Lives through it, by one process after the other.
    fn through(&self, name: &str, blow: &Blow) -> Through {
        let folder = self.folder.path().join(name);
        copied(&self.folder.path().join("first"), &folder);
        self.stores.copied(&folder);
        let board = self.folder.path().join(format!("{name}.board"));
        let board = Board::new(board, self.points, blow).expect("a board");
        let (mut told, mut died_at, mut deaths) = (Told::default(), Vec::new(), 0);
        let last = loop {
            let output = self.process(&folder, deaths, &board, &mut told);
            if output.status.signal() != Some(9) || deaths == MOST {
                break output;
            }
            deaths += 1;
            died_at.push(told.last().to_owned());
        };
        let mut wrong = Vec::new();
        if !last.status.success() {
            wrong.push(String::from_utf8_lossy(&last.stderr).into_owned());
        }
        wrong.extend(awaited(self.faults(&folder, deaths + 1, &told)));
        let (count, points) = (board.count().expect("a count"), board.points().expect("its points"));
        self.stores.deleted(&folder);
        fs::remove_dir_all(&folder).expect("the folder goes");
        fs::remove_file(board.path()).expect("the board goes");
        Through { count, points, deaths, jobs: told.jobs().clone(), died_at, wrong }
    }

    async fn faults(&self, folder: &Path, nth: u32, told: &Told) -> Vec<String> {
        let store = self.stores.open(folder).await.expect("the store opens");
        let house = House::new(self.life, Arc::clone(&store) as _, folder, nth);
        let house = house.expect("a place for pictures");
        // Where a life came to no end there may be nothing to look at.
        let wrong = self.life.faults(&house, told).await.unwrap_or_else(|error| vec![error.to_string()]);
        drop(house);
        self.stores.close(store).await;
        wrong
    }

    fn process(&self, folder: &Path, nth: u32, board: &Board, told: &mut Told) -> Output {
        let mut child = Command::new(std::env::current_exe().expect("this very binary"));
        child.args(["--exact", CHILD, "--ignored", "--nocapture"]);
        child.env(FOLDER, folder).env(LIFE, self.life.name()).env(NTH, nth.to_string());
        child.env("LD_PRELOAD", &self.shim).env(BOARD, board.path());
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
