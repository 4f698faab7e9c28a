//! Our ECDSA P-256 and OpenSSL's, ring between them: each takes what the other has signed.

use kapok_platform::role_keys::verifies;
use kapok_protocol::guard::{StateRequest, Suite, Unsigned, raw_signature};
use kapok_protocol::ids::{AccountId, DeviceId};
use kapok_protocol::point;
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use std::path::Path;
use std::process::Command;

const ROUNDS: usize = 20;

fn openssl(dir: &Path, arguments: &[&str]) -> bool {
    let mut run = Command::new("openssl");
    let run = run.args(arguments).current_dir(dir);
    run.output().unwrap().status.success()
}

#[test]
fn pin_02_our_signatures_verify_with_openssl_and_ring_and_theirs_with_us() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for round in 0..ROUNDS {
        let secret = if round % 2 == 0 {
            SecretKey::generate()
        } else {
            let curve = [
                "ecparam",
                "-name",
                "prime256v1",
                "-genkey",
                "-noout",
                "-out",
                "sec1",
            ];
            assert!(openssl(dir.path(), &curve));
            assert!(openssl(
                dir.path(),
                &["pkcs8", "-topk8", "-nocrypt", "-in", "sec1", "-out", "key"]
            ));
            let pem = std::fs::read_to_string(at("key")).unwrap();
            SecretKey::from_pkcs8_pem(&pem).unwrap()
        };
        let pem = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
        std::fs::write(at("key"), pem.as_bytes()).unwrap();
        let pem = secret.public_key().to_public_key_pem(LineEnding::LF);
        std::fs::write(at("public"), pem.unwrap()).unwrap();
        let public = point::compressed(&secret.public_key());
        let unsigned = Unsigned::new(&StateRequest {
            suite: Suite::P256,
            account: AccountId(rand::random()),
            device: DeviceId(rand::random()),
            random: rand::random(),
        });
        let unsigned = unsigned.unwrap();
        let message = unsigned.signing_input();
        std::fs::write(at("message"), &message).unwrap();

        let ours: Signature = SigningKey::from(&secret).sign(&message);
        std::fs::write(at("ours"), ours.to_der().as_bytes()).unwrap();
        let verify = ["dgst", "-sha256", "-verify", "public", "-signature", "ours"];
        assert!(openssl(dir.path(), &[&verify[..], &["message"]].concat()));
        assert!(verifies(&public, &message, &ours.to_bytes()));

        let sign = [
            "dgst", "-sha256", "-sign", "key", "-out", "theirs", "message",
        ];
        assert!(openssl(dir.path(), &sign));
        let theirs = raw_signature(&std::fs::read(at("theirs")).unwrap()).unwrap();
        let signed = unsigned.attach(theirs);
        signed.open::<StateRequest>(&public).unwrap();
        assert!(verifies(&public, &message, &theirs));

        let other = [&message[..], b"."].concat();
        std::fs::write(at("message"), &other).unwrap();
        assert!(!openssl(dir.path(), &[&verify[..], &["message"]].concat()));
        assert!(!verifies(&public, &other, &theirs));
        let mut changed = signed.clone();
        changed.signature[round] ^= 1;
        assert!(changed.open::<StateRequest>(&public).is_err());
    }
}
