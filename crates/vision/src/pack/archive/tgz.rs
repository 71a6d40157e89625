//! Gzip-compressed tar archives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;
use tar::Archive;

use super::{ArchiveError, MOST_MEMBERS, MOST_UNPACKED, Wanted, member, stays_inside, unreadable};

pub(super) fn extract(file: File, wanted: &[&Wanted]) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let stream = Limited { inner: MultiGzDecoder::new(BufReader::new(file)), left: MOST_UNPACKED };
    let mut archive = Archive::new(stream);
    let mut found = BTreeMap::new();
    // Raw: headers of long names and extensions come as members of their own instead of being gathered in memory.
    // The names that packages give to the files we want fit a plain header.
    let entries = archive.entries().map_err(|e| failed(&e))?.raw(true);
    for (count, entry) in entries.enumerate() {
        if count >= MOST_MEMBERS {
            return Err(ArchiveError::TooLarge { what: "files", limit: MOST_MEMBERS as u64 });
        }
        let entry = entry.map_err(|e| failed(&e))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !stays_inside(&name) {
            return Err(ArchiveError::Escapes(name));
        }
        let Some(file) = wanted.iter().find(|file| file.path == name) else { continue };
        if !entry.header().entry_type().is_file() {
            return Err(ArchiveError::Absent(name));
        }
        let stated = entry.size();
        found.insert(name, member(entry, stated, file)?);
    }
    Ok(found)
}

/// A stream that fails after so many bytes, so that a bomb ends early.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(Exhausted))?;
        Ok(read)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {MOST_UNPACKED} bytes")]
struct Exhausted;

fn failed(error: &io::Error) -> ArchiveError {
    match error.get_ref() {
        Some(inner) if inner.is::<Exhausted>() => {
            ArchiveError::TooLarge { what: "unpacked bytes", limit: MOST_UNPACKED }
        }
        _ => unreadable(error),
    }
}
