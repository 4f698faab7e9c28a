//! What other roles do when the guard has moved: the short message with a reset's stop code, the CA's suspension and revocation of a lost
//! phone's certificates, the face service's half of its recovery share. Each step may be repeated: a crash in between loses none.

use crate::ca;
use crate::face;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::guard::{Owner, Phone};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::GuardState;
use std::sync::Arc;
use std::time::Duration;

/// How often what nobody waits for is done.
const EVERY: Duration = Duration::from_secs(60);

/// Follows until the platform stops.
pub async fn run(platform: Arc<Platform>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = platform.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        due(&platform).await;
    }
}

/// Does what its time has come for.
pub(crate) async fn due(platform: &Platform) {
    if let Err(error) = platform.guard.delete_overdue().await {
        tracing::error!(%error, "deleting what is held of lost phones");
    }
    soon(platform).await;
}

/// Brings every role up to the guard. What fails is logged and done again within a minute: what the guard has decided stands.
pub(crate) async fn soon(platform: &Platform) {
    let result = match settle(platform).await {
        Ok(()) => tell(platform).await,
        failed => failed,
    };
    if let Err(Failure(error)) = result {
        tracing::error!(code = %error.code, "following the guard");
    }
}

/// Lost phones: reported, objected for, deleted. One that fails holds up no other.
async fn settle(platform: &Platform) -> Result<(), Failure> {
    let mut result = Ok(());
    for (owner, phone) in platform.guard.unsettled().await? {
        match follow(platform, owner, &phone).await {
            Ok(()) => platform.guard.settled(owner, phone).await?,
            failed => result = failed,
        }
    }
    result
}

async fn follow(platform: &Platform, owner: Owner, phone: &Phone) -> Result<(), Failure> {
    match (phone.state, phone.lost_until) {
        (GuardState::Revoked, Some(_)) => ca::suspend_phone(platform, owner).await,
        (GuardState::Revoked, None) => {
            let statement = platform.guard.deleted(owner);
            let statement = statement.map_err(|_| ErrorCode::Internal)?;
            face::deleted(platform, &statement).await?;
            ca::revoke_phone(platform, owner).await
        }
        _ => ca::resume_phone(platform, owner).await,
    }
}

/// Sends the stop codes of resets, once each.
async fn tell(platform: &Platform) -> Result<(), Failure> {
    for (reset, code) in platform.guard.untold().await? {
        match platform.number_of(reset.owner.account).await? {
            Some(number) => {
                let (title, code) = (&platform.config.profile.title, code.text());
                platform.sms.deliver(
                    number.masked(),
                    format!(
                        "【{title}】您正在通过人脸识别重置PIN码。如非本人操作，请立即输入停止码 {}，24小时内有效。",
                        code.as_str()
                    ),
                );
            }
            None => tracing::warn!("a PIN is being reset, and its owner has no known number"),
        }
        platform.guard.told(reset.id).await?;
    }
    Ok(())
}
