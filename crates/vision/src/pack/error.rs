//! What can be wrong with the installed models.

use std::path::PathBuf;

use super::ModelError;

/// Why a model, or the runtime that runs it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// No folder can be named: neither the environment nor a home folder says where models live.
    #[error("nowhere to look for models: set SHIREN_MODELS to a folder")]
    NoRoot,
    /// ONNX Runtime has not been installed below this root.
    #[error("ONNX Runtime is not installed in {0}")]
    RuntimeMissing(PathBuf),
    /// ONNX Runtime is there and cannot be loaded.
    #[error("ONNX Runtime at {path} cannot be loaded: {detail}")]
    Runtime {
        /// The shared library.
        path: PathBuf,
        /// What the loader said.
        detail: String,
    },
    /// A model has not been installed.
    #[error("the model {name} is not installed in {root}")]
    ModelMissing {
        /// Which model.
        name: String,
        /// Where it was looked for.
        root: PathBuf,
    },
    /// A model is there and cannot be opened or run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl PackError {
    /// Whether installing the models is what helps.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::RuntimeMissing(_) | Self::ModelMissing { .. })
    }
}
