//! The mini program's side of a handoff: what its backend does when WeChat opens it.
//!
//! Triggered by a path with the handoff's id. Outcome: a return code for the 返回 button and six digits for the slow way.
//! Exits: wrong scene, another WeChat user, unsupported document, daily limit, failed checks. The verified name never
//! reaches the mini program, and the result comes from the provider by the order's id only.

use super::handoff::row::{self, Handoff};
use super::handoff::state::State;
use super::handoff::transitions::Event;
use super::handoff::{DECLARED, RETURN_LIFE, face_supported};
use super::persons::masked;
use super::provider::{Order, Provided, VerifiedPerson};
use crate::clock::DAY;
use crate::face_results::FaceResult;
use crate::platform::Platform;
use crate::server::Failure;
use crate::store::Tx;
use base64ct::{Base64UrlUnpadded, Encoding};
use kapok_protocol::api::identity::{HandoffMode, Purpose, TypedIdentity};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::HandoffId;
use std::sync::Arc;

/// A WeChat user as `wx.login` names him to this mini program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenId(pub String);

/// What the mini program shows.
pub struct Page {
    /// Where the handoff is.
    pub state: State,
    /// What for.
    pub purpose: Purpose,
    /// Which phone: must be this one, or the one beside it.
    pub mode: HandoffMode,
    /// Two digits: 「App 里也显示 47 吗？」
    pub match_code: String,
    /// The asking phone.
    pub device_label: String,
    /// When it was asked, microseconds.
    pub asked_at: i64,
    /// Name typed in the app, masked; nothing where it is typed here (YST-004).
    pub declared: Option<String>,
    /// Face checks left.
    pub face_left: u32,
}

/// What the success page shows.
pub struct Passed {
    /// `kapok://app/wx/return?h=…&r=…`: `app-parameter` of the 返回 button.
    pub return_link: String,
    /// Six digits, for when the button does not work.
    pub typed_code: String,
}

/// Opens the handoff for a WeChat user who came from `scene`.
pub async fn open(
    platform: &Arc<Platform>,
    id: HandoffId,
    user: &OpenId,
    scene: u32,
) -> Result<Page, Failure> {
    let now = platform.now();
    let user_mac = openid_mac(platform, user);
    let face = platform.config.profile.face;
    let handoff = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = row::load(&mut *tx, id, now).await?;
                let scene_fits = match handoff.mode {
                    HandoffMode::SameDevice => face.same_device_scenes.contains(&scene),
                    HandoffMode::CrossDevice => face.cross_device_scenes.contains(&scene),
                };
                let first = handoff.openid_mac.is_none();
                let same_user = first || handoff.openid_mac.as_deref() == Some(&user_mac);
                let event = Event::Open {
                    scene_fits,
                    same_user,
                };
                let to = row::step(tx, &mut handoff, event, now).await?;
                if first && to == State::Opened {
                    sqlx::query("UPDATE handoffs SET openid_mac = $1 WHERE id = $2")
                        .bind(user_mac.to_vec())
                        .bind(id.0.to_vec())
                        .execute(&mut *tx)
                        .await?;
                }
                Ok::<_, Failure>(handoff)
            })
        })
        .await?;
    if handoff.state == State::Locked {
        return Err(ErrorCode::HandoffLocked.into());
    }
    page(platform, &handoff)
}

fn page(platform: &Platform, handoff: &Handoff) -> Result<Page, Failure> {
    Ok(Page {
        state: handoff.state,
        purpose: handoff.purpose,
        mode: handoff.mode,
        match_code: handoff.match_code.clone(),
        device_label: handoff.device_label.clone(),
        asked_at: handoff.created_at,
        declared: declared(platform, handoff)?.map(|typed| masked(typed.name.trim())),
        face_left: handoff.face_left,
    })
}

fn declared(platform: &Platform, handoff: &Handoff) -> Result<Option<TypedIdentity>, Failure> {
    let Some(sealed) = &handoff.declared else {
        return Ok(None);
    };
    let plain = platform.sealer.open(DECLARED, &handoff.id.0, sealed)?;
    Ok(Some(
        serde_json::from_slice(&plain).map_err(|_| ErrorCode::Internal)?,
    ))
}

