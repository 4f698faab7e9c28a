//! What every key store must do, run on one: `token contract PLACE`, a folder or a PKCS#11 address. And a person's whole way on a platform
//! whose keys are in a token: `token journey ADDRESS`. In a process of its own, since a PKCS#11 library reads its settings from the environment.
//!
//! Ends with 0 where all holds, and with a panic's sentence where something does not.

use anyhow::{Context as _, Result, bail};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use hmac::{Hmac, KeyInit, Mac};
use kapok_core::ErrorCode;
use kapok_platform::config::StartError;
use kapok_platform::guard::{make_keys, rotate_master};
use kapok_platform::keys::Keys;
use kapok_platform::kms::{KeyKind, Kms, KmsError, Token, TokenUri};
use kapok_platform::role_keys::{RoleKeys, verifies};
use kapok_tests::world::{PIN, World, pin};
use p256::{PublicKey, SecretKey, ecdh};
use sha2::Sha256;
use std::path::Path;

const NEW: [u8; 6] = [4, 7, 2, 8, 0, 5];

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context("contract or journey, and a place");
    match (next()?.as_str(), next()?) {
        ("contract", place) if place.starts_with("pkcs11:") => {
            let uri: TokenUri = place.parse()?;
            refusals(&uri);
            contract(&Token::open(&uri)?, &Token::open(&uri)?);
            nothing_leaves(&uri)?;
        }
        ("contract", place) => {
            let folder = Path::new(&place);
            contract(&Keys::open(folder)?, &Keys::open(folder)?);
            known_mac(folder);
        }
        ("journey", place) => journey(&place.parse()?).await?,
        (other, _) => bail!("{other}: contract or journey"),
    }
    println!("ok");
    Ok(())
}

/// The same for both stores. `again` is the store opened once more.
fn contract(kms: &dyn Kms, again: &dyn Kms) {
    for (kind, name) in [
        (KeyKind::Signing, "a-sign"),
        (KeyKind::Agreement, "an-agreement"),
        (KeyKind::Secret, "a-secret"),
    ] {
        assert!(!kms.has(kind, name).unwrap());
        kms.make(kind, name).unwrap();
        assert!(again.has(kind, name).unwrap());
        kms.make(kind, name).unwrap();
    }
    signs(kms, again);
    agrees(kms, again);
    macs(kms, again);
    seals(kms);
    at_once(kms);
}

fn signs(kms: &dyn Kms, again: &dyn Kms) {
    let (key, reopened) = (kms.signing("a-sign").unwrap(), again.signing("a-sign"));
    let reopened = reopened.unwrap();
    assert_eq!(key.public(), reopened.public());
    for input in [&b""[..], b"message", &[7; 10_000]] {
        let signature = reopened.sign(input).unwrap();
        assert!(verifies(key.public(), input, &signature));
        assert!(!verifies(key.public(), b"another", &signature));
    }
}

fn agrees(kms: &dyn Kms, again: &dyn Kms) {
    let key = kms.agreement("an-agreement").unwrap();
    let mine = PublicKey::from_sec1_bytes(key.public()).unwrap();
    for scalar in 1..40u8 {
        let other = SecretKey::from_slice(&[scalar; 32]).unwrap();
        let shared = ecdh::diffie_hellman(other.to_nonzero_scalar(), mine.as_affine());
        let public = kapok_protocol::point::compressed(&other.public_key());
        let again = again.agreement("an-agreement").unwrap();
        let agreed = again.agree(&public).unwrap();
        assert_eq!(agreed.as_slice(), shared.raw_secret_bytes().as_slice());
    }
    let mut none = [0xff; 33];
    none[0] = 2;
    assert!(matches!(key.agree(&none), Err(KmsError::Point)));
}

fn macs(kms: &dyn Kms, again: &dyn Kms) {
    kms.make(KeyKind::Secret, "another-secret").unwrap();
    let (key, reopened) = (kms.secret("a-secret").unwrap(), again.secret("a-secret"));
    let other = kms.secret("another-secret").unwrap();
    let mac = key.mac(b"input").unwrap();
    assert_eq!(mac, reopened.unwrap().mac(b"input").unwrap());
    assert_ne!(mac, key.mac(b"other input").unwrap());
    assert_ne!(mac, other.mac(b"input").unwrap());
}

fn seals(kms: &dyn Kms) {
    RoleKeys::make(kms, "face").unwrap();
    let keys = RoleKeys::open(kms, "face").unwrap();
    let sealed = keys.seal("table.column", &[b"row"], &[9; 32]).unwrap();
    let open = |place, row: &[u8]| keys.unseal(place, &[row], &sealed);
    assert_eq!(*open("table.column", b"row").unwrap(), [9; 32]);
    assert!(open("table.column", b"wor").is_err());
    assert!(open("table.another", b"row").is_err());
}

