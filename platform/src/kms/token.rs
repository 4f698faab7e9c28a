//! Keys in a PKCS#11 token (OASIS PKCS#11 2.40 or later). They never leave it: sensitive, not extractable.
//!
//! A token makes no key by itself. A missing one is an error at start: with a new key in its place nothing that phones have would open, and
//! two processes that start together would make two.

use super::{AgreementKey, KeyKind, Kms, KmsError, SecretKey, SigningKey, TokenUri};
use crate::config::StartError;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use kapok_protocol::point;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::{Zeroize, Zeroizing};

/// secp256r1 as `CKA_EC_PARAMS` has it.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// An OCTET STRING of 65 bytes: how `CKA_EC_POINT` wraps an uncompressed point.
const WRAPPED: [u8; 2] = [0x04, 65];

/// A token that is logged in to.
pub struct Token(Arc<Inner>);

struct Inner {
    library: Pkcs11,
    slot: Slot,
    /// Keeps the login, which ends with a process's last session.
    _login: Mutex<Session>,
    /// Sessions that nobody uses now: a session does one thing at a time.
    idle: Mutex<Vec<Session>>,
}

struct Key {
    token: Arc<Inner>,
    handle: ObjectHandle,
}

struct Pair {
    private: Key,
    public: [u8; 33],
}

impl Token {
    /// Loads the library, finds the token by its label and logs in.
    pub fn open(uri: &TokenUri) -> Result<Self, StartError> {
        let library = Pkcs11::new(&uri.module).map_err(failed)?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(error) => return Err(failed(error)),
        }
        let slot = slot(&library, &uri.token)?;
        let session = library.open_rw_session(slot).map_err(failed)?;
        let pin = pin(uri)?;
        match session.login(UserType::User, Some(&pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(Self(Arc::new(Inner {
            library,
            slot,
            _login: Mutex::new(session),
            idle: Mutex::default(),
        })))
    }

    fn key(&self, kind: KeyKind, name: &str) -> Result<Key, StartError> {
        let found = self.0.with(|session| find(session, private(kind), name));
        match found.map_err(StartError::Kms)?.as_slice() {
            [handle] => Ok(Key {
                token: Arc::clone(&self.0),
                handle: *handle,
            }),
            [] => Err(StartError::NoKey(name.to_owned())),
            _ => Err(StartError::KeyTwice(name.to_owned())),
        }
    }

    fn pair(&self, kind: KeyKind, name: &str) -> Result<Pair, StartError> {
        let private = self.key(kind, name)?;
        let read = self.0.with(|session| {
            let found = find(session, ObjectClass::PUBLIC_KEY, name)?;
            let [handle] = found.as_slice() else {
                return Err(KmsError::Shape("public key"));
            };
            session
                .get_attributes(*handle, &[AttributeType::EcPoint])
                .map_err(KmsError::from)
        });
        let public = read.ok().and_then(|found| match found.as_slice() {
            [Attribute::EcPoint(der)] => compressed(der),
            _ => None,
        });
        let public = public.ok_or_else(|| StartError::NoKey(name.to_owned()))?;
        Ok(Pair { private, public })
    }
}

impl Kms for Token {
    fn has(&self, kind: KeyKind, name: &str) -> Result<bool, StartError> {
        let found = self.0.with(|session| find(session, private(kind), name));
        Ok(!found.map_err(StartError::Kms)?.is_empty())
    }

    fn make(&self, kind: KeyKind, name: &str) -> Result<(), StartError> {
        if self.has(kind, name)? {
            return Ok(());
        }
        let made = self.0.with(|session| match kind {
            KeyKind::Signing => generate_pair(session, name, Attribute::Sign(true)),
            KeyKind::Agreement => generate_pair(session, name, Attribute::Derive(true)),
            KeyKind::Secret => generate_secret(session, name),
        });
        made.map_err(StartError::Kms)
    }

    fn signing(&self, name: &str) -> Result<Box<dyn SigningKey>, StartError> {
        Ok(Box::new(self.pair(KeyKind::Signing, name)?))
    }

    fn agreement(&self, name: &str) -> Result<Box<dyn AgreementKey>, StartError> {
        Ok(Box::new(self.pair(KeyKind::Agreement, name)?))
    }

    fn secret(&self, name: &str) -> Result<Box<dyn SecretKey>, StartError> {
        Ok(Box::new(self.key(KeyKind::Secret, name)?))
    }
}

impl SigningKey for Pair {
    fn public(&self) -> &[u8; 33] {
        &self.public
    }

    fn sign(&self, input: &[u8]) -> Result<[u8; 64], KmsError> {
        let digest = Sha256::digest(input);
        let made = self
            .private
            .token
            .with(|session| Ok(session.sign(&Mechanism::Ecdsa, self.private.handle, &digest)?))?;
        made.try_into().map_err(|_| KmsError::Shape("signature"))
    }
}

impl AgreementKey for Pair {
    fn public(&self) -> &[u8; 33] {
        &self.public
    }

