//! Does what the table of transitions says.

use super::documents::Piece;
use super::link::{Link, Randomness};
use super::{Driver, checks};
use crate::app::random;
use crate::app::vault::LeaseAsk;
use crate::error::AppError;
use crate::secret::Pin;
use crate::signing::state::{BatchState, DocumentState, Peer, Picked, State};
use crate::signing::transitions::{Action, Event};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{
    BATCH_MAX_DOCUMENTS, BatchEnd, Bye, Cert, ClaimInfo, DocPart, FailedDocument, Message, ReqNo,
    ReqOk, Review,
};
use kapok_protocol::qr::QrPayload;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

impl Driver {
    /// Claims the session and shakes hands.
    pub(super) async fn claim(&mut self, payload: &QrPayload) -> Result<(), ErrorCode> {
        let failed = |_| ErrorCode::Internal;
        self.phone_nonce = random::array().map_err(failed)?;
        let settings = &self.core.settings;
        let claim = ClaimInfo {
            app: format!("Kapok/{}", settings.app_version),
            label: settings.device_label.clone(),
            locale: settings.locale.clone(),
            phone_nonce: Bytes::from(self.phone_nonce),
        };
        let random = Randomness {
            ephemeral: random::secret().map_err(failed)?,
            fresh_token,
        };
        let secured = Link::open(std::sync::Arc::clone(&self.core), payload, claim, random).await?;
        let peer = Peer {
            sas: secured.link.sas(),
            origin: secured.hello.origin,
        };
        self.link = Some(secured.link);
        self.event(Event::Secured(peer)).await
    }

    /// Does one action; what it leads to is the next event.
    pub(super) async fn act(&mut self, action: Action) -> Option<Event> {
        let done = match action {
            // Claiming is done by `run`, which has the payload.
            Action::Claim => Ok(()),
            Action::SendReqOk => self.send_accepted().await,
            Action::SendReqNo(code) => self.send(Message::ReqNo(ReqNo { code }), None).await,
            Action::SendBye(reason) => self.send(Message::Bye(Bye { reason }), None).await,
            Action::SendBatchEnd(batch) => self.send(batch_end(&batch), None).await,
            Action::SendReview(doc, outcome) => {
                self.send(Message::Review(Review { doc, outcome }), None)
                    .await
            }
            Action::SendCert(picked) => {
                return self.send_certificate(&picked).await.err().map(failure);
            }
            Action::Pull(doc) => return self.pull(doc).await,
            Action::Sign(doc) => return Some(self.sign(doc).await),
            Action::Deliver(doc) => self.deliver(doc).await,
            Action::WipeLease => {
                self.lease = None;
                self.opened = None;
                self.show();
                Ok(())
            }
            Action::DropDocuments => {
                self.documents.clear();
                Ok(())
            }
            Action::CloseSocket => {
                if let Some(link) = self.link.take() {
                    link.close().await;
                }
                Ok(())
            }
        };
        match done {
            Ok(()) => None,
            // A closed session has no one left to tell.
            Err(_) if matches!(self.state, State::Closed { .. }) => None,
            Err(code) => Some(Event::Failed(code)),
        }
    }

    /// Proves the PIN for this session; on error the session stays as it was.
    pub(super) async fn approve(&mut self, pin: Pin) -> Result<(), AppError> {
        if !matches!(self.state, State::Approve { .. }) {
            return Err(ErrorCode::StateWrong.into());
        }
        let (Some(request), Some(link)) = (&self.request, &self.link) else {
            return Err(ErrorCode::StateWrong.into());
        };
        self.offers = self.make_offers().await?;
        if self.offers.is_empty() {
            return Err(ErrorCode::CertNone.into());
        }
        let count = request
            .claims
            .limits
            .docs
            .min(BATCH_MAX_DOCUMENTS as u32)
            .max(1);
        let ask = LeaseAsk {
            object: request.claims.jti.0.clone(),
            rp: Sha256::digest(&request.leaf).into(),
            cb: link.cb(),
            count,
        };
        self.lease = Some(self.core.open_lease(pin, ask).await?);
        Ok(self.event(Event::Unlocked).await?)
    }

    async fn send_accepted(&mut self) -> Result<(), ErrorCode> {
        let lease_end = self
            .lease
            .as_ref()
            .map_or(0, |lease| lease.ends_at_server_ms());
        let purpose = self
            .request
            .as_ref()
            .and_then(|request| serde_json::to_value(request.claims.purpose).ok());
        let purposes = purpose
            .and_then(|value| value.as_str().map(str::to_owned))
            .into_iter()
            .collect();
        self.send(
            Message::ReqOk(ReqOk {
                purposes,
                lease_end,
            }),
            None,
        )
        .await
    }

