//! `S_f`: staged by the phone, made current by the guard's receipt.

use crate::clock::seconds;
use crate::platform::Platform;
use crate::role_keys::verifies;
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::StoreError;
use crate::store::face::{self as rows, Share};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::guard::SignedBody;
use kapok_protocol::delivery::{ShareContext, ShareKind};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{StageShareRequest, StagingTicket};
use kapok_protocol::guard::{CommitAnswer, CommitRequest, Signed, SignedError, Suite};
use kapok_protocol::ids::{AccountId, DeviceId};
use std::sync::Arc;

/// `POST /v1/face/shares`: keeps `S_f` of a staging. The same staging again gets the same ticket and keeps the first share.
///
/// `DEVICE_PROOF` when the request is not of this account, this phone and its key; `INPUT_INVALID` when the share does not open.
pub(super) async fn stage(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<SignedBody>,
) -> Answer<SignedBody> {
    let signed = Signed::try_from(input.value)
        .map_err(|_: SignedError| Failure::field("signature", "invalid"))?;
    let request: StageShareRequest = signed
        .peek()
        .map_err(|_| Failure::field("body", "invalid"))?;
    let key = principal.device.public_key;
    let own = request.account == principal.account && request.device == DeviceId::of_key(&key);
    let body = signed.signing_input::<StageShareRequest>();
    if !own || !verifies(&key, &body, &signed.signature) {
        return Err(ErrorCode::DeviceProof.into());
    }
    let share = receive(&platform, &request)?;
    let at = platform
        .face_db
        .write(move |tx| {
            Box::pin(async move { rows::stage(tx, share).await.map_err(Failure::from) })
        })
        .await?;
    let ticket = StagingTicket {
        suite: Suite::P256,
        request: signed.hash(),
        account: request.account,
        device: request.device,
        epoch: request.epoch,
        stage: request.stage,
        time: seconds(at),
    };
    Ok(Json(platform.face_keys.sign(&ticket)?.into()))
}

fn receive(platform: &Platform, request: &StageShareRequest) -> Result<Share, Failure> {
    let context = ShareContext {
        account: request.account,
        device: request.device,
        kind: ShareKind::Face {
            epoch: request.epoch,
        },
    };
    let share = platform
        .face_keys
        .receive(&context, &request.share)?
        .ok_or_else(|| Failure::field("share", "sealed"))?;
    let row = (request.account, request.device, request.stage);
    let sealed = platform
        .face_keys
        .seal("shares.share", &sealed_row(&row), share.as_slice())?;
    Ok(Share {
        account: request.account,
        device: request.device,
        stage: request.stage,
        epoch: request.epoch,
        sealed,
        at: platform.now(),
    })
}

/// Where a share lies: a value moved elsewhere does not open.
pub(super) fn sealed_row((account, device, stage): &(AccountId, DeviceId, [u8; 16])) -> [&[u8]; 3] {
    [&account.0, &device.0, stage]
}

/// Drops the shares before a commit. What is dropped is decided by the guard's signed receipt alone; anything else changes nothing.
pub async fn committed(
    platform: &Platform,
    request: &Signed,
    receipt: &Signed,
) -> Result<(), StoreError> {
    let Ok(receipt) = receipt.open::<CommitAnswer>(platform.guard.sign_public()) else {
        return Ok(());
    };
    let Ok(commit) = request.peek::<CommitRequest>() else {
        return Ok(());
    };
    if receipt.request != request.hash() {
        return Ok(());
    }
    let (account, device, stage) = (receipt.account, receipt.device, commit.stage);
    platform
        .face_db
        .write(move |tx| Box::pin(async move { rows::commit(tx, account, device, stage).await }))
        .await
}
