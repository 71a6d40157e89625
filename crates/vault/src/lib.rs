//! Seals and opens: personal data is encrypted before it reaches disk, under keys that can be shredded one by one.
//!
//! Envelope encryption: a [`DataKey`] for each owner and [`Purpose`], wrapped under a [`MasterKey`] from the
//! operator's keyring. What is sealed ([`Sealed`]) is bound to the place where it is kept (associated data), so that
//! a value moved to another row does not open. A blind index ([`tag`]) lets the store tell that two values are
//! equal without knowing either.
//!
//! Crypto only: no files, no clock, no randomness of its own (nonces and keys come from the caller's entropy), and
//! no opinion on who may open what.

// The helper who builds this room fills it; these are the names that others rely on.

/// What a data key is for: each can be shredded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Name, number, dates: the identity record.
    Identity,
    /// Face templates.
    Face,
    /// Pictures.
    Evidence,
    /// Secrets of the operator's own systems: webhook secrets.
    Secret,
}

/// Encrypts data keys. Never written, never shown.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// From the bytes of a keyring.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A data key, wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Version of the master key that wraps it.
    pub master: u32,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

/// A sealed value: nonce and ciphertext. Equal values are sealed differently every time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);