/// Eight threads with one key.
fn at_once(kms: &dyn Kms) {
    let (sign, secret) = (
        kms.signing("a-sign").unwrap(),
        kms.secret("a-secret").unwrap(),
    );
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let (sign, secret) = (&sign, &secret);
            scope.spawn(move || {
                for round in 0..50u8 {
                    let input = [thread, round];
                    let signature = sign.sign(&input).unwrap();
                    assert!(verifies(sign.public(), &input, &signature));
                    assert_eq!(secret.mac(&input).unwrap(), secret.mac(&input).unwrap());
                }
            });
        }
    });
}

/// A file's secret is the key of the MAC.
fn known_mac(folder: &Path) {
    let secret = std::fs::read(folder.join("a-secret.secret")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(b"input");
    let keys = Keys::open(folder).unwrap();
    let made = keys.secret("a-secret").unwrap().mac(b"input").unwrap();
    assert_eq!(made.as_slice(), mac.finalize().into_bytes().as_slice());
}

/// Each in a sentence that names what is wrong; a token makes no key when one is opened.
fn refusals(uri: &TokenUri) {
    let token = Token::open(uri).unwrap();
    assert!(matches!(token.secret("none"), Err(StartError::NoKey(name)) if name == "none"));
    assert!(matches!(token.signing("none"), Err(StartError::NoKey(_))));
    let other = TokenUri {
        token: "other".into(),
        ..uri.clone()
    };
    assert!(matches!(Token::open(&other), Err(StartError::NoToken(name)) if name == "other"));
    let no_pin = TokenUri {
        pin: "/none".into(),
        ..uri.clone()
    };
    assert!(matches!(Token::open(&no_pin), Err(StartError::Io(..))));
    let no_library = TokenUri {
        module: "/none.so".into(),
        ..uri.clone()
    };
    assert!(matches!(Token::open(&no_library), Err(StartError::Kms(_))));
}

/// Asked past this project's code, the token shows no private or secret value.
fn nothing_leaves(uri: &TokenUri) -> Result<()> {
    let library = Pkcs11::new(&uri.module)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(error.into()),
    }
    let slot = library.get_slots_with_token()?[0];
    let session = library.open_ro_session(slot)?;
    let digits = std::fs::read_to_string(&uri.pin)?;
    match session.login(UserType::User, Some(&AuthPin::from(digits.trim_end()))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
        Err(error) => return Err(error.into()),
    }
    let mut seen = 0;
    for class in [ObjectClass::PRIVATE_KEY, ObjectClass::SECRET_KEY] {
        for key in session.find_objects(&[Attribute::Class(class), Attribute::Token(true)])? {
            let kept = [AttributeType::Sensitive, AttributeType::NeverExtractable];
            let kept = session.get_attributes(key, &kept)?;
            assert!(kept.contains(&Attribute::Sensitive(true)), "{kept:?}");
            assert!(
                kept.contains(&Attribute::NeverExtractable(true)),
                "{kept:?}"
            );
            let value = session.get_attributes(key, &[AttributeType::Value]);
            assert!(value.map_or(true, |value| value.is_empty()), "a value");
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen} keys");
    Ok(())
}

/// PIN, certificate, signature, another PIN, and a newer master key, over restarts; no key in a file.
async fn journey(uri: &TokenUri) -> Result<()> {
    let dir = tempfile::tempdir()?;
    make_keys(&Token::open(uri)?)?;
    let world = World::start_on(dir, uri).await?;
    let (app, ..) = world.equipped("phone").await;
    world.signs(&app, PIN).await.unwrap();
    drop(app);
    world.running.shutdown().await;
    assert_eq!(rotate_master(&Token::open(uri)?)?, 2);

    let world = World::start_on(world.dir, uri).await?;
    let app = kapok_tests::world::open(
        &world.dir.path().join("phone"),
        &world.running.https_url,
        &world.running.tls_root_pem,
    );
    let wrong = world.signs(&app, NEW).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::PinWrong);
    world.signs(&app, PIN).await.unwrap();
    assert_eq!(world.count("guard", "SELECT max(master) FROM epochs"), 2);
    let changed = app.vault().change_pin(pin(PIN), pin(NEW), pin(NEW)).await;
    changed.unwrap();
    world.signs(&app, NEW).await.unwrap();
    for entry in std::fs::read_dir(world.dir.path().join("platform"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let of_roles = name.starts_with("guard-") || name.starts_with("face-");
        assert!(
            !of_roles || !(name.ends_with(".key") || name.ends_with(".secret")),
            "{name}"
        );
    }
    world.running.shutdown().await;
    Ok(())
}
