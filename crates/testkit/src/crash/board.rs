//! What the preloaded library counts on, and the library.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whole numbers of it, as the library lays them out.
const NUMBERS: usize = TRIPPED + TRIPPED_SIZE + 4096;
const TRIPPED: usize = 64;
const TRIPPED_SIZE: usize = 16_384;

/// Where in it stands what a process is at, in bytes: a hash, and how many things it was at.
pub(super) const AT: u64 = 4 * 8;

/// A file that a child maps into its memory.
pub(super) struct Board(PathBuf);

/// What happens at points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blow {
    /// Nothing; they are noted.
    Never,
    /// The process dies at each point that is not among these, at one of each thing that it is at.
    Each(BTreeSet<i64>),
    /// From the one of this number on, counted from 1, so many find no space on the disk.
    Full {
        /// The first one.
        at: u64,
        /// So many.
        calls: u64,
    },
}

/// Which points there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Points {
    /// Before and after whatever is done for good: a transaction, a file, a line that somebody else was told.
    Commits,
    /// Those, and before everything else that changes a file: a commit half written.
    Writes,
}

impl Board {
    /// A fresh one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn new(path: impl Into<PathBuf>, points: Points, blow: &Blow) -> io::Result<Self> {
        let mut numbers = vec![0_i64; NUMBERS];
        let number = |n: u64| i64::try_from(n).map_err(io::Error::other);
        let [chosen, full, each] = match blow {
            Blow::Never => [0, 0, NOTES],
            Blow::Each(_) => [0, 0, DIES],
            Blow::Full { at, calls } => [number(*at)?, number(*calls)?, 0],
        };
        for (place, value) in
            numbers.iter_mut().zip([0, chosen, 1, full, 0, 0, each, i64::from(points == Points::Writes)])
        {
            *place = value;
        }
        if let Blow::Each(tripped) = blow {
            let set = numbers.get_mut(TRIPPED..TRIPPED + TRIPPED_SIZE).unwrap_or_default();
            tripped.iter().for_each(|point| insert(set, *point));
        }
        let path = path.into();
        fs::write(&path, numbers.iter().flat_map(|n| n.to_ne_bytes()).collect::<Vec<u8>>())?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// How many points were passed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn count(&self) -> io::Result<u64> {
        Ok(self.numbers()?.first().and_then(|n| u64::try_from(*n).ok()).unwrap_or_default())
    }

    /// The points that were noted, or tripped: by what the process was at, and the number of the point in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn points(&self) -> io::Result<BTreeSet<i64>> {
        let numbers = self.numbers()?;
        let set = numbers.get(TRIPPED..TRIPPED + TRIPPED_SIZE).unwrap_or_default();
        Ok(set.iter().copied().filter(|n| *n != 0).collect())
    }

    fn numbers(&self) -> io::Result<Vec<i64>> {
        let bytes = fs::read(&self.0)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|chunk| i64::from_ne_bytes(*chunk)).collect())
    }
}

/// The library dies at points that are new, or notes them.
const DIES: i64 = 1;
const NOTES: i64 = 2;

/// As the library does: into the first free place from its own on.
fn insert(set: &mut [i64], what: i64) {
    let start = usize::try_from(what.cast_unsigned() % (TRIPPED_SIZE as u64)).unwrap_or_default();
    let (before, from) = set.split_at_mut(start);
    if let Some(slot) = from.iter_mut().chain(before).find(|slot| **slot == 0 || **slot == what) {
        *slot = what;
    }
}

/// Compiles the library into a folder, with the C compiler that Rust links with.
///
/// # Errors
/// When there is none, or it refuses.
pub(super) fn shim(folder: &Path) -> io::Result<PathBuf> {
    let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
    fs::write(&source, include_str!("shim.c"))?;
    let built = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()?;
    if built.success() { Ok(library) } else { Err(io::Error::other("cc refuses the shim")) }
}
