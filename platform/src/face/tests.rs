//! Statements and shares over HTTP.

mod reset;

use super::*;
use crate::clock::SECOND;
use crate::guard::tests::client;
use crate::keys::Keys;
use crate::role_keys::RoleKeys;
use crate::testing::{Phone, Reply, World, code, typed};
use base64ct::{Base64UrlUnpadded, Encoding};
use kapok_protocol::api::guard::{AssertionPurpose, SignedBody};
use kapok_protocol::delivery::{ShareContext, ShareKind, seal_share};
use kapok_protocol::face::{
    Expected, FaceError, StageShareRequest, StagingTicket, verify_assertion, verify_first_set,
};
use kapok_protocol::guard::{
    Authority, CommitAnswer, CommitRequest, Message, Signed, Suite, Unsigned, open_reply,
};
use kapok_protocol::ids::{AccountId, DeviceId};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;

struct LoggedIn {
    phone: Phone,
    handoff: String,
    account: AccountId,
    device: DeviceId,
}

async fn log_in(world: &World, person: &str) -> LoggedIn {
    let mut phone = world.phone();
    let handoff = phone.start(world, "login", None).await;
    let passed = world.mini(&handoff.id, person, "pass").await;
    let (status, done) = phone.finish(world, &handoff, &typed(&passed)).await;
    assert_eq!(status, 200, "{done}");
    phone.keep(&done["logged_in"]["tokens"]);
    let (_, me) = phone.get(world, "/v1/me").await;
    let key = kapok_protocol::point::compressed(&phone.key.public_key());
    LoggedIn {
        account: me["account_id"].as_str().unwrap().parse().unwrap(),
        device: DeviceId::of_key(&key),
        handoff: handoff.id,
        phone,
    }
}

impl LoggedIn {
    async fn ask(&self, world: &World, handoff: &str, purpose: &str, reference: &[u8]) -> Reply {
        let body = json!({
            "handoff_id": handoff, "purpose": purpose,
            "reference": Base64UrlUnpadded::encode_string(reference),
        });
        self.phone.post(world, "/v1/face/assertions", body).await
    }

    fn sign<M: Message>(&self, message: &M) -> Signed {
        let key = SigningKey::from(&self.phone.key);
        let sign = |input: &[u8]| {
            let signature: Signature = key.sign(input);
            Ok::<_, ()>(signature.to_bytes().into())
        };
        Unsigned::new(message).unwrap().sign(sign).unwrap()
    }

    fn share(&self, world: &World, stage: u8) -> StageShareRequest {
        self.share_of(world, [stage; 16])
    }

    fn share_of(&self, world: &World, stage: [u8; 16]) -> StageShareRequest {
        let context = ShareContext {
            account: self.account,
            device: self.device,
            kind: ShareKind::Face { epoch: 1 },
        };
        let receiver = world.platform.face_keys.delivery_public();
        StageShareRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            epoch: 1,
            stage,
            share: seal_share(&context, receiver, &[3; 32], &[4; 24], &[5; 32]).unwrap(),
        }
    }

    async fn post_share(&self, world: &World, signed: &Signed) -> Reply {
        let body = serde_json::to_value(SignedBody::from(signed.clone())).unwrap();
        self.phone.post(world, "/v1/face/shares", body).await
    }
}

fn signed((status, body): &Reply) -> Signed {
    assert_eq!(*status, 200, "{body}");
    let body: SignedBody = serde_json::from_value(body.clone()).unwrap();
    body.try_into().unwrap()
}

#[tokio::test]
async fn a_login_by_face_gives_a_ticket_for_a_first_pin_and_a_word_for_a_certificate() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    let now = world.platform.clock.seconds();
    let key = sign_key(&world.platform);
    let ticket = person
        .ask(&world, &person.handoff, "first_set", &[1; 16])
        .await;
    let ticket = signed(&ticket);
    verify_first_set(&ticket, key, person.account, person.device, now).unwrap();
    let word = person
        .ask(&world, &person.handoff, "certificate", &[2; 16])
        .await;
    let expected = Expected {
        purpose: AssertionPurpose::Certificate,
        audience: "ca",
        account: person.account,
        device: person.device,
        reference: [2; 16],
    };
    let word = signed(&word);
    verify_assertion(&word, key, &expected, now).unwrap();
    let other = Expected {
        reference: [3; 16],
        ..expected
    };
    let refused = verify_assertion(&word, key, &other, now);
    assert_eq!(refused, Err(FaceError::Other));
}

#[tokio::test]
async fn a_face_check_of_somebody_else_or_of_long_ago_gives_no_word() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    let other = log_in(&world, "李娜").await;
    let foreign = other
        .ask(&world, &person.handoff, "certificate", &[1; 16])
        .await;
    assert_eq!(code(&foreign), "NOT_ALLOWED");
    let short = person
        .ask(&world, &person.handoff, "certificate", &[1; 15])
        .await;
    assert_eq!(code(&short), "INPUT_INVALID");
    // A second phone of the same person has its own login only.
    let second = log_in(&world, "张伟").await;
    let elsewhere = second
        .ask(&world, &person.handoff, "first_set", &[1; 16])
        .await;
    assert_eq!(code(&elsewhere), "NOT_ALLOWED");
    world.clock.advance(86_401 * SECOND);
    let mut person = person;
    person.refresh(&world).await;
    let late = person
        .ask(&world, &person.handoff, "first_set", &[1; 16])
        .await;
    assert_eq!(code(&late), "HANDOFF_EXPIRED");
}

