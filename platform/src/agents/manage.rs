//! 经办人管理: the inviter's side.

use super::grants;
use super::invite::{self, Invite, NewRow};
use super::transitions::Event;
use crate::clock::{DAY, HOUR};
use crate::guard;
use crate::identity::persons::person_required;
use crate::platform::Platform;
use crate::registry::access;
use crate::server::{Answer, Failure, IdempotencyKey, Input, Principal};
use crate::store::Tx;
use crate::store::text::array;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kapok_formats::identity::Phone;
use kapok_protocol::api::agents::{AgentList, InviteKind, InviteView, NewInvite};
use kapok_protocol::api::identity::TypedIdentity;
use kapok_protocol::api::registry::{Role, TrustLevel};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, InviteId};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long ended invites stay in the list.
const SHOWN: i64 = 30 * DAY;
/// What an agent may do once the legal representative has authenticated the enterprise at his request (YST-030).
const AUTHENTICATION_SCOPE: &str = "matters";

/// `GET /v1/enterprises/{id}/agents`.
pub async fn list(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Answer<AgentList> {
    let (id, now) = (parse_enterprise(&id)?, platform.now());
    access::manager(platform.db.reader(), principal.account, id, now).await?;
    let invites = invite::of_enterprise(platform.db.reader(), id, now - SHOWN, now).await?;
    let invites = invites.iter().map(|i| i.view(&platform));
    Ok(Json(AgentList {
        agents: grants::list(&platform, id, now).await?,
        invites: invites.collect::<Result<_, _>>()?,
    }))
}

/// `POST /v1/enterprises/{id}/invites`: 添加经办人 (YST-019).
pub async fn invite(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
    key: IdempotencyKey,
    input: Input<NewInvite>,
) -> Answer<InviteView> {
    guard::second_face(&platform, &principal).await?;
    let id = parse_enterprise(&id)?;
    let digest = Sha256::digest([id.0.as_slice(), &input.digest].concat());
    let once = principal.once_of("invites", key, digest.into());
    let new = check(&platform, &principal, id, &input.value)?;
    let roles = Arc::clone(&platform);
    let view = platform
        .once(once, move |tx| {
            Box::pin(async move {
                access::manager(&mut *tx, new.inviter, id, roles.now()).await?;
                let invite = invite::insert(tx, &roles, new).await?;
                Ok(invite.view(&roles)?)
            })
        })
        .await?;
    tell(&platform, &input.value.phone);
    Ok(Json(view))
}

/// Without a link: a link in a message is what frauds look like.
fn tell(platform: &Platform, phone: &str) {
    if let Ok(phone) = Phone::parse(phone) {
        let title = &platform.config.profile.title;
        platform.sms.deliver(
            phone.masked(),
            format!("【{title}】您收到一份经办人邀请，请向邀请您的企业索取认证链接，并由本人完成人脸识别。"),
        );
    }
}

fn check(
    platform: &Platform,
    principal: &Principal,
    enterprise: EnterpriseId,
    body: &NewInvite,
) -> Result<NewRow, Failure> {
    let limits = &platform.config.profile.invites;
    let typed = TypedIdentity {
        name: body.name.clone(),
        document: body.document,
        number: body.number.clone(),
    };
    let person = platform.person("", &typed).map_err(at_top)?;
    let phone = Phone::parse(&body.phone)
        .map_err(|e| Failure::field("phone", crate::identity::persons::reason(&e)))?;
    if body.valid_days == 0 || body.valid_days > limits.max_valid_days {
        return Err(Failure::field("valid_days", "range"));
    }
    if body.scope.is_empty() || body.scope.iter().any(|w| !limits.scopes.contains(w)) {
        return Err(Failure::field("scope", "unknown"));
    }
    Ok(NewRow {
        kind: InviteKind::Agent,
        enterprise,
        inviter: principal.account,
        name: person.name,
        mac: person.mac,
        phone_mac: Some(platform.keys.mac("phone", &[phone.as_str().as_bytes()])),
        scope: body.scope.clone(),
        valid_days: body.valid_days,
        expires_at: platform.now() + i64::from(limits.link_hours) * HOUR,
    })
}

/// The identity's fields stand at the top of the body.
fn at_top(Failure(mut error): Failure) -> Failure {
    error.field = error
        .field
        .map(|field| field.trim_start_matches('.').to_owned());
    Failure(error)
}

/// `POST /v1/enterprises/{id}/authentication`: the invited person comes from the register, never from what the agent types
/// (YST-028).
pub async fn ask_authentication(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
    key: IdempotencyKey,
) -> Answer<InviteView> {
    let id = parse_enterprise(&id)?;
    person_required(platform.mac_of(principal.account).await?)?;
    let once = principal.once_of("authentication", key, Sha256::digest(id.0).into());
    let roles = Arc::clone(&platform);
    let view = platform
        .once(once, move |tx| {
            Box::pin(async move { authentication(tx, &roles, principal.account, id).await })
        })
        .await?;
    Ok(Json(view))
}

async fn authentication(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    id: EnterpriseId,
) -> Result<InviteView, Failure> {
    let member = access::of(&mut *tx, account, id, platform.now()).await?;
    if member.level == TrustLevel::Authenticated {
        // One face check of the legal representative is enough (YST-031).
        return Err(ErrorCode::StateWrong.into());
    }
    if !matches!(member.role, Role::Linked | Role::Agent) {
        return Err(ErrorCode::NotAllowed.into());
    }
    let (mac, name): (Vec<u8>, Vec<u8>) =
        sqlx::query_as("SELECT rep_mac, rep_name FROM register WHERE uscc = $1")
            .bind(member.uscc.clone())
            .fetch_one(&mut *tx)
            .await?;
    let name = platform
        .sealer
        .open_text("register.rep_name", member.uscc.as_bytes(), &name)?;
    let limits = &platform.config.profile.invites;
    let new = NewRow {
        kind: InviteKind::Authentication,
        enterprise: id,
        inviter: account,
        name,
        mac: array("register.rep_mac", &mac)?,
        phone_mac: None,
        scope: vec![AUTHENTICATION_SCOPE.to_owned()],
        valid_days: limits.max_valid_days,
        expires_at: platform.now() + i64::from(limits.link_hours) * HOUR,
    };
    Ok(invite::insert(tx, platform, new).await?.view(platform)?)
}

/// `POST /v1/invites/{id}/sent`.
pub async fn sent(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    move_own(&platform, principal.account, &id, Event::Sent).await
}

/// `POST /v1/invites/{id}/revoke`.
pub async fn revoke(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    move_own(&platform, principal.account, &id, Event::Revoke).await
}

async fn move_own(
    platform: &Arc<Platform>,
    account: AccountId,
    id: &str,
    event: Event,
) -> Result<StatusCode, Failure> {
    let id: InviteId = id.parse().map_err(|_| ErrorCode::NotFound)?;
    let now = platform.now();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut invite = of_inviter(tx, account, id, now).await?;
                invite::step(tx, &mut invite, event, account, now).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The inviter's own, or one of an enterprise that the account manages now.
async fn of_inviter(
    tx: &mut Tx,
    account: AccountId,
    id: InviteId,
    now: i64,
) -> Result<Invite, Failure> {
    let invite = invite::load(&mut *tx, id, now)
        .await
        .map_err(|_| ErrorCode::NotFound)?;
    if invite.inviter != account {
        access::manager(&mut *tx, account, invite.enterprise, now)
            .await
            .map_err(|_| ErrorCode::NotFound)?;
    }
    Ok(invite)
}

fn parse_enterprise(text: &str) -> Result<EnterpriseId, Failure> {
    text.parse().map_err(|_| ErrorCode::NotFound.into())
}
