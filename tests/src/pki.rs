//! Certificates and signatures made by our own code, for judges that are not ours.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use der::asn1::ObjectIdentifier;
use p256::pkcs8::{EncodePrivateKey, LineEnding};

use kapok_formats::cms::{ID_DATA, signed_attributes, signed_data};
use kapok_formats::identity::Uscc;
use kapok_formats::pdf::{FieldPlan, Position, embed, prepare, to_be_signed};
use kapok_formats::signer::{P256Key, Signer, Sm2Key};
use kapok_formats::x509::{
    Certificate, IssueRequest, LABEL_CERTIFICATE, Profile, Subject, certificate, pem_encode, tbs,
};

/// One transparent pixel.
pub const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\x0bIDATx\x9cc`\0\x02\0\0\x05\0\x01z^\xab?\0\0\0\0IEND\xaeB`\x82";
/// A day in seconds.
pub const DAY: u64 = 86_400;

/// Seconds since the epoch.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Root, issuing CA and leaf, made by our own code, with the certificates as PEM files in a folder.
pub struct Pki {
    folder: tempfile::TempDir,
    /// The leaf's key.
    pub leaf_key: Box<dyn Signer>,
    /// Leaf, issuing CA, root.
    pub chain: Vec<Certificate>,
}

impl Pki {
    fn new(make: fn(u8) -> Box<dyn Signer>, root: Profile, leaf: Profile) -> Self {
        let [root_key, ca_key, leaf_key] = [1, 2, 3].map(make);
        let root = issue(root, 1, None, &*root_key, &*root_key);
        let ca = issue(Profile::Issuing, 2, Some(&root), &*ca_key, &*root_key);
        let leaf = issue(leaf, 3, Some(&ca), &*leaf_key, &*ca_key);
        let pki = Self {
            folder: tempfile::tempdir().unwrap(),
            leaf_key,
            chain: vec![leaf, ca, root],
        };
        for (name, certificate) in ["leaf.pem", "ca.pem", "root.pem"].iter().zip(&pki.chain) {
            let pem = pem_encode(LABEL_CERTIFICATE, certificate.der()).unwrap();
            fs::write(pki.path(name), pem).unwrap();
        }
        pki
    }

    /// With P-256 keys.
    pub fn p256() -> Self {
        Self::p256_for(Profile::Employee)
    }

    /// With P-256 keys, and a leaf of this profile.
    pub fn p256_for(leaf: Profile) -> Self {
        Self::new(
            |seed| Box::new(P256Key::from_scalar(&[seed; 32]).unwrap()),
            Profile::Root,
            leaf,
        )
    }

    /// The issuing CA's key, P-256.
    pub fn ca_key() -> P256Key {
        P256Key::from_scalar(&[2; 32]).unwrap()
    }

    /// Writes the P-256 key of the leaf as PEM, for a program that is not ours.
    pub fn write_leaf_key(&self) -> PathBuf {
        let key = p256::SecretKey::from_slice(&[3; 32]).unwrap();
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        self.write("leaf-key.pem", pem.as_bytes())
    }

    /// With SM2 keys.
    pub fn sm2(leaf: Profile) -> Self {
        Self::new(
            |seed| Box::new(Sm2Key::from_scalar(&[seed; 32]).unwrap()),
            Profile::SealRoot,
            leaf,
        )
    }

    /// A file of the folder: `root.pem`, `ca.pem`, `leaf.pem`, or one that was written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The CMS over a digest, with the chain up to but without the root.
    pub fn cms(&self, digest: &[u8]) -> Vec<u8> {
        self.cms_of(digest, ID_DATA)
    }

    /// The same with another content type.
    pub fn cms_of(&self, digest: &[u8], content_type: ObjectIdentifier) -> Vec<u8> {
        let leaf = self.chain[0].der();
        let attributes = signed_attributes(digest, leaf, content_type).unwrap();
        let signature = self.leaf_key.sign(&attributes).unwrap();
        let chain = self.chain[..2].iter().map(|one| one.der().to_vec());
        signed_data(&attributes, &signature, &chain.collect::<Vec<_>>(), &[]).unwrap()
    }

    /// The PDF with a place for a signature on its first page, its seal at the default place.
    pub fn prepared(&self, pdf: &[u8]) -> Vec<u8> {
        prepare(pdf, &Self::plan()).unwrap().bytes
    }

    /// A seal of one transparent pixel at the default place of the first page.
    pub fn plan() -> FieldPlan<'static> {
        FieldPlan {
            page: 0,
            picture_png: PIXEL,
            width_mm: 40.0,
            height_mm: 40.0,
            position: Position::default(),
            signer_name: "张伟",
            reason: "合同",
            time_unix: now(),
            options: Default::default(),
        }
    }

    /// The PDF with a signature on its first page.
    pub fn sign(&self, pdf: &[u8]) -> Vec<u8> {
        self.sign_as(pdf, &Self::plan())
    }

    /// The PDF with a signature as planned.
    pub fn sign_as(&self, pdf: &[u8], plan: &FieldPlan<'_>) -> Vec<u8> {
        let mut bytes = prepare(pdf, plan).unwrap().bytes;
        let digest = to_be_signed(&bytes).unwrap().sha256;
        embed(&mut bytes, &self.cms(&digest)).unwrap();
        bytes
    }
}

/// A certificate for `key`, signed by `by`.
pub fn issue(
    profile: Profile,
    serial: u8,
    issuer: Option<&Certificate>,
    key: &dyn Signer,
    by: &dyn Signer,
) -> Certificate {
    let spki = key.spki_der().unwrap();
    let subject = Subject {
        common_name: format!("木棉测试{serial}"),
        organization: Some("广东木棉（深圳）科技有限公司".into()),
        organizational_unit: None,
        uscc: Some(Uscc::parse("91440300708461136T").unwrap()),
    };
    let request = IssueRequest {
        profile,
        serial: &[serial; 16],
        issuer,
        subject,
        subject_spki_der: &spki,
        not_before: now() - DAY,
        not_after: now() + 365 * DAY,
        crl_url: issuer.map(|_| "http://127.0.0.1/crl/1.crl"),
        ca_issuers_url: None,
        ocsp_url: None,
    };
    Certificate::parse(&certificate(&tbs(&request).unwrap(), by).unwrap()).unwrap()
}
