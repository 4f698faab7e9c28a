//! An invite's row: read, written and moved along [`super::transitions`].

use super::transitions::{Event, next};
use crate::audit;
use crate::clock::seconds;
use crate::identity::persons::masked;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::text::{array, of_word, word};
use crate::store::{StoreError, Tx};
use kapok_protocol::api::agents::{InviteKind, InviteState, InviteView};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, InviteId};
use sqlx::{Executor, Sqlite};

/// Where the invited person's name lies.
const INVITEE: &str = "invites.invitee";

#[derive(sqlx::FromRow)]
struct Raw {
    id: Vec<u8>,
    kind: String,
    state: String,
    enterprise: Vec<u8>,
    inviter: Vec<u8>,
    invitee: Vec<u8>,
    invitee_mac: Vec<u8>,
    scope: String,
    valid_days: i64,
    expires_at: i64,
    mismatch: i64,
}

/// An invite.
pub struct Invite {
    /// 128 random bits: the link's secret.
    pub id: InviteId,
    /// What for.
    pub kind: InviteKind,
    /// Where it is; what is past its end reads as expired.
    pub state: InviteState,
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// Who asked.
    pub inviter: AccountId,
    /// Name of the invited person, sealed.
    pub invitee: Vec<u8>,
    /// Person key of the invited person.
    pub invitee_mac: [u8; 32],
    /// What the grant allows.
    pub scope: Vec<String>,
    /// Days that the grant lasts.
    pub valid_days: u32,
    /// End of the link, microseconds.
    pub expires_at: i64,
    /// Somebody else tried.
    pub mismatch: bool,
}

const COLUMNS: &str = "SELECT id, kind, state, enterprise, inviter, invitee, invitee_mac, scope, valid_days, expires_at, mismatch
    FROM invites WHERE id = $1";

/// Reads an invite; `INVITE_GONE` where there is none, as for one that is long over.
pub async fn load<'e, E>(executor: E, id: InviteId, now: i64) -> Result<Invite, Failure>
where
    E: Executor<'e, Database = Sqlite>,
{
    let raw: Option<Raw> = sqlx::query_as(COLUMNS)
        .bind(id.0.to_vec())
        .fetch_optional(executor)
        .await?;
    let raw = raw.ok_or(ErrorCode::InviteGone)?;
    Ok(read(raw, now)?)
}

/// The invites of an enterprise that are open or younger than `since`, newest first.
pub async fn of_enterprise<'e, E>(
    executor: E,
    enterprise: EnterpriseId,
    since: i64,
    now: i64,
) -> Result<Vec<Invite>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let rows: Vec<Raw> = sqlx::query_as(
        "SELECT id, kind, state, enterprise, inviter, invitee, invitee_mac, scope, valid_days, expires_at, mismatch
         FROM invites WHERE enterprise = $1 AND created_at > $2 ORDER BY created_at DESC, id",
    )
    .bind(enterprise.0.to_vec())
    .bind(since)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(|raw| read(raw, now)).collect()
}

fn read(raw: Raw, now: i64) -> Result<Invite, StoreError> {
    let stored: InviteState = of_word("invites.state", &raw.state)?;
    let open = matches!(
        stored,
        InviteState::Draft | InviteState::Sent | InviteState::Opened
    );
    Ok(Invite {
        id: InviteId(array("invites.id", &raw.id)?),
        kind: of_word("invites.kind", &raw.kind)?,
        state: if open && raw.expires_at <= now {
            InviteState::Expired
        } else {
            stored
        },
        enterprise: EnterpriseId(array("invites.enterprise", &raw.enterprise)?),
        inviter: AccountId(array("invites.inviter", &raw.inviter)?),
        invitee: raw.invitee,
        invitee_mac: array("invites.invitee_mac", &raw.invitee_mac)?,
        scope: serde_json::from_str(&raw.scope)
            .map_err(|_| StoreError::Damaged("invites.scope"))?,
        valid_days: u32::try_from(raw.valid_days).unwrap_or(0),
        expires_at: raw.expires_at,
        mismatch: raw.mismatch != 0,
    })
}

