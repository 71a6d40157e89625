//! What a loaded model can do.

use ndarray::{ArrayD, ArrayViewD};

/// A network that is ready to run. Implemented by ONNX Runtime sessions and by fakes in tests.
pub trait Model: Send + Sync {
    /// Runs it on one input tensor and gives all outputs in the model's own order.
    fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError>;

    /// A value of the model file's own metadata, such as an OCR model's `character` dictionary.
    fn metadata(&self, _key: &str) -> Option<String> {
        None
    }
}

/// The runtime refused or failed.
#[derive(Debug, thiserror::Error)]
#[error("model {model}: {detail}")]
pub struct ModelError {
    /// Which model.
    pub model: String,
    /// What the runtime said.
    pub detail: String,
}
