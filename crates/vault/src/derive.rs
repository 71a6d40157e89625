//! One key, several uses: a sub-key for each.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// HKDF-SHA256 (RFC 5869), extracted and expanded to 32 bytes.
pub(crate) fn sub_key(key: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), key).expand(info, bytes.as_mut());
    expanded.expect("HKDF-SHA256 gives up to 8160 bytes, and these are 32");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hkdf_as_published() {
        // RFC 5869, appendix A.1; of its 42 bytes the first 32, which do not depend on how many are asked for.
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let published = [
            0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a,
            0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56, 0xec, 0xc4, 0xc5, 0xbf,
        ];
        assert_eq!(*sub_key(&[0x0b; 22], &salt, &info), published);
    }
}
