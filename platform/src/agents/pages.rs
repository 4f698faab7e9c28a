//! What the link shows. Free of side effects until a signed-in person opens it: WeChat and scanners prefetch.

use super::invite::{self, Invite};
use super::transitions::Event;
use crate::clock::seconds;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Principal};
use axum::Json;
use axum::extract::{Path, State};
use kapok_protocol::api::agents::{InvitePage, InviteState};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::InviteId;
use std::sync::Arc;

/// `GET /v1/invites/{id}`, public.
pub async fn page(
    State(platform): State<Arc<Platform>>,
    Path(id): Path<String>,
) -> Answer<InvitePage> {
    Ok(Json(public_page(&platform, parse(&id)?).await?))
}

/// The page of an invite; after its end it names nobody (YST-020).
pub async fn public_page(platform: &Platform, id: InviteId) -> Result<InvitePage, Failure> {
    let invite = invite::load(platform.db.reader(), id, platform.now()).await?;
    show(platform, &invite).await
}

/// `POST /v1/invites/{id}/open`.
pub async fn open(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(id): Path<String>,
) -> Answer<InvitePage> {
    let (id, now) = (parse(&id)?, platform.now());
    let invite = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut invite = invite::load(&mut *tx, id, now).await?;
                // The inviter looking at his own link has not opened it; an invite that is over shows its state.
                if invite.inviter != principal.account && invite.open().is_ok() {
                    invite::step(tx, &mut invite, Event::Opened, principal.account, now).await?;
                }
                Ok::<_, Failure>(invite)
            })
        })
        .await?;
    Ok(Json(show(&platform, &invite).await?))
}

async fn show(platform: &Platform, invite: &Invite) -> Result<InvitePage, Failure> {
    let over = !matches!(
        invite.state,
        InviteState::Draft | InviteState::Sent | InviteState::Opened
    );
    let (mut enterprise, mut invitee) = (None, None);
    if !over {
        let name: Option<String> = sqlx::query_scalar(
            "SELECT coalesce(r.name, r.uscc) FROM enterprises e JOIN register r ON r.uscc = e.uscc WHERE e.id = $1",
        )
        .bind(invite.enterprise.0.to_vec())
        .fetch_optional(platform.db.reader())
        .await?;
        enterprise = name;
        invitee = Some(invite.invitee_masked(platform)?);
    }
    Ok(InvitePage {
        enterprise,
        invitee,
        kind: invite.kind,
        state: invite.state,
        expires_at: seconds(invite.expires_at),
    })
}

fn parse(id: &str) -> Result<InviteId, Failure> {
    id.parse().map_err(|_| ErrorCode::InviteGone.into())
}
