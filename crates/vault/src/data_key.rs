//! The keys that data is sealed under.

use std::fmt;

use zeroize::Zeroizing;

use crate::cipher::{self, NONCE, OpenError, Sealed};
use crate::context::{Context, joined};
use crate::master::MasterKey;

const SEAL: &str = "shiren seal 1";
const WRAP: &str = "shiren wrap 1";

/// Encrypts the data of one owner for one purpose. Kept wrapped only; wiped from memory when it is dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

/// A data key, wrapped.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Version of the master key that wraps it.
    pub master: u32,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl DataKey {
    /// A new one, from 32 bytes that nobody can guess.
    pub fn generate(random: [u8; 32]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// Encrypts the key itself. The nonce must never have been used with this master key: draw it at random.
    pub fn wrap(
        &self,
        master: &MasterKey,
        version: u32,
        nonce: [u8; NONCE],
        context: &Context<'_>,
    ) -> WrappedKey {
        let bytes = cipher::seal(&master.for_wrapping(), nonce, &wrapping(version, context), self.0.as_ref());
        WrappedKey { master: version, bytes }
    }

    /// The key that was wrapped.
    ///
    /// # Errors
    /// When another master key or context wrapped it, or when it was changed.
    pub fn unwrap(
        wrapped: &WrappedKey,
        master: &MasterKey,
        context: &Context<'_>,
    ) -> Result<Self, OpenError> {
        let associated = wrapping(wrapped.master, context);
        let plain = cipher::open(&master.for_wrapping(), &associated, &wrapped.bytes)?;
        let mut key = Zeroizing::new([0; 32]);
        if plain.len() != key.len() {
            return Err(OpenError);
        }
        key.copy_from_slice(&plain);
        Ok(Self(key))
    }

    /// Seals a value for a place. The nonce must never have been used with this key: draw it at random.
    pub fn seal(&self, nonce: [u8; NONCE], context: &Context<'_>, plain: &[u8]) -> Sealed {
        Sealed(cipher::seal(&self.0, nonce, &context.associated(SEAL), plain))
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// When another key or context sealed it, or when it was changed.
    pub fn open(&self, context: &Context<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        cipher::open(&self.0, &context.associated(SEAL), &sealed.0)
    }
}

/// The master key's version belongs to what is authenticated: it cannot be rewritten either.
fn wrapping(version: u32, context: &Context<'_>) -> Vec<u8> {
    joined(&[&context.associated(WRAP), &version.to_be_bytes()])
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey(master {}, {} bytes)", self.master, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shiren_core::verification::program::Mode;

    use super::*;

    const PLACE: Context<'_> = Context { mode: Mode::Live, kind: "record", owner: "vs_1", name: "declared" };

    /// Every place that differs from [`PLACE`] in one part.
    fn elsewhere() -> [Context<'static>; 4] {
        [
            Context { mode: Mode::Test, ..PLACE },
            Context { kind: "blob", ..PLACE },
            Context { owner: "vs_2", ..PLACE },
            Context { name: "identity", ..PLACE },
        ]
    }

    #[test]
    fn a_wrapped_key_names_its_master_truly() {
        let master = MasterKey::from_bytes([1; 32]);
        let mut wrapped = DataKey::generate([2; 32]).wrap(&master, 1, [3; NONCE], &PLACE);
        wrapped.master = 2;
        assert!(DataKey::unwrap(&wrapped, &master, &PLACE).is_err());
    }

    #[test]
    fn a_sealed_value_is_no_wrapped_key() {
        // Even under the very same bytes of key: the labels differ.
        let master = MasterKey::from_bytes([1; 32]);
        let key = DataKey(master.for_wrapping());
        let sealed = key.seal([3; NONCE], &PLACE, &[4; 32]);
        let wrapped = WrappedKey { master: 1, bytes: sealed.0 };
        assert!(DataKey::unwrap(&wrapped, &master, &PLACE).is_err());
    }

    #[test]
    fn nothing_shows_what_it_holds() {
        let key = DataKey::generate([0x41; 32]);
        let sealed = key.seal([0x42; NONCE], &PLACE, b"AAAA");
        let wrapped = key.wrap(&MasterKey::from_bytes([0x43; 32]), 7, [0x42; NONCE], &PLACE);
        let shown = format!("{key:?} {sealed:?} {wrapped:?}");
        assert_eq!(shown, "DataKey(…) Sealed(44 bytes) WrappedKey(master 7, 72 bytes)");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place(key: [u8; 32], nonce: [u8; NONCE], plain: Vec<u8>) {
            let key = DataKey::generate(key);
            let sealed = key.seal(nonce, &PLACE, &plain);
            let opened = key.open(&PLACE, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
        }

        #[test]
        fn it_opens_nowhere_else_and_under_no_other_key(key: [u8; 32], other: [u8; 32], nonce: [u8; NONCE], plain: Vec<u8>) {
            prop_assume!(key != other);
            let sealed = DataKey::generate(key).seal(nonce, &PLACE, &plain);
            for place in elsewhere() {
                prop_assert_eq!(DataKey::generate(key).open(&place, &sealed), Err(OpenError));
            }
            prop_assert_eq!(DataKey::generate(other).open(&PLACE, &sealed), Err(OpenError));
        }

        #[test]
        fn with_any_bit_flipped_it_does_not_open(key: [u8; 32], nonce: [u8; NONCE], plain: Vec<u8>, at: prop::sample::Index) {
            let key = DataKey::generate(key);
            let mut sealed = key.seal(nonce, &PLACE, &plain);
            let bit = at.index(sealed.0.len() * 8);
            sealed.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(key.open(&PLACE, &sealed), Err(OpenError));
        }

        #[test]
        fn cut_short_it_does_not_open(key: [u8; 32], nonce: [u8; NONCE], plain: Vec<u8>, at: prop::sample::Index) {
            let key = DataKey::generate(key);
            let mut sealed = key.seal(nonce, &PLACE, &plain);
            sealed.0.truncate(at.index(sealed.0.len()));
            prop_assert_eq!(key.open(&PLACE, &sealed), Err(OpenError));
        }

        #[test]
        fn a_wrapped_key_opens_under_its_master_in_its_place_alone(
            key: [u8; 32], master: [u8; 32], other: [u8; 32], version: u32, nonce: [u8; NONCE], at: prop::sample::Index,
        ) {
            prop_assume!(master != other);
            let (master, other) = (MasterKey::from_bytes(master), MasterKey::from_bytes(other));
            let mut wrapped = DataKey::generate(key).wrap(&master, version, nonce, &PLACE);
            prop_assert_eq!(*DataKey::unwrap(&wrapped, &master, &PLACE).unwrap().0, key);
            prop_assert!(DataKey::unwrap(&wrapped, &other, &PLACE).is_err());
            for place in elsewhere() {
                prop_assert!(DataKey::unwrap(&wrapped, &master, &place).is_err());
            }
            let bit = at.index(wrapped.bytes.len() * 8);
            wrapped.bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(DataKey::unwrap(&wrapped, &master, &PLACE).is_err());
        }
    }
}
