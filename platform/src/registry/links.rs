//! 关联已有企业账号 (YST-032 to YST-036). The answer to a request does not tell whether the login name exists.

use super::accounts::join;
use crate::audit;
use crate::clock::{DAY, seconds};
use crate::identity::persons::{masked, new_id, person_required};
use crate::platform::Platform;
use crate::server::{Answer, Failure, IdempotencyKey, Input, Principal};
use crate::store::Tx;
use crate::store::text::array;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kapok_formats::identity::EnterpriseName;
use kapok_protocol::api::registry::{AnswerLink, AskLink, LinkAsked, LinkView, Role};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, LinkId};
use std::sync::Arc;

/// What a link gives once the applicant agrees (YST-035).
const LINK_SCOPE: &str = r#"["matters"]"#;
/// Requests of one account a day.
const DAILY: i64 = 10;

/// `POST /v1/links`. The level of the named enterprise is public (the search shows it), so that refusing an unauthenticated one
/// (YST-033) tells nothing about login names.
pub async fn ask(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    key: IdempotencyKey,
    input: Input<AskLink>,
) -> Answer<LinkAsked> {
    let name =
        EnterpriseName::parse(&input.value.name).map_err(|_| Failure::field("name", "invalid"))?;
    let login = input.value.login.trim().to_owned();
    if login.is_empty() || login.len() > 256 {
        return Err(Failure::field("login", "length"));
    }
    person_required(platform.mac_of(principal.account).await?)?;
    let once = principal.once("links", key, &input);
    let lookup = EnterpriseName::lookup_key(name.as_str());
    let roles = Arc::clone(&platform);
    let answer = platform
        .once(once, move |tx| {
            Box::pin(async move { store(tx, &roles, principal.account, login, lookup).await })
        })
        .await?;
    Ok(Json(answer))
}

async fn store(
    tx: &mut Tx,
    platform: &Platform,
    account: AccountId,
    login: String,
    lookup: String,
) -> Result<LinkAsked, Failure> {
    let now = platform.now();
    let today: i64 =
        sqlx::query_scalar("SELECT count(*) FROM links WHERE asked_by = $1 AND asked_at > $2")
            .bind(account.0.to_vec())
            .bind(now - DAY)
            .fetch_one(&mut *tx)
            .await?;
    if today >= DAILY {
        return Err(ErrorCode::RateLimited.into());
    }
    let authenticated: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM enterprises e JOIN register r ON r.uscc = e.uscc
         WHERE r.lookup = $1 AND e.level = 'authenticated' LIMIT 1",
    )
    .bind(lookup.clone())
    .fetch_optional(&mut *tx)
    .await?;
    if authenticated.is_none() {
        return Err(ErrorCode::LinkNeedsAuthenticated.into());
    }
    let target: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT e.id FROM logins l JOIN members m ON m.account = l.account AND m.role = 'owner'
         JOIN enterprises e ON e.id = m.enterprise JOIN register r ON r.uscc = e.uscc
         WHERE l.login = $1 AND r.lookup = $2 AND e.level = 'authenticated' ORDER BY e.id LIMIT 1",
    )
    .bind(login)
    .bind(lookup)
    .fetch_optional(&mut *tx)
    .await?;
    let link_id = LinkId(new_id(platform.clock.as_ref()));
    sqlx::query("INSERT INTO links VALUES ($1, $2, $3, $4, 'waiting', NULL)")
        .bind(link_id.0.to_vec())
        .bind(target)
        .bind(account.0.to_vec())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    let event = audit::Event {
        event: "link.asked",
        account: Some(&account.0),
        object: Some(&link_id.0),
        ..audit::Event::default()
    };
    audit::note(tx, now, event).await?;
    Ok(LinkAsked { link_id })
}

/// `GET /v1/links`: what waits for the enterprise account that is logged in by password.
pub async fn waiting(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<Vec<LinkView>> {
    let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT l.id, l.asked_by, l.asked_at FROM links l
         JOIN members m ON m.enterprise = l.enterprise AND m.role = 'owner'
         WHERE m.account = $1 AND l.state = 'waiting' ORDER BY l.id",
    )
    .bind(principal.account.0.to_vec())
    .fetch_all(platform.db.reader())
    .await?;
    let mut views = Vec::with_capacity(rows.len());
    for (id, asked_by, asked_at) in rows {
        let asker = AccountId(array("links.asked_by", &asked_by)?);
        let name = platform.name_of(asker).await?.unwrap_or_default();
        views.push(LinkView {
            link_id: LinkId(array("links.id", &id)?),
            asked_by: masked(&name),
            asked_at: seconds(asked_at),
        });
    }
    Ok(Json(views))
}

/// `POST /v1/links/{id}/answer` by the account's applicant (YST-034).
pub async fn answer(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
    input: Input<AnswerLink>,
) -> Result<StatusCode, Failure> {
    let id: LinkId = id.parse().map_err(|_| ErrorCode::NotFound)?;
    let roles = Arc::clone(&platform);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move { decide(tx, &roles, &principal, id, input.value.agree).await })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn decide(
    tx: &mut Tx,
    platform: &Platform,
    principal: &Principal,
    id: LinkId,
    agree: bool,
) -> Result<(), Failure> {
    let row: Option<(Vec<u8>, Vec<u8>, String)> = sqlx::query_as(
        "SELECT l.enterprise, l.asked_by, l.state FROM links l
         JOIN members m ON m.enterprise = l.enterprise AND m.role = 'owner'
         WHERE l.id = $1 AND m.account = $2",
    )
    .bind(id.0.to_vec())
    .bind(principal.account.0.to_vec())
    .fetch_optional(&mut *tx)
    .await?;
    let (enterprise, asked_by, state) = row.ok_or(ErrorCode::NotFound)?;
    let word = if agree { "agreed" } else { "refused" };
    if state == word {
        // The answer was lost and is given again.
        return Ok(());
    }
    if state != "waiting" {
        return Err(ErrorCode::StateWrong.into());
    }
    let now = platform.now();
    sqlx::query("UPDATE links SET state = $1, decided_at = $2 WHERE id = $3")
        .bind(word)
        .bind(now)
        .bind(id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    if agree {
        let enterprise = EnterpriseId(array("links.enterprise", &enterprise)?);
        let agent = AccountId(array("links.asked_by", &asked_by)?);
        join(tx, platform, agent, enterprise, Role::Linked).await?;
        grant(tx, platform, principal.account, agent, enterprise).await?;
    }
    let name = format!("link.{word}");
    let event = audit::Event {
        event: &name,
        account: Some(&principal.account.0),
        enterprise: Some(&enterprise),
        object: Some(&id.0),
    };
    Ok(audit::note(tx, now, event).await?)
}

async fn grant(
    tx: &mut Tx,
    platform: &Platform,
    by: AccountId,
    agent: AccountId,
    enterprise: EnterpriseId,
) -> Result<(), Failure> {
    let now = platform.now();
    let days = i64::from(platform.config.profile.invites.max_valid_days);
    sqlx::query("INSERT INTO grants VALUES ($1, $2, $3, NULL, $4, $5, 'active', $6, $7)")
        .bind(new_id(platform.clock.as_ref()).to_vec())
        .bind(enterprise.0.to_vec())
        .bind(agent.0.to_vec())
        .bind(by.0.to_vec())
        .bind(LINK_SCOPE)
        .bind(now)
        .bind(now + days * DAY)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
