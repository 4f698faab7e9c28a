use super::fixture::{CB, Fixture, Story};
use super::holder::{Holder, issue};
use crate::clock::{HOUR, MINUTE};
use axum::http::{Method, StatusCode, header};
use kapok_formats::signer::P256Key;
use kapok_formats::x509::Certificate;
use kapok_protocol::api::portal::{
    AskBatch, AskRequest, BatchMade, NewSession, RequestMade, SessionMade,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{Empty, Format};
use kapok_protocol::rp::{self, Expected, Session};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::pkcs8::DecodePublicKey;

/// The portal's key as the phone takes it from the certificate.
fn leaf_key(leaf: &Certificate) -> Vec<u8> {
    let key = p256::PublicKey::from_public_key_der(leaf.spki_der()).unwrap();
    key.to_sec1_point(false).as_bytes().to_vec()
}

#[tokio::test]
async fn pin_29_t2_request_and_batch_verify_as_the_phone_checks_them() {
    let fixture = Fixture::new().await;
    let (browser, holder) = (fixture.browser(), Holder::new(&fixture.platform, 21));
    let doc = browser.uploaded().await;
    let made: SessionMade = browser
        .post("/portal/api/sessions", &NewSession { docs: vec![doc] })
        .await
        .json();
    assert_eq!(
        (made.relay_path.as_str(), made.ticket.len()),
        ("/v1/relay", 32)
    );
    let request: RequestMade = browser.ask(made.sid).await.json();
    let parsed = rp::parse_request(&request.jws).unwrap();
    let leaf = &fixture.platform.portal.certificate;
    let key = leaf_key(leaf);
    let now = 1_800_000_000;
    let session = Session {
        now,
        cb: &CB,
        phone_nonce: &[4; 32],
        origin: "http://127.0.0.1:2",
    };
    rp::verify_request(&parsed, leaf.der(), &key, &session).unwrap();

    let batch: BatchMade = browser.batch(made.sid, &holder).await.json();
    let expected = Expected {
        request: &parsed.claims,
        cb: &CB,
        now,
        batch_id: batch.batch_id,
        format: Format::Pades,
        certificate: &holder.chain[0],
        seal: Some("44010000000001"),
        manifest: &batch.manifest,
    };
    rp::verify_batch(&batch.jws, leaf.der(), &key, &expected).unwrap();
}

#[tokio::test]
async fn bad_sessions_and_requests_are_refused() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    assert_eq!(
        browser
            .post("/portal/api/sessions", &NewSession { docs: vec![] })
            .await
            .why(),
        "NOT_FOUND "
    );
    let doc = browser.uploaded().await;
    for (docs, why) in [
        (vec![], "INPUT_INVALID empty"),
        (vec![doc, doc], "INPUT_INVALID repeated"),
        (vec![DocumentId([0; 16])], "NOT_FOUND "),
        (
            (0..51).map(|n| DocumentId([n; 16])).collect(),
            "BATCH_LIMIT ",
        ),
    ] {
        assert_eq!(
            browser
                .post("/portal/api/sessions", &NewSession { docs })
                .await
                .why(),
            why
        );
    }
    let sid = browser.session(vec![doc]).await;
    let path = format!("/portal/api/sessions/{sid}/request");
    let good = AskRequest {
        phone_nonce: [4; 32].into(),
        cb: CB.into(),
        origin: "http://127.0.0.1:2".into(),
    };
    let short = |bytes: usize| Bytes(vec![0; bytes]);
    for (ask, why) in [
        (
            AskRequest {
                cb: short(31),
                ..good.clone()
            },
            "INPUT_INVALID length",
        ),
        (
            AskRequest {
                phone_nonce: short(33),
                ..good.clone()
            },
            "INPUT_INVALID length",
        ),
        (
            AskRequest {
                origin: "http://evil.test".into(),
                ..good.clone()
            },
            "ORIGIN_MISMATCH ",
        ),
    ] {
        assert_eq!(browser.post(&path, &ask).await.why(), why);
    }
    assert_eq!(browser.post(&path, &good).await.status, StatusCode::OK);
    assert_eq!(
        browser.post(&path, &good).await.status,
        StatusCode::OK,
        "asking again is no new channel"
    );
    let other = AskRequest {
        cb: [5; 32].into(),
        ..good
    };
    assert_eq!(browser.post(&path, &other).await.why(), "CHANNEL_BINDING ");
}

#[tokio::test]
async fn sessions_are_limited_end_and_expire() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let doc = browser.uploaded().await;
    let sid = browser.session(vec![doc]).await;
    let end = format!("/portal/api/sessions/{sid}/end");
    assert_eq!(
        browser.post(&end, &Empty {}).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        browser.post(&end, &Empty {}).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(fixture.platform.relay.sessions(), 0);
    assert_eq!(browser.ask(sid).await.why(), "SESSION_EXPIRED ");
    let last = browser.session(vec![doc]).await;
    for _ in 0..8 {
        browser.session(vec![doc]).await;
    }
    let many = browser
        .post("/portal/api/sessions", &NewSession { docs: vec![doc] })
        .await;
    assert_eq!(
        (many.why().as_str(), &many.headers[header::RETRY_AFTER]),
        ("RATE_LIMITED ", &"60".parse().unwrap())
    );
    fixture.clock.advance(MINUTE);
    browser.session(vec![doc]).await;
    fixture.clock.advance(8 * HOUR);
    assert_eq!(browser.ask(last).await.why(), "SESSION_EXPIRED ");
}

