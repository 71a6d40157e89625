//! Installs a pack: gets what is missing, checks everything, puts it in its place.
//!
//! It may be killed at any moment: every file appears whole, by renaming, after it has been checked; what was
//! fetched stays in a cache; starting again goes on from there. When everything is in place it does nothing but
//! hash what is there. This room asks no network: archives come through [`Registries`].

mod make;
mod obtain;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::archive::ArchiveError;
use super::atomic::{self, Lock, Staging};
use super::digest::Digest;
use super::inspect;
use super::manifest::{Archive, Kind, Manifest, Package, Product};
use super::record::Record;

/// Fetches archives from package registries.
pub trait Registries {
    /// Fetches the pinned archive of a package into `folder`, under the archive's own file name, telling
    /// `progress` now and then how many bytes have come.
    ///
    /// # Errors
    /// When the tool for it is missing or fails.
    fn fetch(
        &self,
        package: &Package,
        archive: &Archive,
        folder: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), FetchError>;
}

/// Why an archive could not be fetched.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FetchError {
    /// The tool that asks the registry is not on this machine.
    #[error("{tool} is not installed; get it with: {how}")]
    ToolMissing {
        /// `pip` or `npm`.
        tool: &'static str,
        /// How to get it.
        how: &'static str,
    },
    /// The tool ran and did not bring the archive.
    #[error("{0}")]
    Failed(String),
}

/// Tries whether a model works before it is put in its place.
pub trait Trial {
    /// Opens the model file and runs its goldens.
    ///
    /// # Errors
    /// What is wrong with it, in one line.
    fn model(&self, product: &Product, file: &Path) -> Result<(), String>;
}

/// What happens, for whoever shows progress.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another installer holds the lock.
    Waiting,
    /// So much is missing. Sent once, also when it is nothing.
    Planned {
        /// Products to make.
        products: usize,
        /// Bytes of archives that may have to be fetched.
        bytes: u64,
    },
    /// The archive of a package is being fetched; so many of its bytes have come.
    Fetching {
        /// Which package.
        package: &'a Package,
        /// Bytes so far.
        bytes: u64,
    },
    /// The archive, or the folder's files, are at hand and are the pinned ones.
    Ready {
        /// Which package.
        package: &'a Package,
    },
    /// A product is being made and tried.
    Making(&'a Product),
    /// A product is in its place.
    Placed(&'a Product),
}

/// Why a pack could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("{package}: {problem}")]
pub struct PackageError {
    /// The package and its version.
    pub package: String,
    /// What went wrong.
    pub problem: Problem,
}

/// Why an installation stopped. What was put in place before stays and is right.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The folder of installed models cannot be written.
    #[error("{path} cannot be written: {error}")]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another pack makes this already.
    #[error("{path} belongs to the pack {pack} already; give the product another name")]
    Taken {
        /// Where the product would lie.
        path: String,
        /// Whose it is.
        pack: String,
    },
    /// Something about one package.
    #[error(transparent)]
    Package(#[from] PackageError),
}

/// What can be wrong with a package on the way to its products.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A file is not where it was said to be.
    #[error("{file} is not in {folder}")]
    NotInFolder {
        /// Which file.
        file: String,
        /// Which folder.
        folder: PathBuf,
    },
    /// The package comes from a folder and none was named.
    #[error("its files come from a folder: name it with --from FOLDER")]
    NoFolder,
    /// The archive is another one than was pinned.
    #[error("{file} has sha256 {found}, the manifest pins {pinned}; it was not opened")]
    WrongHash {
        /// Which file.
        file: String,
        /// What it has.
        found: Digest,
        /// What it should have.
        pinned: Digest,
    },
    /// The archive does not give what is wanted.
    #[error("the archive: {0}")]
    Archive(#[from] ArchiveError),
    /// A product did not come out right.
    #[error("{name}: {detail}")]
    Product {
        /// Which.
        name: String,
        /// What is wrong.
        detail: String,
    },
    /// Reading or writing failed.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What an installation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Products that were made, by their paths.
    pub made: Vec<String>,
    /// How many were there already.
    pub kept: usize,
}

/// One installation.
pub struct Installer<'a> {
    /// Where models live.
    pub root: &'a Path,
    /// Take archives, and the files of folder packages, from here; then no registry is asked.
    pub from: Option<&'a Path>,
    /// Where archives come from otherwise.
    pub registries: &'a dyn Registries,
    /// Tries models.
    pub trial: &'a dyn Trial,
}

