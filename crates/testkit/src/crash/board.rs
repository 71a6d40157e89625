//! What the preloaded library counts on, and the library.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file that a child maps into its memory: calls so far, the call to die at, whether to count.
pub struct Board(PathBuf);

impl Board {
    /// A fresh one: die at this call, counted from 1; never at 0.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(path: impl Into<PathBuf>, die_at: u64) -> io::Result<Self> {
        let path = path.into();
        let mut bytes = vec![0; 4096];
        bytes[8..16].copy_from_slice(&die_at.to_ne_bytes());
        bytes[16..24].copy_from_slice(&1_u64.to_ne_bytes());
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
