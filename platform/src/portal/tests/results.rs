use super::fixture::{Fixture, Story, signing_key};
use super::holder::Holder;
use crate::portal::end_sessions_of;
use axum::http::{StatusCode, header};
use kapok_formats::pdf;
use kapok_protocol::api::portal::{BatchMade, DocumentList, ResultTaken};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{BatchId, Bytes, CertId};

#[tokio::test]
async fn yqq_022_a_result_that_holds_becomes_a_signed_pdf_and_is_taken_once() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let result = story.result(story.holder.sign(&story.digest, &fixture.guard, |_| {}));
    let taken: ResultTaken = story.browser.result(story.sid, &result).await.json();
    let file = story.browser.get(&taken.download).await;
    assert_eq!(
        (file.status, &file.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/pdf".parse().unwrap())
    );
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(
        name.starts_with("attachment; ") && name.ends_with("contract-%E5%B7%B2%E7%AD%BE.pdf"),
        "{name}"
    );
    let views = pdf::signatures(&file.body).unwrap();
    assert!(views.len() == 1 && views[0].covers_whole_file);
    assert_eq!(
        pdf::verify_signature(&file.body, &views[0])
            .unwrap()
            .signer_certificate,
        story.holder.chain[0]
    );
    let list: DocumentList = story.browser.get("/portal/api/documents").await.json();
    assert_eq!(list.documents[0].download, Some(taken.download.clone()));

    assert_eq!(
        story
            .browser
            .result(story.sid, &result)
            .await
            .json::<ResultTaken>(),
        taken,
        "the same again"
    );
    let another = story.result(
        story
            .holder
            .sign(&story.digest, &fixture.guard, |receipt| receipt.n = 2),
    );
    assert_eq!(
        story.browser.result(story.sid, &another).await.why(),
        "CONFLICT "
    );
    assert_eq!(story.browser.get(&taken.download).await.body, file.body);
}

#[tokio::test]
async fn pin_29_t12_a_result_from_the_phones_journal_is_taken_in_a_later_session() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let mut result = story.result(story.holder.sign(&story.digest, &fixture.guard, |_| {}));
    let later = story.browser.bound(vec![story.doc]).await;
    let made: BatchMade = story.browser.batch(later, &story.holder).await.json();
    assert_eq!(
        story.browser.result(later, &result).await.why(),
        "NOT_FOUND ",
        "the first session's batch"
    );
    result.batch_id = made.batch_id;
    assert_eq!(
        story.browser.result(later, &result).await.status,
        StatusCode::OK
    );
    // Signed: it can be made ready for nobody else, but the same certificate gets its answer again.
    let other = Holder::without_seal(&fixture.platform, 30);
    assert_eq!(
        story.browser.batch(later, &other).await.why(),
        "STATE_WRONG "
    );
    assert_eq!(
        story.browser.batch(later, &story.holder).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_result_that_does_not_hold_is_refused_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let (holder, guard) = (&story.holder, &fixture.guard);
    let good = || holder.sign(&story.digest, guard, |_| {});
    let stranger = Holder::without_seal(&fixture.platform, 40);
    let mut bent = good();
    if let Some(byte) = bent.0.last_mut() {
        *byte ^= 1;
    }
    let cases = [
        (
            "wrong digest",
            holder.sign(&[1; 32], guard, |_| {}),
            "digest",
        ),
        (
            "wrong signer",
            stranger.sign(&story.digest, guard, |_| {}),
            "signer",
        ),
        ("no CMS", (b"nothing".to_vec(), good().1), "cms"),
        (
            "missing receipt",
            (holder.sign_bare(&story.digest), Vec::new()),
            "receipt",
        ),
        (
            "receipt beside the CMS only",
            (holder.sign_bare(&story.digest), good().1),
            "receipt",
        ),
        ("empty receipt beside", (good().0, Vec::new()), "receipt"),
        (
            "another guard",
            holder.sign(&story.digest, &signing_key(8), |_| {}),
            "receipt",
        ),
        (
            "receipt for another digest",
            holder.sign(&story.digest, guard, |r| r.digest = [0; 32]),
            "receipt",
        ),
        (
            "receipt for another signature",
            holder.sign(&story.digest, guard, |r| r.signature_hash = [0; 32]),
            "receipt",
        ),
        (
            "receipt for another certificate",
            holder.sign(&story.digest, guard, |r| r.cert_id = CertId([0; 16])),
            "receipt",
        ),
        ("bent receipt", bent, "receipt"),
    ];
    for (name, parts, reason) in cases {
        let why = story
            .browser
            .result(story.sid, &story.result(parts))
            .await
            .why();
        assert_eq!(why, format!("RESULT_REFUSED {reason}"), "{name}");
    }
    let mut foreign = story.result(good());
    foreign.batch_id = BatchId([0; 16]);
    assert_eq!(
        story.browser.result(story.sid, &foreign).await.why(),
        "NOT_FOUND "
    );
    let list: DocumentList = story.browser.get("/portal/api/documents").await.json();
    assert_eq!(list.documents[0].download, None);
    assert_eq!(
        story
            .browser
            .result(story.sid, &story.result(good()))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn pin_29_t9_a_revocation_after_the_batch_bites_at_the_result() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let result = story.result(story.holder.sign(&story.digest, &fixture.guard, |_| {}));
    fixture.deny(|word| word.certificate = Some(ErrorCode::GrantRevoked));
    assert_eq!(
        story.browser.result(story.sid, &result).await.why(),
        "GRANT_REVOKED "
    );
    fixture.deny(|word| (word.certificate, word.seal) = (None, Some(ErrorCode::SealRevoked)));
    assert_eq!(
        story.browser.result(story.sid, &result).await.why(),
        "SEAL_REVOKED "
    );
    fixture.deny(|word| word.seal = None);
    assert_eq!(
        story.browser.result(story.sid, &result).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn pin_29_t9_a_revocation_ends_the_live_sessions_of_its_certificate_and_no_others() {
    let fixture = Fixture::new().await;
    let story = Story::new(&fixture).await;
    let other = fixture.browser();
    let doc = other.uploaded().await;
    let others_sid = other.bound(vec![doc]).await;
    let holder = Holder::new(&fixture.platform, 33);
    assert_eq!(
        other.batch(others_sid, &holder).await.status,
        StatusCode::OK
    );
    end_sessions_of(&fixture.platform, &story.holder.chain[0])
        .await
        .unwrap();
    assert_eq!(story.browser.ask(story.sid).await.why(), "SESSION_EXPIRED ");
    assert_eq!(fixture.platform.relay.sessions(), 1);
    assert_eq!(other.ask(others_sid).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cms_larger_than_its_place_is_refused() {
    let fixture = Fixture::new().await;
    let mut story = Story::new(&fixture).await;
    for byte in 100..140 {
        story.holder.chain.push(
            Holder::without_seal(&fixture.platform, byte)
                .chain
                .remove(0),
        );
    }
    let (cms, receipt) = story.holder.sign(&story.digest, &fixture.guard, |_| {});
    assert!(cms.len() > pdf::CONTENTS_ROOM);
    let result = story.result((cms, receipt));
    assert_eq!(
        story.browser.result(story.sid, &result).await.why(),
        "RESULT_REFUSED embed"
    );
    let noise = kapok_protocol::message::SignResult {
        cms: Bytes(vec![]),
        ..result
    };
    assert_eq!(
        story.browser.result(story.sid, &noise).await.why(),
        "RESULT_REFUSED cms"
    );
}
