//! Pictures of the pages of a document that waits to be signed.

use crate::error::KapokError;
use crate::runtime::run;
use crate::signing::Signing;
use kapok_core::pages::PageImage;
use kapok_core::types::DocumentId;

/// A drawn page: 4 bytes a pixel (red, green, blue, 255), rows from the top, no padding.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PagePicture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width × height × 4` bytes.
    pub rgba: Vec<u8>,
}

impl From<PageImage> for PagePicture {
    fn from(page: PageImage) -> Self {
        let PageImage {
            width,
            height,
            rgba,
        } = page;
        Self {
            width,
            height,
            rgba,
        }
    }
}

#[uniffi::export]
impl Signing {
    /// Draws page `index` (from 0) of a pulled document, `width` pixels wide (1 to 4,096), from the very bytes that are signed. Ends
    /// in `STATE_WRONG` for a document that is not here, or `DOC_TYPE` for a page that cannot be drawn.
    pub async fn page(
        &self,
        document_id: DocumentId,
        index: u32,
        width: u32,
    ) -> Result<PagePicture, KapokError> {
        run(self.app(), |app| async move {
            Ok(app.signing().page(document_id, index, width).await?.into())
        })
        .await
    }
}
