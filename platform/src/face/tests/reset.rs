//! A PIN reset over HTTP, with both halves of the recovery share.

use super::*;
use crate::guard::tests::client::EPHEMERAL;
use crate::guard::tests::recovery::NEW;
use kapok_protocol::delivery::open_share;
use kapok_protocol::face::{FaceAssertion, ReleaseShareAnswer, ReleaseShareRequest};
use kapok_protocol::guard::Request;
use kapok_protocol::point;

/// A person with a first PIN whose S_f is with the face service.
async fn with_pin(world: &World) -> (LoggedIn, client::Phone) {
    let person = log_in(world, "张伟").await;
    let keys = Keys::open(&world.platform.config.dir).unwrap();
    let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
    let key = person.phone.key.to_bytes().into();
    let mut pin = client::Phone::of(Arc::clone(&world.platform.guard), face, person.account, key);
    let ticket = person
        .ask(world, &person.handoff, "first_set", &[0; 16])
        .await;
    let stage = pin.stage(Authority::FirstSet(signed(&ticket))).await;
    commit(world, &person, &mut pin, &stage.unwrap(), &client::PIN).await;
    (person, pin)
}

/// EVAL_STAGED, the face service's half, and COMMIT over HTTP.
async fn commit(
    world: &World,
    person: &LoggedIn,
    pin: &mut client::Phone,
    stage: &kapok_protocol::guard::StageAnswer,
    x1: &[u8; 32],
) {
    let prk = pin.eval_staged(stage, x1).await;
    let mut share = person.share_of(world, stage.stage);
    share.epoch = stage.epoch;
    let context = ShareContext {
        account: person.account,
        device: person.device,
        kind: ShareKind::Face { epoch: stage.epoch },
    };
    let receiver = world.platform.face_keys.delivery_public();
    share.share = seal_share(&context, receiver, &[3; 32], &[4; 24], &[5; 32]).unwrap();
    let mut commit = pin.commit_request(stage, &prk);
    commit.face_ticket = signed(&person.post_share(world, &person.sign(&share)).await);
    post(world, person, &commit).await;
    (pin.epoch, pin.oprf_pk) = (stage.epoch, stage.oprf_pk);
}

async fn post<R: Request>(world: &World, person: &LoggedIn, request: &R) -> R::Answer {
    let message = person.sign(request);
    let body = serde_json::to_value(SignedBody::from(message.clone())).unwrap();
    let path = format!("/v1/guard/{}", R::PATH);
    let reply = signed(&person.phone.post(world, &path, body).await);
    let guard = world.platform.guard.sign_public();
    open_reply::<R>(&reply, guard, &message.hash())
        .unwrap()
        .unwrap()
}

