//! A guard in this process, and a phone that speaks to it with the protocol's own functions.

use anyhow::{Context as _, Result, anyhow};
use kapok_core::ports::{HardwareKey, software};
use kapok_core::vault::keys::{self, Recovery, Secret, SlotRandom, Try};
use kapok_platform::clock::Clock;
use kapok_platform::config::GuardSettings;
use kapok_platform::guard::Guard;
use kapok_platform::keys::Keys;
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind, seal_share};
use kapok_protocol::face::{FirstSetTicket, StagingTicket};
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::guard::{
    Argon2Params, AuthPossession, Authority, CommitRequest, EvalStagedRequest, Message, Prk,
    Request, Signed, SlotContext, StageAnswer, StageRequest, Suite, Unsigned, open_reply,
};
use kapok_protocol::ids::{AccountId, DeviceId};
use kapok_protocol::point;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use std::sync::Arc;
use zeroize::Zeroizing;

const FACE: [u8; 32] = [0x51; 32];

/// A guard with its files, and the key of the face service that it trusts.
pub struct Stand {
    /// The guard.
    pub guard: Arc<Guard>,
    face: SigningKey,
    clock: Arc<dyn Clock>,
    /// Its files.
    pub dir: tempfile::TempDir,
}

/// A phone whose first PIN is set.
pub struct Phone {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
    /// Its chip.
    pub hardware: Arc<dyn HardwareKey>,
    /// Its slot.
    pub slot: SlotRecord,
}

impl Stand {
    /// Starts a guard in a folder of its own, with this clock.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let keys = Keys::open(dir.path())?;
        let face = SigningKey::from_slice(&FACE)?;
        let guard = Guard::open(
            dir.path(),
            &GuardSettings::default(),
            &keys,
            Arc::clone(&clock),
            point::public_of(&FACE)?,
        )
        .await?;
        Ok(Self {
            guard,
            face,
            clock,
            dir,
        })
    }

    /// A chip in a file.
    pub fn chip(&self, name: &str) -> Result<Arc<dyn HardwareKey>> {
        Ok(software::open(&self.dir.path().join(name))?.hardware)
    }

    fn stated<M: Message>(&self, message: &M) -> Result<Signed> {
        let unsigned = Unsigned::new(message)?;
        let signature: Signature = self.face.sign(&unsigned.signing_input());
        Ok(unsigned.attach(signature.to_bytes().into()))
    }
}

/// Asks the guard; the answer is not opened.
pub async fn send<R: Request>(guard: &Arc<Guard>, request: Signed) -> Result<Signed> {
    let answer = guard.answer(R::PATH, request).await;
    answer.map_err(|failure| anyhow!("the guard failed: {:?}", failure.0.code))
}

/// Opens the guard's answer.
pub fn opened<R: Request>(guard: &Guard, request: &Signed, answer: &Signed) -> Result<R::Answer> {
    open_reply::<R>(answer, guard.sign_public(), &request.hash())?
        .map_err(|refusal| anyhow!("the guard refused: {:?}", refusal.code))
}

impl Phone {
    /// Sets the first PIN. `x1` is what the chip made of the stretched PIN, `salt` what stretched it.
    pub async fn enrol(
        stand: &Stand,
        account: AccountId,
        hardware: Arc<dyn HardwareKey>,
        (x1, salt): (Secret, [u8; 32]),
    ) -> Result<Self> {
        let public_key = hardware.public_key()?;
        let mut phone = Self {
            account,
            device: DeviceId::of_key(&public_key),
            hardware,
            slot: empty_slot(salt),
        };
        let ticket = stand.stated(&FirstSetTicket {
            suite: Suite::P256,
            subject: [account.0[0]; 32],
            account,
            device_key: public_key,
            time: stand.clock.seconds(),
        })?;
        let stage = StageRequest {
            suite: Suite::P256,
            account,
            device: phone.device,
            epoch: 1,
            authority: Authority::FirstSet(ticket),
        };
        let stage = phone.ask(&stand.guard, &stage).await?;
        let prk = phone.staged(stand, &stage, x1).await?;
        phone.slot = make_slot(&phone.context(&stage), &prk, salt)?;
        phone.commit(stand, &stage, &prk).await?;
        Ok(phone)
    }

