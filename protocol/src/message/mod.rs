//! Messages inside the secure channel between phone and PC page.
//!
//! Each is one deterministic CBOR map `{t, id, re, ts, body}` in a padded, sealed frame. Directions: ↑ phone → PC, ↓ PC → phone.
//! Fields are declared in the order of deterministic CBOR (shorter keys first, then bytewise). Digests are SHA-256.

mod envelope;

pub use envelope::{Envelope, Kind, Message};

use crate::error::ErrorCode;
use crate::ids::{BatchId, Bytes, DocumentId};
use serde::{Deserialize, Serialize};

/// The largest piece of a document in one [`DocPart`], in bytes.
pub const DOC_PART_MAX: usize = 60 * 1024;
/// Documents in a batch.
pub const BATCH_MAX_DOCUMENTS: usize = 50;
/// Bytes of one document.
pub const DOCUMENT_MAX_BYTES: u64 = 50 * 1024 * 1024;
/// Bytes of a batch.
pub const BATCH_MAX_BYTES: u64 = 300 * 1024 * 1024;

/// A body without fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// ↑ In the handshake's first message: who claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimInfo {
    /// Name and version of the app.
    pub app: String,
    /// The phone's label as its owner set it, such as a model name.
    pub label: String,
    /// Locale of the phone: `zh-CN`, `zh-HK` or `en`.
    pub locale: String,
    /// 32 random bytes that the relying party's request must repeat.
    pub phone_nonce: Bytes,
}

/// ↓ In the handshake's second message: what page this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Version of the page's script.
    pub sdk: String,
    /// The page's origin, such as `https://portal.example`.
    pub origin: String,
    /// What the browser says it is.
    pub pc_label: String,
    /// A remembered PC's proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered: Option<RememberedPc>,
}

/// A PC that the phone has met: P-256 key of the page's origin over "JQ1 pc" ‖ h₁, where h₁ is the handshake hash after m1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedPc {
    /// SEC1 uncompressed, 65 bytes.
    pub key: Bytes,
    /// r ‖ s, 64 bytes.
    pub signature: Bytes,
}

/// ↓ The relying party's signed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Compact JWS, `typ` `jq-req+jwt`.
    pub jws: String,
}

/// ↑ The user agreed and proved the PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReqOk {
    /// What the phone will do in this session: `sign`, `seal` …
    pub purposes: Vec<String>,
    /// When the lease ends, milliseconds since the epoch by the guard's clock; 0 without a lease.
    pub lease_end: u64,
}

/// ↑ The request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReqNo {
    /// Why.
    pub code: ErrorCode,
}

/// ↓ Which certificates fit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertList {
    /// SHA-256 of the USCC that the document asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc_hash: Option<Bytes>,
}

/// ↑ What is on offer, after the PIN only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certs {
    /// One for each certificate that is installed and authorised now.
    pub certs: Vec<CertOffer>,
}

/// One certificate on offer, under a handle that means nothing outside this session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertOffer {
    /// Seals that may be used with it.
    pub seals: Vec<SealOffer>,
    /// Random per session.
    pub handle: u32,
    /// Issuer's common name.
    pub issuer: String,
    /// Holder: the enterprise's registered name, or a masked person (张*).
    pub subject: String,
    /// End of validity, seconds since the epoch.
    pub not_after: u64,
}

/// A seal on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealOffer {
    /// The seal's name.
    pub name: String,
    /// Its esID.
    pub es_id: String,
    /// PNG of at most 96 pixels, marked 预览.
    pub thumbnail: Bytes,
}

/// ↓ The choice, made on the PC (YQQ-021).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertPick {
    /// The seal's esID; nothing for a signature without a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub es_id: Option<String>,
    /// Handle of the certificate.
    pub handle: u32,
}

/// ↑ Certificate and seal, once the user has agreed to hand them over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cert {
    /// The GB/T 38540 seal, DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Bytes>,
    /// DER certificates, leaf first, without the root.
    pub chain: Vec<Bytes>,
    /// When the lease ends, milliseconds since the epoch by the guard's clock.
    pub lease_end: u64,
}

