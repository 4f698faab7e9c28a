//! A small CA of each algorithm, with fixed keys and dates.
#![allow(dead_code, clippy::unwrap_used)]

use kapok_formats::identity::Uscc;
use kapok_formats::signer::{P256Key, Signer, Sm2Key};
use kapok_formats::x509::{Certificate, IssueRequest, Profile, Subject, certificate, tbs};

/// 2026-11-22 00:00:00 UTC.
pub const NOW: u64 = 1_795_305_600;
pub const DAY: u64 = 86_400;
pub const CRL_URL: &str = "http://127.0.0.1/crl/1.crl";
pub const OCSP_URL: &str = "http://127.0.0.1/ocsp";
pub const CA_URL: &str = "http://127.0.0.1/ca/1.cer";

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    P256,
    Sm2,
}

pub fn key(kind: Kind, seed: u8) -> Box<dyn Signer> {
    match kind {
        Kind::P256 => Box::new(P256Key::from_scalar(&[seed; 32]).unwrap()),
        Kind::Sm2 => Box::new(Sm2Key::from_scalar(&[seed; 32]).unwrap()),
    }
}

pub fn subject(common_name: &str) -> Subject {
    Subject {
        common_name: common_name.into(),
        organization: Some("木棉测试CA".into()),
        ..Subject::default()
    }
}

pub fn enterprise() -> Subject {
    Subject {
        common_name: "张伟".into(),
        organization: Some("广东木棉（深圳）科技有限公司".into()),
        organizational_unit: Some("财务部".into()),
        uscc: Some(Uscc::parse("91440300708461136T").unwrap()),
    }
}

pub fn request<'a>(
    profile: Profile,
    serial: &'a [u8],
    issuer: Option<&'a Certificate>,
    subject: Subject,
    spki: &'a [u8],
) -> IssueRequest<'a> {
    let is_root = issuer.is_none();
    IssueRequest {
        profile,
        serial,
        issuer,
        subject,
        subject_spki_der: spki,
        not_before: NOW - DAY,
        not_after: NOW + 365 * DAY,
        crl_url: (!is_root).then_some(CRL_URL),
        ca_issuers_url: (!is_root).then_some(CA_URL),
        ocsp_url: (!is_root).then_some(OCSP_URL),
    }
}

pub fn issue(request: &IssueRequest<'_>, signer: &dyn Signer) -> Certificate {
    Certificate::parse(&certificate(&tbs(request).unwrap(), signer).unwrap()).unwrap()
}

/// Root, issuing CA and one leaf, with their keys.
pub struct Pki {
    pub kind: Kind,
    pub root_key: Box<dyn Signer>,
    pub ca_key: Box<dyn Signer>,
    pub leaf_key: Box<dyn Signer>,
    pub root: Certificate,
    pub ca: Certificate,
    pub leaf: Certificate,
}

pub fn pki(kind: Kind, profile: Profile) -> Pki {
    let (root_key, ca_key, leaf_key) = (key(kind, 1), key(kind, 2), key(kind, 3));
    let root_profile = if kind == Kind::Sm2 {
        Profile::SealRoot
    } else {
        Profile::Root
    };
    let spki = root_key.spki_der().unwrap();
    let root = issue(
        &request(root_profile, &[1; 16], None, subject("木棉根证书"), &spki),
        &*root_key,
    );
    let spki = ca_key.spki_der().unwrap();
    let ca = issue(
        &request(
            Profile::Issuing,
            &[2; 16],
            Some(&root),
            subject("木棉签发CA"),
            &spki,
        ),
        &*root_key,
    );
    let spki = leaf_key.spki_der().unwrap();
    let leaf = issue(
        &request(profile, &[0x83; 16], Some(&ca), enterprise(), &spki),
        &*ca_key,
    );
    Pki {
        kind,
        root_key,
        ca_key,
        leaf_key,
        root,
        ca,
        leaf,
    }
}
