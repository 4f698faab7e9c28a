//! The relying party's side: its registered entry (for the phone), and the demo portal's own interface (for its PC page).
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/relying-parties/{leaf sha256 hex}` | → [`RelyingParty`] (phone) |
//! | `POST /portal/api/documents?name=` | PDF → [`Uploaded`] |
//! | `GET /portal/api/documents` | → [`DocumentList`]: what this cookie has uploaded, oldest first |
//! | `POST /portal/api/sessions` | [`NewSession`] → [`SessionMade`] |
//! | `POST /portal/api/sessions/{sid}/request` | [`AskRequest`] → [`RequestMade`] |
//! | `POST /portal/api/sessions/{sid}/batch` | [`AskBatch`] → [`BatchMade`] |
//! | `GET /portal/api/sessions/{sid}/documents/{doc}` | prepared PDF, `Range` served |
//! | `POST /portal/api/sessions/{sid}/results` | [`crate::message::SignResult`] → [`ResultTaken`] |
//! | `POST /portal/api/sessions/{sid}/end` | → 204 |
//! | `GET /portal/api/documents/{doc}/signed.pdf` | the completed PDF |
//!
//! The portal's calls are bound to its cookie. The PC page opens `/v1/relay` as a WebSocket ([`crate::relay`]).

use crate::ids::{BatchId, Bytes, DocumentId, SessionId};
use crate::message::ManifestEntry;
use serde::{Deserialize, Serialize};

/// A registered relying party, as the phone shows it: registry names only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RelyingParty {
    /// Legal name.
    pub name: String,
    /// Contact.
    pub contact: String,
    /// Its origins.
    pub origins: Vec<String>,
    /// Two other registered origins, for the address check.
    pub other_origins: Vec<String>,
    /// Its certificate is good.
    pub good: bool,
    /// It may ask for signatures over what the phone cannot show.
    pub blind: bool,
    /// Server time, seconds since the epoch.
    pub at: u64,
}

/// A stored document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Uploaded {
    /// Its number.
    pub doc: DocumentId,
    /// File name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Pages.
    pub pages: u32,
}

/// What a visitor has uploaded, so that a reloaded page can go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentList {
    /// Oldest first.
    pub documents: Vec<ListedDocument>,
}

/// A stored document and whether it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedDocument {
    /// Its number.
    pub doc: DocumentId,
    /// File name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Pages.
    pub pages: u32,
    /// Path of the signed PDF on this origin, once it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<String>,
}

/// Opens a signing session for stored documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSession {
    /// The documents.
    pub docs: Vec<DocumentId>,
}

/// What the PC page needs to draw the QR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionMade {
    /// The session.
    pub sid: SessionId,
    /// One-time ticket for the relay.
    pub ticket: Bytes,
    /// Path of the relay's WebSocket on this origin.
    pub relay_path: String,
    /// Host in the QR text.
    pub qr_host: String,
}

/// Asks the portal's server for its signed request, once the channel stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskRequest {
    /// From the phone's first message, 32 bytes.
    pub phone_nonce: Bytes,
    /// Channel binding, 32 bytes.
    pub cb: Bytes,
    /// The page's origin.
    pub origin: String,
}

/// The signed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestMade {
    /// Compact JWS.
    pub jws: String,
}

/// Asks the portal's server to prepare the documents for this certificate and seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskBatch {
    /// Channel binding, 32 bytes.
    pub cb: Bytes,
    /// DER certificates, leaf first.
    pub chain: Vec<Bytes>,
    /// The seal, DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Bytes>,
    /// Which of the visitor's documents; empty means all of the session. A document that was uploaded after the phone had
    /// connected is named here, so that one connection serves several signatures (YQQ-026).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<DocumentId>,
}

/// The prepared batch: what the page sends on as `BATCH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchMade {
    /// Its number.
    pub batch_id: BatchId,
    /// Compact JWS.
    pub jws: String,
    /// The documents.
    pub manifest: Vec<ManifestEntry>,
}

/// A result was verified and stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResultTaken {
    /// Path of the signed PDF on this origin.
    pub download: String,
}
