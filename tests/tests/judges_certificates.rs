//! Every profile of certificate before pkilint and openssl: P-256 in both, SM2 in openssl.

use kapok_formats::signer::{P256Key, Signer, Sm2Key};
use kapok_formats::x509::{Certificate, LABEL_CERTIFICATE, Profile, pem_encode};
use kapok_tests::judges::{openssl_verify_chain, pkilint};
use kapok_tests::pki::issue;
use std::path::PathBuf;

/// What an issuing CA gives.
fn leaves() -> Vec<Profile> {
    vec![
        Profile::Organisation,
        Profile::Employee,
        Profile::SealMaker,
        Profile::RelyingParty,
        Profile::Timestamp,
        Profile::Ocsp,
        Profile::Server {
            dns: vec!["platform.kapok.example".into()],
            ip: vec![[127, 0, 0, 1].into()],
        },
    ]
}

/// Root, issuing CA and a leaf of each profile, as files.
struct Files {
    folder: tempfile::TempDir,
    root: PathBuf,
    ca: PathBuf,
    leaves: Vec<(Profile, PathBuf)>,
}

impl Files {
    fn new(key: fn(u8) -> Box<dyn Signer>, root_profile: Profile) -> Self {
        let (root_key, ca_key) = (key(1), key(2));
        let root = issue(root_profile, 1, None, &*root_key, &*root_key);
        let ca = issue(Profile::Issuing, 2, Some(&root), &*ca_key, &*root_key);
        let mut files = Self {
            folder: tempfile::tempdir().unwrap(),
            root: PathBuf::new(),
            ca: PathBuf::new(),
            leaves: Vec::new(),
        };
        files.root = files.write("root.pem", &root);
        files.ca = files.write("ca.pem", &ca);
        for (number, profile) in (3..).zip(leaves()) {
            let leaf_key = key(number);
            let leaf = issue(profile.clone(), number, Some(&ca), &*leaf_key, &*ca_key);
            let path = files.write(&format!("{number}.pem"), &leaf);
            files.leaves.push((profile, path));
        }
        files
    }

    fn write(&self, name: &str, certificate: &Certificate) -> PathBuf {
        let path = self.folder.path().join(name);
        let pem = pem_encode(LABEL_CERTIFICATE, certificate.der()).unwrap();
        std::fs::write(&path, pem).unwrap();
        path
    }
}

fn p256(seed: u8) -> Box<dyn Signer> {
    Box::new(P256Key::from_scalar(&[seed; 32]).unwrap())
}

fn sm2(seed: u8) -> Box<dyn Signer> {
    Box::new(Sm2Key::from_scalar(&[seed; 32]).unwrap())
}

#[test]
fn pkilint_finds_no_fault_with_any_profile() {
    let files = Files::new(p256, Profile::Root);
    for path in [&files.root, &files.ca] {
        assert_eq!(pkilint(path).unwrap(), [], "{}", path.display());
    }
    for (profile, path) in &files.leaves {
        assert_eq!(pkilint(path).unwrap(), [], "{profile:?}");
    }
    // It can: here the length of the outermost sequence is another one.
    let cut = files.folder.path().join("cut.pem");
    let pem = std::fs::read_to_string(&files.root).unwrap();
    std::fs::write(&cut, pem.replacen("MI", "MA", 1)).unwrap();
    let refused = pkilint(&cut).map(|found| !found.is_empty());
    assert!(refused.unwrap_or(true));
}

#[test]
fn openssl_builds_a_chain_for_every_profile_in_both_algorithms() {
    let of_p256 = Files::new(p256, Profile::Root);
    let of_sm2 = Files::new(sm2, Profile::SealRoot);
    for files in [of_p256, of_sm2] {
        for (profile, leaf) in &files.leaves {
            let verdict = openssl_verify_chain(leaf, &[&files.ca], &files.root).unwrap();
            assert_eq!(verdict, None, "{profile:?}");
        }
        let (_, leaf) = &files.leaves[0];
        let verdict = openssl_verify_chain(leaf, &[], &files.root).unwrap();
        assert!(verdict.is_some(), "without the issuer");
    }
}
