//! What a shell shows of a signing session. Data only; the states are the core's.

use kapok_core::signing::{
    CloseReason as CoreCloseReason, Document, DocumentState as CoreDocumentState, Outcome, Peer,
    Picked, RpView, State, View,
};
use kapok_core::types::{BatchId, ByeReason, DocumentId, ManifestEntry};

/// Why the other side said good-bye.
#[uniffi::remote(Enum)]
pub enum ByeReason {
    User,
    Done,
    Idle,
    Absolute,
    Revoked,
    Replaced,
    Error,
}

/// What is to be shown of the session.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SigningView {
    /// The state with its data.
    pub state: SigningState,
    /// When the lease ends, milliseconds since the epoch by the guard's clock; 0 without one.
    pub lease_ends_ms: u64,
    /// The PC's page has a connection now.
    pub pc_online: bool,
}

/// A signing session.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum SigningState {
    /// None is open.
    Idle,
    /// A code was scanned: claim and handshake are under way.
    Claiming,
    /// The channel stands; the signed request is awaited or checked.
    Checking {
        /// The other side.
        peer: SigningPeer,
    },
    /// The user is asked which address the PC's browser shows.
    SiteCheck {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
        /// Three registered addresses, the true one among them.
        choices: Vec<String>,
    },
    /// The user is asked for the PIN.
    Approve {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
    },
    /// Connected with a lease: the PC side leads.
    Connected {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
        /// What was picked and handed over.
        picked: Option<PickedView>,
        /// What the last batch came to.
        last: Option<SigningOutcome>,
    },
    /// The user is asked whether certificate and seal may go to the site.
    Handover {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
        /// What was picked.
        picked: PickedView,
    },
    /// Documents are pulled, shown and confirmed.
    Review {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
        /// What was picked.
        picked: PickedView,
        /// Number of the batch.
        batch_id: BatchId,
        /// In the order of the manifest.
        documents: Vec<SigningDocument>,
    },
    /// Confirmed documents are signed and delivered.
    Signing {
        /// The other side.
        peer: SigningPeer,
        /// Who asks.
        rp: SigningRp,
        /// What was picked.
        picked: PickedView,
        /// Number of the batch.
        batch_id: BatchId,
        /// In the order of the manifest.
        documents: Vec<SigningDocument>,
    },
    /// Over.
    Closed {
        /// Why.
        reason: CloseReason,
        /// What the last batch came to.
        last: Option<SigningOutcome>,
    },
}

/// Who is on the other side, from the handshake on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SigningPeer {
    /// Four digits that both screens show.
    pub sas: String,
    /// The page's origin, as it said in the handshake.
    pub origin: String,
}

/// Who asks, as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SigningRp {
    /// Legal name.
    pub name: String,
    /// Contact.
    pub contact: String,
    /// The page's origin.
    pub origin: String,
    /// What the site says it is about, to be shown as a quotation; at most 200 characters.
    pub title: String,
}

/// The certificate and seal that the person at the PC picked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PickedView {
    /// Holder's name.
    pub subject: String,
    /// The seal's esID; nothing for a signature without a seal.
    pub seal_id: Option<String>,
    /// The seal's name.
    pub seal_name: Option<String>,
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SigningDocument {
    /// Its number.
    pub document_id: DocumentId,
    /// File name, as announced.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Pages, as announced.
    pub pages: u32,
    /// SHA-256 of the whole file, 32 bytes.
    pub digest: Vec<u8>,
    /// Where it is.
    pub state: DocumentState,
    /// Why it is amber: lower-case words of the review rules.
    pub reasons: Vec<String>,
}

/// Where one document of a batch is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum DocumentState {
    /// Not here yet.
    Waiting,
    /// Being pulled.
    Pulling,
    /// Pulled, hashed, may be shown as it is.
    Ready,
    /// May be shown, with a warning to confirm one by one.
    Amber,
    /// Confirmed by the user, waiting for its signature.
    Confirmed,
    /// Signed and stored; delivered until acknowledged.
    Signed,
    /// The PC has it.
    Delivered,
    /// Not signed.
    Refused {
        /// Why, such as `DOC_HASH`.
        code: String,
    },
}

/// What a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct SigningOutcome {
    /// Documents signed and delivered.
    pub signed: u32,
    /// Documents not signed.
    pub refused: u32,
}

