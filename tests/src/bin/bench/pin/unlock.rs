//! From the typed PIN to the certificate's key: the vault, the lease, the pick.

use super::{ANSWERS, ARGON2, BLIND, CERT, CERTIFICATE, CHIP, FINALISE, PROOF, SALT, VAULT};
use super::{Setting, Unlocked, typed};
use crate::phone::scalar;
use crate::stages::Stages;
use anyhow::{Context as _, Result, ensure};
use kapok_core::vault::keys::{self, Secret, Try};
use kapok_protocol::delivery::{ShareContext, ShareKind, open_share};
use kapok_protocol::guard::wrap::{KeyAlgorithm, cert_aad, open};
use kapok_protocol::guard::{
    AddedCert, ConfirmAnswer, ConfirmRequest, EvalRequest, HalfKey, LeasePick, NonceRequest,
    PickRequest, PinConfirm, PinKind, PinProof, Suite, eval_transcript, intent, intent_object,
};
use kapok_protocol::ids::LeaseId;
use kapok_protocol::point;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

impl Setting {
    pub(super) async fn unlock(&self, stages: &mut Stages, kind: PinKind) -> Result<Unlocked> {
        let phone = &self.phone;
        let pin = typed()?;
        let x0 = stages.time(ARGON2, || keys::stretch(&pin, &SALT, phone.slot.params))?;
        let x1 = stages.time(CHIP, || phone.hardware.prf(keys::HW_PIN, &x0))?;
        let count = u16::from(kind == PinKind::Connect);
        let (h, intent) = stages.time(PROOF, || {
            let h = intent_object(&[3; 32], &[4; 32], Some(&[5; 32]), Some(&[6; 32]))?;
            anyhow::Ok((h, intent(kind, count, &h)?))
        })?;
        let blinding = scalar();
        let epoch = phone.slot.epoch;
        let attempt = stages.time(BLIND, || Try::new(phone.account, epoch, x1, &blinding))?;
        let nonce = NonceRequest {
            suite: Suite::P256,
            account: phone.account,
            device: phone.device,
            random: rand::random(),
        };
        let (_, nonce) = self.ask(stages, &nonce).await?;
        let request = EvalRequest {
            suite: Suite::P256,
            account: phone.account,
            device: phone.device,
            epoch,
            blinded: (*attempt.element()).into(),
            nonce: nonce.nonce,
            intent,
        };
        let (body, answer) = self.ask(stages, &request).await?;
        let context = phone.slot.context(phone.account, phone.device);
        let finish = || attempt.finish(&context, answer.evaluated, answer.proof);
        let prk = stages.time(FINALISE, finish)?;
        let vmk = stages.time(VAULT, || keys::open_slot(&phone.slot, &context, &prk))?;
        let auth = stages.time(PROOF, || prk.auth_key())?;
        Ok(Unlocked {
            vmk,
            auth,
            attempt: answer.attempt,
            transcript: eval_transcript(&body, &answer.evaluated),
            intent,
            h,
        })
    }

    pub(super) fn confirm_request(
        &self,
        unlocked: &Unlocked,
        (kind, count): (PinKind, u16),
        added: Vec<AddedCert>,
        lease_key: Option<[u8; 33]>,
    ) -> Result<ConfirmRequest> {
        let phone = &self.phone;
        let statement = PinConfirm {
            suite: Suite::P256,
            account: phone.account,
            device: phone.device,
            epoch: phone.slot.epoch,
            attempt: unlocked.attempt,
            transcript: unlocked.transcript,
            intent: unlocked.intent,
        };
        Ok(ConfirmRequest {
            suite: Suite::P256,
            account: phone.account,
            device: phone.device,
            attempt: unlocked.attempt,
            pin_signature: unlocked.auth.sign(&statement.signing_input()?)?,
            kind,
            count,
            h: unlocked.h,
            ephemeral: point::public_of(&scalar())?,
            wanted: Vec::new(),
            added,
            lease_key,
        })
    }

    pub(super) async fn confirm(
        &self,
        stages: &mut Stages,
        unlocked: &Unlocked,
    ) -> Result<(LeaseId, SigningKey)> {
        let secret = scalar();
        let (key, request) = stages.time(PROOF, || {
            let key = SigningKey::from_slice(&*secret)?;
            let public = point::public_of(&secret)?;
            let kind = (PinKind::Connect, 1);
            let request = self.confirm_request(unlocked, kind, Vec::new(), Some(public))?;
            anyhow::Ok((key, request))
        })?;
        let (_, answer): (_, ConfirmAnswer) = self.ask(stages, &request).await?;
        let guard_key = self.stand.guard.sign_public();
        let proof: PinProof = stages.time(ANSWERS, || answer.pin_proof.open(guard_key))?;
        ensure!(proof.intent == unlocked.intent, "another intent");
        let lease = answer.lease.context("no lease")?.lease;
        Ok((lease, key))
    }

    pub(super) async fn pick(
        &self,
        stages: &mut Stages,
        vmk: &Secret,
        lease: LeaseId,
        lease_key: &SigningKey,
    ) -> Result<SigningKey> {
        let ephemeral = scalar();
        let request = stages.time(PROOF, || {
            let pick = LeasePick {
                suite: Suite::P256,
                lease,
                cert_id: CERT,
                ephemeral: point::public_of(&ephemeral)?,
            };
            let signature: Signature = lease_key.sign(&pick.signing_input()?);
            anyhow::Ok(PickRequest {
                suite: pick.suite,
                account: self.phone.account,
                device: self.phone.device,
                lease,
                cert_id: CERT,
                ephemeral: pick.ephemeral,
                lease_signature: signature.to_bytes().into(),
            })
        })?;
        let (_, answer) = self.ask(stages, &request).await?;
        let context = ShareContext {
            account: self.phone.account,
            device: self.phone.device,
            kind: ShareKind::Cert { cert_id: CERT },
        };
        stages.time(CERTIFICATE, || {
            let s_cert = open_share(&context, &ephemeral, &answer.share)?;
            let key = HalfKey::new(vmk, CERT).cert_key(CERT, &s_cert);
            let scalar = open(&key, &cert_aad(CERT, KeyAlgorithm::P256), &self.wrapped)?;
            Ok(SigningKey::from_slice(&scalar)?)
        })
    }
}
