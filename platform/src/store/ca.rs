//! Rows of the certificate authority.

use super::text::{array, of_word, word};
use super::{StoreError, Tx};
use crate::server::Failure;
use kapok_protocol::api::certificates::CertificateKind;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, CertId, DeviceId, EnterpriseId, OrderId};
use sqlx::{Executor, Sqlite};

/// A certificate, signed or reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    /// Serial number.
    pub serial: Vec<u8>,
    /// The order.
    pub order_id: OrderId,
    /// Holder.
    pub account: AccountId,
    /// Enterprise.
    pub enterprise: EnterpriseId,
    /// Kind.
    pub kind: CertificateKind,
    /// The key's number at the guard.
    pub cert_id: CertId,
    /// The phone.
    pub device: DeviceId,
    /// SHA-256 of the CSR.
    pub csr_hash: [u8; 32],
    /// What is signed.
    pub tbs: Vec<u8>,
    /// The certificate; nothing while it is only reserved.
    pub certificate: Option<Vec<u8>>,
    /// `reserved`, `active`, `suspended`, `revoked`.
    pub state: String,
    /// End, seconds since the epoch.
    pub not_after: u64,
}

#[derive(sqlx::FromRow)]
struct Raw {
    serial: Vec<u8>,
    order_id: Vec<u8>,
    account: Vec<u8>,
    enterprise: Vec<u8>,
    kind: String,
    cert_id: Vec<u8>,
    device: Vec<u8>,
    csr_hash: Vec<u8>,
    tbs: Vec<u8>,
    certificate: Option<Vec<u8>>,
    state: String,
    not_after: i64,
}

impl Raw {
    fn read(self) -> Result<CertificateRow, StoreError> {
        Ok(CertificateRow {
            serial: self.serial,
            order_id: OrderId(array("certificates.order_id", &self.order_id)?),
            account: AccountId(array("certificates.account", &self.account)?),
            enterprise: EnterpriseId(array("certificates.enterprise", &self.enterprise)?),
            kind: of_word("certificates.kind", &self.kind)?,
            cert_id: CertId(array("certificates.cert_id", &self.cert_id)?),
            device: DeviceId(array("certificates.device", &self.device)?),
            csr_hash: array("certificates.csr_hash", &self.csr_hash)?,
            tbs: self.tbs,
            certificate: self.certificate,
            state: self.state,
            not_after: u64::try_from(self.not_after).unwrap_or(0),
        })
    }
}

/// The certificate of a request, by the CSR's SHA-256.
pub async fn by_csr<'e, E>(
    executor: E,
    csr_hash: &[u8; 32],
) -> Result<Option<CertificateRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<Raw> = sqlx::query_as("SELECT * FROM certificates WHERE csr_hash = $1")
        .bind(csr_hash.to_vec())
        .fetch_optional(executor)
        .await?;
    row.map(Raw::read).transpose()
}

/// A certificate by its serial number.
pub async fn by_serial<'e, E>(
    executor: E,
    serial: &[u8],
) -> Result<Option<CertificateRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<Raw> = sqlx::query_as("SELECT * FROM certificates WHERE serial = $1")
        .bind(serial.to_vec())
        .fetch_optional(executor)
        .await?;
    row.map(Raw::read).transpose()
}

/// Signed certificates of an account that are not revoked, newest first.
pub async fn of_account<'e, E>(
    executor: E,
    account: AccountId,
) -> Result<Vec<CertificateRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let rows: Vec<Raw> = sqlx::query_as(
        "SELECT * FROM certificates WHERE account = $1 AND certificate IS NOT NULL AND state != 'revoked'
         ORDER BY created_at DESC, serial",
    )
    .bind(account.0.to_vec())
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(Raw::read).collect()
}

