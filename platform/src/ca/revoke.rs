//! Revoking: list and status first, then the guard deletes its share, and the key is dead on every copy of the phone.

use super::status::good;
use crate::audit;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::ca as rows;
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
