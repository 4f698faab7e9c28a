//! The verifiable oblivious function of the PIN guard: VOPRF(P-256, SHA-256), mode 0x01 (RFC 9497).
//!
//! The phone blinds its input, the guard multiplies by its key and proves that it used the key it is known by, the phone unblinds. The
//! guard learns nothing about the input; a wrong key is told from a wrong PIN, because the proof is checked against the key pinned in
//! the slot. Elements are 33-byte compressed points; the identity and every other encoding are refused.

use crate::multiples::Multiples;
use crate::point::{self, PointError};
use p256::elliptic_curve::BatchNormalize;
use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::consts::U48;
use p256::elliptic_curve::group::Group;
use p256::elliptic_curve::ops::{LinearCombination, MulByGeneratorVartime, MulVartime};
use p256::hash2curve::{ExpandMsgXmd, GroupDigest, hash_to_scalar};
use p256::{AffinePoint, NistP256, NonZeroScalar, ProjectivePoint, PublicKey, Scalar};
use sha2::Sha256;
use zeroize::Zeroizing;

/// `CreateContextString(0x01, "P256-SHA256")`.
const CONTEXT: &[u8] = b"OPRFV1-\x01-P256-SHA256";
/// Most elements in one batch.
const MAX_BATCH: usize = 64;

/// Why an evaluation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OprfError {
    /// Not a compressed P-256 point, or the identity.
    #[error("not a P-256 point")]
    Point,
    /// A random scalar is zero or not below the group order: draw again.
    #[error("the scalar is out of range")]
    Scalar,
    /// Input longer than 65,535 bytes, an empty or oversized batch, or lists of different lengths.
    #[error("the input is not valid")]
    Input,
    /// The proof does not verify: another key than the expected one was used (`GUARD_TAMPERED`).
    #[error("the proof does not verify")]
    Proof,
}

impl From<PointError> for OprfError {
    fn from(error: PointError) -> Self {
        match error {
            PointError::Point => Self::Point,
            PointError::Scalar => Self::Scalar,
        }
    }
}

/// The client's secret between blinding and finalizing.
pub struct Blind {
    scalar: Zeroizing<NonZeroScalar>,
    element: [u8; 33],
}

/// Blinds an input with 32 fresh random bytes.
///
/// # Errors
/// [`OprfError::Scalar`] (draw again), [`OprfError::Input`].
pub fn blind(input: &[u8], scalar: &[u8; 32]) -> Result<Blind, OprfError> {
    let scalar = Zeroizing::new(point::parse_scalar(scalar)?);
    let element = encode(&(hash_to_group(input)? * **scalar))?;
    Ok(Blind { scalar, element })
}

impl Blind {
    /// The blinded element, for the server.
    pub fn element(&self) -> &[u8; 33] {
        &self.element
    }

    /// Verifies the proof under `public_key` and gives the 32-byte output for `input`.
    ///
    /// # Errors
    /// [`OprfError::Proof`], [`OprfError::Point`].
    pub fn finalize(
        &self,
        input: &[u8],
        evaluation: &Evaluation,
        public_key: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, OprfError> {
        verify(
            public_key,
            &[&self.element],
            &[&evaluation.element],
            &evaluation.proof,
        )?;
        self.unblind(input, &evaluation.element)
    }

    fn unblind(&self, input: &[u8], evaluated: &[u8]) -> Result<Zeroizing<[u8; 32]>, OprfError> {
        let inverse: Option<Scalar> = self.scalar.invert().into();
        let inverse = Zeroizing::new(inverse.ok_or(OprfError::Scalar)?);
        let unblinded = encode(&(point::parse_compressed(evaluated)?.to_projective() * *inverse))?;
        let length = u16_len(input)?;
        let parts = [&length[..], input, &[0, 33], &unblinded, b"Finalize"];
        Ok(Zeroizing::new(crate::kdf::sha256(&parts)))
    }
}

/// Finalizes several inputs under one proof.
///
/// # Errors
/// As [`Blind::finalize`]; [`OprfError::Input`] when the lists differ in length.
pub fn finalize_batch(
    blinds: &[Blind],
    inputs: &[&[u8]],
    evaluated: &[&[u8]],
    proof: &[u8; 64],
    public_key: &[u8],
) -> Result<Vec<Zeroizing<[u8; 32]>>, OprfError> {
    if blinds.len() != inputs.len() || blinds.len() != evaluated.len() {
        return Err(OprfError::Input);
    }
    let blinded: Vec<&[u8]> = blinds.iter().map(|blind| &blind.element[..]).collect();
    verify(public_key, &blinded, evaluated, proof)?;
    let items = blinds.iter().zip(inputs).zip(evaluated);
    items
        .map(|((blind, input), element)| blind.unblind(input, element))
        .collect()
}

/// What the server answers for one element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The evaluated element, 33 bytes.
    pub element: [u8; 33],
    /// DLEQ proof: two scalars, 64 bytes.
    pub proof: [u8; 64],
}

