//! Signs webhooks so that a receiver can tell that they are ours, whole and fresh.
//!
//! Standard Webhooks, scheme `v1`: HMAC-SHA256 over `id.timestamp.body`. While a secret is being replaced, both
//! sign, and a receiver that knows either accepts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::port::Entropy;

/// Header with the id of what is sent; the same at every attempt, so that receivers can drop what they have.
pub const ID: &str = "webhook-id";
/// Header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// Header with the signatures, separated by spaces.
pub const SIGNATURE: &str = "webhook-signature";

/// How far the clocks of sender and receiver may be apart; what the reference libraries allow.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

const PREFIX: &str = "whsec_";
const SCHEME: &str = "v1,";
/// How long a secret may be, by the specification.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// How long the ones are that we make: as long as what the hash gives.
const OURS: usize = 32;

/// What sender and receiver share. Never shown by `Debug`, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// The text is no webhook secret. Does not say what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is whsec_ and base64 of 24 to 64 bytes")]
pub struct NotASecret;

impl Secret {
    /// A new one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new(vec![0; OURS]);
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// As the receiver gets to see it once: `whsec_…`.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut encoded = STANDARD.encode(&*self.0);
        let text = Zeroizing::new(format!("{PREFIX}{encoded}"));
        encoded.zeroize();
        text
    }

    fn mac(&self, id: &str, seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length; the type does not know.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        Some(mac)
    }
}

impl FromStr for Secret {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NotASecret)?;
        let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| NotASecret)?);
        if LENGTHS.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(NotASecret) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The three headers of an attempt at a time. Signed with every secret given, the newest first. The id must not
/// contain a full stop; ours never do.
pub fn headers(id: &str, at: Timestamp, body: &[u8], secrets: &[Secret]) -> BTreeMap<&'static str, String> {
    let seconds = at.as_second();
    let signatures: Vec<_> =
        secrets.iter().filter_map(|secret| signature(secret, id, seconds, body)).collect();
    BTreeMap::from([(ID, id.to_owned()), (TIMESTAMP, seconds.to_string()), (SIGNATURE, signatures.join(" "))])
}

fn signature(secret: &Secret, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let code = secret.mac(id, seconds, body)?.finalize().into_bytes();
    Some(format!("{SCHEME}{}", STANDARD.encode(code)))
}

/// Why a receiver must not believe a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing or cannot be read.
    #[error("a webhook header is missing or cannot be read")]
    Headers,
    /// It was sent too long ago, or in the future.
    #[error("the webhook's time is too far from now")]
    Stale,
    /// None of its signatures is by a secret that we know.
    #[error("none of the signatures fits")]
    Signature,
}

/// What a receiver does: believes a webhook only if it is fresh and signed with one of the secrets. Compares in
/// constant time.
pub fn verify(
    headers: &BTreeMap<&'static str, String>,
    body: &[u8],
    secrets: &[Secret],
    now: Timestamp,
) -> Result<(), Refusal> {
    let header = |name| headers.get(name).map(String::as_str).ok_or(Refusal::Headers);
    let (id, seconds, signatures) = (header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?);
    let seconds: i64 = seconds.parse().map_err(|_| Refusal::Headers)?;
    if seconds.abs_diff(now.as_second()) > TOLERANCE.as_secs() {
        return Err(Refusal::Stale);
    }
    let codes: Vec<_> = signatures.split(' ').filter_map(code).collect();
    let fits = |secret: &Secret| codes.iter().any(|code| is_by(secret, id, seconds, body, code));
    if secrets.iter().any(fits) { Ok(()) } else { Err(Refusal::Signature) }
}

/// What a `v1` signature says; `None` for other schemes, which receivers pass over.
fn code(signature: &str) -> Option<Vec<u8>> {
    STANDARD.decode(signature.strip_prefix(SCHEME)?).ok()
}

