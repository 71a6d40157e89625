//! The device that an owner verifies with (rows D8, G9): whether it was seen with the shop before.
//!
//! Another device alone says little: people buy phones. With another face it says more.

use serde::{Deserialize, Serialize};

use crate::account::claim::Tag;

/// What a verification was handed in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The keyed hash of its mark: a random value that it keeps, of no meaning anywhere else.
    pub tag: Tag,
    /// Whether the shop's owner verified with it before; `None` when nothing is known to compare it with.
    pub known: Option<bool>,
}

/// Whether a device is known, by comparing it with each one that was seen before; `None` of one that cannot be
/// compared, because the key of its hash is gone.
pub fn known(compared: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    compared.into_iter().flatten().reduce(|any, same| any || same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_by_any_one_that_was_seen_and_new_only_beside_others() {
        for (compared, expected) in [
            (&[][..], None),
            (&[None], None),
            (&[Some(true)], Some(true)),
            (&[Some(false)], Some(false)),
            (&[None, Some(false)], Some(false)),
            (&[Some(false), Some(true), Some(false)], Some(true)),
            (&[Some(true), None], Some(true)),
        ] {
            assert_eq!(known(compared.iter().copied()), expected, "{compared:?}");
        }
    }
}