/// A server key. No `Debug`.
pub struct ServerKey {
    secret: Zeroizing<NonZeroScalar>,
    public: [u8; 33],
}

impl ServerKey {
    /// `DeriveKeyPair` (RFC 9497 § 3.2.1).
    ///
    /// # Errors
    /// [`OprfError::Input`] for `info` above 65,535 bytes; [`OprfError::Scalar`] with probability below 2^-8000.
    pub fn derive(seed: &[u8; 32], info: &[u8]) -> Result<Self, OprfError> {
        Ok(Self::new(derive(seed, info)?))
    }

    /// [`ServerKey::derive`] where the public key is known already. It is not checked: with another one, no proof verifies.
    ///
    /// # Errors
    /// As [`ServerKey::derive`].
    pub fn derive_known(seed: &[u8; 32], info: &[u8], public: [u8; 33]) -> Result<Self, OprfError> {
        let secret = Zeroizing::new(derive(seed, info)?);
        Ok(Self { secret, public })
    }

    /// A key from its 32-byte scalar.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, OprfError> {
        Ok(Self::new(point::parse_scalar(scalar)?))
    }

    fn new(secret: NonZeroScalar) -> Self {
        Self {
            public: point::compressed(&PublicKey::from_secret_scalar(&secret)),
            secret: Zeroizing::new(secret),
        }
    }

    /// The public key, compressed.
    pub fn public_key(&self) -> [u8; 33] {
        self.public
    }

    /// The evaluated element alone, for who has given the proof before.
    ///
    /// # Errors
    /// [`OprfError::Point`].
    pub fn element(&self, blinded: &[u8]) -> Result<[u8; 33], OprfError> {
        encode(&(point::parse_compressed(blinded)?.to_projective() * **self.secret))
    }

    /// Evaluates one blinded element and proves it. `r` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`OprfError::Point`], [`OprfError::Scalar`] (draw `r` again).
    pub fn evaluate(&self, blinded: &[u8], r: &[u8; 32]) -> Result<Evaluation, OprfError> {
        let r = Zeroizing::new(point::parse_scalar(r)?);
        // Four multiples of one point: E = k B, M = d B, Z = k M, t3 = r M.
        let multiples = Multiples::new(point::parse_compressed(blinded)?.to_projective());
        let element = encode(&multiples.times(&self.secret))?;
        let weight = weight(&self.public, 0, blinded, &element)?;
        let (kd, rd) = (**self.secret * weight, Zeroizing::new(**r * weight));
        let kd = Zeroizing::new(kd);
        let points = [
            multiples.times(&weight),
            multiples.times(&kd),
            ProjectivePoint::mul_by_generator(&r),
            multiples.times(&rd),
        ];
        let proof = self.prove(&points, &r)?;
        Ok(Evaluation { element, proof })
    }

    /// The proof for `[M, Z, t2, t3]` with the random scalar of t2 and t3.
    fn prove(&self, points: &[ProjectivePoint; 4], r: &Scalar) -> Result<[u8; 64], OprfError> {
        let c = challenge(&self.public, points)?;
        let s = Zeroizing::new(*r - c * **self.secret);
        let mut proof = [0u8; 64];
        proof[..32].copy_from_slice(&c.to_repr());
        proof[32..].copy_from_slice(&s.to_repr());
        Ok(proof)
    }

    /// Evaluates up to 64 elements under one proof.
    pub fn evaluate_batch(
        &self,
        blinded: &[&[u8]],
        r: &[u8; 32],
    ) -> Result<(Vec<[u8; 33]>, [u8; 64]), OprfError> {
        let r = Zeroizing::new(point::parse_scalar(r)?);
        let mut evaluated = Vec::with_capacity(blinded.len().min(MAX_BATCH));
        for element in blinded {
            evaluated.push(self.element(element)?);
        }
        let refs: Vec<&[u8]> = evaluated.iter().map(|element| &element[..]).collect();
        let public = self.public_key();
        // The same z as `m * secret`, by weights that are no secret.
        let (m, z) = composite(&public, blinded, &refs)?;
        // Not `GENERATOR * r`: only this one uses the table of multiples.
        let t2 = ProjectivePoint::mul_by_generator(&r);
        let proof = self.prove(&[m, z, t2, m * **r], &r)?;
        Ok((evaluated, proof))
    }
}

fn derive(seed: &[u8; 32], info: &[u8]) -> Result<NonZeroScalar, OprfError> {
    let length = u16_len(info)?;
    for counter in 0..=u8::MAX {
        let input = [&seed[..], &length, info, &[counter]];
        let scalar = scalar_from(&input, &[b"DeriveKeyPair", CONTEXT])?;
        if let Some(secret) = Option::<NonZeroScalar>::from(NonZeroScalar::new(scalar)) {
            return Ok(secret);
        }
    }
    Err(OprfError::Scalar)
}

