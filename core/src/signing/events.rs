//! What can happen to a session, and what is to be done then.

use super::state::{BatchState, Peer, Picked, RpView};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DocumentId;
use kapok_protocol::message::{ByeReason, ReviewOutcome};

/// What happens to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user scanned a code.
    Scanned,
    /// Claim and handshake are done.
    Secured(Peer),
    /// The signed request is good. `choices` is empty where the PC is remembered.
    RequestGood {
        /// Who asks.
        rp: RpView,
        /// Registered addresses to choose from.
        choices: Vec<String>,
    },
    /// The user says which address the browser shows.
    SiteChosen(String),
    /// The PIN was proved and a lease is open.
    Unlocked,
    /// The PC picked a certificate of the offer.
    CertPicked(Picked),
    /// The user lets certificate and seal go to the site.
    HandoverAgreed,
    /// A batch arrived whose signature, channel and manifest are good.
    BatchGood(BatchState),
    /// A document was pulled, hashed and reviewed.
    Pulled {
        /// Which.
        doc: DocumentId,
        /// Why it is amber; empty where it is not.
        reasons: Vec<String>,
        /// The journal holds its signature from an earlier session.
        already_signed: bool,
    },
    /// A document cannot be signed.
    DocumentBad {
        /// Which.
        doc: DocumentId,
        /// Why.
        code: ErrorCode,
    },
    /// The user refuses one document.
    DocumentRefused(DocumentId),
    /// The user confirms these documents.
    Confirmed(Vec<DocumentId>),
    /// A document was signed, receipt and all, and is in the journal.
    Signed(DocumentId),
    /// The PC has stored these results.
    Acknowledged(Vec<DocumentId>),
    /// The PC takes the batch back.
    BatchCancelled,
    /// The lease ended or the app went to the background.
    LeaseOver,
    /// The user disconnects.
    Disconnect,
    /// The PC says good-bye.
    PeerBye(ByeReason),
    /// Something failed for good.
    Failed(ErrorCode),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Claim the session and shake hands.
    Claim,
    /// Tell the PC that the request is accepted.
    SendReqOk,
    /// Open the picked certificate under the lease and send it with its seal.
    SendCert(Picked),
    /// Pull this document, hash and review it.
    Pull(DocumentId),
    /// Tell the PC how this document was reviewed.
    SendReview(DocumentId, ReviewOutcome),
    /// Sign this document.
    Sign(DocumentId),
    /// Deliver this document's signature from the journal.
    Deliver(DocumentId),
    /// Tell the PC that the batch is over.
    SendBatchEnd(BatchState),
    /// Wipe the lease and all keys under it.
    WipeLease,
    /// Forget the documents' bytes.
    DropDocuments,
    /// Tell the PC and close.
    SendBye(ByeReason),
    /// Tell the PC why the request is refused.
    SendReqNo(ErrorCode),
    /// Close the socket.
    CloseSocket,
}

/// An event that this state does not know; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this event does not belong to this state")]
pub struct Illegal;
