//! The open channel: what the page does from the phone's first answer to its last result.

use super::{PcError, PcSigned, SimulatedPc, send};
use kapok_protocol::api::portal::{AskBatch, BatchMade, ResultTaken};
use kapok_protocol::channel::Channel;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{
    Batch, BatchEnd, CertList, CertOffer, CertPick, DocGet, DocPart, Empty, Envelope, Format,
    Message, ResultAck, SignResult,
};
use kapok_protocol::relay::{FromRelay, ToRelay};

/// The open channel with what the page does on it.
pub(super) struct Link {
    pub(super) pc: SimulatedPc,
    pub(super) channel: Channel,
    pub(super) received: u64,
}

impl Link {
    pub(super) async fn run(
        &mut self,
        cb: &Bytes,
        choose: &(impl Fn(&[CertOffer]) -> CertPick + Send),
    ) -> Result<Vec<PcSigned>, PcError> {
        let mut taken: Vec<(DocumentId, String)> = Vec::new();
        let mut handle = 0;
        loop {
            let message = self.next().await?;
            if self.pc.closes_at == Some(message.body.kind()) {
                return Err(PcError::Closed);
            }
            match message.body {
                Message::ReqOk(_) => {
                    self.send(Message::CertList(CertList::default()), None)
                        .await?
                }
                Message::ReqNo(no) => return Err(PcError::Phone(no.code)),
                Message::Certs(certs) => {
                    let pick = choose(&certs.certs);
                    handle = pick.handle;
                    self.send(Message::CertPick(pick), Some(message.id)).await?;
                }
                Message::Cert(cert) => {
                    let ask = AskBatch {
                        cb: cb.clone(),
                        chain: cert.chain,
                        seal: cert.seal,
                        docs: Vec::new(),
                    };
                    let path = self.pc.path("batch");
                    let made: BatchMade = self.pc.portal.post(&path, &ask).await?;
                    let batch = Batch {
                        jws: made.jws,
                        format: Format::Pades,
                        handle,
                        batch_id: made.batch_id,
                        manifest: made.manifest,
                    };
                    self.send(Message::Batch(batch), Some(message.id)).await?;
                }
                Message::DocGet(get) => self.part(&get, message.id).await?,
                Message::Result(result) => {
                    let (doc, batch_id) = (result.doc, result.batch_id);
                    let download = self.result(&result).await?;
                    taken.push((doc, download));
                    self.send(
                        Message::ResultAck(ResultAck {
                            docs: vec![doc],
                            batch_id,
                        }),
                        Some(message.id),
                    )
                    .await?;
                }
                Message::BatchEnd(BatchEnd { .. }) => return self.download(taken).await,
                Message::Ping(_) => self.send(Message::Pong(Empty {}), Some(message.id)).await?,
                Message::Error(failure) => return Err(PcError::Phone(failure.code)),
                Message::Bye(_) => return Err(PcError::Phone(ErrorCode::UserCancelled)),
                Message::Review(_)
                | Message::Progress(_)
                | Message::State(_)
                | Message::Pong(_) => {}
                other => return Err(PcError::Unexpected(other.kind())),
            }
        }
    }

    async fn part(&mut self, get: &DocGet, id: u32) -> Result<(), PcError> {
        let path = format!("{}/{}", self.pc.path("documents"), get.doc);
        let bytes = self.pc.portal.range(&path, get.offset, get.len).await?;
        let part = DocPart {
            doc: get.doc,
            bytes: Bytes(bytes),
            offset: get.offset,
        };
        self.send(Message::DocPart(part), Some(id)).await
    }

    async fn result(&mut self, result: &SignResult) -> Result<String, PcError> {
        let path = self.pc.path("results");
        let taken: ResultTaken = self.pc.portal.post(&path, result).await?;
        Ok(taken.download)
    }

    async fn download(
        &mut self,
        taken: Vec<(DocumentId, String)>,
    ) -> Result<Vec<PcSigned>, PcError> {
        let mut signed = Vec::with_capacity(taken.len());
        for (doc, path) in taken {
            signed.push(PcSigned {
                doc,
                pdf: self.pc.portal.get(&path).await?,
            });
        }
        Ok(signed)
    }

    pub(super) async fn send(&mut self, message: Message, re: Option<u32>) -> Result<(), PcError> {
        let id = self.pc.next_id;
        self.pc.next_id += 1;
        let frame = self.channel.writer.seal(&message.encode(id, re, 0)?)?;
        self.pc.data(Bytes(frame.bytes)).await
    }

    async fn next(&mut self) -> Result<Envelope<Message>, PcError> {
        loop {
            match self.pc.receive().await? {
                FromRelay::Data { seq, bytes } => {
                    let Some(message) = self.channel.reader.open(seq, &bytes)? else {
                        continue;
                    };
                    self.received = seq + 1;
                    let upto = self.received;
                    // The phone may have ended the session right after this message, which counts all the same.
                    let _ = send(&mut self.pc.socket, &ToRelay::Ack { upto }).await;
                    return Ok(Message::decode(&message)?);
                }
                FromRelay::Closed { code } | FromRelay::Refused { code } => {
                    return Err(PcError::Refused(code));
                }
                _ => {}
            }
        }
    }
}
