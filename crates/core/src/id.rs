//! Names of things: typed, prefixed, sortable by the time they were made.
//!
//! `vs_01m7z3…`: a prefix that tells what it is, then 26 characters of Crockford's base 32 as in ULIDs: 48 bits of
//! milliseconds since 1970 and 80 random bits, which come from outside.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// The text is no id of this kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is no id of the form {0}_…")]
pub struct NotAnId(pub &'static str);

fn written(at: Timestamp, random: [u8; 10]) -> String {
    let mut bits = u128::from(at.as_millisecond().max(0).unsigned_abs() & ((1 << 48) - 1)) << 80;
    for byte in random {
        bits = (bits & !((1u128 << 80) - 1)) | (((bits << 8) | u128::from(byte)) & ((1u128 << 80) - 1));
    }
    (0..LENGTH).map(|i| ALPHABET[((bits >> (5 * (LENGTH - 1 - i))) & 31) as usize] as char).collect()
}

/// Whether a byte is one of [`ALPHABET`], told without a search: ids are read with every row.
const fn is_letter(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident $prefix:literal)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new one; `random` must be unpredictable.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(format!(concat!($prefix, "_{}"), written(at, random)))
            }

            /// As it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn is_one(text: &str) -> bool {
                let rest = text.strip_prefix(concat!($prefix, "_"));
                rest.is_some_and(|rest| rest.len() == LENGTH && rest.bytes().all(is_letter))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if Self::is_one(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId($prefix)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                if Self::is_one(&text) { Ok(Self(text)) } else { Err(NotAnId($prefix)) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A verification session.
    SessionId "vs"
    /// A picture or datum that a person gave.
    EvidenceId "ev"
    /// A picture that is on its way in pieces.
    UploadId "upl"
    /// A decision.
    DecisionId "dec"
    /// A human review.
    CaseId "case"
    /// Something that is sent to a person.
    NoticeId "ntc"
    /// Something that happened.
    EventId "evt"
    /// Where events are sent.
    WebhookEndpointId "we"
    /// An API key.
    ApiKeyId "key"
    /// Somebody who works at the console.
    UserId "usr"
    /// A sign-in at the console.
    SignInId "sin"
    /// A piece of work to be done later.
    JobId "job"
    /// An entry of the audit log.
    AuditId "aud"
    /// The ban of a person.
    BanId "ban"
    /// A clock that is turned by hand.
    ClockId "clk"
    /// A rollout.
    RolloutId "rol"
    /// An after-sales request.
    AfterSalesId "as"
    /// A photograph or video of an after-sales request.
    AttachmentId "att"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_tells_what_it_is_and_when_it_was_made() {
        let at = Timestamp::from_millisecond(1_469_918_176_385).unwrap();
        let id = SessionId::new(at, [0; 10]);
        // The time part of the ULID specification's own example.
        assert_eq!(id.as_str(), "vs_01aryz6s410000000000000000");
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_eq!(id.as_str().parse::<CaseId>(), Err(NotAnId("case")));
    }

    #[test]
    fn every_letter_of_the_alphabet_is_one_and_no_other_byte() {
        assert!((0..=255).all(|byte| is_letter(byte) == ALPHABET.contains(&byte)));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "vs_",
            "vs",
            "vs_01aryz6s41000000000000000",
            "vs_01ARYZ6S410000000000000000",
            "vs_../../../../../../../../etc",
        ] {
            assert!(text.parse::<SessionId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn later_ids_sort_behind(a in 0i64..253_000_000_000_000, b in 0i64..253_000_000_000_000, r: [u8; 10], s: [u8; 10]) {
            prop_assume!(a < b);
            let id = |ms, random| SessionId::new(Timestamp::from_millisecond(ms).unwrap(), random);
            prop_assert!(id(a, r) < id(b, s));
        }

        #[test]
        fn different_randomness_is_a_different_id(r: [u8; 10], s: [u8; 10]) {
            prop_assume!(r != s);
            let at = Timestamp::UNIX_EPOCH;
            prop_assert_ne!(SessionId::new(at, r), SessionId::new(at, s));
        }
    }
}
