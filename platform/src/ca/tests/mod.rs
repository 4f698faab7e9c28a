//! Certificates over HTTP, with a PIN proof of the platform's own guard.

mod holder;
mod lost;

pub use holder::{COMPANY, Holder, issued};

use super::revoke;
use crate::clock::SECOND;
use crate::guard::tests::client;
use crate::testing::{Phone, World, code};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use kapok_formats::x509::{Certificate, Crl, verify_chain};
use kapok_protocol::api::certificates::{CertificateIssued, CertificateKind, OrderCertificate};
use kapok_protocol::guard::PinKind;
use kapok_protocol::ids::{Bytes, OrderId};
use kapok_protocol::point;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

fn parsed(issued: &CertificateIssued) -> Vec<Certificate> {
    let read = |der: &Bytes| Certificate::parse(der).unwrap();
    issued.chain.iter().map(read).collect()
}

async fn state(world: &World, phone: &Phone, serial: &str) -> Value {
    let path = format!("/v1/certificates/{serial}/status");
    phone.get(world, &path).await.1["state"].clone()
}

async fn crl(world: &World) -> Crl {
    let request = Request::get("/crl/ca.crl")
        .header(header::HOST, "127.0.0.1:8080")
        .body(Body::empty())
        .unwrap();
    let response = world.browser_side.clone().oneshot(request).await.unwrap();
    Crl::parse(&to_bytes(response.into_body(), 1 << 20).await.unwrap()).unwrap()
}

