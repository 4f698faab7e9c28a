//! PICK and RECEIPT: the one certificate of a lease, and the countersignature of each signature.

use super::confirm::release;
use super::serve::{Call, Fault, Serve};
use super::{Guard, line};
use crate::clock::{DAY, seconds};
use crate::role_keys;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Cert, CertState, Lease, Owner};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{
    GuardState, LEASE_MAX_COUNT, PickAnswer, PickRequest, Receipt, ReceiptAnswer, ReceiptItem,
    ReceiptRequest, Signed, Suite,
};
use kapok_protocol::ids::LeaseId;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use std::sync::Arc;

impl Serve for PickRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let (guard, owner, now, hash) = (Arc::clone(&call.guard), call.owner, call.now, call.hash);
        call.once::<Self, _>(move |tx| {
            Box::pin(async move {
                let (lease, _) = open_lease(tx, self.lease, owner, now).await?;
                let input = self.pick().signing_input()?;
                if !role_keys::verifies(&lease.lease_key, &input, &self.lease_signature)
                    || lease.picked.is_some()
                {
                    return Err(ErrorCode::GuardRefused.into());
                }
                let cert = rows::cert(&mut *tx, self.cert_id).await?;
                let share = release(&guard, owner, cert, &self.ephemeral)??;
                if !rows::pick(tx, self.lease, self.cert_id).await? {
                    return Err(ErrorCode::GuardRefused.into());
                }
                rows::log(tx, line("pick", owner, now, &hash)).await?;
                Ok(PickAnswer {
                    suite: Suite::P256,
                    request: hash,
                    share,
                })
            })
        })
        .await
    }
}

impl Serve for ReceiptRequest {
    /// A phone that was killed asks when its user takes it up again: one signature has one receipt.
    const KEPT: i64 = DAY;

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        if self.items.is_empty() || self.items.len() > usize::from(LEASE_MAX_COUNT) {
            return Err(ErrorCode::GuardRefused.into());
        }
        let (guard, owner, now, hash) = (Arc::clone(&call.guard), call.owner, call.now, call.hash);
        call.once::<Self, _>(move |tx| Box::pin(countersign(guard, self, owner, now, hash, tx)))
            .await
    }
}

async fn countersign(
    guard: Arc<Guard>,
    request: ReceiptRequest,
    owner: Owner,
    now: i64,
    hash: [u8; 32],
    tx: &mut Tx<'_>,
) -> Result<ReceiptAnswer, Fault> {
    let (lease, reset_at) = open_lease(tx, request.lease, owner, now).await?;
    let picked = lease.picked.ok_or(ErrorCode::GuardRefused)?;
    let cert = rows::cert(&mut *tx, picked).await?;
    let cert = cert.ok_or(ErrorCode::NotFound)?;
    match cert.state {
        CertState::Good => {}
        CertState::Suspended => return Err(ErrorCode::GrantSuspended.into()),
        CertState::Revoked => return Err(ErrorCode::CertRevoked.into()),
    }
    let mut last = lease.last;
    let mut receipts = Vec::with_capacity(request.items.len());
    for item in &request.items {
        if item.n > lease.count {
            return Err(ErrorCode::LeaseOver.into());
        }
        if item.n != last.saturating_add(1) || !signed_by(&cert, item) {
            return Err(ErrorCode::GuardRefused.into());
        }
        last = item.n;
        receipts.push(guard.keys.sign(&Receipt {
            suite: Suite::P256,
            lease: request.lease,
            n: item.n,
            cert_id: cert.id,
            digest: item.digest,
            signature_hash: Receipt::hash_signature(&item.signature),
            time: seconds(now),
            reset_at,
        })?);
        rows::log(tx, line("receipt", owner, now, &hash)).await?;
    }
    rows::count_receipts(tx, request.lease, last).await?;
    Ok(ReceiptAnswer {
        suite: Suite::P256,
        request: hash,
        receipts,
    })
}

/// Whether the certificate's key made the item's signature over its digest.
fn signed_by(cert: &Cert, item: &ReceiptItem) -> bool {
    let verify = || {
        let key = VerifyingKey::from_sec1_bytes(&cert.public_key)?;
        key.verify_prehash(&item.digest, &Signature::from_slice(&item.signature)?)
    };
    item.cert_id == cert.id && verify().is_ok()
}

/// An open lease of a phone that is not revoked, and when its PIN was reset in the last 24 h.
async fn open_lease(
    tx: &mut Tx<'_>,
    id: LeaseId,
    owner: Owner,
    now: i64,
) -> Result<(Lease, Option<u64>), Fault> {
    let phone = rows::phone(&mut *tx, owner).await?;
    let phone = phone.ok_or(ErrorCode::PinUnset)?;
    if phone.state == GuardState::Revoked {
        return Err(ErrorCode::DeviceRevoked.into());
    }
    let lease = rows::lease(&mut *tx, id).await?;
    let lease = lease
        .filter(|lease| lease.owner == owner && lease.ends > now)
        .ok_or(ErrorCode::LeaseOver)?;
    let reset = phone.reset_at.filter(|at| at + DAY > now);
    Ok((lease, reset.map(seconds)))
}
