//! What a decision was made from: hashed, never changed.

use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};

use crate::see::Shot;

/// One picture as it came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Id of the step that asked for it.
    pub step: String,
    /// What it was meant to show.
    pub shot: Shot,
    /// Of its bytes as they came.
    pub sha256: Digest,
    /// How many they were.
    pub bytes: u64,
}

/// A SHA-256, written in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut hex = String::with_capacity(64);
        write!(hex, "{self}").map_err(serde::ser::Error::custom)?;
        s.serialize_str(&hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_in_hexadecimal() {
        let mut bytes = [0; 32];
        (bytes[0], bytes[31]) = (0xab, 0x01);
        let json = serde_json::to_string(&Digest(bytes)).unwrap();
        assert_eq!(json, format!("\"ab{}01\"", "00".repeat(30)));
    }
}
