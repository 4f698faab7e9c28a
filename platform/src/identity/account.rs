//! `GET /v1/me`.

use super::persons::masked;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Principal};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::identity::{AccountKind, AccountView};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::AccountId;
use std::sync::Arc;

/// The account as its owner sees it.
pub async fn me(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<AccountView> {
    Ok(Json(AccountView {
        account_id: principal.account,
        kind: principal.kind,
        display_name: display_name(&platform, principal.account, principal.kind).await?,
    }))
}

/// 张* for a person, the registered name for an enterprise account.
pub async fn display_name(
    platform: &Platform,
    account: AccountId,
    kind: AccountKind,
) -> Result<String, Failure> {
    if kind == AccountKind::Person {
        let name = platform.name_of(account).await?;
        return Ok(masked(&name.ok_or(ErrorCode::Internal)?));
    }
    let name: Option<String> = sqlx::query_scalar(
        "SELECT r.name FROM members m JOIN enterprises e ON e.id = m.enterprise JOIN register r ON r.uscc = e.uscc
         WHERE m.account = $1 AND m.role = 'owner' AND r.name IS NOT NULL ORDER BY m.enterprise LIMIT 1",
    )
    .bind(account.0.to_vec())
    .fetch_optional(platform.db.reader())
    .await?;
    Ok(name.unwrap_or_default())
}
