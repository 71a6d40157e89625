//! Model packs: pinned by hash, verified, converted to ONNX, opened.
//!
//! [`Library`] opens what is installed below a root and gives each network as a [`Model`]; the rest of the
//! crate sees nothing but that trait. This is the only room of the crate that opens files.

pub mod convert;
mod error;
mod library;
mod model;
mod place;
mod runtime;
mod session;

pub use error::PackError;
pub use library::Library;
pub use model::{Model, ModelError};
pub use place::{ROOT_VARIABLE, default_root};
