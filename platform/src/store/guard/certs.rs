//! Shares of certificate keys.

use super::{Owner, array};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::ids::{AccountId, CertId, DeviceId};
use sqlx::FromRow;

/// Whether a share may be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertState {
    /// It may.
    Good,
    /// 可稍后设置: not for now.
    Suspended,
    /// Never again; the share is deleted.
    Revoked,
}

/// A certificate key as the guard knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cert {
    /// Named by the phone.
    pub id: CertId,
    /// Whose.
    pub owner: Owner,
    /// SEC1 compressed.
    pub public_key: [u8; 33],
    /// `S_cert`, sealed; nothing after a revocation.
    pub share: Option<Vec<u8>>,
    /// Whether it may be released.
    pub state: CertState,
}

#[derive(FromRow)]
struct CertRow {
    account: Vec<u8>,
    device: Vec<u8>,
    public_key: Vec<u8>,
    share: Option<Vec<u8>>,
    state: String,
}

const fn word(state: CertState) -> &'static str {
    match state {
        CertState::Good => "good",
        CertState::Suspended => "suspended",
        CertState::Revoked => "revoked",
    }
}

/// A certificate key by its id.
pub async fn cert<'e>(from: impl Into<Link<'e>>, id: CertId) -> Result<Option<Cert>, StoreError> {
    let row: Option<CertRow> =
        sql("SELECT account, device, public_key, share, state FROM certs WHERE cert_id = $1")
            .bind(id.0.to_vec())
            .fetch_optional(from)
            .await?;
    let read = |row: CertRow| {
        let states = [CertState::Good, CertState::Suspended, CertState::Revoked];
        let state = states.into_iter().find(|state| word(*state) == row.state);
        Ok(Cert {
            id,
            owner: Owner {
                account: AccountId(array("certs.account", &row.account)?),
                device: DeviceId(array("certs.device", &row.device)?),
            },
            public_key: array("certs.public_key", &row.public_key)?,
            share: row.share,
            state: state.ok_or(StoreError::Damaged("certs.state"))?,
        })
    };
    row.map(read).transpose()
}

/// Adds a certificate key.
pub async fn add_cert(tx: &mut Tx<'_>, cert: &Cert, now: i64) -> Result<(), StoreError> {
    sql("INSERT INTO certs VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(cert.id.0.to_vec())
        .bind(cert.owner.account.0.to_vec())
        .bind(cert.owner.device.0.to_vec())
        .bind(cert.public_key.to_vec())
        .bind(cert.share.clone())
        .bind(word(cert.state))
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Changes the state; `Revoked` deletes the share.
pub async fn set_cert_state(
    tx: &mut Tx<'_>,
    id: CertId,
    state: CertState,
) -> Result<(), StoreError> {
    sql(
        "UPDATE certs SET state = $2, share = CASE WHEN $2 = 'revoked' THEN NULL ELSE share END WHERE cert_id = $1",
    )
    .bind(id.0.to_vec())
    .bind(word(state))
    .execute(&mut *tx)
    .await?;
    Ok(())
}
