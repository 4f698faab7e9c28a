//! The symmetric state of the Noise protocol framework (rev. 34 § 5.2) for AESGCM and SHA-256.

use super::ChannelError;
use crate::kdf;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::{ZeroizeOnDrop, Zeroizing};

const NAME: &[u8; 31] = b"Noise_NKpsk0_P256_AESGCM_SHA256";

/// Chaining key, transcript hash and cipher key of a running handshake.
#[derive(ZeroizeOnDrop)]
pub(super) struct Symmetric {
    ck: [u8; 32],
    h: [u8; 32],
    key: [u8; 32],
    nonce: u64,
}

impl Symmetric {
    /// `InitializeSymmetric`, then the prologue.
    pub(super) fn new(prologue: &[&[u8]]) -> Self {
        let mut h = [0u8; 32];
        // A name of 32 bytes or fewer is not hashed but padded with zeros.
        h[..31].copy_from_slice(NAME);
        let mut state = Self {
            ck: h,
            h,
            key: [0; 32],
            nonce: 0,
        };
        state.mix_hash(&prologue.concat());
        state
    }

    pub(super) fn mix_hash(&mut self, data: &[u8]) {
        self.h = kdf::sha256(&[&self.h, data]);
    }

    pub(super) fn mix_key(&mut self, ikm: &[u8]) {
        let out = kdf::hkdf::<64>(&self.ck, &[ikm], &[]);
        let (ck, key) = out.split_at(32);
        self.ck.copy_from_slice(ck);
        self.key.copy_from_slice(key);
        self.nonce = 0;
    }

    pub(super) fn mix_key_and_hash(&mut self, psk: &[u8; 32]) {
        let out = kdf::hkdf::<96>(&self.ck, &[psk], &[]);
        let (ck, rest) = out.split_at(32);
        let (hash, key) = rest.split_at(32);
        self.ck.copy_from_slice(ck);
        self.mix_hash(hash);
        self.key.copy_from_slice(key);
        self.nonce = 0;
    }

    pub(super) fn encrypt_and_hash(&mut self, plain: &[u8]) -> Result<Vec<u8>, ChannelError> {
        let sealed = seal(&self.key, self.nonce, &self.h, plain)?;
        self.nonce += 1;
        self.mix_hash(&sealed);
        Ok(sealed)
    }

    pub(super) fn decrypt_and_hash(
        &mut self,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ChannelError> {
        let plain = open(&self.key, self.nonce, &self.h, sealed).ok_or(ChannelError::Handshake)?;
        self.nonce += 1;
        self.mix_hash(sealed);
        Ok(plain)
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        self.h
    }

    /// `Split`: the keys of the initiator's and of the responder's direction.
    pub(super) fn split(&self) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
        let out = kdf::hkdf::<64>(&self.ck, &[], &[]);
        let (mut up, mut down) = (Zeroizing::new([0u8; 32]), Zeroizing::new([0u8; 32]));
        let (first, second) = out.split_at(32);
        up.copy_from_slice(first);
        down.copy_from_slice(second);
        (up, down)
    }
}

/// AES-256-GCM with the nonce of Noise: 4 zero bytes || u64.
pub(super) fn seal(
    key: &[u8; 32],
    nonce: u64,
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, ChannelError> {
    Aes256Gcm::new(key.into())
        .encrypt(&nonce_bytes(nonce).into(), Payload { msg: plain, aad })
        .map_err(|_| ChannelError::TooLarge)
}

/// The plaintext, or nothing when the tag is wrong.
pub(super) fn open(
    key: &[u8; 32],
    nonce: u64,
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    Aes256Gcm::new(key.into())
        .decrypt(&nonce_bytes(nonce).into(), Payload { msg: sealed, aad })
        .ok()
        .map(Zeroizing::new)
}

fn nonce_bytes(sequence: u64) -> [u8; 12] {
    let mut nonce = [0u8; 12];
    nonce[4..].copy_from_slice(&sequence.to_be_bytes());
    nonce
}
