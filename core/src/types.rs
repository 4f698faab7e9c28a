//! The platform's data as shells show it: what is the same on the wire and on the screen has one type.

pub use crate::vault::PinState;
pub use kapok_protocol::api::agents::{
    AgentList, AgentView, ConsentPage, GrantState, InviteAnswered, InviteKind, InvitePage,
    InviteState, InviteView, NewInvite,
};
pub use kapok_protocol::api::certificates::{CertificateKind, CertificateState, CertificateView};
pub use kapok_protocol::api::guard::{LossReported, PhoneView};
pub use kapok_protocol::api::identity::{
    AccountKind, AccountView, DocumentKind, HandoffState, Purpose, TypedIdentity,
};
pub use kapok_protocol::api::profile::{LoginWay, Profile};
pub use kapok_protocol::api::registry::{EnterpriseView, LinkView, RegistryHit, Role, TrustLevel};
pub use kapok_protocol::api::seals::{SealKind, SealPreview, SealView};
pub use kapok_protocol::guard::GuardState;
pub use kapok_protocol::ids::{
    AccountId, BatchId, Bytes, CertId, DeviceId, DocumentId, EnterpriseId, GrantId, HandoffId,
    InviteId, LinkId, PreviewId,
};
pub use kapok_protocol::message::{ByeReason, CertOffer, CertPick, ManifestEntry, SealOffer};
