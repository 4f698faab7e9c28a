//! What the app tells the shell when it is asked: what has changed, and what only the shell can do.

use kapok_core::Event;
use kapok_core::types::{AccountView, EnterpriseId};

pub use kapok_core::ShellRequest;

/// Something changed; what it is now can always be asked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum KapokEvent {
    /// The phone's keys or database are gone; certificates must be installed again.
    EnrolAgain,
    /// Somebody has logged in.
    LoggedIn {
        /// Who.
        account: AccountView,
    },
    /// The login is over, by the user or by the platform.
    LoggedOut,
    /// The open face check has moved; ask for the login's view.
    HandoffChanged,
    /// The list of enterprises has changed.
    EnterprisesChanged,
    /// Another enterprise is the current one, or none is.
    EnterpriseSelected {
        /// Which.
        enterprise_id: Option<EnterpriseId>,
    },
    /// Agents or invites of the current enterprise have changed.
    AgentsChanged,
    /// The PIN was set, or the guard knows more of it; ask for its state.
    VaultChanged,
    /// A certificate was installed; ask for the list.
    CertificatesChanged,
}

impl From<Event> for KapokEvent {
    fn from(event: Event) -> Self {
        match event {
            Event::EnrolAgain => Self::EnrolAgain,
            Event::LoggedIn(account) => Self::LoggedIn { account },
            Event::LoggedOut => Self::LoggedOut,
            Event::HandoffChanged => Self::HandoffChanged,
            Event::EnterprisesChanged => Self::EnterprisesChanged,
            Event::EnterpriseSelected(enterprise_id) => Self::EnterpriseSelected { enterprise_id },
            Event::AgentsChanged => Self::AgentsChanged,
            Event::VaultChanged => Self::VaultChanged,
            Event::CertificatesChanged => Self::CertificatesChanged,
        }
    }
}

/// Something that only the shell can do.
#[uniffi::remote(Enum)]
pub enum ShellRequest {
    /// Open the WeChat mini program at a path that holds the handoff's id and nothing else.
    OpenMiniProgram {
        /// `pages/face?h=<handoff_id>`.
        path: String,
        /// Two digits to show meanwhile; the mini program shows the same.
        match_code: String,
    },
    /// Share a link (分享到微信).
    Share {
        /// The link.
        link: String,
        /// A line to go with it.
        text: String,
    },
}
