//! Identifiers and byte strings as shells see them: 32 lower-case hexadecimal digits, and plain bytes.

use crate::error::KapokError;
use kapok_core::AppError;
use kapok_core::types::{
    AccountId, BatchId, Bytes, DeviceId, DocumentId, EnterpriseId, GrantId, HandoffId, InviteId,
    LinkId, PreviewId,
};

macro_rules! ids {
    ($($id:ident at $field:literal),+ $(,)?) => {$(
        uniffi::custom_type!($id, String, {
            remote,
            lower: |id| id.to_string(),
            // A text that is no identifier is `INPUT_INVALID` at its name, as any other input.
            try_lift: |text| Ok(text
                .parse::<$id>()
                .map_err(|_| KapokError::from(AppError::field($field, "format")))?),
        });
    )+};
}

ids! {
    AccountId at "account_id",
    BatchId at "batch_id",
    DeviceId at "device_id",
    DocumentId at "document_id",
    EnterpriseId at "enterprise_id",
    GrantId at "grant_id",
    HandoffId at "handoff_id",
    InviteId at "invite_id",
    LinkId at "link_id",
    PreviewId at "preview_id",
}

uniffi::custom_type!(Bytes, Vec<u8>, {
    remote,
    lower: |bytes| bytes.0,
    try_lift: |bytes| Ok(Bytes(bytes)),
});
