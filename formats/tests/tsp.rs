//! Timestamps: asked, answered, checked; and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{DAY, Kind, NOW, Pki, pki};
use der::asn1::ObjectIdentifier;
use kapok_formats::cms::{CmsError, Oid};
use kapok_formats::tsp::{Failure, Imprint, Request, Response, Token, TspError, refuse, respond};
use kapok_formats::x509::Profile;
use proptest::prelude::*;

const DATA: &[u8] = b"a signature value";

fn policy() -> Oid {
    Oid::from_dotted("1.3.6.1.4.1.4146.2.3").unwrap()
}

fn request() -> Request {
    Request {
        imprint: Imprint::sha256(DATA),
        policy: None,
        nonce: Some(vec![0x80, 1, 2]),
        certificate: true,
    }
}

fn answer(pki: &Pki, request: &Request, time: u64) -> Vec<u8> {
    let chain = [pki.leaf.der().to_vec(), pki.ca.der().to_vec()];
    let der = respond(request, &policy(), &[7; 16], time, &chain, &*pki.leaf_key).unwrap();
    match Response::parse(&der).unwrap() {
        Response::Granted(token) => token,
        Response::Refused(why) => panic!("{why:?}"),
    }
}

#[test]
fn a_token_holds_for_its_data_time_and_request() {
    for kind in [Kind::P256, Kind::Sm2] {
        let pki = pki(kind, Profile::Timestamp);
        let asked = Request::parse(&request().to_der().unwrap()).unwrap();
        assert_eq!(asked, request());
        let der = answer(&pki, &asked, NOW);
        let token = Token::verify(&der).unwrap();
        assert_eq!((token.stamp.time, token.stamp.accuracy), (NOW, Some(1)));
        assert_eq!(token.stamp.policy, policy());
        assert_eq!(token.certificate, pki.leaf);
        assert_eq!(token.certificates.len(), 2);
        assert_eq!(token.is_over(DATA), Ok(()));
        assert_eq!(token.is_over(b"other"), Err(TspError::OtherData));
        assert_eq!(asked.is_answered_by(&token), Ok(()));
        let mut padded = der.clone();
        padded.extend([0; 100]);
        assert!(Token::verify(&padded).is_ok(), "zeros of a PDF");
    }
}

#[test]
fn a_token_answers_its_request_only() {
    let pki = pki(Kind::P256, Profile::Timestamp);
    let token = Token::verify(&answer(&pki, &request(), NOW)).unwrap();
    let other = |change: &dyn Fn(&mut Request)| {
        let mut asked = request();
        change(&mut asked);
        asked.is_answered_by(&token)
    };
    let fits = other(&|r| r.nonce = Some(vec![0, 0x80, 1, 2]));
    assert_eq!(fits, Ok(()), "the same number");
    assert_eq!(other(&|r| r.nonce = None), Err(TspError::OtherRequest));
    assert_eq!(
        other(&|r| r.nonce = Some(vec![1])),
        Err(TspError::OtherRequest)
    );
    let elsewhere = Oid::from_dotted("1.2.3").unwrap();
    let policy = other(&|r| r.policy = Some(elsewhere.clone()));
    assert_eq!(policy, Err(TspError::OtherRequest));
    let data = other(&|r| r.imprint = Imprint::sha256(b"other"));
    assert_eq!(data, Err(TspError::OtherData));
}

#[test]
fn only_a_timestamping_certificate_within_its_validity_counts() {
    let employee = pki(Kind::P256, Profile::Employee);
    let der = answer(&employee, &request(), NOW);
    assert_eq!(Token::verify(&der).unwrap_err(), TspError::Purpose);
    let pki = pki(Kind::P256, Profile::Timestamp);
    for late in [pki.leaf.not_before() - 1, pki.leaf.not_after() + 1] {
        let der = answer(&pki, &request(), late);
        assert_eq!(Token::verify(&der).unwrap_err(), TspError::Time);
    }
    for edge in [pki.leaf.not_before(), pki.leaf.not_after()] {
        assert!(Token::verify(&answer(&pki, &request(), edge)).is_ok());
    }
}

#[test]
fn every_changed_byte_is_noticed() {
    let pki = pki(Kind::P256, Profile::Timestamp);
    let der = answer(&pki, &request(), NOW + DAY);
    let good = Token::verify(&der).unwrap();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 1;
        // The issuer's certificate beside the service's is not covered by anything.
        if let Ok(token) = Token::verify(&changed) {
            assert_eq!(token.stamp, good.stamp, "byte {at}");
            assert_eq!(token.certificate, good.certificate, "byte {at}");
        }
    }
}

#[test]
fn a_service_says_why_it_gives_none() {
    for why in [
        Failure::BadAlgorithm,
        Failure::BadRequest,
        Failure::TimeNotAvailable,
        Failure::UnacceptedPolicy,
        Failure::SystemFailure,
    ] {
        let der = refuse(why).unwrap();
        assert_eq!(Response::parse(&der), Ok(Response::Refused(why)));
    }
    let pki = pki(Kind::P256, Profile::Timestamp);
    let asked = Request {
        policy: Some(Oid::from_dotted("1.2.3").unwrap()),
        ..request()
    };
    let chain = [pki.leaf.der().to_vec()];
    let der = respond(&asked, &policy(), &[7; 16], NOW, &chain, &*pki.leaf_key).unwrap();
    let refused = Response::Refused(Failure::UnacceptedPolicy);
    assert_eq!(Response::parse(&der), Ok(refused));
}

#[test]
fn what_is_no_request_or_token_is_refused() {
    let sha1 = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
    assert_eq!(Imprint::new(sha1, &[0; 20]), Err(TspError::Imprint));
    let sha256 = Imprint::sha256(b"").algorithm();
    assert_eq!(Imprint::new(sha256, &[0; 31]), Err(TspError::Imprint));
    let long = Request {
        nonce: Some(vec![1; 33]),
        ..request()
    };
    assert!(long.to_der().is_err());
    let good = request().to_der().unwrap();
    let mut twice = good.clone();
    // Two certReq fields.
    twice.extend([1, 1, 0xff]);
    twice[1] += 3;
    assert_eq!(
        Request::parse(&twice),
        Err(TspError::Malformed("timestamp request"))
    );
    assert!(matches!(
        Token::verify(&good),
        Err(TspError::Signature(CmsError::Malformed(_)))
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_taken_or_refused(bytes: Vec<u8>, at in 0usize..400, value: u8) {
        let _ = Request::parse(&bytes);
        let _ = Response::parse(&bytes);
        let _ = Token::verify(&bytes);
        let mut request = request().to_der().unwrap();
        let place = at % request.len();
        request[place] = value;
        let _ = Request::parse(&request);
    }
}