    /// A message signed by the chip.
    pub fn signed<M: Message>(&self, message: &M) -> Result<Signed> {
        let unsigned = Unsigned::new(message)?;
        let signature = self.hardware.sign(&unsigned.signing_input())?;
        Ok(unsigned.attach(signature))
    }

    /// Asks and opens the answer.
    pub async fn ask<R: Request>(&self, guard: &Arc<Guard>, request: &R) -> Result<R::Answer> {
        let request = self.signed(request)?;
        let answer = send::<R>(guard, request.clone()).await?;
        opened::<R>(guard, &request, &answer)
    }

    /// Seals a share to the guard.
    pub fn seal(&self, guard: &Guard, kind: ShareKind, share: &[u8; 32]) -> Result<SealedShare> {
        let context = ShareContext {
            account: self.account,
            device: self.device,
            kind,
        };
        let receiver = guard.delivery_public();
        Ok(seal_share(
            &context,
            receiver,
            &scalar(),
            &rand::random(),
            share,
        )?)
    }

    fn context(&self, stage: &StageAnswer) -> SlotContext {
        SlotContext {
            account: self.account,
            device: self.device,
            epoch: stage.epoch,
            oprf_pk: stage.oprf_pk,
            params: Argon2Params::V1,
        }
    }

    async fn staged(&self, stand: &Stand, stage: &StageAnswer, x1: Secret) -> Result<Prk> {
        let attempt = Try::new(self.account, stage.epoch, x1, &scalar())?;
        let request = EvalStagedRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            blinded: (*attempt.element()).into(),
        };
        let answer = self.ask(&stand.guard, &request).await?;
        Ok(attempt.finish(&self.context(stage), answer.evaluated, answer.proof)?)
    }

    async fn commit(&self, stand: &Stand, stage: &StageAnswer, prk: &Prk) -> Result<()> {
        let auth = prk.auth_key()?;
        let possession = AuthPossession {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            pk_auth: auth.public_key(),
        };
        let face_ticket = stand.stated(&StagingTicket {
            suite: Suite::P256,
            request: [0; 32],
            account: self.account,
            device: self.device,
            epoch: stage.epoch,
            stage: stage.stage,
            time: stand.clock.seconds(),
        })?;
        let kind = ShareKind::Guard { epoch: stage.epoch };
        let request = CommitRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            stage: stage.stage,
            pk_auth: auth.public_key(),
            possession: auth.sign(&possession.signing_input()?)?,
            share: self.seal(&stand.guard, kind, &[9; 32])?,
            slot_hash: self.slot.hash()?,
            face_ticket,
        };
        self.ask(&stand.guard, &request)
            .await
            .context("COMMIT")
            .map(drop)
    }
}

/// A fresh scalar of the curve; one draw in 2³² is out of range and drawn again.
pub fn scalar() -> Secret {
    loop {
        let secret = Zeroizing::new(rand::random::<[u8; 32]>());
        if point::public_of(&secret).is_ok() {
            return secret;
        }
    }
}

fn make_slot(context: &SlotContext, prk: &Prk, salt: [u8; 32]) -> Result<SlotRecord> {
    let fresh = || Zeroizing::new(rand::random());
    let recovery = Recovery {
        hardware: fresh(),
        s_g: fresh(),
        s_f: fresh(),
    };
    let random = SlotRandom {
        salt,
        rec_salt: rand::random(),
        nonces: rand::random(),
    };
    Ok(keys::make_slot(context, prk, &recovery, &fresh(), &random)?)
}

/// Stands in until the slot is made.
fn empty_slot(salt: [u8; 32]) -> SlotRecord {
    SlotRecord {
        suite: Suite::P256,
        epoch: 0,
        params: Argon2Params::V1,
        salt,
        rec_salt: [0; 32],
        oprf_pk: [0; 33],
        commit: [0; 32],
        ct_pin: Vec::new().into(),
        ct_rec: Vec::new().into(),
    }
}