    fn agree(&self, peer: &[u8; 33]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let peer = point::parse_compressed(peer).map_err(|_| KmsError::Point)?;
        let peer = point::uncompressed(&peer);
        let params = Ecdh1DeriveParams::new(EcKdf::null(), &peer);
        self.private.token.with(|session| {
            let derived = session.derive_key(
                &Mechanism::Ecdh1Derive(params),
                self.private.handle,
                &[
                    Attribute::Class(ObjectClass::SECRET_KEY),
                    Attribute::KeyType(KeyType::GENERIC_SECRET),
                    Attribute::ValueLen(32.into()),
                    Attribute::Token(false),
                    Attribute::Sensitive(false),
                    Attribute::Extractable(true),
                ],
            )?;
            let value = session.get_attributes(derived, &[AttributeType::Value]);
            session.destroy_object(derived)?;
            match value?.as_mut_slice() {
                [Attribute::Value(value)] => taken(value, "agreed secret"),
                _ => Err(KmsError::Shape("agreed secret")),
            }
        })
    }
}

impl SecretKey for Key {
    fn mac(&self, input: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let mac = |session: &Session| session.sign(&Mechanism::Sha256Hmac, self.handle, input);
        let mut made = self.token.with(|session| Ok(mac(session)?))?;
        taken(&mut made, "MAC")
    }
}

impl Inner {
    /// Does something in a session of its own. One in which something failed is not used again.
    fn with<T>(&self, job: impl FnOnce(&Session) -> Result<T, KmsError>) -> Result<T, KmsError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let session = match waiting {
            Some(session) => session,
            None => self.library.open_rw_session(self.slot)?,
        };
        let done = job(&session)?;
        idle().push(session);
        Ok(done)
    }
}

fn failed(error: Error) -> StartError {
    StartError::Kms(error.into())
}

fn slot(library: &Pkcs11, label: &str) -> Result<Slot, StartError> {
    for slot in library.get_slots_with_token().map_err(failed)? {
        if library.get_token_info(slot).map_err(failed)?.label() == label {
            return Ok(slot);
        }
    }
    Err(StartError::NoToken(label.to_owned()))
}

fn pin(uri: &TokenUri) -> Result<AuthPin, StartError> {
    let text = std::fs::read_to_string(&uri.pin)
        .map(Zeroizing::new)
        .map_err(|error| StartError::Io("reading the token's PIN", error))?;
    Ok(AuthPin::from(text.trim_end_matches(['\r', '\n'])))
}

const fn private(kind: KeyKind) -> ObjectClass {
    match kind {
        KeyKind::Signing | KeyKind::Agreement => ObjectClass::PRIVATE_KEY,
        KeyKind::Secret => ObjectClass::SECRET_KEY,
    }
}

fn find(session: &Session, class: ObjectClass, name: &str) -> Result<Vec<ObjectHandle>, KmsError> {
    let label = Attribute::Label(name.as_bytes().to_vec());
    Ok(session.find_objects(&[Attribute::Class(class), Attribute::Token(true), label])?)
}

/// What every key here is: it stays, it is seen after a login only, and it does not leave.
fn kept(name: &str) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Label(name.as_bytes().to_vec()),
    ]
}

fn generate_pair(session: &Session, name: &str, may: Attribute) -> Result<(), KmsError> {
    let id = Attribute::Id(rand::random::<[u8; 16]>().to_vec());
    let public = [
        Attribute::Token(true),
        Attribute::Private(false),
        Attribute::EcParams(P256.to_vec()),
        Attribute::Label(name.as_bytes().to_vec()),
        id.clone(),
    ];
    let mut private = kept(name);
    private.extend([id, may]);
    session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)?;
    Ok(())
}

fn generate_secret(session: &Session, name: &str) -> Result<(), KmsError> {
    let mut secret = kept(name);
    secret.extend([
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::ValueLen(32.into()),
        Attribute::Sign(true),
    ]);
    session.generate_key(&Mechanism::GenericSecretKeyGen, &secret)?;
    Ok(())
}

fn compressed(der: &[u8]) -> Option<[u8; 33]> {
    // PKCS#11 wraps the point; some tokens give it bare.
    let bare = der.strip_prefix(&WRAPPED).unwrap_or(der);
    let key = point::parse_uncompressed(bare).ok()?;
    Some(point::compressed(&key))
}

fn taken(from: &mut Vec<u8>, what: &'static str) -> Result<Zeroizing<[u8; 32]>, KmsError> {
    let array = <[u8; 32]>::try_from(from.as_slice()).map(Zeroizing::new);
    from.zeroize();
    array.map_err(|_| KmsError::Shape(what))
}