impl Invite {
    /// Masked name of the invited person.
    pub fn invitee_masked(&self, platform: &Platform) -> Result<String, StoreError> {
        let name = platform
            .sealer
            .open_text(INVITEE, &self.id.0, &self.invitee)?;
        Ok(masked(&name))
    }

    /// As its inviter sees it.
    pub fn view(&self, platform: &Platform) -> Result<InviteView, StoreError> {
        Ok(InviteView {
            invite_id: self.id,
            kind: self.kind,
            invitee: self.invitee_masked(platform)?,
            state: self.state,
            link: format!("{}/i/{}", platform.https_url, self.id),
            mismatch: self.mismatch,
            expires_at: seconds(self.expires_at),
        })
    }

    /// Refuses an invite that can no longer be answered.
    pub fn open(&self) -> Result<(), ErrorCode> {
        next(self.state, Event::Opened).map(|_| ())
    }
}

/// Moves an invite along an edge and notes it.
pub async fn step(
    tx: &mut Tx,
    invite: &mut Invite,
    event: Event,
    by: AccountId,
    now: i64,
) -> Result<(), Failure> {
    let to = next(invite.state, event)?;
    if to == invite.state {
        return Ok(());
    }
    let decided = matches!(
        to,
        InviteState::Accepted | InviteState::Declined | InviteState::Revoked
    );
    sqlx::query("UPDATE invites SET state = $1, decided_at = $2 WHERE id = $3")
        .bind(word(&to)?)
        .bind(decided.then_some(now))
        .bind(invite.id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    invite.state = to;
    note(tx, &format!("invite.{}", word(&to)?), invite, by, now).await
}

/// Notes what happened to an invite.
pub async fn note(
    tx: &mut Tx,
    event: &str,
    invite: &Invite,
    by: AccountId,
    now: i64,
) -> Result<(), Failure> {
    let event = audit::Event {
        event,
        account: Some(&by.0),
        enterprise: Some(&invite.enterprise.0),
        object: Some(&invite.id.0),
    };
    Ok(audit::note(tx, now, event).await?)
}

/// A new invite, as `draft`.
pub struct NewRow {
    /// What for.
    pub kind: InviteKind,
    /// The enterprise.
    pub enterprise: EnterpriseId,
    /// Who asks.
    pub inviter: AccountId,
    /// Name of the invited person.
    pub name: String,
    /// Person key of the invited person.
    pub mac: [u8; 32],
    /// Keyed hash of the mobile number.
    pub phone_mac: Option<[u8; 32]>,
    /// What the grant will allow.
    pub scope: Vec<String>,
    /// Days that the grant will last.
    pub valid_days: u32,
    /// End of the link.
    pub expires_at: i64,
}

/// Adds an invite.
pub async fn insert(tx: &mut Tx, platform: &Platform, new: NewRow) -> Result<Invite, Failure> {
    let (id, now) = (InviteId(rand::random()), platform.now());
    let invitee = platform.sealer.seal(INVITEE, &id.0, new.name.as_bytes())?;
    let scope = serde_json::to_string(&new.scope).map_err(|_| ErrorCode::Internal)?;
    sqlx::query(
        "INSERT INTO invites VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, 0)",
    )
    .bind(id.0.to_vec())
    .bind(word(&new.kind)?)
    .bind(new.enterprise.0.to_vec())
    .bind(new.inviter.0.to_vec())
    .bind(invitee.clone())
    .bind(new.mac.to_vec())
    .bind(new.phone_mac.map(|m| m.to_vec()))
    .bind(scope)
    .bind(i64::from(new.valid_days))
    .bind(now)
    .bind(new.expires_at)
    .execute(&mut *tx)
    .await?;
    let invite = Invite {
        id,
        kind: new.kind,
        state: InviteState::Draft,
        enterprise: new.enterprise,
        inviter: new.inviter,
        invitee,
        invitee_mac: new.mac,
        scope: new.scope,
        valid_days: new.valid_days,
        expires_at: new.expires_at,
        mismatch: false,
    };
    note(tx, "invite.draft", &invite, new.inviter, now).await?;
    Ok(invite)
}