    /// Opens the picked certificate under the lease, once, and sends it with its seal.
    async fn send_certificate(&mut self, picked: &Picked) -> Result<(), AppError> {
        let core = std::sync::Arc::clone(&self.core);
        let offered = self.offers.get(&picked.handle).ok_or(ErrorCode::CertNone)?;
        let lease = self.lease.as_mut().ok_or(ErrorCode::LeaseOver)?;
        core.certificate_good(&offered.installed.serial).await?;
        let seal = match &picked.seal {
            Some((es_id, _)) => {
                core.seal_good(es_id).await?;
                let seals = core.known_seals().await?;
                let seal = seals
                    .into_iter()
                    .find(|seal| &seal.es_id == es_id)
                    .ok_or(ErrorCode::SealNone)?;
                Some(seal.seal)
            }
            None => None,
        };
        if self.opened != Some(picked.handle) {
            lease.pick(&core, offered.installed.cert_id).await?;
            self.opened = Some(picked.handle);
        }
        let chain = offered
            .installed
            .chain
            .iter()
            .map(|der| Bytes(der.clone()))
            .collect();
        let cert = Cert {
            seal,
            chain,
            lease_end: lease.ends_at_server_ms(),
        };
        Ok(self.send(Message::Cert(cert), None).await?)
    }

    async fn pull(&mut self, doc: DocumentId) -> Option<Event> {
        let entry = batch(&self.state)
            .and_then(|batch| batch.document(doc))
            .map(|d| d.entry.clone());
        let asked = entry
            .ok_or(ErrorCode::NotFound)
            .and_then(|entry| self.documents.start(&entry));
        let asked = match asked {
            Ok(asked) => asked,
            Err(code) => return Some(Event::DocumentBad { doc, code }),
        };
        for get in asked {
            if let Err(code) = self.send(Message::DocGet(get), None).await {
                return Some(Event::Failed(code));
            }
        }
        None
    }

    /// Takes a piece of a document. What is wrong with one document refuses that document only.
    pub(super) async fn piece(&mut self, part: &DocPart) -> Result<(), ErrorCode> {
        // A refused document's last pieces may still be on their way.
        if self.documents.pulling() != Some(part.doc) {
            return Ok(());
        }
        match self.documents.part(part) {
            Ok(Piece::More(more)) => {
                for get in more {
                    self.send(Message::DocGet(get), None).await?;
                }
                Ok(())
            }
            Ok(Piece::Complete(doc, bytes)) => {
                let event = self.pulled(doc, bytes).await;
                self.event(event).await
            }
            Err(code) => {
                self.documents.drop_one(part.doc);
                self.event(Event::DocumentBad {
                    doc: part.doc,
                    code,
                })
                .await
            }
        }
    }

    async fn pulled(&mut self, doc: DocumentId, bytes: std::sync::Arc<Vec<u8>>) -> Event {
        let looked = crate::blocking::run(move || checks::review(&bytes)).await;
        let reasons = match looked.unwrap_or(Err(ErrorCode::DocType)) {
            Ok(reasons) => reasons,
            Err(code) => {
                self.documents.drop_one(doc);
                return Event::DocumentBad { doc, code };
            }
        };
        let key = self.journal_key(doc);
        let found = match key {
            Ok(key) => self
                .core
                .store
                .read(move |unit| unit.journal(&key))
                .await
                .map_err(|_| ErrorCode::Internal),
            Err(code) => Err(code),
        };
        match found {
            Ok(found) => Event::Pulled {
                doc,
                reasons,
                already_signed: found.is_some(),
            },
            Err(code) => Event::DocumentBad { doc, code },
        }
    }
}

pub(super) fn batch(state: &State) -> Option<&BatchState> {
    match state {
        State::Review { batch, .. } | State::Signing { batch, .. } => Some(batch),
        _ => None,
    }
}

fn batch_end(batch: &BatchState) -> Message {
    let refused = |d: &crate::signing::state::Document| match d.state {
        DocumentState::Refused(code) => Some(FailedDocument {
            doc: d.entry.doc,
            code,
        }),
        _ => None,
    };
    let failed: Vec<_> = batch.documents.iter().filter_map(refused).collect();
    let ok = batch.count(|state| state == DocumentState::Delivered);
    Message::BatchEnd(BatchEnd {
        ok,
        failed,
        batch_id: batch.batch_id,
    })
}

fn failure(error: AppError) -> Event {
    match error.code {
        ErrorCode::LeaseOver => Event::LeaseOver,
        code => Event::Failed(code),
    }
}

/// A token that cannot be drawn is all zeros, which the relay never accepts twice: the resume fails and the session ends.
fn fresh_token() -> Zeroizing<[u8; 32]> {
    random::secret().unwrap_or_default()
}
