//! The phone's side of the key schedule, as pure functions: random bytes and what chip and guard answer come in as arguments.

use crate::secret::Pin;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use kapok_protocol::delivery::DeliveryError;
use kapok_protocol::guard::wrap::{SlotRecord, WrapError, open, seal};
use kapok_protocol::guard::{
    Argon2Params, Prk, SignedError, SlotContext, Suite, commit_matches, schedule,
};
use kapok_protocol::ids::{AccountId, Bytes};
use kapok_protocol::oprf::{self, Blind, Evaluation, OprfError};
use zeroize::Zeroizing;

/// 32 secret bytes, wiped when dropped.
pub type Secret = Zeroizing<[u8; 32]>;

/// More memory than any slot of this app asks for: a damaged slot must not take the phone down.
const MAX_MEMORY_KIB: u32 = 256 * 1024;

/// Why the vault did not open or was not made. Holds no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The commitment differs: another PIN. Never the answer of a wrong guard.
    #[error("the PIN is wrong")]
    WrongPin,
    /// Guard or face service answered something that does not verify.
    #[error("an answer does not verify")]
    Tampered,
    /// The slot or a wrapped key does not read, or has parameters that this app never writes.
    #[error("the stored vault is damaged")]
    Damaged,
    /// A random scalar was out of range: draw again.
    #[error("the scalar is out of range")]
    Scalar,
}

impl From<OprfError> for VaultError {
    fn from(error: OprfError) -> Self {
        match error {
            OprfError::Point | OprfError::Proof => Self::Tampered,
            OprfError::Scalar => Self::Scalar,
            OprfError::Input => Self::Damaged,
        }
    }
}

impl From<DeliveryError> for VaultError {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Point | DeliveryError::Sealed => Self::Tampered,
            DeliveryError::Scalar => Self::Scalar,
        }
    }
}

impl From<SignedError> for VaultError {
    fn from(_: SignedError) -> Self {
        Self::Tampered
    }
}

impl From<WrapError> for VaultError {
    fn from(_: WrapError) -> Self {
        Self::Damaged
    }
}

impl From<kapok_protocol::cbor::CborError> for VaultError {
    fn from(_: kapok_protocol::cbor::CborError) -> Self {
        Self::Damaged
    }
}

/// `x0` = Argon2id(PIN as six ASCII digits, salt), 32 bytes; about 20 ms. The memory is wiped.
///
/// # Errors
/// [`VaultError::Damaged`] for parameters that Argon2 or this app does not take.
pub fn stretch(pin: &Pin, salt: &[u8; 32], params: Argon2Params) -> Result<Secret, VaultError> {
    if params.m > MAX_MEMORY_KIB {
        return Err(VaultError::Damaged);
    }
    let params =
        Params::new(params.m, params.t, params.p, Some(32)).map_err(|_| VaultError::Damaged)?;
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(pin.as_ascii(), salt, &mut *out, &mut memory[..])
        .map_err(|_| VaultError::Damaged)?;
    Ok(out)
}

/// One try between blinding and finalizing.
pub struct Try {
    x1: Secret,
    input: Zeroizing<Vec<u8>>,
    blind: Blind,
}

impl Try {
    /// Blinds the chip's answer `x1`. `scalar` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`VaultError::Scalar`].
    pub fn new(
        account: AccountId,
        epoch: u64,
        x1: Secret,
        scalar: &[u8; 32],
    ) -> Result<Self, VaultError> {
        let input = schedule::oprf_input(account, epoch, &x1);
        let blind = oprf::blind(&input, scalar)?;
        Ok(Self { x1, input, blind })
    }

    /// What the guard evaluates.
    pub fn element(&self) -> &[u8; 33] {
        self.blind.element()
    }

    /// Verifies the guard's proof under the context's key and derives the epoch's root.
    ///
    /// # Errors
    /// [`VaultError::Tampered`]: another key was used. Says nothing about the PIN.
    pub fn finish(
        &self,
        context: &SlotContext,
        element: [u8; 33],
        proof: [u8; 64],
    ) -> Result<Prk, VaultError> {
        let evaluation = Evaluation { element, proof };
        let y = self
            .blind
            .finalize(&self.input, &evaluation, &context.oprf_pk)?;
        Ok(Prk::new(context, &self.x1, &y))
    }
}