/// `VerifyProof` (RFC 9497 § 2.2.2). All of it has travelled in clear: its time may depend on it.
fn verify(
    public_key: &[u8],
    blinded: &[&[u8]],
    evaluated: &[&[u8]],
    proof: &[u8; 64],
) -> Result<(), OprfError> {
    let public = point::parse_compressed(public_key)?;
    let (c, s) = proof.split_at(32);
    let (c, s) = (proof_scalar(c)?, proof_scalar(s)?);
    let (m, z) = composite(public_key, blinded, evaluated)?;
    let public = public.to_projective();
    let t2 = ProjectivePoint::mul_by_generator_and_mul_add_vartime(&s, &c, &public);
    let t3 = ProjectivePoint::lincomb_vartime(&[(m, s), (z, c)]);
    if challenge(public_key, &[m, z, t2, t3])? != c {
        return Err(OprfError::Proof);
    }
    Ok(())
}

/// `ComputeComposites` (RFC 9497 § 2.2.2): weighted sums of both lists. Points and weights are public: their time may vary.
fn composite(
    public_key: &[u8],
    blinded: &[&[u8]],
    evaluated: &[&[u8]],
) -> Result<(ProjectivePoint, ProjectivePoint), OprfError> {
    if blinded.is_empty() || blinded.len() > MAX_BATCH || blinded.len() != evaluated.len() {
        return Err(OprfError::Input);
    }
    let (mut m, mut z) = (ProjectivePoint::IDENTITY, ProjectivePoint::IDENTITY);
    for (index, (b, e)) in (0u16..).zip(blinded.iter().zip(evaluated)) {
        let (bp, ep) = (point::parse_compressed(b)?, point::parse_compressed(e)?);
        let weight = weight(public_key, index, b, e)?;
        m += bp.to_projective().mul_vartime(&weight);
        z += ep.to_projective().mul_vartime(&weight);
    }
    Ok((m, z))
}

/// The weight of one pair in the sums.
fn weight(
    public_key: &[u8],
    index: u16,
    blinded: &[u8],
    evaluated: &[u8],
) -> Result<Scalar, OprfError> {
    let seed_dst = [b"Seed-", CONTEXT].concat();
    let seed = crate::kdf::sha256(&[&[0, 33], public_key, &u16_len(&seed_dst)?, &seed_dst]);
    let index = index.to_be_bytes();
    let input = [
        &[0, 32][..],
        &seed,
        &index,
        &[0, 33],
        blinded,
        &[0, 33],
        evaluated,
        b"Composite",
    ];
    scalar_from(&input, &[b"HashToScalar-", CONTEXT])
}

/// The challenge for M, Z, t2 and t3.
fn challenge(public_key: &[u8], points: &[ProjectivePoint; 4]) -> Result<Scalar, OprfError> {
    let length: &[u8] = &[0, 33];
    // One inversion for all four.
    let [m, z, t2, t3] = ProjectivePoint::batch_normalize(points).map(affine);
    let (m, z, t2, t3) = (m?, z?, t2?, t3?);
    let input = [
        length,
        public_key,
        length,
        &m,
        length,
        &z,
        length,
        &t2,
        length,
        &t3,
        b"Challenge",
    ];
    scalar_from(&input, &[b"HashToScalar-", CONTEXT])
}

fn hash_to_group(input: &[u8]) -> Result<ProjectivePoint, OprfError> {
    u16_len(input)?;
    let point = NistP256::hash_from_bytes(&[input], &[b"HashToGroup-", CONTEXT])
        .map_err(|_| OprfError::Input)?;
    if bool::from(point.is_identity()) {
        return Err(OprfError::Input);
    }
    Ok(point)
}

fn scalar_from(input: &[&[u8]], dst: &[&[u8]]) -> Result<Scalar, OprfError> {
    hash_to_scalar::<NistP256, ExpandMsgXmd<Sha256>, U48>(input, dst).map_err(|_| OprfError::Input)
}

/// `hash_to_scalar` for P-256 with SHA-256 under a domain of its own (RFC 9380 § 5).
pub(crate) fn scalar_with_domain(input: &[u8], domain: &[u8]) -> Result<Scalar, OprfError> {
    scalar_from(&[input], &[domain])
}

fn encode(point: &ProjectivePoint) -> Result<[u8; 33], OprfError> {
    affine(point.to_affine())
}

fn affine(point: AffinePoint) -> Result<[u8; 33], OprfError> {
    let key = PublicKey::from_affine(point).map_err(|_| OprfError::Proof)?;
    Ok(point::compressed(&key))
}

fn proof_scalar(bytes: &[u8]) -> Result<Scalar, OprfError> {
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| OprfError::Proof)?;
    Option::from(Scalar::from_repr(bytes.into())).ok_or(OprfError::Proof)
}

fn u16_len(bytes: &[u8]) -> Result<[u8; 2], OprfError> {
    u16::try_from(bytes.len())
        .map(u16::to_be_bytes)
        .map_err(|_| OprfError::Input)
}
