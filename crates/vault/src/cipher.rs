//! Sealing and opening bytes under one key.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Length of a nonce in bytes: long enough to be drawn at random.
pub const NONCE: usize = 24;

/// A sealed value: nonce and ciphertext. Equal values are sealed differently every time.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// It does not open: another key or another context sealed it, or it was changed since. Which of them, nobody can
/// tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it does not open under this key in this place")]
pub struct OpenError;

/// Nonce and ciphertext.
pub(crate) fn seal(key: &[u8; 32], nonce: [u8; NONCE], associated: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: associated };
    let ciphertext = XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), payload);
    let ciphertext = ciphertext.expect("only more than 256 GiB at once cannot be sealed");
    [nonce.as_slice(), &ciphertext].concat()
}

/// What was sealed under this key, with this associated data.
pub(crate) fn open(
    key: &[u8; 32],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>().ok_or(OpenError)?;
    let payload = Payload { msg: ciphertext, aad: associated };
    let plain = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload);
    plain.map(Zeroizing::new).map_err(|_| OpenError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn it_is_xchacha20_poly1305_as_published() {
        // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce: [u8; NONCE] = std::array::from_fn(|i| 0x40 + i as u8);
        let associated = bytes("50515253c0c1c2c3c4c5c6c7");
        let plain =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
                      sunscreen would be it.";
        let published = bytes(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb\
             731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452\
             2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
             21f9664c97637da9768812f615c68b13b52e\
             c0875924c1c7987947deafd8780acf49",
        );
        let sealed = seal(&key, nonce, &associated, plain);
        assert_eq!(sealed[..NONCE], nonce);
        assert_eq!(sealed[NONCE..], published);
        assert_eq!(open(&key, &associated, &sealed).unwrap().as_slice(), plain);
    }

    #[test]
    fn what_is_shorter_than_a_nonce_and_a_tag_does_not_open() {
        for length in 0..NONCE + 16 {
            assert_eq!(open(&[0; 32], b"", &vec![0; length]), Err(OpenError));
        }
    }
}
