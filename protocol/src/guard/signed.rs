//! How guard, phone and face service sign: `"pinv1/" name 0x00 SHA-256(array)` under ECDSA P-256 with SHA-256.

use crate::api::guard::SignedBody;
use crate::cbor::{self, CborError};
use crate::ecdsa;
use crate::ids::Bytes;
use crate::kdf::sha256;
use crate::point;
use p256::ecdsa::Signature;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The algorithms of a record. Suite 2 (SM2, SM3, SM4) is reserved and refused by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suite {
    /// 1 = P-256, SHA-256, AES-256-GCM or XChaCha20-Poly1305.
    #[default]
    P256,
}

impl Serialize for Suite {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for Suite {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match u8::deserialize(d)? {
            1 => Ok(Self::P256),
            2 => Err(D::Error::custom("suite 2 (SM2, SM3, SM4) is reserved")),
            _ => Err(D::Error::custom("the suite is unknown")),
        }
    }
}

/// A message with the name under which it is signed.
pub trait Message: Serialize + DeserializeOwned {
    /// Domain of the signature; no two messages share one.
    const NAME: &'static str;
}

/// Why a signed message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// The signature is not 64 bytes, or does not verify under the key (`GUARD_TAMPERED` on an answer).
    #[error("the signature does not verify")]
    Signature,
    /// The key is no P-256 point.
    #[error("the key is not a P-256 point")]
    Key,
    /// The body is no message of this kind.
    #[error("the message is not valid: {0}")]
    Body(#[from] CborError),
    /// The answer names another request.
    #[error("the answer belongs to another request")]
    OtherRequest,
}

/// An encoded message that waits for its signature.
pub struct Unsigned {
    name: &'static str,
    body: Vec<u8>,
}

impl Unsigned {
    /// Encodes a message.
    pub fn new<M: Message>(message: &M) -> Result<Self, CborError> {
        Ok(Self {
            name: M::NAME,
            body: cbor::encode(message)?,
        })
    }

    /// The bytes to sign with ECDSA P-256 and SHA-256 (the signer hashes them).
    pub fn signing_input(&self) -> Vec<u8> {
        signing_input(self.name, &self.body)
    }

    /// SHA-256 of the body: what the answer must name.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[&self.body])
    }

    /// Attaches the 64-byte r ‖ s.
    pub fn attach(self, signature: [u8; 64]) -> Signed {
        Signed {
            body: Bytes(self.body),
            signature,
        }
    }

    /// Signs with a closure; the closure gets [`Unsigned::signing_input`].
    pub fn sign<E>(self, signer: impl FnOnce(&[u8]) -> Result<[u8; 64], E>) -> Result<Signed, E> {
        let signature = signer(&self.signing_input())?;
        Ok(self.attach(signature))
    }
}

/// A signed message: `[body, signature]` in CBOR.
#[derive(
    Debug, Clone, PartialEq, Eq, serde_tuple::Serialize_tuple, serde_tuple::Deserialize_tuple,
)]
pub struct Signed {
    /// Deterministic CBOR array of the message.
    pub body: Bytes,
    /// ECDSA r ‖ s.
    #[serde(with = "serde_bytes")]
    pub signature: [u8; 64],
}

impl Signed {
    /// Verifies under a compressed key and decodes. The name comes from the type, so a message never passes as another one.
    ///
    /// # Errors
    /// [`SignedError::Key`], [`SignedError::Signature`], [`SignedError::Body`].
    pub fn open<M: Message>(&self, key: &[u8; 33]) -> Result<M, SignedError> {
        verify_bytes(key, &self.signing_input::<M>(), &self.signature)?;
        Ok(cbor::decode(&self.body)?)
    }

    /// Decodes without verifying: to learn whose key to verify with, nothing more.
    pub fn peek<M: Message>(&self) -> Result<M, CborError> {
        cbor::decode(&self.body)
    }

    /// What the signature covers when the body is an `M`; for verifiers with another library.
    pub fn signing_input<M: Message>(&self) -> Vec<u8> {
        signing_input(M::NAME, &self.body)
    }

    /// SHA-256 of the body: what the answer must name.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[&self.body])
    }

    /// The whole as deterministic CBOR, for embedding and storage.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CborError> {
        cbor::encode(self)
    }

    /// Reads [`Signed::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CborError> {
        cbor::decode(bytes)
    }
}

impl From<Signed> for SignedBody {
    fn from(signed: Signed) -> Self {
        Self {
            body: signed.body,
            signature: signed.signature.into(),
        }
    }
}

impl TryFrom<SignedBody> for Signed {
    type Error = SignedError;
    fn try_from(body: SignedBody) -> Result<Self, SignedError> {
        let signature = body.signature.array().ok_or(SignedError::Signature)?;
        Ok(Self {
            body: body.body,
            signature,
        })
    }
}

/// Verifies a 64-byte ECDSA P-256 signature with SHA-256 over `input`.
pub fn verify_bytes(key: &[u8; 33], input: &[u8], signature: &[u8; 64]) -> Result<(), SignedError> {
    let key = point::parse_compressed(key).map_err(|_| SignedError::Key)?;
    if ecdsa::verifies(&key, input, signature) {
        return Ok(());
    }
    Err(SignedError::Signature)
}

/// r ‖ s of a DER signature: what a chip gives and what a CMS holds.
pub fn raw_signature(der: &[u8]) -> Result<[u8; 64], SignedError> {
    let signature = Signature::from_der(der).map_err(|_| SignedError::Signature)?;
    Ok(signature.to_bytes().into())
}

fn signing_input(name: &str, body: &[u8]) -> Vec<u8> {
    [b"pinv1/", name.as_bytes(), &[0], &sha256(&[body])].concat()
}
