//! Master keys in a file that only its owner reads.
//!
//! Whoever has this file and a copy of the data can read the data: it belongs in another backup than the data, and
//! without it the data is lost. Old versions stay, because what they wrapped may not have been rewrapped yet.

mod file;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use shiren_app::port::{Entropy, Keyring};
use shiren_vault::MasterKey;
use zeroize::Zeroizing;

use crate::durable;

/// The bytes of a master key.
type KeyBytes = Zeroizing<[u8; 32]>;

/// A keyring in a file.
pub struct FileKeyring {
    path: PathBuf,
    keys: RwLock<Keys>,
}

/// The newest key, under which everything new is wrapped, and the ones before it.
struct Keys {
    current: (u32, KeyBytes),
    older: BTreeMap<u32, KeyBytes>,
}

/// Why there is no keyring. Never says what a key is.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Others could read the keys.
    #[error(
        "the keyring {path} can be read by others (mode {mode:04o}). Make sure that nobody copied it, then run: \
         chmod 600 '{path}'"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is not what we wrote.
    #[error("the keyring {path} cannot be understood{}: {problem}", at(*line))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in the file, if that is known.
        line: Option<usize>,
        /// What is wrong.
        problem: &'static str,
    },
    /// The caller's entropy gave zeros.
    #[error("no key was made: the source of randomness gives zeros")]
    NoEntropy,
    /// The file could not be read or written.
    #[error("the keyring {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

fn at(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})")).unwrap_or_default()
}

impl FileKeyring {
    /// Opens the keyring, or makes it with a first key when there is no such file.
    pub fn open_or_create(path: impl Into<PathBuf>, entropy: &dyn Entropy) -> Result<Self, KeyringError> {
        let path = path.into();
        let folder = durable::folder_of(&path);
        fs::create_dir_all(folder).map_err(|error| io_error(&path, error))?;
        // Two processes may start for the first time side by side; both must end with the same key.
        let _lock = durable::lock(folder).map_err(|error| io_error(&path, error))?;
        let there = path.try_exists().map_err(|error| io_error(&path, error))?;
        if !there {
            let keys = Keys { current: (1, new_key(entropy)?), older: BTreeMap::new() };
            write(&path, &keys)?;
        }
        Self::open(path)
    }

    /// Opens a keyring that must be there.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, KeyringError> {
        let path = path.into();
        let keys = RwLock::new(read(&path)?);
        Ok(Self { path, keys })
    }

    /// Adds a key and makes it the current one; gives its version. Other processes notice it when they meet what
    /// is wrapped under it.
    pub fn rotate(&self, entropy: &dyn Entropy) -> Result<u32, KeyringError> {
        let folder = durable::folder_of(&self.path);
        let _lock = durable::lock(folder).map_err(|error| io_error(&self.path, error))?;
        // From the file, not from memory: another process may have rotated, and its key must not be lost.
        let keys = read(&self.path)?.with_new(new_key(entropy)?);
        write(&self.path, &keys)?;
        let version = keys.current.0;
        self.keep(keys);
        Ok(version)
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> Vec<u32> {
        self.with(|keys| keys.all().map(|(version, _)| version).collect())
    }

    fn with<T>(&self, look: impl FnOnce(&Keys) -> T) -> T {
        look(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Keyring for FileKeyring {
    fn current(&self) -> (u32, MasterKey) {
        self.with(|keys| (keys.current.0, MasterKey::from_bytes(*keys.current.1)))
    }

    fn version(&self, version: u32) -> Option<MasterKey> {
        let known = || self.with(|keys| keys.get(version).map(|key| MasterKey::from_bytes(**key)));
        known().or_else(|| {
            // Another process may have rotated since this one started.
            let keys = read(&self.path).ok()?;
            self.keep(keys);
            known()
        })
    }
}

impl fmt::Debug for FileKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileKeyring").field("path", &self.path).field("versions", &self.versions()).finish()
    }
}

impl Keys {
    fn with_new(self, key: KeyBytes) -> Self {
        let Self { current: (version, before), mut older } = self;
        older.insert(version, before);
        Self { current: (version + 1, key), older }
    }

    fn get(&self, version: u32) -> Option<&KeyBytes> {
        self.all().find_map(|(other, key)| (other == version).then_some(key))
    }

    /// All of them, oldest first.
    fn all(&self) -> impl Iterator<Item = (u32, &KeyBytes)> {
        let older = self.older.iter().map(|(version, key)| (*version, key));
        older.chain(std::iter::once((self.current.0, &self.current.1)))
    }
}

fn new_key(entropy: &dyn Entropy) -> Result<KeyBytes, KeyringError> {
    let mut key = KeyBytes::default();
    entropy.fill(&mut *key);
    if key.iter().all(|byte| *byte == 0) { Err(KeyringError::NoEntropy) } else { Ok(key) }
}

fn read(path: &Path) -> Result<Keys, KeyringError> {
    let text = read_private(path)?;
    file::parse(&text).map_err(|file::Problem { line, problem }| KeyringError::Damaged {
        path: path.to_owned(),
        line,
        problem,
    })
}

/// Reads a file after having looked at the permissions of the very file that is read.
fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyringError> {
    let read = || -> io::Result<_> {
        let file = fs::File::open(path)?;
        let mode = file.metadata()?.permissions().mode() & 0o777;
        Ok((mode, Zeroizing::new(io::read_to_string(file)?)))
    };
    match read() {
        Ok((mode, _)) if mode & 0o077 != 0 => Err(KeyringError::TooOpen { path: path.to_owned(), mode }),
        Ok((_, text)) => Ok(text),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(KeyringError::Damaged { path: path.to_owned(), line: None, problem: "it is no text" })
        }
        Err(error) => Err(io_error(path, error)),
    }
}

fn write(path: &Path, keys: &Keys) -> Result<(), KeyringError> {
    durable::replace(path, file::written(keys).as_bytes()).map_err(|error| io_error(path, error))
}

fn io_error(path: &Path, error: io::Error) -> KeyringError {
    KeyringError::Io { path: path.to_owned(), error }
}
