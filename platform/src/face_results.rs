//! Where the result of a face check goes: the `face` role keeps it in a database of its own.

use crate::store::{BoxFuture, StoreError};
use kapok_protocol::api::identity::{DocumentKind, Purpose};
use kapok_protocol::ids::HandoffId;

/// A passed face check. No picture is part of it.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceResult {
    /// The handoff that it was made for.
    pub handoff: HandoffId,
    /// What for; it counts for nothing else.
    pub purpose: Purpose,
    /// HMAC of document kind and number: see [`crate::identity::persons`].
    pub person_mac: [u8; 32],
    /// Verified name.
    pub name: String,
    /// Kind of the document.
    pub document: DocumentKind,
    /// Thumbprint of the phone's key (RFC 7638).
    pub jkt: [u8; 32],
    /// The phone's key, SEC1 compressed.
    pub device_key: [u8; 33],
    /// How sure the provider is.
    pub liveness: Liveness,
    /// Microseconds since the epoch.
    pub at: i64,
}

/// The provider's class of the liveness score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// Above the provider's threshold for financial acts.
    High,
    /// Above the threshold for a login.
    Medium,
}

/// Keeps and finds face results.
pub trait FaceResults: Send + Sync {
    /// Keeps a result; one that a handoff already has stays as it is.
    fn record(&self, result: FaceResult) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The result of a handoff.
    fn find(&self, handoff: HandoffId) -> BoxFuture<'_, Result<Option<FaceResult>, StoreError>>;
}
