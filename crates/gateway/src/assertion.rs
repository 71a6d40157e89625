//! The keys with which the marketplace signs who is signed in, and reading what is signed with them.
//!
//! Keys come as a JWK set (RFC 7517): public ones alone, each with one way of signing that it is for, so that no token
//! chooses how it is looked at: `none`, a secret made of a public key and every other mix-up end at the key (RFC 8725,
//! 3.1). Several keys, told apart by `kid`, let one follow the other. Keys as PEM have no name: each of the kind that a
//! token is signed with is tried.
//!
//! `jsonwebtoken` reads tokens and keys; its signatures are verified by `ring`, which is here for TLS already. Of its own
//! providers one would bring a second C library, and the other an RSA with a known timing hole.

mod pem;

use std::collections::BTreeSet;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::signature::{Error as Unverified, Verifier};
use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Header, Validation, decode, decode_header,
};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;
use shiren_app::port::Assertions;
use shiren_core::account::assertion::{AssertionFault, Claims};

/// Most keys of a set.
const MOST: usize = 16;
/// What a JWK must not have here: parts of private and shared keys (RFC 7518, 6.2.2, 6.3.2, 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a set of keys is not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// It is no JWK set.
    #[error("this is no JWK set (RFC 7517), nor PEM: {0}")]
    Unreadable(String),
    /// None, or too many.
    #[error("a set has 1 to {MOST} keys")]
    Count,
    /// One of them cannot be used.
    #[error("key {number}: {problem}")]
    Key {
        /// 1 for the first.
        number: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The keys that the marketplace signs with.
pub struct AccountKeys(Vec<AccountKey>);

struct AccountKey {
    /// Its `kid`; one that came as PEM has none.
    id: Option<String>,
    /// The one way of signing that it is for.
    algorithm: Algorithm,
    key: DecodingKey,
}

impl AccountKeys {
    /// The keys of a file: a JWK set, or public keys as PEM, one behind the other.
    ///
    /// # Errors
    /// As [`AccountKeys::from_jwks`].
    pub fn from_text(text: &str) -> Result<Self, KeySetError> {
        if pem::is_pem(text) { Self::from_pem(text) } else { Self::from_jwks(text) }
    }

    fn from_pem(text: &str) -> Result<Self, KeySetError> {
        let _ = RING.install_default();
        let keys = pem::public_keys(text)?;
        if keys.is_empty() || keys.len() > MOST {
            return Err(KeySetError::Count);
        }
        let read = |(n, key): (usize, pem::PublicKey)| {
            let (algorithm, key) = match key {
                pem::PublicKey::Ed25519(key) => (Algorithm::EdDSA, DecodingKey::from_ed_der(&key)),
                pem::PublicKey::P256(key) => (Algorithm::ES256, DecodingKey::from_ec_der(&key)),
                pem::PublicKey::Rsa(n, e) => (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&n, &e)),
            };
            let key = AccountKey { id: None, algorithm, key };
            key.sound().map_err(|problem| KeySetError::Key { number: n + 1, problem })
        };
        Ok(Self(keys.into_iter().enumerate().map(read).collect::<Result<_, _>>()?))
    }

    /// The keys that a token can be signed with.
    fn that_may_have_signed(&self, header: &Header) -> Result<Vec<&AccountKey>, AssertionFault> {
        let keys = match &header.kid {
            // Of keys without a name any may be the one that is meant.
            _ if self.0.iter().all(|key| key.id.is_none()) => self.0.iter().collect(),
            Some(id) => self.0.iter().filter(|key| key.id.as_ref() == Some(id)).collect(),
            None if self.0.len() == 1 => self.0.iter().collect(),
            None => Vec::new(),
        };
        if keys.is_empty() {
            return Err(AssertionFault::Key);
        }
        let fits: Vec<_> = keys.into_iter().filter(|key| key.algorithm == header.alg).collect();
        if fits.is_empty() { Err(AssertionFault::Algorithm) } else { Ok(fits) }
    }

    /// The keys of a JWK set.
    ///
    /// # Errors
    /// When it is none, or one of its keys cannot be used: all of them must be what the operator meant.
    pub fn from_jwks(text: &str) -> Result<Self, KeySetError> {
        // Whoever was first: there is one provider in a process, and this is the only place that has one.
        let _ = RING.install_default();
        let unreadable = |e: &dyn std::fmt::Display| KeySetError::Unreadable(e.to_string());
        let set: Value = serde_json::from_str(text).map_err(|e| unreadable(&e))?;
        let keys = set["keys"].as_array().ok_or_else(|| unreadable(&"it has no keys"))?;
        if keys.is_empty() || keys.len() > MOST {
            return Err(KeySetError::Count);
        }
        let mut ids = BTreeSet::new();
        let read = |(n, key): (usize, &Value)| {
            let wrong = |problem| KeySetError::Key { number: n + 1, problem };
            let key = account_key(key).map_err(wrong)?;
            if ids.insert(key.id.clone()) { Ok(key) } else { Err(wrong("another one has the same kid")) }
        };
        Ok(Self(keys.iter().enumerate().map(read).collect::<Result<_, _>>()?))
    }
}

