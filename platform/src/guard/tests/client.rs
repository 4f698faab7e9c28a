//! A phone as the protocol's own functions make it, without stretching: `x1` stands for what the chip gives for a typed PIN.

use super::*;
use kapok_protocol::delivery::{ShareContext, ShareKind, open_share, seal_share};
use kapok_protocol::face::{FirstSetTicket, StagingTicket};
use kapok_protocol::guard::schedule::oprf_input;
use kapok_protocol::guard::wrap::KeyAlgorithm;
use kapok_protocol::guard::{
    AddedCert, Argon2Params, AuthPossession, Authority, CommitAnswer, CommitRequest, ConfirmAnswer,
    ConfirmRequest, EvalAnswer, EvalRequest, EvalStagedRequest, LeasePick, NonceAnswer,
    NonceRequest, PickAnswer, PickRequest, PinConfirm, PinKind, Prk, ReceiptAnswer, ReceiptItem,
    ReceiptRequest, Refusal, Request, Signed, SlotContext, StageAnswer, StageRequest, StateAnswer,
    StateRequest, Suite, Unsigned, eval_transcript, intent, open_reply,
};
use kapok_protocol::ids::{AccountId, CertId, DeviceId};
use kapok_protocol::{oprf, point};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};

pub const PIN: [u8; 32] = [0x21; 32];
pub const WRONG: [u8; 32] = [0x22; 32];
const LEASE_KEY: [u8; 32] = [0x33; 32];
pub const EPHEMERAL: [u8; 32] = [0x34; 32];

pub fn sign(secret: &[u8; 32], input: &[u8]) -> [u8; 64] {
    let signature: Signature = SigningKey::from_slice(secret).unwrap().sign(input);
    signature.to_bytes().into()
}

/// One phone of one account.
#[derive(Clone)]
pub struct Phone {
    pub guard: Arc<Guard>,
    pub account: AccountId,
    pub device: DeviceId,
    pub key: [u8; 32],
    pub epoch: u64,
    pub oprf_pk: [u8; 33],
    /// What the PIN is typed for.
    pub h: [u8; 32],
    pub face: [u8; 32],
    pub face_key: Arc<RoleKeys>,
}

impl Phone {
    pub fn new(bench: &Bench, account: u8, key: u8) -> Self {
        let (guard, face) = (Arc::clone(&bench.guard), Arc::clone(&bench.face));
        Self::of(guard, face, AccountId([account; 16]), [key; 32])
    }

    pub fn of(guard: Arc<Guard>, face: Arc<RoleKeys>, account: AccountId, key: [u8; 32]) -> Self {
        Self {
            guard,
            account,
            device: DeviceId::of_key(&point::public_of(&key).unwrap()),
            key,
            epoch: 0,
            oprf_pk: [0; 33],
            h: [7; 32],
            face: [account.0[0]; 32],
            face_key: face,
        }
    }

    pub fn signed<R: Request>(&self, request: &R) -> Signed {
        let sign = |input: &[u8]| Ok::<_, ()>(sign(&self.key, input));
        Unsigned::new(request).unwrap().sign(sign).unwrap()
    }

    pub async fn send<R: Request>(&self, signed: Signed) -> Result<R::Answer, Refusal> {
        let hash = signed.hash();
        let reply = self.guard.answer(R::PATH, signed).await.unwrap();
        open_reply::<R>(&reply, self.guard.sign_public(), &hash).unwrap()
    }

    pub async fn ask<R: Request>(&self, request: &R) -> Result<R::Answer, Refusal> {
        self.send::<R>(self.signed(request)).await
    }

    pub async fn state(&self) -> StateAnswer {
        let (account, device) = (self.account, self.device);
        let random = rand::random();
        let request = StateRequest {
            suite: Suite::P256,
            account,
            device,
            random,
        };
        self.ask(&request).await.unwrap()
    }

    pub fn ticket(&self, time: u64) -> Signed {
        let ticket = FirstSetTicket {
            suite: Suite::P256,
            subject: self.face,
            account: self.account,
            device_key: point::public_of(&self.key).unwrap(),
            time,
        };
        self.face_key.sign(&ticket).unwrap()
    }

