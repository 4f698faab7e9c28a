//! 数字证书: what may be installed, installing, what is installed (YQQ-005 to YQQ-016).
//!
//! Triggered by: 数字证书, 【安装证书】 on a certificate's page.
//!
//! Outcome: a certificate whose private key was made on this phone, is wrapped under the PIN and the guard's share, and never leaves;
//! its chain verified up to the pinned root.
//!
//! Exits: `PIN_UNSET` first (YQQ-007); the exits of a PIN; `CERT_EXISTS` for one that is on another phone (YQQ-016),
//! `GRANT_SUSPENDED`, `NOT_ALLOWED`, `CERT_EVIDENCE`; after `OFFLINE` or a kill the same call goes on with the same key.

pub mod check;
pub mod state;
#[cfg(test)]
mod tests;
pub mod transitions;

use crate::app::{App, Core};
use crate::error::AppError;
use crate::secret::Pin;
use kapok_protocol::api::certificates::{CertificateKind, CertificateState, CertificateView};
use kapok_protocol::ids::EnterpriseId;
use state::Row;
use std::sync::Arc;

/// Handle of the capability.
#[derive(Clone)]
pub struct Certificates {
    core: Arc<Core>,
}

impl App {
    /// 数字证书.
    pub fn certificates(&self) -> Certificates {
        Certificates {
            core: self.core.clone(),
        }
    }
}

impl Certificates {
    /// The account's certificates: the platform's list together with what is on this phone; what is known when offline. Ends in
    /// `LOGIN_REQUIRED`.
    pub async fn list(&self) -> Result<Vec<CertificateView>, AppError> {
        self.core.certificate_list().await
    }

    /// The installed certificate with its issuers, DER, leaf first, without the root; empty where none is installed. Offline.
    pub async fn chain(
        &self,
        enterprise_id: EnterpriseId,
        kind: CertificateKind,
    ) -> Result<Vec<Vec<u8>>, AppError> {
        let installed = self.core.installed().await?;
        let found = installed
            .into_iter()
            .find(|c| c.enterprise_id == enterprise_id && c.kind == kind);
        Ok(found.map(|c| c.chain).unwrap_or_default())
    }

    /// 安装证书 (YQQ-006 to YQQ-010). Comes out: the installed certificate; one that is there already costs no PIN. Ends as the
    /// module says.
    pub async fn install(
        &self,
        enterprise_id: EnterpriseId,
        kind: CertificateKind,
        pin: Pin,
    ) -> Result<CertificateView, AppError> {
        self.core
            .install_certificate(enterprise_id, kind, pin)
            .await
    }
}

/// The row of an enterprise and kind that counts: an issued one before a pending one, the one that ends last.
pub(crate) fn row_of(
    rows: &[Row],
    enterprise_id: EnterpriseId,
    kind: CertificateKind,
) -> Option<&Row> {
    rows.iter()
        .filter(|row| row.enterprise_id == enterprise_id && row.kind == kind)
        .max_by_key(|row| row.issued.as_ref().map(|issued| issued.not_after))
}

/// The platform's list as this phone shows it. `now` is seconds since the epoch.
pub(crate) fn merge(
    mut views: Vec<CertificateView>,
    rows: &[Row],
    now: u64,
) -> Vec<CertificateView> {
    for view in &mut views {
        let row = row_of(rows, view.enterprise_id, view.kind);
        let issued = row.and_then(|row| row.issued.as_ref());
        let here = issued.filter(|issued| view.serial.as_ref() == Some(&issued.serial));
        match (view.state, here) {
            (CertificateState::Active, Some(issued)) if issued.not_after < now => {
                view.state = CertificateState::Expired;
            }
            // An order whose answer was lost: the same key goes on.
            (CertificateState::Active, None) if row.is_some_and(|row| row.issued.is_none()) => {
                view.state = CertificateState::Installable;
            }
            // Installed on this phone once, and its key is no longer here: it must be revoked like one on another phone.
            (CertificateState::Active, None) => view.state = CertificateState::Elsewhere,
            _ => {}
        }
    }
    views
}

/// What a row shows without the platform.
pub(crate) fn local_view(row: &Row, now: u64) -> CertificateView {
    let issued = row.issued.as_ref();
    CertificateView {
        enterprise_id: row.enterprise_id,
        enterprise: row.enterprise.clone(),
        kind: row.kind,
        state: match issued {
            None => CertificateState::Installable,
            Some(issued) if issued.not_after < now => CertificateState::Expired,
            Some(_) => CertificateState::Active,
        },
        serial: issued.map(|issued| issued.serial.clone()),
        not_after: issued.map(|issued| issued.not_after),
        admin: row.kind == CertificateKind::Organisation,
    }
}
