//! Pictures in, measurements out.
//!
//! This room turns the bytes of a picture into what [`shiren_core::see`] can say about it. It knows no
//! network and no database; the only files it opens are those of the model packs. Models run behind
//! [`pack::Model`], so that everything around them is tested without weights.

pub mod body;
pub mod document;
mod eyes;
pub mod face;
pub mod hand;
pub mod liveness;
pub mod pack;
pub mod picture;

pub use eyes::LocalEyes;
