//! CONFIRM: the PIN was right. Clears the count, stores and releases shares, opens a lease, gives a PIN proof.

use super::policy::LIMIT;
use super::serve::{Call, Fault, Serve};
use super::{Guard, MINUTE, line};
use crate::clock::{SECOND, seconds};
use crate::role_keys;
use crate::store::StoreError;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Attempt, Cert, CertState, Epoch, Lease, Owner};
use kapok_protocol::cbor;
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::wrap::KeyAlgorithm;
use kapok_protocol::guard::{
    AddedCert, ConfirmAnswer, ConfirmRequest, EvalRequest, GuardState, LEASE_SECONDS, LeaseGrant,
    PinConfirm, PinKind, PinProof, ReleasedShare, Signed, Suite, WithheldShare, eval_transcript,
    intent,
};
use kapok_protocol::ids::{CertId, LeaseId};
use kapok_protocol::point;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Certificates in one CONFIRM at most: a phone holds a few.
const MOST_CERTS: usize = 32;

impl Serve for ConfirmRequest {
    const TO_OBJECTOR: bool = true;

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let stale = Fault::from(ErrorCode::GuardStale);
        let attempt = rows::attempt(call.guard.db.reader(), &self.attempt).await?;
        let attempt = attempt
            .filter(|attempt| attempt.owner == call.owner && attempt.at + MINUTE >= call.now)
            .ok_or(stale)?;
        let epoch = rows::epoch(call.guard.db.reader(), call.owner).await?;
        let epoch = epoch
            .filter(|epoch| epoch.epoch == attempt.epoch)
            .ok_or(ErrorCode::GuardStale)?;
        let eval = verified(&self, &call, &attempt, &epoch)?;
        let added = received(&self, &call)?;
        let effect = Effect {
            guard: Arc::clone(&call.guard),
            owner: call.owner,
            now: call.now,
            hash: call.hash,
            intent: eval.intent,
            request: self,
            attempt,
            added,
        };
        call.once::<Self, _>(move |tx| Box::pin(effect.run(tx)))
            .await
    }
}

/// Checks that the PIN was right and what it was typed for; the EVAL that it confirms.
fn verified(
    request: &ConfirmRequest,
    call: &Call,
    attempt: &Attempt,
    epoch: &Epoch,
) -> Result<EvalRequest, Fault> {
    let eval: EvalRequest =
        cbor::decode(&attempt.body).map_err(|_| StoreError::Damaged("attempts.body"))?;
    let key = call.guard.oprf_key(call.owner, epoch.epoch, &epoch.key())?;
    let evaluated = key.element(&eval.blinded)?;
    let confirm = PinConfirm {
        suite: Suite::P256,
        account: call.owner.account,
        device: call.owner.device,
        epoch: attempt.epoch,
        attempt: attempt.id,
        transcript: eval_transcript(&attempt.body, &evaluated),
        intent: eval.intent,
    };
    let input = confirm.signing_input()?;
    let leases = lease_kind(request.kind);
    let opens = intent(request.kind, request.count, &request.h)? == eval.intent
        && request.kind.allows(request.count)
        && request.lease_key.is_some() == leases
        // A lease opens one certificate, and only PICK says which. An objection opens none.
        && (!leases && request.kind != PinKind::Object || request.wanted.is_empty())
        && (request.added.is_empty() || matches!(request.kind, PinKind::Install | PinKind::Change))
        && request.wanted.len() <= MOST_CERTS
        && request.added.len() <= MOST_CERTS
        && role_keys::verifies(&epoch.pk_auth, &input, &request.pin_signature);
    if !opens {
        return Err(ErrorCode::GuardRefused.into());
    }
    let keys = [Some(request.ephemeral), request.lease_key];
    for key in keys.into_iter().flatten() {
        point::parse_compressed(&key).map_err(|_| ErrorCode::GuardRefused)?;
    }
    Ok(eval)
}

const fn lease_kind(kind: PinKind) -> bool {
    matches!(kind, PinKind::Connect | PinKind::Change)
}

const fn word(kind: PinKind) -> &'static str {
    match kind {
        PinKind::Connect => "connect",
        PinKind::Decrypt => "decrypt",
        PinKind::Install => "install",
        PinKind::Change => "change",
        PinKind::Deregister => "deregister",
        PinKind::Pin => super::epoch::PIN,
        PinKind::Object => "object",
    }
}

/// Opens the new shares and seals them for the guard's file.
fn received(request: &ConfirmRequest, call: &Call) -> Result<Vec<Cert>, Fault> {
    request
        .added
        .iter()
        .map(|added| receive(added, &call.guard, call.owner))
        .collect()
}

fn receive(added: &AddedCert, guard: &Guard, owner: Owner) -> Result<Cert, Fault> {
    if added.algorithm != KeyAlgorithm::P256 || point::parse_compressed(&added.public_key).is_err()
    {
        return Err(ErrorCode::GuardRefused.into());
    }
    let share = guard
        .keys
        .receive(&context(owner, added.cert_id), &added.share)?
        .ok_or(ErrorCode::GuardRefused)?;
    let sealed = guard
        .keys
        .seal("certs.share", &[&added.cert_id.0], share.as_slice())?;
    Ok(Cert {
        id: added.cert_id,
        owner,
        public_key: added.public_key,
        share: Some(sealed),
        state: CertState::Good,
    })
}

