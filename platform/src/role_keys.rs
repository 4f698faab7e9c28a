//! Keys of a role that signs and receives shares by itself (guard, face service): a signing key, a delivery key and a seal key, each a
//! file that no other role reads.

use crate::config::StartError;
use crate::keys::Keys;
use kapok_protocol::cbor::CborError;
use kapok_protocol::delivery::{self, DeliveryError, SealedShare, ShareContext};
use kapok_protocol::guard::wrap::{self, WrapError};
use kapok_protocol::guard::{Message, Signed, Unsigned};
use kapok_protocol::point;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zeroize::Zeroizing;

/// The keys of one role.
pub struct RoleKeys {
    sign: SigningKey,
    sign_public: [u8; 33],
    delivery: Zeroizing<[u8; 32]>,
    delivery_public: [u8; 33],
    seal: Zeroizing<[u8; 32]>,
}

impl RoleKeys {
    /// Reads `<role>-sign.key`, `<role>-delivery.key` and `<role>-seal.secret`, or makes them at first start.
    pub fn open(keys: &Keys, role: &str) -> Result<Self, StartError> {
        let sign = keys.p256(&format!("{role}-sign"))?;
        let delivery = keys.p256(&format!("{role}-delivery"))?;
        Ok(Self {
            sign_public: point::compressed(&sign.public_key()),
            delivery_public: point::compressed(&delivery.public_key()),
            delivery: Zeroizing::new(delivery.to_bytes().into()),
            sign: SigningKey::from(&sign),
            seal: secret(keys, &format!("{role}-seal.secret"))?,
        })
    }

    /// The signing key's public half, SEC1 compressed.
    pub const fn sign_public(&self) -> &[u8; 33] {
        &self.sign_public
    }

    /// The delivery key's public half, SEC1 compressed.
    pub const fn delivery_public(&self) -> &[u8; 33] {
        &self.delivery_public
    }

    /// Signs a message of this role (RFC 6979).
    pub fn sign<M: Message>(&self, message: &M) -> Result<Signed, CborError> {
        Unsigned::new(message)?.sign(|input| {
            let signature: Signature = self.sign.sign(input);
            Ok(signature.to_bytes().into())
        })
    }

    /// Opens a share that a phone sealed to the delivery key.
    pub fn receive(
        &self,
        context: &ShareContext,
        share: &SealedShare,
    ) -> Result<Zeroizing<[u8; 32]>, DeliveryError> {
        delivery::open_share(context, &self.delivery, share)
    }

    /// Seals a secret at rest. `place` names table and column, `row` its key: a value moved elsewhere does not open.
    pub fn seal(&self, place: &str, row: &[&[u8]], plain: &[u8]) -> Result<Vec<u8>, WrapError> {
        wrap::seal(&self.seal, &rand::random(), &aad(place, row), plain)
    }

    /// Opens [`RoleKeys::seal`] of 32 bytes.
    pub fn unseal(
        &self,
        place: &str,
        row: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, WrapError> {
        let plain = wrap::open(&self.seal, &aad(place, row), sealed)?;
        let mut out = Zeroizing::new([0; 32]);
        if plain.len() != out.len() {
            return Err(WrapError);
        }
        out.copy_from_slice(&plain);
        Ok(out)
    }
}

/// 32 secret bytes in a file of their own.
pub fn secret(keys: &Keys, name: &str) -> Result<Zeroizing<[u8; 32]>, StartError> {
    let bytes = Zeroizing::new(keys.file(name, || Ok(rand::random::<[u8; 32]>().to_vec()))?);
    let array = bytes.as_slice().try_into();
    array
        .map(Zeroizing::new)
        .map_err(|_| StartError::KeyFile(name.to_owned()))
}

/// Seals a share to a phone's ephemeral key.
pub fn send(
    context: &ShareContext,
    receiver: &[u8; 33],
    share: &[u8; 32],
) -> Result<SealedShare, DeliveryError> {
    let nonce = rand::random();
    loop {
        let ephemeral = Zeroizing::new(rand::random::<[u8; 32]>());
        match delivery::seal_share(context, receiver, &ephemeral, &nonce, share) {
            // A random scalar is out of range once in 2^32 draws.
            Err(DeliveryError::Scalar) => {}
            other => return other,
        }
    }
}

/// Whether `signature` (r ‖ s) is by the compressed key over `input`.
pub fn verifies(key: &[u8; 33], input: &[u8], signature: &[u8]) -> bool {
    let Ok(point) = point::parse_compressed(key) else {
        return false;
    };
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point::uncompressed(&point))
        .verify(input, signature)
        .is_ok()
}

fn aad(place: &str, row: &[&[u8]]) -> Vec<u8> {
    let mut aad = place.as_bytes().to_vec();
    for part in row {
        aad.push(0);
        aad.extend_from_slice(part);
    }
    aad
}
