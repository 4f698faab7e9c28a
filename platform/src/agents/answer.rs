//! The invited person's side: face check, consent page, 同意.

use super::grants;
use super::invite::{self, Invite};
use super::transitions::Event;
use crate::clock::MINUTE;
use crate::identity::persons::masked;
use crate::platform::Platform;
use crate::registry::{access, authenticate, join};
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::Tx;
use crate::store::text::array;
use axum::Json;
use axum::extract::{Path, State};
use kapok_protocol::api::agents::{
    AnswerInvite, ConsentPage, InviteAnswered, InviteKind, InviteState,
};
use kapok_protocol::api::identity::Purpose;
use kapok_protocol::api::registry::Role;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, Bytes, InviteId};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Life of a consent token.
const CONSENT_LIFE: i64 = 5 * MINUTE;

/// Before a face check begins: the invite is open and of the kind that the purpose is for.
pub async fn check_start(
    tx: &mut Tx,
    id: InviteId,
    purpose: Purpose,
    now: i64,
) -> Result<(), Failure> {
    let invite = invite::load(&mut *tx, id, now).await?;
    invite.open()?;
    let fits = matches!(
        (invite.kind, purpose),
        (InviteKind::Agent, Purpose::AcceptInvite)
            | (InviteKind::Authentication, Purpose::EnterpriseAuth)
    );
    if fits {
        return Ok(());
    }
    Err(Failure::field("purpose", "other"))
}

