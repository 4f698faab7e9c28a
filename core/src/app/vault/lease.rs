//! What follows from the PIN: a lease that opens one certificate for a while. Keys are in memory until the lease ends, the owner drops
//! it, or somebody logs out; a signature leaves only with the guard's receipt.

use super::blocking;
use super::guard::{Pinned, Reply};
use super::held::{Held, Keys, lock, sign};
use super::unlock::{PinUse, Unlocked, public_of};
use crate::app::{Core, random};
use crate::certificates::state::Row;
use crate::error::AppError;
use crate::secret::Pin;
use crate::vault::keys::{Secret, VaultError};
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind, open_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::wrap::{KeyAlgorithm, cert_aad, open};
use kapok_protocol::guard::{
    HalfKey, LEASE_MAX_COUNT, LEASE_SECONDS, LeasePick, PickRequest, PinKind, ReceiptAnswer,
    ReceiptItem, ReceiptRequest, Signed, Suite, verify_receipt,
};
use kapok_protocol::ids::{AccountId, Bytes, CertId, DeviceId, LeaseId};
use kapok_protocol::point;
use p256::ecdsa::{Signature, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex};

/// What a session needs the PIN for.
pub(crate) struct LeaseAsk {
    /// What the relying party asked for; its SHA-256 goes into the intent.
    pub object: Vec<u8>,
    /// SHA-256 of the relying party's certificate, DER.
    pub rp: [u8; 32],
    /// Channel binding.
    pub cb: [u8; 32],
    /// Signatures, 1 to 50.
    pub count: u32,
}

/// A signature with the guard's word for it.
pub(crate) struct LeaseSignature {
    /// DER `SEQUENCE { r, s }`.
    pub signature_der: Vec<u8>,
    /// [`Signed::to_bytes`] of a [`kapok_protocol::guard::Receipt`].
    pub receipt: Vec<u8>,
}

/// A PICK whose answer is not known.
struct Picking {
    request: Signed,
    ephemeral: Secret,
    cert_id: CertId,
}

/// A signature whose receipt is not known: it leaves the phone with its receipt or not at all. As the journal keeps it, the same
/// request gets the same receipt, also after a kill.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Receiving {
    /// [`Signed::to_bytes`] of the request.
    request: Bytes,
    lease: LeaseId,
    n: u16,
    cert_id: CertId,
    /// SHA-256 of what was signed.
    digest: Bytes,
    /// `r ‖ s`.
    signature: Bytes,
}

impl Receiving {
    /// Whether this is a signature over `message`.
    pub(crate) fn is_of(&self, message: &[u8]) -> bool {
        self.digest[..] == Sha256::digest(message)[..]
    }
}

/// An open lease. Has no `Debug`.
pub(crate) struct OpenLease {
    account: AccountId,
    device: DeviceId,
    pinned: Pinned,
    id: LeaseId,
    count: u16,
    ends: u64,
    expires_ms: u64,
    n: u16,
    held: Held,
    picking: Option<Picking>,
    receiving: Option<Receiving>,
}

