//! Telling that two values are equal without knowing either.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shiren_core::verification::program::Mode;

use crate::context::joined;
use crate::master::MasterKey;

/// The blind-index tag of a value: equal for equal values of one kind and mode under one master key, and without
/// the key as good as random. The value must be in its normal form, or equal things get different tags.
pub fn tag(master: &MasterKey, kind: &str, mode: Mode, value: &[u8]) -> Vec<u8> {
    keyed(master, kind, mode, value).finalize().into_bytes().to_vec()
}

/// Whether a tag is that of a value, told in the same time whatever the answer: for values that somebody guesses at.
pub fn is_tag_of(tag: &[u8], master: &MasterKey, kind: &str, mode: Mode, value: &[u8]) -> bool {
    keyed(master, kind, mode, value).verify_slice(tag).is_ok()
}

fn keyed(master: &MasterKey, kind: &str, mode: Mode, value: &[u8]) -> Hmac<Sha256> {
    let keyed = Hmac::<Sha256>::new_from_slice(master.for_tags().as_ref());
    let mut mac = keyed.expect("HMAC takes a key of any length");
    mac.update(&joined(&[b"shiren tag 1", kind.as_bytes(), mode.name().as_bytes(), value]));
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_values_have_equal_tags_and_everything_else_differs(
            master: [u8; 32], other: [u8; 32], kind: String, other_kind: String, value: Vec<u8>, other_value: Vec<u8>,
        ) {
            prop_assume!(master != other && kind != other_kind && value != other_value);
            let (master, other) = (MasterKey::from_bytes(master), MasterKey::from_bytes(other));
            let one = tag(&master, &kind, Mode::Live, &value);
            prop_assert_eq!(one.len(), 32);
            prop_assert_eq!(&one, &tag(&master, &kind, Mode::Live, &value));
            prop_assert!(is_tag_of(&one, &master, &kind, Mode::Live, &value));
            prop_assert!(!is_tag_of(&one, &master, &kind, Mode::Live, &other_value));
            prop_assert!(!is_tag_of(&one[..31], &master, &kind, Mode::Live, &value));
            prop_assert_ne!(&one, &tag(&other, &kind, Mode::Live, &value));
            prop_assert_ne!(&one, &tag(&master, &other_kind, Mode::Live, &value));
            prop_assert_ne!(&one, &tag(&master, &kind, Mode::Test, &value));
            prop_assert_ne!(&one, &tag(&master, &kind, Mode::Live, &other_value));
        }
    }
}
