//! A CA with its timestamping service, and what they make of a PDF at each level of PAdES.

use crate::pki::{DAY, Pki, issue, now};
use kapok_formats::cms::{self, ID_TIMESTAMP_TOKEN, Oid};
use kapok_formats::ocsp::{Answer, CertId, Status, respond};
use kapok_formats::pdf::verify::Trust;
use kapok_formats::pdf::{self, Evidence};
use kapok_formats::signer::P256Key;
use kapok_formats::tsp::{Imprint, Request, Response, respond as stamp};
use kapok_formats::x509::{Certificate, CrlEntry, Profile, RevocationReason, build_crl};
use std::path::PathBuf;

/// A signer's CA with its timestamping service.
pub struct Services {
    /// The signer's chain.
    pub pki: Pki,
    tsa_key: P256Key,
    /// The service's certificate.
    pub tsa: Certificate,
}

impl Services {
    /// A fresh one.
    pub fn new() -> Self {
        let pki = Pki::p256();
        let tsa_key = P256Key::from_scalar(&[5; 32]).unwrap();
        let tsa = issue(
            Profile::Timestamp,
            5,
            Some(&pki.chain[1]),
            &tsa_key,
            &Pki::ca_key(),
        );
        Self { pki, tsa_key, tsa }
    }

    /// A token over an imprint.
    pub fn token(&self, imprint: Imprint) -> Vec<u8> {
        let request = Request {
            imprint,
            policy: None,
            nonce: Some(vec![7; 8]),
            certificate: true,
        };
        let chain = [self.tsa.der().to_vec(), self.pki.chain[1].der().to_vec()];
        let policy = Oid::from_dotted("1.2.3.4.1").unwrap();
        let answer = stamp(&request, &policy, &[9; 16], now(), &chain, &self.tsa_key).unwrap();
        match Response::parse(&answer).unwrap() {
            Response::Granted(token) => token,
            Response::Refused(why) => panic!("{why:?}"),
        }
    }

    /// B-T: the token over what is given, or over the signature value, among the unsigned attributes.
    pub fn b_t(&self, pdf: &[u8], over: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = self.pki.prepared(pdf);
        let digest = pdf::to_be_signed(&bytes).unwrap().sha256;
        let signature = self.pki.cms(&digest);
        let value = cms::verify(&signature, &digest).unwrap().signature;
        let token = self.token(Imprint::sha256(over.unwrap_or(&value)));
        let stamped =
            cms::add_unsigned(&signature, &Oid::from(ID_TIMESTAMP_TOKEN), &token).unwrap();
        assert_eq!(cms::verify(&stamped, &digest).unwrap().signature, value);
        pdf::embed(&mut bytes, &stamped).unwrap();
        bytes
    }

    /// What the file needs later on; `revoked` is on the CA's list.
    pub fn evidence(&self, revoked: Option<&Certificate>) -> Evidence {
        let [leaf, ca, root] = [&self.pki.chain[0], &self.pki.chain[1], &self.pki.chain[2]];
        let entries: Vec<CrlEntry> = revoked
            .iter()
            .map(|one| CrlEntry {
                serial: one.serial().to_vec(),
                revoked_at: now() - DAY / 2,
                reason: RevocationReason::KeyCompromise,
            })
            .collect();
        let list = |issuer, entries: &[CrlEntry], key: &P256Key| {
            build_crl(issuer, entries, 1, now() - 60, now() + DAY, key).unwrap()
        };
        let root_key = P256Key::from_scalar(&[1; 32]).unwrap();
        let good = [Answer {
            id: CertId::sha1(leaf.serial(), ca).unwrap(),
            status: Status::Good,
            this_update: now(),
            next_update: Some(now() + DAY),
        }];
        let answer = respond(&good, None, now(), ca, &Pki::ca_key()).unwrap();
        Evidence {
            certificates: [leaf, ca, root, &self.tsa]
                .map(|one| one.der().to_vec())
                .to_vec(),
            crls: vec![
                list(root, &[], &root_key),
                list(ca, &entries, &Pki::ca_key()),
            ],
            ocsps: if revoked.is_some() {
                Vec::new()
            } else {
                vec![answer]
            },
        }
    }

    /// B-LT.
    pub fn b_lt(&self, pdf: &[u8]) -> Vec<u8> {
        pdf::add_evidence(&self.b_t(pdf, None), &self.evidence(None)).unwrap()
    }

    /// B-LTA.
    pub fn b_lta(&self, pdf: &[u8]) -> Vec<u8> {
        let mut bytes = pdf::prepare_timestamp(&self.b_lt(pdf)).unwrap().bytes;
        let digest = pdf::to_be_timestamped(&bytes).unwrap().sha256;
        let token = self.token(Imprint::of_sha256(&digest));
        pdf::embed(&mut bytes, &token).unwrap();
        bytes
    }

    /// The root as a file.
    pub fn root(&self) -> PathBuf {
        self.pki.path("root.pem")
    }

    /// What a verifier is told: this root, now.
    pub fn trust(&self) -> Trust<'_> {
        Trust {
            roots: &self.pki.chain[2..],
            crls: &[],
            at: now(),
        }
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::new()
    }
}
