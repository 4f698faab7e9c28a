//! 印章: preview, generate, list.

use crate::error::KapokError;
use crate::runtime::run;
use kapok_core::App;
use kapok_core::types::{Bytes, EnterpriseId, PreviewId, SealKind, SealPreview, SealView};
use std::sync::Arc;

/// Which seal.
#[uniffi::remote(Enum)]
pub enum SealKind {
    /// 机构印章: the registered name around a star; only the certificate admin may generate it.
    Organisation,
    /// 员工印章: the logged-in person's own name.
    Employee,
    /// A kind that this version does not know.
    Unknown,
}

/// The picture, as it will be.
#[uniffi::remote(Record)]
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

/// A seal.
#[uniffi::remote(Record)]
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

/// 印章.
#[derive(uniffi::Object)]
pub struct Seals(App);

impl Seals {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.clone()))
    }
}

#[uniffi::export]
impl Seals {
    /// The picture as it will be, to be confirmed. Ends in `CERT_NONE` before a certificate of this enterprise is installed,
    /// `SEAL_ADMIN_ONLY`, `SEAL_GLYPH`.
    pub async fn preview(
        &self,
        enterprise_id: EnterpriseId,
        kind: SealKind,
    ) -> Result<SealPreview, KapokError> {
        run(self.0.clone(), |app| async move {
            app.seals().preview(enterprise_id, kind).await
        })
        .await
    }

    /// 生成: makes the seal of a confirmed preview. Once per preview; after a lost answer the same seal comes back.
    pub async fn generate(&self, preview_id: PreviewId) -> Result<SealView, KapokError> {
        run(self.0.clone(), |app| async move {
            app.seals().generate(preview_id).await
        })
        .await
    }

    /// The seals of this account: asked from the platform, offline the last known ones.
    pub async fn list(&self) -> Result<Vec<SealView>, KapokError> {
        run(
            self.0.clone(),
            |app| async move { app.seals().list().await },
        )
        .await
    }
}
