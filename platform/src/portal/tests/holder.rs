//! A phone's key, certificate and seal.

use super::fixture::START;
use crate::Platform;
use kapok_formats::cms::{self, Oid};
use kapok_formats::identity::Uscc;
use kapok_formats::seal::{self, Picture, PictureKind, SealInfo};
use kapok_formats::signer::{P256Key, Signer};
use kapok_formats::x509::{self, Certificate, IssueRequest, Profile, Subject};
use kapok_protocol::guard::{RECEIPT_OID, Receipt, Suite, Unsigned, raw_signature};
use kapok_protocol::ids::{CertId, LeaseId};
use sha2::{Digest, Sha256};

pub const CERT_ID: CertId = CertId([9; 16]);

/// A phone's key, certificate and seal.
pub struct Holder {
    key: P256Key,
    pub chain: Vec<Vec<u8>>,
    pub seal: Option<Vec<u8>>,
}

impl Holder {
    /// With a certificate of the platform's CA and a seal of its seal authority.
    pub fn new(platform: &Platform, byte: u8) -> Self {
        let mut holder = Self::without_seal(platform, byte);
        let signer = Certificate::parse(&holder.chain[0]).unwrap();
        holder.seal = Some(make_seal(platform, &signer));
        holder
    }

    pub fn without_seal(platform: &Platform, byte: u8) -> Self {
        let key = P256Key::from_scalar(&[byte; 32]).unwrap();
        let issuing = &platform.pki.issuing;
        let leaf = issue(&key, &issuing.certificate, issuing.key.as_ref());
        Self {
            key,
            chain: vec![leaf, issuing.certificate.der().to_vec()],
            seal: None,
        }
    }

    /// Signs the attributes of a digest, with a receipt by `guard`; `change` may spoil the parts.
    pub fn sign(
        &self,
        digest: &[u8; 32],
        guard: &p256::ecdsa::SigningKey,
        change: impl Fn(&mut Receipt),
    ) -> (Vec<u8>, Vec<u8>) {
        let attributes = cms::signed_attributes(digest, &self.chain[0], cms::ID_DATA).unwrap();
        let signature = self.key.sign(&attributes).unwrap();
        let raw = raw_signature(&signature).unwrap();
        let mut receipt = Receipt {
            suite: Suite::P256,
            lease: LeaseId([1; 16]),
            n: 1,
            cert_id: CERT_ID,
            digest: Sha256::digest(&attributes).into(),
            signature_hash: Receipt::hash_signature(&raw),
            time: 1_800_000_000,
            reset_at: None,
        };
        change(&mut receipt);
        let signed = Unsigned::new(&receipt).unwrap().sign(|input| {
            use p256::ecdsa::signature::Signer as _;
            let signature: p256::ecdsa::Signature = guard.sign(input);
            Ok::<[u8; 64], ()>(signature.to_bytes().into())
        });
        let receipt = signed.unwrap().to_bytes().unwrap();
        let oid = Oid::from_dotted(RECEIPT_OID).unwrap();
        let unsigned = [cms::receipt_attribute(oid, &receipt).unwrap()];
        (
            cms::signed_data(&attributes, &signature, &self.chain, &unsigned).unwrap(),
            receipt,
        )
    }

    /// Without a receipt in the CMS.
    pub fn sign_bare(&self, digest: &[u8; 32]) -> Vec<u8> {
        let attributes = cms::signed_attributes(digest, &self.chain[0], cms::ID_DATA).unwrap();
        let signature = self.key.sign(&attributes).unwrap();
        cms::signed_data(&attributes, &signature, &self.chain, &[]).unwrap()
    }
}

pub fn issue(key: &P256Key, issuer: &Certificate, signer: &dyn Signer) -> Vec<u8> {
    let spki = key.spki_der().unwrap();
    let now = START as u64 / 1_000_000;
    let request = IssueRequest {
        profile: Profile::Organisation,
        serial: &crate::pki::serial(),
        issuer: Some(issuer),
        subject: Subject {
            common_name: "广东木棉科技有限公司".into(),
            organization: Some("广东木棉科技有限公司".into()),
            uscc: Some(Uscc::parse("91440101MA59KAP0KL").unwrap()),
            ..Subject::default()
        },
        subject_spki_der: &spki,
        not_before: now - 60,
        not_after: now + 86_400 * 365,
        crl_url: Some("http://pki.test/crl/ca.crl"),
        ca_issuers_url: None,
        ocsp_url: None,
    };
    x509::certificate(&x509::tbs(&request).unwrap(), signer).unwrap()
}

pub fn make_seal(platform: &Platform, signer: &Certificate) -> Vec<u8> {
    let now = START as u64 / 1_000_000;
    let info = SealInfo {
        es_id: "44010000000001",
        seal_type: 1,
        name: "广东木棉科技有限公司",
        signers: std::slice::from_ref(signer),
        created: now,
        valid_from: now,
        valid_to: now + 86_400 * 300,
        picture: Picture {
            kind: PictureKind::Png,
            data: include_bytes!("../transparent.png"),
            width_mm: 40,
            height_mm: 40,
        },
    };
    let maker = &platform.pki.seal_maker;
    seal::seal(
        &seal::seal_info(&info).unwrap(),
        &maker.certificate,
        maker.key.as_ref(),
    )
    .unwrap()
}