/// Starts a face check: with the identity typed here, or with the one typed in the app. Answers the provider's order.
pub async fn begin_face(
    platform: &Arc<Platform>,
    id: HandoffId,
    user: &OpenId,
    typed: Option<TypedIdentity>,
) -> Result<Order, Failure> {
    let now = platform.now();
    let handoff = of_user(platform, id, user, now).await?;
    let typed = match (declared(platform, &handoff)?, typed) {
        (None, None) => return Err(Failure::field("identity", "missing")),
        (None, Some(typed)) | (Some(typed), None) => typed,
        (Some(_), Some(typed)) => typed,
    };
    let person = platform.person("identity", &typed)?;
    face_supported(platform, person.document)?;
    if handoff.declared_mac.is_some_and(|mac| mac != person.mac) {
        return Err(ErrorCode::IdentityMismatch.into());
    }
    let order = Order(rand::random());
    let (mac, limits) = (person.mac, platform.config.profile.face);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = row::load(&mut *tx, id, now).await?;
                row::step(tx, &mut handoff, Event::FaceStarted, now).await?;
                within_limits(tx, &mac, &handoff.jkt, limits, now).await?;
                sqlx::query("UPDATE handoffs SET face_order = $1, person_mac = $2 WHERE id = $3")
                    .bind(order.0.to_vec())
                    .bind(mac.to_vec())
                    .bind(id.0.to_vec())
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, Failure>(())
            })
        })
        .await?;
    platform.provider.open(order, &person).await?;
    Ok(order)
}

/// Five checks a day for a person on a device; thirty for a person, then only devices that the account knows: a stranger who
/// types my number must not close my face login.
async fn within_limits(
    tx: &mut Tx,
    mac: &[u8; 32],
    jkt: &[u8; 32],
    limits: crate::config::FaceLimits,
    now: i64,
) -> Result<(), Failure> {
    sqlx::query("DELETE FROM face_checks WHERE at <= $1")
        .bind(now - DAY)
        .execute(&mut *tx)
        .await?;
    let (all, here): (i64, i64) = sqlx::query_as(
        "SELECT count(*), coalesce(sum(jkt = $1), 0) FROM face_checks WHERE person_mac = $2",
    )
    .bind(jkt.to_vec())
    .bind(mac.to_vec())
    .fetch_one(&mut *tx)
    .await?;
    if here >= i64::from(limits.daily_per_person_and_device) {
        return Err(ErrorCode::FaceLimit.into());
    }
    if all >= i64::from(limits.daily_per_person) {
        let known: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM devices d JOIN persons p ON p.account = d.account WHERE p.id_mac = $1 AND d.jkt = $2",
        )
        .bind(mac.to_vec())
        .bind(jkt.to_vec())
        .fetch_optional(&mut *tx)
        .await?;
        if known.is_none() {
            return Err(ErrorCode::FaceLimit.into());
        }
    }
    sqlx::query("INSERT INTO face_checks VALUES ($1, $2, $3, $4)")
        .bind(rand::random::<[u8; 16]>().to_vec())
        .bind(mac.to_vec())
        .bind(jkt.to_vec())
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Fetches the provider's result. `HANDOFF_PENDING` while there is none, `FACE_FAILED` with the tries left after a failed check.
pub async fn collect(
    platform: &Arc<Platform>,
    id: HandoffId,
    user: &OpenId,
) -> Result<Passed, Failure> {
    let now = platform.now();
    let handoff = of_user(platform, id, user, now).await?;
    let order = match (handoff.state, handoff.face_order) {
        (State::Verifying, Some(order)) => Order(order),
        _ => return Err(ErrorCode::StateWrong.into()),
    };
    match platform.provider.fetch(order).await? {
        Provided::Waiting => Err(ErrorCode::HandoffPending.into()),
        Provided::Failed => Err(failed(platform, id, order, now).await?),
        Provided::Passed(person) => passed(platform, &handoff, order, person, now).await,
    }
}

