//! `/i/{id}`: the page behind an invite link. Looking at it changes nothing.

use super::page::{escape, page as html};
use crate::agents::public_page;
use crate::platform::Platform;
use crate::server::Failure;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use kapok_protocol::api::agents::{InviteKind, InvitePage, InviteState};
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;
use time::{OffsetDateTime, UtcOffset};

async fn page_of(platform: &Platform, id: &str) -> Result<Html<String>, Failure> {
    let id = id.parse().map_err(|_| ErrorCode::InviteGone)?;
    let invite = public_page(platform, id).await?;
    let title = match invite.kind {
        InviteKind::Authentication => "企业认证与授权",
        InviteKind::Agent | InviteKind::Unknown => "经办人邀请",
    };
    let body = match (&invite.enterprise, &invite.invitee) {
        (Some(enterprise), Some(invitee)) => open(&invite, enterprise, invitee, &id.to_string()),
        _ => format!(
            "<section><p>{}</p><p class=\"soft\">如有疑问，请联系邀请您的人。</p></section>",
            ended(invite.state)
        ),
    };
    Ok(html(
        &platform.config.profile.title,
        "认证链接",
        title,
        &body,
    ))
}

fn open(invite: &InvitePage, enterprise: &str, invitee: &str, id: &str) -> String {
    format!(
        "<section><dl><dt>企业</dt><dd>{}</dd><dt>被邀请人</dt><dd>{}</dd><dt>有效期至</dt><dd>{}</dd></dl>\
         <a class=\"button\" href=\"kapok://invite/{id}\">在 App 中打开</a></section>\
         <p class=\"soft\">仅限被邀请人本人通过人脸识别后接受，转发给他人无效。</p>",
        escape(enterprise),
        escape(invitee),
        local_time(invite.expires_at),
    )
}

/// Beijing time: no other zone is in use where the system serves.
fn local_time(seconds: u64) -> String {
    let zone = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    i64::try_from(seconds)
        .ok()
        .and_then(|s| OffsetDateTime::from_unix_timestamp(s).ok())
        .map(|t| t.to_offset(zone))
        .map(|t| {
            format!(
                "{}-{:02}-{:02} {:02}:{:02}",
                t.year(),
                u8::from(t.month()),
                t.day(),
                t.hour(),
                t.minute()
            )
        })
        .unwrap_or_default()
}

const fn ended(state: InviteState) -> &'static str {
    match state {
        InviteState::Accepted => "邀请已被接受。",
        InviteState::Declined => "邀请已被拒绝。",
        InviteState::Expired => "邀请已过期。",
        InviteState::Revoked => "邀请已被撤回。",
        InviteState::Draft | InviteState::Sent | InviteState::Opened | InviteState::Unknown => {
            "邀请已失效。"
        }
    }
}

/// `GET /i/{id}`.
pub async fn page(State(platform): State<Arc<Platform>>, Path(id): Path<String>) -> Response {
    match page_of(&platform, &id).await {
        Ok(html) => html.into_response(),
        Err(Failure(error)) => {
            let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::GONE);
            let text = escape(error.code.texts()[0]);
            let body = format!("<section><p>{text}</p></section>");
            let title = &platform.config.profile.title;
            (status, html(title, "认证链接", "认证链接", &body)).into_response()
        }
    }
}
