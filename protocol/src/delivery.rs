//! Delivery of shares (`S_g`, `S_f`, `S_cert`) between phone, guard and face service.
//!
//! Up: sealed to the pinned ECDH key of guard or face service. Down: to the request's ephemeral key, which the chip signed. Key = HKDF(salt empty, ikm =
//! ECDH x, info = "pinv1/deliver" lp(kind) lp(account) lp(device) lp(epoch or cert_id) sender_ephemeral receiver_key, 32), used once;
//! XChaCha20-Poly1305 with the info as AAD.

use crate::guard::wrap;
use crate::ids::{AccountId, CertId, DeviceId};
use crate::kdf::{hkdf, lp_len};
use crate::point::{self, PointError};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Bytes of a sealed share: ephemeral key 33, nonce 24, share 32, tag 16.
pub const SEALED_LEN: usize = 105;

/// A share sealed to one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedShare(#[serde(with = "serde_bytes")] pub [u8; SEALED_LEN]);

/// Which share, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareKind {
    /// The guard's half of the recovery share of a PIN epoch.
    Guard {
        /// PIN epoch.
        epoch: u64,
    },
    /// The face service's half of the recovery share of a PIN epoch.
    Face {
        /// PIN epoch.
        epoch: u64,
    },
    /// The guard's share of one certificate key.
    Cert {
        /// Which certificate.
        cert_id: CertId,
    },
}

/// Whose share it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareContext {
    /// Account of the share.
    pub account: AccountId,
    /// Phone of the share.
    pub device: DeviceId,
    /// Which share.
    pub kind: ShareKind,
}

/// Why a share was not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// A key is no compressed P-256 point.
    #[error("not a P-256 point")]
    Point,
    /// A secret is zero or not below the group order: draw again.
    #[error("the scalar is out of range")]
    Scalar,
    /// Sealed for another receiver, share or person, or changed on the way.
    #[error("the share does not open")]
    Sealed,
}

impl From<PointError> for DeliveryError {
    fn from(error: PointError) -> Self {
        match error {
            PointError::Point => Self::Point,
            PointError::Scalar => Self::Scalar,
        }
    }
}

/// Seals a share to `receiver`. `ephemeral` is 32, `nonce` 24 fresh random bytes.
///
/// # Errors
/// [`DeliveryError::Point`], [`DeliveryError::Scalar`].
pub fn seal_share(
    context: &ShareContext,
    receiver: &[u8; 33],
    ephemeral: &[u8; 32],
    nonce: &[u8; 24],
    share: &[u8; 32],
) -> Result<SealedShare, DeliveryError> {
    let receiver_point = point::parse_compressed(receiver)?;
    let secret = Zeroizing::new(point::parse_scalar(ephemeral)?);
    let sender = point::public_of(ephemeral)?;
    let x = point::diffie_hellman(&secret, &receiver_point)?;
    let info = context.info(&sender, receiver);
    let sealed = wrap::seal(&hkdf(&[], &[&*x], &[&info]), nonce, &info, share);
    let mut out = [0u8; SEALED_LEN];
    let body = sealed.map_err(|_| DeliveryError::Sealed)?;
    for (to, from) in out.iter_mut().zip(sender.iter().chain(&body)) {
        *to = *from;
    }
    Ok(SealedShare(out))
}

/// Opens a share with the receiver's 32-byte secret.
///
/// # Errors
/// [`DeliveryError::Sealed`], [`DeliveryError::Point`], [`DeliveryError::Scalar`].
pub fn open_share(
    context: &ShareContext,
    receiver_secret: &[u8; 32],
    sealed: &SealedShare,
) -> Result<Zeroizing<[u8; 32]>, DeliveryError> {
    let secret = Zeroizing::new(point::parse_scalar(receiver_secret)?);
    let receiver = point::public_of(receiver_secret)?;
    let sender = point::parse_compressed(&sealed.sender())?;
    let x = point::diffie_hellman(&secret, &sender)?;
    open_agreed(context, &receiver, &x, sealed)
}

