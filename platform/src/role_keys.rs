//! Keys of a role that signs and receives shares by itself (guard, face service): a signing key, a delivery key and a seal key, which no
//! other role uses.

use crate::config::StartError;
use crate::kms::{AgreementKey, KeyKind, Kms, KmsError, SecretKey, SigningKey};
use crate::server::Failure;
use crate::store::StoreError;
use kapok_protocol::cbor::CborError;
use kapok_protocol::delivery::{self, DeliveryError, SealedShare, ShareContext};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::wrap;
use kapok_protocol::guard::{Message, Signed, Unsigned};
use kapok_protocol::point;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zeroize::Zeroizing;

/// The roles that have such keys.
pub const ROLES: [&str; 2] = ["guard", "face"];

/// The keys of one role.
pub struct RoleKeys {
    sign: Box<dyn SigningKey>,
    delivery: Box<dyn AgreementKey>,
    seal: Box<dyn SecretKey>,
}

/// Why a role did not use a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key store.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// The message does not encode.
    #[error(transparent)]
    Encode(#[from] CborError),
    /// A sealed value of this table and column was changed or moved.
    #[error("{0} does not open")]
    Damaged(&'static str),
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Damaged(place) => StoreError::Damaged(place).into(),
            error => {
                tracing::error!(%error, "keys");
                ErrorCode::Internal.into()
            }
        }
    }
}

/// The names of a role's keys.
fn names(role: &str) -> [(KeyKind, String); 3] {
    [
        (KeyKind::Signing, format!("{role}-sign")),
        (KeyKind::Agreement, format!("{role}-delivery")),
        (KeyKind::Secret, format!("{role}-seal")),
    ]
}

impl RoleKeys {
    /// Opens the keys `<role>-sign`, `<role>-delivery` and `<role>-seal`.
    pub fn open(kms: &dyn Kms, role: &str) -> Result<Self, StartError> {
        let [(_, sign), (_, delivery), (_, seal)] = names(role);
        Ok(Self {
            sign: kms.signing(&sign)?,
            delivery: kms.agreement(&delivery)?,
            seal: kms.secret(&seal)?,
        })
    }

    /// Makes those of a role's keys that are missing.
    pub fn make(kms: &dyn Kms, role: &str) -> Result<(), StartError> {
        names(role)
            .iter()
            .try_for_each(|(kind, name)| kms.make(*kind, name))
    }

    /// The signing key's public half, SEC1 compressed.
    pub fn sign_public(&self) -> &[u8; 33] {
        self.sign.public()
    }

    /// The delivery key's public half, SEC1 compressed.
    pub fn delivery_public(&self) -> &[u8; 33] {
        self.delivery.public()
    }

    /// Signs a message of this role.
    pub fn sign<M: Message>(&self, message: &M) -> Result<Signed, KeyError> {
        Unsigned::new(message)?.sign(|input| Ok(self.sign.sign(input)?))
    }

    /// Opens a share that a phone sealed to the delivery key; nothing where it does not open.
    pub fn receive(
        &self,
        context: &ShareContext,
        share: &SealedShare,
    ) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let sender = share.sender();
        if point::parse_compressed(&sender).is_err() {
            return Ok(None);
        }
        let x = self.delivery.agree(&sender)?;
        Ok(delivery::open_agreed(context, self.delivery.public(), &x, share).ok())
    }

    /// A key of 32 bytes for one use in memory, named by `label`.
    pub fn derive(&self, label: &str) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        self.seal.mac(&[b"derive\0", label.as_bytes()].concat())
    }

    /// Seals a secret at rest. `place` names table and column, `row` its key: a value moved elsewhere does not open.
    pub fn seal(
        &self,
        place: &'static str,
        row: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let at = aad(place, row);
        wrap::seal(&*self.row_key(&at)?, &rand::random(), &at, plain)
            .map_err(|_| KeyError::Damaged(place))
    }

    /// Opens [`RoleKeys::seal`] of 32 bytes.
    pub fn unseal(
        &self,
        place: &'static str,
        row: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let damaged = || KeyError::Damaged(place);
        let at = aad(place, row);
        let plain = wrap::open(&*self.row_key(&at)?, &at, sealed).map_err(|_| damaged())?;
        let mut out = Zeroizing::new([0; 32]);
        if plain.len() != out.len() {
            return Err(damaged());
        }
        out.copy_from_slice(&plain);
        Ok(out)
    }

    /// Each place has a key of its own, so that the seal key stays where it is.
    fn row_key(&self, at: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        self.seal.mac(&[b"seal\0", at].concat())
    }
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
