//! Certificates of a lost phone, and those that the enterprise suspends.

use super::*;
use crate::guard::tests::client::PIN;
use crate::server::{Acr, DeviceProof, Principal};
use kapok_protocol::api::identity::AccountKind;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::Code;
use kapok_protocol::ids::DeviceId;

const DAY: i64 = 86_400 * SECOND;

async fn confirm_over_http(world: &World, holder: &Holder, kind: PinKind) {
    let confirm = holder.pin.try_pin(&PIN, kind, 0).await.unwrap();
    let signed = holder.pin.signed(&confirm);
    let body = serde_json::to_value(kapok_protocol::api::guard::SignedBody::from(signed)).unwrap();
    let (status, body) = holder.phone.post(world, "/v1/guard/confirm", body).await;
    assert_eq!(status, 200, "{body}");
}

/// 张伟's phone with a certificate, and his second one, on which he has just logged in by face.
async fn two_phones(world: &World) -> (Holder, String, Holder) {
    let mut lost = Holder::new(world, "张伟").await;
    let serial = lost.install(world, 0x51).await.serial;
    world.clock.advance(10 * SECOND);
    (lost, serial, Holder::new(world, "张伟").await)
}

async fn report(world: &World, lost: &Holder, by: &Holder) -> (u16, Value) {
    let device = lost.pin.device;
    let statement = by.statement(world, "device_change", &device.0).await;
    let path = format!("/v1/phones/{device}/lost");
    let body = serde_json::to_value(statement).unwrap();
    by.phone.post(world, &path, body).await
}

/// What a timer does every minute.
async fn days_pass(world: &World) {
    world.platform.guard.delete_overdue().await.unwrap();
    crate::guard::follow_soon(&world.platform).await;
}

async fn shares(world: &World, device: DeviceId) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM shares WHERE device = $1")
        .bind(device.0.to_vec())
        .fetch_one(world.platform.face_db.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn pin_19_the_certificates_of_a_lost_phone_are_suspended_and_come_back_by_an_objection() {
    let world = World::new().await;
    let (lost, serial, new) = two_phones(&world).await;
    let (status, body) = report(&world, &lost, &new).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["device_id"], json!(lost.pin.device));
    assert_eq!(state(&world, &new.phone, &serial).await, "suspended");
    let raw = hex::decode(&serial).unwrap();
    assert!(crl(&world).await.entry(&raw).is_some());
    let (_, phones) = new.phone.get(&world, "/v1/phones").await;
    let states: Vec<_> = phones.as_array().unwrap().iter().collect();
    assert_eq!(states.len(), 2);
    for phone in states {
        let own = phone["this_phone"] == json!(true);
        assert_eq!(phone["state"], if own { "ok" } else { "revoked" });
        assert_eq!(phone["objection_until"].is_null(), own);
    }
    confirm_over_http(&world, &lost, PinKind::Object).await;
    assert_eq!(state(&world, &new.phone, &serial).await, "active");
    assert!(crl(&world).await.entry(&raw).is_none());
    lost.pin.connect(&PIN, 1).await;
}

