//! The vectors of Project Wycheproof over the functions as this crate calls them: signatures, key agreement, derivation, wraps.

use crate::guard::wrap;
use crate::{ecdsa, kdf, point};
use serde_json::Value;

/// The most that HKDF-SHA-256 gives.
const LONGEST: usize = 255 * 32;

/// Calls `check` with each group and test, and says how many there were.
fn each(json: &str, mut check: impl FnMut(&Value, &Value)) -> usize {
    let all: Value = serde_json::from_str(json).unwrap();
    let mut count = 0;
    for group in all["groups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            check(group, test);
            count += 1;
        }
    }
    count
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(value[name].as_str().unwrap()).unwrap()
}

fn valid(test: &Value) -> bool {
    test["result"] == "valid"
}

#[test]
fn pin_01_wycheproof_ecdsa_p256_sha256() {
    let json = include_str!("../tests/vectors/wycheproof/ecdsa_secp256r1_sha256_p1363.json");
    let count = each(json, |group, test| {
        let key = point::parse_uncompressed(&bytes(group, "uncompressed")).unwrap();
        let verified = ecdsa::verifies(&key, &bytes(test, "msg"), &bytes(test, "sig"));
        assert_eq!(verified, valid(test), "{}", test["tcId"]);
    });
    assert_eq!(count, 262);
}

#[test]
fn pin_01_wycheproof_ecdh_p256() {
    let json = include_str!("../tests/vectors/wycheproof/ecdh_secp256r1_ecpoint.json");
    let mut agreed = 0;
    let count = each(json, |_, test| {
        // Compressed points are "acceptable" there and read by a function of their own here.
        let public = bytes(test, "public");
        let public =
            point::parse_uncompressed(&public).or_else(|_| point::parse_compressed(&public));
        let Ok(public) = public else {
            assert!(!valid(test), "{}", test["tcId"]);
            return;
        };
        let private = bytes(test, "private");
        // Written as an integer: leading zeros come and go.
        let zeros = private.iter().take_while(|byte| **byte == 0).count();
        let digits = &private[zeros..];
        let mut scalar = [0; 32];
        scalar[32 - digits.len()..].copy_from_slice(digits);
        let secret = point::parse_scalar(&scalar).unwrap();
        let expected = bytes(test, "shared");
        let Ok(shared) = point::diffie_hellman(&secret, &public) else {
            // Stricter than the standard: a point with x = 0 exists, and nobody who plays fairly ever meets it.
            assert_eq!(expected, [0; 32], "{}", test["tcId"]);
            return;
        };
        assert_ne!(test["result"], "invalid", "{}", test["tcId"]);
        assert_eq!(shared.as_slice(), expected, "{}", test["tcId"]);
        agreed += 1;
    });
    assert_eq!(count, 355);
    assert!(agreed > 200, "{agreed}");
}

#[test]
fn pin_01_wycheproof_hkdf_sha256() {
    let json = include_str!("../tests/vectors/wycheproof/hkdf_sha256.json");
    let count = each(json, |_, test| {
        let size = usize::try_from(test["size"].as_u64().unwrap()).unwrap();
        // More cannot be asked for: the length is part of the type.
        assert_eq!(size <= LONGEST, valid(test), "{}", test["tcId"]);
        if !valid(test) {
            return;
        }
        let [ikm, salt, info] = ["ikm", "salt", "info"].map(|name| bytes(test, name));
        let okm = kdf::hkdf::<LONGEST>(&salt, &[&ikm], &[&info]);
        assert_eq!(okm[..size], bytes(test, "okm"), "{}", test["tcId"]);
    });
    assert_eq!(count, 86);
}

#[test]
fn pin_01_wycheproof_xchacha20_poly1305() {
    let json = include_str!("../tests/vectors/wycheproof/xchacha20_poly1305.json");
    let count = each(json, |_, test| {
        let [key, iv, aad, msg, ct, tag] =
            ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| bytes(test, name));
        let key: [u8; 32] = key.try_into().unwrap();
        let sealed = [iv.as_slice(), &ct, &tag].concat();
        let opened = wrap::open(&key, &aad, &sealed);
        assert_eq!(opened.is_ok(), valid(test), "{}", test["tcId"]);
        if let (Ok(plain), Ok(nonce)) = (opened, <&[u8; 24]>::try_from(iv.as_slice())) {
            assert_eq!(*plain, msg, "{}", test["tcId"]);
            assert_eq!(wrap::seal(&key, nonce, &aad, &msg).unwrap(), sealed);
        }
    });
    assert_eq!(count, 315);
}
