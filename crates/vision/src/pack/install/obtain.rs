//! Gets the files of a package: from the cache, from a folder, or from its registry.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Event, Installer, Problem};
use crate::pack::archive::{self, ArchiveError, Format, Wanted};
use crate::pack::atomic::{self, Staging};
use crate::pack::digest::Digest;
use crate::pack::manifest::{Archive, Package, Product};

/// The contents of every file that these products need, each compared with its pins.
pub(super) fn files(
    installer: &Installer<'_>,
    package: &Package,
    products: &[&Product],
    staging: &Staging,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    let needs: Vec<&str> = products.iter().flat_map(|product| product.recipe.needs()).collect();
    let wanted: Vec<&Wanted> =
        package.files.iter().filter(|file| needs.contains(&file.path.as_str())).collect();
    match &package.archive {
        Some(pinned) => {
            let path = archive(installer, package, pinned, staging, watch)?;
            let format = Format::of_name(&pinned.file)
                .ok_or_else(|| ArchiveError::Unreadable("its kind is not known".into()))?;
            Ok(archive::extract(&path, format, &wanted)?)
        }
        None => plain(installer.from.ok_or(Problem::NoFolder)?, &wanted),
    }
}

/// The path of an archive that has the pinned digest.
fn archive(
    installer: &Installer<'_>,
    package: &Package,
    pinned: &Archive,
    staging: &Staging,
    watch: &mut dyn FnMut(Event<'_>),
) -> Result<PathBuf, Problem> {
    let cached = installer.root.join("cache").join(&pinned.file);
    if matches(&cached, pinned).is_ok() {
        return Ok(cached);
    }
    if let Some(folder) = installer.from {
        let given = folder.join(&pinned.file);
        if !given.is_file() {
            return Err(Problem::NotInFolder { file: pinned.file.clone(), folder: folder.to_owned() });
        }
        matches(&given, pinned)?;
        return Ok(given);
    }
    let failed = |error| Problem::File { path: cached.clone(), error };
    let folder = staging.folder().map_err(failed)?;
    watch(Event::Fetching { package, bytes: 0 });
    installer.registries.fetch(package, pinned, &folder, &mut |bytes| {
        watch(Event::Fetching { package, bytes });
    })?;
    let fetched = folder.join(&pinned.file);
    matches(&fetched, pinned)?;
    atomic::place(&fetched, &cached).map_err(failed)?;
    Ok(cached)
}

/// Compares an archive with its pins. The length first: hashing a wrong file of any size would be wasted.
fn matches(path: &Path, pinned: &Archive) -> Result<(), Problem> {
    let failed = |error| Problem::File { path: path.to_owned(), error };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > pinned.bytes.saturating_mul(2).max(1 << 20) {
        return Err(ArchiveError::TooLarge { what: "bytes", limit: pinned.bytes }.into());
    }
    let (found, _) = Digest::of_file(path).map_err(failed)?;
    if found != pinned.sha256 {
        let file = path.display().to_string();
        return Err(Problem::WrongHash { file, found, pinned: pinned.sha256 });
    }
    Ok(())
}

/// Plain files of a folder package.
fn plain(folder: &Path, wanted: &[&Wanted]) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
    wanted
        .iter()
        .map(|file| {
            let path = folder.join(&file.path);
            let open = File::open(&path)
                .map_err(|_| Problem::NotInFolder { file: file.path.clone(), folder: folder.to_owned() })?;
            let mut contents = Vec::new();
            open.take(file.bytes + 1)
                .read_to_end(&mut contents)
                .map_err(|error| Problem::File { path: path.clone(), error })?;
            archive::check(&contents, file).map_err(Problem::Archive)?;
            Ok((file.path.clone(), contents))
        })
        .collect()
}
