//! Model packs: pinned by hash, verified, converted to ONNX, opened.

mod model;

pub use model::{Model, ModelError};
