//! Leases: one PIN proof that opens one certificate for a while.

use super::{Owner, array, number};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::ids::{AccountId, CertId, DeviceId, LeaseId};
use sqlx::FromRow;

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub owner: Owner,
    /// Public half of the phone's lease key.
    pub lease_key: [u8; 33],
    /// Signatures in all.
    pub count: u16,
    /// Number of the last receipt.
    pub last: u16,
    /// The one certificate that it opens.
    pub picked: Option<CertId>,
    /// End, microseconds.
    pub ends: i64,
}

#[derive(FromRow)]
struct LeaseRow {
    account: Vec<u8>,
    device: Vec<u8>,
    lease_key: Vec<u8>,
    count: i64,
    last: i64,
    picked: Option<Vec<u8>>,
    ends: i64,
}

/// A lease by its number.
pub async fn lease<'e>(
    from: impl Into<Link<'e>>,
    id: LeaseId,
) -> Result<Option<Lease>, StoreError> {
    let row: Option<LeaseRow> = sql("SELECT * FROM leases WHERE id = $1")
        .bind(id.0.to_vec())
        .fetch_optional(from)
        .await?;
    let read = |row: LeaseRow| {
        let picked = row.picked.map(|id| array("leases.picked", &id));
        Ok(Lease {
            owner: Owner {
                account: AccountId(array("leases.account", &row.account)?),
                device: DeviceId(array("leases.device", &row.device)?),
            },
            lease_key: array("leases.lease_key", &row.lease_key)?,
            count: number("leases.count", row.count)?,
            last: number("leases.last", row.last)?,
            picked: picked.transpose()?.map(CertId),
            ends: row.ends,
        })
    };
    row.map(read).transpose()
}

/// Opens a lease and forgets those that ended before `forget`.
pub async fn add_lease(
    tx: &mut Tx<'_>,
    id: LeaseId,
    lease: &Lease,
    forget: i64,
) -> Result<(), StoreError> {
    sql("DELETE FROM leases WHERE ends < $1")
        .bind(forget)
        .execute(&mut *tx)
        .await?;
    sql("INSERT INTO leases VALUES ($1, $2, $3, $4, $5, 0, NULL, $6)")
        .bind(id.0.to_vec())
        .bind(lease.owner.account.0.to_vec())
        .bind(lease.owner.device.0.to_vec())
        .bind(lease.lease_key.to_vec())
        .bind(i64::from(lease.count))
        .bind(lease.ends)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Picks the certificate of a lease; false where one was picked before.
pub async fn pick(tx: &mut Tx<'_>, id: LeaseId, cert: CertId) -> Result<bool, StoreError> {
    let done = sql("UPDATE leases SET picked = $2 WHERE id = $1 AND picked IS NULL")
        .bind(id.0.to_vec())
        .bind(cert.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(done == 1)
}

/// Moves a lease on to its last receipt.
pub async fn count_receipts(tx: &mut Tx<'_>, id: LeaseId, last: u16) -> Result<(), StoreError> {
    sql("UPDATE leases SET last = $2 WHERE id = $1")
        .bind(id.0.to_vec())
        .bind(i64::from(last))
        .execute(&mut *tx)
        .await?;
    Ok(())
}
