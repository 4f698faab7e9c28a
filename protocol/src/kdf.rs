//! SHA-256, HMAC and HKDF over lists of parts, so that no caller builds a temporary copy of a secret.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// SHA-256 of the concatenated parts.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA-256 of the concatenated parts under a 32-byte key (RFC 2104).
pub(crate) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    // HMAC pads a short key with zeros to the block; a key of block length makes construction infallible.
    let mut block = Zeroizing::new([0u8; 64]);
    if let Some(head) = block.first_chunk_mut::<32>() {
        *head = *key;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// HKDF-SHA-256 (RFC 5869): extract, then expand to `N` bytes.
pub(crate) fn hkdf<const N: usize>(
    salt: &[u8],
    ikm: &[&[u8]],
    info: &[&[u8]],
) -> Zeroizing<[u8; N]> {
    expand(&extract(salt, ikm), info)
}

/// HKDF-Extract: a 32-byte pseudo-random key.
pub(crate) fn extract(salt: &[u8], ikm: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut extract = hkdf::HkdfExtract::<Sha256>::new(Some(salt));
    for part in ikm {
        extract.input_ikm(part);
    }
    Zeroizing::new(extract.finalize().0.into())
}

/// HKDF-Expand of a 32-byte pseudo-random key.
pub(crate) fn expand<const N: usize>(prk: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives 8160 bytes at most") };
    let mut out = Zeroizing::new([0u8; N]);
    // Both calls fail only on lengths that the types above rule out.
    if let Ok(hkdf) = Hkdf::<Sha256>::from_prk(prk) {
        let _ = hkdf.expand_multi_info(info, &mut *out);
    }
    out
}

/// `lp(x)`: 4-byte big-endian length, returned apart from `x` so that secrets are not copied.
pub(crate) fn lp_len(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pin_01_rfc_5869_case_1() {
        let salt = hex::decode("000102030405060708090a0b0c").unwrap();
        let info = hex::decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let out = hkdf::<42>(
            &salt,
            &[&[0x0b; 10], &[0x0b; 12]],
            &[&info[..3], &info[3..]],
        );
        let okm =
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(hex::encode(*out), okm);
    }

    #[test]
    fn hmac_equals_hkdf_extract() {
        let key = [7u8; 32];
        assert_eq!(*hmac_sha256(&key, &[b"a", b"b"]), *extract(&key, &[b"ab"]));
    }
}
