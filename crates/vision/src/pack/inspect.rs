//! What is installed, and whether it is what it should be.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::digest::Digest;
use super::install::Trial;
use super::manifest::{Kind, Manifest, Package, Product, Words};
use super::record::Record;

/// One product of a pack, as it lies on this machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its name; of a model, the key under which it is opened.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The pack it belongs to.
    pub pack: String,
    /// What it is for.
    pub purpose: Words,
    /// SPDX expression.
    pub licence: String,
    /// Registry, package and version it is made from.
    pub source: String,
    /// Where it lies below the root.
    pub path: String,
    /// Its length, if it is there.
    pub bytes: Option<u64>,
    /// What can be said of it.
    #[serde(flatten)]
    pub state: State,
}

/// What can be said of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "detail", rename_all = "kebab-case")]
pub enum State {
    /// It is there. [`list`] says no more than that, [`verify`] that it is the right one and works.
    Installed,
    /// It is not there.
    Missing,
    /// It is there and is not what was installed, or does not work: what is wrong.
    Damaged(String),
}

/// The manifests of the packs that come with the product and of those that were installed below `root`. One that
/// cannot be read any more is left out.
pub fn packs(root: &Path) -> Vec<Manifest> {
    let mut packs: Vec<Manifest> =
        Manifest::EMBEDDED.iter().filter_map(|pack| Manifest::embedded(pack)?.ok()).collect();
    let mut others: Vec<PathBuf> = fs::read_dir(root.join("packs"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    others.sort();
    for path in others {
        if let Ok(manifest) = Manifest::read(&path)
            && packs.iter().all(|pack| pack.pack != manifest.pack)
        {
            packs.push(manifest);
        }
    }
    packs
}

/// Whether the pack of this manifest has been installed to its end below `root` at some time.
pub fn is_installed(root: &Path, pack: &str) -> bool {
    manifest_file(root, pack).is_file()
}

pub(super) fn manifest_file(root: &Path, pack: &str) -> PathBuf {
    root.join("packs").join(format!("{pack}.toml"))
}

/// Every product of a pack and whether its file is there. Quick: nothing is hashed.
pub fn list(root: &Path, manifest: &Manifest) -> Vec<Entry> {
    manifest
        .products()
        .map(|(package, product)| {
            let bytes = length(root, product);
            let state = if bytes.is_some() { State::Installed } else { State::Missing };
            entry(manifest, package, product, bytes, state)
        })
        .collect()
}

/// Hashes every product of a pack, opens the models and runs their goldens; gives each to `each` as it comes.
pub fn verify(root: &Path, manifest: &Manifest, trial: &dyn Trial, each: &mut dyn FnMut(Entry)) {
    let record = Record::load(root);
    for (package, product) in manifest.products() {
        let bytes = length(root, product);
        let state = match bytes {
            None => State::Missing,
            Some(_) => match examine(root, package, product, &record, trial) {
                Ok(()) => State::Installed,
                Err(wrong) => State::Damaged(wrong),
            },
        };
        each(entry(manifest, package, product, bytes, state));
    }
}

fn examine(
    root: &Path,
    package: &Package,
    product: &Product,
    record: &Record,
    trial: &dyn Trial,
) -> Result<(), String> {
    let path = root.join(product.path());
    let (found, _) = Digest::of_file(&path).map_err(|e: io::Error| e.to_string())?;
    match record.expected(package, product) {
        Some(expected) if expected == found => {}
        Some(expected) => return Err(format!("sha256 is {found}, should be {expected}")),
        None => return Err("it was made by an older recipe or converter".into()),
    }
    if product.kind == Kind::Model { trial.model(product, &path) } else { Ok(()) }
}

fn length(root: &Path, product: &Product) -> Option<u64> {
    fs::metadata(root.join(product.path())).ok().filter(fs::Metadata::is_file).map(|data| data.len())
}

fn entry(
    manifest: &Manifest,
    package: &Package,
    product: &Product,
    bytes: Option<u64>,
    state: State,
) -> Entry {
    Entry {
        name: product.name.clone(),
        kind: product.kind,
        pack: manifest.pack.clone(),
        purpose: product.purpose.clone(),
        licence: package.licence.clone(),
        source: format!("{} {package}", package.registry.name()),
        path: product.path(),
        bytes,
        state,
    }
}
