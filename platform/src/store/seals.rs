//! Rows of the seal authority.

use super::text::{array, of_word, word};
use super::{StoreError, Tx};
use kapok_protocol::api::seals::SealKind;
use kapok_protocol::ids::{AccountId, EnterpriseId, PreviewId};
use sqlx::{Executor, Sqlite};

/// A picture that waits for 生成.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// Its number.
    pub id: PreviewId,
    /// Whose.
    pub account: AccountId,
    /// For which enterprise.
    pub enterprise: EnterpriseId,
    /// Which seal.
    pub kind: SealKind,
    /// Serial number of the certificate that goes into its list.
    pub serial: Vec<u8>,
    /// The seal's name.
    pub name: String,
    /// PNG.
    pub picture: Vec<u8>,
    /// Width in millimetres.
    pub width_mm: u8,
    /// Height in millimetres.
    pub height_mm: u8,
    /// End, microseconds.
    pub expires_at: i64,
}

/// A seal, signed or reserved, with its preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    /// esID.
    pub es_id: String,
    /// What was confirmed.
    pub preview: PreviewRow,
    /// The part that is signed, DER.
    pub info: Vec<u8>,
    /// The seal, DER; nothing while it is only reserved.
    pub seal: Option<Vec<u8>>,
    /// It was revoked.
    pub revoked: bool,
}

#[derive(sqlx::FromRow)]
struct RawPreview {
    id: Vec<u8>,
    account: Vec<u8>,
    enterprise: Vec<u8>,
    kind: String,
    serial: Vec<u8>,
    name: String,
    picture: Vec<u8>,
    width_mm: i64,
    height_mm: i64,
    expires_at: i64,
}

#[derive(sqlx::FromRow)]
struct RawSeal {
    es_id: String,
    info: Vec<u8>,
    seal: Option<Vec<u8>>,
    revoked_at: Option<i64>,
    #[sqlx(flatten)]
    preview: RawPreview,
}

impl RawPreview {
    fn read(self) -> Result<PreviewRow, StoreError> {
        let side = |column, value| u8::try_from(value).map_err(|_| StoreError::Damaged(column));
        Ok(PreviewRow {
            id: PreviewId(array("seal_previews.id", &self.id)?),
            account: AccountId(array("seal_previews.account", &self.account)?),
            enterprise: EnterpriseId(array("seal_previews.enterprise", &self.enterprise)?),
            kind: of_word("seal_previews.kind", &self.kind)?,
            serial: self.serial,
            name: self.name,
            picture: self.picture,
            width_mm: side("seal_previews.width_mm", self.width_mm)?,
            height_mm: side("seal_previews.height_mm", self.height_mm)?,
            expires_at: self.expires_at,
        })
    }
}

impl RawSeal {
    fn read(self) -> Result<SealRow, StoreError> {
        Ok(SealRow {
            es_id: self.es_id,
            preview: self.preview.read()?,
            info: self.info,
            seal: self.seal,
            revoked: self.revoked_at.is_some(),
        })
    }
}

/// Keeps a picture; those whose time is over and that nobody confirmed go.
pub async fn put_preview(tx: &mut Tx, row: PreviewRow, now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM seal_previews WHERE expires_at < $1 AND id NOT IN (SELECT preview FROM seals)",
    )
    .bind(now)
    .execute(&mut *tx)
    .await?;
    sqlx::query("INSERT INTO seal_previews VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(row.id.0.to_vec())
        .bind(row.account.0.to_vec())
        .bind(row.enterprise.0.to_vec())
        .bind(word(&row.kind)?)
        .bind(row.serial)
        .bind(row.name)
        .bind(row.picture)
        .bind(i64::from(row.width_mm))
        .bind(i64::from(row.height_mm))
        .bind(row.expires_at)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// A picture of this account.
pub async fn preview<'e, E>(
    executor: E,
    account: AccountId,
    id: PreviewId,
) -> Result<Option<PreviewRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<RawPreview> =
        sqlx::query_as("SELECT * FROM seal_previews WHERE id = $1 AND account = $2")
            .bind(id.0.to_vec())
            .bind(account.0.to_vec())
            .fetch_optional(executor)
            .await?;
    row.map(RawPreview::read).transpose()
}

/// The seal that was made of a picture.
pub async fn of_preview<'e, E>(executor: E, id: PreviewId) -> Result<Option<SealRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<RawSeal> = sqlx::query_as(
        "SELECT s.es_id, s.info, s.seal, s.revoked_at, p.* FROM seals s JOIN seal_previews p ON p.id = s.preview WHERE p.id = $1",
    )
    .bind(id.0.to_vec())
    .fetch_optional(executor)
    .await?;
    row.map(RawSeal::read).transpose()
}

/// The signed seals of an account, oldest first.
pub async fn of_account<'e, E>(executor: E, account: AccountId) -> Result<Vec<SealRow>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let rows: Vec<RawSeal> = sqlx::query_as(
        "SELECT s.es_id, s.info, s.seal, s.revoked_at, p.* FROM seals s JOIN seal_previews p ON p.id = s.preview
         WHERE s.account = $1 AND s.seal IS NOT NULL AND s.revoked_at IS NULL ORDER BY s.created_at, s.es_id",
    )
    .bind(account.0.to_vec())
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(RawSeal::read).collect()
}

/// Whether a signed seal may be used; nothing for one that was never made here.
pub async fn is_good<'e, E>(executor: E, es_id: &str) -> Result<Option<bool>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<(Option<i64>, String)> = sqlx::query_as(
        "SELECT s.revoked_at, c.state FROM seals s JOIN certificates c ON c.serial = s.serial
         WHERE s.es_id = $1 AND s.seal IS NOT NULL",
    )
    .bind(es_id.to_owned())
    .fetch_optional(executor)
    .await?;
    Ok(row.map(|(revoked, certificate)| revoked.is_none() && certificate == "active"))
}

/// Stores what will be signed.
pub async fn reserve(tx: &mut Tx, row: &SealRow, now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO seals (es_id, preview, account, enterprise, kind, serial, info, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (preview) DO NOTHING",
    )
    .bind(row.es_id.clone())
    .bind(row.preview.id.0.to_vec())
    .bind(row.preview.account.0.to_vec())
    .bind(row.preview.enterprise.0.to_vec())
    .bind(word(&row.preview.kind)?)
    .bind(row.preview.serial.clone())
    .bind(row.info.clone())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Stores the signed seal; one that is there already stays.
pub async fn made(tx: &mut Tx, es_id: &str, seal: &[u8]) -> Result<(), StoreError> {
    sqlx::query("UPDATE seals SET seal = $2 WHERE es_id = $1 AND seal IS NULL")
        .bind(es_id.to_owned())
        .bind(seal.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Revokes a seal; a second time changes nothing.
pub async fn revoke(tx: &mut Tx, es_id: &str, now: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE seals SET revoked_at = $2 WHERE es_id = $1 AND revoked_at IS NULL")
        .bind(es_id.to_owned())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
