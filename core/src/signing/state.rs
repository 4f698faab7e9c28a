//! The states of a signing session. Each owns its data; none holds a secret or a document's bytes (those live with the driver).

use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{BatchId, DocumentId};
use kapok_protocol::message::{ByeReason, ManifestEntry};

/// Who asks, as the registry knows it. What the site says of itself is never shown as a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpView {
    /// Legal name.
    pub name: String,
    /// Contact.
    pub contact: String,
    /// The page's origin.
    pub origin: String,
    /// What the site says it is about, quoted; at most 200 characters.
    pub title: String,
}

/// The certificate and seal that the person at the PC picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Handle of this session.
    pub handle: u32,
    /// Holder's name.
    pub subject: String,
    /// The seal's esID and name.
    pub seal: Option<(String, String)>,
}

/// Where one document of a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    Refused(ErrorCode),
}

impl DocumentState {
    /// Nothing more happens to this document.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Delivered | Self::Refused(_))
    }
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// As announced and signed by the relying party.
    pub entry: ManifestEntry,
    /// Where it is.
    pub state: DocumentState,
    /// Why it is amber: lower-case words of the review rules.
    pub reasons: Vec<String>,
}

/// The documents that are signed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchState {
    /// Its number.
    pub batch_id: BatchId,
    /// In the order of the manifest.
    pub documents: Vec<Document>,
}

impl BatchState {
    /// The document of this number.
    pub fn document(&self, doc: DocumentId) -> Option<&Document> {
        self.documents.iter().find(|d| d.entry.doc == doc)
    }

    pub(crate) fn set(&mut self, doc: DocumentId, state: DocumentState) -> bool {
        let found = self.documents.iter_mut().find(|d| d.entry.doc == doc);
        found.map(|d| d.state = state).is_some()
    }

    pub(crate) fn first(&self, state: DocumentState) -> Option<DocumentId> {
        self.documents
            .iter()
            .find(|d| d.state == state)
            .map(|d| d.entry.doc)
    }

    pub(crate) fn count(&self, wanted: impl Fn(DocumentState) -> bool) -> u32 {
        self.documents.iter().filter(|d| wanted(d.state)).count() as u32
    }
}

/// What the last batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Documents signed and delivered.
    pub signed: u32,
    /// Documents not signed.
    pub refused: u32,
}

/// Who is on the other side, from the handshake on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Four digits that both screens show.
    pub sas: String,
    /// The page's origin, as it said in the handshake.
    pub origin: String,
}

/// A signing session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// None is open.
    Idle,
    /// A code was scanned: claim and handshake are under way.
    Claiming,
    /// The channel stands; the signed request is awaited or checked.
    Checking(Peer),
    /// The user is asked which address the PC's browser shows.
    SiteCheck {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
        /// Three registered addresses, the true one among them.
        choices: Vec<String>,
    },
    /// The user is asked for the PIN.
    Approve {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
    },
    /// Connected with a lease: the PC side leads.
    Connected {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
        /// What was picked and handed over.
        picked: Option<Picked>,
        /// What the last batch came to.
        last: Option<Outcome>,
    },
    /// The user is asked whether certificate and seal may go to the site.
    Handover {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
        /// What was picked.
        picked: Picked,
    },
    /// Documents are pulled, shown and confirmed.
    Review {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
        /// What was picked.
        picked: Picked,
        /// The documents.
        batch: BatchState,
    },
    /// Confirmed documents are signed and delivered.
    Signing {
        /// The other side.
        peer: Peer,
        /// Who asks.
        rp: RpView,
        /// What was picked.
        picked: Picked,
        /// The documents.
        batch: BatchState,
    },
    /// Over.
    Closed {
        /// Why.
        reason: CloseReason,
        /// What the last batch came to.
        last: Option<Outcome>,
    },
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The user disconnected on the phone.
    User,
    /// The PC said good-bye.
    Peer(ByeReason),
    /// An error.
    Error(ErrorCode),
}
