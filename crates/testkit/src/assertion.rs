//! A marketplace's app that signs who is signed in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// Who signs.
pub const ISSUER: &str = "https://market.example";
/// What it calls the service.
pub const AUDIENCE: &str = "https://verify.example";

/// The app, with a key of its own.
pub struct MarketApp {
    key: Ed25519KeyPair,
    id: &'static str,
}

impl MarketApp {
    /// The one whose key the test service knows. `None` never happens: the seed is as long as seeds are.
    pub fn known() -> Option<Self> {
        Self::seeded(7, "2026-11")
    }

    /// Another one, that says it has the same key.
    pub fn forger() -> Option<Self> {
        Self::seeded(8, "2026-11")
    }

    /// One with a key that nobody knows, and says so.
    pub fn stranger() -> Option<Self> {
        Self::seeded(8, "2027-01")
    }

    fn seeded(seed: u8, id: &'static str) -> Option<Self> {
        Some(Self { key: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).ok()?, id })
    }

    /// Its public key, as a JWK set.
    pub fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.key.public_key());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.id, "alg": "EdDSA", "use": "sig" }] })
            .to_string()
    }

    /// What it says of a sub-account that is signed in under a shop, in test mode: it counts for two minutes from now.
    pub fn claims(&self, now: Timestamp, shop: &str, staff: &str, once: &str) -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": staff, "kind": "staff", "main": shop, "mode": "test",
            "iat": now.as_second(), "exp": now.as_second() + 120, "jti": format!("{once:0>16}"),
        })
    }

    /// A token that says so.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.id }), claims)
    }

    /// A token with a head of its own.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let said = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
