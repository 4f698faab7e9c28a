//! The person's place at the PC: documents that were uploaded once, and a page that is opened for them, closed and opened again.

use super::{PcDocument, PcError, PortalClient, SimulatedPc, connect, key_pair, send};
use kapok_protocol::api::portal::{NewSession, SessionMade, Uploaded};
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::qr::{QrPayload, VERSION};
use kapok_protocol::relay::{FromRelay, ToRelay};
use sha2::{Digest, Sha256};

/// Documents at the portal, and the browser that uploaded them.
#[derive(Clone)]
pub struct PcDesk {
    portal: PortalClient,
    docs: Vec<DocumentId>,
}

impl PcDesk {
    /// Uploads the documents.
    pub async fn upload(http_url: &str, documents: Vec<PcDocument>) -> Result<Self, PcError> {
        let mut portal = PortalClient::new(http_url);
        let mut docs = Vec::with_capacity(documents.len());
        for document in documents {
            let stored: Uploaded = portal.upload(&document.name, document.bytes).await?;
            docs.push(stored.doc);
        }
        Ok(Self { portal, docs })
    }

    /// Opens a session for the documents and joins the relay, as a page does that was opened again.
    pub async fn open(&self) -> Result<SimulatedPc, PcError> {
        let mut portal = self.portal.clone();
        let ask = NewSession {
            docs: self.docs.clone(),
        };
        let session: SessionMade = portal.post("/portal/api/sessions", &ask).await?;
        let (secret, pc_key) = key_pair();
        let qr = QrPayload {
            version: VERSION,
            relay: 0,
            sid: session.sid.0,
            pc_key,
            secret: rand::random(),
            frame: 0,
            mac: [0; 8],
        };
        let mut socket = connect(portal.origin(), &session.relay_path).await?;
        let token: [u8; 32] = rand::random();
        let attach = ToRelay::Attach {
            commit: Bytes::from(qr.commitment()),
            ticket: session.ticket.clone(),
            verifier: Bytes::from(<[u8; 32]>::from(Sha256::digest(token))),
        };
        send(&mut socket, &attach).await?;
        let mut pc = SimulatedPc {
            portal,
            socket,
            session,
            secret,
            qr,
            sent: 0,
            next_id: 1,
            claimed: None,
            closes_at: None,
        };
        match pc.receive().await? {
            FromRelay::Attached {} => Ok(pc),
            FromRelay::Refused { code } | FromRelay::Closed { code } => Err(PcError::Refused(code)),
            _ => Err(PcError::Transport("the relay did not attach")),
        }
    }
}
