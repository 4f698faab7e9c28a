//! Timestamps and OCSP beside openssl: what we make it accepts, what it makes we accept, and what was changed both refuse.

use kapok_formats::cms::Oid;
use kapok_formats::ocsp::{Answer, CertId, OcspError, Request as Asked, Response, Status, respond};
use kapok_formats::tsp::{Imprint, Request, Response as Stamped, Token, TspError};
use kapok_formats::x509::{Profile, RevocationReason, build_crl};
use kapok_tests::judges::openssl;
use kapok_tests::pki::{DAY, Pki, now};
use std::fs;

const DATA: &[u8] = b"a signature value";

/// Runs openssl in words; its output, and whether it was content.
fn run(arguments: &[&str]) -> (bool, String) {
    let output = openssl(arguments).unwrap();
    let text = [&output.stdout[..], &output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// A file of the folder as an argument.
fn at(pki: &Pki, name: &str) -> String {
    pki.path(name).to_str().unwrap().to_owned()
}

fn policy() -> Oid {
    Oid::from_dotted("1.3.6.1.4.1.4146.2.3").unwrap()
}

/// Our answer to a request in DER.
fn stamp(pki: &Pki, request: &[u8]) -> Vec<u8> {
    let asked = Request::parse(request).unwrap();
    let chain: Vec<Vec<u8>> = pki.chain[..2]
        .iter()
        .map(|one| one.der().to_vec())
        .collect();
    kapok_formats::tsp::respond(&asked, &policy(), &[7; 16], now(), &chain, &*pki.leaf_key).unwrap()
}

#[test]
fn openssl_accepts_our_timestamps_over_their_data_only() {
    let pki = Pki::p256_for(Profile::Timestamp);
    for digest in ["-sha256", "-sha384", "-sha512"] {
        pki.write("data", DATA);
        pki.write("other", b"other");
        let [data, other, query, reply] =
            ["data", "other", "q.tsq", "r.tsr"].map(|name| at(&pki, name));
        let asked = [
            "ts", "-query", "-data", &data, digest, "-cert", "-out", &query,
        ];
        assert!(run(&asked).0);
        pki.write("r.tsr", &stamp(&pki, &fs::read(&query).unwrap()));
        let (root, ca) = (at(&pki, "root.pem"), at(&pki, "ca.pem"));
        let verify = |over: [&str; 2]| {
            run(&[
                "ts",
                "-verify",
                over[0],
                over[1],
                "-in",
                &reply,
                "-CAfile",
                &root,
                "-untrusted",
                &ca,
            ])
        };
        let said = verify(["-queryfile", &query]);
        assert!(said.0 && said.1.contains("Verification: OK"), "{}", said.1);
        assert!(verify(["-data", &data]).0);
        assert!(!verify(["-data", &other]).0);
        let mut changed = fs::read(&reply).unwrap();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        pki.write("r.tsr", &changed);
        assert!(!verify(["-data", &data]).0);
    }
}

#[test]
fn we_accept_openssls_timestamps_over_their_data_only() {
    let pki = Pki::p256_for(Profile::Timestamp);
    pki.write_leaf_key();
    pki.write("serial", b"01\n");
    let settings = format!(
        "[tsa]\nserial = {}\nsigner_cert = {}\ncerts = {}\nsigner_key = {}\nsigner_digest = sha256\n\
         ess_cert_id_alg = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256, sha512\naccuracy = secs:1, millisecs:500\n",
        at(&pki, "serial"),
        at(&pki, "leaf.pem"),
        at(&pki, "ca.pem"),
        at(&pki, "leaf-key.pem"),
    );
    pki.write("tsa.cnf", settings.as_bytes());
    let asked = Request {
        imprint: Imprint::sha256(DATA),
        policy: None,
        nonce: Some(vec![9; 8]),
        certificate: true,
    };
    pki.write("q.tsq", &asked.to_der().unwrap());
    let [query, reply, settings] = ["q.tsq", "r.tsr", "tsa.cnf"].map(|name| at(&pki, name));
    let made = run(&[
        "ts",
        "-reply",
        "-config",
        &settings,
        "-section",
        "tsa",
        "-queryfile",
        &query,
        "-out",
        &reply,
    ]);
    assert!(made.0, "{}", made.1);
    let Stamped::Granted(der) = Stamped::parse(&fs::read(&reply).unwrap()).unwrap() else {
        panic!("refused: {}", made.1);
    };
    let token = Token::verify(&der).unwrap();
    assert_eq!(asked.is_answered_by(&token), Ok(()));
    assert_eq!(token.is_over(DATA), Ok(()));
    assert_eq!(token.is_over(b"other"), Err(TspError::OtherData));
    assert_eq!(token.certificate, pki.chain[0]);
    assert_eq!(token.stamp.accuracy, Some(2), "one second and a half");
    assert!(now().abs_diff(token.stamp.time) < 60);
}

/// A responder's certificate and key are the leaf's here; what is asked about is the certificate in `asked.pem`.
fn responder() -> (Pki, kapok_formats::x509::Certificate) {
    let pki = Pki::p256_for(Profile::Ocsp);
    let key = kapok_formats::signer::P256Key::from_scalar(&[4; 32]).unwrap();
    let asked = kapok_tests::pki::issue(
        Profile::Employee,
        0x84,
        Some(&pki.chain[1]),
        &key,
        &Pki::ca_key(),
    );
    let pem = kapok_formats::x509::pem_encode("CERTIFICATE", asked.der()).unwrap();
    pki.write("asked.pem", pem.as_bytes());
    (pki, asked)
}

#[test]
fn openssl_accepts_our_ocsp_answers() {
    let (pki, asked) = responder();
    let [root, ca, cert, query, reply] =
        ["root.pem", "ca.pem", "asked.pem", "q.der", "r.der"].map(|name| at(&pki, name));
    for hash in ["-sha1", "-sha256"] {
        let made = run(&[
            "ocsp", hash, "-issuer", &ca, "-cert", &cert, "-reqout", &query,
        ]);
        assert!(made.0, "{}", made.1);
        let question = Asked::parse(&fs::read(&query).unwrap()).unwrap();
        assert_eq!(question.certificates[0].serial(), asked.serial());
        let since = now() - DAY;
        let revoked = Status::Revoked {
            at: since,
            reason: RevocationReason::KeyCompromise,
        };
        for (status, words) in [
            (Status::Good, "asked.pem: good"),
            (revoked, "asked.pem: revoked"),
            (Status::Unknown, "asked.pem: unknown"),
        ] {
            let line = [Answer {
                id: question.certificates[0].clone(),
                status,
                this_update: now(),
                next_update: Some(now() + DAY),
            }];
            let nonce = question.nonce.as_deref();
            let der = respond(&line, nonce, now(), &pki.chain[0], &*pki.leaf_key).unwrap();
            pki.write("r.der", &der);
            let judged = || {
                run(&[
                    "ocsp",
                    hash,
                    "-no_nonce",
                    "-respin",
                    &reply,
                    "-issuer",
                    &ca,
                    "-cert",
                    &cert,
                    "-CAfile",
                    &root,
                    "-verify_other",
                    &ca,
                ])
            };
            let said = judged();
            assert!(said.1.contains("Response verify OK"), "{}", said.1);
            assert!(said.1.contains(words), "{}", said.1);
            if status != Status::Good {
                continue;
            }
            let mut changed = der.clone();
            let time = changed.windows(2).position(|w| w == [0x18, 15]).unwrap();
            changed[time + 10] ^= 1;
            pki.write("r.der", &changed);
            assert!(!judged().1.contains("Response verify OK"));
        }
    }
}

#[test]
fn we_accept_openssls_ocsp_answers() {
    let (pki, asked) = responder();
    let key = pki.write_leaf_key();
    let [ca, leaf, index, query, reply] =
        ["ca.pem", "leaf.pem", "index.txt", "q.der", "r.der"].map(|name| at(&pki, name));
    let serial = hex::encode_upper(asked.serial());
    let id = CertId::sha1(asked.serial(), &pki.chain[1]).unwrap();
    let question = Asked {
        certificates: vec![id],
        nonce: Some(vec![5; 16]),
    };
    pki.write("q.der", &question.to_der().unwrap());
    for (line, good) in [
        (
            format!("V\t361120000000Z\t\t{serial}\tunknown\t/CN=x\n"),
            true,
        ),
        (
            format!("R\t361120000000Z\t261120000000Z,keyCompromise\t{serial}\tunknown\t/CN=x\n"),
            false,
        ),
    ] {
        pki.write("index.txt", line.as_bytes());
        let made = run(&[
            "ocsp",
            "-index",
            &index,
            "-CA",
            &ca,
            "-rsigner",
            &leaf,
            "-rkey",
            key.to_str().unwrap(),
            "-rmd",
            "sha256",
            "-reqin",
            &query,
            "-respout",
            &reply,
            "-ndays",
            "1",
        ]);
        assert!(made.0, "{}", made.1);
        let response = Response::parse(&fs::read(&reply).unwrap()).unwrap();
        assert_eq!(response.nonce(), Some(&[5; 16][..]));
        let said = response.check(asked.serial(), &pki.chain[1]).unwrap();
        assert_eq!(said.responder.as_ref(), Some(&pki.chain[0]));
        match said.status {
            Status::Good => assert!(good),
            Status::Revoked { reason, .. } => {
                assert!(!good);
                assert_eq!(reason, RevocationReason::KeyCompromise);
            }
            Status::Unknown => panic!("unknown"),
        }
        let root = response.check(asked.serial(), &pki.chain[2]);
        assert_eq!(root, Err(OcspError::NotAuthorised));
    }
}

#[test]
fn openssl_accepts_our_crl() {
    let (pki, asked) = responder();
    let entry = kapok_formats::x509::CrlEntry {
        serial: asked.serial().to_vec(),
        revoked_at: now() - DAY,
        reason: RevocationReason::Superseded,
    };
    let der = build_crl(
        &pki.chain[1],
        &[entry],
        7,
        now() - 60,
        now() + DAY,
        &Pki::ca_key(),
    )
    .unwrap();
    pki.write("list.crl", &der);
    let [list, ca, root, cert] =
        ["list.crl", "ca.pem", "root.pem", "asked.pem"].map(|name| at(&pki, name));
    let said = run(&[
        "crl", "-inform", "DER", "-in", &list, "-CAfile", &ca, "-noout", "-text",
    ]);
    assert!(said.1.contains("verify OK"), "{}", said.1);
    assert!(said.1.contains("Superseded"), "{}", said.1);
    let pem = kapok_formats::x509::pem_encode("X509 CRL", &der).unwrap();
    pki.write("list.pem", pem.as_bytes());
    let list = at(&pki, "list.pem");
    let said = run(&[
        "verify",
        "-crl_check",
        "-CRLfile",
        &list,
        "-CAfile",
        &root,
        "-untrusted",
        &ca,
        &cert,
    ]);
    assert!(
        !said.0 && said.1.contains("certificate revoked"),
        "{}",
        said.1
    );
}