#[tokio::test]
async fn pin_19_after_three_days_the_certificates_of_a_lost_phone_are_revoked() {
    let world = World::new().await;
    let (lost, serial, new) = two_phones(&world).await;
    let device = lost.pin.device;
    let staged = sqlx::query("INSERT INTO shares VALUES ($1, $2, $3, 1, $4, 1, 0)");
    let ids = [lost.account().0.to_vec(), device.0.to_vec()];
    world
        .platform
        .face_db
        .write(move |tx| {
            Box::pin(async move {
                let [account, device] = ids;
                let staged = staged.bind(account).bind(device);
                let staged = staged.bind(vec![1; 16]).bind(vec![2; 72]);
                staged.execute(&mut *tx).await?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
    assert_eq!(report(&world, &lost, &new).await.0, 200);
    world.clock.advance(3 * DAY - SECOND);
    days_pass(&world).await;
    assert_eq!(state_of(&world, &serial).await, "suspended");
    world.clock.advance(SECOND);
    days_pass(&world).await;
    assert_eq!(state_of(&world, &serial).await, "revoked");
    assert_eq!(shares(&world, device).await, 0);
    days_pass(&world).await;
}

async fn state_of(world: &World, serial: &str) -> String {
    sqlx::query_scalar("SELECT state FROM certificates WHERE serial = $1")
        .bind(hex::decode(serial).unwrap())
        .fetch_one(world.platform.db.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn pin_17_a_loss_is_reported_by_a_login_of_the_last_five_minutes_only() {
    let world = World::new().await;
    let (lost, serial, new) = two_phones(&world).await;
    // Somebody else's statement about this phone.
    let other = Holder::new(&world, "李娜").await;
    let foreign = report(&world, &lost, &other).await;
    assert_eq!(code(&foreign), "NOT_FOUND");
    world.clock.advance(300 * SECOND + 1);
    let ask = json!({
        "handoff_id": new.handoff_id(), "purpose": "device_change",
        "reference": Bytes::from(lost.pin.device.0),
    });
    let late = new.phone.post(&world, "/v1/face/assertions", ask).await;
    assert_eq!(code(&late), "HANDOFF_EXPIRED");
    assert_eq!(state(&world, &new.phone, &serial).await, "active");
}

#[tokio::test]
async fn pin_19_the_revocation_code_needs_no_login() {
    let world = World::new().await;
    let mut lost = Holder::new(&world, "张伟").await;
    let serial = lost.install(&world, 0x51).await.serial;
    let revocation = Code::new([0x5c; 10]);
    let confirm = lost.pin.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    lost.pin.ask(&confirm).await.unwrap();
    let request = lost.pin.code_request(confirm.attempt, revocation.hash());
    lost.pin.ask(&request).await.unwrap();
    let nobody = world.phone();
    let typed = |name: &str, code: &str| {
        let owner = world.platform.people.named(name).unwrap().typed();
        json!({"owner": owner, "code": code})
    };
    let text = revocation.text().to_lowercase();
    for (body, expected) in [
        (typed("张伟", "0000-0000-0000-0000"), "NOT_FOUND"),
        (typed("李娜", &text), "NOT_FOUND"),
        (typed("张伟", "nothing"), "INPUT_INVALID"),
    ] {
        let refused = nobody.post(&world, "/v1/phones/lost", body).await;
        assert_eq!(code(&refused), expected);
    }
    let body = typed("张伟", &text);
    let (status, body) = nobody.post(&world, "/v1/phones/lost", body).await;
    assert_eq!((status, &body["device_id"]), (200, &json!(lost.pin.device)));
    assert_eq!(state_of(&world, &serial).await, "suspended");
}

#[tokio::test]
async fn yqq_040_who_manages_the_enterprise_suspends_and_revokes_one_certificate() {
    let world = World::new().await;
    let mut rep = Holder::new(&world, "张伟").await;
    let serial = rep.install(&world, 0x51).await.serial;
    let stranger = Holder::new(&world, "李娜").await;
    let path = |act: &str| format!("/v1/certificates/{serial}/{act}");
    for act in ["suspend", "resume", "revoke"] {
        let refused = stranger.phone.post(&world, &path(act), json!({})).await;
        assert_eq!(code(&refused), "NOT_FOUND");
    }
    let act = async |act: &str| rep.phone.post(&world, &path(act), json!({})).await.0;
    let pick = async || {
        let lease = rep.pin.connect(&PIN, 1).await.lease.unwrap().lease;
        rep.pin.pick(lease, 0x51).await.map_err(|no| no.code)
    };
    let raw = hex::decode(&serial).unwrap();
    assert_eq!(act("suspend").await, 204);
    assert_eq!(state(&world, &rep.phone, &serial).await, "suspended");
    assert_eq!(pick().await, Err(ErrorCode::GrantSuspended));
    assert!(crl(&world).await.entry(&raw).is_some());
    // An objection about the phone ends no suspension by the enterprise.
    let new = Holder::new(&world, "张伟").await;
    assert_eq!(report(&world, &rep, &new).await.0, 200);
    confirm_over_http(&world, &rep, PinKind::Object).await;
    assert_eq!(state(&world, &new.phone, &serial).await, "suspended");
    assert_eq!(act("resume").await, 204);
    assert!(pick().await.is_ok());
    assert!(crl(&world).await.entry(&raw).is_none());
    assert_eq!(act("revoke").await, 204);
    assert_eq!(pick().await, Err(ErrorCode::CertRevoked));
    assert_eq!(act("resume").await, 204);
    assert_eq!(state(&world, &rep.phone, &serial).await, "revoked");
}

#[tokio::test]
async fn pin_17_for_a_day_after_a_reset_lasting_acts_need_a_second_face_check() {
    let world = World::new().await;
    let mut rep = Holder::new(&world, "张伟").await;
    let serial = rep.install(&world, 0x51).await.serial;
    let acts = [
        (format!("/v1/certificates/{serial}/suspend"), json!({})),
        (format!("/v1/grants/{}/revoke", "03".repeat(16)), json!({})),
        (
            format!("/v1/enterprises/{}/invites", rep.enterprise),
            json!({
                "name": "李娜", "document": "resident_id", "number": "440305199208274627",
                "phone": "13800138000", "valid_days": 30, "scope": ["matters"],
            }),
        ),
        (
            "/v1/seals".to_owned(),
            json!({"preview_id": "07".repeat(16)}),
        ),
    ];
    world.clock.advance(SECOND);
    rep.pin.reset(1, world.platform.clock.seconds()).await;
    for (path, body) in &acts {
        let refused = rep.phone.post(&world, path, body.clone()).await;
        assert_eq!(code(&refused), "FACE_AGAIN", "{path}");
    }
    // Looking is no act, and the PIN opens.
    assert_eq!(rep.phone.get(&world, "/v1/certificates").await.0, 200);
    world.clock.advance(SECOND);
    // Logged in as he is: one does not log out for it.
    let handoff = rep.phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let proof = crate::testing::typed(&passed);
    let (status, done) = rep.phone.finish(&world, &handoff, &proof).await;
    assert_eq!(status, 200, "{done}");
    rep.phone.keep(&done["logged_in"]["tokens"]);
    for (path, body) in &acts {
        let answer = rep.phone.post(&world, path, body.clone()).await;
        assert_ne!(answer.0, 401, "{path} {answer:?}");
        assert_ne!(answer.1["code"], "FACE_AGAIN", "{path}");
    }
}

#[tokio::test]
async fn pin_17_the_second_face_check_is_after_the_reset_and_asked_for_a_day() {
    let world = World::new().await;
    let mut rep = Holder::new(&world, "张伟").await;
    rep.install(&world, 0x51).await;
    rep.pin.reset(1, world.platform.clock.seconds()).await;
    let reset = world.platform.now();
    let asked = async |acr, auth_time| {
        let principal = Principal {
            account: rep.pin.account,
            kind: AccountKind::Person,
            session: [0; 16],
            device: DeviceProof {
                jkt: [0; 32],
                public_key: kapok_protocol::point::public_of(&rep.pin.key).unwrap(),
            },
            acr,
            auth_time,
            handoff: None,
            enterprise: None,
            restricted_until: 0,
        };
        crate::guard::second_face(&world.platform, &principal)
            .await
            .is_err()
    };
    assert!(asked(Acr::Face, reset - 1).await);
    assert!(asked(Acr::Face, reset).await, "not after it");
    assert!(!asked(Acr::Face, reset + 1).await);
    assert!(asked(Acr::Password, reset + 1).await);
    world.clock.advance(DAY - 1);
    assert!(asked(Acr::Face, reset).await);
    world.clock.advance(1);
    assert!(!asked(Acr::Face, reset).await, "a day later");
}