/// Reserves a serial number with the bytes to be signed, and takes the PIN proof: once, or `CERT_EVIDENCE`.
pub async fn reserve(
    tx: &mut Tx,
    row: CertificateRow,
    proof_id: [u8; 16],
    now: i64,
) -> Result<(), Failure> {
    let taken = sqlx::query("INSERT INTO taken_pin_proofs VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(proof_id.to_vec())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    if taken.rows_affected() == 0 {
        return Err(ErrorCode::CertEvidence.into());
    }
    let tbs_hash = <sha2::Sha256 as sha2::Digest>::digest(&row.tbs);
    sqlx::query(
        "INSERT INTO certificates (serial, order_id, account, enterprise, kind, cert_id, device, csr_hash, tbs_hash, tbs,
           state, not_after, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'reserved', $11, $12)",
    )
    .bind(row.serial)
    .bind(row.order_id.0.to_vec())
    .bind(row.account.0.to_vec())
    .bind(row.enterprise.0.to_vec())
    .bind(word(&row.kind)?)
    .bind(row.cert_id.0.to_vec())
    .bind(row.device.0.to_vec())
    .bind(row.csr_hash.to_vec())
    .bind(tbs_hash.to_vec())
    .bind(row.tbs)
    .bind(i64::try_from(row.not_after).unwrap_or(i64::MAX))
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Stores the signed certificate; the first organisation certificate makes its holder the certificate admin.
pub async fn issued(tx: &mut Tx, row: &CertificateRow, certificate: &[u8]) -> Result<(), Failure> {
    sqlx::query("UPDATE certificates SET certificate = $2, state = 'active' WHERE serial = $1 AND state = 'reserved'")
        .bind(row.serial.clone())
        .bind(certificate.to_vec())
        .execute(&mut *tx)
        .await?;
    if row.kind == CertificateKind::Organisation {
        sqlx::query("UPDATE enterprises SET admin = $2 WHERE id = $1 AND admin IS NULL")
            .bind(row.enterprise.0.to_vec())
            .bind(row.account.0.to_vec())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Revokes a certificate; a second time changes nothing.
pub async fn revoke(tx: &mut Tx, serial: &[u8], now: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE certificates SET state = 'revoked', revoked_at = $2 WHERE serial = $1 AND state != 'revoked'")
        .bind(serial.to_vec())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Serial numbers and times of all revoked certificates.
pub async fn revoked<'e, E>(executor: E) -> Result<Vec<(Vec<u8>, i64)>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let query = "SELECT serial, revoked_at FROM certificates WHERE state = 'revoked' ORDER BY revoked_at, serial";
    Ok(sqlx::query_as(query).fetch_all(executor).await?)
}

/// Certificates of a phone that are not revoked, reserved ones too.
pub async fn of_phone<'e, E>(
    executor: E,
    account: AccountId,
    device: DeviceId,
) -> Result<Vec<CertificateRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let rows: Vec<Raw> = sqlx::query_as(
        "SELECT * FROM certificates WHERE account = $1 AND device = $2 AND state != 'revoked' ORDER BY serial",
    )
    .bind(account.0.to_vec())
    .bind(device.0.to_vec())
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(Raw::read).collect()
}

/// Suspends the good certificates of a lost phone, or ends that suspension and no other: how many changed.
pub async fn set_lost(
    tx: &mut Tx,
    account: AccountId,
    device: DeviceId,
    since: Option<i64>,
) -> Result<u64, StoreError> {
    let sql = match since {
        Some(_) => {
            "UPDATE certificates SET state = 'suspended', lost = 1, suspended_at = $3
             WHERE account = $1 AND device = $2 AND state = 'active'"
        }
        None => {
            "UPDATE certificates SET state = 'active', lost = 0, suspended_at = $3
             WHERE account = $1 AND device = $2 AND state = 'suspended' AND lost = 1"
        }
    };
    let done = sqlx::query(sql)
        .bind(account.0.to_vec())
        .bind(device.0.to_vec())
        .bind(since)
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected())
}

/// Suspends one certificate, or ends that: whether it changed. One whose phone is lost stays suspended.
pub async fn set_suspended(
    tx: &mut Tx,
    serial: &[u8],
    since: Option<i64>,
) -> Result<bool, StoreError> {
    let sql = match since {
        Some(_) => {
            "UPDATE certificates SET state = 'suspended', suspended_at = $2 WHERE serial = $1 AND state = 'active'"
        }
        None => {
            "UPDATE certificates SET state = 'active', suspended_at = $2
             WHERE serial = $1 AND state = 'suspended' AND lost = 0"
        }
    };
    let done = sqlx::query(sql)
        .bind(serial.to_vec())
        .bind(since)
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Serial numbers and times of all suspended certificates.
pub async fn suspended<'e, E>(executor: E) -> Result<Vec<(Vec<u8>, i64)>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let query = "SELECT serial, coalesce(suspended_at, created_at) FROM certificates
                 WHERE state = 'suspended' ORDER BY suspended_at, serial";
    Ok(sqlx::query_as(query).fetch_all(executor).await?)
}
