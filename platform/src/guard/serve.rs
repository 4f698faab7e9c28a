//! What every message has in common: whose it is, the hardware key's signature, the repeated request, the signed answer or refusal.

use super::{Guard, MINUTE};
use crate::clock::seconds;
use crate::kms::KmsError;
use crate::role_keys::{KeyError, verifies};
use crate::server::Failure;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Owner, Phone};
use crate::store::{BoxFuture, StoreError};
use kapok_protocol::cbor::CborError;
use kapok_protocol::delivery::DeliveryError;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{GuardState, Refusal, Request, Signed, Suite};
use kapok_protocol::oprf::OprfError;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Why there is no answer: the guard says no, or it failed.
#[derive(Debug)]
pub(super) enum Fault {
    Refused {
        code: ErrorCode,
        tries_left: Option<u8>,
        wait_seconds: Option<u32>,
    },
    Failed(Failure),
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self::Refused {
            code,
            tries_left: None,
            wait_seconds: None,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<OprfError> for Fault {
    fn from(error: OprfError) -> Self {
        match error {
            OprfError::Point | OprfError::Input => ErrorCode::GuardRefused.into(),
            OprfError::Scalar | OprfError::Proof => Self::Failed(ErrorCode::Internal.into()),
        }
    }
}

impl From<KeyError> for Fault {
    fn from(error: KeyError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<KmsError> for Fault {
    fn from(error: KmsError) -> Self {
        KeyError::from(error).into()
    }
}

impl From<DeliveryError> for Fault {
    fn from(_: DeliveryError) -> Self {
        ErrorCode::GuardRefused.into()
    }
}

impl From<CborError> for Fault {
    fn from(_: CborError) -> Self {
        Self::Failed(ErrorCode::Internal.into())
    }
}

/// One request on its way through the guard.
pub(super) struct Call {
    pub guard: Arc<Guard>,
    pub owner: Owner,
    /// SHA-256 of the body: what the answer names.
    pub hash: [u8; 32],
    pub body: Vec<u8>,
    /// The phone's row as it was before.
    pub phone: Option<Phone>,
    /// Microseconds.
    pub now: i64,
}

impl Call {
    /// The guard's time as it travels.
    pub fn seconds(&self) -> u64 {
        seconds(self.now)
    }

    /// Runs an effect in one transaction with its answer, which is kept for [`Serve::KEPT`]: a repeated request gets it again.
    pub async fn once<R: Serve, F>(&self, job: F) -> Result<Signed, Fault>
    where
        F: for<'c, 't> FnOnce(&'c mut Tx<'t>) -> BoxFuture<'c, Result<R::Answer, Fault>>
            + Clone
            + Send
            + 'static,
    {
        let (guard, owner, now) = (Arc::clone(&self.guard), self.owner, self.now);
        let name = repeated::<R>(&self.hash);
        let answer = self
            .guard
            .db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(kept) = rows::answer(&mut *tx, &name, now - MINUTE).await? {
                        return Ok(Signed::from_bytes(&kept)?);
                    }
                    let answer = guard.keys.sign(&job(tx).await?)?;
                    let bytes = answer.to_bytes()?;
                    // The table forgets by age of a minute.
                    let at = now + R::KEPT - MINUTE;
                    rows::keep_answer(tx, owner, &name, bytes, (at, now - MINUTE)).await?;
                    Ok(answer)
                })
            })
            .await;
        self.guard.witnessed().await?;
        answer
    }
}

/// A message that the guard answers.
pub(super) trait Serve: Request + Send + Sync + 'static {
    /// The key that signed the request of a phone without a row; nothing where it needs none.
    fn key_of_stranger(&self, _: &Guard, _: u64) -> Result<Option<[u8; 33]>, ErrorCode> {
        Err(ErrorCode::PinUnset)
    }

    /// How long an answer is kept for a repeated request, microseconds; at least a minute.
    const KEPT: i64 = MINUTE;

    /// Whether its answers are kept, by [`Call::once`].
    const ONCE: bool = true;

    /// Whether a phone that was reported lost gets an answer.
    const TO_REVOKED: bool = false;

    /// Whether it gets one while its owner may object.
    const TO_OBJECTOR: bool = false;

    /// The signed answer.
    fn serve(self, call: Call) -> impl Future<Output = Result<Signed, Fault>> + Send;
}

/// Checks who speaks, then answers; a refusal is signed like an answer.
pub(super) async fn answer<R: Serve>(
    guard: &Arc<Guard>,
    signed: Signed,
) -> Result<Signed, Failure> {
    let request: R = signed
        .peek()
        .map_err(|_| Failure::field("body", "invalid"))?;
    let now = guard.clock.micros();
    let hash = signed.hash();
    match checked(guard, &signed, request, now).await {
        Ok(answer) => Ok(answer),
        Err(Fault::Failed(failure)) => Err(failure),
        Err(Fault::Refused {
            code,
            tries_left,
            wait_seconds,
        }) => {
            let refusal = Refusal {
                suite: Suite::P256,
                request: hash,
                code,
                tries_left,
                wait_seconds,
                time: seconds(now),
            };
            let signed = guard.keys.sign(&refusal);
            signed.map_err(|_| ErrorCode::Internal.into())
        }
    }
}

async fn checked<R: Serve>(
    guard: &Arc<Guard>,
    signed: &Signed,
    request: R,
    now: i64,
) -> Result<Signed, Fault> {
    let owner = Owner {
        account: request.account(),
        device: request.device(),
    };
    let phone = rows::phone(guard.db.reader(), owner).await?;
    let key = match &phone {
        Some(phone) => Some(phone.device_key),
        None => request.key_of_stranger(guard, seconds(now))?,
    };
    let input = signed.signing_input::<R>();
    if key.is_some_and(|key| !verifies(&key, &input, &signed.signature)) {
        return Err(ErrorCode::GuardRefused.into());
    }
    let refused = phone.as_ref().is_some_and(|phone| {
        phone.state == GuardState::Revoked
            && !R::TO_REVOKED
            && !(R::TO_OBJECTOR && phone.may_object(now))
    });
    if refused {
        return Err(ErrorCode::DeviceRevoked.into());
    }
    let hash = signed.hash();
    if R::ONCE {
        let name = repeated::<R>(&hash);
        if let Some(kept) = rows::answer(guard.db.reader(), &name, now - MINUTE).await? {
            return Ok(Signed::from_bytes(&kept)?);
        }
    }
    let call = Call {
        guard: Arc::clone(guard),
        owner,
        hash,
        body: signed.body.0.clone(),
        phone,
        now,
    };
    request.serve(call).await
}

/// Names a request among the kept answers: two messages may have the same body.
fn repeated<R: Request>(hash: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(R::NAME)
        .chain_update(hash)
        .finalize()
        .into()
}
