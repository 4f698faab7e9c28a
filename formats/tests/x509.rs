//! Certificates, requests and CRLs: our own reading, and openssl as the outside judge.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{CA_URL, CRL_URL, DAY, Kind, NOW, enterprise, issue, key, pki, request, subject};
use kapok_formats::signer::{Algorithm, SignerError};
use kapok_formats::x509::{
    Certificate, ChainError, Crl, CrlEntry, Csr, IssueRequest, LABEL_CERTIFICATE, LABEL_CRL,
    LABEL_CSR, Profile, RevocationReason, Subject, X509Error, build_crl, build_csr, certificate,
    certificates_from_pem, pem_decode, pem_encode, tbs, verify_chain,
};
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

fn openssl(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

fn write_pem(dir: &Path, name: &str, label: &'static str, der: &[u8]) {
    std::fs::write(dir.join(name), pem_encode(label, der).unwrap()).unwrap();
}

fn crl_of(pki: &common::Pki, entries: &[CrlEntry]) -> Crl {
    let der = build_crl(&pki.ca, entries, 7, NOW - 60, NOW + 7 * DAY, &*pki.ca_key).unwrap();
    Crl::parse(&der).unwrap()
}

fn revoked(certificate: &Certificate, at: u64) -> CrlEntry {
    CrlEntry {
        serial: certificate.serial().to_vec(),
        revoked_at: at,
        reason: RevocationReason::KeyCompromise,
    }
}

#[test]
fn a_chain_verifies_here_and_in_openssl() {
    for kind in [Kind::P256, Kind::Sm2] {
        let pki = pki(kind, Profile::Employee);
        assert_eq!(
            verify_chain(
                &pki.leaf,
                std::slice::from_ref(&pki.ca),
                std::slice::from_ref(&pki.root),
                NOW,
                &[]
            ),
            Ok(())
        );
        let dir = tempfile::tempdir().unwrap();
        write_pem(dir.path(), "root.pem", LABEL_CERTIFICATE, pki.root.der());
        write_pem(dir.path(), "ca.pem", LABEL_CERTIFICATE, pki.ca.der());
        write_pem(dir.path(), "leaf.pem", LABEL_CERTIFICATE, pki.leaf.der());
        let root_crl =
            build_crl(&pki.root, &[], 1, NOW - 60, NOW + 7 * DAY, &*pki.root_key).unwrap();
        let crl = crl_of(&pki, &[]);
        let bundle =
            pem_encode(LABEL_CRL, crl.der()).unwrap() + &pem_encode(LABEL_CRL, &root_crl).unwrap();
        std::fs::write(dir.path().join("crl.pem"), bundle).unwrap();
        let at = NOW.to_string();
        if kind == Kind::Sm2 {
            // The command line gives the distinguishing identifier only to the certificate it is asked about.
            let distid = "distid:1234567812345678";
            let pairs = [("ca.pem", "leaf.pem"), ("root.pem", "ca.pem")];
            for (issuer, subject) in pairs {
                let arguments = [
                    "verify",
                    "-attime",
                    &at,
                    "-x509_strict",
                    "-partial_chain",
                    "-vfyopt",
                    distid,
                    "-trusted",
                    issuer,
                    subject,
                ];
                let (ok, text) = openssl(dir.path(), &arguments);
                assert!(ok, "{text}");
            }
            openssl_verifies_sm2(dir.path(), pki.root.der(), pki.root.spki_der());
            openssl_verifies_sm2(dir.path(), crl.der(), pki.ca.spki_der());
            continue;
        }
        let mut arguments = vec!["verify", "-attime", &at, "-x509_strict", "-check_ss_sig"];
        arguments.extend(["-CAfile", "root.pem", "-untrusted", "ca.pem"]);
        arguments.extend(["-CRLfile", "crl.pem", "-crl_check_all", "leaf.pem"]);
        let (ok, text) = openssl(dir.path(), &arguments);
        assert!(ok, "{text}");

        let with_leaf = crl_of(&pki, &[revoked(&pki.leaf, NOW - 100)]);
        let bundle = pem_encode(LABEL_CRL, with_leaf.der()).unwrap()
            + &pem_encode(LABEL_CRL, &root_crl).unwrap();
        std::fs::write(dir.path().join("crl.pem"), bundle).unwrap();
        let (ok, text) = openssl(dir.path(), &arguments);
        assert!(!ok && text.contains("revoked"), "{text}");
    }
}

/// `openssl dgst` over the signed part of `SEQUENCE { body, algorithm, signature }`.
fn openssl_verifies_sm2(dir: &Path, signed: &[u8], spki: &[u8]) {
    let parts = <Vec<der::asn1::Any> as der::Decode>::from_der(signed).unwrap();
    std::fs::write(dir.join("body"), der::Encode::to_der(&parts[0]).unwrap()).unwrap();
    // The first byte of a BIT STRING counts unused bits.
    std::fs::write(dir.join("signature"), &parts[2].value()[1..]).unwrap();
    write_pem(dir, "key.pem", "PUBLIC KEY", spki);
    let arguments = [
        "dgst",
        "-sm3",
        "-sigopt",
        "distid:1234567812345678",
        "-verify",
        "key.pem",
        "-signature",
        "signature",
        "body",
    ];
    let (ok, text) = openssl(dir, &arguments);
    assert!(ok, "{text}");
}

#[test]
fn a_request_proves_possession_here_and_in_openssl() {
    for kind in [Kind::P256, Kind::Sm2] {
        let der = build_csr(&*key(kind, 5), &enterprise()).unwrap();
        let csr = Csr::parse(&der).unwrap();
        assert_eq!(csr.subject().common_name.as_deref(), Some("张伟"));
        assert_eq!(csr.subject().uscc(), enterprise().uscc);
        assert_eq!(csr.spki_der(), key(kind, 5).spki_der().unwrap());
        let dir = tempfile::tempdir().unwrap();
        write_pem(dir.path(), "csr.pem", LABEL_CSR, &der);
        let mut arguments = vec![
            "req",
            "-in",
            "csr.pem",
            "-verify",
            "-noout",
            "-subject",
            "-nameopt",
            "utf8,sep_comma_plus",
        ];
        if kind == Kind::Sm2 {
            arguments.extend(["-vfyopt", "distid:1234567812345678"]);
        }
        let (ok, text) = openssl(dir.path(), &arguments);
        assert!(
            ok && text.contains("广东木棉（深圳）科技有限公司"),
            "{kind:?}: {text}"
        );

        let mut forged = der.clone();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        assert!(matches!(
            Csr::parse(&forged),
            Err(X509Error::Signer(SignerError::Signature))
        ));
    }
}

#[test]
fn a_certificate_says_what_was_asked_for() {
    let pki = pki(Kind::P256, Profile::Employee);
    let leaf = &pki.leaf;
    assert_eq!(leaf.subject().common_name.as_deref(), Some("张伟"));
    assert_eq!(
        leaf.subject().organization.as_deref(),
        Some("广东木棉（深圳）科技有限公司")
    );
    assert_eq!(
        leaf.subject().organizational_unit.as_deref(),
        Some("财务部")
    );
    assert_eq!(
        leaf.subject().organization_identifier.as_deref(),
        Some("NTRCN-91440300708461136T")
    );
    assert_eq!(leaf.subject().country.as_deref(), Some("CN"));
    assert_eq!(leaf.uscc(), enterprise().uscc);
    assert_eq!(leaf.serial_hex(), "83".repeat(16));
    assert_eq!(
        (leaf.not_before(), leaf.not_after()),
        (NOW - DAY, NOW + 365 * DAY)
    );
    assert_eq!(leaf.crl_urls(), [CRL_URL]);
    assert_eq!(leaf.ca_issuers_urls(), [CA_URL]);
    assert_eq!(leaf.authority_key_id(), pki.ca.subject_key_id());
    assert_eq!(leaf.spki_der(), pki.leaf_key.spki_der().unwrap());
    assert_eq!(
        leaf.public_key().unwrap().algorithm(),
        Algorithm::EcdsaP256Sha256
    );
    let usage = leaf.key_usage().unwrap();
    assert!(usage.digital_signature() && usage.non_repudiation() && !usage.key_cert_sign());
    assert!(!leaf.is_ca() && pki.ca.is_ca() && pki.root.is_ca());
    assert!(
        pki.root.authority_key_id().is_none(),
        "GM/T 0015 forbids it in a root"
    );
    assert_eq!(leaf.fingerprint_hex().len(), 64);

    let dir = tempfile::tempdir().unwrap();
    write_pem(dir.path(), "leaf.pem", LABEL_CERTIFICATE, leaf.der());
    let (_, text) = openssl(dir.path(), &["x509", "-in", "leaf.pem", "-noout", "-text"]);
    assert!(
        text.contains("1.2.156.10260.4.1.4") && text.contains("91440300708461136T"),
        "{text}"
    );
    assert!(
        text.contains("Digital Signature, Non Repudiation"),
        "{text}"
    );
}

#[test]
fn a_server_certificate_names_its_hosts() {
    let pki = pki(Kind::P256, Profile::Organisation);
    let server_key = key(Kind::P256, 9);
    let spki = server_key.spki_der().unwrap();
    let profile = Profile::Server {
        dns: vec!["localhost".into()],
        ip: vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()],
    };
    let server = issue(
        &request(
            profile,
            &[7; 16],
            Some(&pki.root),
            Subject {
                common_name: "localhost".into(),
                ..Subject::default()
            },
            &spki,
        ),
        &*pki.root_key,
    );
    assert_eq!(
        verify_chain(&server, &[], std::slice::from_ref(&pki.root), NOW, &[]),
        Ok(())
    );
    let dir = tempfile::tempdir().unwrap();
    write_pem(dir.path(), "root.pem", LABEL_CERTIFICATE, pki.root.der());
    write_pem(dir.path(), "server.pem", LABEL_CERTIFICATE, server.der());
    let at = NOW.to_string();
    for name in [
        ["-verify_hostname", "localhost"],
        ["-verify_ip", "127.0.0.1"],
        ["-verify_ip", "::1"],
    ] {
        let (ok, text) = openssl(
            dir.path(),
            &[
                "verify",
                "-attime",
                &at,
                "-purpose",
                "sslserver",
                "-CAfile",
                "root.pem",
                name[0],
                name[1],
                "server.pem",
            ],
        );
        assert!(ok, "{text}");
    }
    let nameless = request(
        Profile::Server {
            dns: vec![],
            ip: vec![],
        },
        &[7; 16],
        Some(&pki.root),
        subject("x"),
        &spki,
    );
    assert!(matches!(
        tbs(&nameless),
        Err(X509Error::Field {
            field: "profile",
            ..
        })
    ));
}

