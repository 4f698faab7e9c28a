//! What a relying party signs: its request and each batch, as compact JWS with the certificate chain in `x5c`.
//!
//! The phone parses, has the leaf checked against registry and root by its caller, and only then verifies with the leaf's key.

use crate::cbor;
use crate::ids::{BatchId, Bytes};
use crate::jws::{self, JwsError, Parsed, Typed};
use crate::message::{Format, ManifestEntry};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `typ` of a request.
pub const REQUEST_TYP: &str = "jq-req+jwt";
/// `typ` of a batch.
pub const BATCH_TYP: &str = "jq-batch+jwt";
/// `aud` of both.
pub const AUDIENCE: &str = "jq1";
/// Longest life of a request or batch, in seconds.
pub const MAX_LIFE_SECONDS: u64 = 300;
/// Certificates in `x5c` at most.
pub const MAX_CHAIN: usize = 3;
/// Clock difference that is forgiven, in seconds.
const SKEW_SECONDS: u64 = 60;

/// Why a request or batch is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RpError {
    /// Not of the expected shape, an unknown critical claim, or the signature fails.
    #[error("the site's request does not verify")]
    Signature,
    /// Issuer and certificate differ.
    #[error("the issuer is not the certificate's")]
    Issuer,
    /// Not yet or no longer valid, or valid for too long.
    #[error("the request is not of this time")]
    Expired,
    /// Made for another channel, another phone nonce, or another audience.
    #[error("the request belongs to another session")]
    Binding,
    /// The page's origin is not the request's.
    #[error("the origin differs")]
    Origin,
    /// The manifest is not the signed one.
    #[error("the manifest differs from the signed one")]
    Manifest,
}

impl From<JwsError> for RpError {
    fn from(_: JwsError) -> Self {
        Self::Signature
    }
}

/// Header of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpHeader {
    /// [`REQUEST_TYP`] or [`BATCH_TYP`].
    pub typ: String,
    /// `ES256`.
    pub alg: String,
    /// DER certificates in standard base64, leaf first (RFC 7515 § 4.1.6).
    pub x5c: Vec<String>,
}

impl RpHeader {
    /// A header with this chain of DER certificates, leaf first.
    pub fn new(typ: &str, chain: &[&[u8]]) -> Self {
        let x5c = chain.iter().map(|der| Base64::encode_string(der)).collect();
        Self {
            typ: typ.to_owned(),
            alg: jws::ALG.to_owned(),
            x5c,
        }
    }
}

impl Typed for RpHeader {
    fn typ_alg(&self) -> (&str, &str) {
        (&self.typ, &self.alg)
    }
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RpPurpose {
    /// Log in to the site.
    Login,
    /// Sign documents.
    Sign,
    /// Sign documents with a seal on them.
    Seal,
    /// Open an encrypted file.
    Decrypt,
    /// A purpose that this version does not know: refused.
    #[serde(other)]
    Unknown,
}

/// What the site says of the matter; shown as a quotation only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpContext {
    /// A title.
    pub title: String,
    /// The site's own reference.
    pub reference: String,
}

/// How much the site may ask in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpLimits {
    /// Documents.
    pub docs: u32,
    /// Bytes in all.
    pub bytes: u64,
}

/// Claims of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestClaims {
    /// [`issuer`] of the leaf certificate.
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: u64,
    /// At most [`MAX_LIFE_SECONDS`] after `iat`.
    pub exp: u64,
    /// 16 random bytes.
    pub jti: Bytes,
    /// From the phone's first message, 32 bytes.
    pub phone_nonce: Bytes,
    /// Channel binding, 32 bytes.
    pub cb: Bytes,
    /// Origin of the page.
    pub origin: String,
    /// What for.
    pub purpose: RpPurpose,
    /// SHA-256 of the USCC that must act, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc_hash: Option<Bytes>,
    /// What the site says of the matter.
    pub ctx: RpContext,
    /// How much may be asked.
    pub limits: RpLimits,
    /// Formats that will be asked for.
    pub formats: Vec<Format>,
    /// Names of claims that must be understood; any unknown one refuses the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crit: Vec<String>,
}

/// Claims of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchClaims {
    /// [`issuer`] of the leaf certificate: the request's.
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: u64,
    /// At most [`MAX_LIFE_SECONDS`] after `iat`.
    pub exp: u64,
    /// 16 random bytes.
    pub jti: Bytes,
    /// Channel binding, 32 bytes.
    pub cb: Bytes,
    /// The batch.
    pub batch_id: BatchId,
    /// What for: the request's.
    pub purpose: RpPurpose,
    /// SHA-256 of the picked certificate's DER, 32 bytes.
    pub cert: Bytes,
    /// esID of the seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// How.
    pub format: Format,
    /// Documents.
    pub count: u32,
    /// [`manifest_root`].
    pub manifest_root: Bytes,
}

/// A request as it came, not verified.
pub type RequestJws = Parsed<RpHeader, RequestClaims>;
/// A batch as it came, not verified.
pub type BatchJws = Parsed<RpHeader, BatchClaims>;

