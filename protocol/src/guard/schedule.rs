//! The key schedule: every key between PIN and certificate key, as pure functions.
//!
//! `x1` (chip) and `y` (guard) both enter `prk`, so that losing either layer alone breaks nothing.

use super::messages::PinKind;
use crate::cbor::{self, CborError};
use crate::ids::{AccountId, Bytes, CertId, DeviceId};
use crate::kdf::{expand, extract, hkdf, hmac_sha256, lp_len, sha256};
use crate::oprf::{self, OprfError, ServerKey};
use p256::NonZeroScalar;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Label of the chip's function over the stretched PIN.
pub const HW_PIN_LABEL: &[u8] = b"pinv1/hw-pin";
/// Label of the chip's function over the recovery salt.
pub const HW_REC_LABEL: &[u8] = b"pinv1/hw-rec";

/// Argon2id parameters, stored in the slot and bound into its context, so that a downgrade does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Argon2Params {
    /// Memory in KiB.
    pub m: u32,
    /// Passes.
    pub t: u32,
    /// Lanes, 1.
    pub p: u32,
}

impl Argon2Params {
    /// 19 MiB, two passes, one lane: chip and guard carry the weight.
    pub const V1: Self = Self {
        m: 19 * 1024,
        t: 2,
        p: 1,
    };

    /// Three big-endian u32.
    pub fn to_bytes(self) -> [u8; 12] {
        let mut out = [0u8; 12];
        out[..4].copy_from_slice(&self.m.to_be_bytes());
        out[4..8].copy_from_slice(&self.t.to_be_bytes());
        out[8..].copy_from_slice(&self.p.to_be_bytes());
        out
    }
}

/// What a slot is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotContext {
    /// Whose PIN.
    pub account: AccountId,
    /// On which phone.
    pub device: DeviceId,
    /// PIN epoch, from 1.
    pub epoch: u64,
    /// The guard's OPRF key of this epoch.
    pub oprf_pk: [u8; 33],
    /// Stretching parameters.
    pub params: Argon2Params,
}

impl SlotContext {
    /// `ctx`: salt of the derivations and AAD of the wraps.
    pub fn hash(&self) -> [u8; 32] {
        let (account, device, params) = (&self.account.0, &self.device.0, self.params.to_bytes());
        sha256(&[
            b"pinv1/ctx",
            &lp_len(account),
            account,
            &lp_len(device),
            device,
            &self.epoch.to_be_bytes(),
            &lp_len(&self.oprf_pk),
            &self.oprf_pk,
            &lp_len(&params),
            &params,
        ])
    }
}

/// Input of the chip's HMAC key: `lp(label) x`; with an enclave key the shell hashes `x` to the curve under `label` instead.
pub fn hw_prf_input(label: &[u8], x: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(4 + label.len() + 32));
    out.extend_from_slice(&lp_len(label));
    out.extend_from_slice(label);
    out.extend_from_slice(x);
    out
}

/// Input of the VOPRF.
pub fn oprf_input(account: AccountId, epoch: u64, x1: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(13 + 20 + 8 + 36));
    out.extend_from_slice(b"pinv1/oprf-in");
    out.extend_from_slice(&lp_len(&account.0));
    out.extend_from_slice(&account.0);
    out.extend_from_slice(&epoch.to_be_bytes());
    out.extend_from_slice(&lp_len(x1));
    out.extend_from_slice(x1);
    out
}

/// What the seed of an epoch's OPRF key is the MAC of: label, account, epoch and `row_salt`, which are 32 random bytes of the epoch.
pub fn guard_seed_input(account: AccountId, epoch: u64, row_salt: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    let id = &account.0;
    let label: &[u8] = b"pinv1/guard-oprf";
    Zeroizing::new([label, &lp_len(id), id, &epoch.to_be_bytes(), row_salt].concat())
}

/// `k_e`, the guard's OPRF key of one account and epoch (RFC 9497, DeriveKeyPair with the info `pinv1`), from the seed HMAC-SHA-256(master,
/// [`guard_seed_input`]). Where its public key is known already, that spares a multiplication.
pub fn guard_oprf_key_of(
    seed: &[u8; 32],
    public: Option<[u8; 33]>,
) -> Result<ServerKey, OprfError> {
    match public {
        Some(public) => ServerKey::derive_known(seed, b"pinv1", public),
        None => ServerKey::derive(seed, b"pinv1"),
    }
}

/// [`guard_oprf_key_of`] for who holds the master key itself. Deleting the salt kills the key.
pub fn guard_oprf_key(
    master: &[u8; 32],
    row_salt: &[u8; 32],
    account: AccountId,
    epoch: u64,
) -> Result<ServerKey, OprfError> {
    let input = guard_seed_input(account, epoch, row_salt);
    guard_oprf_key_of(&hmac_sha256(master, &[&input]), None)
}

/// `prk = HKDF-Extract(salt = ctx, x1 || y)`: the root of one PIN epoch. No `Debug`.
pub struct Prk(Zeroizing<[u8; 32]>);

