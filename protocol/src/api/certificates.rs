//! Certificates: what may be installed, issuing, status (YQQ-003 to YQQ-016).
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/certificates` | → `Vec<`[`CertificateView`]`>` of the account: to be installed, installed, ended |
//! | `POST /v1/certificates` | [`OrderCertificate`] → [`CertificateIssued`] |
//! | `GET /v1/certificates/by-csr/{sha256 hex}` | → [`CertificateIssued`]: after a lost answer |
//! | `GET /v1/certificates/{serial}/status` | → [`CertificateStatus`] |
//! | `POST /v1/certificates/{serial}/revoke`, `/suspend`, `/resume` | → 204, for who manages the enterprise |
//! | `GET /crl/{name}.crl`, `GET /ca/{name}.cer` (public, plain http) | DER |

use super::guard::SignedBody;
use crate::ids::{Bytes, CertId, EnterpriseId, OrderId};
use serde::{Deserialize, Serialize};

/// Whose name stands in the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CertificateKind {
    /// 机构证书: the admin's own, of organisation scope.
    Organisation,
    /// 员工证书.
    Employee,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Where a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CertificateState {
    /// May be installed on this phone: 安装证书.
    Installable,
    /// Installed on this phone.
    Active,
    /// Installed on another phone of this person (YQQ-016).
    Elsewhere,
    /// Suspended for now.
    Suspended,
    /// Revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One line of 数字证书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// End of validity, seconds since the epoch; nothing before it is issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<u64>,
    /// The person is the certificate's admin.
    pub admin: bool,
}

/// Orders a certificate with all the evidence that the CA checks itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderCertificate {
    /// Made by the phone.
    pub order_id: OrderId,
    /// The enterprise.
    pub enterprise_id: EnterpriseId,
    /// Kind.
    pub kind: CertificateKind,
    /// Names the key on phone and guard.
    pub cert_id: CertId,
    /// PKCS#10, DER; its key pair was made on the phone.
    pub csr: Bytes,
    /// The face service's statement that person and device belong together; reference = order id.
    pub face: SignedBody,
    /// The hardware key over ("pinv1/issue", order id, SHA-256(CSR)): r ‖ s, 64 bytes.
    pub device_signature: Bytes,
    /// The hardware key, SEC1 compressed, 33 bytes.
    pub device_key: Bytes,
    /// The guard's PIN proof with the intent `install` of this CSR.
    pub pin_proof: SignedBody,
    /// Salt of that intent, 32 bytes: lets the CA see that the PIN was for this CSR.
    pub intent_salt: Bytes,
}

/// The certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateIssued {
    /// The order.
    pub order_id: OrderId,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// DER certificates, leaf first, then issuing CA; without the root.
    pub chain: Vec<Bytes>,
}

/// Live status, asked before each batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateStatus {
    /// Where it is.
    pub state: CertificateState,
    /// Server time, seconds since the epoch.
    pub at: u64,
}
