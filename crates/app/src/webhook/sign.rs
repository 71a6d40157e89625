//! Signs webhooks so that a receiver can tell that they are ours, whole and fresh.
//!
//! Standard Webhooks: over `id.timestamp.body`, by scheme `v1` HMAC-SHA256 with a secret that both sides know, by scheme
//! `v1a` Ed25519 with a key of which the receiver knows the public half alone. While a key is being replaced, both
//! sign, and a receiver that knows either accepts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::{Deserialize, Serialize};
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
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";
const SCHEME: &str = "v1,";
/// How long a secret may be, by the specification.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// How long the ones are that we make: as long as what the hash gives.
const OURS: usize = 32;
/// How long the seed of an Ed25519 key is, and its public half (RFC 8032).
const SEED: usize = 32;

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// HMAC-SHA256: both sides know the secret.
    #[default]
    V1,
    /// Ed25519: the receiver can verify, and sign nothing.
    V1a,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V1, Self::V1a];

    /// The name, as it stands before signatures.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }

    /// The scheme of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }
}

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

/// An Ed25519 key: seed and public half, one behind the other, as libraries for webhooks write it. Never shown by
/// `Debug`, wiped when dropped.
#[derive(Clone)]
pub struct PrivateKey(Zeroizing<Vec<u8>>);

impl PrivateKey {
    /// A new one; `None` when the seed is unfit, which none is.
    fn generate(entropy: &dyn Entropy) -> Option<Self> {
        let mut seed = Zeroizing::new([0; SEED]);
        entropy.fill(seed.as_mut());
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).ok()?;
        let mut both = Zeroizing::new(Vec::with_capacity(2 * SEED));
        both.extend_from_slice(seed.as_ref());
        both.extend_from_slice(pair.public_key().as_ref());
        Some(Self(both))
    }

    /// Fails when the two halves are not one key's.
    fn pair(&self) -> Result<Ed25519KeyPair, NotASecret> {
        let (seed, public) = self.0.split_at_checked(SEED).ok_or(NotASecret)?;
        Ed25519KeyPair::from_seed_and_public_key(seed, public).map_err(|_| NotASecret)
    }

    fn public(&self) -> String {
        let public = self.0.get(SEED..).unwrap_or_default();
        format!("{PUBLIC}{}", STANDARD.encode(public))
    }
}

impl FromStr for PrivateKey {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        let encoded = text.strip_prefix(PRIVATE).ok_or(NotASecret)?;
        let key = Self(Zeroizing::new(STANDARD.decode(encoded).map_err(|_| NotASecret)?));
        key.pair().map(|_| key)
    }
}

/// What signs.
#[derive(Clone)]
pub enum Signer {
    /// By `v1`.
    Shared(Secret),
    /// By `v1a`.
    Private(PrivateKey),
}

impl Signer {
    /// A new one.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn generate(scheme: Scheme, entropy: &dyn Entropy) -> Result<Self, NotASecret> {
        Ok(match scheme {
            Scheme::V1 => Self::Shared(Secret::generate(entropy)),
            Scheme::V1a => Self::Private(PrivateKey::generate(entropy).ok_or(NotASecret)?),
        })
    }

    /// By which scheme it signs.
    pub const fn scheme(&self) -> Scheme {
        match self {
            Self::Shared(_) => Scheme::V1,
            Self::Private(_) => Scheme::V1a,
        }
    }

    /// As it is kept, sealed: `whsec_…` or `whsk_…`.
    pub fn reveal(&self) -> Zeroizing<String> {
        match self {
            Self::Shared(secret) => secret.reveal(),
            Self::Private(key) => {
                let mut encoded = STANDARD.encode(&*key.0);
                let text = Zeroizing::new(format!("{PRIVATE}{encoded}"));
                encoded.zeroize();
                text
            }
        }
    }

    /// What anybody may know: `whpk_…`; nothing of a secret.
    pub fn public(&self) -> Option<String> {
        match self {
            Self::Shared(_) => None,
            Self::Private(key) => Some(key.public()),
        }
    }

    fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
        let code = match self {
            Self::Shared(secret) => STANDARD.encode(secret.mac(id, seconds, body)?.finalize().into_bytes()),
            Self::Private(key) => {
                let mut signed = format!("{id}.{seconds}.").into_bytes();
                signed.extend_from_slice(body);
                STANDARD.encode(key.pair().ok()?.sign(&signed))
            }
        };
        Some(format!("{},{code}", self.scheme().name()))
    }
}

impl From<Secret> for Signer {
    fn from(secret: Secret) -> Self {
        Self::Shared(secret)
    }
}

impl FromStr for Signer {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        if text.starts_with(PRIVATE) {
            text.parse().map(Self::Private)
        } else {
            text.parse().map(Self::Shared)
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.scheme().name())
    }
}

