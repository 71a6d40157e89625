//! Programs of the operator's own, from a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use shiren_core::verification::program::{OWN_VERSIONS, Program, built_in};

use crate::exit::Failure;

/// Every program of a folder, in the order of the files' names; none where no folder is set.
///
/// # Errors
/// Which file cannot be read, is no program, or is a version that there is already.
pub(super) fn read(folder: &str) -> Result<Vec<Program>, Failure> {
    if folder.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = BTreeSet::new();
    let mut programs = Vec::new();
    for file in files(Path::new(folder))? {
        let program = one(&file)?;
        let (name, version) = (program.name.clone(), program.version);
        if built_in(&name).is_some() && version < OWN_VERSIONS {
            // A later release may have any of those, and sessions that began with them.
            let why = format!("{name} is built in: number your own from {OWN_VERSIONS} on");
            return Err(failed(&file, &why));
        }
        if !known.insert((name.clone(), version)) {
            return Err(failed(&file, &format!("another file has {name} in version {version}")));
        }
        programs.push(program);
    }
    Ok(programs)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| failed(folder, &e))?.path();
        if path.extension().is_some_and(|kind| kind == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn one(file: &Path) -> Result<Program, Failure> {
    let text = fs::read_to_string(file).map_err(|e| failed(file, &e))?;
    Program::from_toml(&text).map_err(|e| failed(file, &e))
}

fn failed(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::Other(format!("{}: {why}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUYER: &str = include_str!("../../../core/programs/buyer.toml");

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn told(files: &[(&str, &str)]) -> Result<Vec<(String, u32)>, String> {
        let folder = folder(files);
        let read = read(folder.path().to_str().unwrap());
        let named = read.map(|all| all.into_iter().map(|p| (p.name, p.version)).collect());
        named.map_err(|e| e.to_string())
    }

    #[test]
    fn programs_of_a_folder_are_read_and_each_fault_names_its_file() {
        let newer = BUYER.replacen("version = 2", "version = 1000", 1);
        let own = newer.replacen("name = \"buyer\"", "name = \"luxury-buyer\"", 1);
        let all = told(&[("a.toml", &newer), ("b.toml", &own), ("notes.txt", "no program")]).unwrap();
        assert_eq!(all, [("buyer".to_owned(), 1000), ("luxury-buyer".to_owned(), 1000)]);
        assert!(told(&[("a.toml", BUYER)]).unwrap_err().contains("from 1000 on"));
        assert!(told(&[("a.toml", &own), ("b.toml", &own)]).unwrap_err().contains("b.toml"));
        assert!(told(&[("a.toml", "name = 1")]).unwrap_err().contains("a.toml"));
        assert!(read("/there/is/no/such/folder").is_err() && read("").unwrap().is_empty());
    }
}