/// How the documents are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// PAdES: CMS over the byte range of a prepared PDF.
    Pades,
    /// CMS with the phone's own attributes over the whole file.
    Cades,
    /// OFD with SES_Signature.
    OfdSes,
}

/// ↓ Documents to be signed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Compact JWS, `typ` `jq-batch+jwt`: binds manifest, certificate and channel.
    pub jws: String,
    /// How.
    pub format: Format,
    /// Handle of the certificate.
    pub handle: u32,
    /// Its number.
    pub batch_id: BatchId,
    /// The documents; the JWS holds the SHA-256 of this array's deterministic CBOR.
    pub manifest: Vec<ManifestEntry>,
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestEntry {
    /// Its number.
    pub doc: DocumentId,
    /// A hint only: the phone looks itself.
    pub mime: String,
    /// File name.
    pub name: String,
    /// Bytes, signature hole included.
    pub size: u64,
    /// Pages, as announced.
    pub pages: u32,
    /// SHA-256 of the whole file as the phone will pull it.
    pub digest: Bytes,
}

/// ↑ The phone pulls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocGet {
    /// Which document.
    pub doc: DocumentId,
    /// How many bytes, at most [`DOC_PART_MAX`].
    pub len: u32,
    /// From where.
    pub offset: u64,
}

/// ↓ A piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocPart {
    /// Which document.
    pub doc: DocumentId,
    /// The bytes.
    pub bytes: Bytes,
    /// From where.
    pub offset: u64,
}

/// ↑ What the user was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Which document.
    pub doc: DocumentId,
    /// `shown`, `amber` or `refused`.
    pub outcome: ReviewOutcome,
}

/// How a document was reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOutcome {
    /// Drawn on the phone.
    Shown,
    /// Drawn, with a warning that the user confirmed.
    Amber,
    /// Refused by the phone or by the user.
    Refused,
}

/// ↑ How far the batch is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Documents signed.
    pub done: u32,
    /// Documents in the batch.
    pub total: u32,
}

/// ↑ A signature, with the guard's receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignResult {
    /// CMS SignedData, DER; the receipt is an unsigned attribute of it.
    pub cms: Bytes,
    /// Which document.
    pub doc: DocumentId,
    /// The guard's receipt, as the CMS holds it.
    pub receipt: Bytes,
    /// Its batch.
    pub batch_id: BatchId,
}

/// ↓ The portal has stored these results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultAck {
    /// Which documents.
    pub docs: Vec<DocumentId>,
    /// Their batch.
    pub batch_id: BatchId,
}

/// ↑ The batch is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchEnd {
    /// Documents signed.
    pub ok: u32,
    /// What was not signed, and why.
    pub failed: Vec<FailedDocument>,
    /// Its number.
    pub batch_id: BatchId,
}

/// A document that was not signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedDocument {
    /// Which document.
    pub doc: DocumentId,
    /// Why.
    pub code: ErrorCode,
}

/// ↕ Stop the batch, or everything where none is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Which batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<BatchId>,
}

/// ↑ Where the phone is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneState {
    /// Its presence.
    pub presence: Presence,
}

/// Whether the app is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// In front.
    Active,
    /// In the background: the lease is gone.
    Background,
    /// The lease is over; the PIN is asked again.
    Locked,
}

/// ↕ Something failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What.
    pub code: ErrorCode,
    /// The same request may be sent again.
    pub retryable: bool,
}

/// ↕ The session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    /// Why.
    pub reason: ByeReason,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The user disconnected.
    User,
    /// All is done.
    Done,
    /// Nothing happened for too long.
    Idle,
    /// The session reached its longest life.
    Absolute,
    /// Certificate, grant or device was revoked.
    Revoked,
    /// Another session took its place.
    Replaced,
    /// An error.
    Error,
}