async fn failed(
    platform: &Platform,
    id: HandoffId,
    order: Order,
    now: i64,
) -> Result<Failure, Failure> {
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = same_order(tx, id, order, now).await?;
                let left = handoff.face_left.saturating_sub(1);
                row::step(tx, &mut handoff, Event::FaceFailed { left }, now).await?;
                sqlx::query(
                    "UPDATE handoffs SET face_left = $1, face_order = NULL, person_mac = NULL WHERE id = $2",
                )
                .bind(i64::from(left))
                .bind(id.0.to_vec())
                .execute(&mut *tx)
                .await?;
                Ok(Failure(ApiError {
                    tries_left: Some(left),
                    ..ApiError::new(ErrorCode::FaceFailed)
                }))
            })
        })
        .await
}

async fn passed(
    platform: &Arc<Platform>,
    handoff: &Handoff,
    order: Order,
    person: VerifiedPerson,
    now: i64,
) -> Result<Passed, Failure> {
    let id = handoff.id;
    // The face service's file first: a result without a verified handoff is never looked at, the other way round it would be
    // missed.
    let person_mac = handoff.person_mac.ok_or(ErrorCode::Internal)?;
    if person.mac != person_mac {
        return Err(ErrorCode::IdentityMismatch.into());
    }
    platform
        .face
        .record(FaceResult {
            handoff: id,
            purpose: handoff.purpose,
            person_mac,
            name: person.name,
            document: person.document,
            jkt: handoff.jkt,
            device_key: handoff.device_key,
            liveness: person.liveness,
            at: now,
        })
        .await?;
    let code: [u8; 16] = rand::random();
    let typed_code = format!("{:06}", rand::random_range(0..1_000_000_u32));
    let return_hash = platform.return_hash(id, &code).to_vec();
    let typed_hash = platform.typed_hash(id, &typed_code).to_vec();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = same_order(tx, id, order, now).await?;
                row::step(tx, &mut handoff, Event::FacePassed, now).await?;
                sqlx::query(
                    "UPDATE handoffs SET return_hash = $1, return_expires = $2, typed_hash = $3 WHERE id = $4",
                )
                .bind(return_hash)
                .bind(now + RETURN_LIFE)
                .bind(typed_hash)
                .bind(id.0.to_vec())
                .execute(&mut *tx)
                .await?;
                Ok::<_, Failure>(())
            })
        })
        .await?;
    let code = Base64UrlUnpadded::encode_string(&code);
    Ok(Passed {
        return_link: format!("kapok://app/wx/return?h={id}&r={code}"),
        typed_code,
    })
}

/// Cancels from the mini program.
pub async fn cancel(platform: &Arc<Platform>, id: HandoffId, user: &OpenId) -> Result<(), Failure> {
    let now = platform.now();
    of_user(platform, id, user, now).await?;
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = row::load(&mut *tx, id, now).await?;
                row::step(tx, &mut handoff, Event::Cancel, now).await?;
                Ok(())
            })
        })
        .await
}

async fn same_order(
    tx: &mut Tx,
    id: HandoffId,
    order: Order,
    now: i64,
) -> Result<Handoff, Failure> {
    let handoff = row::load(&mut *tx, id, now).await?;
    if handoff.face_order == Some(order.0) {
        return Ok(handoff);
    }
    Err(ErrorCode::StateWrong.into())
}

/// The handoff, for the WeChat user who owns it.
async fn of_user(
    platform: &Platform,
    id: HandoffId,
    user: &OpenId,
    now: i64,
) -> Result<Handoff, Failure> {
    let handoff = row::load(platform.db.reader(), id, now).await?;
    let user = openid_mac(platform, user);
    match &handoff.openid_mac {
        Some(owner) if owner.as_slice() == user => Ok(handoff),
        Some(_) => Err(ErrorCode::HandoffLocked.into()),
        None => Err(ErrorCode::StateWrong.into()),
    }
}

fn openid_mac(platform: &Platform, user: &OpenId) -> [u8; 32] {
    platform.keys.mac("openid", &[user.0.as_bytes()])
}

/// What the mini program shows to the user who has opened it already.
pub async fn look(platform: &Arc<Platform>, id: HandoffId, user: &OpenId) -> Result<Page, Failure> {
    page(
        platform,
        &of_user(platform, id, user, platform.now()).await?,
    )
}
