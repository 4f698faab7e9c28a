//! The day after a reset by face: whoever could pass for the owner once has to do so again before anything lasting is done.

use crate::clock::DAY;
use crate::platform::Platform;
use crate::server::{Acr, Failure, Principal};
use crate::store::guard::{self as rows, Owner};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DeviceId;

/// Refuses seals and acts of an admin on a phone whose PIN was reset in the last 24 hours, until its owner has logged in by face after that:
/// `FACE_AGAIN`.
pub async fn second_face(platform: &Platform, principal: &Principal) -> Result<(), Failure> {
    let owner = Owner {
        account: principal.account,
        device: DeviceId::of_key(&principal.device.public_key),
    };
    let phone = rows::phone(platform.guard.db.reader(), owner).await?;
    let reset = phone
        .and_then(|phone| phone.reset_at)
        .filter(|at| at + DAY > platform.now());
    let seen_again = |at| principal.acr == Acr::Face && principal.auth_time > at;
    if reset.is_none_or(seen_again) {
        return Ok(());
    }
    Err(ErrorCode::FaceAgain.into())
}
