//! The guard's calls over HTTP.

use super::serve::Fault;
use super::{Guard, follow};
use crate::clock::seconds;
use crate::face;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::guard::Owner;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use kapok_protocol::api::guard::{LossReported, PhoneView, ReportLoss, SignedBody, StopReset};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::guard::{
    Code, CommitRequest, ConfirmRequest, Request, ResetBeginRequest, Signed, SignedError,
};
use kapok_protocol::ids::DeviceId;
use std::sync::Arc;

/// The phone's calls.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/guard/{name}", post(call))
        .route("/v1/phones", get(phones))
        .route("/v1/phones/lost", post(lost_by_code))
        .route("/v1/phones/{device}/lost", post(lost_by_face))
        .route("/v1/resets/stop", post(stop_reset))
}

async fn call(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    input: Input<SignedBody>,
) -> Answer<SignedBody> {
    let signed = signed(input.value)?;
    let answer = platform.guard.answer(&name, signed.clone()).await?;
    match name.as_str() {
        CommitRequest::PATH => face::committed(&platform, &signed, &answer).await?,
        // An objection ends the suspension of the certificates; whose PIN is reset gets a message.
        ConfirmRequest::PATH | ResetBeginRequest::PATH => follow::soon(&platform).await,
        _ => {}
    }
    Ok(Json(answer.into()))
}

fn signed(body: SignedBody) -> Result<Signed, Failure> {
    Signed::try_from(body).map_err(|_: SignedError| Failure::field("signature", "invalid"))
}

/// `GET /v1/phones`.
async fn phones(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<Vec<PhoneView>> {
    let this = DeviceId::of_key(&principal.device.public_key);
    let phones = platform.guard.phones_of(principal.account).await?;
    let views = phones.into_iter().map(|(device_id, phone)| PhoneView {
        device_id,
        this_phone: device_id == this,
        state: phone.state,
        objection_until: phone.lost_until.map(seconds),
    });
    Ok(Json(views.collect()))
}

/// `POST /v1/phones/{device}/lost`: by a face check younger than five minutes, from another phone of the account.
async fn lost_by_face(
    State(platform): State<Arc<Platform>>,
    Path(device): Path<String>,
    principal: Principal,
    input: Input<SignedBody>,
) -> Answer<LossReported> {
    let device: DeviceId = device.parse().map_err(|_| ErrorCode::NotFound)?;
    let asking = DeviceId::of_key(&principal.device.public_key);
    let account = principal.account;
    let (lost, statement) = (Owner { account, device }, signed(input.value)?);
    let until = platform.guard.lost_by_face(lost, asking, &statement).await;
    reported(&platform, until.map(|until| (device, until))).await
}

/// `POST /v1/phones/lost`: by the revocation code; nobody is logged in.
async fn lost_by_code(
    State(platform): State<Arc<Platform>>,
    input: Input<ReportLoss>,
) -> Answer<LossReported> {
    let code = code(&input.value.code)?;
    let person = platform.person("owner", &input.value.owner)?;
    let found = platform.guard.lost_by_code(person.mac, &code).await;
    reported(&platform, found).await
}

async fn reported(
    platform: &Platform,
    reported: Result<(DeviceId, i64), Fault>,
) -> Answer<LossReported> {
    let (device_id, until) = reported.map_err(failure)?;
    follow::soon(platform).await;
    Ok(Json(LossReported {
        device_id,
        objection_until: seconds(until),
    }))
}

/// `POST /v1/resets/stop`: by the code of the short message; nobody is logged in.
async fn stop_reset(
    State(platform): State<Arc<Platform>>,
    input: Input<StopReset>,
) -> Result<StatusCode, Failure> {
    let code = code(&input.value.code)?;
    if !platform.guard.stop_reset(&code).await? {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(StatusCode::NO_CONTENT)
}

fn code(text: &str) -> Result<Code, Failure> {
    Code::parse(text).map_err(|_| Failure::field("code", "format"))
}

fn failure(fault: Fault) -> Failure {
    match fault {
        Fault::Failed(failure) => failure,
        Fault::Refused { code, .. } => ApiError::new(code).into(),
    }
}

/// The key that a verifier checks receipts with.
pub fn receipt_key(platform: &Platform) -> [u8; 33] {
    *Guard::sign_public(&platform.guard)
}
