//! Zip archives.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use zip::ZipArchive;
use zip::result::ZipError;

use super::{ArchiveError, MOST_MEMBERS, Wanted, member, stays_inside};

pub(super) fn extract(file: File, wanted: &[&Wanted]) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|e| unreadable(&e))?;
    if archive.len() > MOST_MEMBERS {
        return Err(ArchiveError::TooLarge { what: "files", limit: MOST_MEMBERS as u64 });
    }
    for name in archive.file_names() {
        let name = name.map_err(|e| unreadable(&e))?;
        if !stays_inside(&name) {
            return Err(ArchiveError::Escapes(name.into_owned()));
        }
    }
    let mut found = BTreeMap::new();
    for file in wanted {
        let entry = match archive.by_name(&file.path) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => continue,
            Err(e) => return Err(unreadable(&e)),
        };
        if !entry.is_file() {
            return Err(ArchiveError::Absent(file.path.clone()));
        }
        let stated = entry.size();
        found.insert(file.path.clone(), member(entry, stated, file)?);
    }
    Ok(found)
}

fn unreadable(error: &ZipError) -> ArchiveError {
    ArchiveError::Unreadable(error.to_string())
}