/// The three headers of an attempt at a time. Signed with every key given, the newest first. The id must not
/// contain a full stop; ours never do.
pub fn headers(id: &str, at: Timestamp, body: &[u8], signers: &[Signer]) -> BTreeMap<&'static str, String> {
    let seconds = at.as_second();
    let signatures: Vec<_> = signers.iter().filter_map(|signer| signer.sign(id, seconds, body)).collect();
    BTreeMap::from([(ID, id.to_owned()), (TIMESTAMP, seconds.to_string()), (SIGNATURE, signatures.join(" "))])
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

/// What a receiver of `v1` does: believes a webhook only if it is fresh and signed with one of the secrets. Compares
/// in constant time.
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
        let headers = headers(MESSAGE, then(), BODY, &[published().into()]);
        assert_eq!(headers[ID], MESSAGE);
        assert_eq!(headers[TIMESTAMP], "1614265330");
        assert_eq!(headers[SIGNATURE], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_secrets_rotate_receivers_with_either_secret_accept() {
        let headers = headers(MESSAGE, then(), BODY, &[other().into(), published().into()]);
        assert_eq!(headers[SIGNATURE].split(' ').count(), 2);
        for secret in [published(), other()] {
            assert_eq!(verify(&headers, BODY, &[secret], then()), Ok(()));
        }
    }

    #[test]
    fn a_receiver_with_another_secret_refuses() {
        let headers = headers(MESSAGE, then(), BODY, &[published().into()]);
        assert_eq!(verify(&headers, BODY, &[other()], then()), Err(Refusal::Signature));
        assert_eq!(verify(&headers, BODY, &[], then()), Err(Refusal::Signature));
    }

    #[test]
    fn changing_body_id_or_time_breaks_the_signature() {
        let sound = headers(MESSAGE, then(), BODY, &[published().into()]);
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
        let headers = headers(MESSAGE, then(), BODY, &[published().into()]);
        for seconds in [-300, 0, 300] {
            assert_eq!(verify(&headers, BODY, &[published()], later(seconds)), Ok(()));
        }
        for seconds in [-301, 301] {
            assert_eq!(verify(&headers, BODY, &[published()], later(seconds)), Err(Refusal::Stale));
        }
    }

    #[test]
    fn signatures_of_schemes_that_we_do_not_know_are_passed_over() {
        let mut headers = headers(MESSAGE, then(), BODY, &[published().into()]);
        let ours = headers[SIGNATURE].clone();
        headers.insert(SIGNATURE, format!("v1a,AAAA nonsense {ours}"));
        assert_eq!(verify(&headers, BODY, &[published()], then()), Ok(()));
    }

    #[test]
    fn missing_and_unreadable_headers_are_refused() {
        let sound = headers(MESSAGE, then(), BODY, &[published().into()]);
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
        let signer = Signer::generate(Scheme::V1a, &Counting).unwrap();
        assert_eq!(format!("{signer:?}"), "Signer(v1a)");
    }

    /// Of the key whose seed counts from 0, which libraries for Ed25519 publish as an example.
    #[test]
    fn whoever_knows_the_public_half_can_verify_and_a_changed_body_does_not_fit() {
        let signer = Signer::generate(Scheme::V1a, &Counting).unwrap();
        let public = signer.public().unwrap();
        assert_eq!(public, "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
        let headers = headers(MESSAGE, then(), BODY, &[signer]);
        let code = STANDARD.decode(headers[SIGNATURE].strip_prefix("v1a,").unwrap()).unwrap();
        let key = STANDARD.decode(public.strip_prefix(PUBLIC).unwrap()).unwrap();
        let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key);
        let signed = |body: &[u8]| [format!("{MESSAGE}.1614265330.").as_bytes(), body].concat();
        key.verify(&signed(BODY), &code).unwrap();
        assert!(key.verify(&signed(b"{}"), &code).is_err());
    }

    #[test]
    fn both_kinds_of_key_sign_side_by_side() {
        let private = Signer::generate(Scheme::V1a, &Counting).unwrap();
        let headers = headers(MESSAGE, then(), BODY, &[private, published().into()]);
        let schemes: Vec<_> = headers[SIGNATURE].split(' ').filter_map(|s| s.split(',').next()).collect();
        assert_eq!(schemes, ["v1a", "v1"]);
        assert_eq!(verify(&headers, BODY, &[published()], then()), Ok(()));
    }

    #[test]
    fn a_private_key_reads_back_as_it_was_written_and_one_of_two_halves_does_not() {
        for scheme in Scheme::ALL {
            let text = Signer::generate(scheme, &Counting).unwrap().reveal();
            let read = text.parse::<Signer>().unwrap();
            assert_eq!((read.scheme(), read.reveal()), (scheme, text));
        }
        for bytes in [vec![7; 64], vec![7; 32], vec![]] {
            let text = format!("{PRIVATE}{}", STANDARD.encode(bytes));
            assert_eq!(text.parse::<Signer>().unwrap_err(), NotASecret);
        }
    }
}