impl Core {
    /// Asks for the PIN's lease. Ends as [`Core::unlock`], or in `INPUT_INVALID` at `count`.
    pub(crate) async fn open_lease(&self, pin: Pin, ask: LeaseAsk) -> Result<OpenLease, AppError> {
        let count = u16::try_from(ask.count)
            .ok()
            .filter(|count| (1..=LEASE_MAX_COUNT).contains(count))
            .ok_or_else(|| AppError::field("count", "range"))?;
        let for_what = PinUse {
            kind: PinKind::Connect,
            count,
            object: Sha256::digest(&ask.object).into(),
            rp: Some(ask.rp),
            cb: Some(ask.cb),
        };
        let mut unlocked = self.unlock(pin, for_what).await?;
        let halves = self.halves(&mut unlocked).await?;
        let secret = random::scalar()?;
        let (lease, public) = blocking(move || {
            let key = SigningKey::from_slice(&*secret).map_err(|_| VaultError::Scalar)?;
            Ok((Box::new(key), public_of(&secret)?))
        })
        .await?;
        let opened_ms = self.ports.clock.monotonic_ms();
        let answer = self.confirm(&unlocked, Vec::new(), Some(public)).await?;
        let grant = answer.lease.ok_or(ErrorCode::GuardTampered)?;
        let lasts = grant.ends.saturating_sub(answer.time).min(LEASE_SECONDS);
        let held = Arc::new(Mutex::new(Some(Keys {
            lease,
            halves,
            picked: None,
        })));
        self.vault.leases.add(&held);
        Ok(OpenLease {
            account: unlocked.account,
            device: self.device,
            pinned: unlocked.keys,
            id: grant.lease,
            count: grant.count.min(count),
            ends: grant.ends,
            expires_ms: opened_ms.saturating_add(lasts * 1000),
            n: 0,
            held,
            picking: None,
            receiving: None,
        })
    }

    /// The halves of every certificate that may be picked; the VMK is wiped.
    async fn halves(&self, unlocked: &mut Unlocked) -> Result<Vec<(CertId, HalfKey)>, AppError> {
        let rows = self.certificate_rows(unlocked.account).await?;
        let vmk = std::mem::take(&mut unlocked.vmk);
        let issued = rows.into_iter().filter(|row| row.issued.is_some());
        let half = |row: Row| (row.cert_id, HalfKey::new(&vmk, row.cert_id));
        Ok(issued.map(half).collect())
    }
}

impl Core {
    /// Asks for the receipt of a signature, also one of an earlier life of the phone. Ends in the guard's refusal, `GUARD_TAMPERED` or
    /// `OFFLINE`.
    pub(crate) async fn receipt(
        &self,
        pinned: &Pinned,
        receiving: &Receiving,
    ) -> Result<LeaseSignature, AppError> {
        let request = Signed::from_bytes(&receiving.request).map_err(VaultError::from)?;
        let sent = self.guard_signed::<ReceiptRequest>(pinned, request);
        let Reply { answer, .. } = sent.await?;
        let (key, receiving) = (pinned.guard_sign, receiving.clone());
        blocking(move || {
            let receipt = one_receipt(answer)?.to_bytes().map_err(VaultError::from)?;
            let digest = receiving.digest.array().ok_or(VaultError::Damaged)?;
            let read = verify_receipt(&receipt, &key, &digest, &receiving.signature);
            let read = read.map_err(|_| VaultError::Tampered)?;
            let wanted = (receiving.lease, receiving.n, receiving.cert_id);
            if (read.lease, read.n, read.cert_id) != wanted {
                return Err(VaultError::Tampered.into());
            }
            let signature = Signature::from_slice(&receiving.signature);
            let signature = signature.map_err(|_| VaultError::Damaged)?;
            Ok(LeaseSignature {
                signature_der: signature.to_der().as_bytes().to_vec(),
                receipt,
            })
        })
        .await
    }
}

impl OpenLease {
    /// End by the guard's clock, milliseconds since the epoch.
    pub(crate) fn ends_at_server_ms(&self) -> u64 {
        self.ends.saturating_mul(1000)
    }

    /// End by the phone's monotonic clock.
    pub(crate) fn expires_monotonic_ms(&self) -> u64 {
        self.expires_ms
    }