/// Fresh random bytes of a slot.
pub struct SlotRandom {
    /// Salt of Argon2id; the stretching came before.
    pub salt: [u8; 32],
    /// Input of the chip for recovery.
    pub rec_salt: [u8; 32],
    /// Nonces of both wraps.
    pub nonces: [[u8; 24]; 2],
}

/// What recovery needs besides the phone's files.
pub struct Recovery {
    /// HwPrf("pinv1/hw-rec", rec_salt).
    pub hardware: Secret,
    /// The guard's half.
    pub s_g: Secret,
    /// The face service's half.
    pub s_f: Secret,
}

impl Recovery {
    fn key(&self, context: &SlotContext) -> Secret {
        schedule::kek_rec(context, &self.hardware, &self.s_g, &self.s_f)
    }
}

/// Wraps a VMK both ways.
///
/// # Errors
/// [`VaultError::Damaged`] if the cipher refuses, which no input of these sizes causes.
pub fn make_slot(
    context: &SlotContext,
    prk: &Prk,
    recovery: &Recovery,
    vmk: &[u8; 32],
    random: &SlotRandom,
) -> Result<SlotRecord, VaultError> {
    let aad = context.hash();
    let [pin_nonce, rec_nonce] = &random.nonces;
    Ok(SlotRecord {
        suite: Suite::P256,
        epoch: context.epoch,
        params: context.params,
        salt: random.salt,
        rec_salt: random.rec_salt,
        oprf_pk: context.oprf_pk,
        commit: prk.commit(),
        ct_pin: Bytes(seal(&prk.kek_pin(), pin_nonce, &aad, vmk)?),
        ct_rec: Bytes(seal(&recovery.key(context), rec_nonce, &aad, vmk)?),
    })
}

/// Opens the VMK with the PIN's root: the commitment first, in constant time, then the wrap.
///
/// # Errors
/// [`VaultError::WrongPin`], [`VaultError::Damaged`].
pub fn open_slot(
    record: &SlotRecord,
    context: &SlotContext,
    prk: &Prk,
) -> Result<Secret, VaultError> {
    if !commit_matches(prk, &record.commit) {
        return Err(VaultError::WrongPin);
    }
    opened(&prk.kek_pin(), context, &record.ct_pin)
}

/// Opens the vault key by both halves of the recovery share and the chip.
///
/// # Errors
/// [`VaultError::Tampered`]: a half is not the one that was made with the slot.
pub fn recover(
    record: &SlotRecord,
    context: &SlotContext,
    recovery: &Recovery,
) -> Result<Secret, VaultError> {
    opened(&recovery.key(context), context, &record.ct_rec).map_err(|_| VaultError::Tampered)
}

/// Opens both wraps of a record that was read back, and compares with the VMK that went in.
///
/// # Errors
/// [`VaultError::Damaged`]: the record must not be committed.
pub fn check_slot(
    record: &SlotRecord,
    context: &SlotContext,
    prk: &Prk,
    recovery: &Recovery,
    vmk: &[u8; 32],
) -> Result<(), VaultError> {
    let by_pin = open_slot(record, context, prk).map_err(|_| VaultError::Damaged)?;
    let by_face = opened(&recovery.key(context), context, &record.ct_rec)?;
    if *by_pin != *vmk || *by_face != *vmk {
        return Err(VaultError::Damaged);
    }
    Ok(())
}

fn opened(key: &[u8; 32], context: &SlotContext, sealed: &[u8]) -> Result<Secret, VaultError> {
    let plain = open(key, &context.hash(), sealed)?;
    secret(&plain)
}

/// 32 bytes out of an opened wrap.
pub fn secret(plain: &[u8]) -> Result<Secret, VaultError> {
    let mut out = Zeroizing::new([0; 32]);
    if plain.len() != out.len() {
        return Err(VaultError::Damaged);
    }
    out.copy_from_slice(plain);
    Ok(out)
}

/// [`schedule::HW_PIN_LABEL`] for the port.
pub const HW_PIN: &str = "pinv1/hw-pin";
/// [`schedule::HW_REC_LABEL`] for the port.
pub const HW_REC: &str = "pinv1/hw-rec";
