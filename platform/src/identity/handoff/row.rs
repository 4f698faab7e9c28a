//! The handoff's row: read, written and moved along [`super::transitions`], each edge with its audit event.

use super::state::State;
use super::transitions::{Event, next};
use crate::audit;
use crate::server::Failure;
use crate::store::text::{array, of_word, word};
use crate::store::{StoreError, Tx};
use kapok_protocol::api::identity::{HandoffMode, Purpose};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, HandoffId};

/// A handoff as it is stored.
#[derive(sqlx::FromRow)]
struct Raw {
    state: String,
    purpose: String,
    mode: String,
    jkt: Vec<u8>,
    device_key: Vec<u8>,
    device_label: String,
    challenge: Vec<u8>,
    match_code: String,
    subject: Option<Vec<u8>>,
    account: Option<Vec<u8>>,
    declared_mac: Option<Vec<u8>>,
    declared: Option<Vec<u8>>,
    openid_mac: Option<Vec<u8>>,
    face_order: Option<Vec<u8>>,
    face_left: i64,
    code_left: i64,
    return_hash: Option<Vec<u8>>,
    return_expires: Option<i64>,
    typed_hash: Option<Vec<u8>>,
    person_mac: Option<Vec<u8>>,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    finish_key: Option<Vec<u8>>,
    session: Option<Vec<u8>>,
}

/// A handoff.
pub struct Handoff {
    /// Its number.
    pub id: HandoffId,
    /// Where it is; what is past its end reads as [`State::Expired`].
    pub state: State,
    /// What for.
    pub purpose: Purpose,
    /// Fixed at the start.
    pub mode: HandoffMode,
    /// The phone that started it.
    pub jkt: [u8; 32],
    /// Its key, SEC1 compressed.
    pub device_key: [u8; 33],
    /// What the mini program shows as the asking phone.
    pub device_label: String,
    /// S256 of the verifier.
    pub challenge: Vec<u8>,
    /// Two digits that both sides show.
    pub match_code: String,
    /// The invite that it is about.
    pub subject: Option<[u8; 16]>,
    /// Who was logged in at the start.
    pub account: Option<AccountId>,
    /// Person typed at the start.
    pub declared_mac: Option<[u8; 32]>,
    /// The typed identity, sealed.
    pub declared: Option<Vec<u8>>,
    /// The WeChat user who owns it.
    pub openid_mac: Option<Vec<u8>>,
    /// The open order at the provider.
    pub face_order: Option<[u8; 16]>,
    /// Face checks left.
    pub face_left: u32,
    /// Code tries left.
    pub code_left: u32,
    /// Keyed hash of the return code.
    pub return_hash: Option<Vec<u8>>,
    /// End of the return code.
    pub return_expires: Option<i64>,
    /// Keyed hash of the typed code.
    pub typed_hash: Option<Vec<u8>>,
    /// Verified person.
    pub person_mac: Option<[u8; 32]>,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// When it was finished.
    pub used_at: Option<i64>,
    /// Idempotency-Key of the finish.
    pub finish_key: Option<Vec<u8>>,
    /// The session that the finish opened.
    pub session: Option<Vec<u8>>,
}

/// Reads a handoff; `HANDOFF_UNKNOWN` where there is none.
pub async fn load<'e, E>(executor: E, id: HandoffId, now: i64) -> Result<Handoff, Failure>
where
    E: sqlx::Executor<'e, Database = sqlx::Sqlite>,
{
    let raw: Option<Raw> = sqlx::query_as("SELECT * FROM handoffs WHERE id = $1")
        .bind(id.0.to_vec())
        .fetch_optional(executor)
        .await?;
    let raw = raw.ok_or(ErrorCode::HandoffUnknown)?;
    Ok(read(id, raw, now)?)
}