    pub async fn stage(&self, authority: Authority) -> Result<StageAnswer, Refusal> {
        let request = StageRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            epoch: self.epoch + 1,
            authority,
        };
        self.ask(&request).await
    }

    fn context(&self, epoch: u64, oprf_pk: [u8; 33]) -> SlotContext {
        SlotContext {
            account: self.account,
            device: self.device,
            epoch,
            oprf_pk,
            params: Argon2Params::V1,
        }
    }

    /// EVAL_STAGED: the root of the new epoch.
    pub async fn eval_staged(&self, stage: &StageAnswer, x1: &[u8; 32]) -> Prk {
        let input = oprf_input(self.account, stage.epoch, x1);
        let blind = oprf::blind(&input, &[5; 32]).unwrap();
        let request = EvalStagedRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            blinded: (*blind.element()).into(),
        };
        let answer = self.ask(&request).await.unwrap();
        let evaluation = oprf::Evaluation {
            element: answer.evaluated,
            proof: answer.proof,
        };
        let y = blind.finalize(&input, &evaluation, &stage.oprf_pk).unwrap();
        Prk::new(&self.context(stage.epoch, stage.oprf_pk), x1, &y)
    }

    pub fn staging_ticket(&self, stage: &StageAnswer) -> Signed {
        let ticket = StagingTicket {
            suite: Suite::P256,
            request: [0; 32],
            account: self.account,
            device: self.device,
            epoch: stage.epoch,
            stage: stage.stage,
            time: stage.ends,
        };
        self.face_key.sign(&ticket).unwrap()
    }

    pub fn commit_request(&self, stage: &StageAnswer, prk: &Prk) -> CommitRequest {
        let auth = prk.auth_key().unwrap();
        let possession = AuthPossession {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            pk_auth: auth.public_key(),
        };
        let kind = ShareKind::Guard { epoch: stage.epoch };
        CommitRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            pk_auth: auth.public_key(),
            possession: auth.sign(&possession.signing_input().unwrap()).unwrap(),
            share: self.sealed(kind, &[9; 32]),
            slot_hash: [stage.stage[0]; 32],
            face_ticket: self.staging_ticket(stage),
        }
    }

    pub fn share_context(&self, kind: ShareKind) -> ShareContext {
        ShareContext {
            account: self.account,
            device: self.device,
            kind,
        }
    }

    pub fn sealed(
        &self,
        kind: ShareKind,
        share: &[u8; 32],
    ) -> kapok_protocol::delivery::SealedShare {
        let context = self.share_context(kind);
        let receiver = self.guard.delivery_public();
        seal_share(&context, receiver, &[4; 32], &[6; 24], share).unwrap()
    }

    /// The first PIN, from STAGE to COMMIT.
    pub async fn set_first(&mut self, x1: &[u8; 32], now: u64) -> CommitAnswer {
        let ticket = Authority::FirstSet(self.ticket(now));
        let stage = self.stage(ticket).await.unwrap();
        self.finish(&stage, x1).await
    }

    pub async fn finish(&mut self, stage: &StageAnswer, x1: &[u8; 32]) -> CommitAnswer {
        let prk = self.eval_staged(stage, x1).await;
        let request = self.commit_request(stage, &prk);
        let answer = self.ask(&request).await.unwrap();
        (self.epoch, self.oprf_pk) = (stage.epoch, stage.oprf_pk);
        answer
    }

    pub fn nonce_request(&self) -> NonceRequest {
        NonceRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            random: rand::random(),
        }
    }

    /// EVAL with a fresh nonce, built but not sent.
    pub async fn eval_request(
        &self,
        x1: &[u8; 32],
        kind: PinKind,
        count: u16,
    ) -> (oprf::Blind, EvalRequest) {
        let nonce = self.ask(&self.nonce_request()).await.unwrap();
        self.eval_with(nonce, x1, kind, count)
    }

    /// EVAL with this nonce.
    pub fn eval_with(
        &self,
        NonceAnswer { nonce, .. }: NonceAnswer,
        x1: &[u8; 32],
        kind: PinKind,
        count: u16,
    ) -> (oprf::Blind, EvalRequest) {
        let input = oprf_input(self.account, self.epoch, x1);
        let blind = oprf::blind(&input, &[5; 32]).unwrap();
        let request = EvalRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            epoch: self.epoch,
            blinded: (*blind.element()).into(),
            nonce,
            intent: intent(kind, count, &self.h).unwrap(),
        };
        (blind, request)
    }

    /// One try; what a CONFIRM of it would be.
    pub async fn try_pin(
        &self,
        x1: &[u8; 32],
        kind: PinKind,
        count: u16,
    ) -> Result<ConfirmRequest, Refusal> {
        let (blind, request) = self.eval_request(x1, kind, count).await;
        let answer = self.ask(&request).await?;
        Ok(self.confirm_request(x1, &blind, &request, &answer, (kind, count)))
    }

    pub fn confirm_request(
        &self,
        x1: &[u8; 32],
        blind: &oprf::Blind,
        request: &EvalRequest,
        answer: &EvalAnswer,
        (kind, count): (PinKind, u16),
    ) -> ConfirmRequest {
        let evaluation = oprf::Evaluation {
            element: answer.evaluated,
            proof: answer.proof,
        };
        let input = oprf_input(self.account, self.epoch, x1);
        let y = blind.finalize(&input, &evaluation, &self.oprf_pk).unwrap();
        let prk = Prk::new(&self.context(self.epoch, self.oprf_pk), x1, &y);
        let body = Unsigned::new(request).unwrap().attach([0; 64]).body;
        let confirm = PinConfirm {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            epoch: self.epoch,
            attempt: answer.attempt,
            transcript: eval_transcript(&body, &answer.evaluated),
            intent: request.intent,
        };
        let auth = prk.auth_key().unwrap();
        ConfirmRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            attempt: answer.attempt,
            pin_signature: auth.sign(&confirm.signing_input().unwrap()).unwrap(),
            kind,
            count,
            h: self.h,
            ephemeral: point::public_of(&EPHEMERAL).unwrap(),
            wanted: Vec::new(),
            added: Vec::new(),
            lease_key: (count > 0).then(|| point::public_of(&LEASE_KEY).unwrap()),
        }
    }

    /// Adds a certificate key with share `[cert; 32]`; the key pair is `[cert; 32]` too.
    pub async fn install(&self, x1: &[u8; 32], cert: u8) -> ConfirmAnswer {
        let mut confirm = self.try_pin(x1, PinKind::Install, 0).await.unwrap();
        let cert_id = CertId([cert; 16]);
        confirm.added = vec![AddedCert {
            cert_id,
            algorithm: KeyAlgorithm::P256,
            public_key: point::public_of(&[cert; 32]).unwrap(),
            share: self.sealed(ShareKind::Cert { cert_id }, &[cert; 32]),
        }];
        self.ask(&confirm).await.unwrap()
    }

    /// Opens a lease.
    pub async fn connect(&self, x1: &[u8; 32], count: u16) -> ConfirmAnswer {
        let confirm = self.try_pin(x1, PinKind::Connect, count).await.unwrap();
        self.ask(&confirm).await.unwrap()
    }

    pub fn pick_request(&self, lease: LeaseId, cert: u8, lease_key: &[u8; 32]) -> PickRequest {
        let pick = LeasePick {
            suite: Suite::P256,
            lease,
            cert_id: CertId([cert; 16]),
            ephemeral: point::public_of(&EPHEMERAL).unwrap(),
        };
        PickRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            lease,
            cert_id: pick.cert_id,
            ephemeral: pick.ephemeral,
            lease_signature: sign(lease_key, &pick.signing_input().unwrap()),
        }
    }

    pub async fn pick(&self, lease: LeaseId, cert: u8) -> Result<PickAnswer, Refusal> {
        self.ask(&self.pick_request(lease, cert, &LEASE_KEY)).await
    }

    /// The share that a PICK released.
    pub fn opened(&self, answer: &PickAnswer, cert: u8) -> [u8; 32] {
        let cert_id = CertId([cert; 16]);
        let context = self.share_context(ShareKind::Cert { cert_id });
        *open_share(&context, &EPHEMERAL, &answer.share).unwrap()
    }

    pub fn item(n: u16, cert: u8, digest: [u8; 32]) -> ReceiptItem {
        let key = SigningKey::from_slice(&[cert; 32]).unwrap();
        let signature: Signature = key.sign_prehash(&digest).unwrap();
        ReceiptItem {
            n,
            cert_id: CertId([cert; 16]),
            digest,
            signature: signature.to_bytes().to_vec().into(),
        }
    }

    pub fn receipt_request(&self, lease: LeaseId, items: Vec<ReceiptItem>) -> ReceiptRequest {
        ReceiptRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            lease,
            items,
        }
    }

    pub async fn receipt(
        &self,
        lease: LeaseId,
        items: Vec<ReceiptItem>,
    ) -> Result<ReceiptAnswer, Refusal> {
        self.ask(&self.receipt_request(lease, items)).await
    }
}