/// `x509_hash:` and the base64url SHA-256 of the leaf's DER.
pub fn issuer(leaf_der: &[u8]) -> String {
    format!(
        "x509_hash:{}",
        Base64UrlUnpadded::encode_string(&Sha256::digest(leaf_der))
    )
}

/// SHA-256 of the manifest's deterministic CBOR.
pub fn manifest_root(manifest: &[ManifestEntry]) -> Result<[u8; 32], cbor::CborError> {
    Ok(Sha256::digest(cbor::encode(manifest)?).into())
}

/// The certificates of a header as DER, leaf first.
pub fn chain(header: &RpHeader) -> Result<Vec<Vec<u8>>, RpError> {
    if header.x5c.is_empty() || header.x5c.len() > MAX_CHAIN {
        return Err(RpError::Signature);
    }
    header
        .x5c
        .iter()
        .map(|text| Base64::decode_vec(text).map_err(|_| RpError::Signature))
        .collect()
}

/// What the phone knows of this session.
pub struct Session<'a> {
    /// Seconds since the epoch by the server's clock.
    pub now: u64,
    /// Channel binding.
    pub cb: &'a [u8; 32],
    /// What the phone sent in its first message.
    pub phone_nonce: &'a [u8; 32],
    /// Origin of HELLO.
    pub origin: &'a str,
}

/// Reads a request; nothing of it may be shown before [`verify_request`].
pub fn parse_request(jws: &str) -> Result<RequestJws, RpError> {
    Ok(jws::parse(jws, REQUEST_TYP)?)
}

/// Verifies a request whose leaf certificate is good; `leaf_key` is that certificate's SEC1 key.
pub fn verify_request(
    request: &RequestJws,
    leaf_der: &[u8],
    leaf_key: &[u8],
    session: &Session<'_>,
) -> Result<(), RpError> {
    request.verify(leaf_key)?;
    let claims = &request.claims;
    common(
        &claims.iss,
        &claims.aud,
        (claims.iat, claims.exp),
        leaf_der,
        session.now,
    )?;
    if !claims.crit.is_empty() || claims.purpose == RpPurpose::Unknown {
        return Err(RpError::Signature);
    }
    if !same(&claims.cb, session.cb) || !same(&claims.phone_nonce, session.phone_nonce) {
        return Err(RpError::Binding);
    }
    if claims.origin != session.origin {
        return Err(RpError::Origin);
    }
    Ok(())
}

/// What a batch must agree with.
pub struct Expected<'a> {
    /// The request of this session, verified.
    pub request: &'a RequestClaims,
    /// Channel binding.
    pub cb: &'a [u8; 32],
    /// Seconds since the epoch by the server's clock.
    pub now: u64,
    /// The batch of the message.
    pub batch_id: BatchId,
    /// How, as in the message.
    pub format: Format,
    /// DER of the certificate that was picked and handed over.
    pub certificate: &'a [u8],
    /// esID of the seal that was picked.
    pub seal: Option<&'a str>,
    /// The documents of the message.
    pub manifest: &'a [ManifestEntry],
}

/// Reads and verifies a batch under the same leaf as the request.
pub fn verify_batch(
    jws: &str,
    leaf_der: &[u8],
    leaf_key: &[u8],
    expected: &Expected<'_>,
) -> Result<BatchClaims, RpError> {
    let batch: BatchJws = jws::parse(jws, BATCH_TYP)?;
    if chain(&batch.header)?.first().map(Vec::as_slice) != Some(leaf_der) {
        return Err(RpError::Issuer);
    }
    batch.verify(leaf_key)?;
    let claims = batch.claims;
    common(
        &claims.iss,
        &claims.aud,
        (claims.iat, claims.exp),
        leaf_der,
        expected.now,
    )?;
    let bound = same(&claims.cb, expected.cb)
        && claims.batch_id == expected.batch_id
        && claims.purpose == expected.request.purpose
        && claims.format == expected.format
        && same(&claims.cert, &Sha256::digest(expected.certificate))
        && claims.seal.as_deref() == expected.seal;
    if !bound {
        return Err(RpError::Binding);
    }
    let root = manifest_root(expected.manifest).map_err(|_| RpError::Manifest)?;
    let counted = usize::try_from(claims.count) == Ok(expected.manifest.len());
    if !counted || !same(&claims.manifest_root, &root) {
        return Err(RpError::Manifest);
    }
    Ok(claims)
}

fn common(
    iss: &str,
    aud: &str,
    (iat, exp): (u64, u64),
    leaf_der: &[u8],
    now: u64,
) -> Result<(), RpError> {
    if iss != issuer(leaf_der) {
        return Err(RpError::Issuer);
    }
    if aud != AUDIENCE {
        return Err(RpError::Binding);
    }
    let life = exp.checked_sub(iat).ok_or(RpError::Expired)?;
    if life > MAX_LIFE_SECONDS
        || iat > now.saturating_add(SKEW_SECONDS)
        || exp.saturating_add(SKEW_SECONDS) < now
    {
        return Err(RpError::Expired);
    }
    Ok(())
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests;
