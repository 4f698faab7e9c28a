//! Seals: preview, generate, list (YQQ-011 to YQQ-014).
//!
//! Triggered by 去生成 after the first certificate, or from 印章. Outcome: a seal of the seal authority whose signer list holds this
//! phone's certificate. Exits: the preview is not right (nothing was made), or the platform refuses, for example because only the
//! certificate admin may make an organisation's seal. A seal that does not verify is not kept.

use crate::app::App;
use crate::error::AppError;
use kapok_protocol::ids::{EnterpriseId, PreviewId};

pub use kapok_protocol::api::seals::{SealKind, SealPreview, SealView};

/// The handle for seals; cheap to make.
pub struct Seals<'a> {
    app: &'a App,
}

impl App {
    /// Seals.
    pub fn seals(&self) -> Seals<'_> {
        Seals { app: self }
    }
}

impl Seals<'_> {
    /// The picture as it will be, to be confirmed. Ends in `CERT_NONE` before a certificate of this enterprise is installed,
    /// `SEAL_ADMIN_ONLY`, `SEAL_GLYPH`.
    pub async fn preview(
        &self,
        enterprise: EnterpriseId,
        kind: SealKind,
    ) -> Result<SealPreview, AppError> {
        self.app.core.preview_seal(enterprise, kind).await
    }

    /// 生成: makes the seal of a confirmed preview. Once per preview; after a lost answer the same seal comes back.
    pub async fn generate(&self, preview: PreviewId) -> Result<SealView, AppError> {
        self.app.core.generate_seal(preview).await
    }

    /// The seals of this account: asked from the platform, offline the last known ones.
    pub async fn list(&self) -> Result<Vec<SealView>, AppError> {
        self.app.core.list_seals().await
    }
}
