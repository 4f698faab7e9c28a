//! The PIN guard: counts every try before it evaluates, holds a share of every certificate key, countersigns every signature.
//!
//! Triggered by a phone's `POST /v1/guard/{name}`, signed by its hardware key. Outcome: the message's answer, signed by the guard. Exits:
//! [`Refusal`](kapok_protocol::guard::Refusal), signed too. It has a database file and key files of its own; other roles get its public keys
//! and may revoke, nothing more.

mod calls;
mod confirm;
mod epoch;
mod follow;
mod lease;
mod lost;
mod master;
mod pin;
pub mod policy;
mod reset;
mod revoke;
mod second;
mod serve;
#[cfg(test)]
pub(crate) mod tests;
mod witness;

use crate::clock::{Clock, SECOND};
use crate::config::{GuardSettings, StartError};
use crate::kms::Kms;
use crate::role_keys::RoleKeys;
use crate::server::Failure;
use crate::store::engine::Store;
use crate::store::guard::{Epoch, EpochKey, Line, Owner};
use crate::store::{self, StoreError};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::schedule::{guard_oprf_key_of, guard_seed_input};
use kapok_protocol::guard::{
    ATTEMPT_LIFE_SECONDS, CommitRequest, ConfirmRequest, EvalRequest, EvalStagedRequest,
    NonceRequest, PickRequest, ReceiptRequest, ReleaseRequest, Request, ResetBeginRequest,
    RevocationCodeRequest, Signed, StageRequest, StateRequest,
};
use kapok_protocol::oprf::{OprfError, ServerKey};
use master::Masters;
use serve::Fault;
use std::path::Path as FilePath;
use std::sync::Arc;
use witness::Witness;
use zeroize::Zeroizing;

pub use calls::{receipt_key, routes};
pub(crate) use follow::due as follow_due;
pub use follow::run as follow;
#[cfg(test)]
pub(crate) use follow::soon as follow_soon;
pub use master::{make_keys, rotate_master};
pub use second::second_face;

/// How long a repeated request gets the same answer, and an attempt may be confirmed, microseconds.
const MINUTE: i64 = ATTEMPT_LIFE_SECONDS.cast_signed() * SECOND;

/// The guard.
pub struct Guard {
    db: Store,
    witness: Witness,
    keys: RoleKeys,
    masters: Masters,
    nonce: Zeroizing<[u8; 32]>,
    face: [u8; 33],
    clock: Arc<dyn Clock>,
}

impl Guard {
    /// Opens the database that `settings` name, `guard.db` in the folder `dir` by default, and the guard's keys. Guards that share a database
    /// share the keys too. `face` is the face service's signing key, compressed.
    pub async fn open(
        dir: &FilePath,
        settings: &GuardSettings,
        kms: &dyn Kms,
        clock: Arc<dyn Clock>,
        face: [u8; 33],
    ) -> Result<Arc<Self>, StartError> {
        let url = settings.database.as_deref();
        let copies = settings.copies.unwrap_or(1);
        let db = Store::open(
            &dir.join("guard.db"),
            url,
            copies,
            &store::guard::MIGRATIONS,
        )
        .await;
        let db = db.map_err(|error| match error {
            StoreError::Copies => StartError::OneCopy(copies),
            other => other.into(),
        })?;
        let witness = Witness::open(dir, db.reader()).await?;
        let keys = RoleKeys::open(kms, "guard")?;
        Ok(Arc::new(Self {
            db,
            witness,
            masters: Masters::open(kms)?,
            nonce: keys.derive("guard-nonce")?,
            keys,
            face,
            clock,
        }))
    }

    /// The key that signs answers and receipts, SEC1 compressed.
    pub fn sign_public(&self) -> &[u8; 33] {
        self.keys.sign_public()
    }

    /// The key that shares are sealed to, SEC1 compressed.
    pub fn delivery_public(&self) -> &[u8; 33] {
        self.keys.delivery_public()
    }