impl Installer<'_> {
    /// Installs what is missing of a pack, telling `watch` about it.
    ///
    /// # Errors
    /// At the first thing that goes wrong. What is in its place by then stays.
    pub fn install(
        &self,
        manifest: &Manifest,
        watch: &mut dyn FnMut(Event<'_>),
    ) -> Result<Installed, InstallError> {
        let writable = |path: PathBuf| move |error| InstallError::Folder { path, error };
        fs::create_dir_all(self.root).map_err(writable(self.root.to_owned()))?;
        let lock =
            Lock::take(self.root, || watch(Event::Waiting)).map_err(writable(self.root.join(".lock")))?;
        let staging = Staging::clear(self.root, &lock).map_err(writable(self.root.join("staging")))?;
        self.refuse_taken(manifest)?;
        let mut record = Record::load(self.root);
        let missing = missing(self.root, manifest, &record);
        watch(Event::Planned {
            products: missing.iter().map(|(_, products)| products.len()).sum(),
            bytes: missing.iter().filter_map(|(package, _)| package.archive.as_ref()).map(|a| a.bytes).sum(),
        });
        let mut done = Installed::default();
        for (package, products) in &missing {
            self.package(package, products, &staging, &mut record, watch, &mut done)
                .map_err(|problem| PackageError { package: package.to_string(), problem })?;
        }
        done.kept = manifest.products().count() - done.made.len();
        self.remember(manifest, &staging)?;
        Ok(done)
    }

    /// Makes and places what is missing of one package.
    fn package(
        &self,
        package: &Package,
        products: &[&Product],
        staging: &Staging,
        record: &mut Record,
        watch: &mut dyn FnMut(Event<'_>),
        done: &mut Installed,
    ) -> Result<(), Problem> {
        let files = obtain::files(self, package, products, staging, watch)?;
        watch(Event::Ready { package });
        for product in products {
            watch(Event::Making(product));
            self.product(package, product, &files, staging, record)?;
            done.made.push(product.path());
            watch(Event::Placed(product));
        }
        Ok(())
    }

    fn product(
        &self,
        package: &Package,
        product: &Product,
        files: &BTreeMap<String, Vec<u8>>,
        staging: &Staging,
        record: &mut Record,
    ) -> Result<(), Problem> {
        let bytes = make::make(product, files)?;
        let sha256 = Digest::of(&bytes);
        let wrong = |detail: String| Problem::Product { name: product.name.clone(), detail };
        if let Some(pinned) = product.sha256.filter(|pinned| *pinned != sha256) {
            return Err(wrong(format!("was made with sha256 {sha256}, the manifest pins {pinned}")));
        }
        let path = self.root.join(product.path());
        let failed = |error| Problem::File { path: path.clone(), error };
        let staged = atomic::stage(staging, &path, &bytes).map_err(failed)?;
        if product.kind == Kind::Model {
            self.trial.model(product, &staged).map_err(wrong)?;
        }
        atomic::place(&staged, &path).map_err(failed)?;
        if product.kind == Kind::Runtime {
            remove_other_runtimes(&path).map_err(failed)?;
        }
        record.add(package, product, sha256);
        record.save(self.root, staging).map_err(failed)
    }

    /// Keeps the manifest, so that lists and verification know the pack without it.
    fn remember(&self, manifest: &Manifest, staging: &Staging) -> Result<(), InstallError> {
        let path = inspect::manifest_file(self.root, &manifest.pack);
        if fs::read(&path).is_ok_and(|there| there == manifest.text.as_bytes()) {
            return Ok(());
        }
        atomic::write(staging, &path, manifest.text.as_bytes())
            .map_err(|error| InstallError::Folder { path, error })
    }

    /// Two packs that make the same file would undo each other's work for ever.
    fn refuse_taken(&self, manifest: &Manifest) -> Result<(), InstallError> {
        for other in inspect::packs(self.root).into_iter().filter(|other| other.pack != manifest.pack) {
            for (_, theirs) in other.products() {
                if manifest.products().any(|(_, ours)| ours.path() == theirs.path()) {
                    return Err(InstallError::Taken { path: theirs.path(), pack: other.pack.clone() });
                }
            }
        }
        Ok(())
    }
}

/// The products that are not there as they should be, by package.
fn missing<'a>(root: &Path, manifest: &'a Manifest, record: &Record) -> Vec<(&'a Package, Vec<&'a Product>)> {
    let is_missing = |package: &Package, product: &Product| {
        let expected = record.expected(package, product);
        let found = Digest::of_file(&root.join(product.path())).ok().map(|(digest, _)| digest);
        expected.is_none() || expected != found
    };
    manifest
        .packages
        .iter()
        .map(|package| {
            (
                package,
                package.products.iter().filter(|product| is_missing(package, product)).collect::<Vec<_>>(),
            )
        })
        .filter(|(_, products)| !products.is_empty())
        .collect()
}

/// An older runtime beside the new one would be a second truth. Processes that run it keep their open file.
fn remove_other_runtimes(kept: &Path) -> io::Result<()> {
    let Some(folder) = kept.parent() else { return Ok(()) };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path != kept {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