    /// Opens one certificate, once a lease. Ends in `LEASE_OVER`, `STATE_WRONG` if another one was picked, `CERT_NONE` if it is not on
    /// this phone, `CERT_REVOKED`, `GRANT_SUSPENDED`, `GUARD_TAMPERED`; after `OFFLINE` the same certificate may be picked again.
    pub(crate) async fn pick(&mut self, core: &Core, cert: CertId) -> Result<(), AppError> {
        self.check_open(core)?;
        if let Some(picked) = self.picked()? {
            return if picked == cert {
                Ok(())
            } else {
                Err(ErrorCode::StateWrong.into())
            };
        }
        let rows = core.certificate_rows(self.account).await?;
        let row = rows
            .into_iter()
            .find(|row| row.cert_id == cert && row.issued.is_some());
        let row = row.ok_or(ErrorCode::CertNone)?;
        let picking = match self.picking.take() {
            Some(picking) if picking.cert_id == cert => picking,
            Some(other) => {
                self.picking = Some(other);
                return Err(ErrorCode::StateWrong.into());
            }
            None => self.make_pick(core, cert).await?,
        };
        let request = picking.request.clone();
        let picking = self.picking.insert(picking);
        let ephemeral = picking.ephemeral.clone();
        let sent = core
            .guard_signed::<PickRequest>(&self.pinned, request)
            .await;
        if !matches!(&sent, Err(error) if error.code == ErrorCode::Offline) {
            self.picking = None;
        }
        let share = sent?.answer.share;
        self.open_key(row, ephemeral, share).await
    }

    async fn make_pick(&self, core: &Core, cert_id: CertId) -> Result<Picking, AppError> {
        let ephemeral = random::scalar()?;
        let secret = ephemeral.clone();
        let public = blocking(move || public_of(&secret)).await?;
        let pick = LeasePick {
            suite: Suite::P256,
            lease: self.id,
            cert_id,
            ephemeral: public,
        };
        let input = pick.signing_input().map_err(VaultError::from)?;
        let lease_signature = self
            .with_keys(move |keys| Ok(sign(&keys.lease, &input)?.to_bytes().into()))
            .await?;
        let request = PickRequest {
            suite: pick.suite,
            account: self.account,
            device: self.device,
            lease: pick.lease,
            cert_id,
            ephemeral: pick.ephemeral,
            lease_signature,
        };
        Ok(Picking {
            request: core.sign_message(&request).await?,
            ephemeral,
            cert_id,
        })
    }

    /// Unwraps the picked key; the halves of the others are wiped.
    async fn open_key(
        &self,
        row: Row,
        ephemeral: Secret,
        share: SealedShare,
    ) -> Result<(), AppError> {
        let cert_id = row.cert_id;
        let context = ShareContext {
            account: self.account,
            device: self.device,
            kind: ShareKind::Cert { cert_id },
        };
        self.with_keys(move |keys| {
            let s_cert = open_share(&context, &ephemeral, &share).map_err(VaultError::from)?;
            let half = keys.halves.iter().find(|(id, _)| *id == cert_id);
            let (_, half) = half.ok_or(ErrorCode::CertNone)?;
            let key = half.cert_key(cert_id, &s_cert);
            let scalar = open(&key, &cert_aad(cert_id, KeyAlgorithm::P256), &row.wrapped);
            // A wrong share does not unwrap: the guard's doing, as long as the row is whole.
            let scalar = scalar.map_err(|_| VaultError::Tampered)?;
            let key = SigningKey::from_slice(&scalar).map_err(|_| VaultError::Damaged)?;
            if point::compressed(&key.verifying_key().into())[..] != *row.public_key {
                return Err(VaultError::Damaged.into());
            }
            keys.halves.clear();
            keys.picked = Some((cert_id, Box::new(key)));
            Ok(())
        })
        .await
    }

    /// ECDSA with SHA-256 over `message` by the picked key, to be countersigned by the guard in [`OpenLease::receive`]; what it gives
    /// is to be stored before that. Ends in `STATE_WRONG` before [`OpenLease::pick`], `LEASE_OVER` after the last signature or the end.
    pub(crate) async fn begin(
        &mut self,
        core: &Core,
        message: &[u8],
    ) -> Result<Receiving, AppError> {
        self.check_open(core)?;
        let cert_id = self.picked()?.ok_or(ErrorCode::StateWrong)?;
        if let Some(earlier) = self.receiving.clone() {
            if earlier.is_of(message) {
                return Ok(earlier);
            }
            // The guard may have counted it: its number is taken before another message gets one.
            self.receive(core).await?;
        }
        if self.n >= self.count {
            return Err(ErrorCode::LeaseOver.into());
        }
        let receiving = self.make_signature(core, cert_id, message).await?;
        Ok(self.receiving.insert(receiving).clone())
    }

