//! From the pulled document to the result on its way to the PC.

use super::{CERT, CHANNEL, CMS, DOCUMENT, LEAF, SIGN, Setting};
use crate::stages::Stages;
use anyhow::{Context as _, Result, anyhow, ensure};
use kapok_formats::cms::{self, Oid};
use kapok_formats::pdf;
use kapok_protocol::guard::{RECEIPT_OID, ReceiptItem, ReceiptRequest, Suite, verify_receipt};
use kapok_protocol::ids::{BatchId, Bytes, DocumentId, LeaseId};
use kapok_protocol::message::{DocPart, Message, SignResult};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

impl Setting {
    /// The document comes in pieces through the channel.
    pub(super) fn pull(&mut self, stages: &mut Stages) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for part in &self.parts {
            let message = Message::DocPart(DocPart {
                doc: DocumentId([1; 16]),
                bytes: Bytes(part.clone()),
                offset: bytes.len() as u64,
            });
            let frame = self.pc.writer.seal(&message.encode(1, None, 0)?)?;
            let reader = &mut self.app.reader;
            let message = stages.time(CHANNEL, || {
                let plain = reader.open(frame.seq, &frame.bytes)?.context("twice")?;
                anyhow::Ok(Message::decode(&plain)?.body)
            })?;
            let Message::DocPart(part) = message else {
                return Err(anyhow!("another message"));
            };
            bytes.extend_from_slice(&part.bytes);
        }
        let digest: [u8; 32] = stages.time(DOCUMENT, || Sha256::digest(&bytes).into());
        ensure!(digest == self.document_digest, "another document");
        Ok(bytes)
    }

    pub(super) async fn sign(
        &self,
        stages: &mut Stages,
        bytes: &[u8],
        key: &SigningKey,
        lease: LeaseId,
    ) -> Result<SignResult> {
        let review = stages.time(DOCUMENT, || {
            pdf::to_be_signed(bytes)?;
            anyhow::Ok(pdf::review(bytes))
        })?;
        ensure!(review.reasons.is_empty(), "{:?}", review.reasons);
        let digest = stages.time(DOCUMENT, || pdf::to_be_signed(bytes))?.sha256;
        let (attributes, signature) = stages.time(SIGN, || {
            let attributes = cms::signed_attributes(&digest, LEAF, cms::ID_DATA)?;
            let signature: Signature = key.sign(&attributes);
            anyhow::Ok((attributes, signature))
        })?;
        let digest: [u8; 32] = Sha256::digest(&attributes).into();
        let request = ReceiptRequest {
            suite: Suite::P256,
            account: self.phone.account,
            device: self.phone.device,
            lease,
            items: vec![ReceiptItem {
                n: 1,
                cert_id: CERT,
                digest,
                signature: Bytes(signature.to_bytes().to_vec()),
            }],
        };
        let (_, answer) = self.ask(stages, &request).await?;
        let receipt = answer.receipts.first().context("no receipt")?;
        let guard_key = self.stand.guard.sign_public();
        let (receipt, cms) = stages.time(CMS, || {
            let receipt = receipt.to_bytes()?;
            verify_receipt(&receipt, guard_key, &digest, &signature.to_bytes())?;
            let attribute = cms::receipt_attribute(Oid::from_dotted(RECEIPT_OID)?, &receipt)?;
            let der = signature.to_der();
            let cms = cms::signed_data(&attributes, der.as_bytes(), &self.chain, &[attribute])?;
            anyhow::Ok((receipt, cms))
        })?;
        Ok(SignResult {
            cms: Bytes(cms),
            doc: DocumentId([1; 16]),
            receipt: Bytes(receipt),
            batch_id: BatchId([2; 16]),
        })
    }

    pub(super) fn deliver(&mut self, stages: &mut Stages, result: SignResult) -> Result<()> {
        let writer = &mut self.app.writer;
        let frame = stages.time(CHANNEL, || {
            let message = Message::Result(result).encode(1, None, 0)?;
            anyhow::Ok(writer.seal(&message)?)
        })?;
        let plain = self.pc.reader.open(frame.seq, &frame.bytes)?;
        ensure!(plain.is_some(), "the result came twice");
        Ok(())
    }
}
