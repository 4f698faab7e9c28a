//! Certificates of an enterprise, by who manages it: revoked, suspended for a while, good again (YQQ-040, YQQ-043).

use super::revoke::{revoke as revoke_one, suspend as suspend_one};
use crate::guard;
use crate::platform::Platform;
use crate::registry::access;
use crate::server::{Failure, Principal};
use crate::store::ca as rows;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;

/// `POST /v1/certificates/{serial}/revoke`: for good.
pub(super) async fn revoke(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(serial): Path<String>,
) -> Result<StatusCode, Failure> {
    let serial = managed(&platform, &principal, &serial).await?;
    revoke_one(&platform, &serial).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/certificates/{serial}/suspend`.
pub(super) async fn suspend(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(serial): Path<String>,
) -> Result<StatusCode, Failure> {
    let serial = managed(&platform, &principal, &serial).await?;
    suspend_one(&platform, &serial, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/certificates/{serial}/resume`.
pub(super) async fn resume(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(serial): Path<String>,
) -> Result<StatusCode, Failure> {
    let serial = managed(&platform, &principal, &serial).await?;
    suspend_one(&platform, &serial, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A certificate of an enterprise that the account manages; `NOT_FOUND` where it has no place in that enterprise.
async fn managed(
    platform: &Platform,
    principal: &Principal,
    serial: &str,
) -> Result<Vec<u8>, Failure> {
    guard::second_face(platform, principal).await?;
    let serial = hex::decode(serial).map_err(|_| Failure::field("serial", "format"))?;
    let row = rows::by_serial(platform.db.reader(), &serial).await?;
    let row = row.ok_or(ErrorCode::NotFound)?;
    let (account, now) = (principal.account, platform.now());
    access::manager(platform.db.reader(), account, row.enterprise, now).await?;
    Ok(serial)
}
