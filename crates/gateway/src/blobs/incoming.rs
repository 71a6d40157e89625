//! Where blobs are written before they are whole.
//!
//! Who writes a file holds a lock on it, so that a process that starts can tell what is left of a crash from what
//! another process is writing: the system drops the locks of the dead.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::durable;

/// Writes all bytes to a file.
pub(super) type WriteFile = fn(&mut File, &[u8]) -> io::Result<()>;

/// The ordinary way.
pub(super) fn write_file(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)
}

/// The folder of files that are being written.
#[derive(Debug)]
pub(super) struct Incoming {
    folder: PathBuf,
    write: WriteFile,
}

/// A file that is written and synced but has no name yet that counts. Deleted when dropped before it gets one.
#[derive(Debug)]
pub(super) struct Written {
    path: PathBuf,
    locked: File,
}

impl Incoming {
    /// Opens the folder and deletes what nobody is writing any more.
    pub(super) fn open(folder: PathBuf, write: WriteFile) -> io::Result<Self> {
        durable::private_folder(&folder)?;
        for entry in fs::read_dir(&folder)? {
            remove_if_left(&entry?.path())?;
        }
        Ok(Self { folder, write })
    }

    /// Writes a file.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<Written> {
        let (path, file) = self.create()?;
        let mut written = Written { path, locked: file };
        (self.write)(&mut written.locked, bytes)?;
        written.locked.sync_all()?;
        Ok(written)
    }

    /// A new file, locked. Between making and locking it, a process that starts may have taken it for left behind.
    fn create(&self) -> io::Result<(PathBuf, File)> {
        loop {
            let path = self.folder.join(random_name()?);
            let file = durable::private_file(&path)?;
            file.lock()?;
            if file.metadata()?.nlink() > 0 {
                return Ok((path, file));
            }
        }
    }
}

impl Written {
    /// Gives it its name, in place of what had it.
    pub(super) fn rename(&self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        // It is not there when it was renamed. If it cannot be deleted, the next start does it.
        let _ = fs::remove_file(&self.path);
    }
}

fn remove_if_left(path: &Path) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    match file.try_lock() {
        // Deleted while locked: see `create`.
        Ok(()) => durable::remove_if_there(path),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn random_name() -> io::Result<String> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    Ok(format!("{number:016x}"))
}
