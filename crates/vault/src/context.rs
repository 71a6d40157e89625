//! Where a sealed value belongs.

use shiren_core::verification::program::Mode;

/// The one place where a sealed value opens.
///
/// Every part counts: a value that was moved to another row, another table or from test to live does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context<'a> {
    /// Test or live.
    pub mode: Mode,
    /// Which kind of thing: `record`, `blob`, `data_key`.
    pub kind: &'a str,
    /// Whose: the id of a session, an endpoint, a user.
    pub owner: &'a str,
    /// Which one of them: `declared`, `template/selfie`, the purpose of a key.
    pub name: &'a str,
}

impl Context<'_> {
    /// The associated data for one use, told apart from other uses by its label.
    pub(crate) fn associated(&self, label: &str) -> Vec<u8> {
        joined(&[label, self.mode.name(), self.kind, self.owner, self.name].map(str::as_bytes))
    }
}

/// Parts, each behind its length: different parts never give the same bytes.
pub(crate) fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|p| 8 + p.len()).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_letter_that_moves_from_one_part_to_the_next_is_another_context() {
        let one = Context { mode: Mode::Live, kind: "record", owner: "vs_1", name: "2" };
        let other = Context { owner: "vs_12", name: "", ..one };
        assert_ne!(one.associated("x"), other.associated("x"));
    }

    proptest! {
        #[test]
        fn different_parts_give_different_bytes(a: Vec<Vec<u8>>, b: Vec<Vec<u8>>) {
            let bytes = |parts: &[Vec<u8>]| joined(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(a == b, bytes(&a) == bytes(&b));
        }
    }
}
