//! The register of relying parties, by SHA-256 of their certificate.

use super::{StoreError, Tx};
use sqlx::SqlitePool;

/// A relying party as registered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PartyRow {
    /// Legal name.
    pub name: String,
    /// Contact.
    pub contact: String,
    /// JSON array of origins.
    pub origins: String,
    /// May ask for blind signatures.
    pub blind: bool,
    /// When it was revoked, if it was.
    pub revoked_at: Option<i64>,
}

/// Registers a relying party, or brings its entry up to date; a revocation stays.
pub async fn put_party(
    tx: &mut Tx,
    leaf: [u8; 32],
    row: &PartyRow,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO relying_parties (leaf, name, contact, origins, blind, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (leaf) DO UPDATE SET name = excluded.name, contact = excluded.contact, origins = excluded.origins",
    )
    .bind(leaf.as_slice())
    .bind(&row.name)
    .bind(&row.contact)
    .bind(&row.origins)
    .bind(row.blind)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// A relying party by its certificate.
pub async fn party(reader: &SqlitePool, leaf: &[u8; 32]) -> Result<Option<PartyRow>, StoreError> {
    let query =
        "SELECT name, contact, origins, blind, revoked_at FROM relying_parties WHERE leaf = $1";
    Ok(sqlx::query_as(query)
        .bind(leaf.as_slice())
        .fetch_optional(reader)
        .await?)
}

/// Origins of other parties that are good, in a fixed order.
pub async fn other_origins(
    reader: &SqlitePool,
    leaf: &[u8; 32],
) -> Result<Vec<String>, StoreError> {
    let query =
        "SELECT origins FROM relying_parties WHERE leaf <> $1 AND revoked_at IS NULL ORDER BY leaf";
    Ok(sqlx::query_scalar(query)
        .bind(leaf.as_slice())
        .fetch_all(reader)
        .await?)
}

/// Withdraws a relying party; what it asks from now on is refused.
pub async fn revoke_party(tx: &mut Tx, leaf: [u8; 32], now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE relying_parties SET revoked_at = $2 WHERE leaf = $1 AND revoked_at IS NULL",
    )
    .bind(leaf.as_slice())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}