    /// Answers one message, signed. `name` is the last part of the URL.
    pub async fn answer(self: &Arc<Self>, name: &str, signed: Signed) -> Result<Signed, Failure> {
        match name {
            StateRequest::PATH => serve::answer::<StateRequest>(self, signed).await,
            NonceRequest::PATH => serve::answer::<NonceRequest>(self, signed).await,
            EvalRequest::PATH => serve::answer::<EvalRequest>(self, signed).await,
            ConfirmRequest::PATH => serve::answer::<ConfirmRequest>(self, signed).await,
            PickRequest::PATH => serve::answer::<PickRequest>(self, signed).await,
            ReceiptRequest::PATH => serve::answer::<ReceiptRequest>(self, signed).await,
            StageRequest::PATH => serve::answer::<StageRequest>(self, signed).await,
            EvalStagedRequest::PATH => serve::answer::<EvalStagedRequest>(self, signed).await,
            CommitRequest::PATH => serve::answer::<CommitRequest>(self, signed).await,
            ResetBeginRequest::PATH => serve::answer::<ResetBeginRequest>(self, signed).await,
            ReleaseRequest::PATH => serve::answer::<ReleaseRequest>(self, signed).await,
            RevocationCodeRequest::PATH => {
                serve::answer::<RevocationCodeRequest>(self, signed).await
            }
            _ => Err(ErrorCode::NotFound.into()),
        }
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// Returns when the witness has seen the log as it is now.
    async fn witnessed(&self) -> Result<(), StoreError> {
        let head = store::guard::log_head(self.db.reader()).await?;
        self.witness.reach(head).await
    }

    /// The OPRF key of an epoch, from its sealed salt.
    fn oprf_key(&self, owner: Owner, epoch: u64, key: &EpochKey) -> Result<ServerKey, Fault> {
        let master = self.masters.get(key.master);
        let master = master.ok_or(StoreError::Damaged("epochs.master"))?;
        let row = salt_place(&owner, &epoch.to_be_bytes());
        let salt = self.keys.unseal("row_salt", &[&row], &key.row_salt)?;
        let seed = master.mac(&guard_seed_input(owner.account, epoch, &salt))?;
        Ok(guard_oprf_key_of(&seed, key.public)?)
    }

    /// `S_g` of an epoch.
    fn recovery_share(&self, owner: Owner, epoch: &Epoch) -> Result<Zeroizing<[u8; 32]>, Fault> {
        let number = epoch.epoch.to_be_bytes();
        let row: [&[u8]; 3] = [&owner.account.0, &owner.device.0, &number];
        Ok(self.keys.unseal("epochs.share", &row, &epoch.share)?)
    }

    /// A fresh salt for an epoch, sealed.
    fn new_salt(&self, owner: Owner, epoch: u64) -> Result<Vec<u8>, Fault> {
        let salt = Zeroizing::new(rand::random::<[u8; 32]>());
        let row = salt_place(&owner, &epoch.to_be_bytes());
        Ok(self.keys.seal("row_salt", &[&row], salt.as_slice())?)
    }

    /// Evaluates; the proof's random scalar is a MAC of what is evaluated, so that a repeated request gets the same bytes.
    fn evaluate(
        &self,
        key: &ServerKey,
        request: &[u8; 32],
        blinded: &[u8],
    ) -> Result<kapok_protocol::oprf::Evaluation, OprfError> {
        let mut round = 0u8;
        loop {
            let public = key.public_key();
            let r = self.mac(&[b"pinv1/proof-scalar", &public, request, blinded, &[round]]);
            match key.evaluate(blinded, &r) {
                Err(OprfError::Scalar) if round < u8::MAX => round += 1,
                other => return other,
            }
        }
    }

    /// HMAC-SHA256 under a key of the guard's own. The first part is a label that no other use has.
    fn mac(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        use hmac::{Hmac, KeyInit, Mac};
        let mut block = Zeroizing::new([0u8; 64]);
        block
            .iter_mut()
            .zip(self.nonce.iter())
            .for_each(|(to, from)| *to = *from);
        // A key of exactly one block: making the MAC cannot fail.
        let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new((&*block).into());
        parts.iter().for_each(|part| mac.update(part));
        Zeroizing::new(mac.finalize().into_bytes().into())
    }
}

fn salt_place(owner: &Owner, epoch: &[u8; 8]) -> Vec<u8> {
    [&owner.account.0[..], &owner.device.0, epoch].concat()
}

/// A line of the log for an event that uses no nonce.
const fn line<'a>(event: &'static str, owner: Owner, at: i64, request: &'a [u8; 32]) -> Line<'a> {
    Line {
        at,
        owner,
        event,
        request,
        nonce: None,
        open: false,
    }
}
