//! The key that the operator keeps.

use std::fmt;

use zeroize::Zeroizing;

use crate::derive::sub_key;

const SALT: &[u8] = b"shiren master key 1";

/// Encrypts data keys, and makes tags. Never written, never shown; wiped from memory when it is dropped.
///
/// It is used for nothing itself: each of its uses has a sub-key.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// From 32 bytes that nobody can guess.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The sub-key under which data keys are wrapped.
    pub(crate) fn for_wrapping(&self) -> Zeroizing<[u8; 32]> {
        sub_key(self.0.as_ref(), SALT, b"wrap data keys")
    }

    /// The sub-key of the blind index.
    pub(crate) fn for_tags(&self) -> Zeroizing<[u8; 32]> {
        sub_key(self.0.as_ref(), SALT, b"blind index")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let master = MasterKey::from_bytes([7; 32]);
        assert_ne!(master.for_wrapping(), master.for_tags());
        assert_ne!(*master.for_wrapping(), [7; 32]);
    }

    #[test]
    fn it_does_not_show_itself() {
        assert_eq!(format!("{:?}", MasterKey::from_bytes([7; 32])), "MasterKey(…)");
    }
}
