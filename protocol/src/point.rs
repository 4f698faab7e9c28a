//! P-256 points and scalars as they travel: compressed (33 bytes) or uncompressed (65 bytes), nothing else.
//!
//! SEC 1 also knows the identity (one zero byte), compact and hybrid forms; all of them are refused here, so that a
//! point has one spelling per message.

use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{NonZeroScalar, PublicKey};

/// A point or scalar that is not what the message promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// Wrong length, wrong prefix byte, not on the curve, or the identity.
    #[error("not a P-256 point in the expected encoding")]
    Point,
    /// Zero, or not below the group order: the caller draws again (probability 2^-32 on random bytes).
    #[error("not a P-256 scalar")]
    Scalar,
}

/// Reads a compressed point: 33 bytes, prefix 02 or 03.
pub fn parse_compressed(bytes: &[u8]) -> Result<PublicKey, PointError> {
    match (bytes.len(), bytes.first()) {
        (33, Some(2 | 3)) => PublicKey::from_sec1_bytes(bytes).map_err(|_| PointError::Point),
        _ => Err(PointError::Point),
    }
}

/// Reads an uncompressed point (WebCrypto `raw`): 65 bytes, prefix 04.
pub fn parse_uncompressed(bytes: &[u8]) -> Result<PublicKey, PointError> {
    match (bytes.len(), bytes.first()) {
        (65, Some(4)) => PublicKey::from_sec1_bytes(bytes).map_err(|_| PointError::Point),
        _ => Err(PointError::Point),
    }
}

/// The 33-byte form.
pub fn compressed(key: &PublicKey) -> [u8; 33] {
    let mut out = [0u8; 33];
    copy(&mut out, key.to_sec1_point(true).as_bytes());
    out
}

/// The 65-byte form.
pub fn uncompressed(key: &PublicKey) -> [u8; 65] {
    let mut out = [0u8; 65];
    copy(&mut out, key.to_sec1_point(false).as_bytes());
    out
}

/// A private scalar from 32 big-endian bytes.
pub fn parse_scalar(bytes: &[u8; 32]) -> Result<NonZeroScalar, PointError> {
    Option::from(NonZeroScalar::from_repr((*bytes).into())).ok_or(PointError::Scalar)
}

/// The 33-byte public key of a 32-byte private scalar.
pub fn public_of(scalar: &[u8; 32]) -> Result<[u8; 33], PointError> {
    Ok(compressed(&PublicKey::from_secret_scalar(&parse_scalar(
        scalar,
    )?)))
}

/// ECDH: the 32-byte x coordinate. All zeros is refused.
pub(crate) fn diffie_hellman(
    secret: &NonZeroScalar,
    public: &PublicKey,
) -> Result<zeroize::Zeroizing<[u8; 32]>, PointError> {
    let shared = p256::ecdh::diffie_hellman(secret, public.as_affine());
    let x = zeroize::Zeroizing::new(<[u8; 32]>::from(*shared.raw_secret_bytes()));
    if *x == [0u8; 32] {
        return Err(PointError::Point);
    }
    Ok(x)
}

fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pin_03_only_the_promised_encoding_is_read() {
        let key = public_of(&[7; 32]).unwrap();
        let point = parse_compressed(&key).unwrap();
        let long = uncompressed(&point);
        assert_eq!(parse_uncompressed(&long), Ok(point));
        let mut bad: Vec<Vec<u8>> = vec![vec![], vec![0], key[..32].to_vec(), long.to_vec()];
        bad.push([&key[..], &[0]].concat());
        for prefix in [0u8, 1, 4, 5, 6, 7, 0xff] {
            bad.push([&[prefix], &key[1..]].concat());
        }
        bad.push([&[2u8][..], &[0xff; 32]].concat());
        for bytes in bad {
            assert_eq!(parse_compressed(&bytes), Err(PointError::Point));
        }
        let mut off_curve = long;
        off_curve[64] ^= 1;
        assert_eq!(parse_uncompressed(&off_curve), Err(PointError::Point));
        let mut hybrid = long;
        hybrid[0] = 6;
        assert_eq!(parse_uncompressed(&hybrid), Err(PointError::Point));
    }

    #[test]
    fn pin_03_scalars_out_of_range_are_refused() {
        assert_eq!(parse_scalar(&[0; 32]).err(), Some(PointError::Scalar));
        assert_eq!(parse_scalar(&[0xff; 32]).err(), Some(PointError::Scalar));
    }
}
