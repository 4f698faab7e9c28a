//! 数字证书: what may be installed, installing, what is installed.

use crate::error::KapokError;
use crate::runtime::run;
use crate::vault::PinPad;
use kapok_core::App;
use kapok_core::types::{CertificateKind, CertificateState, CertificateView, EnterpriseId};
use std::sync::Arc;

/// Whose name stands in the certificate.
#[uniffi::remote(Enum)]
pub enum CertificateKind {
    /// 机构证书.
    Organisation,
    /// 员工证书.
    Employee,
    /// A kind that this version does not know.
    Unknown,
}

/// Where a certificate is.
#[uniffi::remote(Enum)]
pub enum CertificateState {
    /// May be installed on this phone: 安装证书.
    Installable,
    /// Installed on this phone.
    Active,
    /// Installed on another phone of this person.
    Elsewhere,
    /// Suspended for now.
    Suspended,
    /// Revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// A state that this version does not know.
    Unknown,
}

/// One line of 数字证书.
#[uniffi::remote(Record)]
pub struct CertificateView {
    /// The enterprise.
    pub enterprise_id: EnterpriseId,
    /// Its registered name.
    pub enterprise: String,
    /// Kind.
    pub kind: CertificateKind,
    /// Where it is.
    pub state: CertificateState,
    /// Serial number, hexadecimal; nothing before it is issued.
    pub serial: Option<String>,
    /// End of validity, seconds since the epoch; nothing before it is issued.
    pub not_after: Option<u64>,
    /// The person is the certificate's admin.
    pub admin: bool,
}

/// 数字证书.
#[derive(uniffi::Object)]
pub struct Certificates(kapok_core::certificates::Certificates);

impl Certificates {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.certificates()))
    }
}

#[uniffi::export]
impl Certificates {
    /// The account's certificates: the platform's list together with what is on this phone; what is known when offline. Ends in
    /// `LOGIN_REQUIRED`.
    pub async fn list(&self) -> Result<Vec<CertificateView>, KapokError> {
        run(self.0.clone(), |all| async move { all.list().await }).await
    }

    /// 安装证书; the pad is emptied. Comes out: the installed certificate. Ends in `PIN_UNSET` first; `PIN_FORMAT`, `PIN_WRONG` with
    /// the tries left, `PIN_WAIT`, `PIN_BLOCKED`; `CERT_EXISTS` for one that is on another phone, `GRANT_SUSPENDED`, `NOT_ALLOWED`,
    /// `CERT_EVIDENCE`. After `OFFLINE` or a kill the same call goes on with the same key.
    pub async fn install(
        &self,
        enterprise_id: EnterpriseId,
        kind: CertificateKind,
        pin: Arc<PinPad>,
    ) -> Result<CertificateView, KapokError> {
        let pin = pin.take()?;
        run(self.0.clone(), |all| async move {
            all.install(enterprise_id, kind, pin).await
        })
        .await
    }
}
