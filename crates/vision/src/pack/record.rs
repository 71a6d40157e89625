//! What was made on this machine: the digests of products that no manifest pins.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::atomic::{self, Staging};
use super::convert;
use super::digest::Digest;
use super::manifest::{Package, Product, Recipe};

const FILE: &str = "installed.json";

/// Written after each product is in its place. Losing it costs work, never truth: what cannot be shown to be right
/// is made again.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Record {
    products: BTreeMap<String, Made>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
struct Made {
    /// Digest of everything that went into it.
    from: Digest,
    /// Digest of the file.
    sha256: Digest,
}

impl Record {
    /// Reads it; an unreadable or damaged one counts as empty.
    pub(super) fn load(root: &Path) -> Self {
        std::fs::read(root.join(FILE))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    pub(super) fn save(&self, root: &Path, staging: &Staging) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        atomic::write(staging, &root.join(FILE), &text)
    }

    pub(super) fn add(&mut self, package: &Package, product: &Product, sha256: Digest) {
        self.products.insert(product.path(), Made { from: from(package, product), sha256 });
    }

    /// The digest that the product's file must have: pinned, or that of the file it is a copy of, or the one
    /// noted when it was made out of the same things. `None`: it must be made (again).
    pub(super) fn expected(&self, package: &Package, product: &Product) -> Option<Digest> {
        let copied = || match &product.recipe {
            Recipe::Copy(path) => {
                package.files.iter().find(|file| file.path == *path).map(|file| file.sha256)
            }
            _ => None,
        };
        let noted = || {
            let made = self.products.get(&product.path())?;
            (made.from == from(package, product)).then_some(made.sha256)
        };
        product.sha256.or_else(copied).or_else(noted)
    }
}

/// Names and digests of the models below a root, as noted when they were made there.
pub fn noted_models(root: &Path) -> BTreeMap<String, Digest> {
    let name = |path: &str| Some(path.strip_prefix("onnx/")?.strip_suffix(".onnx")?.to_owned());
    let products = Record::load(root).products;
    products.into_iter().filter_map(|(path, made)| Some((name(&path)?, made.sha256))).collect()
}

/// Everything that decides what comes out of a recipe: itself, the files, the converter.
fn from(package: &Package, product: &Product) -> Digest {
    let mut text = format!("{:?}\n{}\n", product.recipe, convert::VERSION);
    for path in product.recipe.needs() {
        for file in package.files.iter().filter(|file| file.path == path) {
            text.push_str(&format!("{} {}\n", file.sha256, file.path));
        }
    }
    Digest::of(text.as_bytes())
}
