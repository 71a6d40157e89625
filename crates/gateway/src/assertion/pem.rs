//! Public keys as most tools write them: PEM (RFC 7468) of a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7; RFC 8410; RFC 5480;
//! RFC 8017), `openssl pkey -pubout`. They have no `kid`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::KeySetError;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// A public key out of its wrapping.
pub(super) enum PublicKey {
    /// 32 bytes.
    Ed25519(Vec<u8>),
    /// 65 bytes: 4, x, y.
    P256(Vec<u8>),
    /// Modulus and exponent, big-endian, without leading zeros.
    Rsa(Vec<u8>, Vec<u8>),
}

/// Whether a text has such a block, and is no JWK set.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN) && !text.trim_start().starts_with('{')
}

/// All public keys of a text, with nothing else among them.
///
/// # Errors
/// When a block is something else, or no key that can be used.
pub(super) fn public_keys(text: &str) -> Result<Vec<PublicKey>, KeySetError> {
    let mut keys = Vec::new();
    for (n, block) in text.split(BEGIN).skip(1).enumerate() {
        let wrong = |problem| KeySetError::Key { number: n + 1, problem };
        keys.push(public_key(block).map_err(wrong)?);
    }
    Ok(keys)
}

/// What stands behind `-----BEGIN `.
fn public_key(block: &str) -> Result<PublicKey, &'static str> {
    let (label, rest) = block.split_once(DASHES).ok_or("its first line does not end")?;
    if label.contains("PRIVATE") {
        return Err("a private or shared key must not be here: give the public one");
    }
    if label != "PUBLIC KEY" {
        return Err("give it as PUBLIC KEY (openssl pkey -pubout)");
    }
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----").ok_or("its last line is missing")?;
    let body: String = body.split_ascii_whitespace().collect();
    let der = BASE64_STANDARD.decode(body).map_err(|_| "it is no base64")?;
    of_info(&der).ok_or("Ed25519, P-256 or RSA")
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
/// `AlgorithmIdentifier`s, whole: Ed25519; EC on P-256; RSA.
const ED25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
const P256: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

fn of_info(der: &[u8]) -> Option<PublicKey> {
    let info = whole(SEQUENCE, der)?;
    let (algorithm, rest) = value(SEQUENCE, info)?;
    // No bits are left over in the last byte.
    let key = whole(BIT_STRING, rest)?.strip_prefix(&[0])?;
    match algorithm {
        ED25519 => Some(PublicKey::Ed25519(key.to_vec())),
        P256 => Some(PublicKey::P256(key.to_vec())),
        RSA => {
            let (modulus, rest) = value(INTEGER, whole(SEQUENCE, key)?)?;
            Some(PublicKey::Rsa(positive(modulus)?, positive(whole(INTEGER, rest)?)?))
        }
        _ => None,
    }
}

/// A value of this type (DER), and what stands behind it.
fn value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (length, rest) = match *rest.first()? {
        short @ 0..=0x7f => (usize::from(short), rest.get(1..)?),
        0x81 => (usize::from(*rest.get(1)?), rest.get(2..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.get(1)?, *rest.get(2)?])), rest.get(3..)?),
        // Longer than any key that is taken.
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A value of this type with nothing behind it.
fn whole(tag: u8, der: &[u8]) -> Option<&[u8]> {
    value(tag, der).filter(|(_, rest)| rest.is_empty()).map(|(value, _)| value)
}

/// A positive number's bytes.
fn positive(integer: &[u8]) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = integer.iter().copied().skip_while(|byte| *byte == 0).collect();
    let negative = integer.first().is_some_and(|byte| *byte >= 0x80);
    (!negative && !bytes.is_empty()).then_some(bytes)
}
