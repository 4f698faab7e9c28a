//! Keys in files of the platform's folder, made at first use.

use super::{AgreementKey, KeyKind, Kms, KmsError, SecretKey, SigningKey};
use crate::config::StartError;
use crate::keys::Keys;
use hmac::{Hmac, KeyInit, Mac};
use kapok_protocol::point;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey as Ecdsa};
use p256::{PublicKey, ecdh};
use sha2::Sha256;
use zeroize::Zeroizing;

struct Pair {
    secret: p256::SecretKey,
    sign: Ecdsa,
    public: [u8; 33],
}

/// One HMAC block: the secret and zeros, so that making the MAC cannot fail.
struct Block(Zeroizing<[u8; 64]>);

impl Kms for Keys {
    fn has(&self, kind: KeyKind, name: &str) -> Result<bool, StartError> {
        Ok(self.holds(&file(kind, name)))
    }

    fn make(&self, kind: KeyKind, name: &str) -> Result<(), StartError> {
        match kind {
            KeyKind::Signing | KeyKind::Agreement => self.p256(name).map(drop),
            KeyKind::Secret => block(self, name).map(drop),
        }
    }

    fn signing(&self, name: &str) -> Result<Box<dyn SigningKey>, StartError> {
        Ok(Box::new(pair(self, name)?))
    }

    fn agreement(&self, name: &str) -> Result<Box<dyn AgreementKey>, StartError> {
        Ok(Box::new(pair(self, name)?))
    }

    fn secret(&self, name: &str) -> Result<Box<dyn SecretKey>, StartError> {
        Ok(Box::new(block(self, name)?))
    }
}

impl SigningKey for Pair {
    fn public(&self) -> &[u8; 33] {
        &self.public
    }

    fn sign(&self, input: &[u8]) -> Result<[u8; 64], KmsError> {
        let signature: Signature = self.sign.sign(input);
        Ok(signature.to_bytes().into())
    }
}

impl AgreementKey for Pair {
    fn public(&self) -> &[u8; 33] {
        &self.public
    }

    fn agree(&self, peer: &[u8; 33]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let peer = PublicKey::from_sec1_bytes(peer).map_err(|_| KmsError::Point)?;
        let shared = ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), peer.as_affine());
        Ok(Zeroizing::new((*shared.raw_secret_bytes()).into()))
    }
}

impl SecretKey for Block {
    fn mac(&self, input: &[u8]) -> Result<Zeroizing<[u8; 32]>, KmsError> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new((&*self.0).into());
        mac.update(input);
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

fn file(kind: KeyKind, name: &str) -> String {
    match kind {
        KeyKind::Signing | KeyKind::Agreement => format!("{name}.key"),
        KeyKind::Secret => format!("{name}.secret"),
    }
}

fn pair(keys: &Keys, name: &str) -> Result<Pair, StartError> {
    let secret = keys.p256(name)?;
    Ok(Pair {
        sign: Ecdsa::from(&secret),
        public: point::compressed(&secret.public_key()),
        secret,
    })
}

fn block(keys: &Keys, name: &str) -> Result<Block, StartError> {
    let name = file(KeyKind::Secret, name);
    let bytes = Zeroizing::new(keys.file(&name, || Ok(rand::random::<[u8; 32]>().to_vec()))?);
    let secret = <&[u8; 32]>::try_from(bytes.as_slice());
    let secret = secret.map_err(|_| StartError::KeyFile(name))?;
    let mut block = Zeroizing::new([0; 64]);
    block
        .iter_mut()
        .zip(secret)
        .for_each(|(to, from)| *to = *from);
    Ok(Block(block))
}
