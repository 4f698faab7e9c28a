//! Who signs and who verifies: one trait over every place a private key may live, and the two algorithms of
//! this project.
//!
//! - ECDSA P-256 with SHA-256 (RFC 5758 OID 1.2.840.10045.4.3.2), deterministic nonces after RFC 6979.
//! - SM2 with SM3 (GB/T 32918.2, OID 1.2.156.10197.1.501), distinguishing identifier `1234567812345678`.
//!
//! At this boundary a signature is always the DER `SEQUENCE { r INTEGER, s INTEGER }`, never the raw 64 bytes.

use const_oid::ObjectIdentifier;
use der::{Decode, Encode, asn1::AnyRef};
use p256::pkcs8::{DecodePrivateKey, EncodePublicKey};
use signature::{Signer as _, Verifier as _};
use spki::SubjectPublicKeyInfoRef;
use thiserror::Error;

/// Distinguishing identifier of GB/T 35276 that every SM2 signature of this project is made with.
pub const SM2_DISTID: &str = "1234567812345678";

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const CURVE_P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const CURVE_SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const SM2_WITH_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.401");

/// Why a key or a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The private key is no scalar of its curve, or its encoding is broken.
    #[error("the private key is malformed")]
    PrivateKey,
    /// The public key is no point of a supported curve, or its encoding is broken.
    #[error("the public key is malformed or of an unsupported curve")]
    PublicKey,
    /// The signature is malformed or not by this key over this message.
    #[error("the signature does not verify")]
    Signature,
    /// The place that holds the key (chip, module, remote service) did not sign.
    #[error("the key could not be used")]
    Unavailable,
}

/// A signature algorithm together with its curve and digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256Sha256,
    /// SM2 with SM3.
    Sm2Sm3,
}

impl Algorithm {
    /// The signature algorithm's OID; written into an AlgorithmIdentifier without parameters.
    pub const fn signature_oid(self) -> ObjectIdentifier {
        match self {
            Self::EcdsaP256Sha256 => ECDSA_WITH_SHA256,
            Self::Sm2Sm3 => SM2_WITH_SM3,
        }
    }

    /// The digest algorithm's OID.
    pub const fn digest_oid(self) -> ObjectIdentifier {
        match self {
            Self::EcdsaP256Sha256 => SHA256,
            Self::Sm2Sm3 => SM3,
        }
    }

    /// The algorithm of a signature OID, if it is one of ours.
    pub fn from_signature_oid(oid: ObjectIdentifier) -> Option<Self> {
        match oid {
            ECDSA_WITH_SHA256 => Some(Self::EcdsaP256Sha256),
            SM2_WITH_SM3 => Some(Self::Sm2Sm3),
            _ => None,
        }
    }
}

/// Signs messages with one fixed key and algorithm; the key may live in a chip, an HSM or memory.
pub trait Signer {
    /// The algorithm of every signature of this signer.
    fn algorithm(&self) -> Algorithm;

    /// The public key as DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`SignerError::Unavailable`] when the key's holder does not answer.
    fn spki_der(&self) -> Result<Vec<u8>, SignerError>;

    /// DER `SEQUENCE { r, s }` over `message`, which is hashed inside (for SM2 with ZA in front).
    ///
    /// # Errors
    /// [`SignerError::Unavailable`] when the key's holder does not sign.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// A P-256 private key in memory; wiped when dropped, never printed.
pub struct P256Key(Box<p256::ecdsa::SigningKey>);

impl P256Key {
    /// Takes a big-endian scalar of 32 bytes.
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`] when it is zero or not below the order.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, SignerError> {
        let key =
            p256::ecdsa::SigningKey::from_slice(scalar).map_err(|_| SignerError::PrivateKey)?;
        Ok(Self(Box::new(key)))
    }

    /// Takes DER PKCS#8 (RFC 5208).
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`] when it is malformed or of another curve.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SignerError> {
        let key = p256::SecretKey::from_pkcs8_der(der).map_err(|_| SignerError::PrivateKey)?;
        Ok(Self(Box::new(p256::ecdsa::SigningKey::from(&key))))
    }
}

impl Signer for P256Key {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EcdsaP256Sha256
    }

    fn spki_der(&self) -> Result<Vec<u8>, SignerError> {
        let document = self.0.verifying_key().to_public_key_der();
        Ok(document.map_err(|_| SignerError::PublicKey)?.into_vec())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature: p256::ecdsa::DerSignature = self
            .0
            .try_sign(message)
            .map_err(|_| SignerError::Unavailable)?;
        Ok(signature.as_bytes().to_vec())
    }
}

/// An SM2 private key in memory; wiped when dropped, never printed.
///
/// Pure-Rust SM2 is not a certified cryptographic module: a deployment that needs one implements [`Signer`]
/// over its device.
pub struct Sm2Key(Box<sm2::dsa::SigningKey>);

