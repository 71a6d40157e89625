//! Blobs in a folder of this machine.
//!
//! A blob is written to a file in `.incoming`, synced, renamed to its place, and the folder synced: after a crash
//! it is there whole or not at all, and once `put` returned it stays. Written by hand although `object_store`
//! 0.14 can write so too: it leaves permissions to the umask, does not sync deletions, and does not clear away what
//! a crash left.

mod incoming;
mod key;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use shiren_app::port::{BlobError, Blobs};

use crate::durable;
use incoming::{Incoming, WriteFile};
use key::Key;

/// How often a rename is tried while others delete the last blob beside it, and the folder with it.
const TRIES: u32 = 32;

/// Keeps blobs in a folder that only its owner may enter. Several processes may share it.
#[derive(Clone, Debug)]
pub struct LocalBlobs(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    root: PathBuf,
    incoming: Incoming,
}

impl LocalBlobs {
    /// Opens the folder, makes it if there is none, and clears away what a crash left half-written.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        Self::writing(root.into(), incoming::write_file)
    }

    /// With another way to write files: tests fill the disk so.
    fn writing(root: PathBuf, write: WriteFile) -> Result<Self, BlobError> {
        let open = || {
            durable::private_folder(&root)?;
            Incoming::open(root.join(".incoming"), write)
        };
        let incoming = open().map_err(|error| failed("opening the folder", &error))?;
        Ok(Self(Arc::new(Folder { root, incoming })))
    }

    /// Runs what blocks on a thread that may.
    async fn run<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Folder, &Key) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let key = Key::parse(key).map_err(|error| BlobError::Other(error.to_string()))?;
        let folder = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&folder, &key)).await;
        done.unwrap_or_else(|error| Err(BlobError::Other(error.to_string())))
    }
}

#[async_trait]
impl Blobs for LocalBlobs {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.run(key, move |folder, key| folder.put(key, &bytes).map_err(|error| failed("keeping", &error)))
            .await
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError> {
        self.run(key, |folder, key| match fs::read(key.path(&folder.root)) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(BlobError::Missing(key.to_string())),
            Err(error) => Err(failed("reading", &error)),
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        self.run(key, |folder, key| folder.delete(key).map_err(|error| failed("deleting", &error))).await
    }
}

impl Folder {
    fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let path = key.path(&self.root);
        let folder = durable::folder_of(&path);
        let file = self.incoming.write(bytes)?;
        again_while_missing(|| {
            self.make_folders(folder)?;
            file.rename(&path)
        })?;
        sync_if_there(folder)
    }

    fn delete(&self, key: &Key) -> io::Result<()> {
        let path = key.path(&self.root);
        let folder = durable::folder_of(&path);
        durable::remove_if_there(&path)?;
        sync_if_there(folder)?;
        self.remove_empty(folder);
        Ok(())
    }

    /// Makes the folders between the root and this one, and syncs each name where it was made.
    fn make_folders(&self, folder: &Path) -> io::Result<()> {
        let below: Vec<_> = folder.ancestors().take_while(|above| *above != self.root).collect();
        for folder in below.into_iter().rev() {
            if durable::private_subfolder(folder)? {
                durable::sync_folder(durable::folder_of(folder))?;
            }
        }
        Ok(())
    }

    /// Removes folders that became empty, as far as nobody else uses them: years of deleted sessions would leave a
    /// million.
    fn remove_empty(&self, folder: &Path) {
        for folder in folder.ancestors().take_while(|above| *above != self.root) {
            if fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}

fn again_while_missing(mut work: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    let mut result = work();
    for _ in 1..TRIES {
        match &result {
            Err(error) if error.kind() == ErrorKind::NotFound => result = work(),
            _ => break,
        }
    }
    result
}

/// Syncs a folder, unless somebody deleted the last thing in it, and it with it.
fn sync_if_there(folder: &Path) -> io::Result<()> {
    match durable::sync_folder(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(doing: &str, error: &io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::Full,
        _ => BlobError::Other(format!("{doing}: {error}")),
    }
}
