//! Models that live inside library packages, turned into ONNX.
//!
//! The packages bring their networks as tflite flatbuffers, as tfjs graph models, or as bare weights. Each
//! reader here turns one of these forms into a small network description ([`net`]), which is folded
//! ([`fold`]) and written as ONNX ([`emit`]). Everything is a pure function of bytes: no file is opened, no
//! network asked, and the same bytes in give the same bytes out, so that a manifest can pin the result.
//! Input is never trusted: sizes are limited before anything is allocated and every refusal is a
//! [`ConvertError`].

mod emit;
mod faceapi;
mod flatbuffer;
mod fold;
mod net;
mod onnx;
mod shape;
mod tfjs;
mod tflite;
mod weights;

/// Written into converted files and raised whenever their bytes change, so that an installer can tell files
/// of an older converter.
pub const VERSION: &str = "1";

/// Bytes of a source file; the largest model we convert has 7 MB.
pub const MAX_FILE: usize = 128 << 20;

/// A model as its package holds it.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// One tflite file.
    Tflite(&'a [u8]),
    /// A TensorFlow.js graph model.
    Tfjs {
        /// `model.json`: the graph and the list of weights.
        model: &'a [u8],
        /// The shards in the order in which the model's weight manifest names them.
        shards: &'a [&'a [u8]],
        /// Leave height and width of the input open (a fully convolutional model only).
        any_size: bool,
        /// The outputs to keep, in this order; empty for all of them, sorted by name.
        outputs: &'a [&'a str],
    },
    /// The face recogniser of face-api: weights without a graph.
    FaceApi {
        /// `face_recognition_model-weights_manifest.json`.
        manifest: &'a [u8],
        /// `face_recognition_model.bin`.
        weights: &'a [u8],
    },
}

/// Why a model could not be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The file contradicts its own format, or itself.
    #[error("the model file is damaged: {what}")]
    Malformed {
        /// What was found.
        what: String,
    },
    /// The file is sound but holds something that this converter does not know.
    #[error("the model needs something that cannot be converted: {what}")]
    Unsupported {
        /// An operator, a type, an option.
        what: String,
    },
    /// A limit was reached before the work was done.
    #[error("the model is too large: {what} above {limit}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
}

impl ConvertError {
    fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }

    fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }
}

/// Converts a model to the bytes of an ONNX file.
///
/// # Errors
/// When the files are damaged, hold what is not known here, or are beyond the limits.
pub fn to_onnx(source: Source<'_>) -> Result<Vec<u8>, ConvertError> {
    let mut net = match source {
        Source::Tflite(file) => tflite::read(within_limit(file)?)?,
        Source::Tfjs { model, shards, any_size, outputs } => {
            let total = shards.iter().fold(0_usize, |sum, shard| sum.saturating_add(shard.len()));
            if total > MAX_FILE {
                return Err(ConvertError::TooLarge { what: "bytes of weights", limit: MAX_FILE });
            }
            tfjs::read(within_limit(model)?, shards, any_size, outputs)?
        }
        Source::FaceApi { manifest, weights } => {
            faceapi::read(within_limit(manifest)?, within_limit(weights)?)?
        }
    };
    fold::fold(&mut net);
    Ok(emit::emit(&net))
}

fn within_limit(file: &[u8]) -> Result<&[u8], ConvertError> {
    if file.len() > MAX_FILE {
        return Err(ConvertError::TooLarge { what: "bytes of a file", limit: MAX_FILE });
    }
    Ok(file)
}