async fn execute(world: &World, sql: &'static str, binds: Vec<Vec<u8>>) {
    world
        .platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut query = sqlx::query(sql);
                for bind in binds {
                    query = query.bind(bind);
                }
                query.execute(&mut *tx).await?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn yqq_010_with_all_evidence_the_registered_name_is_certified_once() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let order = holder
        .order(&world, 0x51, CertificateKind::Organisation)
        .await;
    let first = issued(&holder.send(&world, &order).await);
    let chain = parsed(&first);
    let now = world.platform.clock.seconds();
    let roots = [world.platform.pki.root.certificate.clone()];
    verify_chain(&chain[0], &chain[1..], &roots, now, &[]).unwrap();
    assert_eq!(chain[0].subject().common_name.as_deref(), Some(COMPANY));
    assert_eq!(chain[0].uscc().unwrap().as_str(), "91440101MA5CK7X138");
    assert_eq!(
        chain[0].not_after() - chain[0].not_before(),
        2 * 365 * 86_400
    );
    assert_eq!(chain[0].serial_hex(), first.serial);
    // A lost answer: the order again, or the request's hash.
    assert_eq!(issued(&holder.send(&world, &order).await), first);
    let path = format!(
        "/v1/certificates/by-csr/{}",
        hex::encode(Sha256::digest(&order.csr.0))
    );
    assert_eq!(issued(&holder.phone.get(&world, &path).await), first);
    let (_, list) = holder.phone.get(&world, "/v1/certificates").await;
    let line = |list: &Value| {
        let lines = list.as_array().unwrap().iter();
        lines
            .filter(|line| line["serial"] == first.serial.as_str())
            .count()
    };
    assert_eq!(line(&list), 1, "{list}");
    assert_eq!(state(&world, &holder.phone, &first.serial).await, "active");
    let rows = world.number("SELECT count(*) FROM certificates").await;
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn yqq_010_each_piece_of_evidence_is_needed_and_nothing_is_left_behind() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let kind = CertificateKind::Organisation;
    let other = holder.order(&world, 0x52, kind).await;
    let good = holder.order(&world, 0x51, kind).await;
    let first_set = holder
        .statement(&world, "first_set", &good.order_id.0)
        .await;
    let mut forged_proof = good.pin_proof.clone();
    forged_proof.signature.0[9] ^= 1;
    let mut broken_csr = good.csr.clone();
    let last = broken_csr.0.len() - 1;
    broken_csr.0[last] ^= 1;
    let change = |field: &'static str, make: &dyn Fn(&mut OrderCertificate)| {
        let mut order = good.clone();
        make(&mut order);
        (field, order)
    };
    let bad = [
        change("csr", &|order| order.csr = broken_csr.clone()),
        change("device_signature", &|order| order.csr = other.csr.clone()),
        change("device_signature", &|order| {
            order.order_id = OrderId([9; 16])
        }),
        change("device_signature", &|order| {
            order.device_signature = other.device_signature.clone();
        }),
        change("device_key", &|order| {
            order.device_key = point::public_of(&[9; 32]).unwrap().into();
        }),
        change("face", &|order| order.face = other.face.clone()),
        change("face", &|order| order.face = first_set.clone()),
        change("face", &|order| order.face = order.pin_proof.clone()),
        change("pin_proof", &|order| {
            order.pin_proof = other.pin_proof.clone()
        }),
        change("pin_proof", &|order| order.pin_proof = forged_proof.clone()),
        change("pin_proof", &|order| order.pin_proof = order.face.clone()),
        change("pin_proof", &|order| order.intent_salt = [0; 32].into()),
        change("intent_salt", &|order| {
            order.intent_salt = vec![0; 31].into()
        }),
    ];
    for (field, order) in bad {
        let reply = holder.send(&world, &order).await;
        assert_eq!(code(&reply), "CERT_EVIDENCE", "{field}");
        assert_eq!(reply.1["field"], field);
    }
    // Another person's phone with all of it.
    let stranger = world.logged_in("李娜").await;
    let body = serde_json::to_value(&good).unwrap();
    let reply = stranger.post(&world, "/v1/certificates", body).await;
    assert_eq!(code(&reply), "CERT_EVIDENCE");
    world.clock.advance(121 * SECOND);
    let late = holder.send(&world, &good).await;
    assert_eq!(
        (code(&late), &late.1["field"]),
        ("CERT_EVIDENCE", &json!("pin_proof"))
    );
    let rows = world.number("SELECT count(*) FROM certificates").await;
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn yqq_010_a_pin_typed_for_something_else_is_no_evidence() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let mut order = holder
        .order(&world, 0x51, CertificateKind::Organisation)
        .await;
    let confirm = holder
        .pin
        .try_pin(&client::PIN, PinKind::Deregister, 0)
        .await
        .unwrap();
    order.pin_proof = holder.pin.ask(&confirm).await.unwrap().pin_proof.into();
    let reply = holder.send(&world, &order).await;
    assert_eq!(code(&reply), "CERT_EVIDENCE");
}

#[tokio::test]
async fn what_is_signed_was_stored_before_and_a_crash_in_between_is_finished() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let order = holder
        .order(&world, 0x51, CertificateKind::Organisation)
        .await;
    let first = issued(&holder.send(&world, &order).await);
    let tbs: Vec<u8> = sqlx::query_scalar("SELECT tbs FROM certificates")
        .fetch_one(world.platform.db.reader())
        .await
        .unwrap();
    let leaf = &first.chain[0].0;
    assert!(leaf.windows(tbs.len()).any(|part| part == tbs));
    // Killed after the reservation: the row is there, the certificate is not.
    let undo = "UPDATE certificates SET certificate = NULL, state = 'reserved'";
    execute(&world, undo, Vec::new()).await;
    assert_eq!(issued(&holder.send(&world, &order).await), first);
}

#[tokio::test]
async fn only_who_has_the_right_gets_a_certificate_of_an_enterprise() {
    let world = World::new().await;
    Holder::new(&world, "张伟").await;
    let mut stranger = Holder::new(&world, "李娜").await;
    for kind in [CertificateKind::Organisation, CertificateKind::Employee] {
        let cert = 0x60 + kind as u8;
        let order = stranger.order(&world, cert, kind).await;
        let reply = stranger.send(&world, &order).await;
        assert_eq!(code(&reply), "NOT_FOUND");
    }
}

