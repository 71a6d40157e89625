//! Takes named files out of a package archive, within limits, without trusting it.
//!
//! Nothing is ever written under a name that an archive chose: only the members that a manifest names are read,
//! into memory, each no longer than its pinned length. An archive that holds an escaping name at all
//! (`../`, absolute) is refused, because no honest package does.

mod tgz;
mod wheel;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::digest::Digest;

/// Members an archive may have. The largest package of the default pack has 3,500.
const MOST_MEMBERS: usize = 50_000;
/// Bytes an archive may unpack to, counting what is skipped.
const MOST_UNPACKED: u64 = 2 << 30;
/// Bytes one wanted member may have.
pub(super) const MOST_MEMBER: u64 = 512 << 20;

/// A file that is wanted out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its path inside, with `/` between folders.
    pub path: String,
    /// Its exact length in bytes.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
}

/// Why an archive does not give what is wanted.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read, or it is not an archive of its kind.
    #[error("it cannot be read as an archive: {0}")]
    Unreadable(String),
    /// A member's name leads out of the archive.
    #[error("it holds a file whose name leads outside: {0:?}")]
    Escapes(String),
    /// Too many members, or too much to unpack.
    #[error("it is too large: {what} above {limit}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// A wanted file is not inside.
    #[error("the file {0} is not inside")]
    Absent(String),
    /// A wanted file is inside and is another one than was pinned.
    #[error("the file {path} inside is not the pinned one ({what})")]
    Different {
        /// Which.
        path: String,
        /// How it differs.
        what: String,
    },
}

/// The kinds of archive that package registries serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A zip file: Python wheels.
    Zip,
    /// A gzip-compressed tar file: npm packages, Python source packages.
    Tgz,
}

impl Format {
    /// Told from the file name, as the registries do.
    pub fn of_name(name: &str) -> Option<Self> {
        if name.ends_with(".whl") || name.ends_with(".zip") {
            Some(Self::Zip)
        } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
            Some(Self::Tgz)
        } else {
            None
        }
    }
}

/// The wanted files' contents by path, each compared with its pins.
///
/// # Errors
/// When it is no archive, is too large, leads outside, or does not hold exactly what is wanted.
pub fn extract(
    archive: &Path,
    format: Format,
    wanted: &[&Wanted],
) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let file = File::open(archive).map_err(|e| unreadable(&e))?;
    let found = match format {
        Format::Zip => wheel::extract(file, wanted)?,
        Format::Tgz => tgz::extract(file, wanted)?,
    };
    match wanted.iter().find(|file| !found.contains_key(&file.path)) {
        Some(absent) => Err(ArchiveError::Absent(absent.path.clone())),
        None => Ok(found),
    }
}

/// Reads one wanted member whose length the archive states as `stated`.
fn member(reader: impl Read, stated: u64, wanted: &Wanted) -> Result<Vec<u8>, ArchiveError> {
    let different = |what: String| ArchiveError::Different { path: wanted.path.clone(), what };
    if stated != wanted.bytes {
        return Err(different(format!("{stated} bytes instead of {}", wanted.bytes)));
    }
    if wanted.bytes > MOST_MEMBER {
        return Err(ArchiveError::TooLarge { what: "bytes of a file", limit: MOST_MEMBER });
    }
    // The stated length was compared with the pinned one, so this allocates what the manifest's author chose.
    let mut contents = Vec::with_capacity(wanted.bytes as usize);
    reader.take(wanted.bytes + 1).read_to_end(&mut contents).map_err(|e| unreadable(&e))?;
    check(&contents, wanted)?;
    Ok(contents)
}

/// Compares contents with their pins.
pub(super) fn check(contents: &[u8], wanted: &Wanted) -> Result<(), ArchiveError> {
    let different = |what: String| ArchiveError::Different { path: wanted.path.clone(), what };
    if contents.len() as u64 != wanted.bytes {
        return Err(different(format!("{} bytes instead of {}", contents.len(), wanted.bytes)));
    }
    let sha256 = Digest::of(contents);
    if sha256 != wanted.sha256 {
        return Err(different(format!("sha256 {sha256} instead of {}", wanted.sha256)));
    }
    Ok(())
}

/// Whether a path stays inside the folder it is joined to: relative, no `..`, nothing of Windows.
pub(super) fn stays_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', '\0', ':'])
        && path.split('/').all(|part| part != "..")
}

fn unreadable(error: &io::Error) -> ArchiveError {
    ArchiveError::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests;
