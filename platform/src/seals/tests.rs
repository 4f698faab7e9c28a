//! Seals over HTTP, for a certificate that the platform's own authority issued.

use crate::ca;
use crate::ca::tests::Holder;
use crate::clock::SECOND;
use crate::testing::{Reply, World, code};
use kapok_formats::seal::Seal;
use kapok_formats::x509::Certificate;
use kapok_protocol::api::certificates::CertificateIssued;
use kapok_protocol::api::seals::{SealPreview, SealView};
use serde_json::json;

async fn preview(world: &World, holder: &Holder, held: &CertificateIssued, kind: &str) -> Reply {
    let ask = json!({
        "enterprise_id": holder.enterprise, "kind": kind, "certificate_serial": held.serial,
    });
    holder.phone.post(world, "/v1/seals/previews", ask).await
}

async fn generate(world: &World, holder: &Holder, preview: &SealPreview) -> Reply {
    let ask = json!({"preview_id": preview.preview_id});
    holder.phone.post(world, "/v1/seals", ask).await
}

fn read<T: serde::de::DeserializeOwned>((status, body): &Reply) -> T {
    assert_eq!(*status, 200, "{body}");
    serde_json::from_value(body.clone()).unwrap()
}

#[tokio::test]
async fn yqq_012_a_confirmed_picture_makes_one_seal_that_verifies() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let shown: SealPreview = read(&preview(&world, &holder, &held, "organisation").await);
    let view: SealView = read(&generate(&world, &holder, &shown).await);
    assert_eq!(view.picture, shown.picture);
    let again: SealView = read(&generate(&world, &holder, &shown).await);
    assert_eq!(again, view);
    let seal = Seal::parse(&view.seal).unwrap();
    let roots = [world.platform.pki.seal_root.certificate.clone()];
    seal.verify(&[], &roots, world.platform.clock.seconds(), &[])
        .unwrap();
    assert!(seal.allows(&Certificate::parse(&held.chain[0]).unwrap()));
    assert_eq!(
        (seal.es_id(), seal.name()),
        (&*view.es_id, "广东木棉科技有限公司")
    );
    assert_eq!(seal.picture(), &*shown.picture);
    let (_, list) = holder.phone.get(&world, "/v1/seals").await;
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn yqq_014_an_employee_seal_bears_the_verified_name() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let shown: SealPreview = read(&preview(&world, &holder, &held, "employee").await);
    assert_eq!(shown.name, "张伟");
}

#[tokio::test]
async fn yqq_013_only_the_certificate_admin_makes_the_organisations_seal() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let other = Holder::new(&world, "李娜").await;
    let foreign = preview(&world, &other, &held, "organisation").await;
    assert_eq!(code(&foreign), "NOT_FOUND");
    // The same person, after somebody else has become the admin.
    let account = other.account();
    world
        .platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE enterprises SET admin = $1")
                    .bind(account.0.to_vec())
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
    let refused = preview(&world, &holder, &held, "organisation").await;
    assert_eq!(code(&refused), "SEAL_ADMIN_ONLY");
}

#[tokio::test]
async fn a_picture_is_its_persons_own_and_waits_ten_minutes() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let shown: SealPreview = read(&preview(&world, &holder, &held, "organisation").await);
    let other = Holder::new(&world, "李娜").await;
    assert_eq!(code(&generate(&world, &other, &shown).await), "NOT_FOUND");
    world.clock.advance(601 * SECOND);
    let late = world.logged_in("张伟").await;
    let ask = json!({"preview_id": shown.preview_id});
    let late = late.post(&world, "/v1/seals", ask).await;
    assert_eq!(code(&late), "NOT_FOUND");
    assert_eq!(world.number("SELECT count(*) FROM seals").await, 0);
}

#[tokio::test]
async fn a_seal_is_not_good_when_its_certificate_is_revoked() {
    let world = World::new().await;
    let mut holder = Holder::new(&world, "张伟").await;
    let held = holder.install(&world, 0x51).await;
    let shown: SealPreview = read(&preview(&world, &holder, &held, "organisation").await);
    let view: SealView = read(&generate(&world, &holder, &shown).await);
    let path = format!("/v1/seals/{}/status", view.es_id);
    assert_eq!(holder.phone.get(&world, &path).await.1["good"], true);
    let serial = hex::decode(&held.serial).unwrap();
    ca::revoke(&world.platform, &serial).await.unwrap();
    assert_eq!(holder.phone.get(&world, &path).await.1["good"], false);
    let unknown = holder.phone.get(&world, "/v1/seals/KAPOK-0/status").await;
    assert_eq!(code(&unknown), "NOT_FOUND");
}