/// Why a session is over.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum CloseReason {
    /// The user disconnected on the phone.
    User,
    /// The PC said good-bye.
    Peer {
        /// Why.
        bye: ByeReason,
    },
    /// An error.
    Failed {
        /// Which, such as `ORIGIN_MISMATCH`.
        code: String,
    },
}

impl From<View> for SigningView {
    fn from(view: View) -> Self {
        let View {
            state,
            lease_ends_ms,
            pc_online,
        } = view;
        Self {
            state: state.into(),
            lease_ends_ms,
            pc_online,
        }
    }
}

impl From<State> for SigningState {
    fn from(state: State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::Claiming => Self::Claiming,
            State::Checking(peer) => Self::Checking { peer: peer.into() },
            State::SiteCheck { peer, rp, choices } => Self::SiteCheck {
                peer: peer.into(),
                rp: rp.into(),
                choices,
            },
            State::Approve { peer, rp } => Self::Approve {
                peer: peer.into(),
                rp: rp.into(),
            },
            State::Connected {
                peer,
                rp,
                picked,
                last,
            } => Self::Connected {
                peer: peer.into(),
                rp: rp.into(),
                picked: picked.map(Into::into),
                last: last.map(Into::into),
            },
            State::Handover { peer, rp, picked } => Self::Handover {
                peer: peer.into(),
                rp: rp.into(),
                picked: picked.into(),
            },
            State::Review {
                peer,
                rp,
                picked,
                batch,
            } => Self::Review {
                peer: peer.into(),
                rp: rp.into(),
                picked: picked.into(),
                batch_id: batch.batch_id,
                documents: batch.documents.into_iter().map(Into::into).collect(),
            },
            State::Signing {
                peer,
                rp,
                picked,
                batch,
            } => Self::Signing {
                peer: peer.into(),
                rp: rp.into(),
                picked: picked.into(),
                batch_id: batch.batch_id,
                documents: batch.documents.into_iter().map(Into::into).collect(),
            },
            State::Closed { reason, last } => Self::Closed {
                reason: reason.into(),
                last: last.map(Into::into),
            },
        }
    }
}

impl From<Peer> for SigningPeer {
    fn from(Peer { sas, origin }: Peer) -> Self {
        Self { sas, origin }
    }
}

impl From<RpView> for SigningRp {
    fn from(rp: RpView) -> Self {
        let RpView {
            name,
            contact,
            origin,
            title,
        } = rp;
        Self {
            name,
            contact,
            origin,
            title,
        }
    }
}

impl From<Picked> for PickedView {
    fn from(picked: Picked) -> Self {
        let Picked {
            handle: _,
            subject,
            seal,
        } = picked;
        let (seal_id, seal_name) = seal.unzip();
        Self {
            subject,
            seal_id,
            seal_name,
        }
    }
}

impl From<Document> for SigningDocument {
    fn from(document: Document) -> Self {
        let Document {
            entry,
            state,
            reasons,
        } = document;
        let ManifestEntry {
            doc,
            mime: _,
            name,
            size,
            pages,
            digest,
        } = entry;
        Self {
            document_id: doc,
            name,
            size,
            pages,
            digest: digest.0,
            state: state.into(),
            reasons,
        }
    }
}

impl From<CoreDocumentState> for DocumentState {
    fn from(state: CoreDocumentState) -> Self {
        match state {
            CoreDocumentState::Waiting => Self::Waiting,
            CoreDocumentState::Pulling => Self::Pulling,
            CoreDocumentState::Ready => Self::Ready,
            CoreDocumentState::Amber => Self::Amber,
            CoreDocumentState::Confirmed => Self::Confirmed,
            CoreDocumentState::Signed => Self::Signed,
            CoreDocumentState::Delivered => Self::Delivered,
            CoreDocumentState::Refused(code) => Self::Refused {
                code: code.as_str().to_owned(),
            },
        }
    }
}

impl From<Outcome> for SigningOutcome {
    fn from(Outcome { signed, refused }: Outcome) -> Self {
        Self { signed, refused }
    }
}

impl From<CoreCloseReason> for CloseReason {
    fn from(reason: CoreCloseReason) -> Self {
        match reason {
            CoreCloseReason::User => Self::User,
            CoreCloseReason::Peer(bye) => Self::Peer { bye },
            CoreCloseReason::Error(code) => Self::Failed {
                code: code.as_str().to_owned(),
            },
        }
    }
}
