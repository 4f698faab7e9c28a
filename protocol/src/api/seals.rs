//! Seals: preview, generate, list (YQQ-011 to YQQ-014).
//!
//! | call | body → answer |
//! |---|---|
//! | `POST /v1/seals/previews` | [`AskPreview`] → [`SealPreview`] |
//! | `POST /v1/seals` | [`GenerateSeal`] → [`SealView`] |
//! | `GET /v1/seals` | → `Vec<`[`SealView`]`>` of the account |
//! | `GET /v1/seals/{es_id}/status` (public) | → [`SealStatus`] |

use crate::ids::{Bytes, EnterpriseId, PreviewId};
use serde::{Deserialize, Serialize};

/// Which seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SealKind {
    /// 机构印章: the registered name around a star; only the certificate admin may generate it (YQQ-013).
    Organisation,
    /// 员工印章: the logged-in person's own name (YQQ-014).
    Employee,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Asks for a picture to confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskPreview {
    /// The enterprise.
    pub enterprise_id: EnterpriseId,
    /// Which seal.
    pub kind: SealKind,
    /// Serial number of the certificate that the seal is for, hexadecimal.
    pub certificate_serial: String,
}

/// The picture, as it will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealPreview {
    /// Valid for 10 minutes.
    pub preview_id: PreviewId,
    /// The seal's name.
    pub name: String,
    /// PNG with transparency.
    pub picture: Bytes,
    /// Width, whole millimetres.
    pub width_mm: u32,
    /// Height, whole millimetres.
    pub height_mm: u32,
}

/// 生成.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GenerateSeal {
    /// The confirmed preview.
    pub preview_id: PreviewId,
}

/// A seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealView {
    /// esID, ASCII.
    pub es_id: String,
    /// The enterprise.
    pub enterprise_id: EnterpriseId,
    /// Which seal.
    pub kind: SealKind,
    /// The seal's name.
    pub name: String,
    /// GB/T 38540-2020 SESeal, DER.
    pub seal: Bytes,
    /// PNG with transparency, as inside the seal.
    pub picture: Bytes,
    /// Width, whole millimetres.
    pub width_mm: u32,
    /// Height, whole millimetres.
    pub height_mm: u32,
    /// Serial number of the certificate in its list, hexadecimal.
    pub certificate_serial: String,
}

/// Live status by esID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealStatus {
    /// It may be used.
    pub good: bool,
    /// Server time, seconds since the epoch.
    pub at: u64,
}
