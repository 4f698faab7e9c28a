//! Helpers of both halves.

mod messages;
mod schedule;

use super::*;
use crate::ids::{AccountId, DeviceId};
use crate::oprf;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

const ACCOUNT: AccountId = AccountId([1; 16]);
const DEVICE: DeviceId = DeviceId([2; 16]);
const PHONE_KEY: [u8; 32] = [0x31; 32];
const GUARD_KEY: [u8; 32] = [0x32; 32];

fn public(secret: &[u8; 32]) -> [u8; 33] {
    crate::point::public_of(secret).unwrap()
}

fn sign(secret: &[u8; 32], input: &[u8]) -> [u8; 64] {
    let signature: Signature = SigningKey::from_slice(secret).unwrap().sign(input);
    signature.to_bytes().into()
}

fn signed<M: Message>(secret: &[u8; 32], message: &M) -> Signed {
    let sign = |input: &[u8]| Ok::<_, ()>(sign(secret, input));
    Unsigned::new(message).unwrap().sign(sign).unwrap()
}

/// The guard's row of one epoch, as little of it as the key schedule needs.
struct GuardRow {
    master: [u8; 32],
    row_salt: [u8; 32],
    epoch: u64,
}

impl GuardRow {
    fn key(&self) -> oprf::ServerKey {
        crate::guard::schedule::guard_oprf_key(&self.master, &self.row_salt, ACCOUNT, self.epoch)
            .unwrap()
    }

    fn context(&self) -> SlotContext {
        SlotContext {
            account: ACCOUNT,
            device: DEVICE,
            epoch: self.epoch,
            oprf_pk: self.key().public_key(),
            params: Argon2Params::V1,
        }
    }

    /// What a phone derives from the chip's output of a typed PIN.
    fn unlock(&self, x1: &[u8; 32]) -> Prk {
        let input = crate::guard::schedule::oprf_input(ACCOUNT, self.epoch, x1);
        let blind = oprf::blind(&input, &[5; 32]).unwrap();
        let evaluation = self.key().evaluate(blind.element(), &[6; 32]).unwrap();
        let y = blind
            .finalize(&input, &evaluation, &self.key().public_key())
            .unwrap();
        Prk::new(&self.context(), x1, &y)
    }
}

fn row() -> GuardRow {
    GuardRow {
        master: [7; 32],
        row_salt: [8; 32],
        epoch: 1,
    }
}
