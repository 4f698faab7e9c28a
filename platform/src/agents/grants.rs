//! Grants: what an accepted invite gives, until it ends or is taken back.

use super::invite::Invite;
use crate::audit;
use crate::ca;
use crate::clock::{DAY, seconds};
use crate::guard;
use crate::identity::persons::{masked, new_id};
use crate::platform::Platform;
use crate::registry::access;
use crate::server::{Failure, Principal};
use crate::store::text::{array, of_word};
use crate::store::{StoreError, Tx};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kapok_protocol::api::agents::{AgentView, GrantState};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, GrantId};
use std::sync::Arc;

/// Adds the grant of an accepted invite to `agent`.
pub async fn add(
    tx: &mut Tx,
    platform: &Platform,
    invite: &Invite,
    agent: AccountId,
    granted_by: AccountId,
) -> Result<(), Failure> {
    let now = platform.now();
    let scope = serde_json::to_string(&invite.scope).map_err(|_| ErrorCode::Internal)?;
    sqlx::query("INSERT INTO grants VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8)")
        .bind(new_id(platform.clock.as_ref()).to_vec())
        .bind(invite.enterprise.0.to_vec())
        .bind(agent.0.to_vec())
        .bind(invite.id.0.to_vec())
        .bind(granted_by.0.to_vec())
        .bind(scope)
        .bind(now)
        .bind(now + i64::from(invite.valid_days) * DAY)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Vec<u8>,
    account: Vec<u8>,
    scope: String,
    state: String,
    valid_to: i64,
    name: Option<Vec<u8>>,
}

/// The agents of an enterprise.
pub async fn list(
    platform: &Platform,
    enterprise: EnterpriseId,
    now: i64,
) -> Result<Vec<AgentView>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT g.id, g.account, g.scope, g.state, g.valid_to, p.name
         FROM grants g LEFT JOIN persons p ON p.account = g.account WHERE g.enterprise = $1 ORDER BY g.id",
    )
    .bind(enterprise.0.to_vec())
    .fetch_all(platform.db.reader())
    .await?;
    rows.into_iter()
        .map(|row| view(platform, row, now))
        .collect()
}

fn view(platform: &Platform, row: Row, now: i64) -> Result<AgentView, StoreError> {
    let name = row
        .name
        .map(|name| {
            platform
                .sealer
                .open_text("persons.name", &row.account, &name)
        })
        .transpose()?
        .unwrap_or_default();
    let state: GrantState = of_word("grants.state", &row.state)?;
    let over = row.valid_to <= now && state != GrantState::Revoked;
    Ok(AgentView {
        grant_id: GrantId(array("grants.id", &row.id)?),
        name: masked(&name),
        scope: serde_json::from_str(&row.scope).map_err(|_| StoreError::Damaged("grants.scope"))?,
        valid_to: seconds(row.valid_to),
        state: if over { GrantState::Expired } else { state },
    })
}

/// `POST /v1/grants/{id}/revoke`: 注销授权, by who manages the enterprise.
pub async fn revoke(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    guard::second_face(&platform, &principal).await?;
    let id: GrantId = id.parse().map_err(|_| ErrorCode::NotFound)?;
    let now = platform.now();
    let (agent, enterprise) = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let found: Option<(Vec<u8>, Vec<u8>)> =
                    sqlx::query_as("SELECT account, enterprise FROM grants WHERE id = $1")
                        .bind(id.0.to_vec())
                        .fetch_optional(&mut *tx)
                        .await?;
                let (agent, enterprise) = found.ok_or(ErrorCode::NotFound)?;
                let agent = AccountId(array("grants.account", &agent)?);
                let enterprise = EnterpriseId(array("grants.enterprise", &enterprise)?);
                access::manager(&mut *tx, principal.account, enterprise, now).await?;
                sqlx::query("UPDATE grants SET state = 'revoked' WHERE id = $1")
                    .bind(id.0.to_vec())
                    .execute(&mut *tx)
                    .await?;
                let event = audit::Event {
                    event: "grant.revoked",
                    account: Some(&principal.account.0),
                    enterprise: Some(&enterprise.0),
                    object: Some(&id.0),
                };
                audit::note(tx, now, event).await?;
                Ok::<_, Failure>((agent, enterprise))
            })
        })
        .await?;
    ca::recheck(&platform, agent, enterprise).await?;
    Ok(StatusCode::NO_CONTENT)
}