fn read(id: HandoffId, raw: Raw, now: i64) -> Result<Handoff, StoreError> {
    let stored: State = of_word("handoffs.state", &raw.state)?;
    let over = raw.expires_at <= now && !stored.ended();
    Ok(Handoff {
        id,
        state: if over { State::Expired } else { stored },
        purpose: of_word("handoffs.purpose", &raw.purpose)?,
        mode: of_word("handoffs.mode", &raw.mode)?,
        jkt: array("handoffs.jkt", &raw.jkt)?,
        device_key: array("handoffs.device_key", &raw.device_key)?,
        device_label: raw.device_label,
        challenge: raw.challenge,
        match_code: raw.match_code,
        subject: optional("handoffs.subject", raw.subject)?,
        account: optional("handoffs.account", raw.account)?.map(AccountId),
        declared_mac: optional("handoffs.declared_mac", raw.declared_mac)?,
        declared: raw.declared,
        openid_mac: raw.openid_mac,
        face_order: optional("handoffs.face_order", raw.face_order)?,
        face_left: u32::try_from(raw.face_left).unwrap_or(0),
        code_left: u32::try_from(raw.code_left).unwrap_or(0),
        return_hash: raw.return_hash,
        return_expires: raw.return_expires,
        typed_hash: raw.typed_hash,
        person_mac: optional("handoffs.person_mac", raw.person_mac)?,
        created_at: raw.created_at,
        expires_at: raw.expires_at,
        used_at: raw.used_at,
        finish_key: raw.finish_key,
        session: raw.session,
    })
}

fn optional<const N: usize>(
    column: &'static str,
    bytes: Option<Vec<u8>>,
) -> Result<Option<[u8; N]>, StoreError> {
    bytes.map(|bytes| array(column, &bytes)).transpose()
}

/// Moves a handoff along an edge and notes it; the refusal of an illegal edge changes nothing.
pub async fn step(
    tx: &mut Tx,
    handoff: &mut Handoff,
    event: Event,
    now: i64,
) -> Result<State, Failure> {
    let to = next(handoff.state, event)?;
    set(tx, handoff, to, now).await?;
    Ok(to)
}

async fn set(tx: &mut Tx, handoff: &mut Handoff, to: State, now: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE handoffs SET state = $1 WHERE id = $2")
        .bind(word(&to)?)
        .bind(handoff.id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    handoff.state = to;
    let name = format!("handoff.{}", word(&to)?);
    let event = audit::Event {
        event: &name,
        account: handoff.account.as_ref().map(|a| a.0.as_slice()),
        object: Some(&handoff.id.0),
        ..audit::Event::default()
    };
    audit::note(tx, now, event).await
}

/// Adds a fresh handoff; an open one of the same phone and purpose is cancelled.
pub async fn insert(tx: &mut Tx, new: Handoff, now: i64) -> Result<(), Failure> {
    let purpose = word(&new.purpose)?;
    let open: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM handoffs WHERE jkt = $1 AND purpose = $2
         AND state IN ('created', 'opened', 'verifying', 'verified') ORDER BY id",
    )
    .bind(new.jkt.to_vec())
    .bind(purpose.clone())
    .fetch_all(&mut *tx)
    .await?;
    for id in open {
        let id = HandoffId(array("handoffs.id", &id)?);
        let mut old = load(&mut *tx, id, now).await?;
        let event = if old.state == State::Expired {
            // Stored as open: the row learns of its end now.
            old.state = State::Created;
            Event::TimeOver
        } else {
            Event::Cancel
        };
        step(tx, &mut old, event, now).await?;
    }
    sqlx::query(
        "INSERT INTO handoffs (id, state, purpose, mode, jkt, device_key, device_label, challenge, match_code,
         subject, account, declared_mac, declared, face_left, code_left, created_at, expires_at)
         VALUES ($1, 'created', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(new.id.0.to_vec())
    .bind(purpose)
    .bind(word(&new.mode)?)
    .bind(new.jkt.to_vec())
    .bind(new.device_key.to_vec())
    .bind(new.device_label)
    .bind(new.challenge)
    .bind(new.match_code)
    .bind(new.subject.map(|s| s.to_vec()))
    .bind(new.account.map(|a| a.0.to_vec()))
    .bind(new.declared_mac.map(|m| m.to_vec()))
    .bind(new.declared)
    .bind(i64::from(new.face_left))
    .bind(i64::from(new.code_left))
    .bind(new.created_at)
    .bind(new.expires_at)
    .execute(&mut *tx)
    .await?;
    let event = audit::Event {
        event: "handoff.created",
        account: new.account.as_ref().map(|a| a.0.as_slice()),
        object: Some(&new.id.0),
        ..audit::Event::default()
    };
    Ok(audit::note(tx, now, event).await?)
}