fn is_by(secret: &Secret, id: &str, seconds: i64, body: &[u8], code: &[u8]) -> bool {
    secret.mac(id, seconds, body).is_some_and(|mac| mac.verify_slice(code).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const MESSAGE: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(0..).for_each(|(byte, i)| *byte = i);
        }
    }

    fn published() -> Secret {
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap()
    }

    fn other() -> Secret {
        Secret::generate(&Counting)
    }

    fn then() -> Timestamp {
        Timestamp::from_second(1_614_265_330).unwrap()
    }

    fn later(seconds: i64) -> Timestamp {
        Timestamp::from_second(then().as_second() + seconds).unwrap()
    }

    #[test]
    fn the_published_vector_comes_out() {
        let headers = headers(MESSAGE, then(), BODY, &[published()]);
        assert_eq!(headers[ID], MESSAGE);
        assert_eq!(headers[TIMESTAMP], "1614265330");
        assert_eq!(headers[SIGNATURE], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_secrets_rotate_receivers_with_either_secret_accept() {
        let headers = headers(MESSAGE, then(), BODY, &[other(), published()]);
        assert_eq!(headers[SIGNATURE].split(' ').count(), 2);
        for secret in [published(), other()] {
            assert_eq!(verify(&headers, BODY, &[secret], then()), Ok(()));
        }
    }

    #[test]
    fn a_receiver_with_another_secret_refuses() {
        let headers = headers(MESSAGE, then(), BODY, &[published()]);
        assert_eq!(verify(&headers, BODY, &[other()], then()), Err(Refusal::Signature));
        assert_eq!(verify(&headers, BODY, &[], then()), Err(Refusal::Signature));
    }

    #[test]
    fn changing_body_id_or_time_breaks_the_signature() {
        let sound = headers(MESSAGE, then(), BODY, &[published()]);
        let refused = |headers: &BTreeMap<_, _>, body| {
            assert_eq!(verify(headers, body, &[published()], then()), Err(Refusal::Signature));
        };
        refused(&sound, b"{}");
        for (name, value) in [(ID, "msg_other"), (TIMESTAMP, "1614265331")] {
            let mut changed = sound.clone();
            changed.insert(name, value.to_owned());
            refused(&changed, BODY);
        }
    }

    #[test]
    fn a_webhook_is_believed_for_five_minutes_in_both_directions() {
        let headers = headers(MESSAGE, then(), BODY, &[published()]);
        for seconds in [-300, 0, 300] {
            assert_eq!(verify(&headers, BODY, &[published()], later(seconds)), Ok(()));
        }
        for seconds in [-301, 301] {
            assert_eq!(verify(&headers, BODY, &[published()], later(seconds)), Err(Refusal::Stale));
        }
    }

    #[test]
    fn signatures_of_schemes_that_we_do_not_know_are_passed_over() {
        let mut headers = headers(MESSAGE, then(), BODY, &[published()]);
        let ours = headers[SIGNATURE].clone();
        headers.insert(SIGNATURE, format!("v1a,AAAA nonsense {ours}"));
        assert_eq!(verify(&headers, BODY, &[published()], then()), Ok(()));
    }

    #[test]
    fn missing_and_unreadable_headers_are_refused() {
        let sound = headers(MESSAGE, then(), BODY, &[published()]);
        for name in [ID, TIMESTAMP, SIGNATURE] {
            let mut headers = sound.clone();
            headers.remove(name);
            assert_eq!(verify(&headers, BODY, &[published()], then()), Err(Refusal::Headers));
        }
        let mut headers = sound;
        headers.insert(TIMESTAMP, "yesterday".into());
        assert_eq!(verify(&headers, BODY, &[published()], then()), Err(Refusal::Headers));
    }

    #[test]
    fn a_secret_reads_back_as_it_was_written() {
        let text = other().reveal();
        assert!(text.starts_with("whsec_"));
        assert_eq!(text.parse::<Secret>().unwrap().reveal(), text);
    }

    #[test]
    fn secrets_too_short_too_long_or_of_another_form_are_refused() {
        let of = |length: usize| format!("{PREFIX}{}", STANDARD.encode(vec![7; length]));
        assert!(of(24).parse::<Secret>().is_ok() && of(64).parse::<Secret>().is_ok());
        for text in [of(23), of(65), STANDARD.encode([7; 32]), "whsec_!!!!".into(), String::new()] {
            assert_eq!(text.parse::<Secret>().unwrap_err(), NotASecret);
        }
    }

    #[test]
    fn a_secret_is_not_shown_in_logs() {
        assert_eq!(format!("{:?}", published()), "Secret(…)");
    }
}