const fn context(owner: Owner, cert_id: CertId) -> ShareContext {
    ShareContext {
        account: owner.account,
        device: owner.device,
        kind: ShareKind::Cert { cert_id },
    }
}

/// Releases the share of a certificate key to a phone's ephemeral key.
///
/// `CERT_REVOKED`, `GRANT_SUSPENDED`, and `NOT_FOUND` for a certificate of somebody else too.
pub(super) fn release(
    guard: &Guard,
    owner: Owner,
    cert: Option<Cert>,
    ephemeral: &[u8; 33],
) -> Result<Result<SealedShare, ErrorCode>, Fault> {
    let Some(cert) = cert.filter(|cert| cert.owner == owner) else {
        return Ok(Err(ErrorCode::NotFound));
    };
    let share = match (cert.state, cert.share) {
        (CertState::Good, Some(share)) => share,
        (CertState::Suspended, _) => return Ok(Err(ErrorCode::GrantSuspended)),
        _ => return Ok(Err(ErrorCode::CertRevoked)),
    };
    let share: Zeroizing<[u8; 32]> = guard.keys.unseal("certs.share", &[&cert.id.0], &share)?;
    Ok(Ok(role_keys::send(
        &context(owner, cert.id),
        ephemeral,
        &share,
    )?))
}

#[derive(Clone)]
struct Effect {
    guard: Arc<Guard>,
    owner: Owner,
    now: i64,
    hash: [u8; 32],
    intent: [u8; 32],
    request: ConfirmRequest,
    attempt: Attempt,
    added: Vec<Cert>,
}

impl Effect {
    async fn run(self, tx: &mut Tx<'_>) -> Result<ConfirmAnswer, Fault> {
        self.clear(tx).await?;
        for cert in &self.added {
            self.add(tx, cert).await?;
        }
        let (shares, withheld) = self.shares(tx).await?;
        let lease = self.lease(tx).await?;
        let time = seconds(self.now);
        let proof = PinProof {
            suite: Suite::P256,
            account: self.owner.account,
            device: self.owner.device,
            kind: self.request.kind,
            intent: self.intent,
            proof_id: rand::random(),
            time,
        };
        Ok(ConfirmAnswer {
            suite: Suite::P256,
            request: self.hash,
            shares,
            withheld,
            lease,
            pin_proof: self.guard.keys.sign(&proof)?,
            time,
        })
    }

    /// Takes the attempt back from the count, exactly once.
    async fn clear(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let phone = rows::phone(&mut *tx, self.owner).await?;
        let phone = phone.ok_or(ErrorCode::PinUnset)?;
        let own_block = phone.blocked_by.as_deref() == Some(self.attempt.id.as_slice());
        match phone.state {
            GuardState::Ok => {}
            GuardState::Blocked if own_block => {}
            // The owner objects: the phone is not lost.
            GuardState::Revoked
                if phone.may_object(self.now)
                    && self.request.kind == PinKind::Object
                    && (phone.fails < LIMIT || own_block) =>
            {
                rows::set_lost(tx, self.owner, GuardState::Ok, None).await?;
            }
            GuardState::Revoked => return Err(ErrorCode::DeviceRevoked.into()),
            GuardState::Blocked | GuardState::Resetting => return Err(ErrorCode::PinBlocked.into()),
        }
        if phone.epoch != self.attempt.epoch || !rows::close(tx, self.attempt.n).await? {
            return Err(ErrorCode::GuardStale.into());
        }
        rows::clear_count(tx, self.owner, self.now).await?;
        rows::confirm_attempt(tx, &self.attempt.id, word(self.request.kind)).await?;
        rows::log(tx, line("confirm", self.owner, self.now, &self.hash)).await?;
        Ok(())
    }

    async fn add(&self, tx: &mut Tx<'_>, cert: &Cert) -> Result<(), Fault> {
        match rows::cert(&mut *tx, cert.id).await? {
            None => Ok(rows::add_cert(tx, cert, self.now).await?),
            // The phone lost the answer and asks again with the same key: what is stored stands.
            Some(held) if held.owner == self.owner && held.public_key == cert.public_key => Ok(()),
            Some(_) => Err(ErrorCode::GuardRefused.into()),
        }
    }

    async fn shares(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<(Vec<ReleasedShare>, Vec<WithheldShare>), Fault> {
        let (mut shares, mut withheld) = (Vec::new(), Vec::new());
        for cert_id in self.request.wanted.iter().copied() {
            let cert = rows::cert(&mut *tx, cert_id).await?;
            match release(&self.guard, self.owner, cert, &self.request.ephemeral)? {
                Ok(share) => shares.push(ReleasedShare { cert_id, share }),
                Err(code) => withheld.push(WithheldShare { cert_id, code }),
            }
        }
        Ok((shares, withheld))
    }

    async fn lease(&self, tx: &mut Tx<'_>) -> Result<Option<LeaseGrant>, Fault> {
        let Some(lease_key) = self.request.lease_key else {
            return Ok(None);
        };
        let ends = self.now + LEASE_SECONDS.cast_signed() * SECOND;
        let id = LeaseId(rand::random());
        let lease = Lease {
            owner: self.owner,
            lease_key,
            count: self.request.count,
            last: 0,
            picked: None,
            ends,
        };
        rows::add_lease(tx, id, &lease, self.now - MINUTE).await?;
        Ok(Some(LeaseGrant {
            lease: id,
            count: lease.count,
            ends: seconds(ends),
        }))
    }
}
