//! What the preloaded library counts on, and the library.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that a child maps into its memory: calls so far, the chosen one, whether to count, how many find the disk
/// full.
pub struct Board(PathBuf);

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The process dies before it.
    Death,
    /// It and so many after it find no space on the disk.
    Full(u64),
}

impl Board {
    /// A fresh one: the blow falls at this call, counted from 1; never at 0.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(path: impl Into<PathBuf>, at: u64, blow: Blow) -> io::Result<Self> {
        let path = path.into();
        let full = if let Blow::Full(calls) = blow { calls } else { 0 };
        let mut bytes = vec![0; 4096];
        for (place, number) in bytes.chunks_exact_mut(8).zip([0, at, 1, full]) {
            place.copy_from_slice(&number.to_ne_bytes());
        }
        fs::write(&path, bytes)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// How many calls were counted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn count(&self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        File::open(&self.0)?.read_exact(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }
}

/// Compiles the library into a folder, with the C compiler that Rust links with.
///
/// # Errors
/// When there is none, or it refuses.
pub fn shim(folder: &Path) -> io::Result<PathBuf> {
    let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
    fs::write(&source, include_str!("shim.c"))?;
    let built = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()?;
    if built.success() { Ok(library) } else { Err(io::Error::other("cc refuses the shim")) }
}