#[tokio::test]
async fn what_belongs_to_another_cookie_does_not_exist() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let (thief, nobody) = (fixture.browser(), fixture.browser());
    let own = thief.uploaded().await;
    let (sid, doc) = (story.sid, story.doc);
    let own_sid = thief.bound(vec![own]).await;
    for browser in [&thief, &nobody] {
        let answers = [
            browser
                .get(&format!("/portal/api/documents/{doc}/signed.pdf"))
                .await,
            browser
                .get(&format!("/portal/api/sessions/{sid}/documents/{doc}"))
                .await,
            browser
                .post("/portal/api/sessions", &NewSession { docs: vec![doc] })
                .await,
            browser.ask(sid).await,
            browser.batch(sid, &story.holder).await,
            browser.result(sid, &story.result((vec![1], vec![1]))).await,
            browser
                .post(&format!("/portal/api/sessions/{sid}/end"), &Empty {})
                .await,
        ];
        for answer in answers {
            assert_eq!(
                (answer.status, answer.why().as_str()),
                (StatusCode::NOT_FOUND, "NOT_FOUND ")
            );
        }
    }
    // Nor by way of a session of one's own.
    let chain = story
        .holder
        .chain
        .iter()
        .map(|der| der.as_slice().into())
        .collect();
    let ask = AskBatch {
        cb: CB.into(),
        chain,
        seal: None,
        docs: vec![doc],
    };
    assert_eq!(
        thief
            .post(&format!("/portal/api/sessions/{own_sid}/batch"), &ask)
            .await
            .why(),
        "NOT_FOUND "
    );
    assert_eq!(
        thief
            .get(&format!("/portal/api/sessions/{own_sid}/documents/{doc}"))
            .await
            .why(),
        "NOT_FOUND "
    );
}

#[tokio::test]
async fn a_batch_needs_a_trusted_chain_its_own_seal_and_good_status() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let doc = browser.uploaded().await;
    let unbound = browser.session(vec![doc]).await;
    let holder = || Holder::new(&fixture.platform, 21);
    assert_eq!(
        browser.batch(unbound, &holder()).await.why(),
        "CHANNEL_BINDING "
    );
    let sid = browser.bound(vec![doc]).await;

    let mut empty = holder();
    empty.chain.clear();
    let mut noise = holder();
    noise.chain[0].push(0);
    let mut stranger = holder();
    let key = P256Key::from_scalar(&[22; 32]).unwrap();
    stranger.chain[0] = issue(&key, &fixture.platform.pki.issuing.certificate, &key);
    let mut others_seal = holder();
    others_seal.seal = Holder::new(&fixture.platform, 23).seal;
    let mut bent = holder();
    if let Some(byte) = bent.seal.as_mut().and_then(|seal| seal.last_mut()) {
        *byte ^= 1;
    }
    let mut portal = holder();
    portal.chain[0] = fixture.platform.portal.certificate.der().to_vec();
    for (name, bad, field, reason) in [
        ("empty", empty, "chain", "empty"),
        ("noise", noise, "chain", "malformed"),
        ("stranger", stranger, "chain", "untrusted"),
        ("a relying party's", portal, "chain", "untrusted"),
        ("another's seal", others_seal, "seal", "other_certificate"),
        ("bent seal", bent, "seal", "untrusted"),
    ] {
        let error = browser.batch(sid, &bad).await.refused();
        assert_eq!(
            (error.field.as_deref(), error.reason.as_deref()),
            (Some(field), Some(reason)),
            "{name}"
        );
    }
    fixture.deny(|word| word.certificate = Some(ErrorCode::CertRevoked));
    assert_eq!(browser.batch(sid, &holder()).await.why(), "CERT_REVOKED ");
    fixture.deny(|word| (word.certificate, word.seal) = (None, Some(ErrorCode::SealRevoked)));
    assert_eq!(browser.batch(sid, &holder()).await.why(), "SEAL_REVOKED ");
    fixture.deny(|word| word.seal = None);
    assert_eq!(browser.batch(sid, &holder()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn pin_29_t12_a_second_session_gets_the_very_same_prepared_bytes() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let again = story.browser.bound(vec![story.doc]).await;
    fixture.clock.advance(MINUTE);
    let made: BatchMade = story.browser.batch(again, &story.holder).await.json();
    let path = |sid| format!("/portal/api/sessions/{sid}/documents/{}", story.doc);
    let (first, second) = (
        story.browser.get(&path(story.sid)).await,
        story.browser.get(&path(again)).await,
    );
    assert_eq!(first.body, second.body);
    assert_ne!(made.batch_id, story.batch_id);
    let bare = Holder::without_seal(&fixture.platform, 21);
    assert_eq!(
        story.browser.batch(again, &bare).await.status,
        StatusCode::OK,
        "a signature without a seal"
    );
}

#[tokio::test]
async fn the_prepared_file_is_served_in_parts() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let path = format!("/portal/api/sessions/{}/documents/{}", story.sid, story.doc);
    let whole = story.browser.get(&path).await;
    assert_eq!(
        (whole.status, &whole.headers[header::ACCEPT_RANGES]),
        (StatusCode::OK, &"bytes".parse().unwrap())
    );
    let size = whole.body.len();
    let part = story
        .browser
        .call(
            Method::GET,
            &path,
            &[("range", "bytes=100-199")],
            Vec::new(),
        )
        .await;
    assert_eq!(
        (part.status, part.body.as_slice()),
        (StatusCode::PARTIAL_CONTENT, &whole.body[100..200])
    );
    assert_eq!(
        part.headers[header::CONTENT_RANGE],
        format!("bytes 100-199/{size}").as_str()
    );
    let beyond = story
        .browser
        .call(
            Method::GET,
            &path,
            &[("range", &format!("bytes={size}-"))],
            Vec::new(),
        )
        .await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
}