/// [`open_share`] for a receiver whose secret lies elsewhere: `x` is what it agreed on with [`SealedShare::sender`].
///
/// # Errors
/// [`DeliveryError::Sealed`].
pub fn open_agreed(
    context: &ShareContext,
    receiver: &[u8; 33],
    x: &[u8; 32],
    sealed: &SealedShare,
) -> Result<Zeroizing<[u8; 32]>, DeliveryError> {
    let (sender, body) = sealed
        .0
        .split_first_chunk::<33>()
        .ok_or(DeliveryError::Sealed)?;
    let info = context.info(sender, receiver);
    let share = wrap::open(&hkdf(&[], &[x], &[&info]), &info, body);
    let share = share.map_err(|_| DeliveryError::Sealed)?;
    let mut out = Zeroizing::new([0u8; 32]);
    if share.len() != out.len() {
        return Err(DeliveryError::Sealed);
    }
    out.copy_from_slice(&share);
    Ok(out)
}

impl SealedShare {
    /// The sender's ephemeral public key, SEC1 compressed if the sender was honest.
    pub fn sender(&self) -> [u8; 33] {
        self.0.first_chunk().copied().unwrap_or([0; 33])
    }
}

impl ShareContext {
    fn info(&self, sender: &[u8; 33], receiver: &[u8; 33]) -> Vec<u8> {
        let epoch;
        let (kind, of): (&[u8], &[u8]) = match &self.kind {
            ShareKind::Guard { epoch: e } => {
                epoch = e.to_be_bytes();
                (b"S_g", &epoch)
            }
            ShareKind::Face { epoch: e } => {
                epoch = e.to_be_bytes();
                (b"S_f", &epoch)
            }
            ShareKind::Cert { cert_id } => (b"S_cert", &cert_id.0),
        };
        let mut info = b"pinv1/deliver".to_vec();
        for part in [kind, &self.account.0, &self.device.0, of] {
            info.extend_from_slice(&lp_len(part));
            info.extend_from_slice(part);
        }
        info.extend_from_slice(sender);
        info.extend_from_slice(receiver);
        info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVER: [u8; 32] = [9; 32];

    fn context() -> ShareContext {
        let kind = ShareKind::Guard { epoch: 1 };
        ShareContext {
            account: AccountId([1; 16]),
            device: DeviceId([2; 16]),
            kind,
        }
    }

    #[test]
    fn a_share_opens_for_its_receiver_and_context_only() {
        let receiver = point::public_of(&RECEIVER).unwrap();
        let sealed = seal_share(&context(), &receiver, &[5; 32], &[6; 24], &[7; 32]).unwrap();
        assert_eq!(
            *open_share(&context(), &RECEIVER, &sealed).unwrap(),
            [7; 32]
        );
        let err = |context: &ShareContext, key: &[u8; 32]| open_share(context, key, &sealed).err();
        assert_eq!(err(&context(), &[8; 32]), Some(DeliveryError::Sealed));
        let others = [
            ShareContext {
                account: AccountId([3; 16]),
                ..context()
            },
            ShareContext {
                device: DeviceId([3; 16]),
                ..context()
            },
            ShareContext {
                kind: ShareKind::Guard { epoch: 2 },
                ..context()
            },
            ShareContext {
                kind: ShareKind::Face { epoch: 1 },
                ..context()
            },
            ShareContext {
                kind: ShareKind::Cert {
                    cert_id: CertId([0; 16]),
                },
                ..context()
            },
        ];
        for other in others {
            assert_eq!(err(&other, &RECEIVER), Some(DeliveryError::Sealed));
        }
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let receiver = point::public_of(&RECEIVER).unwrap();
        let sealed = seal_share(&context(), &receiver, &[5; 32], &[6; 24], &[7; 32]).unwrap();
        for at in 0..SEALED_LEN {
            let mut bad = sealed;
            bad.0[at] ^= 1;
            assert!(
                open_share(&context(), &RECEIVER, &bad).is_err(),
                "byte {at}"
            );
        }
    }
}