/// After a face check: the verified person is the invited one. Of somebody else the inviter is told that,
/// not who; the invite itself stays, so that strangers cannot burn it.
pub async fn check_person(
    tx: &mut Tx,
    id: InviteId,
    person: &[u8; 32],
    now: i64,
) -> Result<Result<(), Failure>, Failure> {
    let invite = invite::load(&mut *tx, id, now).await?;
    if let Err(over) = invite.open() {
        return Ok(Err(over.into()));
    }
    if &invite.invitee_mac == person {
        return Ok(Ok(()));
    }
    sqlx::query("UPDATE invites SET mismatch = 1 WHERE id = $1")
        .bind(id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    invite::note(tx, "invite.mismatch", &invite, invite.inviter, now).await?;
    Ok(Err(ErrorCode::InviteMismatch.into()))
}

/// The page on which the person agrees.
pub async fn consent(
    tx: &mut Tx,
    platform: &Platform,
    id: InviteId,
    person: [u8; 32],
    now: i64,
) -> Result<ConsentPage, Failure> {
    let invite = invite::load(&mut *tx, id, now).await?;
    invite.open()?;
    let member = inviter(tx, &invite, now).await?;
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT name FROM persons WHERE account = $1")
        .bind(invite.inviter.0.to_vec())
        .fetch_optional(&mut *tx)
        .await?;
    let name = sealed.map(|name| {
        platform
            .sealer
            .open_text("persons.name", &invite.inviter.0, &name)
    });
    let name = name.transpose()?.unwrap_or_default();
    let token: [u8; 16] = rand::random();
    sqlx::query("INSERT INTO consents VALUES ($1, $2, $3, $4, NULL)")
        .bind(Sha256::digest(token).to_vec())
        .bind(id.0.to_vec())
        .bind(person.to_vec())
        .bind(now + CONSENT_LIFE)
        .execute(&mut *tx)
        .await?;
    Ok(ConsentPage {
        invite_id: id,
        kind: invite.kind,
        enterprise: member.name,
        inviter: masked(&name),
        valid_days: match invite.kind {
            InviteKind::Authentication => 0,
            InviteKind::Agent | InviteKind::Unknown => invite.valid_days,
        },
        scope: invite.scope,
        consent_token: Bytes::from(token),
    })
}

/// The inviter still has the role that lets him ask; else what he gives is gone with it.
async fn inviter(tx: &mut Tx, invite: &Invite, now: i64) -> Result<access::Member, Failure> {
    let gone = |_| Failure::from(ErrorCode::GrantRevoked);
    let member = access::of(&mut *tx, invite.inviter, invite.enterprise, now)
        .await
        .map_err(gone)?;
    if invite.kind == InviteKind::Agent && !member.manages() {
        return Err(ErrorCode::GrantRevoked.into());
    }
    Ok(member)
}

/// `POST /v1/invites/{id}/answer`.
pub async fn answer(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
    input: Input<AnswerInvite>,
) -> Answer<InviteAnswered> {
    let id: InviteId = id.parse().map_err(|_| ErrorCode::InviteGone)?;
    let person = platform
        .mac_of(principal.account)
        .await?
        .ok_or(ErrorCode::NotAllowed)?;
    let roles = Arc::clone(&platform);
    let selected = principal.enterprise;
    let (state, member) = platform
        .db
        .write(move |tx| {
            Box::pin(
                async move { decide(tx, &roles, principal.account, person, id, input.value).await },
            )
        })
        .await?;
    Ok(Json(InviteAnswered {
        state,
        enterprise: member.map(|m| m.view(selected)),
    }))
}

async fn decide(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    person: [u8; 32],
    id: InviteId,
    body: AnswerInvite,
) -> Result<(InviteState, Option<access::Member>), Failure> {
    let now = platform.now();
    let mut invite = invite::load(&mut *tx, id, now).await?;
    let repeated = spend(tx, id, &person, &body.consent_token, now).await?;
    let wanted = if body.agree {
        InviteState::Accepted
    } else {
        InviteState::Declined
    };
    // The answer was lost and is given again.
    let done = repeated && invite.state == wanted;
    if repeated && !done {
        return Err(ErrorCode::InviteGone.into());
    }
    if !body.agree {
        if !done {
            invite::step(tx, &mut invite, Event::Decline, account, now).await?;
        }
        return Ok((invite.state, None));
    }
    if !done {
        inviter(tx, &invite, now).await?;
        invite::step(tx, &mut invite, Event::Accept, account, now).await?;
        accept(tx, platform, &invite, account, &person).await?;
    }
    // The grant began a moment after `now`.
    let member = access::of(&mut *tx, account, invite.enterprise, platform.now()).await?;
    Ok((invite.state, Some(member)))
}

#[derive(sqlx::FromRow)]
struct Consent {
    invite: Vec<u8>,
    person_mac: Vec<u8>,
    expires_at: i64,
    used_at: Option<i64>,
}

/// Uses up the consent token; says whether this very token was used before.
async fn spend(
    tx: &mut Tx,
    id: InviteId,
    person: &[u8; 32],
    token: &[u8],
    now: i64,
) -> Result<bool, Failure> {
    let hash = Sha256::digest(token).to_vec();
    let row: Option<Consent> = sqlx::query_as(
        "SELECT invite, person_mac, expires_at, used_at FROM consents WHERE hash = $1",
    )
    .bind(hash.clone())
    .fetch_optional(&mut *tx)
    .await?;
    let consent = row.ok_or(ErrorCode::HandoffProof)?;
    // The face that was checked is that of the account that answers: two people on one phone are told apart here.
    if consent.invite != id.0 || consent.person_mac != person {
        return Err(ErrorCode::IdentityMismatch.into());
    }
    if consent.expires_at <= now {
        return Err(ErrorCode::HandoffExpired.into());
    }
    sqlx::query("UPDATE consents SET used_at = $1 WHERE hash = $2 AND used_at IS NULL")
        .bind(now)
        .bind(hash)
        .execute(&mut *tx)
        .await?;
    Ok(consent.used_at.is_some())
}

async fn accept(
    tx: &mut Tx,
    platform: &Platform,
    invite: &Invite,
    account: AccountId,
    person: &[u8; 32],
) -> Result<(), Failure> {
    match invite.kind {
        InviteKind::Agent => {
            join(tx, platform, account, invite.enterprise, Role::Agent).await?;
            grants::add(tx, platform, invite, account, invite.inviter).await
        }
        InviteKind::Authentication => {
            still_legal_rep(tx, invite, person).await?;
            authenticate(tx, platform, invite.enterprise, account).await?;
            join(tx, platform, account, invite.enterprise, Role::LegalRep).await?;
            grants::add(tx, platform, invite, invite.inviter, account).await
        }
        InviteKind::Unknown => Err(ErrorCode::InviteGone.into()),
    }
}

/// The register may have changed since the invite was made (YST-030).
async fn still_legal_rep(tx: &mut Tx, invite: &Invite, person: &[u8; 32]) -> Result<(), Failure> {
    let mac: Vec<u8> = sqlx::query_scalar(
        "SELECT r.rep_mac FROM enterprises e JOIN register r ON r.uscc = e.uscc WHERE e.id = $1",
    )
    .bind(invite.enterprise.0.to_vec())
    .fetch_one(&mut *tx)
    .await?;
    let mac: [u8; 32] = array("register.rep_mac", &mac)?;
    if &mac == person {
        return Ok(());
    }
    Err(ErrorCode::EnterpriseNotYours.into())
}
