//! What a phone sends in a reset, and what is sent about a lost one.

use super::client::{EPHEMERAL, Phone, WRONG};
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::delivery::{ShareKind, open_share};
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::{
    Authority, CommitAnswer, PinKind, Refusal, ReleaseAnswer, ReleaseRequest, ResetBeginAnswer,
    ResetBeginRequest, RevocationCodeRequest, Signed, Suite,
};
use kapok_protocol::ids::DeviceId;
use kapok_protocol::point;

/// The PIN after a reset.
pub const NEW: [u8; 32] = WRONG;

impl Phone {
    /// What the face service says for a reset.
    pub fn seen(&self, reset: u8, time: u64) -> FaceAssertion {
        FaceAssertion {
            suite: Suite::P256,
            purpose: AssertionPurpose::PinReset,
            audience: "guard".into(),
            subject: self.face,
            account: self.account,
            device: self.device,
            reference: [reset; 16],
            liveness: 90,
            time,
        }
    }

    /// What it says for the loss of this phone, on another one.
    pub fn seen_elsewhere(&self, asking: DeviceId, time: u64) -> FaceAssertion {
        FaceAssertion {
            purpose: AssertionPurpose::DeviceChange,
            device: asking,
            reference: self.device.0,
            ..self.seen(0, time)
        }
    }

    pub fn stated(&self, assertion: &FaceAssertion) -> Signed {
        self.face_key.sign(assertion).unwrap()
    }

    pub fn begin_request(&self, reset: u8, assertion: &FaceAssertion) -> ResetBeginRequest {
        ResetBeginRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            reset: [reset; 16],
            assertion: self.stated(assertion),
        }
    }

    pub async fn begin(&self, reset: u8, now: u64) -> Result<ResetBeginAnswer, Refusal> {
        self.ask(&self.begin_request(reset, &self.seen(reset, now)))
            .await
    }

    pub fn release_request(&self, reset: u8) -> ReleaseRequest {
        ReleaseRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            reset: [reset; 16],
            ephemeral: point::public_of(&EPHEMERAL).unwrap(),
        }
    }

    pub async fn release(&self, reset: u8) -> Result<ReleaseAnswer, Refusal> {
        self.ask(&self.release_request(reset)).await
    }

    /// The share that a RELEASE gave.
    pub fn recovered(&self, answer: &ReleaseAnswer) -> [u8; 32] {
        let context = self.share_context(ShareKind::Guard {
            epoch: answer.epoch,
        });
        *open_share(&context, &EPHEMERAL, &answer.share).unwrap()
    }

    /// A whole reset to [`NEW`].
    pub async fn reset(&mut self, reset: u8, now: u64) -> CommitAnswer {
        self.begin(reset, now).await.unwrap();
        self.release(reset).await.unwrap();
        let stage = self.stage(Authority::Reset([reset; 16])).await.unwrap();
        self.finish(&stage, &NEW).await
    }

    /// Types the PIN for an objection.
    pub async fn object(&self, x1: &[u8; 32]) -> Result<(), Refusal> {
        let confirm = self.try_pin(x1, PinKind::Object, 0).await?;
        self.ask(&confirm).await.map(drop)
    }

    pub fn code_request(&self, attempt: [u8; 16], code_hash: [u8; 32]) -> RevocationCodeRequest {
        RevocationCodeRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            attempt,
            code_hash,
        }
    }
}
