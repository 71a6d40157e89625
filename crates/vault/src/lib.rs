//! Seals and opens: personal data is encrypted before it reaches disk, under keys that can be shredded one by one.
//!
//! Envelope encryption: a [`DataKey`] for each owner and [`Purpose`], wrapped under a [`MasterKey`] from the
//! operator's keyring. What is sealed ([`Sealed`]) is bound to the place where it is kept ([`Context`]), so that a
//! value moved to another row does not open. A blind index ([`tag`]) lets the store tell that two values are equal
//! without knowing either.
//!
//! Crypto only: no files, no clock, no randomness of its own (nonces and keys come from the caller's entropy), and
//! no opinion on who may open what.
//!
//! The cipher is XChaCha20-Poly1305: its nonce of 24 bytes may be drawn at random as often as one likes. Sub-keys
//! are derived by HKDF-SHA256, tags are HMAC-SHA256. To change any of them, change the labels with it: then what
//! was sealed by the one never opens by the other.

mod cipher;
mod context;
mod data_key;
mod derive;
mod master;
mod purpose;
mod tag;

pub use cipher::{NONCE, OpenError, Sealed};
pub use context::Context;
pub use data_key::{DataKey, WrappedKey};
pub use master::MasterKey;
pub use purpose::Purpose;
pub use tag::{is_tag_of, tag};
/// What is opened: wiped from memory when it is dropped.
pub use zeroize::Zeroizing;
