//! What the portal asks of the authorities before it shows or takes anything.

use crate::Platform;
use crate::server::Failure;
use crate::store::BoxFuture;
use kapok_formats::x509::Certificate;
use kapok_protocol::ids::CertId;

/// Live status of certificates and seals, and the guard's receipt key.
pub trait Authority: Send + Sync {
    /// The certificate's id at the guard, while certificate, grant and device are good.
    ///
    /// # Errors
    /// `CERT_REVOKED`, `GRANT_REVOKED`, `GRANT_SUSPENDED`, `DEVICE_REVOKED`; `CERT_NONE` for one that was never issued here.
    fn certificate<'a>(
        &'a self,
        platform: &'a Platform,
        certificate: &'a Certificate,
    ) -> BoxFuture<'a, Result<CertId, Failure>>;

    /// Whether the seal may be used now.
    ///
    /// # Errors
    /// `SEAL_REVOKED`; `SEAL_NONE` for one that was never issued here.
    fn seal<'a>(
        &'a self,
        platform: &'a Platform,
        es_id: &'a str,
    ) -> BoxFuture<'a, Result<(), Failure>>;

    /// The key that signs the guard's receipts, SEC1 compressed.
    fn receipt_key<'a>(
        &'a self,
        platform: &'a Platform,
    ) -> BoxFuture<'a, Result<[u8; 33], Failure>>;
}
