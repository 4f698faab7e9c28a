//! What a system allows and how it looks: data, never code (`GET /v1/profile`, public).

use super::identity::DocumentKind;
use crate::ids::Bytes;
use serde::{Deserialize, Serialize};

/// The profile of the system that the app talks to, with the keys that the phone pins at first use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// Stable name, such as `yst`; shown nowhere, compared nowhere.
    pub id: String,
    /// Name shown to people.
    pub title: String,
    /// Oldest app version that is served.
    pub min_app: String,
    /// Newest app version.
    pub latest_app: String,
    /// Ways to log in, in the order of the login page.
    pub login_ways: Vec<LoginWay>,
    /// Documents that may use face (YST-058 to YST-061).
    pub face_documents: Vec<DocumentKind>,
    /// Host in the PC's QR text.
    pub qr_host: String,
    /// Version of the privacy text that must be agreed before anything is sent.
    pub privacy_version: String,
    /// Public keys.
    pub keys: PinnedKeys,
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LoginWay {
    /// 人脸识别登录.
    Face,
    /// 账号密码登录.
    Password,
    /// A way that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Keys of the platform's roles. P-256 ones are SEC1 compressed, 33 bytes; certificates are DER.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PinnedKeys {
    /// The guard's response signing key.
    pub guard_sign: Bytes,
    /// The guard's delivery key.
    pub guard_delivery: Bytes,
    /// The face service's signing key.
    pub face_sign: Bytes,
    /// The face service's delivery key.
    pub face_delivery: Bytes,
    /// Root of the certificate authority.
    pub ca_root: Bytes,
    /// Root of the seal authority (SM2).
    pub seal_root: Bytes,
    /// Root of relying parties' certificates.
    pub rp_root: Bytes,
}
