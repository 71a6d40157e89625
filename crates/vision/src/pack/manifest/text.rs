//! The shape of the TOML text. Unknown keys are refused, so that a misspelt one is not silently without effect.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Registry, Words};
use crate::pack::digest::Digest;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ManifestText {
    #[serde(rename = "schema")]
    pub(super) _schema: i64,
    pub(super) pack: String,
    pub(super) purpose: Words,
    #[serde(default)]
    pub(super) package: Vec<PackageText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageText {
    pub(super) registry: Registry,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    pub(super) machine: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) archive: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) sha256: Option<Digest>,
    #[serde(default)]
    pub(super) files: BTreeMap<String, FileText>,
    #[serde(default)]
    pub(super) runtime: Vec<PlainText>,
    #[serde(default)]
    pub(super) model: Vec<ModelText>,
    #[serde(default)]
    pub(super) sample: Vec<PlainText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileText {
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
}

/// A file that is installed as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlainText {
    pub(super) name: String,
    pub(super) purpose: Words,
    pub(super) file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelText {
    pub(super) name: String,
    pub(super) purpose: Words,
    pub(super) source: SourceText,
    /// The digest of the ONNX file that is made.
    pub(super) sha256: Option<Digest>,
    /// As a file of `packs/golden`.
    pub(super) golden: Option<toml::Table>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum SourceText {
    Onnx {
        file: String,
    },
    Tflite {
        file: String,
    },
    Tfjs {
        graph: String,
        weights: Vec<String>,
        #[serde(default)]
        any_size: bool,
        #[serde(default)]
        outputs: Vec<String>,
    },
    FaceApi {
        manifest: String,
        weights: String,
    },
}