#[tokio::test]
async fn a_share_is_kept_for_its_own_phone_and_account_and_sealed() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    let request = person.share(&world, 7);
    let body = person.sign(&request);
    let ticket = signed(&person.post_share(&world, &body).await);
    let read: StagingTicket = ticket.open(sign_key(&world.platform)).unwrap();
    assert_eq!((read.request, read.stage), (body.hash(), [7; 16]));
    assert_eq!(signed(&person.post_share(&world, &body).await), ticket);
    let other = log_in(&world, "李娜").await;
    let foreign = other.post_share(&world, &body).await;
    assert_eq!(code(&foreign), "DEVICE_PROOF");
    let mut unsigned = body.clone();
    unsigned.signature[5] ^= 1;
    let forged = person.post_share(&world, &unsigned).await;
    assert_eq!(code(&forged), "DEVICE_PROOF");
    let mut damaged = request.clone();
    damaged.share.0[50] ^= 1;
    let damaged = person.post_share(&world, &person.sign(&damaged)).await;
    assert_eq!(code(&damaged), "INPUT_INVALID");
    let stored: Vec<u8> = sqlx::query_scalar("SELECT share FROM shares")
        .fetch_one(world.platform.face_db.reader())
        .await
        .unwrap();
    assert!(!stored.windows(8).any(|part| part == [5; 8]));
}

async fn stages(world: &World) -> Vec<(Vec<u8>, i64)> {
    sqlx::query_as("SELECT stage, current FROM shares ORDER BY stage")
        .fetch_all(world.platform.face_db.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn older_shares_are_dropped_by_the_guards_receipt_only() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    for stage in 1..=2 {
        let body = person.sign(&person.share(&world, stage));
        signed(&person.post_share(&world, &body).await);
    }
    let ticket = StagingTicket {
        suite: Suite::P256,
        request: [0; 32],
        account: person.account,
        device: person.device,
        epoch: 1,
        stage: [2; 16],
        time: 0,
    };
    let share = person.share(&world, 2).share;
    let request = person.sign(&CommitRequest {
        suite: Suite::P256,
        account: person.account,
        device: person.device,
        stage: [2; 16],
        pk_auth: [2; 33],
        possession: [0; 64],
        share,
        slot_hash: [0; 32],
        face_ticket: world.platform.face_keys.sign(&ticket).unwrap(),
    });
    let receipt = CommitAnswer {
        suite: Suite::P256,
        request: request.hash(),
        account: person.account,
        device: person.device,
        epoch: 1,
        slot_hash: [0; 32],
        log_n: 1,
        log_head: [0; 32],
        time: 0,
    };
    // Signed by the phone, not by the guard.
    let forged = person.sign(&receipt);
    committed(&world.platform, &request, &forged).await.unwrap();
    assert_eq!(stages(&world).await.len(), 2);
}

#[tokio::test]
async fn abandoned_stagings_make_room_for_new_ones() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    for stage in 1..=20 {
        let body = person.sign(&person.share(&world, stage));
        signed(&person.post_share(&world, &body).await);
        world.clock.advance(SECOND);
    }
    let kept = stages(&world).await;
    assert_eq!(kept.len(), 16);
    assert_eq!(kept.first().unwrap().0, vec![5; 16]);
}

#[tokio::test]
async fn pin_13_the_commit_of_a_staging_makes_its_share_the_only_one() {
    let world = World::new().await;
    let person = log_in(&world, "张伟").await;
    let keys = Keys::open(&world.platform.config.dir).unwrap();
    let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
    let key = person.phone.key.to_bytes().into();
    let pin = client::Phone::of(Arc::clone(&world.platform.guard), face, person.account, key);
    let abandoned = person.sign(&person.share(&world, 1));
    signed(&person.post_share(&world, &abandoned).await);
    let ticket = person
        .ask(&world, &person.handoff, "first_set", &[0; 16])
        .await;
    let stage = pin
        .stage(Authority::FirstSet(signed(&ticket)))
        .await
        .unwrap();
    let prk = pin.eval_staged(&stage, &client::PIN).await;
    let share = person.sign(&person.share_of(&world, stage.stage));
    let mut commit = pin.commit_request(&stage, &prk);
    commit.face_ticket = signed(&person.post_share(&world, &share).await);
    let commit = person.sign(&commit);
    let body = serde_json::to_value(SignedBody::from(commit.clone())).unwrap();
    let reply = person.phone.post(&world, "/v1/guard/commit", body).await;
    let guard = world.platform.guard.sign_public();
    let answer = open_reply::<CommitRequest>(&signed(&reply), guard, &commit.hash());
    assert_eq!(answer.unwrap().unwrap().epoch, 1);
    assert_eq!(stages(&world).await, [(stage.stage.to_vec(), 1)]);
}