    async fn make_signature(
        &self,
        core: &Core,
        cert_id: CertId,
        message: &[u8],
    ) -> Result<Receiving, AppError> {
        let digest: [u8; 32] = Sha256::digest(message).into();
        let message = message.to_vec();
        let signature = self
            .with_keys(move |keys| {
                let (_, key) = keys.picked.as_ref().ok_or(ErrorCode::StateWrong)?;
                sign(key, &message)
            })
            .await?;
        let signature = Bytes(signature.to_bytes().to_vec());
        let n = self.n + 1;
        let request = ReceiptRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            lease: self.id,
            items: vec![ReceiptItem {
                n,
                cert_id,
                digest,
                signature: signature.clone(),
            }],
        };
        let request = core.sign_message(&request).await?;
        Ok(Receiving {
            request: Bytes(request.to_bytes().map_err(VaultError::from)?),
            lease: self.id,
            n,
            cert_id,
            digest: Bytes::from(digest),
            signature,
        })
    }

    /// The guard's receipt for what was begun. Ends in `STATE_WRONG` where nothing was, `LEASE_OVER`, `CERT_REVOKED`,
    /// `GRANT_SUSPENDED`, `GUARD_TAMPERED`; after `OFFLINE` it may be called again.
    pub(crate) async fn receive(&mut self, core: &Core) -> Result<LeaseSignature, AppError> {
        let receiving = self.receiving.take().ok_or(ErrorCode::StateWrong)?;
        match core.receipt(&self.pinned, &receiving).await {
            Ok(received) => {
                self.n = receiving.n;
                Ok(received)
            }
            Err(error) => {
                if error.code == ErrorCode::Offline {
                    self.receiving = Some(receiving);
                }
                Err(error)
            }
        }
    }

    /// The private key itself, for the test that searches for it.
    #[cfg(test)]
    pub(crate) fn scalar(&self) -> [u8; 32] {
        let guard = lock(&self.held);
        let picked = guard.as_ref().and_then(|keys| keys.picked.as_ref());
        picked.unwrap().1.to_bytes().into()
    }

    /// [`OpenLease::begin`] and [`OpenLease::receive`].
    #[cfg(test)]
    pub(crate) async fn sign(
        &mut self,
        core: &Core,
        message: &[u8],
    ) -> Result<LeaseSignature, AppError> {
        self.begin(core, message).await?;
        self.receive(core).await
    }

    /// The lease is the account's and its time is not over; keys of one that is over are wiped.
    fn check_open(&self, core: &Core) -> Result<(), AppError> {
        let ours = core
            .account()
            .is_some_and(|account| account.account_id == self.account);
        if ours && core.ports.clock.monotonic_ms() < self.expires_ms {
            return Ok(());
        }
        lock(&self.held).take();
        Err(ErrorCode::LeaseOver.into())
    }

    fn picked(&self) -> Result<Option<CertId>, AppError> {
        let guard = lock(&self.held);
        let keys = guard.as_ref().ok_or(ErrorCode::LeaseOver)?;
        Ok(keys.picked.as_ref().map(|(id, _)| *id))
    }

    async fn with_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keys) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let held = self.held.clone();
        blocking(move || work(lock(&held).as_mut().ok_or(ErrorCode::LeaseOver)?)).await
    }
}

impl Drop for OpenLease {
    fn drop(&mut self) {
        lock(&self.held).take();
    }
}

fn one_receipt(answer: ReceiptAnswer) -> Result<Signed, VaultError> {
    let mut receipts = answer.receipts;
    match (receipts.pop(), receipts.is_empty()) {
        (Some(receipt), true) => Ok(receipt),
        _ => Err(VaultError::Tampered),
    }
}
