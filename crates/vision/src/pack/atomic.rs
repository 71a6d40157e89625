//! Files appear whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Held while installing: two installers would fetch everything twice and clear each other's unfinished work.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, calling `waiting` first if another process holds it. The system releases it when the
    /// process ends, however it ends.
    pub(super) fn take(root: &Path, waiting: impl FnOnce()) -> io::Result<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(root.join(".lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
        Ok(Self { _file: file })
    }
}

/// The folder of unfinished work, on the same file system as the places where things go.
pub(super) struct Staging {
    folder: PathBuf,
    next: AtomicU64,
}

impl Staging {
    /// Clears what a killed installer left. Only for whoever holds the lock.
    pub(super) fn clear(root: &Path, _lock: &Lock) -> io::Result<Self> {
        let folder = root.join("staging");
        // A download that outlived its killed installer may still be writing there and win the race. What then
        // stays is in nobody's way: names are never used again, and the next installer clears again.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, next: AtomicU64::new(0) })
    }

    /// A new empty folder.
    pub(super) fn folder(&self) -> io::Result<PathBuf> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let folder = self.folder.join(format!("{}-{number}", std::process::id()));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(folder),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Left behind, it is cleared by the next installer.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Writes a file that appears under its name only when it is whole and on the disk.
pub(super) fn write(staging: &Staging, to: &Path, contents: &[u8]) -> io::Result<()> {
    let unfinished = stage(staging, to, contents)?;
    place(&unfinished, to)
}

/// Writes a file of the same name into the staging folder.
pub(super) fn stage(staging: &Staging, to: &Path, contents: &[u8]) -> io::Result<PathBuf> {
    let name = to.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let unfinished = staging.folder()?.join(name);
    let mut file = File::create_new(&unfinished)?;
    file.write_all(contents)?;
    file.sync_all()?;
    Ok(unfinished)
}

/// Moves a finished file to its place, replacing what is there.
pub(super) fn place(finished: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    fs::create_dir_all(folder)?;
    fs::rename(finished, to)?;
    File::open(folder)?.sync_all()
}