impl Sm2Key {
    /// Takes a big-endian scalar of 32 bytes.
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`] when it is zero or not below the order.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, SignerError> {
        let key = sm2::dsa::SigningKey::from_slice(SM2_DISTID, scalar)
            .map_err(|_| SignerError::PrivateKey)?;
        Ok(Self(Box::new(key)))
    }

    /// Takes DER PKCS#8 (RFC 5208) with the curve 1.2.156.10197.1.301.
    ///
    /// # Errors
    /// [`SignerError::PrivateKey`] when it is malformed or of another curve.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SignerError> {
        let secret = sm2::SecretKey::from_pkcs8_der(der).map_err(|_| SignerError::PrivateKey)?;
        let key =
            sm2::dsa::SigningKey::new(SM2_DISTID, &secret).map_err(|_| SignerError::PrivateKey)?;
        Ok(Self(Box::new(key)))
    }
}

impl Drop for Sm2Key {
    // sm2::dsa::SigningKey neither wipes itself nor implements Zeroize: overwrite it in place with the key 1.
    fn drop(&mut self) {
        let mut one = [0u8; 32];
        one[31] = 1;
        if let Ok(blank) = sm2::dsa::SigningKey::from_slice(SM2_DISTID, &one) {
            *self.0 = blank;
            std::hint::black_box(&self.0);
        }
    }
}

impl Signer for Sm2Key {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Sm2Sm3
    }

    fn spki_der(&self) -> Result<Vec<u8>, SignerError> {
        let document = self.0.verifying_key().to_public_key_der();
        Ok(document.map_err(|_| SignerError::PublicKey)?.into_vec())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        // The library signs to raw r‖s; certificates, seals and CMS want DER.
        let signature: sm2::dsa::Signature = self
            .0
            .try_sign(message)
            .map_err(|_| SignerError::Unavailable)?;
        Ok(signature.to_der().to_vec())
    }
}

/// A public key of one of the two algorithms.
#[derive(Debug, Clone)]
pub struct PublicKey(Point);

#[derive(Debug, Clone)]
enum Point {
    P256(p256::ecdsa::VerifyingKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo. For SM2 both id-ecPublicKey with the curve as parameter and the SM2
    /// OID as algorithm (GM/T 0015-2023) are accepted.
    ///
    /// # Errors
    /// [`SignerError::PublicKey`] when it is malformed, off the curve or of another curve.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, SignerError> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| SignerError::PublicKey)?;
        let curve = curve_of(&spki).ok_or(SignerError::PublicKey)?;
        let point = spki
            .subject_public_key
            .as_bytes()
            .ok_or(SignerError::PublicKey)?;
        match curve {
            CURVE_P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map(Point::P256)
                .ok(),
            CURVE_SM2 => sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_DISTID, point)
                .map(|key| Point::Sm2(Box::new(key)))
                .ok(),
            _ => None,
        }
        .map(Self)
        .ok_or(SignerError::PublicKey)
    }

    /// The algorithm of signatures by this key.
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Point::P256(_) => Algorithm::EcdsaP256Sha256,
            Point::Sm2(_) => Algorithm::Sm2Sm3,
        }
    }

    /// Checks a DER signature over `message`.
    ///
    /// # Errors
    /// [`SignerError::Signature`] when it is malformed or does not verify.
    pub fn verify(&self, message: &[u8], signature_der: &[u8]) -> Result<(), SignerError> {
        let verified = match &self.0 {
            Point::P256(key) => p256::ecdsa::Signature::from_der(signature_der)
                .and_then(|signature| key.verify(message, &signature)),
            Point::Sm2(key) => {
                sm2_signature(signature_der).and_then(|signature| key.verify(message, &signature))
            }
        };
        verified.map_err(|_| SignerError::Signature)
    }
}

/// Own reading of `SEQUENCE { r, s }`: the library's searches the input for the bytes of `r` instead of parsing.
fn sm2_signature(der: &[u8]) -> signature::Result<sm2::dsa::Signature> {
    let (r, s) = read_rs(der).map_err(|_| signature::Error::new())?;
    let mut raw = [0u8; 64];
    let (left, right) = raw.split_at_mut(32);
    right_align(left, r)
        .and_then(|()| right_align(right, s))
        .ok_or_else(signature::Error::new)?;
    sm2::dsa::Signature::from_slice(&raw)
}

fn read_rs(der: &[u8]) -> der::Result<(Vec<u8>, Vec<u8>)> {
    let integers = <Vec<der::asn1::Uint>>::from_der(der)?;
    match integers.as_slice() {
        [r, s] => Ok((r.as_bytes().to_vec(), s.as_bytes().to_vec())),
        _ => Err(der::Tag::Sequence.value_error().into()),
    }
}

fn right_align(target: &mut [u8], bytes: Vec<u8>) -> Option<()> {
    let start = target.len().checked_sub(bytes.len())?;
    target.get_mut(start..)?.copy_from_slice(&bytes);
    Some(())
}

fn curve_of(spki: &SubjectPublicKeyInfoRef<'_>) -> Option<ObjectIdentifier> {
    match spki.algorithm.oid {
        ID_EC_PUBLIC_KEY => spki.algorithm.parameters_oid().ok(),
        CURVE_SM2 => Some(CURVE_SM2),
        _ => None,
    }
}

/// The AlgorithmIdentifier of a signature algorithm, without parameters, as DER.
///
/// # Errors
/// None in practice; the encoder's own error type is passed on.
pub fn algorithm_identifier_der(algorithm: Algorithm) -> der::Result<Vec<u8>> {
    spki::AlgorithmIdentifier::<AnyRef<'_>> {
        oid: algorithm.signature_oid(),
        parameters: None,
    }
    .to_der()
}
