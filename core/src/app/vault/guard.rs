//! Talks to guard and face service: every request signed by the chip, every answer verified under the pinned keys.

use super::blocking;
use crate::app::Core;
use crate::app::net::Call;
use crate::error::AppError;
use crate::vault::keys::VaultError;
use kapok_protocol::api::guard::{AskAssertion, AssertionPurpose, SignedBody};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{Message, Refusal, Request, Signed, Unsigned, open_reply};
use kapok_protocol::ids::{Bytes, HandoffId};

/// The keys of first use.
#[derive(Clone)]
pub(crate) struct Pinned {
    pub(crate) guard_sign: [u8; 33],
    pub(crate) guard_delivery: [u8; 33],
    pub(crate) face_sign: [u8; 33],
    pub(crate) face_delivery: [u8; 33],
    pub(crate) ca_root: Vec<u8>,
}

/// A signed request and its verified answer.
pub(crate) struct Reply<R: Request> {
    pub(crate) request: Signed,
    pub(crate) signed: Signed,
    pub(crate) answer: R::Answer,
}

impl Core {
    pub(crate) async fn pinned(&self) -> Result<Pinned, AppError> {
        let keys = self.known_profile().await?.keys;
        let point = |bytes: &Bytes| bytes.array().ok_or(ErrorCode::GuardTampered);
        Ok(Pinned {
            guard_sign: point(&keys.guard_sign)?,
            guard_delivery: point(&keys.guard_delivery)?,
            face_sign: point(&keys.face_sign)?,
            face_delivery: point(&keys.face_delivery)?,
            ca_root: keys.ca_root.0,
        })
    }

    /// `K_dev` over an input of the protocol.
    pub(crate) async fn device_signature(&self, input: Vec<u8>) -> Result<[u8; 64], AppError> {
        let hardware = self.ports.hardware.clone();
        blocking(move || Ok(hardware.sign(&input)?)).await
    }

    /// A message signed by `K_dev`.
    pub(crate) async fn sign_message<M: Message>(&self, message: &M) -> Result<Signed, AppError> {
        let unsigned = Unsigned::new(message).map_err(VaultError::from)?;
        let signature = self.device_signature(unsigned.signing_input()).await?;
        Ok(unsigned.attach(signature))
    }

    /// Signs a request, sends it, verifies the answer. Ends in the guard's signed refusal, `GUARD_TAMPERED` or `OFFLINE`.
    pub(crate) async fn guard<R>(&self, keys: &Pinned, request: R) -> Result<Reply<R>, AppError>
    where
        R: Request + 'static,
        R::Answer: Send + 'static,
    {
        let signed = self.sign_message(&request).await?;
        self.guard_signed(keys, signed).await
    }

    /// Sends a signed request, also a second time: byte for byte the same one counts once.
    pub(crate) async fn guard_signed<R>(
        &self,
        keys: &Pinned,
        request: Signed,
    ) -> Result<Reply<R>, AppError>
    where
        R: Request + 'static,
        R::Answer: Send + 'static,
    {
        let path = format!("/v1/guard/{}", R::PATH);
        let call = Call::post(path, &SignedBody::from(request.clone()))?.repeatable();
        let body: SignedBody = self.ask(call).await.map_err(unsigned_refusal)?;
        let (key, hash) = (keys.guard_sign, request.hash());
        let reply = blocking(move || {
            let signed = Signed::try_from(body).map_err(VaultError::from)?;
            let opened = open_reply::<R>(&signed, &key, &hash).map_err(VaultError::from)?;
            let answer = opened.map_err(refused)?;
            Ok(Reply {
                request,
                signed,
                answer,
            })
        });
        let reply = reply.await;
        if matches!(&reply, Err(error) if error.code == ErrorCode::DeviceRevoked) {
            self.ask_state_first();
        }
        reply
    }

    /// A statement of the face service about the login's face check, opened under its key. The caller compares what it says; how
    /// old it may be is for whoever takes it.
    pub(crate) async fn face_statement<M: Message + Send + 'static>(
        &self,
        keys: &Pinned,
        handoff_id: HandoffId,
        purpose: AssertionPurpose,
        reference: [u8; 16],
    ) -> Result<(Signed, M), AppError> {
        let ask = AskAssertion {
            handoff_id,
            purpose,
            reference: Bytes::from(reference),
        };
        let call = Call::post("/v1/face/assertions", &ask)?.repeatable();
        let body: SignedBody = self.ask(call).await?;
        let key = keys.face_sign;
        blocking(move || {
            let signed = Signed::try_from(body).map_err(VaultError::from)?;
            let opened = signed.open(&key).map_err(VaultError::from)?;
            Ok((signed, opened))
        })
        .await
    }
}

fn refused(refusal: Refusal) -> AppError {
    AppError {
        tries_left: refusal.tries_left.map(u32::from),
        wait_seconds: refusal.wait_seconds,
        ..AppError::new(refusal.code)
    }
}

/// What only the guard may say counts only under its signature: nobody else can count tries down or call a phone revoked.
fn unsigned_refusal(error: AppError) -> AppError {
    match error.code {
        ErrorCode::PinWrong
        | ErrorCode::PinWait
        | ErrorCode::PinBlocked
        | ErrorCode::DeviceRevoked
        | ErrorCode::LeaseOver
        | ErrorCode::CertRevoked => ErrorCode::GuardTampered.into(),
        _ => error,
    }
}
