//! Model packs: pinned by hash, verified, converted to ONNX, opened.
//!
//! [`Library`] opens what is installed below a root and gives each network as a [`Model`]; the rest of the
//! crate sees nothing but that trait. A [`Manifest`] says what a pack is made of, [`install`] makes it so, and
//! [`inspect`] tells whether it still is. This is the only room of the crate that opens files; it asks no
//! network, archives come through [`install::Registries`].
//!
//! To extend it: another model is a few lines in `packs/default.toml`; another form of model file is a reader in
//! [`convert`], a variant of [`manifest::Recipe`] and its arm in `install::make`; another registry is a variant
//! of [`manifest::Registry`] and its tool in the binary.

mod archive;
mod atomic;
pub mod convert;
mod digest;
mod error;
pub mod golden;
pub mod inspect;
pub mod install;
mod library;
pub mod manifest;
mod model;
mod place;
mod record;
mod runtime;
mod session;
mod subnormal;
mod trial;

pub use archive::{ArchiveError, Format, Wanted, extract};
pub use digest::{Digest, NotADigest};
pub use error::PackError;
pub use library::Library;
pub use manifest::Manifest;
pub use model::{Model, ModelError};
pub use place::{ROOT_VARIABLE, default_root};
pub use record::noted_models;
pub use trial::RuntimeTrial;