/// A finished face check for a reset.
async fn seen(world: &World, person: &LoggedIn) -> String {
    let handoff = person.phone.start(world, "pin_reset", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    // Whoever only stood before the camera has agreed to nothing.
    let early = person.ask(world, &handoff.id, "pin_reset", &[1; 16]).await;
    assert_eq!(code(&early), "NOT_ALLOWED");
    let (status, done) = person.phone.finish(world, &handoff, &typed(&passed)).await;
    assert_eq!(status, 200, "{done}");
    handoff.id
}

impl LoggedIn {
    fn release_request(&self, reset: u8, assertion: Signed) -> ReleaseShareRequest {
        ReleaseShareRequest {
            suite: Suite::P256,
            account: self.account,
            device: self.device,
            reset: [reset; 16],
            ephemeral: point::public_of(&EPHEMERAL).unwrap(),
            assertion,
        }
    }

    pub(super) async fn refresh(&mut self, world: &World) {
        let body = json!({"refresh": self.phone.refresh});
        self.phone.access = None;
        let (status, tokens) = self.phone.post(world, "/v1/tokens/refresh", body).await;
        assert_eq!(status, 200, "{tokens}");
        self.phone.keep(&tokens);
    }

    async fn release(&self, world: &World, request: &ReleaseShareRequest) -> Reply {
        let body = serde_json::to_value(SignedBody::from(self.sign(request))).unwrap();
        self.phone.post(world, "/v1/face/releases", body).await
    }

    /// `S_f`, as it came.
    fn opened(&self, world: &World, reply: &Reply) -> [u8; 32] {
        let answer: ReleaseShareAnswer = signed(reply).open(sign_key(&world.platform)).unwrap();
        let context = ShareContext {
            account: self.account,
            device: self.device,
            kind: ShareKind::Face {
                epoch: answer.epoch,
            },
        };
        *open_share(&context, &EPHEMERAL, &answer.share).unwrap()
    }
}

#[tokio::test]
async fn pin_17_both_halves_come_by_one_face_check_and_the_new_pin_drops_them() {
    let world = World::new().await;
    let (person, mut pin) = with_pin(&world).await;
    world.clock.advance(10 * SECOND);
    let handoff = seen(&world, &person).await;
    let assertion = person.ask(&world, &handoff, "pin_reset", &[1; 16]).await;
    let mut begin = pin.begin_request(1, &pin.seen(1, 0));
    begin.assertion = signed(&assertion);
    post(&world, &person, &begin).await;
    let (number, text) = world.platform.sms.messages().remove(0);
    assert_eq!(number, "138****8001");
    let released = pin.release(1).await.unwrap();
    assert_eq!(pin.recovered(&released), [9; 32]);
    let assertion = person.ask(&world, &handoff, "recovery_share", &[1; 16]);
    let request = person.release_request(1, signed(&assertion.await));
    let reply = person.release(&world, &request).await;
    assert_eq!(person.opened(&world, &reply), [5; 32]);
    let stage = pin.stage(Authority::Reset([1; 16])).await.unwrap();
    commit(&world, &person, &mut pin, &stage, &NEW).await;
    assert_eq!(stages(&world).await, [(stage.stage.to_vec(), 1)]);
    pin.connect(&NEW, 1).await;
    // The owner did not ask for it: the code of the message closes it again, from any phone.
    let stop = text.split("停止码 ").nth(1).unwrap().get(..19).unwrap();
    let anyone = world.phone();
    let wrong = json!({"code": "0000-0000-0000-0000"});
    let wrong = anyone.post(&world, "/v1/resets/stop", wrong).await;
    assert_eq!(code(&wrong), "NOT_FOUND");
    let (status, _) = anyone
        .post(&world, "/v1/resets/stop", json!({"code": stop}))
        .await;
    assert_eq!(status, 204);
    let state = pin.state().await.state;
    assert_eq!(state, kapok_protocol::guard::GuardState::Blocked);
    assert_eq!(world.platform.sms.messages().len(), 1, "told once");
}

#[tokio::test]
async fn pin_17_the_face_services_half_needs_its_own_fresh_statement() {
    let world = World::new().await;
    let (mut person, pin) = with_pin(&world).await;
    let now = world.platform.clock.seconds();
    let subject = world.platform.mac_of(person.account).await.unwrap();
    let good = FaceAssertion {
        purpose: AssertionPurpose::RecoveryShare,
        audience: "face".into(),
        subject: subject.unwrap(),
        ..pin.seen(1, now)
    };
    let change = |change: &dyn Fn(&mut FaceAssertion)| {
        let mut assertion = good.clone();
        change(&mut assertion);
        pin.stated(&assertion)
    };
    for bad in [
        change(&|a| a.purpose = AssertionPurpose::PinReset),
        change(&|a| a.audience = "guard".into()),
        change(&|a| a.subject = [0; 32]),
        change(&|a| a.device = DeviceId([0; 16])),
        change(&|a| a.reference = [2; 16]),
        change(&|a| a.liveness = 79),
        change(&|a| a.time -= 301),
        // The phone's own signature.
        person.sign(&good),
    ] {
        let request = person.release_request(1, bad);
        let refused = person.release(&world, &request).await;
        assert_eq!(code(&refused), "GUARD_REFUSED");
    }
    let request = person.release_request(1, pin.stated(&good));
    let other = log_in(&world, "张伟").await;
    let foreign = other.release(&world, &request).await;
    assert_eq!(code(&foreign), "DEVICE_PROOF");
    let unsigned = other.sign(&request);
    let body = serde_json::to_value(SignedBody::from(unsigned)).unwrap();
    let forged = person.phone.post(&world, "/v1/face/releases", body).await;
    assert_eq!(code(&forged), "DEVICE_PROOF");
    // Once, and three times again, even when the statement is no longer fresh; then another face check.
    for wait in [0, 199, 199, 199] {
        world.clock.advance(wait * SECOND);
        person.refresh(&world).await;
        let reply = person.release(&world, &request).await;
        assert_eq!(person.opened(&world, &reply), [5; 32]);
    }
    assert_eq!(code(&person.release(&world, &request).await), "GUARD_STALE");
    world.clock.advance(SECOND * 10);
    let mut second = good.clone();
    (second.reference, second.time) = ([3; 16], world.platform.clock.seconds());
    let request = person.release_request(3, pin.stated(&second));
    person.opened(&world, &person.release(&world, &request).await);
    world.clock.advance(600 * SECOND);
    person.refresh(&world).await;
    let late = person.release(&world, &request).await;
    assert_eq!(code(&late), "GUARD_STALE");
}

#[tokio::test]
async fn pin_17_the_face_service_alone_opens_no_reset_at_the_guard() {
    let world = World::new().await;
    let (person, pin) = with_pin(&world).await;
    let handoff = seen(&world, &person).await;
    let half = person
        .ask(&world, &handoff, "recovery_share", &[1; 16])
        .await;
    let request = person.release_request(1, signed(&half));
    person.opened(&world, &person.release(&world, &request).await);
    // Its statement for its own half is none for the guard, and without a begin there is no share and no staging.
    let mut begin = pin.begin_request(1, &pin.seen(1, 0));
    begin.assertion = signed(&half);
    assert!(pin.ask(&begin).await.is_err());
    assert!(pin.release(1).await.is_err());
    assert!(pin.stage(Authority::Reset([1; 16])).await.is_err());
    let state = pin.state().await.state;
    assert_eq!(state, kapok_protocol::guard::GuardState::Ok);
    world.clock.advance(301 * SECOND);
    let late = person.ask(&world, &handoff, "pin_reset", &[1; 16]).await;
    assert_eq!(code(&late), "HANDOFF_EXPIRED");
}