#[tokio::test]
async fn yqq_016_a_second_phone_waits_until_the_first_ones_certificate_is_revoked() {
    let world = World::new().await;
    let mut first = Holder::new(&world, "张伟").await;
    let held = first.install(&world, 0x51).await;
    let mut second = Holder::new(&world, "张伟").await;
    let order = second
        .order(&world, 0x52, CertificateKind::Organisation)
        .await;
    let reply = second.send(&world, &order).await;
    assert_eq!(code(&reply), "CERT_EXISTS");
    revoke(&world.platform, &hex::decode(&held.serial).unwrap())
        .await
        .unwrap();
    issued(&second.send(&world, &order).await);
}

#[tokio::test]
async fn pin_19_a_revoked_certificate_is_listed_and_its_key_gets_no_share() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let serial = hex::decode(&held.serial).unwrap();
    assert!(crl(&world).await.entry(&serial).is_none());
    revoke(&world.platform, &serial).await.unwrap();
    assert!(crl(&world).await.entry(&serial).is_some());
    assert_eq!(state(&world, &holder.phone, &held.serial).await, "revoked");
    let lease = holder
        .pin
        .connect(&client::PIN, 1)
        .await
        .lease
        .unwrap()
        .lease;
    let refusal = holder.pin.pick(lease, 0x51).await.unwrap_err();
    assert_eq!(refusal.code, kapok_protocol::error::ErrorCode::CertRevoked);
    // Again: nothing changes, and what was never issued is not found.
    revoke(&world.platform, &serial).await.unwrap();
    assert!(revoke(&world.platform, &[1; 16]).await.is_err());
}

#[tokio::test]
async fn yqq_043_an_agents_certificate_dies_with_the_grant() {
    let world = World::new().await;
    let rep = Holder::new(&world, "张伟").await;
    let mut agent = Holder::new(&world, "李娜").await;
    let ids = |parts: &[&[u8]]| parts.iter().map(|part| part.to_vec()).collect();
    let (enterprise, account) = (rep.enterprise.0, agent.account().0);
    let member = "INSERT INTO members VALUES ($1, $2, 'agent', 0)";
    execute(&world, member, ids(&[&account, &enterprise])).await;
    let grant = "INSERT INTO grants VALUES ($1, $2, $3, NULL, $4, '[\"certificates\"]', 'active', 0, 9000000000000000)";
    let granted_by = rep.account().0;
    execute(
        &world,
        grant,
        ids(&[&[3; 16], &enterprise, &account, &granted_by]),
    )
    .await;
    let order = agent
        .order(&world, 0x51, CertificateKind::Organisation)
        .await;
    assert_eq!(code(&agent.send(&world, &order).await), "NOT_ALLOWED");
    let order = agent.order(&world, 0x52, CertificateKind::Employee).await;
    let held = issued(&agent.send(&world, &order).await);
    let leaf = &parsed(&held)[0];
    assert_eq!(leaf.subject().common_name.as_deref(), Some("李娜"));
    assert_eq!(leaf.subject().organization.as_deref(), Some(COMPANY));
    assert_eq!(state(&world, &agent.phone, &held.serial).await, "active");
    let path = format!("/v1/grants/{}/revoke", "03".repeat(16));
    let (status, body) = rep.phone.post(&world, &path, json!({})).await;
    assert_eq!(status, 204, "{body}");
    assert_eq!(state(&world, &agent.phone, &held.serial).await, "revoked");
    let serial = hex::decode(&held.serial).unwrap();
    assert!(crl(&world).await.entry(&serial).is_some());
    let lease = agent
        .pin
        .connect(&client::PIN, 1)
        .await
        .lease
        .unwrap()
        .lease;
    let refusal = agent.pin.pick(lease, 0x52).await.unwrap_err();
    assert_eq!(refusal.code, kapok_protocol::error::ErrorCode::CertRevoked);
}
