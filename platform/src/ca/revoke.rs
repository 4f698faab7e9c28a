//! Revoking: list and status first, then the guard deletes its share, and the key is dead on every copy of the phone. Suspending: the same,
//! with a flag in place of the deletion. By who manages the enterprise, or because a phone is lost.

use super::status::good;
use crate::audit;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::ca as rows;
use crate::store::guard::Owner;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId};

/// Revokes a certificate; a second time repeats what a crash may have left out. `NOT_FOUND` for one that was never reserved here.
pub async fn revoke(platform: &Platform, serial: &[u8]) -> Result<(), Failure> {
    let row = rows::by_serial(platform.db.reader(), serial).await?;
    let row = row.ok_or(ErrorCode::NotFound)?;
    let (cert_id, now) = (row.cert_id, platform.now());
    let certificate = row.certificate.clone();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                rows::revoke(tx, &row.serial, now).await?;
                let event = audit::Event {
                    event: "certificate.revoked",
                    account: Some(&row.account.0),
                    enterprise: Some(&row.enterprise.0),
                    object: Some(&row.serial),
                };
                Ok::<_, Failure>(audit::note(tx, now, event).await?)
            })
        })
        .await?;
    platform.guard.revoke_certificate(cert_id).await?;
    match certificate {
        Some(der) => crate::portal::end_sessions_of(platform, &der).await,
        None => Ok(()),
    }
}

/// Revokes the certificates of an enterprise that an account has no right to any more (YQQ-043).
pub async fn recheck(
    platform: &Platform,
    account: AccountId,
    enterprise: EnterpriseId,
) -> Result<(), Failure> {
    for row in rows::of_account(platform.db.reader(), account).await? {
        if row.enterprise != enterprise {
            continue;
        }
        match good(platform, &row).await {
            Err(Failure(error)) if error.code == ErrorCode::GrantRevoked => {
                revoke(platform, &row.serial).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// 可稍后设置 and its end: the guard holds the key's share back, list and status say so. `NOT_FOUND` for a certificate that was never issued here;
/// one that is revoked, or whose phone is lost, stays as it is.
pub async fn suspend(platform: &Platform, serial: &[u8], on: bool) -> Result<(), Failure> {
    let row = rows::by_serial(platform.db.reader(), serial).await?;
    let row = row.ok_or(ErrorCode::NotFound)?;
    let (cert_id, now) = (row.cert_id, platform.now());
    let certificate = row.certificate.clone();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !rows::set_suspended(tx, &row.serial, on.then_some(now)).await? {
                    return Ok(());
                }
                let event = audit::Event {
                    event: if on {
                        "certificate.suspended"
                    } else {
                        "certificate.resumed"
                    },
                    account: Some(&row.account.0),
                    enterprise: Some(&row.enterprise.0),
                    object: Some(&row.serial),
                };
                Ok::<_, Failure>(audit::note(tx, now, event).await?)
            })
        })
        .await?;
    platform.guard.suspend_certificate(cert_id, on).await?;
    match certificate {
        Some(der) if on => crate::portal::end_sessions_of(platform, &der).await,
        _ => Ok(()),
    }
}

/// The certificates of a phone that was reported lost: suspended, and their sessions end.
pub async fn suspend_phone(platform: &Platform, phone: Owner) -> Result<(), Failure> {
    let since = Some(platform.now());
    set_phone(platform, phone, "certificate.suspended", since).await?;
    for row in rows::of_phone(platform.db.reader(), phone.account, phone.device).await? {
        if let Some(der) = row.certificate {
            crate::portal::end_sessions_of(platform, &der).await?;
        }
    }
    Ok(())
}

/// The owner of that phone objected: what its loss suspended, and nothing else, is good again.
pub async fn resume_phone(platform: &Platform, phone: Owner) -> Result<(), Failure> {
    set_phone(platform, phone, "certificate.resumed", None).await
}

/// Nobody objected in time.
pub async fn revoke_phone(platform: &Platform, phone: Owner) -> Result<(), Failure> {
    for row in rows::of_phone(platform.db.reader(), phone.account, phone.device).await? {
        revoke(platform, &row.serial).await?;
    }
    Ok(())
}

async fn set_phone(
    platform: &Platform,
    phone: Owner,
    event: &'static str,
    since: Option<i64>,
) -> Result<(), Failure> {
    let now = platform.now();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                if rows::set_lost(tx, phone.account, phone.device, since).await? == 0 {
                    return Ok(());
                }
                let event = audit::Event {
                    event,
                    account: Some(&phone.account.0),
                    enterprise: None,
                    object: Some(&phone.device.0),
                };
                Ok::<_, Failure>(audit::note(tx, now, event).await?)
            })
        })
        .await
}
