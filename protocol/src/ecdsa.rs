//! Verifies ECDSA P-256 with SHA-256 by `ring`, which TLS brings anyway: it takes a fifth of the time of `p256`, and a phone verifies
//! eight signatures of the guard between a PIN and a signature. Signing stays with `p256` (RFC 6979): the same input, the same bytes.

use crate::point;
use p256::PublicKey;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Whether `signature` (r ‖ s, 64 bytes) is by the key over `input`. Key, input and signature are public.
pub(crate) fn verifies(key: &PublicKey, input: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point::uncompressed(key));
    key.verify(input, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::{Signer, Verifier};
    use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
    use proptest::prelude::*;

    /// The other library's word.
    fn p256_verifies(key: &PublicKey, input: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| VerifyingKey::from(key).verify(input, &signature).is_ok())
    }

    /// The order of the group, big-endian (SEC 2 § 2.4.2).
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

    proptest! {
        #[test]
        fn both_libraries_agree(secret in 1u64.., input: Vec<u8>, place in 0usize..64, bit in 0u8..8) {
            let mut scalar = [0; 32];
            scalar[24..].copy_from_slice(&secret.to_be_bytes());
            let secret = SigningKey::from_slice(&scalar).unwrap();
            let key = PublicKey::from(secret.verifying_key());
            let signature: Signature = secret.sign(&input);
            let mut bytes: [u8; 64] = signature.to_bytes().into();
            prop_assert!(verifies(&key, &input, &bytes) && p256_verifies(&key, &input, &bytes));
            bytes[place] ^= 1 << bit;
            prop_assert!(!verifies(&key, &input, &bytes));
            prop_assert_eq!(verifies(&key, &input, &bytes), p256_verifies(&key, &input, &bytes));
        }
    }

    #[test]
    fn what_is_out_of_range_or_of_another_length_is_refused_by_both() {
        let secret = SigningKey::from_slice(&[7; 32]).unwrap();
        let key = PublicKey::from(secret.verifying_key());
        let signature: Signature = secret.sign(b"input");
        let good: [u8; 64] = signature.to_bytes().into();
        let order = hex::decode(ORDER).unwrap();
        let cases = [
            [&[0; 32], &good[32..]].concat(),
            [&good[..32], &[0; 32]].concat(),
            [&order[..], &good[32..]].concat(),
            [&good[..32], &order[..]].concat(),
            good[..63].to_vec(),
            [&good[..], &[0]].concat(),
            Vec::new(),
        ];
        for bad in cases {
            assert!(!verifies(&key, b"input", &bad) && !p256_verifies(&key, b"input", &bad));
        }
        assert!(verifies(&key, b"input", &good));
    }

    #[test]
    fn a_signature_with_the_other_s_counts_for_both() {
        let secret = SigningKey::from_slice(&[7; 32]).unwrap();
        let key = PublicKey::from(secret.verifying_key());
        let signature: Signature = secret.sign(b"input");
        let (r, s) = signature.split_scalars();
        let other = Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
        let other = other.to_bytes();
        assert!(verifies(&key, b"input", &other) && p256_verifies(&key, b"input", &other));
    }
}
