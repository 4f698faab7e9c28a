//! What other roles may do: suspend and revoke. Nothing here releases anything.

use super::{Guard, line};
use crate::store::StoreError;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Cert, CertState, Owner};
use kapok_protocol::ids::CertId;

impl Guard {
    /// Deletes the share of a certificate key: the key is dead on every copy of the phone. Unknown ids change nothing.
    pub async fn revoke_certificate(&self, id: CertId) -> Result<(), StoreError> {
        self.set_certificate(id, CertState::Revoked, "revoke_cert")
            .await
    }

    /// 可稍后设置 and its end; a revoked certificate stays revoked.
    pub async fn suspend_certificate(&self, id: CertId, on: bool) -> Result<(), StoreError> {
        let (state, event) = match on {
            true => (CertState::Suspended, "suspend_cert"),
            false => (CertState::Good, "resume_cert"),
        };
        self.set_certificate(id, state, event).await
    }

    async fn set_certificate(
        &self,
        id: CertId,
        state: CertState,
        event: &'static str,
    ) -> Result<(), StoreError> {
        let now = self.clock.micros();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let cert: Option<Cert> = rows::cert(&mut *tx, id).await?;
                    let Some(cert) = cert.filter(|cert| cert.state != CertState::Revoked) else {
                        return Ok::<_, StoreError>(());
                    };
                    rows::set_cert_state(tx, id, state).await?;
                    forget(tx, cert.owner, event, now).await
                })
            })
            .await?;
        self.witnessed().await
    }
}

/// Kept answers may hold what was just revoked.
async fn forget(
    tx: &mut Tx<'_>,
    owner: Owner,
    event: &'static str,
    at: i64,
) -> Result<(), StoreError> {
    rows::forget_answers(tx, owner).await?;
    rows::log(tx, line(event, owner, at, &[0; 32])).await?;
    Ok(())
}
