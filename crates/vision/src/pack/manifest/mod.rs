//! The manifest of a pack: which packages, pinned how, and what is made out of the files inside.
//!
//! A manifest is a TOML text, written by us for the packs that come with the product and by an operator for
//! their own. Everything in it is checked here, once: names can be put on a command line, paths stay inside their
//! archive, every file that is used has a length and a digest.

mod check;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::archive::Wanted;
use super::digest::Digest;
use super::golden::Golden;

/// The pack that everything needs.
const DEFAULT: &str = include_str!("../../../packs/default.toml");
/// Pictures to try things with.
const SAMPLES: &str = include_str!("../../../packs/samples.toml");

/// A pack, as its manifest describes it for the machine we are on.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The pack's name: lower-case letters, digits, hyphens.
    pub pack: String,
    /// What the pack is for.
    pub purpose: Words,
    /// The packages it is made from. Those for other machines have been left out.
    pub packages: Vec<Package>,
    /// The manifest as it was written.
    pub text: String,
}

/// The same words in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One pinned package and what is made out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Where it comes from.
    pub registry: Registry,
    /// Its name there.
    pub name: String,
    /// Its exact version.
    pub version: String,
    /// The SPDX expression of its licence.
    pub licence: String,
    /// The pinned archive; none for a folder of plain files.
    pub archive: Option<Archive>,
    /// Files inside that are used.
    pub files: Vec<Wanted>,
    /// What is made out of them.
    pub products: Vec<Product>,
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// Who serves a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// The Python package index, or the mirror that the machine's pip is set to.
    Pypi,
    /// The npm registry, or the mirror that the machine's npm is set to.
    Npm,
    /// A folder that the operator names.
    Folder,
}

impl Registry {
    /// The name used in manifests and lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Folder => "folder",
        }
    }
}

/// A pinned archive file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Its file name, as the registry serves it.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its digest.
    pub sha256: Digest,
    /// The platform tag of a Python wheel that has one. It is told to pip, because the wheel is only an archive
    /// of files here and need not suit the Python that pip runs under.
    pub platform: Option<String>,
}

/// What is installed in the end: one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// What it is.
    pub kind: Kind,
    /// Its name: of a model, the key under which [`super::Library`] gives it.
    pub name: String,
    /// What it is for.
    pub purpose: Words,
    /// How it is made.
    pub recipe: Recipe,
    /// The digest of what is made, where that is pinned.
    pub sha256: Option<Digest>,
    /// Known outputs of a model, where its manifest brings them. Models that the product knows by name have
    /// theirs in [`super::golden`].
    pub golden: Option<Golden>,
}

impl Product {
    /// Where it lies below the root.
    pub fn path(&self) -> String {
        match self.kind {
            Kind::Runtime => format!("runtime/{}", self.name),
            Kind::Model => format!("onnx/{}.onnx", self.name),
            Kind::Sample => format!("samples/{}", self.name),
        }
    }
}

/// The kinds of product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The shared library that runs models.
    Runtime,
    /// A network.
    Model,
    /// A picture to try things with.
    Sample,
}

/// How a product is made out of files of its package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// The file as it is; for a model, ONNX already.
    Copy(String),
    /// Converted from a tflite file.
    Tflite(String),
    /// Converted from a TensorFlow.js graph model.
    Tfjs {
        /// The graph, in JSON.
        graph: String,
        /// The weights, in the order in which the graph's weight manifest names them.
        weights: Vec<String>,
        /// Leave height and width of the input open.
        any_size: bool,
        /// The outputs to keep, in this order; empty for all of them.
        outputs: Vec<String>,
    },
    /// Converted from the weights of face-api's recogniser, whose architecture is known here.
    FaceApi {
        /// The manifest of the weights, in JSON.
        manifest: String,
        /// The weights.
        weights: String,
    },
}

impl Recipe {
    /// The paths of the files it needs.
    pub fn needs(&self) -> Vec<&str> {
        match self {
            Self::Copy(file) | Self::Tflite(file) => vec![file],
            Self::Tfjs { graph, weights, .. } => {
                std::iter::once(graph).chain(weights).map(String::as_str).collect()
            }
            Self::FaceApi { manifest, weights } => vec![manifest, weights],
        }
    }
}

/// What is wrong with a manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not TOML, or not of our shape.
    #[error("{0}")]
    Syntax(String),
    /// It is for another version of Shiren.
    #[error("its schema is {found}, this Shiren reads {}", check::SCHEMA)]
    Schema {
        /// What it says.
        found: i64,
    },
    /// Something in it is not allowed.
    #[error("{at}: {problem}")]
    Invalid {
        /// Which part.
        at: String,
        /// What and what would be right.
        problem: String,
    },
}

impl Manifest {
    /// Reads a manifest for the machine `machine` (`x86_64`, `aarch64`).
    ///
    /// # Errors
    /// When it is not of the shape described in `packs/default.toml`, or names anything unsafe.
    pub fn parse(text: &str, machine: &str) -> Result<Self, ManifestError> {
        check::manifest(text, machine)
    }

    /// The manifest of a pack that comes with the product, one of [`Manifest::EMBEDDED`].
    pub fn embedded(pack: &str) -> Option<Result<Self, ManifestError>> {
        let text = match pack {
            "default" => DEFAULT,
            "samples" => SAMPLES,
            _ => return None,
        };
        Some(Self::parse(text, std::env::consts::ARCH))
    }

    /// The names of the packs that come with the product.
    pub const EMBEDDED: [&'static str; 2] = ["default", "samples"];

    /// Reads a manifest file for this machine.
    ///
    /// # Errors
    /// When the file cannot be read, or as [`Manifest::parse`].
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|e| ManifestError::Syntax(e.to_string()))?;
        Self::parse(&text, std::env::consts::ARCH)
    }

    /// Every product with its package.
    pub fn products(&self) -> impl Iterator<Item = (&Package, &Product)> {
        self.packages
            .iter()
            .flat_map(|package| package.products.iter().map(move |product| (package, product)))
    }
}
