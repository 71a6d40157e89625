//! Models that live inside library packages, turned into ONNX.
//!
//! The packages bring their networks as tflite flatbuffers, as TensorFlow.js graph models, or as bare
//! weights. A reader for each form (`tflite`, `tfjs`, `faceapi`) builds a small network description
//! (`net`), which is folded (`fold`) and written as ONNX (`emit`). Everything is a pure function of
//! bytes: no file is opened, no network asked, and the same bytes in give the same bytes out, so that a
//! manifest can pin the result. Input is never trusted: sizes are limited before anything is allocated, and
//! every refusal is a [`ConvertError`].
//!
//! # What goes in, what comes out
//!
//! Every converted model takes one `f32` tensor `[1, channels, height, width]`; its outputs come in the order
//! given here. Pictures among them are channels first too.
//!
//! | model | from | input | outputs |
//! |---|---|---|---|
//! | `face-detector` | npm human, blazeface | `[1, 3, H, W]` RGB, x / 127.5 − 1; H and W any multiples of 32 | scores `[1, H/16·W/16·2, 1]`, scores `[1, H/32·W/32·6, 1]` (both logits), boxes of the first `[1, …, 16]`, of the second `[1, …, 16]`: dx, dy, width, height, then x, y of image-left eye, image-right eye, nose, mouth, image-left ear, image-right ear, in input pixels; positions are added to the centre of their cell (side 16 or 32); rows run over y, x, anchor |
//! | `face-mesh` | PyPI mediapipe, face_landmark | `[1, 3, 192, 192]` RGB, 0 to 1 | `[1, 1404, 1, 1]`: x, y, z of 468 points in input pixels; `[1, 1, 1, 1]`: logit of "this is a face" |
//! | `body-pose` | PyPI mediapipe, pose_landmark_full | `[1, 3, 256, 256]` RGB, 0 to 1 | `[1, 195]`: x, y, z in input pixels and the logits of being seen and of being inside, of 39 points; `[1, 1]`: probability of "this is a body"; a map of the person, heat maps of the points, the points in metres |
//! | `palm-detector` | PyPI mediapipe, palm_detection_lite | `[1, 3, 192, 192]` RGB, 0 to 1 | `[1, 2016, 18]`: dx, dy, width, height, x, y of seven points, in input pixels, positions added to the centre of their cell (side 8, then 16); `[1, 2016, 1]`: logits |
//! | `hand-joints` | PyPI mediapipe, hand_landmark_lite | `[1, 3, 224, 224]` RGB, 0 to 1 | `[1, 63]`: x, y, z of 21 points in input pixels; `[1, 1]`: probability of "this is a hand"; `[1, 1]`: of a right hand; `[1, 63]`: the points in metres |
//! | `face-recogniser` | npm face-api, face_recognition_model | `[1, 3, 150, 150]` RGB, 0 to 255 (mean and range are folded in) | `[1, 128]`, not normalised |
//! | `face-features` | npm human, faceres | `[1, 3, 224, 224]` **BGR** − (103.939, 116.779, 123.68) | `global_pooling/Mean` `[1, 1024]`, ≥ 0, take the square root before the cosine; the file's other outputs, age and sex, are not for us |
//!
//! Also tried against their own interpreter, for later: iris_landmark, palm_detection and hand_landmark (full),
//! face_detection_short_range, selfie_segmentation of
//! mediapipe; emotion of human. Not convertible: models with sparse weights or with operators of their own
//! (face_landmark_with_attention).
//!
//! Differences to the source format's own interpreter (tflite-runtime 2.14, TensorFlow.js 4.22), largest over
//! all numbers of an output, as a share of its largest number: detector 1.4 · 10⁻⁶, mesh 8 · 10⁻⁷,
//! recogniser 7 · 10⁻⁷, features 6 · 10⁻⁷; the other models stay below 5 · 10⁻⁴.
//!
//! # To add an operator or a format
//!
//! An operator that `net::Op` has needs a line in the reader. A new one needs its shape in `shape`, its
//! ONNX form in `emit`, its definition in the tests' `reference`, and a test with numbers worked out by
//! hand. A new format is a reader that gives a `net::Net` and a variant of [`Source`].

mod emit;
mod faceapi;
mod flatbuffer;
mod fold;
mod net;
mod onnx;
#[cfg(test)]
mod reference;
mod shape;
mod tfjs;
mod tflite;
mod weights;

/// Written into converted files and raised whenever their bytes change, so that an installer can tell files
/// of an older converter. `packs/default.toml` pins the hashes of what comes out, which change with it.
pub const VERSION: &str = "2";

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
