//! 选择办事企业, 手动添加, 选择该企业.

use super::access;
use super::accounts::{ensure, find_own, join, represent};
use super::register::{by_uscc, check_name, parse_uscc};
use crate::identity::persons::person_required;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input, Principal};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::registry::{
    AddEnterprise, EnterpriseView, RegisterEnterprise, Role, SelectEnterprise,
};
use kapok_protocol::error::{ApiError, ErrorCode};
use std::sync::Arc;

/// `GET /v1/enterprises`. Enterprises that the register has learned of since the login are found here too.
pub async fn list(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<Vec<EnterpriseView>> {
    let now = platform.now();
    if let Some(mac) = platform.mac_of(principal.account).await? {
        find_new(&platform, &principal, mac).await?;
    }
    let members = access::all(platform.db.reader(), principal.account, now).await?;
    let views = members.into_iter().map(|m| m.view(principal.enterprise));
    Ok(Json(views.collect()))
}

async fn find_new(
    platform: &Arc<Platform>,
    principal: &Principal,
    mac: [u8; 32],
) -> Result<(), Failure> {
    let account = principal.account;
    let new: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM register r WHERE r.rep_mac = $1 AND r.name IS NOT NULL AND NOT EXISTS
         (SELECT 1 FROM members m JOIN enterprises e ON e.id = m.enterprise
          WHERE e.uscc = r.uscc AND m.account = $2 AND m.role = 'legal_rep')",
    )
    .bind(mac.to_vec())
    .bind(account.0.to_vec())
    .fetch_one(platform.db.reader())
    .await?;
    if new == 0 {
        return Ok(());
    }
    let roles = Arc::clone(platform);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                find_own(tx, &roles, account, &mac)
                    .await
                    .map_err(Failure::from)
            })
        })
        .await
}

/// `POST /v1/enterprises/select`: for this phone's login (YST-011, YST-016).
pub async fn select(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<SelectEnterprise>,
) -> Answer<EnterpriseView> {
    let (id, now) = (input.value.enterprise_id, platform.now());
    let member = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let member = access::of(&mut *tx, principal.account, id, now).await?;
                sqlx::query("UPDATE sessions SET enterprise = $1 WHERE id = $2")
                    .bind(id.0.to_vec())
                    .bind(principal.session.to_vec())
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, Failure>(member)
            })
        })
        .await?;
    Ok(Json(member.view(Some(id))))
}

/// `POST /v1/enterprises/add`: by code, for its legal representative (YST-014).
pub async fn add(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<AddEnterprise>,
) -> Answer<EnterpriseView> {
    let uscc = parse_uscc(&input.value.uscc)?;
    let mac = person_required(platform.mac_of(principal.account).await?)?;
    let entry = by_uscc(platform.db.reader(), &uscc)
        .await?
        .ok_or_else(|| not_found("uscc"))?;
    if entry.rep_mac != mac {
        return Err(ErrorCode::EnterpriseNotYours.into());
    }
    let (roles, account, selected) = (
        Arc::clone(&platform),
        principal.account,
        principal.enterprise,
    );
    let member = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = represent(tx, &roles, account, &entry.uscc).await?;
                access::of(&mut *tx, account, id, roles.now()).await
            })
        })
        .await?;
    Ok(Json(member.view(selected)))
}

/// `POST /v1/enterprises/register`: by the exact name and code (YST-025, YST-055).
pub async fn register(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<RegisterEnterprise>,
) -> Answer<EnterpriseView> {
    let uscc = parse_uscc(&input.value.uscc)?;
    let mac = person_required(platform.mac_of(principal.account).await?)?;
    let entry = by_uscc(platform.db.reader(), &uscc)
        .await?
        .ok_or_else(|| not_found("uscc"))?;
    check_name(&entry, &input.value.name)?;
    let (roles, account, selected) = (
        Arc::clone(&platform),
        principal.account,
        principal.enterprise,
    );
    let member = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let id = if entry.rep_mac == mac {
                    represent(tx, &roles, account, &entry.uscc).await?
                } else {
                    let id = ensure(tx, &roles, &entry.uscc, Some(account)).await?;
                    join(tx, &roles, account, id, Role::Linked).await?;
                    id
                };
                access::of(&mut *tx, account, id, roles.now()).await
            })
        })
        .await?;
    Ok(Json(member.view(selected)))
}

fn not_found(field: &str) -> Failure {
    Failure(ApiError {
        field: Some(field.to_owned()),
        reason: Some("not_registered".into()),
        ..ApiError::new(ErrorCode::EnterpriseNotFound)
    })
}