impl Prk {
    /// From the chip's output and the VOPRF output.
    pub fn new(context: &SlotContext, x1: &[u8; 32], y: &[u8; 32]) -> Self {
        Self(extract(&context.hash(), &[x1, y]))
    }

    /// `KEK_pin`: wraps the VMK in `ct_pin`.
    pub fn kek_pin(&self) -> Zeroizing<[u8; 32]> {
        expand(&self.0, &[b"pinv1/kek-pin"])
    }

    /// `commit`: stored in the slot; tells a wrong PIN before anything is decrypted.
    pub fn commit(&self) -> [u8; 32] {
        *expand(&self.0, &[b"pinv1/commit"])
    }

    /// `sk_auth`: proves to the guard that the PIN was right. The guard keeps the public key only.
    ///
    /// # Errors
    /// [`OprfError::Scalar`] with probability 2^-256.
    pub fn auth_key(&self) -> Result<AuthKey, OprfError> {
        let wide = expand::<48>(&self.0, &[b"pinv1/pin-auth"]);
        let scalar = Zeroizing::new(oprf::scalar_with_domain(&*wide, b"pinv1/pin-auth-scalar")?);
        let scalar: Option<NonZeroScalar> = NonZeroScalar::new(*scalar).into();
        Ok(AuthKey(SigningKey::from(scalar.ok_or(OprfError::Scalar)?)))
    }
}

/// Compares a slot's commitment in constant time.
pub fn commit_matches(prk: &Prk, stored: &[u8; 32]) -> bool {
    prk.commit().ct_eq(stored).into()
}

/// `sk_auth`. Wiped on drop; no `Debug`.
pub struct AuthKey(SigningKey);

impl AuthKey {
    /// `pk_auth`, compressed.
    pub fn public_key(&self) -> [u8; 33] {
        crate::point::compressed(&self.0.verifying_key().into())
    }

    /// Signs an input of [`super::Unsigned`] (RFC 6979, SHA-256).
    ///
    /// # Errors
    /// [`OprfError::Scalar`] when the library cannot sign, which no valid key causes.
    pub fn sign(&self, input: &[u8]) -> Result<[u8; 64], OprfError> {
        let signature: Signature = self.0.try_sign(input).map_err(|_| OprfError::Scalar)?;
        Ok(signature.to_bytes().into())
    }
}

/// `KEK_rec`: wraps the VMK in `ct_rec`. `hw` = HwPrf("pinv1/hw-rec", rec_salt); the shares are the guard's and the face service's.
pub fn kek_rec(
    context: &SlotContext,
    hw: &[u8; 32],
    s_g: &[u8; 32],
    s_f: &[u8; 32],
) -> Zeroizing<[u8; 32]> {
    hkdf(&context.hash(), &[hw, s_g, s_f], &[b"pinv1/kek-rec"])
}

/// `V_cert`: the phone's half of one certificate's wrapping key.
pub struct HalfKey(Zeroizing<[u8; 32]>);

/// `K_cert`: wraps one certificate key.
pub type CertKey = Zeroizing<[u8; 32]>;

impl HalfKey {
    /// Expand(VMK, "pinv1/cert-half" lp(cert_id)).
    pub fn new(vmk: &[u8; 32], cert_id: CertId) -> Self {
        Self(expand(
            vmk,
            &[b"pinv1/cert-half", &lp_len(&cert_id.0), &cert_id.0],
        ))
    }

    /// `K_cert`, with the guard's share.
    pub fn cert_key(&self, cert_id: CertId, s_cert: &[u8; 32]) -> CertKey {
        hkdf(
            &sha256(&[&cert_id.0]),
            &[&*self.0, s_cert],
            &[b"pinv1/cert-wrap"],
        )
    }
}

/// `h = SHA-256(CBOR[salt32, object, rp, cb])`: hides from the guard what the PIN is for.
///
/// `object` is SHA-256 of what the PIN is for (the CSR, the CMS recipient info, …), `rp` SHA-256 of the relying party's certificate, `cb` the channel binding; both
/// `None` outside a session.
pub fn intent_object(
    salt: &[u8; 32],
    object: &[u8; 32],
    rp: Option<&[u8; 32]>,
    cb: Option<&[u8; 32]>,
) -> Result<[u8; 32], CborError> {
    let optional = |value: Option<&[u8; 32]>| value.map(|value| Bytes::from(*value));
    let array = (
        Bytes::from(*salt),
        Bytes::from(*object),
        optional(rp),
        optional(cb),
    );
    Ok(sha256(&[&cbor::encode(&array)?]))
}

/// `intent = SHA-256("pinv1/intent" CBOR[kind, count, h])`: the guard learns kind and count only.
pub fn intent(kind: PinKind, count: u16, h: &[u8; 32]) -> Result<[u8; 32], CborError> {
    let array = cbor::encode(&(kind, count, Bytes::from(*h)))?;
    Ok(sha256(&[b"pinv1/intent", &array]))
}