fn account_key(value: &Value) -> Result<AccountKey, &'static str> {
    if PRIVATE.iter().any(|part| value.get(part).is_some()) {
        return Err("a private or shared key must not be here: give the public one");
    }
    let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| "this is no JWK")?;
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return Err("Ed25519, P-256 or RSA"),
    };
    if jwk.common.key_algorithm.is_some_and(|named| named != algorithm.into()) {
        return Err("its alg must be EdDSA, ES256 or RS256, as its kind of key has it");
    }
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return Err("its use is not sig");
    }
    let id = jwk.common.key_id.clone().filter(|id| (1..=128).contains(&id.len()));
    if id.is_none() {
        return Err("it needs a kid of 1 to 128 bytes");
    }
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| "its parts are no base64url")?;
    AccountKey { id, algorithm, key }.sound()
}

impl AccountKey {
    /// Itself, when it is as long as such keys are.
    fn sound(self) -> Result<Self, &'static str> {
        let sound = match self.key.kind() {
            DecodingKeyKind::SecretOrDer(bytes) => {
                bytes.len() == if self.algorithm == Algorithm::EdDSA { 32 } else { 65 }
            }
            DecodingKeyKind::RsaModulusExponent { n, .. } => (256..=1024).contains(&n.len()),
        };
        if sound { Ok(self) } else { Err("it has another length (RSA: 2048 to 8192 bits)") }
    }

    /// What it signed; what it says is held against our own clock, by the domain.
    fn read(&self, token: &str) -> Result<Claims, AssertionFault> {
        let mut signature_alone = Validation::new(self.algorithm);
        signature_alone.required_spec_claims.clear();
        signature_alone.validate_exp = false;
        signature_alone.validate_aud = false;
        match decode::<Claims>(token, &self.key, &signature_alone) {
            Ok(read) => Ok(read.claims),
            Err(error) => Err(match error.kind() {
                ErrorKind::InvalidSignature => AssertionFault::Signature,
                ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => AssertionFault::Algorithm,
                _ => AssertionFault::Unreadable,
            }),
        }
    }
}

impl Assertions for AccountKeys {
    fn read(&self, token: &str) -> Result<Claims, AssertionFault> {
        let header = decode_header(token).map_err(|_| AssertionFault::Unreadable)?;
        // What must be understood and is not (RFC 7515, 4.1.11).
        if header.crit.is_some() {
            return Err(AssertionFault::Unreadable);
        }
        let mut told = AssertionFault::Key;
        for key in self.that_may_have_signed(&header)? {
            match key.read(token) {
                // Another one of the same kind may have.
                Err(AssertionFault::Signature) => told = AssertionFault::Signature,
                read => return read,
            }
        }
        Err(told)
    }
}

/// Verifies with `ring`, and signs nothing.
static RING: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    // For making JWKs, which nobody does here.
    key_utils: KeyUtils::new_unimplemented(),
};

fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, JwtError> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, JwtError> {
    match algorithm {
        Algorithm::EdDSA | Algorithm::ES256 | Algorithm::RS256 => {
            Ok(Box::new(ByRing { algorithm: *algorithm, key: key.clone() }))
        }
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

struct ByRing {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for ByRing {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Unverified> {
        let verified = match (self.algorithm, self.key.kind()) {
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(&ED25519, key).verify(message, signature)
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            _ => return Err(Unverified::new()),
        };
        verified.map_err(|_| Unverified::new())
    }
}

impl JwtVerifier for ByRing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests;
