//! Signs a document, keeps the result before it leaves the phone, delivers it: once, also where the phone dies in between.

use super::Driver;
use super::act::batch;
use crate::app::Core;
use crate::app::vault::{LeaseSignature, Receiving};
use crate::error::AppError;
use crate::signing::state::DocumentState;
use crate::signing::transitions::{Event, batch_id};
use crate::store::journal::JournalKey;
use kapok_formats::{cms, pdf};
use kapok_protocol::cbor;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::RECEIPT_OID;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{Message, Progress, SignResult};
use sha2::{Digest, Sha256};

impl Driver {
    /// Signs one document; the result is in the journal before anything leaves the phone.
    pub(super) async fn sign(&mut self, doc: DocumentId) -> Event {
        match self.sign_now(doc).await {
            Ok(()) => Event::Signed(doc),
            Err(error) if error.code == ErrorCode::LeaseOver => Event::LeaseOver,
            Err(error) => Event::DocumentBad {
                doc,
                code: error.code,
            },
        }
    }

    async fn sign_now(&mut self, doc: DocumentId) -> Result<(), AppError> {
        let core = std::sync::Arc::clone(&self.core);
        let key = self.journal_key(doc)?;
        let bytes = self.documents.get(doc).ok_or(ErrorCode::NotFound)?;
        let batch_id = batch_id(&self.state).ok_or(ErrorCode::StateWrong)?;
        let offered = self
            .opened
            .and_then(|handle| self.offers.get(&handle))
            .ok_or(ErrorCode::CertNone)?;
        core.certificate_good(&offered.installed.serial).await?;
        let chain = offered.installed.chain.clone();
        let leaf = chain.first().ok_or(ErrorCode::CertNone)?;
        let digest = pdf::to_be_signed(&bytes)
            .map_err(|_| ErrorCode::DocHash)?
            .sha256;
        let refused = |_| AppError::new(ErrorCode::Internal);
        let attributes = cms::signed_attributes(&digest, leaf, cms::ID_DATA).map_err(refused)?;
        let signed = self.countersigned(&core, &key, &attributes).await?;
        let oid = cms::Oid::from_dotted(RECEIPT_OID).map_err(refused)?;
        let receipt = cms::receipt_attribute(oid, &signed.receipt).map_err(refused)?;
        let cms = cms::signed_data(&attributes, &signed.signature_der, &chain, &[receipt])
            .map_err(refused)?;
        let result = SignResult {
            cms: Bytes(cms),
            doc,
            receipt: Bytes(signed.receipt),
            batch_id,
        };
        let now = core.ports.clock.unix_ms();
        core.store
            .write(move |unit| unit.journal_signed(&key, &result, now))
            .await?;
        Ok(())
    }

    /// The signature over these attributes with the guard's receipt. One that an earlier life of the phone has sent is asked for again;
    /// a new one is stored before it is sent.
    async fn countersigned(
        &mut self,
        core: &Core,
        key: &JournalKey,
        attributes: &[u8],
    ) -> Result<LeaseSignature, AppError> {
        let lease = self.lease.as_mut().ok_or(ErrorCode::LeaseOver)?;
        let place = key.clone();
        let found = core.store.read(move |unit| unit.receiving(&place)).await?;
        let earlier = found.and_then(|bytes| cbor::decode::<Receiving>(&bytes).ok());
        if let Some(earlier) = earlier.filter(|earlier| earlier.is_of(attributes)) {
            let pinned = core.pinned().await?;
            match core.receipt(&pinned, &earlier).await {
                Err(error) if error.code != ErrorCode::Offline => {
                    // The guard never counted it, and its lease is over: it is made anew below.
                    tracing::info!(code = %error.code, "an earlier signature has no receipt");
                }
                received => return received,
            }
        }
        let begun = lease.begin(core, attributes).await?;
        let begun = cbor::encode(&begun).map_err(|_| ErrorCode::Internal)?;
        let (place, now) = (key.clone(), core.ports.clock.unix_ms());
        core.store
            .write(move |unit| unit.put_receiving(&place, &begun, now))
            .await?;
        lease.receive(core).await
    }

    /// Delivers what the journal holds; the batch's number is that of this session.
    pub(super) async fn deliver(&mut self, doc: DocumentId) -> Result<(), ErrorCode> {
        let key = self.journal_key(doc)?;
        let found = self
            .core
            .store
            .read(move |unit| unit.journal(&key))
            .await
            .map_err(|_| ErrorCode::Internal)?;
        let mut result = found.ok_or(ErrorCode::Internal)?;
        result.batch_id = batch_id(&self.state).unwrap_or(result.batch_id);
        self.send(Message::Result(result), None).await?;
        let Some(batch) = batch(&self.state) else {
            return Ok(());
        };
        let done = batch.count(|s| matches!(s, DocumentState::Signed | DocumentState::Delivered));
        let total = batch.documents.len() as u32;
        self.send(Message::Progress(Progress { done, total }), None)
            .await
    }

    /// Notes in the journal that the portal has these results.
    pub(super) async fn note_delivered(&mut self, docs: &[DocumentId]) -> Result<(), ErrorCode> {
        let now = self.core.ports.clock.unix_ms();
        for doc in docs {
            let key = self.journal_key(*doc)?;
            let noted = self
                .core
                .store
                .write(move |unit| unit.journal_delivered(&key, now))
                .await;
            noted.map_err(|_| ErrorCode::Internal)?;
        }
        Ok(())
    }

    pub(super) fn journal_key(&self, doc: DocumentId) -> Result<JournalKey, ErrorCode> {
        let request = self.request.as_ref().ok_or(ErrorCode::StateWrong)?;
        let entry = batch(&self.state)
            .and_then(|batch| batch.document(doc))
            .ok_or(ErrorCode::NotFound)?;
        let offered = self
            .opened
            .and_then(|handle| self.offers.get(&handle))
            .ok_or(ErrorCode::CertNone)?;
        let leaf = offered.installed.chain.first().ok_or(ErrorCode::CertNone)?;
        Ok(JournalKey {
            rp: Sha256::digest(&request.leaf).into(),
            doc,
            digest: entry.entry.digest.array().ok_or(ErrorCode::DocHash)?,
            certificate: Sha256::digest(leaf).into(),
        })
    }
}