#[test]
fn what_cannot_be_issued_is_refused_by_field() {
    let pki = pki(Kind::P256, Profile::Employee);
    let spki = pki.leaf_key.spki_der().unwrap();
    let good = request(
        Profile::Employee,
        &[5; 16],
        Some(&pki.ca),
        enterprise(),
        &spki,
    );
    assert!(tbs(&good).is_ok());
    let refused = |change: &dyn Fn(&mut IssueRequest<'_>)| {
        let mut bad = good.clone();
        change(&mut bad);
        match tbs(&bad) {
            Err(X509Error::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(&|r| r.serial = &[0; 4]), "serial");
    assert_eq!(refused(&|r| r.serial = &[0x80; 20]), "serial");
    assert_eq!(refused(&|r| r.not_after = r.not_before), "not_after");
    assert_eq!(refused(&|r| r.crl_url = None), "crl_url");
    assert_eq!(refused(&|r| r.crl_url = Some("file:///x")), "crl_url");
    assert_eq!(refused(&|r| r.issuer = None), "issuer");
    assert_eq!(refused(&|r| r.profile = Profile::Root), "issuer");
    assert_eq!(refused(&|r| r.subject.common_name.clear()), "common_name");
    assert_eq!(
        refused(&|r| r.subject.organization = Some("木".repeat(65))),
        "organization"
    );
    let mut under_leaf = good.clone();
    under_leaf.issuer = Some(&pki.leaf);
    assert!(matches!(
        tbs(&under_leaf),
        Err(X509Error::Field {
            field: "issuer",
            ..
        })
    ));
    assert_eq!(
        certificate(&tbs(&good).unwrap(), &*key(Kind::Sm2, 2)),
        Err(X509Error::Algorithm)
    );
    assert_eq!(
        build_crl(&pki.ca, &[], 1, NOW, NOW + 1, &*pki.root_key).err(),
        Some(X509Error::Algorithm)
    );
}

#[test]
fn the_bytes_recorded_are_the_bytes_signed() {
    let pki = pki(Kind::Sm2, Profile::Employee);
    let spki = pki.leaf_key.spki_der().unwrap();
    let wanted = request(
        Profile::Employee,
        &[5; 16],
        Some(&pki.ca),
        enterprise(),
        &spki,
    );
    let recorded = tbs(&wanted).unwrap();
    assert_eq!(recorded, tbs(&wanted).unwrap());
    let der = certificate(&recorded, &*pki.ca_key).unwrap();
    assert!(der.windows(recorded.len()).any(|window| window == recorded));
}

#[test]
fn a_path_fails_for_the_right_reason() {
    let pki = pki(Kind::P256, Profile::Employee);
    let (cas, roots) = ([pki.ca.clone()], [pki.root.clone()]);
    let check = |at, crls: &[Crl]| verify_chain(&pki.leaf, &cas, &roots, at, crls);
    assert_eq!(
        check(NOW - 2 * DAY, &[]),
        Err(ChainError::NotYetValid { depth: 0 })
    );
    assert_eq!(
        check(NOW + 366 * DAY, &[]),
        Err(ChainError::Expired { depth: 0 })
    );
    assert_eq!(
        verify_chain(&pki.leaf, &[], &roots, NOW, &[]),
        Err(ChainError::Untrusted)
    );
    assert_eq!(
        verify_chain(&pki.leaf, &cas, &[], NOW, &[]),
        Err(ChainError::Untrusted)
    );

    let list = crl_of(&pki, &[revoked(&pki.leaf, NOW - 100)]);
    assert_eq!(
        check(NOW, std::slice::from_ref(&list)),
        Err(ChainError::Revoked {
            depth: 0,
            revoked_at: NOW - 100
        })
    );
    assert_eq!(
        check(NOW - 101, std::slice::from_ref(&list)),
        Ok(()),
        "signed before the revocation"
    );
    let clean = crl_of(&pki, &[]);
    assert_eq!(check(NOW, std::slice::from_ref(&clean)), Ok(()));
    assert_eq!(
        check(NOW + 8 * DAY, &[clean]),
        Err(ChainError::RevocationList { depth: 0 })
    );

    // A leaf that issues, and a CA below a CA with path length 0.
    let child_key = key(Kind::P256, 6);
    let spki = child_key.spki_der().unwrap();
    let below = issue(
        &request(
            Profile::Issuing,
            &[6; 16],
            Some(&pki.ca),
            subject("下级CA"),
            &spki,
        ),
        &*pki.ca_key,
    );
    let leaf_spki = pki.leaf_key.spki_der().unwrap();
    let far = issue(
        &request(
            Profile::Employee,
            &[8; 16],
            Some(&below),
            enterprise(),
            &leaf_spki,
        ),
        &*child_key,
    );
    let both = [pki.ca.clone(), below];
    assert_eq!(
        verify_chain(&far, &both, &roots, NOW, &[]),
        Err(ChainError::NotAnIssuer { depth: 2 })
    );
}

#[test]
fn a_changed_bit_anywhere_is_noticed() {
    for kind in [Kind::P256, Kind::Sm2] {
        let pki = pki(kind, Profile::Employee);
        let (cas, roots) = ([pki.ca.clone()], [pki.root.clone()]);
        for at in (0..pki.leaf.der().len()).step_by(7) {
            let mut der = pki.leaf.der().to_vec();
            der[at] ^= 0x01;
            let verdict = Certificate::parse(&der)
                .map(|changed| verify_chain(&changed, &cas, &roots, NOW, &[]));
            assert_ne!(verdict, Ok(Ok(())), "{kind:?} byte {at}");
        }
        let mut root = pki.root.der().to_vec();
        let last = root.len() - 1;
        root[last] ^= 1;
        let root = Certificate::parse(&root).unwrap();
        assert_eq!(
            verify_chain(&pki.leaf, &cas, &[root], NOW, &[]),
            Err(ChainError::Signature { depth: 2 })
        );
    }
}

#[test]
fn a_crl_tells_what_was_put_in() {
    let pki = pki(Kind::P256, Profile::Employee);
    let entries = [
        revoked(&pki.leaf, NOW - 100),
        CrlEntry {
            serial: vec![9],
            revoked_at: NOW,
            reason: RevocationReason::Unspecified,
        },
    ];
    let list = crl_of(&pki, &entries);
    assert_eq!(list.entries(), entries);
    assert_eq!(list.number(), Some(&[7][..]));
    assert_eq!(
        (list.this_update(), list.next_update()),
        (NOW - 60, Some(NOW + 7 * DAY))
    );
    assert_eq!(list.issuer().der, pki.ca.subject().der);
}

#[test]
fn pem_goes_there_and_back() {
    let pki = pki(Kind::P256, Profile::Employee);
    let text = pem_encode(LABEL_CERTIFICATE, pki.leaf.der()).unwrap();
    assert_eq!(
        pem_decode(LABEL_CERTIFICATE, &text).unwrap(),
        pki.leaf.der()
    );
    assert!(pem_decode(LABEL_CRL, &text).is_err());
    let bundle = format!(
        "subject=…\n{text}\n# and\n{}",
        pem_encode(LABEL_CERTIFICATE, pki.ca.der()).unwrap()
    );
    assert_eq!(certificates_from_pem(&bundle).unwrap(), [pki.leaf, pki.ca]);
}

#[test]
fn a_request_with_any_bit_changed_is_refused() {
    let csr = build_csr(&*key(Kind::P256, 5), &subject("x")).unwrap();
    for at in 0..csr.len() * 8 {
        let mut changed = csr.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(
            Csr::parse(&changed).is_err(),
            "bit {} of byte {}",
            at % 8,
            at / 8
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::parse(&bytes);
        let _ = Csr::parse(&bytes);
        let _ = Crl::parse(&bytes);
    }
}
