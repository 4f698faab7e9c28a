//! OCSP: asked, answered, checked; and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{DAY, Kind, NOW, Pki, issue, key, pki, request as order, subject};
use kapok_formats::ocsp::{
    Answer, CertId, OcspError, Refusal, Request, Response, Status, refuse, respond,
};
use kapok_formats::signer::Signer;
use kapok_formats::x509::{Certificate, Profile, RevocationReason};
use proptest::prelude::*;

/// A responder of the CA, with its key.
fn responder(pki: &Pki) -> (Certificate, Box<dyn Signer>) {
    let key = key(pki.kind, 9);
    let spki = key.spki_der().unwrap();
    let order = order(
        Profile::Ocsp,
        &[9; 16],
        Some(&pki.ca),
        subject("OCSP"),
        &spki,
    );
    (issue(&order, &*pki.ca_key), key)
}

fn about(pki: &Pki, status: Status) -> Answer {
    Answer {
        id: CertId::sha256(pki.leaf.serial(), &pki.ca).unwrap(),
        status,
        this_update: NOW,
        next_update: Some(NOW + DAY),
    }
}

const REVOKED: Status = Status::Revoked {
    at: NOW - DAY,
    reason: RevocationReason::KeyCompromise,
};

#[test]
fn an_answer_is_by_the_issuer_or_its_responder() {
    for kind in [Kind::P256, Kind::Sm2] {
        let pki = pki(kind, Profile::Employee);
        let (named, key) = responder(&pki);
        for status in [Status::Good, REVOKED, Status::Unknown] {
            let line = [about(&pki, status)];
            let by_ca = respond(&line, None, NOW, &pki.ca, &*pki.ca_key).unwrap();
            let by_named = respond(&line, Some(&[7; 16]), NOW, &named, &*key).unwrap();
            for (der, own) in [(by_ca, None), (by_named, Some(&named))] {
                let response = Response::parse(&der).unwrap();
                assert_eq!(response.nonce(), own.map(|_| &[7; 16][..]));
                let said = response.check(pki.leaf.serial(), &pki.ca).unwrap();
                assert_eq!((said.status, said.responder.as_ref()), (status, own));
                let times = (said.this_update, said.next_update, said.produced_at);
                assert_eq!(times, (NOW, Some(NOW + DAY), NOW));
            }
        }
    }
}

#[test]
fn an_answer_by_anybody_else_or_about_another_certificate_is_refused() {
    let pki = pki(Kind::P256, Profile::Employee);
    let line = [about(&pki, Status::Good)];
    let check = |der: &[u8], issuer: &Certificate| {
        Response::parse(der)
            .unwrap()
            .check(pki.leaf.serial(), issuer)
    };
    // The certificate's own holder answers for himself.
    let own = respond(&line, None, NOW, &pki.leaf, &*pki.leaf_key).unwrap();
    assert_eq!(check(&own, &pki.ca), Err(OcspError::NotAuthorised));
    // A responder of the CA above.
    let other = key(Kind::P256, 9);
    let spki = other.spki_der().unwrap();
    let order = order(
        Profile::Ocsp,
        &[9; 16],
        Some(&pki.root),
        subject("OCSP"),
        &spki,
    );
    let above = issue(&order, &*pki.root_key);
    let der = respond(&line, None, NOW, &above, &*other).unwrap();
    assert_eq!(check(&der, &pki.ca), Err(OcspError::NotAuthorised));
    // A responder whose certificate was over.
    let (named, key) = responder(&pki);
    let late = respond(&line, None, named.not_after() + 1, &named, &*key).unwrap();
    assert_eq!(check(&late, &pki.ca), Err(OcspError::NotAuthorised));
    let good = respond(&line, None, NOW, &named, &*key).unwrap();
    let response = Response::parse(&good).unwrap();
    let serial = response.check(&[1, 2, 3], &pki.ca);
    assert_eq!(serial, Err(OcspError::OtherCertificate));
    assert_eq!(check(&good, &pki.root), Err(OcspError::NotAuthorised));
    // The key of somebody else.
    let crossed = respond(&line, None, NOW, &named, &*pki.leaf_key);
    assert!(matches!(crossed, Err(OcspError::Signature(_))));
}

#[test]
fn every_changed_byte_is_noticed() {
    let pki = pki(Kind::P256, Profile::Employee);
    let (named, key) = responder(&pki);
    let der = respond(&[about(&pki, REVOKED)], None, NOW, &named, &*key).unwrap();
    let good = Response::parse(&der).unwrap();
    let good = good.check(pki.leaf.serial(), &pki.ca).unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        let Ok(response) = Response::parse(&changed) else {
            continue;
        };
        if let Ok(said) = response.check(pki.leaf.serial(), &pki.ca) {
            assert_eq!(said.status, good.status, "byte {at}");
            assert_eq!(said.this_update, good.this_update, "byte {at}");
        }
    }
}

#[test]
fn a_request_reads_back_and_a_refusal_says_why() {
    let pki = pki(Kind::P256, Profile::Employee);
    let asked = Request {
        certificates: vec![
            CertId::sha1(pki.leaf.serial(), &pki.ca).unwrap(),
            CertId::sha256(pki.ca.serial(), &pki.root).unwrap(),
        ],
        nonce: Some(vec![3; 32]),
    };
    assert_eq!(Request::parse(&asked.to_der().unwrap()), Ok(asked.clone()));
    assert_eq!(asked.certificates[0].serial(), pki.leaf.serial());
    assert!(asked.certificates[0].is_of(&pki.ca).unwrap());
    assert!(!asked.certificates[0].is_of(&pki.root).unwrap());
    for nonce in [vec![], vec![1; 33]] {
        let bad = Request {
            nonce: Some(nonce),
            ..asked.clone()
        };
        assert!(bad.to_der().is_err());
    }
    let empty = Request {
        certificates: Vec::new(),
        nonce: None,
    };
    assert!(empty.to_der().is_err());
    for why in [
        Refusal::MalformedRequest,
        Refusal::InternalError,
        Refusal::TryLater,
        Refusal::SigRequired,
        Refusal::Unauthorized,
    ] {
        let refused = Response::parse(&refuse(why).unwrap());
        assert_eq!(refused.unwrap_err(), OcspError::Refused(why));
    }
}

#[test]
fn a_responders_certificate_says_so() {
    let pki = pki(Kind::P256, Profile::Employee);
    let (named, _) = responder(&pki);
    assert_eq!(
        named.extended_key_usage()[0].to_string(),
        "1.3.6.1.5.5.7.3.9"
    );
    assert_eq!(named.ocsp_urls(), [common::OCSP_URL]);
    assert_eq!(pki.leaf.ocsp_urls(), [common::OCSP_URL]);
    assert!(pki.root.ocsp_urls().is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_taken_or_refused(bytes: Vec<u8>, at in 0usize..2000, value: u8) {
        let _ = Request::parse(&bytes);
        let _ = Response::parse(&bytes);
        let pki = pki(Kind::P256, Profile::Employee);
        let mut der = respond(&[about(&pki, REVOKED)], Some(&[1]), NOW, &pki.ca, &*pki.ca_key).unwrap();
        let place = at % der.len();
        der[place] = value;
        if let Ok(response) = Response::parse(&der) {
            let _ = response.check(pki.leaf.serial(), &pki.ca);
        }
    }
}
